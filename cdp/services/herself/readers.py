"""Which apps read which views, for whoever is to be told by name: those that hold now."""

from collections import defaultdict
from collections.abc import Mapping

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.apps.known import list_apps


def apps_by_view(platform: Platform) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the apps of each view, in the order of their names; a view without any is not there."""
    now = timestamp()
    found: dict[str, set[str]] = defaultdict(set)
    for app in list_apps(platform):
        if app.holds(now):
            for view in app.views:
                found[view].add(app.name)
    return {view: tuple(sorted(names)) for view, names in found.items()}
