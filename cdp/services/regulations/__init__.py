"""Regulations: suppressions and erasures by user id, as Segment's and RudderStack's clients ask for them.

keys         who may ask: a key that may do this and nothing else
ask          one is asked for, looked at, called off
work         they are done, in their order, by the worker of events; one that was cut off is gone on with
suppressed   the list of those whom regulators had suppressed
"""
