"""Tests of the vault: keys, sealed segments, blind index."""
