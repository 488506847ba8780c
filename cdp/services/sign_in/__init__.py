"""How a customer gets in: a link to an address that is hers, then a session.

links       single-use links, bound to the browser that asked for them
post        the letters with them
passkeys    passkeys of customers: adding, naming, removing, and signing in with one
keyring     passkeys of one kind of holder: kept, found, used
ceremony    the two ceremonies of passkeys
challenges  what a passkey signs, once
sessions    which customer is signed in, where else, and how she signs out
keeping     sessions of whatever kind: secrets that rotate, and copies of them that are found out
held        what she had typed when she had to prove first who she is
holders     whose a link or a session is, sealed
"""
