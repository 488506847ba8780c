"""Shapes: the forms of a value that are stored beside it, so that a view only has to choose.

Design section 2 (write once, in every shape).

- `values`: what was entered → canonical value, or `bad_value`
- `masks`: text → masked text
- `generalise`: value → generalised value
- `shape`: from a field's `mask` and `general` to the one function that computes the shape
- `graphemes`: the characters that a person sees, of bounded length
"""
