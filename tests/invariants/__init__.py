"""Tests of the invariants of the design, section 10, over whole platforms."""
