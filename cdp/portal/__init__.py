"""The customer's portal: parse, call one service, render. No page needs JavaScript.

routes     every address, and what it takes to see it
parts      who is signed in, cookies, pages for errors
sign_in    in by a link sent to her, out here or everywhere
pages      overview, data, choices, accesses
exports    all of it in one file: asked for, made, fetched once
erasing    going for good, and the certificate of it
opened     who saw her in full by break-glass
renewing   whether what is old is still right
chores     what a server does besides: exports, the end of erasures
letters    the mail with the link
words      what the pages say of sources, acts and opt-outs
"""
