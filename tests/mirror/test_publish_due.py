# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the timer runs: it signs again before what is public expires, and does nothing needless."""
import os
import pathlib
import re
import shlex
import shutil
import sqlite3
import subprocess

import pytest

from mirrorlab import PROGRAM, cab_of
from test_reports import check_in, report
from test_together import faked

UNIT = pathlib.Path(os.environ["UC_MIRROR_TIMED_UNIT"])
DAY = 86400


def setting(name):
    """All values of a setting of the unit."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def timed(mirror, offset=None, prefix=(), status=0):
    """The unit's very command, for this mirror, on a machine whose clock is that far ahead."""
    (line,) = setting("ExecStart")
    program, root, *words = shlex.split(line)
    assert program.endswith("/bin/ucupdates-mirror") and root == "--root=/var/lib/ucupdates-mirror"
    command = [*prefix, PROGRAM, f"--root={mirror.root}", *words]
    if offset is not None:
        command = ["faketime", "-f", f"+{offset}s", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout if status == 0 else done.stderr


def state(mirror):
    """What is public, byte for byte, and what was ever done."""
    tree = os.readlink(mirror.root / "public")
    files = {path: path.read_bytes() for path in (mirror.root / tree).rglob("*") if path.is_file()}
    assert len(files) > 8
    return tree, files, mirror.json("audit")


def serial(mirror):
    return mirror.document(".well-known/ucupdates.json")["serial"]


@faked
@pytest.mark.parametrize("days", [30, 9, 1])
def test_a_third_is_left(service, days):
    mirror = service.mirror
    mirror.rules(f"[Publish]\nExpireDays={days}\n")
    mirror.run("publish")
    before = state(mirror)
    for offset in (0, DAY * days * 2 // 3 - 600):
        assert re.fullmatch(r"What is public counts until \d{4}-\d\d-\d\d \d\d:\d\d and is signed again "
                            r"from \d{4}-\d\d-\d\d \d\d:\d\d on; nothing was published\.\n",
                            timed(mirror, offset))
        assert state(mirror) == before
    expires = mirror.document("policy.json")["expires"]
    assert timed(mirror, DAY * days * 2 // 3 + 60).startswith("Published serial ")
    assert mirror.document("policy.json")["expires"] > expires
    again = state(mirror)
    timed(mirror, DAY * days * 2 // 3 + 900)
    assert state(mirror) == again, "once is enough"


@faked
def test_it_has_expired(service):
    """The machine was off for months."""
    before = serial(service.mirror)
    assert timed(service.mirror, 200 * DAY).startswith("Published serial ")
    assert serial(service.mirror) > before


def test_json(service):
    mirror = service.mirror
    told = mirror.json("publish", "--if-due")
    assert told.keys() == {"due", "due_from", "expires"} and told["due"] is False
    assert told["expires"] == mirror.document("policy.json")["expires"] > told["due_from"]


def test_nothing_for_the_first_time(mirror):
    """The administrator is not asked by a timer whether it is time to begin."""
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    assert timed(mirror) == (
        "Nothing was published yet; the first time is up to 'publish' without --if-due.\n")
    assert mirror.json("publish", "--if-due") == {"due": False}
    assert not (mirror.root / "public").is_symlink()


def test_what_was_decided_waits(service):
    mirror = service.mirror
    mirror.run("approve", mirror.add_version("1.2.0")["id"])
    before = state(mirror)
    timed(mirror)
    assert state(mirror) == before and check_in(service, "AC1")["updates"][0]["version"] == "1.1.0"


def test_the_tree_is_gone(service):
    """As after a restored backup, which has none."""
    mirror = service.mirror
    before = serial(mirror)
    for path in mirror.root.glob("tree-*"):
        shutil.rmtree(path)
    assert timed(mirror).startswith("Published serial ")
    assert serial(mirror) > before
    (mirror.root / "public").unlink()
    assert timed(mirror).startswith("Published serial ")


def test_the_tree_is_the_one_before(service):
    """As when the publication was killed just before it was done."""
    mirror = service.mirror
    before = os.readlink(mirror.root / "public")
    mirror.run("publish")
    (mirror.root / "public").unlink()
    (mirror.root / "public").symlink_to(before)
    assert timed(mirror).startswith("Published serial ")
    assert os.readlink(mirror.root / "public") == f"tree-{serial(mirror)}" != before
    again = state(mirror)
    timed(mirror)
    assert state(mirror) == again


def test_a_halt(service):
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=2\nHaltPercent=40\n")
    mirror.run("publish")
    for number in range(2):
        check_in(service, f"AC{number}")
    report(service, "AC0", "failed", sha256)
    before = serial(mirror)
    timed(mirror)
    assert serial(mirror) == before, "below the minimum number"
    report(service, "AC1", "failed", sha256)
    assert timed(mirror).startswith("Published serial ")
    assert mirror.policy()["models"][0]["rollouts"][0]["halted"] is True
    again = state(mirror)
    timed(mirror)
    assert state(mirror) == again, "it is halted already"


def test_a_halt_of_which_nobody_knows(service):
    """The publication that was to tell it failed; the next one is not put off until what is public expires."""
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=1\n")
    mirror.run("publish")
    check_in(service, "AC0")
    report(service, "AC0", "failed", sha256)
    key = mirror.root / "keys/metadata/leaf.key"
    key.rename(mirror.path / "away")
    before = serial(mirror)
    timed(mirror, status=1)
    assert (serial(mirror), mirror.json("list")["packages"][0]["halted"]) == (before, True)
    (mirror.path / "away").rename(key)
    assert timed(mirror).startswith("Published serial ")
    assert mirror.policy()["models"][0]["rollouts"][0]["halted"] is True
    again = state(mirror)
    timed(mirror)
    assert state(mirror) == again


def test_a_rule_that_is_wrong(service):
    """Told while there is time."""
    mirror = service.mirror
    mirror.rules("[Policy]\nIdleSec=soon\n")
    before = state(mirror)
    assert re.match(r"ucupdates-mirror: .*/rules\.d/50\.conf.*\[Policy\].*IdleSec.*soon",
                    timed(mirror, status=1))
    assert state(mirror) == before


def query(mirror, *words):
    database = sqlite3.connect(mirror.root / "mirror.db")
    with database:
        rows = database.execute(*words).fetchall()
    database.close()
    return rows


def test_who_was_not_seen_is_forgotten(service):
    mirror = service.mirror
    check_in(service, "AC1")
    check_in(service, "AC2")
    assert service.stop() == 0
    query(mirror, "UPDATE endpoints SET last_seen_secs = last_seen_secs - ? WHERE serial = 'AC1'",
          (2 * DAY,))
    before = serial(mirror)
    timed(mirror)
    assert len(mirror.json("endpoints")["endpoints"]) == 2
    mirror.rules("[Publish]\nRetentionDays=1\n")
    timed(mirror)
    assert [entry["serial"] for entry in mirror.json("endpoints")["endpoints"]] == ["AC2"]
    assert serial(mirror) == before


def test_a_database_of_before(service):
    """One in which it is not known yet until when what is public counts."""
    mirror = service.mirror
    query(mirror, "DELETE FROM meta WHERE key = 'expires_secs'")
    before = serial(mirror)
    assert timed(mirror).startswith("Published serial ")
    assert serial(mirror) > before
    before = state(mirror)
    timed(mirror)
    assert state(mirror) == before


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("setpriv") is None, reason="not root, or no setpriv")
def test_with_the_capabilities_of_the_unit(service):
    """Root, where the database and the directory around it are the service's, and nothing more."""
    mirror = service.mirror
    assert service.stop() == 0
    mirror.run("key", "sign")  # keys.json has a say about each certificate, also that of TLS
    for path in (mirror.root, *mirror.root.glob("mirror.db*"), mirror.root / "keys/tls",
                 *mirror.root.glob("keys/tls/leaf.*")):
        os.chown(path, 65534, 65534)
    shutil.rmtree(mirror.root / os.readlink(mirror.root / "public"))
    for path in setting("InaccessiblePaths"):
        path = mirror.root / path.removeprefix("-/var/lib/ucupdates-mirror/")
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    (names,) = setting("CapabilityBoundingSet")
    bounding = ",".join("+" + name.removeprefix("CAP_").lower() for name in names.split())
    assert timed(mirror, prefix=("setpriv", f"--bounding-set=-all,{bounding}", "--no-new-privs")
                 ).startswith("Published serial ")
    for path in mirror.root.glob("mirror.db*"):
        assert path.stat().st_uid == 65534, f"{path} is not the service's any more"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_sandbox():
    text = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT],
                          capture_output=True, text=True, timeout=60).stdout
    score = float(re.search(r"exposure level for .*: ([0-9.]+)", text).group(1))
    print(f"# systemd-analyze security: {score}")
    assert score <= 2.0, text
