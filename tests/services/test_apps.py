"""Registering apps: views that agree in purpose and role, and nothing else."""

from datetime import UTC, datetime

import pytest

from cdp.errors import CdpError
from cdp.services.apps.known import list_apps
from cdp.services.apps.register import register_app
from cdp.services.apps.revoke import revoke_app
from tests import samples


@pytest.fixture
def platform(tmp_path, database_url, keys_url):
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "views", "others", "code"),
    [
        ("Ann Smith", ["newsletter"], {}, "bad_app_name"),
        ("ann@example.org", ["newsletter"], {}, "bad_app_name"),
        ("a", ["nosuch"], {}, "unknown_view"),
        ("a", [], {}, "app_views_differ"),
        ("a", ["newsletter", "care_desk"], {}, "app_views_differ"),
        ("a", ["care_desk"], {"role": "analyst"}, "app_role_unclear"),
        ("a", ["care_desk"], {"expires": datetime(2020, 1, 1, tzinfo=UTC)}, "app_expired"),
    ],
)
def test_what_does_not_agree_is_refused(platform, name, views, others, code):
    with pytest.raises(CdpError) as caught:
        register_app(platform, name, views, principal=samples.TESTER, **others)
    assert caught.value.code == code
    assert list_apps(platform) == []


def test_a_name_is_free_again_when_its_app_is_revoked(platform):
    first = register_app(platform, "a", ["care_desk"], principal=samples.TESTER)
    with pytest.raises(CdpError) as caught:
        register_app(platform, "a", ["care_desk"], principal=samples.TESTER)
    assert caught.value.code == "app_exists"
    revoke_app(platform, "a", principal=samples.TESTER)
    with pytest.raises(CdpError) as caught:
        revoke_app(platform, "a", principal=samples.TESTER)
    assert caught.value.code == "unknown_app"
    second = register_app(platform, "a", ["care_desk"], principal=samples.TESTER)
    assert {each.client_id for each in list_apps(platform)} == {first.app.client_id, second.app.client_id}
