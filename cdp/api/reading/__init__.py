"""`/views`: which views an app may read, their rows in PostgREST's grammar, and what becomes of each column and why.

accept      the form of an answer, from `Accept` or `?format=`
asked       query and headers → what is asked for
persons     which person a read names, for her quota
window      limit, offset, `Range`, cursor → the window; the window → `Content-Range`
begin       the first chunk and the head of the answer, made in a worker thread
together    requests that come at the same time and are about one person each: read and logged together
stream      the rest of it, chunk by chunk, each sent before the next is read
routes      plain routes, since this is the hot path
described   the same for `/openapi.json`, with examples from the policy in force
"""
