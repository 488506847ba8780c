"""Consent: opt-outs, their history and the order in which they apply."""
