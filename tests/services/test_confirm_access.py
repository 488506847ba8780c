"""Confirming who may see what: who waits, who may confirm, and what happens to whoever nobody confirmed."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from audit.entries import Principal
from cdp.errors import CdpError
from cdp.services import access_term, confirm_access
from cdp.services.apps.renew import renew_app
from cdp.services.apps.tokens import Tokens
from cdp.services.confirm_access import accesses, confirm, count_due
from cdp.services.publish import publish_policy
from cdp.services.staff.invite import add_staff
from tests import samples
from tests.api.apps import register

IRIS, OMAR = Principal("staff:iris", "privacy_officer"), Principal("staff:omar", "second_officer")


@pytest.fixture
def platform(tmp_path, database_url, keys_url):
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        add_staff(made, "iris", role="privacy_officer", address="iris@corp.example", principal=samples.TESTER)
        register(made, "desk", "care_desk")
        yield made


@pytest.fixture
def later(monkeypatch):
    """Have it be so many days later."""

    def days(number):
        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + timedelta(days=number)

        for module in (access_term, confirm_access):
            monkeypatch.setattr(module, "datetime", Clock)

    return days


def names(platform):
    return [each.principal for each in accesses(platform)]


def test_an_access_waits_after_the_term_and_counts_anew_when_confirmed(platform, later):
    assert (names(platform), count_due(platform)) == (["staff:iris", "app:desk"], 0)
    later(91)
    assert count_due(platform) == 0
    later(93)
    assert count_due(platform) == 2
    later(0)
    confirm(platform, "app", "desk", principal=IRIS)
    (iris, desk) = accesses(platform)
    assert (desk.confirmed_by, desk.views, iris.confirmed_by) == ("staff:iris", ("care_desk",), None)
    assert desk.settled_at > iris.settled_at


def test_nobody_confirms_what_she_has_or_has_given(platform):
    by_iris = register(platform, "mail", "newsletter").app
    assert by_iris.created_by == samples.TESTER.name
    for kind, name, who in (("staff", "iris", IRIS), ("app", "shop", IRIS)):
        if name == "shop":
            confirm_access.confirm(platform, "app", "mail", principal=IRIS)
            _given(platform, name)
        with pytest.raises(CdpError) as caught:
            confirm(platform, kind, name, principal=who)
        assert caught.value.code == "own_access"
    confirm(platform, "app", "shop", principal=OMAR)
    confirm(platform, "staff", "iris", principal=OMAR)


def _given(platform, name):
    from cdp.services.apps.register import register_app

    register_app(platform, name, ["newsletter"], principal=IRIS)


def test_what_changed_since_the_page_is_looked_at_again(platform):
    seen = platform.in_force().policy.digest
    text = re.sub(r"clear: \[full_name\]", "clear: [full_name, email]", samples.POLICY_TEXT)
    publish_policy(platform, samples.policy(text), principal=samples.TESTER)
    with pytest.raises(CdpError) as caught:
        confirm(platform, "app", "desk", principal=IRIS, seen=seen)
    assert caught.value.code == "access_changed"
    confirm(platform, "app", "desk", principal=IRIS, seen=platform.in_force().policy.digest)


def test_where_it_is_enforced_an_unconfirmed_app_has_no_token_and_its_old_one_ends(platform, later, monkeypatch):
    made = register(platform, "mail", "newsletter")
    tokens = Tokens(platform)
    token, *_ = tokens.issue(made.app.client_id, made.secret)
    later(93)
    assert tokens.read(token).name == "mail"
    settings = platform.settings.model_copy(update={"access_enforced": True})
    monkeypatch.setattr(platform, "settings", settings)
    for act in (lambda: tokens.read(token), lambda: tokens.issue(made.app.client_id, made.secret)):
        with pytest.raises(CdpError) as caught:
            act()
        assert caught.value.code in ("bad_token", "bad_client")


def test_it_is_paged_by_what_was_seen(platform):
    for number in range(5):
        register(platform, f"app{number}", "care_desk")
    found, after = [], None
    while page := accesses(platform, after=after, most=2):
        found += [each.name for each in page]
        after = page[-1].settled_at, page[-1].key
    assert found == ["iris", "desk", "app0", "app1", "app2", "app3", "app4"]


def test_a_renewed_secret_ends_the_old_one_and_its_tokens(platform):
    made = register(platform, "mail", "newsletter")
    tokens = Tokens(platform)
    token, *_ = tokens.issue(made.app.client_id, made.secret)
    until = datetime.now(UTC) + timedelta(days=30)
    anew = renew_app(platform, "mail", principal=samples.TESTER, expires=until)
    for act in (lambda: tokens.read(token), lambda: tokens.issue(made.app.client_id, made.secret)):
        with pytest.raises(CdpError):
            act()
    fresh, _, app = tokens.issue(anew.app.client_id, anew.secret)
    assert (tokens.read(fresh).renewed, app.expires_at) == (1, anew.app.expires_at)
    assert tokens.read(fresh).used_at is not None
