# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which reports count, and what follows from them."""
import json
import uuid

from mirrorlab import cab_of


def check_in(service, serial, version="1.0.0"):
    got = service.post("/v1/check-in", {
        "format": "ucupdates-checkin-1", "agent_version": "0.1.0", "machine_id": "a" * 64,
        "endpoints": [{"id": "codec", "vendor": "acme", "model": "icon400", "hardware_level": "2",
                       "serial": serial,
                       "modules": [{"name": "application", "version": version}]}]})
    assert got.status == 200, got.body
    return json.loads(got.body)


def report(service, serial, event, sha256, **kwargs):
    got = service.post("/v1/report", {
        "format": "ucupdates-report-1", "uuid": str(uuid.uuid4()), "machine_id": "a" * 64,
        "endpoint": {"id": "codec", "vendor": "acme", "model": "icon400", "serial": serial},
        "event": event, "version_old": "1.0.0", "version_new": "1.1.0", "sha256": sha256,
        **kwargs})
    assert got.status == 200, got.body


def halted(mirror):
    mirror.run("publish")
    return mirror.json("list")["packages"][0]["halted"]


def test_failures_halt_a_rollout(service):
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=5\nHaltPercent=40\n")
    for number in range(5):
        assert check_in(service, f"AC{number}")["downloads"] == 1
    for number in range(4):
        report(service, f"AC{number}", "failed", sha256, message="no boot")
    assert not halted(mirror), "below the minimum number"
    report(service, "AC4", "success", sha256)
    assert halted(mirror)
    assert mirror.policy()["models"][0]["rollouts"][0]["halted"] is True
    assert check_in(service, "AC9")["downloads"] == 0
    assert "halted" in mirror.run("list")
    assert mirror.json("audit")["acts"][-2]["act"] == "halted by its failures"
    assert "4 of 5" in mirror.json("audit")["acts"][-2]["subject"]


def test_at_the_threshold_it_goes_on(service):
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Model acme/icon400]\nHaltMinimum=5\nHaltPercent=40\n")
    for number in range(5):
        check_in(service, f"AC{number}")
        report(service, f"AC{number}", "failed" if number < 2 else "success", sha256)
    assert not halted(mirror)
    check_in(service, "AC5")
    report(service, "AC5", "failed", sha256)
    assert halted(mirror)


def test_only_who_was_offered_it_votes_and_once(service):
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=2\nHaltPercent=1\n")
    for number in range(20):
        report(service, f"XX{number}", "failed", sha256)
    check_in(service, "AC1", version="1.1.0")  # has it already, so it was not offered
    report(service, "AC1", "failed", sha256)
    check_in(service, "AC2")
    same = str(uuid.uuid4())
    for _ in range(3):
        report(service, "AC2", "failed", sha256, uuid=same)
        report(service, "AC2", "failed", sha256)
        report(service, "AC2", "failed", "0" * 64)
    report(service, "AC2", "staged", sha256)
    assert not halted(mirror), "one vote"
    check_in(service, "AC3")
    report(service, "AC3", "activated", sha256)
    assert not halted(mirror), "activated is no vote"
    report(service, "AC3", "success", sha256)
    assert halted(mirror)


def test_restored_and_approved_again_starts_over(service):
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=1\nHaltPercent=1\n")
    check_in(service, "AC1")
    report(service, "AC1", "failed", sha256)
    assert halted(mirror)
    first = mirror.json("list")["packages"][0]["id"]
    mirror.run("approve", mirror.add_version("1.2.0")["id"])
    mirror.run("restore", first)
    assert not halted(mirror)
    assert check_in(service, "AC1")["downloads"] == 1


def test_a_uuid_counts_once(service):
    """Sent again, also as something else or for somebody else, it changes nothing."""
    mirror, sha256 = service.mirror, cab_of(service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=1\nHaltPercent=1\n")
    for serial in ("AC0", "AC1"):
        check_in(service, serial)
    once = str(uuid.uuid4())
    report(service, "AC0", "success", sha256, uuid=once)
    for serial, event, text in (("AC0", "failed", once), ("AC0", "failed", once.upper()),
                                ("AC1", "failed", once)):
        report(service, serial, event, sha256, uuid=text)
    assert not halted(mirror)
    reports = [mirror.json("endpoint", serial)["reports"] for serial in ("AC0", "AC1")]
    assert [[entry["event"] for entry in known] for known in reports] == [["success"], []]
    report(service, "AC1", "failed", sha256)
    assert halted(mirror)
