"""Tests of opt-outs: history, precedence, flags."""
