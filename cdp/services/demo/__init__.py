"""The demo: a pharmacy that does not exist, its synthetic customers, and what five views of them show.

`files` keeps the demo to a folder of its own, `people` invents, `fill` writes, `look` reads one customer
through every view, `tour` does all of it in order. `catalogue.yaml` and `policy.yaml` are its two files.
"""
