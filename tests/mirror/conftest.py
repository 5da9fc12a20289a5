# SPDX-License-Identifier: LGPL-2.1-or-later
"""An empty mirror, and one that serves a first release."""
import pytest

from mirrorlab import Mirror, Service


@pytest.fixture
def mirror(tmp_path):
    made = Mirror(tmp_path)
    made.run("init", "--organisation=room.example")
    return made


@pytest.fixture
def service(mirror):
    first = mirror.add_version("1.1.0")
    mirror.run("approve", first["id"])
    mirror.run("publish")
    made = Service(mirror)
    yield made
    if made.process.poll() is None:
        assert made.stop() == 0
