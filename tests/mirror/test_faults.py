# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kill -9, and a full disk, at every call with which a command changes what is on the disk.

UC_FAULT_STEP=N takes every N-th point only; the default is as many as one run has time for.
"""
import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess

import pytest

import package
from mirrorlab import PROGRAM, Mirror

FAULT = os.environ["UC_FAULT"]
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
        with sqlite3.connect(self.mirror.root / "mirror.db") as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def command(self, name):
        return {"import": ["import", self.cab], "approve": ["approve", self.second],
                "publish": ["publish"]}[name]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return Base(tmp_path_factory.mktemp("base"))


def run_with_fault(mirror, command, at, mode, count=None):
    env = {**os.environ, "LD_PRELOAD": FAULT, "UC_FAULT_AT": str(at), "UC_FAULT_MODE": mode,
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    if count is not None:
        env["UC_FAULT_COUNT"] = str(count)
    return subprocess.run([PROGRAM, f"--root={mirror.root}", *map(str, command)], env=env,
                          capture_output=True, text=True, timeout=60)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_tree(mirror):
    """What is public is whole: every file that the signed description names, and every cab."""
    public = mirror.root / "public"
    description = mirror.document(".well-known/ucupdates.json")
    files = [description["policy"]]
    for remote in description["remotes"]:
        files += [remote["metadata"], remote["signature"]]
    for file in files:
        assert sha256(public / file["path"]) == file["sha256"]
    xml = subprocess.run(["zstd", "-dc", public / "testing/firmware.xml.zst"],
                         capture_output=True, check=True, text=True).stdout
    cabs = re.findall(r"/cabs/([0-9a-f]{64})\.cab", xml)
    assert cabs
    for cab in cabs:
        assert sha256(public / "cabs" / f"{cab}.cab") == cab
    return description["serial"]


def check_state(mirror, base):
    """No state is lost: both packages are there, whole, and in a state that a command gave them."""
    database = sqlite3.connect(mirror.root / "mirror.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    states = dict(database.execute("SELECT substr(sha256, 1, 12), state FROM packages"))
    for (digest,) in database.execute("SELECT sha256 FROM packages"):
        assert sha256(mirror.root / "packages" / digest / "original.cab") == digest
        assert (mirror.root / "packages" / digest / "metainfo.xml").exists()
    database.close()
    assert (states[base.first], states[base.second]) in (("approved", "pending"),
                                                         ("restore", "approved"))
    return states


def points_of(base, path, name, mode):
    mirror = copy(base, path / "count")
    run_with_fault(mirror, base.command(name), 0, mode, path / "calls")
    total = int((path / "calls").read_text())
    step = int(os.environ.get("UC_FAULT_STEP", 0)) or -(-total // POINTS_MAX)
    return total, range(1, total + 1, step)


def copy(base, path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    subprocess.run(["cp", "-a", base.mirror.root, path / "root"], check=True)
    return Mirror(path)


@pytest.mark.parametrize("mode", ["kill", "torn", "full"])
@pytest.mark.parametrize("name", ["import", "approve", "publish"])
def test_fault_at_every_point(base, tmp_path, name, mode):
    total, points = points_of(base, tmp_path, name, mode)
    command = base.command(name)
    assert total > 5
    failed = 0
    for at in points:
        mirror = copy(base, tmp_path / "mirror")
        before = check_tree(mirror)
        done = run_with_fault(mirror, command, at, mode)
        where = f"{name} {mode} at {at} of {total}: {done.stderr}"
        failed += done.returncode != 0
        if mode == "full":
            assert done.returncode in (0, 1), where
            assert done.returncode == 0 or done.stderr.startswith("ucupdates-mirror: "), where
        else:
            assert done.returncode in (0, -signal.SIGKILL), where
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
