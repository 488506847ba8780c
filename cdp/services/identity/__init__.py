"""Who is who: identifiers, verified or claimed; profiles from events; links to be decided; merges that can be undone.

kinds      the kinds of identifiers, of the catalogue and of events
sighting   what one event says of a person: the seam to ingest
"""
