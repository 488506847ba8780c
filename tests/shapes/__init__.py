"""Tests of `cdp.shapes`."""
