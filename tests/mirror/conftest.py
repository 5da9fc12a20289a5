# SPDX-License-Identifier: LGPL-2.1-or-later
"""An empty mirror, one that serves a first release, and another one to take from."""
import pytest

from mirrorlab import Mirror, Service, make_first
from upstream import Upstream


@pytest.fixture
def mirror(tmp_path):
    made = Mirror(tmp_path)
    made.run("init", "--organisation=room.example")
    return made


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """One service for many requests that leave nothing behind."""
    made = Service(make_first(tmp_path_factory.mktemp("standing")))
    yield made
    assert made.stop() == 0


@pytest.fixture
def service(mirror):
    first = mirror.add_version("1.1.0")
    mirror.run("approve", first["id"])
    mirror.run("publish")
    made = Service(mirror)
    yield made
    if made.process.poll() is None:
        assert made.stop() == 0


@pytest.fixture
def upstream(tmp_path):
    made = Upstream(tmp_path / "up")
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def ours(mirror):
    """A mirror whose inventory has one icon400 and nothing else."""
    mirror.run("publish")
    service = Service(mirror)
    assert service.post("/v1/check-in", {
        "format": "ucupdates-checkin-1", "endpoints": [
            {"id": "codec", "vendor": "acme", "model": "icon400", "hardware_level": "2",
             "serial": "AC1"}]}).status == 200
    assert service.stop() == 0
    return mirror
