"""Receipts of consent: issued from the history, signed and on the log; verified without the database.

uses    what of the policy each opt-out stops, for the record
issue   a receipt of one act, or of the whole state
verify  that a receipt is what it says
"""
