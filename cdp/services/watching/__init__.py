"""Looking after the log: searching it, what is unusual on it, whether it holds.

take_in   full pieces of the log become something to search and count by
search    entries by what they say, and by whom they are about
entry     one entry, with its proof
unusual   reads that are unlike the reader's own habit
rising    refusals that rose
"""
