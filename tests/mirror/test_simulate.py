# SPDX-License-Identifier: LGPL-2.1-or-later
"""What would become of a publication."""
import datetime
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from mirrorlab import Service

COUNT = 128


@pytest.fixture(scope="module")
def _fleet(tmp_path_factory):
    from mirrorlab import Mirror
    made = Mirror(tmp_path_factory.mktemp("fleet"))
    made.run("init", "--organisation=room.example")
    made.run("approve", made.add_version("1.1.0")["id"])
    made.run("publish")
    service = Service(made)
    for first in range(0, COUNT, 64):
        endpoints = [{"id": f"codec-{n}", "vendor": "acme", "model": "icon400", "serial": f"AC{n}",
                      "hardware_level": "2", "modules": [{"name": "application",
                                                          "version": "1.1.0"}]}
                     for n in range(first, first + 64)]
        assert service.post("/v1/check-in", {"format": "ucupdates-checkin-1",
                                             "endpoints": endpoints}).status == 200
    assert service.stop() == 0
    return made


@pytest.fixture
def fleet(_fleet):
    yield _fleet
    for rules in (_fleet.root / "rules.d").glob("50.conf"):
        rules.unlink()


def time_of(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def simulate(mirror, *options):
    return mirror.json("simulate", "--zone=UTC", *options)


def test_nothing_to_do(fleet):
    got = simulate(fleet)
    assert (got["endpoints"], got["changes"], got["hours"]) == (COUNT, [], [])
    assert f"Of {COUNT} endpoints none would be updated" in fleet.run("simulate")


def test_a_planned_approval(fleet):
    package = fleet.add_version("1.2.0")
    fleet.rules("[Policy]\nWindows=22:00-02:00\nPollSec=3600\n")
    with sqlite3.connect(fleet.root / "mirror.db") as database:
        before = list(database.iterdump())
    assert simulate(fleet)["changes"] == []
    got = simulate(fleet, f"--approve={package['id']}")
    (change,) = got["changes"]
    assert (change["endpoints"], change["not_within"]) == (COUNT, 0)
    assert (change["installed"], change["version"]) == ("1.1.0", "1.2.0")
    start, first, last = (time_of(t) for t in (got["start"], change["first"], change["last"]))
    assert start <= first <= last <= start + datetime.timedelta(days=2)
    for moment in (first, last):
        assert moment.hour >= 22 or moment.hour < 2, moment
    assert sum(h["downloads"] for h in got["hours"]) == COUNT
    assert sum(h["updated"] for h in got["hours"]) == COUNT
    assert sum(h["size_bytes"] for h in got["hours"]) == COUNT * package["size_bytes"]
    assert got["hours"][0]["check_ins"] == COUNT
    assert all(h["updated"] == 0 for h in got["hours"]
               if time_of(h["start"]).hour in range(3, 21)), "outside of the window"
    with sqlite3.connect(fleet.root / "mirror.db") as database:
        assert list(database.iterdump()) == before
    fleet.run("reject", package["id"])
    assert "'--approve' takes only one that is pending" in fleet.run(
        "simulate", f"--approve={package['id']}", status=1)


def test_rollout_and_windows(fleet):
    package = fleet.add_version("1.3.0")
    approve = f"--approve={package['id']}"
    fleet.rules("[Policy]\nPollSec=600\nWindows=00:00-24:00\nRolloutSec=345600\n"
                "RolloutPercent=50\n")
    (change,) = simulate(fleet, approve)["changes"]
    assert COUNT * 0.3 < change["not_within"] < COUNT * 0.7
    span = time_of(change["last"]) - time_of(change["first"])
    assert datetime.timedelta(days=2) < span < datetime.timedelta(days=5)
    fleet.rules("[Policy]\nWindows=never\n")
    got = simulate(fleet, approve, "--days=3")
    assert got["changes"][0]["not_within"] == COUNT and "first" not in got["changes"][0]
    assert sum(h["downloads"] for h in got["hours"]) == COUNT, "fetched, and never applied"
    fleet.rules("[Policy]\nBlockedVersions=1.3.0\n")
    assert simulate(fleet, approve)["changes"] == [], "on offer for nobody"
    free = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=4)
    before = free - datetime.timedelta(days=1)
    fleet.rules("[Policy]\nPollSec=600\nWindows=00:00-24:00\n"
                f"BlockedDates=2020-01-01/{before:%Y-%m-%d}\n")
    (change,) = simulate(fleet, approve)["changes"]
    assert change["first"].startswith(f"{free:%Y-%m-%d}"), "the first day that is not blocked"
    fleet.run("reject", package["id"])


def test_the_zone_counts(fleet):
    package = fleet.add_version("1.4.0")
    fleet.rules("[Policy]\nWindows=22:00-23:00\nPollSec=600\n")
    got = fleet.json("simulate", "--zone=Asia/Tokyo", f"--approve={package['id']}")
    assert time_of(got["changes"][0]["first"]).hour == 13
    fleet.run("reject", package["id"])


def test_picture_and_table(fleet):
    package = fleet.add_version("1.5.0")
    picture = fleet.path / "load.svg"
    words = fleet.run("simulate", "--zone=UTC", f"--approve={package['id']}",
                      f"--svg={picture}").split()
    assert words[:8] == ["ENDPOINTS", "VENDOR", "MODEL", "INSTALLED", "VERSION", "FIRST", "LAST",
                         "NOT"] and str(COUNT) in words and "MBIT/S" in words
    root = ElementTree.parse(picture).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == space + "svg"
    points = root.find(space + "polyline").get("points").split()
    heights = [float(p.split(",")[1]) for p in points]
    assert heights == sorted(heights, reverse=True) and heights[-1] == 60.0
    assert len(root.findall(space + "rect")) > 1
    texts = [text.text for text in root.findall(space + "text")]
    for text in (f"Endpoints updated (line): {COUNT} in the end", "5 check-ins in an hour",
                 "Downloaded in an hour (bars): at most 0 MB", "Time (UTC)", str(COUNT)):
        assert text in texts, texts
    if shutil.which("xmllint") is not None:
        subprocess.run(["xmllint", "--noout", picture], check=True)
    fleet.run("reject", package["id"])


def test_sentences(fleet):
    assert "--days is 0, expected 1 to 60" in fleet.run("simulate", "--days=0", status=2)
    assert "there is no package 'ffffff'" in fleet.run("simulate", "--approve=ffffff", status=1)
    for name in ("Mars", "Mars/Base"):
        assert f"there is no time zone '{name}', expected a name of tzdata such as Europe/Berlin" \
            in fleet.run("simulate", f"--zone={name}", status=1)
    assert "'../etc/passwd' is no name of a time zone" in fleet.run(
        "simulate", "--zone=../etc/passwd", status=1)
    assert fleet.path.joinpath("x").exists() is False
    assert "/nowhere/" in fleet.run("simulate", "--svg=/nowhere/x.svg", status=1)
