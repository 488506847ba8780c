"""What a person refused or allowed.

events        the history, act by act
precedence    from history to flags, one pure function
flags         both in the database
"""
