"""What the catalogue did not know stays sealed until somebody decides, and then becomes what it is."""

from cdp.bootstrap import Platform
from cdp.ingest.spool import Intake
from cdp.ingest.undeclared import list_names
from cdp.ingest.worker import Worker
from cdp.services.model import apply_model
from tests import samples
from tests.ingest.sending import CATALOGUE, drain, identify, send, track

WIDER = (
    CATALOGUE.replace("      ship_to:", "      currency:    {type: text, sensitivity: none}\n      ship_to:").replace(
        "      loyalty: ", "      nickname:   {type: text, sensitivity: personal}\n      loyalty: "
    )
    + """\
  visit:
    belongs_to: customer
    event: $page
    fields:
      url:  {type: text, sensitivity: personal, sent_as: $context.page.url}
      page: {type: text, sensitivity: none, sent_as: $name}
"""
)
SEEN = """\
  visits:   {kind: full, entity: visit, purpose: service, roles: [agent]}
  people:   {kind: full, purpose: service, roles: [agent]}
"""


def test_what_was_left_over_becomes_fields_once_it_is_classified(
    platform: Platform, intake: Intake, write_key: str
) -> None:
    page = {"type": "page", "userId": "u1", "name": "Home", "messageId": "p1", "context": {"page": {"url": "/start"}}}
    bought = track(properties={"total": 1, "orderId": "o1", "currency": "EUR", "colour": "red"})
    send(intake, write_key, bought, page, identify(3, nickname="Annie", fullName="Ann"))
    drain(platform)
    names = {(each.part, each.name) for each in list_names(platform, principal=samples.TESTER)}
    assert {("Order Completed", "currency"), ("Order Completed", "colour"), ("events", "$page")} <= names
    apply_model(platform, samples.catalogue(WIDER), principal=samples.TESTER)
    worker = Worker(platform)
    assert worker.catch_up() == 3
    assert worker.catch_up() == 0
    from cdp.services.publish import publish_policy
    from tests.ingest.sending import POLICY

    publish_policy(platform, samples.policy(POLICY + SEEN), principal=samples.TESTER)
    platform.in_force(fresh=True)
    [order] = samples.rows_of(platform, "purchases")
    assert order[3:] == ("1", "o1", "EUR", None)
    [visit] = samples.rows_of(platform, "visits")
    assert visit[2:] == ("/start", "Home")
    [person] = samples.rows_of(platform, "people")
    assert {"Annie", "Ann"} <= set(person)
    assert Worker(platform).catch_up() == 0
