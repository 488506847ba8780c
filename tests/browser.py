"""A real Chromium for tests of pages: one that the machine has, or Debian's, installed where the tests may.

Without one the tests of pages are skipped, and say so in one line that names what is missing. Playwright drives it; its
own download of a browser is not used.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
INSTALL = ("apt-get", "install", "--quiet", "--quiet", "--yes", "--no-install-recommends", "chromium")


def find() -> str | None:
    """The path of a browser."""
    return os.environ.get("CDP_BROWSER") or next((path for name in NAMES if (path := shutil.which(name))), None)


def find_or_install() -> str | None:
    """The path of a browser, after an attempt to install one."""
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (("apt-get", "update", "--quiet", "--quiet"), INSTALL):
            subprocess.run(command, env=environment, capture_output=True, check=False)
    return find()


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser; the test is skipped where there is none."""
    path = find_or_install()
    if path is None:
        pytest.skip("NO BROWSER: the pages were not looked at (install chromium, or set CDP_BROWSER)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
