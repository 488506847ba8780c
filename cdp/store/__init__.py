"""The tables, and what is written into them and read back, below every view.

platform     the platform's own tables; `versions` is what is in force
tables       those of a catalogue; `columns` are types that mean the same on both engines
shaper       every shape of a row, computed once, when it is written
write        rows with their shapes, sealed segments, blind indexes and `tokens`; `bulk` is how, `ordinals` is where
records      whole rows back, for writing them again; `lookup` finds them, `given` names many at once
corrected    what was corrected on somebody's word, which nothing from elsewhere puts back
changes      from one catalogue's tables to the next one's; `structure` is what the database has
reshape      the rows, batch by batch; `conversion` is for changed types
statement    SQL compiled once and run by the driver itself
"""
