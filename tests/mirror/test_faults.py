# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kill -9, and a full disk, at every call with which import, approve and publish change what is on
the disk; the other commands are in test_faults_commands.py."""
import pytest

import package
from faultlab import (check_database, check_ended, check_tree, checkpoint, copy, count_points,
                      fixture_tmp_path, memory,  # noqa: F401
                      run_with_fault)
from mirrorlab import Mirror

#: so many points at most in a normal run of one command and mode
POINTS_MAX = 30


class Base:
    """A mirror with one version approved and published and a second one pending."""

    def __init__(self, path):
        self.path = path
        self.mirror = Mirror(path)
        self.mirror.run("init", "--organisation=room.example")
        self.first = self.mirror.add_version("1.1.0")["id"]
        self.mirror.run("approve", self.first)
        self.mirror.run("publish")
        self.second = self.mirror.add_version("1.2.0")["id"]
        self.cab = package.cab(path / "third.cab", image=package.bind(version="1.3.0"),
                               xml=package.metainfo(version="1.3.0"))
        checkpoint(self.mirror)

    def command(self, name):
        return {"import": ["import", self.cab], "approve": ["approve", self.second],
                "publish": ["publish"]}[name]


@pytest.fixture(scope="module")
def base(memory):
    (memory / "base").mkdir()
    return Base(memory / "base")


def check_state(mirror, base):
    """No state is lost: both packages are there, whole, and in a state that a command gave them."""
    states = check_database(mirror)
    assert (states[base.first], states[base.second]) in (("approved", "pending"),
                                                         ("restore", "approved"))
    return states


@pytest.mark.parametrize("mode", ["kill", "torn", "full"])
@pytest.mark.parametrize("name", ["import", "approve", "publish"])
def test_fault_at_every_point(base, tmp_path, name, mode):
    command = base.command(name)
    total, points = count_points(base.mirror, command, tmp_path, POINTS_MAX)
    assert total > 5
    failed = 0
    for at in points:
        mirror = copy(base.mirror, tmp_path / "mirror")
        before = check_tree(mirror)
        done = run_with_fault(mirror, command, at, mode)
        where = f"{name} {mode} at {at} of {total}: {done.stderr}"
        failed += done.returncode != 0
        check_ended(done, mode, where)
        assert check_tree(mirror) >= before, where
        states = check_state(mirror, base)
        again = run_with_fault(mirror, command, 0, mode)
        if name == "approve" and states[base.second] == "approved":
            assert "is approved" in again.stderr, where
        else:
            assert again.returncode == 0, where + again.stderr
        serial = check_tree(mirror)
        states = check_state(mirror, base)
        assert name != "import" or list(states.values()).count("pending") == 2, where
        assert name != "approve" or states[base.second] == "approved", where
        assert name != "publish" or serial > before, where
        assert not list(mirror.root.glob("tmp-*")), where
    print(f"# {name}: {total} points, {len(points)} of them tried with '{mode}', "
          f"{failed} ended the command")
    assert failed > 0
