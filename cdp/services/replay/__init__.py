"""Replay: the reads of the last days under a policy that is not in force.

walk      the log of those days, folded into kinds of reads
verdict   what the draft would have changed for each reader of each view
rows      how many rows of the store would come into view, or go
run       one after the other
"""
