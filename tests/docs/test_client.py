"""The lines of Python in the README run as they are pasted, against a running server."""

import subprocess
import sys

import pytest

from cdp.asgi import create_app
from cdp.services.apps.register import register_app
from tests import samples
from tests.api.threaded import served
from tests.docs.pages import ROOT, blocks

SHOWN = "http://127.0.0.1:8000"
"""Where the page has it; here a free port stands for it."""


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_lines_of_the_readme_run(tmp_path, database_url, keys_url):
    [lines] = [block.text for block in blocks(ROOT / "README.md") if block.language == "python"]
    assert lines.count(SHOWN) == 1
    assert len(lines.splitlines()) <= 10
    with samples.store(tmp_path / "home", database_url, keys_url) as platform:
        samples.add_people(platform, 3)
        mailer = register_app(platform, "mailer", ["newsletter"], principal=samples.TESTER)
        app = create_app(platform)
        with served(app) as url:
            known = f"client_id, client_secret = {mailer.app.client_id!r}, {mailer.secret!r}\n"
            done = subprocess.run(
                [sys.executable, "-P", "-c", known + lines.replace(SHOWN, url)],
                cwd=tmp_path, capture_output=True, check=False, text=True, timeout=60,
            )  # fmt: skip
        app.state.traffic.close()
    assert done.stderr == ""
    assert sorted(done.stdout.splitlines()) == [f"ann{number}@example.org" for number in range(3)]
