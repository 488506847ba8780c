"""The privacy statement in force: what it says, bringing the next one into force, and who has read which.

known     every version, and the one in force
written   a statement as a form, a text for each part and language
draft     the next version while it is being written, and what keeps it from being published
publish   the next version, if the policy keeps what it promises
tell      letters to customers when it has changed
notice    what a customer has not read yet, and that she has
readers   how many have read a version, by month
"""
