# SPDX-License-Identifier: LGPL-2.1-or-later
"""Of one model several hardware levels and locales, with packages of their own: each for itself, and
what is foretold is what comes."""
import pytest

import package
from mirrorlab import Service
from test_reports import report
from test_rules import model, offer, versions_of

LEVELS = ({"level": 2}, {"level": 3})
LOCALES = ({"locale": "de"}, {"locale": "fr"})


def add(mirror, version, level=2, locale=None, status="pending", models="icon400", component="com.acme.icon400"):
    """level: None for all of them"""
    suffix = (f"&HW_{level}" if level else "") + (f"&LOCALE_{locale.lower()}" if locale else "")
    names = [models] if isinstance(models, str) else models
    made = mirror.add(f"{component}-{version}-{level}-{locale}",
                      image=package.bind(model=models, version=version, levels=((level, level),) if level else (),
                                         locale=locale),
                      xml=package.metainfo(component=component, version=version, instance_ids=[
                          f"UC\\VEN_acme&MODEL_{name}{suffix}" for name in names]))
    assert made["state"] == status, made
    return made["id"]


def approve(mirror, version, **kind):
    made = add(mirror, version, **kind)
    mirror.run("approve", made)
    return made


@pytest.fixture
def service(mirror):
    mirror.hurry()
    mirror.run("publish")
    made = Service(mirror)
    yield made
    assert made.stop() == 0


def asks(service, version, level=2, locale=None, **kwargs):
    return offer(service, version=version, hardware_level=str(level), **({"locale": locale} if locale else {}),
                 serial=f"AC{level}{locale}", mac_address="", **kwargs)


@pytest.mark.parametrize("kinds", [LEVELS, LOCALES], ids=["levels", "locales"])
def test_restored_is_one_of_them(service, kinds):
    """The other one is neither put back nor held."""
    mirror, (one, other) = service.mirror, kinds
    first = approve(mirror, "1.1.0", **one)
    approve(mirror, "1.1.0", **other)
    second = approve(mirror, "1.2.0", **one)
    approve(mirror, "1.2.0", **other)
    mirror.run("publish")
    mirror.run("restore", first)
    mirror.run("publish")
    assert model(mirror) == {"vendor": "acme", "model": "icon400", "use_version": "1.1.0", "or_newer": False,
                             "where_offered": True}
    assert sorted(versions_of(mirror)) == ["1.1.0", "1.2.0"], "one of each, not both of the restored version"
    assert [asks(service, v, **one) for v in ("1.0.0", "1.1.0", "1.2.0")] == ["1.1.0", None, "1.1.0"]
    assert [asks(service, v, **other) for v in ("1.0.0", "1.1.0", "1.2.0")] == ["1.2.0", "1.2.0", None]
    # what is decided about the other one ends nothing
    third = approve(mirror, "1.3.0", **other)
    mirror.run("publish")
    assert [asks(service, "1.2.0", **kind) for kind in kinds] == ["1.1.0", "1.3.0"]
    mirror.run("reject", third)
    mirror.run("publish")
    assert [asks(service, "1.2.0", **kind) for kind in kinds] == ["1.1.0", None]
    mirror.run("approve", second)
    mirror.run("publish")
    assert model(mirror) is None
    assert [asks(service, "1.1.0", **kind) for kind in kinds] == ["1.2.0", None]


def test_both_restored(service):
    mirror = service.mirror
    firsts = [approve(mirror, "1.1.0", **kind) for kind in LEVELS]
    for kind in LEVELS:
        approve(mirror, "1.2.0", **kind)
    for package_id in firsts:
        mirror.run("restore", package_id)
    mirror.run("reject", firsts[0])
    mirror.run("publish")
    assert [asks(service, "1.2.0", **kind) for kind in LEVELS] == [None, "1.1.0"]
    mirror.run("reject", firsts[1])
    mirror.run("publish")
    assert model(mirror) is None


@pytest.mark.parametrize("restored, later", [
    ({}, {"level": None}),
    ({"level": None}, {}),
    ({"locale": "de"}, {}),
    ({}, {"locale": "de"}),
    ({"locale": "de"}, {"locale": "de-AT"}),
    ({"locale": "de"}, {"level": None}),
], ids=["level,_all", "all,_level", "locale,_all", "all,_locale", "locale,_narrower", "locale,_all_levels"])
def test_what_is_approved_later_for_a_part_or_more(service, restored, later):
    """No GUID is the same, and still it is for these endpoints: they are not kept on what was restored."""
    mirror, endpoint = service.mirror, {"level": 2, "locale": "de-AT"}
    first = approve(mirror, "1.1.0", **restored)
    approve(mirror, "1.2.0", **restored)
    mirror.run("restore", first)
    mirror.run("publish")
    assert asks(service, "1.2.0", **endpoint) == "1.1.0"
    approve(mirror, "1.3.0", **later)
    mirror.run("publish")
    assert model(mirror) is None
    assert asks(service, "1.1.0", **endpoint) == "1.3.0"


def test_another_component_for_the_same_hardware(service):
    """It is withdrawn, and what was restored goes on."""
    mirror = service.mirror
    first = approve(mirror, "1.1.0")
    approve(mirror, "1.2.0")
    other = approve(mirror, "1.1.5", component="com.acme.other")
    mirror.run("restore", first)
    mirror.run("publish")
    assert asks(service, "1.2.0") == "1.1.0"
    mirror.run("reject", other)
    mirror.run("publish")
    assert asks(service, "1.2.0") == "1.1.0"
    mirror.run("reject", first)
    mirror.run("publish")
    assert model(mirror) is None and asks(service, "1.2.0") is None


def test_newer_approves_itself_by_its_own_hardware(mirror):
    """What is approved for another level is not what it would replace."""
    approve(mirror, "1.1.0", level=2)
    approve(mirror, "1.3.0", level=3)
    mirror.run("use-version", "acme/icon400", "1.1.0", "--or-newer")
    add(mirror, "1.2.0", level=2, status="approved")
    add(mirror, "1.2.5", level=3, status="pending")


def test_one_version_one_halt(service):
    """Endpoints tell rollouts by the version: what is halted for one of them is for both, in every answer."""
    mirror = service.mirror
    for kind in LEVELS:
        approve(mirror, "1.1.0", **kind)
    mirror.rules("[Policy]\nHaltMinimum=1\nRolloutSec=3600\n")
    mirror.run("publish")
    (rollout,) = model(mirror)["rollouts"]
    assert rollout["halted"] is False
    assert [asks(service, "1.0.0", **kind) for kind in LEVELS] == ["1.1.0", "1.1.0"]
    (failed,) = (p for p in mirror.json("list")["packages"] if "HW 2" in p["for"][0])
    report(service, "AC2None", "failed", failed["signed_sha256"])
    # what is foretold is what publish does
    foretold = mirror.json("publish", "--dry-run")
    assert {(c["hardware_level"], c["before"], c["after"]) for c in foretold["changes"]} == {
        ("2", "1.1.0", "-"), ("3", "1.1.0", "-")}
    assert mirror.json("simulate", "--zone=UTC")["changes"] == []
    (change,) = foretold["policy_changes"]
    assert [entry["halted"] for entry in change["after"]] == [True]
    assert not any(p["halted"] for p in mirror.json("list")["packages"]), "only foretold"
    mirror.run("publish")
    assert model(mirror)["rollouts"] == change["after"]
    assert [asks(service, "1.0.0", **kind) for kind in LEVELS] == [None, None]
    nothing = mirror.json("publish", "--dry-run")
    assert (nothing["changes"], nothing["policy_changes"]) == ([], [])


def test_the_strictest_rule_of_its_models_halts(service):
    mirror = service.mirror
    mirror.run("approve", add(mirror, "1.1.0", models=("icon300", "icon400")))
    mirror.rules("[Policy]\nHaltMinimum=1\nHaltPercent=100\n[Model acme/icon400]\nHaltPercent=10\n")
    mirror.run("publish")
    for serial, event in (("AC1", "failed"), ("AC2", "success")):
        assert offer(service, serial=serial) == "1.1.0"
        report(service, serial, event, mirror.json("list")["packages"][0]["signed_sha256"])
    mirror.run("publish")
    assert mirror.json("list")["packages"][0]["halted"]
    assert [m["rollouts"][0]["halted"] for m in mirror.policy()["models"]] == [True, True]


def test_what_has_no_model_is_left_out_while_it_is_halted(service):
    """No policy can hold a dock's firmware back, so endpoints must not see it."""
    mirror, instance_id = service.mirror, "USB\\VID_17E9&PID_6015"
    dock = mirror.add("dock", image=b"dock" * 100, xml=package.metainfo(
        component="com.other.dock", protocol="com.other.dock", instance_ids=[instance_id]))["id"]
    mirror.run("approve", dock)
    mirror.rules("[Policy]\nHaltMinimum=1\n")
    mirror.run("publish")
    kwargs = {"vendor": "Other", "model": "Dock", "serial": "D1", "guids": [package.guid(instance_id)]}
    assert (offer(service, **kwargs), versions_of(mirror)) == ("1.1.0", ["1.1.0"])
    assert service.post("/v1/report", {
        "format": "ucupdates-report-1", "uuid": "5f4c1b1e-6a3f-4a6e-9d7c-1f2e3d4c5b6a", "machine_id": "a" * 64,
        "endpoint": {"id": "codec", "vendor": "Other", "model": "Dock", "serial": "D1"}, "event": "failed",
        "sha256": mirror.json("list")["packages"][0]["signed_sha256"]}).status == 200
    (change,) = mirror.json("publish", "--dry-run")["changes"]
    assert (change["before"], change["after"]) == ("1.1.0", "-")
    mirror.run("publish")
    assert (offer(service, **kwargs), versions_of(mirror)) == (None, [])
    assert mirror.json("endpoint", "D1")["blocked"].startswith("1.1.0 is halted")
    mirror.run("reject", dock)
    mirror.run("approve", dock)
    mirror.run("publish")
    assert (offer(service, **kwargs), versions_of(mirror)) == ("1.1.0", ["1.1.0"])


def test_two_halts_are_one_endpoint(service):
    """It was offered both; it is there once, and can be forgotten."""
    mirror = service.mirror
    mirror.rules("[Policy]\nHaltMinimum=1\n")
    for version in ("1.1.0", "1.2.0"):
        approve(mirror, version)
        mirror.run("publish")
        assert offer(service) == version
        report(service, "AC0001", "failed", mirror.json("list")["packages"][-1]["signed_sha256"])
        mirror.run("publish")
    (endpoint,) = mirror.json("endpoints", "--blocked")["endpoints"]
    assert endpoint["blocked"].startswith("1.2.0 is halted")
    # the older one is not what keeps it from anything
    mirror.run("reject", mirror.json("list")["packages"][-1]["id"])
    approve(mirror, "1.3.0")
    mirror.run("publish")
    assert offer(service) == "1.3.0"
    assert "halted" not in mirror.json("endpoint", "AC0001").get("blocked", "")
    mirror.run("forget", "AC0001")
    assert mirror.json("endpoints")["endpoints"] == []


def test_nothing_older_by_approval(service):
    """Endpoints go back by a version that is set, and by nothing else."""
    mirror = service.mirror
    older = approve(mirror, "1.1.0")
    mirror.run("publish")
    assert [asks(service, v) for v in ("1.0.0", "1.1.0", "1.2.0")] == ["1.1.0", None, None]
    assert mirror.json("simulate", "--zone=UTC")["changes"] == []
    mirror.run("use-version", "acme/icon400", "1.1.0")
    (change,) = mirror.json("publish", "--dry-run")["changes"]
    assert (change["installed"], change["before"], change["after"]) == ("1.2.0", "-", "1.1.0")
    (change,) = mirror.json("simulate", "--zone=UTC")["changes"]
    assert (change["installed"], change["version"]) == ("1.2.0", "1.1.0")
    mirror.run("publish")
    assert asks(service, "1.2.0") == "1.1.0"
    mirror.run("reject", older)
    mirror.run("publish")
    assert asks(service, "1.2.0") is None


def test_pending_and_older(service):
    """A test device gets what is pending if that is newer than what it runs, else what everybody gets."""
    mirror = service.mirror
    approve(mirror, "1.2.0")
    add(mirror, "1.1.0")
    mirror.run("test-device", "add", "AC2None")
    mirror.run("publish")
    assert [asks(service, v) for v in ("1.0.0", "1.1.0", "1.2.0", "1.3.0")] == ["1.1.0", "1.2.0", None, None]


def test_blocked_is_not_on_offer(service):
    """For all, for a model, and for the members of a group, with the one before in its place."""
    mirror = service.mirror
    approve(mirror, "1.1.0", level=2)
    approve(mirror, "1.2.0", level=2)
    mirror.run("use-version", "acme/icon400", "1.1.0", "--or-newer")
    mirror.run("publish")
    assert asks(service, "1.0.0") == "1.2.0"
    for rules in ("[Policy]", "[Model acme/icon400]", "[Group few]\nEndpoints=other;AC2None"):
        mirror.rules(f"{rules}\nBlockedVersions=1.2.0\n")
        (change,) = mirror.json("publish", "--dry-run")["changes"]
        assert (change["before"], change["after"]) == ("1.2.0", "1.1.0")
        assert mirror.json("simulate", "--zone=UTC")["changes"][0]["version"] == "1.1.0"
        mirror.run("publish")
        assert [asks(service, v) for v in ("1.0.0", "1.1.0")] == ["1.1.0", None]
        assert offer(service, version="1.0.0", serial="AC0002", mac_address="") == (
            "1.2.0" if "Group" in rules else "1.1.0")
        mirror.run("forget", "AC0002")
        mirror.rules("")
        mirror.run("publish")
        assert asks(service, "1.0.0") == "1.2.0"


def test_a_group_in_a_simulation(service):
    """It names endpoints by whatever the administrator has at hand."""
    mirror = service.mirror
    approve(mirror, "1.1.0")
    mirror.run("publish")
    for name in ("AC0001", "00:04:f2:00:00:01", "serial/acme/AC0001"):
        offer(service)
        mirror.rules(f"[Policy]\nWindows=00:00-24:00\n[Group never]\nEndpoints={name}\nWindows=never\n")
        (change,) = mirror.json("simulate", "--zone=UTC", "--days=3")["changes"]
        assert change["not_within"] == 1, name


def test_a_serial_like_another_ones_number(service):
    """What an endpoint says of itself makes no other one unreachable."""
    mirror = service.mirror
    offer(service, serial="AC1")
    (first,) = mirror.json("endpoints")["endpoints"]
    for serial in (str(first["id"]), first["identity"]):
        offer(service, serial=serial, mac_address="")
    assert "several endpoints are called" in mirror.run("endpoint", first["id"], status=1)
    assert mirror.json("endpoint", first["identity"])["serial"] == "AC1"
    mirror.run("forget", first["identity"])
    assert sorted(e["serial"] for e in mirror.json("endpoints")["endpoints"]) == [
        str(first["id"]), first["identity"]]
