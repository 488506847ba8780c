"""The HTTP interface: parse, call one service, render.

errors      the one table error → status
problems    an error as RFC 9457, and what the framework refuses, as errors of ours
guard       the outermost layer: request id, default headers, and the last fence
parts       what an endpoint stands on: the open platform
traffic/    what happens to every request besides: limits, places, time, stopping, what is written down
rows        one row with its version, changes, and refusals that apps pass on
log         the transparency log, for anybody
reference   `/openapi.json`, and `/docs` as a page without any script
witness     the HTTP side of a witness, an application of its own
"""
