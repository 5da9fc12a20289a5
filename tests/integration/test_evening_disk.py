# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent's state survives anything: SIGKILL at any write, a full disk, one that cannot be written,
files that are damaged. Whose endpoint this is and people's NO are never lost.

UC_FAULT_STEP=N takes every N-th point only.
"""

import json
import os
import pathlib
import subprocess

import pytest

from uclab.lab import Lab
from uclab.process import run, wait_for
from uclab.steps import Steps

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
FAULT = BUILDDIR / "tests/mirror/libuc-mirror-fault.so"
STEP = int(os.environ.get("UC_FAULT_STEP", 7))
LIVES_MAX = 400
DISK_BYTES = 48 << 20
ALL_DAY = "Windows=00:00-24:00"


class Disk:
    """A small file system with the agent's state, in this namespace alone."""

    def __init__(self, agent):
        self.path = agent.state
        run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "state", self.path], check=True)
        self.filling = self.path / "filling"
        agent.own()

    def fill(self):
        with open(self.filling, "wb", buffering=0) as out:
            for size in (1 << 20, 4096):
                try:
                    while out.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def drain(self):
        self.filling.unlink()

    def set_writable(self, writable):
        mode = "rw" if writable else "ro"
        run(["mount", "-o", f"remount,{mode},size={DISK_BYTES}", self.path], check=True)

    def remove(self):
        subprocess.run(["umount", "--lazy", str(self.path)], check=False)


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


@pytest.fixture(name="disk")
def fixture_disk(lab):
    disk = Disk(lab.agent)
    yield disk
    lab.stop()
    disk.remove()


def state(lab, name):
    return json.loads((lab.agent.state / name).read_text())


def say_no(lab):
    """Enrolled, 1.1.0 staged, and somebody said NO; returns the steps and the record of it."""
    lab.start()
    steps = Steps(lab)
    steps.check()  # what is published during a look does not match the description
    steps.rules("Style=prompt", ALL_DAY)
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.wait_for_prompt()
    steps.answer(False)
    return steps, state(lab, "updates/codec.json")["said_no"]


def is_kept(lab, said_no):
    return (state(lab, "service.json")["organisation"] == "room.example"
            and state(lab, "updates/codec.json")["said_no"] == said_no)


def live(lab, at, mode, is_done):
    """One life of the agent; returns whether it ended by the fault."""
    lab.agent.spawn({"LD_PRELOAD": str(FAULT), "UC_FAULT_AT": str(at), "UC_FAULT_MODE": mode,
                     "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")
                                     + ":verify_asan_link_order=0"})
    process = lab.agent.process
    wait_for(lambda: process.poll() is not None or is_done(), 90, f"{mode} at {at}", None, 0.1)
    dead = process.poll() is not None
    assert not dead or process.poll() == -9, process.describe_end()
    lab.agent.kill()
    return dead


def history(lab):
    """(event, version) as it is on the disk; every file is whole at every moment."""
    path = lab.agent.state / "history.json"
    entries = state(lab, "history.json")["entries"] if path.exists() else []
    return [(entry["event"], entry.get("version_new")) for entry in entries]


@pytest.mark.parametrize("mode", ["kill", "torn"])
def test_killed_at_every_write(lab, mode):
    """Life after life, each a few writes longer, until 1.2.0 is there and reported: once."""
    steps, said_no = say_no(lab)
    lab.agent.kill()
    steps.rules("Style=idle", "IdleSec=0", ALL_DAY)
    steps.offer("1.2.0")
    lab.agent.ahead_secs = 1201
    lab.agent.clock.write_text("1201")
    reports = lab.agent.state / "reports"
    lives, at = 0, 1
    booted = False
    while True:
        boots = lab.endpoint.boots_next()

        def is_done():
            if not booted:
                return ("activated", "1.2.0") in history(lab)
            return ("success", "1.2.0") in history(lab) and not any(reports.glob("*.json"))

        dead = live(lab, at, mode, is_done)
        assert is_kept(lab, said_no), f"{mode} at {at}"
        assert boots == "A" or booted or lab.endpoint.boots_next() == "B"
        lives, at = lives + 1, at + STEP
        assert lives < LIVES_MAX
        if not dead and booted:
            break
        if lab.endpoint.boots_next() == "B" and not booted:
            lab.fwupd.stop()
            lab.endpoint.restart()
            lab.fwupd.start()
            booted, at = True, 1
    assert lives > 4, "nothing was killed"
    assert steps.device()["Version"] == "1.2.0"
    found = history(lab)
    assert not [event for event, _ in found if event == "refused"], state(lab, "history.json")
    assert len(found) == len(set(found)), f"each event is there once: {found}"
    assert not list(lab.agent.state.rglob("*.unusable-*"))
    lab.agent.start()
    wait_for(lambda: steps.inventory().get("last_event") == "success", 30, "the report")


def test_full_disk(lab, disk):
    """A NO that cannot be written down is no NO; what is known stays, and then it goes on."""
    lab.start()
    steps = Steps(lab)
    steps.rules("Style=prompt", ALL_DAY)
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.wait_for_prompt()
    before = (lab.agent.state / "updates/codec.json").read_bytes()
    disk.fill()
    answer = steps.method("AnswerPrompt", "false")
    assert "org.ucupdates.Error.Failed: cannot write " in answer.stderr
    assert "No space left on device" in answer.stderr
    assert steps.prompt(), "still asked"
    # nobody answers, and still nothing is begun that is not on the disk first
    assert "No space left on device" in lab.agent.pass_time(121).stderr
    lab.agent.wait_for(lambda: "No space left" in steps.endpoint().get("error", ""), 30, "the error")
    assert lab.endpoint.boots_next() == "A"
    lab.agent.kill()
    lab.agent.start()
    lab.agent.wait_for(lambda: steps.endpoint().get("progress") == "staged", 30, "as before")
    assert (lab.agent.state / "updates/codec.json").read_bytes() == before
    assert lab.agent.json("status")["organisation"] == "room.example"
    disk.drain()
    steps.check()
    steps.wait_for_prompt()
    steps.answer(False)
    lab.agent.kill()
    lab.agent.start()
    steps.wait_for_reason("snooze")


def test_read_only_disk(lab, disk):
    """It runs, knows whose endpoint this is, keeps to the NO, and begins nothing."""
    steps, said_no = say_no(lab)
    lab.agent.kill()
    disk.set_writable(False)
    lab.agent.start()
    steps.wait_for_reason("snooze")
    assert lab.agent.json("status")["organisation"] == "room.example"
    assert "Read-only file system" in lab.agent.pass_time(1201).stderr
    steps.wait_for_prompt()
    assert "Read-only file system" in steps.method("AnswerPrompt", "true").stderr
    lab.agent.pass_time(121)
    lab.agent.wait_for(lambda: "Read-only file system" in steps.endpoint().get("error", ""), 30,
                       "the error")
    assert lab.endpoint.boots_next() == "A"
    lab.agent.stop()
    disk.set_writable(True)
    assert is_kept(lab, said_no)
    lab.agent.start()
    steps.wait_for_prompt()
    steps.answer(True)
    steps.wait_for_event("activated", "1.1.0")


@pytest.mark.parametrize("damage", ["", "\0" * 512, '{"format": "else"}'],
                         ids=["empty", "zeros", "else"])
def test_damaged_files(lab, damage):
    """Set aside, and said so; whose endpoint this is and that people said NO are known without."""
    steps, _ = say_no(lab)
    lab.agent.stop()
    lab.mirror.stop()
    names = ("service.json", "updates/codec.json", "history.json")
    for name in names:
        (lab.agent.state / name).write_text(damage)
    lab.agent.configure("[Agent]\nFirstUpdate=mandatory\n", "60-test.conf")
    lab.agent.start()
    steps.wait_for_reason("snooze")
    for name in names:
        assert list(lab.agent.state.glob(f"{name}.unusable-*")), name
        assert f"{lab.agent.state / name} cannot be used (" in lab.agent.process.log_text()
    assert lab.agent.json("status")["organisation"] == "room.example"
    assert state(lab, "service.json")["organisation"] == "room.example"
    assert not steps.facts()["first_update"], "what was in use before is not in factory state"
    assert not steps.prompt() and lab.endpoint.boots_next() == "A"
    lab.mirror.start()
    steps.pass_time(1201)
    steps.wait_for_prompt()
    steps.answer(True)
    steps.wait_for_event("activated", "1.1.0")
