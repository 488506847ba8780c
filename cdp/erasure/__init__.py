"""How a customer leaves the store, so that no copy of it can bring her back.

Design section 10, invariants 6 and 7.

    register    the rows of `cdp_erasure`: intents, and what certificates are written from
    removal     every row about a customer, in every table
    holding     what a law keeps of somebody who is erased
    sweep       what the platform keeps sealed for nobody yet: the queue, the quarantine
    steps       the steps of an erasure, each of which may be done twice
    replay      what a store is held to whenever it is opened: tombstones, and intents that were cut off
"""
