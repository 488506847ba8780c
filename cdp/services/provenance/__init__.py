"""Provenance: what was declared of rows when they were collected, what that allows, and changing it for all of them.

declare   what somebody declares, checked, and its set
sets      the sets there are, for the officer
change    one write that takes effect for every row of a set

For how long a set lets rows be kept says `cdp.store.periods`.
"""
