"""Audit: the only door to rows, and the log behind it that cannot be changed unseen.

passage       a reading on its way through the door
door          read a chunk, make its entry durable, hand it out; changes together with their entries
entries       what an entry says, and its bytes; `subjects` is whom it is about
append        the one writer of the log: group commit, and the fence against superseded policies
merkle        the tree: hashes, its right edge, verification of proofs; `tiles` stores it and makes proofs
proof         a proof as a file that anyone can check; `checkpoint`, `note`, `cosignature` are what it rests on
walk          what makes entries valid, one after the other; `entry_format` and `commitments` are what it knows
keeper        signs the log while it runs: `anchor` holds it to what was signed, `outside` is where that is kept,
              `cosigning` asks witnesses
witness       the other side: who cosigns; `witness_store` is what it remembers
layout        the log as files that anybody may have; `retention` drops what entries said long ago
verify_log    the stored log against itself; `tail` looks at its end whenever a store is opened
about         which entries are about a person
search        entries by what they say: `pieces` is what is made of them, `indexing` keeps it, `newest` knows the rest,
              `verify_index` holds it to the entries
unusual       reads unlike the reader's own habit
export        the log, or one person's entries, as a `bundle`; `verify` checks one by itself
ocsf          an entry as an event for the tools of others
"""
