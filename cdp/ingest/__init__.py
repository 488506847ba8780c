"""Events as the SDKs of Segment and RudderStack send them: taken in at once, folded into profiles right after.

One batch goes this way:

    wire       a body → events, each well-formed or with the reason why not        (`cdp.events`)
    sources    whose write key it is
    spool      sealed, queued and on disk: only then the client hears 200
    normalise  one event → whom it names, when it was, what it says                (`cdp.events`)
    plan       what the catalogue takes of it; the rest stays sealed               (pure)
    consent    what it says of refusals; it can only add them
    fold       a batch of the queue into the store, in one transaction with its entry
    isolate    a batch that does not fold, event by event, until the poison is aside
    keep       events as rows, and what is left over of them sealed
    reread     what is left over of events, once the catalogue knows it
    reread_files   … and of columns of files
    catch_up   both
    guess      which column of a file is which field
    worker     folds as long as there is something to fold
    status     what became of it all, by source
    undeclared names that the catalogue does not know, listed
    quarantine events that are wrong, looked into
"""
