"""The page that lies in an export: everything for people, with no script and nothing from anywhere else."""

from cdp.bootstrap import Platform
from cdp.pages.template import environment
from cdp.pages.titles import titles_of
from cdp.services.exports.contents import SHOWN, Contents


def takeaway_page(platform: Platform, contents: Contents) -> bytes:
    """Return `index.html` of an archive, in the language in which it was asked for."""
    template = environment(contents.job.language).get_template("takeaway.html")
    place = contents.origin.partition("://")[2]
    titles = titles_of(platform, contents.job.language)
    return template.render(contents=contents, place=place, most=SHOWN, titles=titles).encode()
