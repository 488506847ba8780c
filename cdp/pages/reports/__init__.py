"""A report for people: the same figures as its JSON, in words, as a page and as a PDF.

words    what sections, tables and columns are called
values   what words of the platform are called, in cells
cells    one cell as text
page     the page: one file, no script, nothing from elsewhere
pdf      the PDF
render   both
"""
