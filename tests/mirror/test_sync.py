# SPDX-License-Identifier: LGPL-2.1-or-later
"""Taking packages from another mirror."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

import package
from mirrorlab import PROGRAM
from upstream import ADDRESS, COMPONENT, NAME, NGINX, PORT, RELEASE, arguments

pytestmark = [pytest.mark.skipif(NGINX is None, reason="no nginx"),
              pytest.mark.skipif(shutil.which("jcat-tool") is None, reason="no jcat-tool")]


def kept(ours):
    """What lies in sync/, however deep."""
    return [path for path in (ours.root / "sync").rglob("*") if path.is_file()]


def sync(ours, upstream, *options):
    return ours.json(*arguments(upstream, *options))


def simple(upstream):
    upstream.cab("a.cab", "1.1.0")
    upstream.cab("b.cab", "1.2.0")
    upstream.cab("other.cab", "1.0.0", model="other")
    upstream.publish({"icon400": [("1.1.0", "a.cab", "a.cab"), ("1.2.0", "b.cab", "b.cab")],
                      "other": [("1.0.0", "other.cab", "other.cab")]})


def test_only_what_the_inventory_can_use(ours, upstream):
    simple(upstream)
    got = sync(ours, upstream)
    size = (upstream.tree / "b.cab").stat().st_size
    assert got == {"wanted": 1, "imported": 1, "present": 0, "left": 0, "refused": 0, "failed": 0,
                   "fetched_bytes": size}
    assert [(p["component_id"], p["version"], p["state"]) for p in ours.json("list")["packages"]] \
        == [("com.acme.icon400", "1.2.0", "pending")]
    assert upstream.log() == [(200, size, "/b.cab")]
    assert sync(ours, upstream)["present"] == 1
    assert len(upstream.log()) == 1 and not kept(ours)
    assert ours.json("audit")["acts"][-1]["act"] == "sync"
    ours.run("approve", ours.json("list")["packages"][0]["id"])
    ours.run("publish")
    assert len(list((ours.root / "public/cabs").iterdir())) == 1


def test_metadata_of_somebody_else(ours, upstream):
    simple(upstream)
    upstream.publish({"icon400": [("1.2.0", "b.cab", "b.cab")]}, key="payload")
    error = ours.run(*arguments(upstream), status=1)
    assert "firmware.xml.gz: the metadata is not signed by a CA in" in error
    simple(upstream)
    with open(upstream.tree / "firmware.xml.gz", "ab") as out:
        out.write(b"x")
    assert "not signed" in ours.run(*arguments(upstream), status=1)
    assert upstream.log() == [] and ours.states() == []


def test_another_certificate(ours, upstream):
    simple(upstream)
    (upstream.keys.root / "trust/tls/up.example.pem").write_bytes(
        (ours.root / "trust/tls/room.example.pem").read_bytes())
    ours.run(*arguments(upstream), status=1)
    assert upstream.log() == [] and ours.states() == []


def test_swapped_and_missing_cabs(ours, upstream):
    """An upstream that publishes in between: nothing of the state that is gone is taken."""
    simple(upstream)
    upstream.cab("b.cab", "1.2.0", payload=b"y" * 1000)
    error = ours.run(*arguments(upstream), status=1)
    assert "com.acme.icon400 1.2.0: " in error
    (upstream.tree / "b.cab").unlink()
    assert "com.acme.icon400 1.2.0: " in ours.run(*arguments(upstream), status=1)
    assert ours.states() == []
    assert not any(p.suffix in (".cab", ".part") for p in kept(ours))
    upstream.cab("b.cab", "1.2.0", payload=b"y" * 1000)
    upstream.publish({"icon400": [("1.2.0", "b.cab", "b.cab")]})
    assert sync(ours, upstream)["imported"] == 1
    assert not kept(ours)


def test_older_metadata_is_refused(ours, upstream):
    simple(upstream)
    old = {name: (upstream.tree / name).read_bytes()
           for name in ("firmware.xml.gz", "firmware.xml.gz.jcat")}
    sync(ours, upstream)
    signed = int(time.time())
    while int(time.time()) <= signed:
        time.sleep(0.05)
    simple(upstream)
    sync(ours, upstream)
    for name, data in old.items():
        (upstream.tree / name).write_bytes(data)
    assert "before what was seen last" in ours.run(*arguments(upstream), status=1)


def yesterday(ours):
    with sqlite3.connect(ours.root / "mirror.db") as database:
        (text,) = database.execute("SELECT value FROM meta WHERE key = 'sync_budget'").fetchone()
        day, used = map(int, text.split())
        database.execute("UPDATE meta SET value = ? WHERE key = 'sync_budget'",
                         (f"{day - 1} {used}",))
    return used


def test_budget_of_a_day(ours, upstream):
    cab = upstream.cab("big.cab", "1.2.0", payload=os.urandom(1_500_000))
    size = cab.stat().st_size
    upstream.publish({"icon400": [("1.2.0", "big.cab", "big.cab")]})
    first = sync(ours, upstream, "--budget-mb=1")
    assert (first["left"], first["imported"]) == (1, 0)
    assert 1_000_000 <= first["fetched_bytes"] < 1_200_000
    again = sync(ours, upstream, "--budget-mb=1")
    assert (again["left"], again["fetched_bytes"]) == (1, 0)
    assert "1 are left for tomorrow" in ours.run(*arguments(upstream, "--budget-mb=1"))
    assert ours.states() == []
    assert yesterday(ours) == first["fetched_bytes"]
    last = sync(ours, upstream, "--budget-mb=1")
    assert (last["imported"], last["fetched_bytes"]) == (1, size - first["fetched_bytes"])
    assert upstream.log()[-1][0] == 206


def test_killed_and_continued(ours, upstream):
    cab = upstream.cab("slow/big.cab", "1.2.0", payload=os.urandom(1_500_000))
    size = cab.stat().st_size
    upstream.publish({"icon400": [("1.2.0", "slow/big.cab", "slow/big.cab")]})
    process = subprocess.Popen([PROGRAM, f"--root={ours.root}", *arguments(upstream)],
                               stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not any(p.stat().st_size for p in kept(ours) if p.suffix == ".part"):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (part,) = [p for p in kept(ours) if p.suffix == ".part"]
    had = part.stat().st_size
    assert 0 < had < size and ours.states() == []
    got = sync(ours, upstream)
    assert (got["imported"], got["fetched_bytes"]) == (1, size - had)


def test_two_at_once(ours, upstream):
    """The second one waits for the first, and finds what it fetched."""
    cab = upstream.cab("slow/big.cab", "1.2.0", payload=os.urandom(600_000))
    upstream.publish({"icon400": [("1.2.0", "slow/big.cab", "slow/big.cab")]})
    command = [PROGRAM, f"--root={ours.root}", *arguments(upstream), "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)]
    said = [one.communicate(timeout=120) for one in both]
    assert sum(size for status, size, _ in upstream.log()) == cab.stat().st_size
    done = [json.loads(out) for one, (out, _) in zip(both, said) if one.returncode == 0]
    assert sum(one["imported"] for one in done) == 1
    for one, (_, error) in zip(both, said):
        # where the first one takes longer than a command waits
        assert one.returncode == 0 or "another command is at work on this mirror" in error
    assert ours.states() == ["pending"]


def test_what_cannot_be_imported_is_fetched_once(ours, upstream):
    bad = upstream.tree / "bad.cab"
    bad.write_bytes(b"no cab")
    upstream.publish({"icon400": [("1.2.0", "bad.cab", "bad.cab")]})
    done = subprocess.run([PROGRAM, f"--root={ours.root}", *arguments(upstream)],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, "is no cab" in done.stderr) == (0, True)
    again = subprocess.run([PROGRAM, f"--root={ours.root}", *arguments(upstream)],
                           capture_output=True, text=True, timeout=60)
    assert (again.returncode, again.stderr) == (0, done.stderr), "still with the reason"
    assert sync(ours, upstream)["refused"] == 1
    assert len(upstream.log()) == 1
    # another version of the program may take it
    (marker,) = (ours.root / "sync").rglob("*.refused")
    marker.write_text("0.0.1\n" + marker.read_text().split("\n", 1)[1])
    assert sync(ours, upstream)["refused"] == 1
    assert len(upstream.log()) == 2


@pytest.mark.parametrize("location", ["http://{name}:{port}/b.cab", "file:///etc/passwd",
                                      "https://user@{name}:{port}/b.cab", "https:///b.cab"])
def test_locations(ours, upstream, location):
    upstream.cab("b.cab", "1.2.0")
    location = location.format(name=NAME, port=PORT)
    upstream.publish({"icon400": [("1.2.0", location, "b.cab")]})
    assert "is no address to fetch from" in ours.run(*arguments(upstream), status=1)
    assert ours.states() == []


def test_absolute_location(ours, upstream):
    upstream.cab("b.cab", "1.2.0")
    upstream.publish({"icon400": [("1.2.0", f"https://{NAME}:{PORT}/b.cab", "b.cab")]})
    assert sync(ours, upstream)["imported"] == 1


def test_from_another_mirror_of_ours(ours, upstream):
    """Its published tree, zstd and all, is a source as it is."""
    upstream.keys.rules(f"[Publish]\nInternalUrl=https://{NAME}:{PORT}/\n")
    upstream.keys.run("approve", upstream.keys.add_version("1.3.0")["id"])
    upstream.keys.run("publish")
    shutil.copytree(upstream.keys.root / "public", upstream.tree, dirs_exist_ok=True)
    got = ours.json(*arguments(upstream, url=f"https://{NAME}:{PORT}/firmware.xml.zst"))
    assert got["imported"] == 1
    assert ours.json("list")["packages"][0]["version"] == "1.3.0"


def test_more_than_the_limit_is_said(ours, upstream):
    """A part of what there is would pass for all of it."""
    one = COMPONENT.format(
        id="com.acme.icon400", guid=package.guid("UC\\VEN_acme&MODEL_icon400&HW_2"),
        releases=RELEASE.format(version="1.0.0", location="a.cab", sha256="0" * 64, size=1))
    upstream.publish_text(f"<components>{one * 50001}</components>")
    assert "the metadata has more than 50000 releases for the hardware of the inventory" in \
        ours.run(*arguments(upstream), status=1)
    assert not kept(ours) and not upstream.log()


def test_sentences(ours, upstream):
    assert "--budget-mb is 0, expected 1 to" in ours.run(*arguments(upstream, "--budget-mb=0"),
                                                         status=2)
    assert "is no address to fetch from" in ours.run(
        *arguments(upstream, url=f"http://{NAME}/firmware.xml.gz"), status=1)
    assert ours.run(*arguments(upstream, "--anchors=/nowhere", purpose="tls"), status=1) == (
        "ucupdates-mirror: /nowhere is not there, expected a directory of CAs that sign the metadata; name "
        "it by --anchors=DIR, or install fwupd, which brings those of the LVFS\n")
    said = ours.run(*arguments(upstream, url=f"https://{ADDRESS}:{PORT}/firmware.xml.gz"), status=1)
    assert "certificate" in said and "resolving" not in said, said
    assert "404" in ours.run(*arguments(upstream), status=1)
