"""Retention: what is older than it may be is deleted, or renewed by asking the person.

judge    what becomes of a row and of each of its values on a day; pure
terms    the same asked the other way round: until when each is kept, and by what; pure
look     the rows that a day concerns, in batches
act      doing it: values, rows, questions
ask      the letters that say that something waits for an answer
run      a whole run, or what it would do; the end of holds
"""
