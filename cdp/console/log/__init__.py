"""The log in the console: searched, entry by entry, about a person, what is unusual on it, and whether it holds.

search    entries by what they say
entry     one of them, with its proof
person    who read and changed what of one person; looking is on the log
unusual   what stands out, with its numbers
verify    having the verifier look, in the background
"""
