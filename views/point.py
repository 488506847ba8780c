"""Whether a plan reads what belongs to one person and is found by an index: little, and done at once.

Such reads may be done several at a time (`audit.door.Door.disclose_together`) without one waiting long for another.
"""

from typing import Final

from views.conditions import Comparison, Op
from views.plan import Plan
from views.where import Blind

_KEYS: Final = ("customer_id", "token")


def is_point(plan: Plan) -> bool:
    """Return whether one of the conditions, all of which must hold, names one person by key, token or identifier."""
    named = (
        isinstance(each, Comparison) and each.op is Op.EQ and not each.negated and each.column in _KEYS
        for each in plan.request.where
    )
    return any(named) or any(isinstance(each, Blind) and len(each.texts) == 1 for each in plan.values.values())
