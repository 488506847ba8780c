"""The privacy statement in force: what it says, bringing the next one into force, and who has read which.

known     every version, and the one in force
publish   the next version, if the policy keeps what it promises
notice    what a customer has not read yet, and that she has
"""
