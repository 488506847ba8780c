"""The report of the privacy officer, for herself and for an independent party.

figures    what a report is made of, and what is too small to be shown
<section>  one file per section: figures from the store, by plain queries
acts       the log, gone through once for the sections that count accesses
sections   which sections there are
make       one reading through the door, with its entry
manifest   what a report says of itself; `cdp.services.manifests` signs it
pack       the files of a report
kept       those asked for, made beside the console, and those that are kept
verify     whether they hold
"""
