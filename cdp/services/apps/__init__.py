"""Downstream apps: who they are, what they may read, and the tokens that say so for a while.

register     `cdp app add`: an app, its views, and a secret that is shown once
renew        a new secret, and a new day on which an app is over
revoke       an app is over, at its next request
known        which apps there are
tokens       client id and secret → a bearer token → the app again, looked up anew for each request
"""
