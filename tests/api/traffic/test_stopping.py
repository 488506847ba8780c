"""A stop that is asked for."""

import asyncio

import pytest

from cdp.api.traffic.stopping import Stopping
from cdp.errors import Unavailable
from tests.api.calling import call


def test_long_answers_go_on_until_the_grace_is_over():
    async def run():
        stopping = Stopping(0)
        stopping.check()
        stopping.ask()
        stopping.check()
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable) as error:
            stopping.check()
        assert error.value.code == "stopping"

    asyncio.run(run())


def test_readiness_says_no_at_once(scene):
    app = scene.app()
    assert call(app, "GET", "/readyz").json == {"status": "ready"}
    app.state.traffic.stopping.asked = True
    answer = call(app, "GET", "/readyz")
    assert (answer.status, answer.json) == (503, {"status": "unready"})
    assert call(app, "GET", "/healthz").status == 200


def test_a_stranger_does_not_learn_what_is_amiss(scene):
    app = scene.app()
    app.state.traffic.readiness.code = "keystore_missing"
    answer = call(app, "GET", "/readyz")
    assert (answer.status, answer.json) == (503, {"status": "unready"})
    assert any(b'"unready","code":"keystore_missing"' in line for line in scene.lines)
