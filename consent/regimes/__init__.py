"""What holds before a person has said anything, and how long an organisation has: law as versioned data.

*.yaml    one file per regime; every fact names its source
regime    what a file says, and the strictest of several
chosen    which regime is a customer's, by the policy's key `regime`
clocks    when a request is due, and when an opt-out must have effect
"""
