"""Exports: all that is kept about a customer, in one archive that she takes along and anybody can check.

jobs       who asked for one, and how far it is
parts      the archive while it waits: in pieces, sealed under her key
archive    a ZIP file whose bytes depend on what is in it and on nothing else
manifest   what the archive says of itself; `cdp.services.manifests` signs it
schema     JSON Schema of a view
contents   what goes into the archive, file by file
besides    where her rows came from and until when they are kept, and what no field takes
build      making one, and making it again when a process was killed
fetch      handing it out, once
now        all of it at once, for the command line
verify     that an archive is what it says

Everything in it is read through the full views of the role `customer`, in her own name, by the door.
"""
