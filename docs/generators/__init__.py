"""What writes the generated parts of the reference pages, one module per page; `markdown` is what they share."""
