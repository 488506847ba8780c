"""What a person refused or allowed.

choices       what can be refused: opt-outs, and less of them
events        the history, act by act, with its evidence
precedence    from history to flags, one pure function
history       the history in the database
repeated      what a source has said already
flags         its projection on the customer's row
profiles      merges, as acts of the history
merge         what merging two customers does to their refusals
"""
