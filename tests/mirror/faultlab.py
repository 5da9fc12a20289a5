# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kill -9, and a full disk, at the calls with which a command changes what is on the disk.

UC_FAULT_STEP=N takes every N-th point; the default is as many as one run has time for.
"""
import functools
import hashlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile

import pytest

from mirrorlab import PROGRAM, Mirror

FAULT = os.environ["UC_FAULT"]


MEMORY = "/dev/shm"
MEMORY_BYTES_MIN = 256 * 1024 * 1024


@pytest.fixture(scope="session")
def memory():
    """A directory in memory where there is room for it: thousands of flushes are slow on a disk, and
    what is counted and cut here are the calls."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN
    with tempfile.TemporaryDirectory(dir=MEMORY if has_room else None) as path:
        yield pathlib.Path(path)


@pytest.fixture(name="tmp_path")
def fixture_tmp_path(memory):
    """A new one for each test, which is removed at once."""
    with tempfile.TemporaryDirectory(dir=memory) as path:
        yield pathlib.Path(path)


def run_with_fault(mirror, command, at, mode, count=None, **kwargs):
    """The command, which ends (or has no more room) at that call; at 0 it goes through."""
    # appstreamcli, which import asks where there is one, is not what is looked at here, and takes longest
    env = {**os.environ, "PATH": "/nonexistent", "LD_PRELOAD": FAULT, "UC_FAULT_AT": str(at), "UC_FAULT_MODE": mode,
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    if count is not None:
        env["UC_FAULT_COUNT"] = str(count)
    return subprocess.run([PROGRAM, f"--root={mirror.root}", *map(str, command)], env=env,
                          capture_output=True, text=True, timeout=120, **kwargs)


def check_ended(done, mode, where):
    """Killed, or with a sentence about the disk, or done nevertheless."""
    if mode == "full":
        assert done.returncode in (0, 1), where
        assert done.returncode == 0 or done.stderr.startswith("ucupdates-mirror: "), where
    else:
        assert done.returncode in (0, -signal.SIGKILL), where


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.lru_cache(maxsize=16)
def list_cabs(packed):
    """The same metadata is public at most points."""
    xml = subprocess.run(["zstd", "-dc"], input=packed, capture_output=True, check=True).stdout.decode()
    return re.findall(r"/cabs/([0-9a-f]{64})\.cab", xml)


def check_tree(mirror):
    """What is public is whole: every file that the signed description names, and every cab."""
    public = mirror.root / "public"
    description = mirror.document(".well-known/ucupdates.json")
    files = [description["policy"]]
    for remote in description["remotes"]:
        files += [remote["metadata"], remote["signature"]]
    for file in files:
        assert sha256(public / file["path"]) == file["sha256"]
    cabs = list_cabs((public / "testing/firmware.xml.zst").read_bytes())
    assert cabs
    for cab in cabs:
        assert sha256(public / "cabs" / f"{cab}.cab") == cab
    return description["serial"]


def check_database(mirror):
    """Whole, and each package in it is on the disk as it was imported; their states by id."""
    database = sqlite3.connect(mirror.root / "mirror.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    states = dict(database.execute("SELECT substr(sha256, 1, 12), state FROM packages"))
    for (digest,) in database.execute("SELECT sha256 FROM packages"):
        assert sha256(mirror.root / "packages" / digest / "original.cab") == digest
        assert (mirror.root / "packages" / digest / "metainfo.xml").exists()
    database.close()
    return states


def checkpoint(mirror):
    """Nothing is in the log beside the database, so that a copy of the directory is whole."""
    database = sqlite3.connect(mirror.root / "mirror.db")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def copy(mirror, path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    subprocess.run(["cp", "-a", mirror.root, path / "root"], check=True)
    return Mirror(path)


def choose_points(total, most):
    step = int(os.environ.get("UC_FAULT_STEP", 0)) or -(-total // most)
    return range(1, total + 1, step)


def count_points(mirror, command, path, most, **kwargs):
    """How many calls there are, and which of them to try."""
    counted = copy(mirror, path / "count")
    done = run_with_fault(counted, command, 0, "kill", path / "calls", **kwargs)
    assert done.returncode == 0, done.stderr
    total = int((path / "calls").read_text())
    return total, choose_points(total, most)
