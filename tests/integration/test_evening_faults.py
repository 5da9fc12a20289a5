# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong on an endpoint's own disk, through the real agent, fwupd and mirror: people are told
what is wrong, and it is put right by itself as soon as it can be."""

import os

import pytest

from uclab.lab import Lab
from uclab.process import run, wait_for
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
SIZE = 100006


def wait_through(steps, condition, what, secs=600):
    """Time passes, again and again, until it is so."""
    def step():
        if condition():
            return True
        steps.agent.pass_time(secs)  # it may be refused while something goes on
        return condition()
    wait_for(step, 90, what, steps.agent.process, 0.5)


def test_somebody_fills_the_slot(short_dir):
    """What was staged is not in the slot any more: never started, and staged anew."""
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start()
        steps = Steps(lab)
        steps.offer("1.1.0")
        steps.stage("1.1.0")
        lab.endpoint.fill("B", "6.6.6")
        assert steps.is_staged(), "fwupd cannot know"
        steps.pass_time(301)
        said = f"slot B ({lab.endpoint.slots['B']}) has SHA-256 "
        lab.agent.wait_for(lambda: said in lab.agent.process.log_text(), 60, "the sentence")
        assert "; install again" in lab.agent.process.log_text()
        wait_through(steps, lambda: ("activated", "1.1.0") in steps.events(), "the activation")
        assert lab.endpoint.slot_version("B") == "1.1.0"
        assert lab.endpoint.boots_next() == "B"
        assert [event for event, _ in steps.events()].count("activated") == 1
        lab.restart_endpoint()
        steps.wait_for_event("success", "1.1.0")
        assert steps.device()["Version"] == "1.1.0"


@pytest.fixture(name="room")
def fixture_room(short_dir):
    """A file system with 64 KiB."""
    path = short_dir / "room"
    path.mkdir()
    run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path], check=True)
    yield path
    run(["umount", "--lazy", path])


def test_no_room(short_dir, room):
    """Not enough room is said with both sizes, is no failure of the release, and passes."""
    target = room / "target"
    target.write_bytes(b"1.0.0\n")
    keys = {"Type": "file", "Target": target, "SlotA": None, "SlotB": None,
            "RunningParameter": None, "Boot": None, "GrubEnv": None, "GrubVariable": None}
    with Lab(short_dir, BUILDDIR, VersionFile=target, install_keys=keys) as lab:
        lab.start()
        steps = Steps(lab)
        steps.offer("1.1.0", payload=b"1.1.0\n" + bytes(SIZE - 6))
        steps.check()
        steps.pass_time(301)
        said = ("the new content, beside which the old one is kept until it is verified, needs "
                f"{SIZE} bytes, but in {room} only ")
        wait_through(steps, lambda: said in steps.endpoint().get("error", ""), "the sentence")
        assert " are free" in steps.endpoint()["error"]
        assert ("failed", "1.1.0") not in steps.events(), "the release is not to blame"
        assert target.read_bytes() == b"1.0.0\n"
        run(["mount", "-o", "remount,size=1m", room], check=True)
        wait_through(steps, lambda: ("success", "1.1.0") in steps.events(), "the update")
        assert steps.device()["Version"] == "1.1.0"
        assert "error" not in steps.endpoint()
