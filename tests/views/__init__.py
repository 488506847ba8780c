"""Tests of the policy: against an interpreter of its own, cell for cell."""
