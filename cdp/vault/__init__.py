"""Keys and what they protect: the separate key store, sealed segments, and the keyed blind index.

Design sections 2 and 5; AES-256-GCM as in NIST SP 800-38D, keyed BLAKE2b as in RFC 7693.

    vault       the one object that the store holds: open, create, keys, notes, blind index
    keystore    the keys of the customers and of the platform, in a database of their own
    kek         the key-encryption key: what a provider of one must do, and which there are
    kek_file    the provider that is the default: a local file
    wrapping    how a key lies wrapped under another one
    rotate      new keys from the top down, without sealing anything again
    seal        sealed segments and notes: their format, padding and associated data
    parcel      bytes that are kept until it is known whose they are
    blind       tokens by which identifiers and words are found without being read
    identifier  one spelling for each e-mail address, telephone number and other identifier
    words       the words of a text, in every script, for `search: words`
    tables      the tables of the key store
    statements  the bulk statements on them
    faults      what can be wrong with keys and sealed values, as errors of ours

A key is reached from the top down: the key-encryption key, outside the database, wraps wrapping keys; the newest
wrapping key wraps one random key per customer and one per platform use. Destroying a customer's row destroys all that
was ever sealed for her, in every copy of the data. Copies of the key store itself (its backups, its server's
write-ahead log) still hold that row: they become unreadable with the next rotation, which ends by destroying the old
version of the key-encryption key.
"""
