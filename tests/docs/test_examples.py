"""The examples of the reference pages are files that the product takes."""

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import Catalogue
from tests.docs.pages import DOCS, blocks
from views.check import check_policy
from views.policy import Policy


def examples(page: str) -> list[str]:
    return [block.text for block in blocks(DOCS / page) if block.language == "yaml"]


def test_the_catalogue_is_one():
    for text in examples("catalogue.md"):
        assert validate(Catalogue, parse_document(text, "catalogue.yaml"))


def test_the_policy_fits_the_catalogue_and_nothing_is_odd_about_it():
    catalogue = validate(Catalogue, parse_document(examples("catalogue.md")[0], "catalogue.yaml"))
    document = parse_document(examples("policy.md")[0], "policy.yaml")
    assert check_policy(catalogue, validate(Policy, document), document) == []
