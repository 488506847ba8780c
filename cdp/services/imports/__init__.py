"""Importing a file: rows in, customers and what belongs to them out, in batches that each commit with their entry.

source      the file: opened, locked, hashed
lines       its lines, of bounded length, with their place
csv_rows    lines → rows of cells (RFC 4180)
ndjson      lines → rows of cells (one JSON object a line)
targets     what a column can be
columns     what the columns of this file are
incoming    a row of cells → values, identifiers, refusals
found       whom the rows of a batch are about, and what is stored of them
drafts      rows → what is to be written: created, updated, unchanged, rejected
loader      one batch into the store
progress    how far an import has come
rejects     the file of what was not taken
batches     reading batch after batch, and once more where another change came first
load        the verb: `import_file`
rehearse    what it would do: `rehearse_import`
"""
