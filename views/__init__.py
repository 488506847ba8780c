"""Views: a request and the policy become a plan, and a plan becomes rows. This package opens nothing.

policy      roles, purposes, views: the file an organisation writes; `check` judges it against the catalogue
decide      the table: what becomes of one field in one view
request     what a reader asks for; `conditions` is the grammar of its conditions
compile     request and policy to a plan: rows allowed, shapes chosen, then the caller's conditions (`where`)
plan        what comes out: statements, columns with their reasons, a digest
run         chunks of a plan for the door; `assemble` unseals, `match` judges what was sealed
lines       the same, as lines of JSON that the database makes
columns     the same, as columns of Arrow that the driver makes
dialects    what SQLite and PostgreSQL write differently
anonymize/  releases: groups of at least k
"""
