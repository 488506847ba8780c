"""Corrections: she proposes, somebody else looks at it, the store changes, and who was given the old value is told.

fields       which fields she may correct, and whether at once; what a value must be
records      corrections as they lie in the database, and the digest of what an officer has seen
apply        the store changes: content and identity are checked again
propose      a correction is filed, or amended while it waits
decide       an officer approves or rejects one field of it
read         lists and details: old, new, and what stands there now
compare      old and new side by side, through views of the officer's role
together     the queue, and approving together what is harmless
recipients   who was given the old value, from the log
"""
