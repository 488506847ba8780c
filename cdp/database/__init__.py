"""Opening a database, running transactions in it, and saying in one sentence what is wrong with it.

database    a SQLite file or a PostgreSQL database, for the store or for the keys
address     where one is
private     files that are its owner's alone, and stay in their place
horizon     when nobody can see any more what PostgreSQL deleted
turns       who has a lot to write lets others go first
columnar    a connection for columns beside one for rows
faults      what a driver says, as errors of ours
"""
