"""Audit: the only door to rows, and the tamper-evident log behind it."""
