"""Importing a file: rows in, customers and what belongs to them out, in batches that each commit with their entry.

source      the file: opened, locked, hashed
lines       its lines, of bounded length, with their place
csv_rows    lines → rows of cells (RFC 4180)
ndjson      lines → rows of cells (one JSON object a line)
formats     a file of any format as columns and rows
arrow_rows  row groups and record batches → rows of cells (Parquet, Arrow)
arrow_cells columns of Arrow → cells
ipc_sizes   what an Arrow file declares, before it is unpacked
targets     what a column can be
columns     what the columns of this file are
mapping     a file that says what the columns are
sample      some cells of each column, to guess from
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
