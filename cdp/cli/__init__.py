"""The command line `cdp`: an edge that parses, calls one service, and renders.

Design section 8.

main        the group, and the entry point
errors      the table error → exit code, and how an error is said
usage       what click refuses, as errors of ours
session     settings, the open platform, who acts
drafts      the two files as they lie in the working folder
render      signs, tables, progress
formats/    rows as JSON, NDJSON, CSV, Arrow, Parquet
output      where the bytes of an answer go
reference   docs/cli.md, from the commands themselves
init model policy imports read consent release log keys      the verbs
"""
