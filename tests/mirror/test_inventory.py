# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the administrator sees of the endpoints, and how they are forgotten."""
import csv
import io
import sqlite3

import pytest

from mirrorlab import cab_of
from test_reports import check_in, report


@pytest.fixture
def fleet(service):
    for serial, version in (("AC2", "1.1.0"), ("AC10", "1.0.0"), ("AC1", "1.0.0")):
        check_in(service, serial, version)
    return service


def serials(mirror, *options):
    return [e["serial"] for e in mirror.json("endpoints", *options)["endpoints"]]


def test_filter_and_sort(fleet):
    mirror = fleet.mirror
    assert serials(mirror, "--sort=id") == ["AC2", "AC10", "AC1"]
    assert serials(mirror, "--sort=version") == ["AC1", "AC10", "AC2"]
    assert serials(mirror, "--where=serial=ac1*", "--sort=serial") == ["AC1", "AC10"]
    assert serials(mirror, "--where=version=1.1.0", "--where=model=ICON400") == ["AC2"]
    assert mirror.run("endpoints", "--columns=serial,version", "--where=id=1").split() == [
        "SERIAL", "VERSION", "AC2", "1.1.0"]
    for option, sentence in (("--sort=size", "there is no column 'size', expected one of: id,"),
                             ("--where=serial", "'serial' is no condition"),
                             ("--columns=serial,x", "there is no column 'x'"),
                             ("--columns=", "there is no column ''")):
        assert sentence in mirror.run("endpoints", option, status=2)


def test_csv_is_read_by_others_and_runs_nothing(fleet):
    mirror = fleet.mirror
    check_in(fleet, '=cmd|"x",y')
    rows = list(csv.DictReader(io.StringIO(mirror.run("endpoints", "--csv",
                                                      "--columns=serial,model"))))
    assert {row["serial"] for row in rows} == {"AC1", "AC2", "AC10", '\'=cmd|"x",y'}
    assert {row["model"] for row in rows} == {"icon400"}


def test_blocked_says_why_and_since_when(fleet):
    mirror, sha256 = fleet.mirror, cab_of(fleet.mirror).name[:-4]
    assert serials(mirror, "--blocked") == []
    mirror.rules("[Policy]\nHaltMinimum=1\n")
    report(fleet, "AC1", "failed", sha256, message="no boot")
    mirror.run("publish")
    blocked = mirror.json("endpoints", "--blocked")["endpoints"]
    assert {e["serial"]: e["blocked"] for e in blocked} == {
        "AC1": "1.1.0 is halted, it failed on 1 of 1",
        "AC10": "1.1.0 is halted, it failed on 1 of 1"}
    assert all(e["blocked_since"].endswith("Z") for e in blocked)
    assert "is halted" in mirror.run("endpoints", "--blocked")
    assert "Blocked by" in mirror.run("endpoint", "AC1")


def test_every_version_ever(fleet):
    check_in(fleet, "AC1", "0.9.0")
    check_in(fleet, "AC1", "1.0.0")
    versions = fleet.mirror.json("endpoint", "AC1")["versions"]
    assert sorted((v["module"], v["version"]) for v in versions) == [
        ("application", "0.9.0"), ("application", "1.0.0")]
    assert "0.9.0" in fleet.mirror.run("endpoint", "AC1")


def rows(mirror, identity):
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        return sum(database.execute(f"SELECT count(*) FROM {table} WHERE identity LIKE ?",
                                    (f"%{identity}",)).fetchone()[0]
                   for table in ("endpoints", "versions", "offers", "votes", "reports"))


def test_forget(fleet):
    mirror = fleet.mirror
    report(fleet, "AC1", "failed", cab_of(mirror).name[:-4])
    assert rows(mirror, "/AC1") == 5
    mirror.run("forget", "AC1")
    assert rows(mirror, "/AC1") == 0
    assert "there is no endpoint 'AC1'" in mirror.run("forget", "AC1", status=1)
    assert "AC1" not in str(mirror.json("audit"))
    assert mirror.json("audit")["acts"][-1]["act"] == "forget"
    assert sorted(serials(mirror)) == ["AC10", "AC2"]


def test_retention(fleet):
    mirror = fleet.mirror
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        for table, column in (("endpoints", "last_seen_secs"), ("versions", "last_secs"),
                              ("offers", "offered_secs")):
            database.execute(f"UPDATE {table} SET {column} = {column} - 11 * 86400"
                             " WHERE identity LIKE '%/AC1'")
    mirror.run("publish")
    assert len(serials(mirror)) == 3, "nothing is forgotten without a rule"
    mirror.rules("[Publish]\nRetentionDays=12\n")
    mirror.run("publish")
    assert len(serials(mirror)) == 3
    mirror.rules("[Publish]\nRetentionDays=10\n")
    mirror.run("publish")
    assert sorted(serials(mirror)) == ["AC10", "AC2"] and rows(mirror, "/AC1") == 0


def test_what_the_policy_says_is_blocked(fleet):
    """never-idle and its like, from endpoints that have something to install."""
    for serial, state, reports in (("AC2", "staged", ["never-idle", "no-source"]),
                                   ("AC3", "in-use", ["source-busy"]),
                                   ("AC4", "in-use", []),
                                   ("AC10", "current", ["no-source"]),
                                   ("AC1", "staged", ["forced"])):
        got = fleet.post("/v1/check-in", {
            "format": "ucupdates-checkin-1", "agent_version": "0.1.0", "machine_id": "a" * 64,
            "endpoints": [{"id": "codec", "vendor": "acme", "model": "icon400", "serial": serial,
                           "state": state, "reason": "somebody is here", "reports": reports}]})
        assert got.status == 200, got.body
    blocked = fleet.mirror.json("endpoints", "--blocked")["endpoints"]
    assert {e["serial"]: e["blocked"] for e in blocked} == {
        "AC2": "never-idle, no-source: somebody is here",
        "AC3": "source-busy: somebody is here", "AC4": "in-use: somebody is here"}
    assert all(e["blocked_since"].endswith("Z") for e in blocked)
    for wrong in (["Never idle"], [""], [1], ["a"] * 17, "never-idle"):
        got = fleet.post("/v1/check-in", {
            "format": "ucupdates-checkin-1", "agent_version": "0.1.0", "machine_id": "a" * 64,
            "endpoints": [{"id": "codec", "vendor": "acme", "model": "icon400", "serial": "AC2",
                           "reports": wrong}]})
        assert got.status in (400, 413), wrong
