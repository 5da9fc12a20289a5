# SPDX-License-Identifier: LGPL-2.1-or-later
"""Versions that models are to run, test devices, rules, and what they become."""
import json
import re
import subprocess

import pytest

import package
from mirrorlab import PROGRAM


def offer(service, **kwargs):
    """The version that a check-in is answered with, or None."""
    endpoint = {"id": "codec", "vendor": "Acme", "model": "Icon400", "hardware_level": "2",
                "serial": "AC0001", "mac_address": "00:04:f2:00:00:01",
                "modules": [{"name": "application", "version": kwargs.pop("version", "1.0.0")}],
                **kwargs}
    answer = service.post("/v1/check-in", {
        "format": "ucupdates-checkin-1", "agent_version": "0.1.0", "machine_id": "a" * 64,
        "endpoints": [endpoint]})
    assert answer.status == 200, answer.body
    updates = json.loads(answer.body)["updates"]
    return updates[0]["version"] if updates else None


def model(mirror):
    sections = mirror.policy().get("models", [])
    assert len(sections) < 2
    return sections[0] if sections else None


def versions_of(mirror, name="firmware.xml.zst"):
    xml = subprocess.run(["zstd", "-dc", mirror.root / "public" / name], capture_output=True,
                         check=True, text=True).stdout
    return re.findall(r'<release [^>]*\bversion="([^"]*)"', xml)


def test_the_whole_life(service):
    """imported, pending, approved, exact, newer allowed, restored, rejected, withdrawn"""
    mirror = service.mirror
    mirror.run("test-device", "add", "00-04-F2-00-00-01")
    second = mirror.add_version("1.2.0")["id"]
    assert offer(service) == "1.1.0"
    mirror.run("publish")
    assert mirror.policy()["test_devices"] == ["00:04:f2:00:00:01"]
    assert offer(service) == "1.2.0"
    assert offer(service, mac_address="00:04:f2:00:00:02", serial="AC0002") == "1.1.0"
    mirror.run("test-device", "remove", "00:04:f2:00:00:01")
    mirror.run("approve", second)
    mirror.run("publish")
    assert "test_devices" not in mirror.policy() and model(mirror) is None
    assert offer(service) == "1.2.0"
    # exactly an older one, which has to stay in the metadata for that
    mirror.run("use-version", "ACME/icon400", "1.1.0")
    assert offer(service, version="1.2.0") is None
    mirror.run("publish")
    assert model(mirror) == {"vendor": "acme", "model": "icon400", "use_version": "1.1.0",
                             "or_newer": False}
    assert sorted(versions_of(mirror)) == ["1.1.0", "1.2.0"]
    assert offer(service, version="1.2.0") == "1.1.0"
    assert offer(service, version="1.1.0") is None
    # that one or newer: satisfied by anything newer, and later imports approve themselves
    mirror.run("use-version", "acme/icon400", "1.1.0", "--or-newer")
    third = mirror.add_version("1.3.0")
    assert third["state"] == "approved"
    assert mirror.states() == ["retired", "restore", "approved"]
    mirror.run("publish")
    assert offer(service, version="1.2.0") == "1.3.0"
    assert offer(service, version="1.4.0") is None
    held = package.cab(mirror.path / "held.cab", image=package.bind(version="1.4.0"),
                       xml=package.metainfo(version="1.4.0"))
    assert mirror.json("import", "--hold", held)["packages"][0]["state"] == "pending"
    mirror.run("reject", mirror.json("list")["packages"][3]["id"])
    mirror.run("use-version", "acme/icon400", "none")
    # restored: an exact version until the next approval
    mirror.run("restore", second)
    mirror.run("publish")
    assert model(mirror)["use_version"] == "1.2.0"
    assert offer(service, version="1.3.0") == "1.2.0"
    mirror.run("approve", third["id"])
    mirror.run("publish")
    assert model(mirror) is None
    assert offer(service, version="1.2.0") == "1.3.0"
    acts = [act["act"] for act in mirror.json("audit")["acts"]]
    assert acts[-7:] == ["import", "reject", "use-version", "restore", "publish", "approve",
                         "publish"]


def test_rejected_by_mistake(service):
    """Importing it again changes nothing, so approving it has to."""
    mirror = service.mirror
    first = mirror.json("list")["packages"][0]["id"]
    mirror.run("reject", first)
    mirror.run("publish")
    assert offer(service) is None
    assert mirror.json("import", mirror.path / "1.1.0.cab")["packages"][0]["state"] == "rejected"
    mirror.run("approve", first)
    mirror.run("publish")
    assert offer(service) == "1.1.0"
    mirror.run("approve", mirror.add_version("1.2.0")["id"])
    for package_id, state in ((first, "to be restored"), (mirror.json("list")["packages"][1]["id"], "approved")):
        assert "'approve' takes only one that is pending or rejected" in mirror.run(
            "approve", package_id, status=1), state


def test_the_version_of_no_model_is_not_ended(mirror):
    """One letter is missing, and what was set would stay."""
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("use-version", "acme/icon400", "1.1.0")
    assert mirror.run("use-version", "acme/icon40", "none", status=1) == (
        "ucupdates-mirror: no version was set for acme/icon40, and what was imported is for acme/icon400\n")
    for _ in range(2):
        mirror.run("use-version", "acme/icon400", "none")
    assert mirror.json("audit")["acts"][-1]["act"] == "use-version"


def test_older_than_retired_is_refused(mirror):
    for version in ("1.1.0", "1.2.0", "1.3.0"):
        mirror.run("approve", mirror.add_version(version)["id"])
    cab = package.cab(mirror.path / "old.cab", image=package.bind(version="1.0.0"),
                      xml=package.metainfo(version="1.0.0"))
    assert "is older than version 1.1.0, which is retired" in mirror.run("import", cab, status=1)
    assert len(mirror.states()) == 3


def test_an_older_import_does_not_approve_itself(mirror):
    for version in ("1.1.0", "1.3.0"):
        mirror.run("approve", mirror.add_version(version)["id"])
    mirror.run("use-version", "acme/icon400", "1.1.0", "--or-newer")
    assert mirror.add_version("1.2.0")["state"] == "pending"


@pytest.mark.parametrize("data, sentence", [
    (b"[Policy]\nIdleSec=1\n[Group Z\xfcrich]\nIdleSec=2\n",
     "line 3 is not in UTF-8, which endpoints expect; save the file in that encoding"),
    (b"#" * (1 << 20) + b"\n", "it has 1048577 bytes, expected at most 1048576"),
], ids=["latin-1", "long"])
def test_a_file_that_endpoints_could_not_read(mirror, data, sentence):
    """The name of a group is part of policy.json."""
    (mirror.root / "rules.d/50.conf").write_bytes(data)
    for words in (["publish", "--check"], ["publish"], ["simulate"]):
        assert mirror.run(*words, status=1) == f"ucupdates-mirror: {mirror.root}/rules.d/50.conf: {sentence}\n"
    mirror.rules("[Group Zürich]\nIdleSec=2\n")
    mirror.run("publish")
    assert mirror.policy()["groups"] == [{"name": "Zürich", "idle_secs": 2}]


def test_rules_for_a_model_that_nobody_knows(service):
    """One letter is missing: valid, and for nothing."""
    mirror = service.mirror
    offer(service, vendor="BÜRO", model="Panel", hardware_level="")
    mirror.rules("[Model acme/icon40]\nIdleSec=5\n[Model Acme/Icon400]\nIdleSec=6\n[Model Büro/panel]\nIdleSec=7\n")
    assert mirror.json("publish", "--check") == {"unknown_models": ["acme/icon40"]}
    done = subprocess.run([PROGRAM, f"--root={mirror.root}", "publish", "--check"], capture_output=True,
                          text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (
        0, "The rules are valid; nothing was published.\n",
        "ucupdates-mirror: [Model acme/icon40] is for nothing that was imported and for no endpoint that "
        "checked in; is it written as 'list' shows it?\n")


def test_no_rules_are_not_the_defaults(mirror):
    """A checkout that failed, a disk that is not mounted."""
    mirror.rules("[Policy]\nIdleSec=60\n")
    mirror.run("publish")
    (mirror.root / "rules.d").rename(mirror.root / "away")
    for words in (["publish", "--check"], ["publish"], ["publish", "--if-due"], ["publish", "--dry-run"]):
        assert mirror.run(*words, status=1) == (
            f"ucupdates-mirror: {mirror.root}/rules.d is not there, and without it everything would be "
            "as by default; bring it back, also if it is to be empty\n")
    assert mirror.policy()["defaults"] == {"idle_secs": 60}
    (mirror.root / "rules.d").mkdir()
    mirror.run("publish")
    assert mirror.policy()["defaults"] == {}


def test_more_than_endpoints_take(mirror):
    """All that one mebibyte has no room for, where each rule alone is in order."""
    for group in range(4):
        names = ";".join(f"{group}-{number:04}-" + "x" * 200 for number in range(1000))
        mirror.rules(f"[Group {group}]\nEndpoints={names}\n", f"{group}.conf")
        if group < 3:
            mirror.run("publish")
    for words in (["publish", "--check"], ["publish"]):
        assert re.fullmatch(r"ucupdates-mirror: policy\.json would have 8\d{5} bytes before it is signed, and "
                            r"endpoints take at most 761856; name fewer endpoints in groups, or fewer "
                            r"test devices\n", mirror.run(*words, status=1))
    assert len(mirror.policy()["groups"]) == 3
    assert (mirror.root / "public/policy.json").stat().st_size < 1 << 20


def test_rules_become_policy(mirror):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.rules("""[Policy]
Windows=mon,tue 22:00-02:00;12:00-13:00
BlockedDates=2026-12-24;2026-12-30/2027-01-06
PollSec=600
HaltPercent=10
[Model ACME/Icon400]
Style=prompt
BlockedVersions=1.0.0;1.0.1
DeadlineCriticalSec=86400
RolloutSec=604800
RolloutPercent=50
[Group Berlin]
Endpoints=AC0001;00-04-F2-00-00-02
IdleSec=60
WakeDisplay=false
""")
    mirror.run("publish", "--check")
    mirror.run("publish")
    policy = mirror.policy()
    start = policy["models"][0]["rollouts"][0].pop("start")
    assert start.endswith("Z")
    assert {key: policy[key] for key in ("defaults", "models", "groups")} == {
        "defaults": {"windows": [{"start": "22:00", "end": "02:00", "days": ["mon", "tue"]},
                                 {"start": "12:00", "end": "13:00"}],
                     "blocked_dates": ["2026-12-24", "2026-12-30/2027-01-06"],
                     "poll_secs": 600},
        "models": [{"vendor": "acme", "model": "icon400", "style": "prompt",
                    "blocked_versions": ["1.0.0", "1.0.1"],
                    "deadline_secs": {"critical": 86400},
                    "rollouts": [{"version": "1.1.0", "duration_secs": 604800, "percent": 50,
                                  "halted": False}]}],
        "groups": [{"name": "Berlin", "endpoints": ["AC0001", "00:04:f2:00:00:02"],
                    "idle_secs": 60, "wake_display": False}]}


@pytest.mark.parametrize("text, sentence", [
    ("[Group Berlin]\nRolloutSec=5", "[Group Berlin] RolloutSec is no rule"),
    ("[Model icon400]\nIdleSec=5", "[Model icon400] is no group"),
    ("[Model acme/icon400]\nIdleSec=x",
     "[Model acme/icon400] IdleSec is 'x', expected a number of seconds from 0 to 86400"),
    ("[Policy]\nWindows=xyz 01:00-02:00", "Windows is 'xyz 01:00-02:00', expected 'never' or"),
    ("[Policy]\nBlockedDates=2026-02-30", "BlockedDates is '2026-02-30', expected at most 64"),
    ("[Policy]\nBlockedDates=2026-02-03/2026-02-01", "expected at most 64 dates"),
    ("[Policy]\nStyle=loud", "Style is 'loud', expected idle, prompt"),
    ("[Policy]\nMetered=yes", "Metered is 'yes', expected true or false"),
    ("[Policy]\nRolloutPercent=101", "expected a number of per cent from 0 to 100"),
    ("[Policy]\nEndpoints=a", "[Policy] Endpoints is no rule"),
])
def test_check_says_what_is_wrong(mirror, text, sentence):
    mirror.rules(text)
    error = mirror.run("publish", "--check", status=1)
    assert sentence in error and str(mirror.root / "rules.d" / "50.conf") in error


def test_dry_run(service):
    mirror = service.mirror
    for number in range(3):
        offer(service, serial=f"AC{number}")
    offer(service, serial="AC9", version="1.1.0")
    nothing = mirror.json("publish", "--dry-run")
    assert (nothing["endpoints"], nothing["changes"]) == (4, [])
    before = (mirror.root / "public").readlink()
    mirror.run("approve", mirror.add_version("1.2.0")["id"])
    changes = mirror.json("publish", "--dry-run")["changes"]
    common = {"vendor": "Acme", "model": "Icon400", "hardware_level": "2", "after": "1.2.0"}
    assert changes == [{**common, "installed": "1.0.0", "before": "1.1.0", "endpoints": 3},
                       {**common, "installed": "1.1.0", "before": "-", "endpoints": 1}]
    assert "ENDPOINTS" in mirror.run("publish", "--dry-run")
    assert (mirror.root / "public").readlink() == before
    assert offer(service, serial="AC9", version="1.1.0") is None


def policy_changes(mirror):
    return [(change["section"], change["member"], change["before"], change["after"])
            for change in mirror.json("publish", "--dry-run")["policy_changes"]]


def test_dry_run_of_rules(service):
    """What endpoints would read differently, also where nothing else is offered to any of them."""
    mirror = service.mirror
    mirror.rules("[Policy]\nIdleSec=60\n[Model acme/icon400]\nStyle=prompt\n[Group Berlin]\nPollSec=600\n")
    assert policy_changes(mirror) == [
        ("Policy", "idle_secs", None, 60), ("Model acme/icon400", "style", None, "prompt"),
        ("Group Berlin", "poll_secs", None, 600)]
    mirror.run("publish")
    assert policy_changes(mirror) == []
    assert mirror.run("publish", "--dry-run") == (
        "Of 0 endpoints none would be offered anything else; nothing was published.\n")
    names = ";".join(f"AC{number:04}" for number in range(100))
    mirror.rules(f"[Policy]\nIdleSec=90\n[Model acme/icon500]\nStyle=idle\n[Group Berlin]\nEndpoints={names}\n")
    mirror.run("test-device", "add", "AC1")
    mirror.run("use-version", "acme/icon400", "1.1.0")
    assert policy_changes(mirror) == [
        ("Policy", "idle_secs", 60, 90),
        ("Model acme/icon400", "use_version", None, "1.1.0"), ("Model acme/icon400", "or_newer", None, False),
        ("Model acme/icon400", "style", "prompt", None), ("Model acme/icon500", "style", None, "idle"),
        ("Group Berlin", "endpoints", None, names.split(";")), ("Group Berlin", "poll_secs", 600, None),
        ("Policy", "test_devices", None, ["AC1"])]
    lines = mirror.run("publish", "--dry-run").splitlines()
    assert lines[1] == "" and re.split(r"  +", lines[2]) == ["SECTION", "POLICY", "PUBLIC NOW", "PUBLIC THEN"]
    assert re.split(r"  +", lines[3]) == ["Policy", "idle_secs", "60", "90"]
    (group,) = (line for line in lines if " endpoints " in line and line.startswith("Group Berlin"))
    assert group.endswith("…") and len(group) < 120
    mirror.rules("")
    assert ("Group Berlin", "poll_secs", 600, None) in policy_changes(mirror)
    (mirror.root / "public").unlink()
    assert {change[2] for change in policy_changes(mirror)} == {None}
