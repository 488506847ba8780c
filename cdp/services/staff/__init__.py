"""Accounts of staff, who work in the console.

permissions  what each role may do there
accounts     who there is
proofs       passwords, one-time codes, recovery codes
invite       adding somebody, one-time links, disabling
welcome      choosing password and one-time codes by such a link
enter        signing in
sessions     who is signed in
passkeys     signing in with a passkey
officers     an account as an officer, with the customer that she is herself
oidc         signing in through the organisation's provider
"""
