"""The verifier that stands alone: `python -m audit.verify BUNDLE` needs Python and `cryptography`, and no database.

check         a bundle, step by step (`audit.bundle` is its format)
held          the checkpoints that somebody remembers, to which the log is held
"""
