"""A client of the HTTP interface for Python programs; it needs nothing but the standard library.

calls       one connection: signing in, asking again, problems as exceptions
client      views, rows, changes, refusals
"""
