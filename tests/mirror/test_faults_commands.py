# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kill -9, and a full disk, while an administrator decides, changes keys or lets somebody in: what is
public stays whole, endpoints accept whatever is published next, and the command can be run again.

A normal run takes a few points of each command; UC_FAULT_STEP=1 takes every one, torn writes too.
"""
import base64
import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from faultlab import (check_database, check_ended, check_tree, checkpoint, copy, count_points,
                      fixture_tmp_path, memory,  # noqa: F401
                      run_with_fault)
from mirrorlab import Mirror
from upstream import NGINX, arguments

#: so many points at most in a normal run of one command
POINTS_MAX = {"kill": 2, "torn": 2, "full": 1}
MODES = ("kill", "torn", "full") if "UC_FAULT_STEP" in os.environ else ("kill", "full")
PASSWORD = "a long enough password\n"
KEYS = ".well-known/ucupdates-keys.json"


class Base:
    """One version that was approved before, one that is, one pending; a CA for payloads to come."""

    def __init__(self, path):
        self.mirror = mirror = Mirror(path)
        mirror.run("init", "--organisation=room.example")
        self.ids = [mirror.add_version(f"1.{n}.0")["id"] for n in (1, 2)]
        for package in self.ids:
            mirror.run("approve", package)
        mirror.run("test-device", "add", "AC1")
        mirror.run("access", "add", "guest", input=PASSWORD)
        mirror.run("key", "rotate", "payload", "--ca")
        mirror.run("publish")
        self.ids.append(mirror.add_version("1.3.0")["id"])
        checkpoint(mirror)


@pytest.fixture(scope="module")
def base(memory):
    (memory / "base").mkdir()
    return Base(memory / "base")


def states(base, mirror):
    found = check_database(mirror)
    return [found[package] for package in base.ids]


def users(mirror):
    return [user["name"] if isinstance(user, dict) else user
            for user in mirror.json("access", "list")["users"]]


def pins(mirror):
    return [(m["model"], m["use_version"]) for m in mirror.policy().get("models", [])]


BEFORE = ["restore", "approved", "pending"]
#: command, what it makes of the packages, and what a second run may say against it
DECISIONS = {
    "approve": (lambda b: ["approve", b.ids[2]], ["retired", "restore", "approved"], "is approved"),
    "restore": (lambda b: ["restore", b.ids[0]], ["approved", "pending", "pending"], "is approved"),
    "reject": (lambda b: ["reject", b.ids[2]], ["restore", "approved", "rejected"], "is rejected"),
    "use-version": (lambda b: ["use-version", "acme/icon400", "1.1.0"], BEFORE, None),
    "test-device": (lambda b: ["test-device", "add", "AC2"], BEFORE, None),
    "no-test-device": (lambda b: ["test-device", "remove", "AC1"], BEFORE, "AC1"),
}
KEY_COMMANDS = [
    ["key", "rotate", "documents"], ["key", "rotate", "tls"], ["key", "rotate", "tls", "--ca"],
    ["key", "rotate", "payload", "--finish"], ["key", "revoke", "metadata"],
    ["key", "revoke", "documents"], ["key", "revoke", "payload"], ["key", "sign"]]


def try_everywhere(base, tmp_path, command, mode, check, more=0, **kwargs):
    """check(mirror, over) after each fault, and after the command was run again."""
    total, points = count_points(base.mirror, command, tmp_path, POINTS_MAX[mode] + more,
                                 **kwargs)
    assert total > 5
    ended = 0
    for at in points:
        mirror = copy(base.mirror, tmp_path / "mirror")
        before = check_tree(mirror)
        done = run_with_fault(mirror, command, at, mode, **kwargs)
        where = f"{' '.join(command)} {mode} at {at} of {total}: {done.stderr}"
        check_ended(done, mode, where)
        ended += done.returncode != 0
        assert check_tree(mirror) == before, where
        check(mirror, False, where)
        again = run_with_fault(mirror, command, 0, mode, **kwargs)
        check(mirror, True, f"{where}, then {again.returncode} {again.stderr}", again)
    print(f"# {' '.join(command)}: {total} points, {len(points)} of them tried with '{mode}', "
          f"{ended} ended the command")
    assert ended > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", DECISIONS)
def test_decisions(base, tmp_path, name, mode):
    make, after, sentence = DECISIONS[name]

    def check(mirror, over, where, again=None):
        found = states(base, mirror)
        assert found in (BEFORE, after), where
        if not over:
            return
        assert again.returncode == 0 or (sentence and sentence in again.stderr), where
        assert found == after, where
        mirror.run("publish")
        check_tree(mirror)
        if name in ("use-version", "restore"):
            assert pins(mirror) == [("icon400", "1.1.0")], where
        if name.endswith("test-device"):
            devices = {"test-device": ["AC1", "AC2"], "no-test-device": None}[name]
            assert mirror.policy().get("test_devices") == devices, where
    try_everywhere(base, tmp_path, make(base), mode, check)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["add", "remove"])
def test_access(base, tmp_path, name, mode):
    """The file of the users is the one before or the one after; nobody's password is lost."""
    command = ["access", "add", "other"] if name == "add" else ["access", "remove", "guest"]
    after = ["guest", "other"] if name == "add" else []
    hashes = (base.mirror.root / "access").read_text()

    def check(mirror, over, where, again=None):
        assert users(mirror) in (["guest"], after), where
        text = (mirror.root / "access").read_text()
        assert not text or text.startswith(hashes), where
        if not over:
            return
        assert again.returncode == 0 or "there is no user" in again.stderr, where
        assert users(mirror) == after, where
        assert (mirror.root / "access").stat().st_mode & 0o777 == 0o600
    try_everywhere(base, tmp_path, command, mode, check,
                   **({"input": PASSWORD} if name == "add" else {}))


def openssl(*args):
    return subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True)


def check_envelope(mirror, name, roots):
    envelope = json.loads((mirror.root / "public" / name).read_text())
    signature, payload = mirror.path / "signature.p7", mirror.path / "payload"
    signature.write_text(envelope["signature"])
    payload.write_bytes(base64.b64decode(envelope["payload"]))
    done = openssl("cms", "-verify", "-inform", "PEM", "-in", signature, "-content", payload,
                   "-binary", "-purpose", "any", "-CAfile", roots, "-out", os.devnull)
    assert done.returncode == 0, (name, done.stderr)
    return json.loads(payload.read_text())


@functools.lru_cache(maxsize=256)
def is_pair(roots, certificate, key):
    """Whether the certificate is one below these CAs, and of that key; most are the same at every point."""
    with tempfile.TemporaryDirectory() as path:
        for name, data in (("roots", roots), ("pem", certificate), ("key", key)):
            pathlib.Path(path, name).write_bytes(data)
        if openssl("verify", "-CAfile", f"{path}/roots", f"{path}/pem").returncode != 0:
            return False
        certified = openssl("x509", "-in", f"{path}/pem", "-noout", "-pubkey").stdout
        return certified == openssl("pkey", "-in", f"{path}/key", "-pubout").stdout != ""


@functools.lru_cache(maxsize=256)
def is_trusted(cab, anchors):
    """Whether one of these CAs has signed what is in a cab; it takes one of them at a time."""
    with tempfile.TemporaryDirectory() as path:
        pathlib.Path(path, "a.cab").write_bytes(cab)
        subprocess.run(["gcab", "--extract", "--directory", path, f"{path}/a.cab"], check=True, capture_output=True)
        for anchor in anchors:
            pathlib.Path(path, "anchor.pem").write_bytes(anchor)
            if jcat(f"{path}/anchor.pem", "--target=sha256", "verify", "firmware.jcat", cwd=path):
                return True
    return False


def check_endpoint(mirror, where):
    """Whoever has the recovery anchor accepts all that is public, by keys.json alone."""
    (recovery,) = (mirror.root / "trust/recovery").iterdir()
    keys = check_envelope(mirror, KEYS, recovery)
    public = mirror.root / "public"
    for purpose, pems in keys["anchors"].items():
        roots, leaf = mirror.path / f"{purpose}.roots", mirror.root / "keys" / purpose / "leaf"
        roots.write_text("".join(pems))
        assert is_pair(roots.read_bytes(), leaf.with_suffix(".pem").read_bytes(),
                       leaf.with_suffix(".key").read_bytes()), (where, purpose)
    for name in ("policy.json", ".well-known/ucupdates.json"):
        body = check_envelope(mirror, name, mirror.path / "documents.roots")
        assert body["serial"] >= keys["serial_epoch"], where
    for directory in (public, public / "testing"):
        assert any(jcat(pem, "verify", "firmware.xml.zst.jcat", cwd=directory)
                   for pem in split(mirror, "metadata")), where
    anchors = tuple(pem.read_bytes() for pem in split(mirror, "payload"))
    for cab in (public / "cabs").iterdir():
        assert is_trusted(cab.read_bytes(), anchors), where


def jcat(anchor, *args, cwd):
    """It takes one CA at a time."""
    return subprocess.run(["jcat-tool", f"--public-key={anchor}", *args], cwd=cwd,
                          capture_output=True).returncode == 0


def split(mirror, purpose):
    """A file for each CA of a purpose."""
    found = []
    for n, pem in enumerate((mirror.path / f"{purpose}.roots").read_text().split("-----BEGIN")[1:]):
        found.append(mirror.path / f"{purpose}-{n}.pem")
        found[-1].write_text("-----BEGIN" + pem)
    return found


@pytest.mark.skipif(shutil.which("jcat-tool") is None, reason="no jcat-tool")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("command", KEY_COMMANDS, ids="-".join)
def test_keys(base, tmp_path, command, mode):
    def check(mirror, over, where, again=None):
        if over:
            assert again.returncode == 0 or "no other CA for payload is waiting" in again.stderr, \
                where
            mirror.run("publish")
            check_tree(mirror)
            check_endpoint(mirror, where)
            return
        # an administrator who does not run it again but publishes: whole, or refused with a reason
        first = copy(mirror, mirror.path.parent / "first")
        done = run_with_fault(first, ["publish"], 0, "kill")
        if done.returncode == 0:
            check_tree(first)
            check_endpoint(first, f"{where}; published at once")
        else:
            assert done.returncode == 1 and "again, which makes another one" in done.stderr, \
                (where, done.stderr)
    # where keys.json is ahead of the certificates, or these of the signatures of cabs
    more = 4 if "payload" in command and mode == "kill" else 0
    try_everywhere(base, tmp_path, command, mode, check, more)


@pytest.mark.skipif(NGINX is None or shutil.which("jcat-tool") is None, reason="no nginx, jcat-tool")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pass_on", [False, True], ids=["import", "pass-on"])
def test_sync(base, ours, upstream, tmp_path, pass_on, mode):
    """What came is whole or still to come; a state that is passed on is of one moment."""
    def offer(version):
        upstream.cab(f"{version}.cab", version)
        upstream.publish({"icon400": [(version, f"{version}.cab", f"{version}.cab")]})

    options = ["--pass-on=lvfs"] if pass_on else []
    offer("1.2.0")
    ours.run(*arguments(upstream, *options))
    ours.run("publish")
    checkpoint(ours)
    offer("1.3.0")
    command = arguments(upstream, *options)
    total, points = count_points(ours, command, tmp_path, POINTS_MAX[mode] + 1)
    for at in points:
        mirror = copy(ours, tmp_path / "mirror")
        done = run_with_fault(mirror, command, at, mode)
        where = f"sync {mode} at {at} of {total}: {done.stderr}"
        assert done.returncode in ((0, 1) if mode == "full" else (0, -9)), where
        check_database(mirror)
        for over in (False, True):
            if over:
                again = run_with_fault(mirror, command, 0, mode)
                assert again.returncode == 0, where + again.stderr
            mirror.run("publish")
            check_remote(mirror, upstream, pass_on, over, where)
        assert check_database(mirror) == {} if pass_on else len(check_database(mirror)) == 2, where
        left = [p for p in (mirror.root / "sync").rglob("*") if p.is_file()] if not pass_on else \
            [p for p in (mirror.root / "passed-on/lvfs").iterdir() if p.name in ("new", "current.new")]
        assert left == [], where
    print(f"# sync {'--pass-on' if pass_on else ''}: {total} points, {len(points)} tried, '{mode}'")


def check_remote(mirror, upstream, pass_on, over, where):
    if not pass_on:
        return
    directory = mirror.root / "public/remotes/lvfs"
    names = sorted(p.name for p in directory.iterdir())
    cab = names[0]
    assert names == [cab, "firmware.xml.gz", "firmware.xml.gz.jcat"], where
    assert cab == "1.3.0.cab" if over else cab in ("1.2.0.cab", "1.3.0.cab"), where
    assert (directory / cab).read_bytes() == (upstream.tree / cab).read_bytes(), where
    same = (directory / names[1]).read_bytes() == (upstream.tree / names[1]).read_bytes()
    assert same == (cab == "1.3.0.cab"), where
    anchor = upstream.keys.root / "trust/metadata/up.example.pem"
    done = subprocess.run(["jcat-tool", f"--public-key={anchor}", "verify", names[2]],
                          cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, where + done.stdout
