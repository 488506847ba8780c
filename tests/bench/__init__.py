"""What the platform costs beside the bare driver and the bare cryptography; `make bench`, read with docs/bench.md.

people      the synthetic organisation: its two files and its customers
ground      a store filled through the product's own Writer, and beside it the same data in a bare table
measure     interleaved pairs, medians
table       the printed table
scan        P1 and P2: masked scan, refusal filter
point       point reads, alone and by eight threads
unseal      P6: the full view against the bare cryptography
load        P8: bulk load
over_http   P3, P4, P5 and the memory of an export; `caller` is the load program, `bare_route` the peer of P5
"""
