"""The privacy statement: what an organisation promises, in six clauses that people read and a machine can check.

document   the file: clauses, in words of both languages, and what each names of catalogue and policy
lint       promises that the policy breaks, and what the statement leaves unsaid
compare    the difference of two versions, in words and in what is promised
"""
