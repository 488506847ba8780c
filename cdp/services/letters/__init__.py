"""Letters to customers: written from templates, kept sealed, sent until the mail takes them.

texts     the templates, a folder for each language
write     a letter from its template
spoken    the same in her language, or in every one where nobody knows hers
outbox    queued with what it tells of, in one transaction; sent later, again and again
last      the last ones to somebody who was erased, under keys of their own
"""
