"""Signing in through an organisation's own provider (OpenID Connect Core 1.0, authorization code flow with PKCE).

provider    what the provider says of itself, its keys, and a code turned into a token
tokens      what has to hold of an ID token
journeys    there and back: state, nonce and verifier, each good once and in one browser
customers   whom of the customers the provider speaks of
"""
