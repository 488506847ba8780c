"""Long work that staff begin in the console: it runs in a process of its own, and keeps no worker from answering.

jobs     which there are, how far each is, and that there is one of a kind at a time
start    beginning one
run      the process
words    what a job says at its end, kept with it
"""
