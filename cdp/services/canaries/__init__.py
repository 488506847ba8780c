"""Canaries: people of whom there is nobody, whose appearance where they must not be raises an alarm.

known    who they are: sealed, and opened for those parts alone that leave them out or look for them
likely   what a person looks like here: values of others, each of somebody else
plant    making some
heard    that something from outside named one
look     going through what is new on the log
shape    whether a selective view shows too much of them
retire   letting them go
alarms   what was found, and that somebody has seen to it

INVARIANT: nothing that leaves through a view, an export or an error depends on whether somebody is a canary.
"""
