"""What a customer does with her own data, signed in: she reads it, and decides about it.

own_data    every field of hers, and what each view shows of it
see_as      what others see of her, as each view gives it now
whence      where each row of hers came from, and why it is kept
unclassified  what came with her data and no field takes
terms       until when each row and value of hers is kept
choices     what she refuses, since when, and what that changes
leaving     what goes and what stays when she has all of it erased, and the address of her certificate
opened      who saw her in full by break-glass
renewing    whether what is old is still right: she confirms it, or has it deleted
honour      what her browser asks for by itself (Global Privacy Control)

What she decides is recorded by `cdp.services.state_choices`, like what staff record on her word.

All of it goes through the door in her own name (`audit.entries.HERSELF`), and through views: what she may read is what
the policy gives to the role `customer`, in full views of her own rows.
"""

from dataclasses import replace
from typing import Final

from audit.entries import HERSELF, Principal
from cdp.terms import OWN_ROLE

READER: Final[Principal] = replace(HERSELF, role=OWN_ROLE)
