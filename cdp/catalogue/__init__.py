"""The logical data model.

document    strict YAML with line numbers
field       one field: type, tag, shapes; `types` and `categories` are its tables
model       entities and opt-outs; the file an organisation writes
places      where each shape of a field is kept
"""
