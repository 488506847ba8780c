"""How a customer gets in: a link to an address that is hers, then a session.

links       single-use links, bound to the browser that asked for them
sessions    who is signed in, until when, and how recently she proved it
holders     whose a link or a session is, sealed
"""
