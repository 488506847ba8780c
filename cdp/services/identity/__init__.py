"""Who is who: identifiers, verified or claimed; profiles from events; links to be decided; merges that can be undone.

sighting   what one event says of a person: the seam to ingest
caps       how much a source may make
fold       sightings become profiles
resolve    whose profile each sighting is
drafts     profiles of one batch, before they are written
writing    … and written
said       what each source said, value by value
links      claims that wait
decide     … and are decided
look       what one would join
merging    two customers become one, and two again
state      all of a customer that a merge moves
moving     what belongs to her
restoring  her own row, as it was
merge      merging on purpose
revert     taking back what one source said
"""
