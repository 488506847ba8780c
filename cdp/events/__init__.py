"""What has come and is nobody's yet: how it is read, where it waits, what it names.

parse       JSON that says what it holds: duplicate keys, depth, sizes          (pure)
wire        a body → events, each well-formed or with the reason why not        (pure)
normalise   one event → whom it names, when it was, what it says                (pure)
named       the identifiers anywhere in an event, as blind tokens
queue       the parcels of the queue, and taking single events out of them
aside       the quarantine: events that are wrong, sealed
undeclared  names that the catalogue does not know, sealed
looks       what values look like, and the tags that suggests
counts      what became of it all
"""
