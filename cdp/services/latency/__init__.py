"""How soon a refusal is honoured, measured.

scratch    a store of synthetic customers on the same engine, beside the one that is open
look       a bulk read that knows when it began; also a process of its own
measure    refusals while readers read, and what that amounts to
proof      the last measurement that the log has
"""
