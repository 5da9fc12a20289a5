# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware whose image does not say for which model it is: RAUC bundles, raw images, part numbers."""
import package
import pytest
from mirrorlab import Service
from test_rules import model, offer

RAUC = "org.ucupdates.rauc"
LEVEL_2 = "UC\\VEN_acme&MODEL_icon400&HW_2"
SENTENCE = ("ucupdates-mirror: there is no approved, restorable or retired package of version {} for {}; "
            "what was imported is for {}. Firmware of a protocol other than org.ucupdates.* has no model, "
            "and its version is what 'approve' and 'restore' say\n")


def add(mirror, version, protocol=RAUC, instance_ids=(LEVEL_2,), **kwargs):
    return mirror.add(version, image=version.encode() * 100, xml=package.metainfo(
        version=version, protocol=protocol, instance_ids=instance_ids), **kwargs)


@pytest.fixture(name="serve")
def fixture_serve(mirror):
    """Starts the service when it is called, and stops it whatever happens."""
    started = []

    def start():
        started.append(Service(mirror))
        return started[-1]
    yield start
    for service in started:
        assert service.stop() == 0


@pytest.fixture
def both(mirror):
    """Two versions that were approved, the second one after the first."""
    ids = [add(mirror, version)["id"] for version in ("1.1.0", "1.2.0")]
    for package_id in ids:
        mirror.run("approve", package_id)
    return ids


def test_a_version_of_a_model_that_nobody_has_yet(mirror, serve, both):
    mirror.run("use-version", "ACME/icon400", "1.1.0")
    mirror.run("publish")
    assert model(mirror) == {"vendor": "acme", "model": "icon400", "use_version": "1.1.0",
                             "or_newer": False}
    service = serve()
    assert offer(service, version="1.2.0") == "1.1.0"
    assert offer(service, version="1.1.0") is None


def test_later_imports_approve_themselves(mirror, both):
    mirror.run("use-version", "acme/icon400", "1.2.0", "--or-newer")
    assert add(mirror, "1.3.0")["state"] == "approved"
    assert add(mirror, "1.4.0", instance_ids=(LEVEL_2.replace("icon400", "icon500"),))["state"] == "pending"


def test_restored_is_exact_for_the_models_of_the_inventory(mirror, serve, both):
    mirror.run("publish")
    service = serve()
    assert offer(service, version="1.0.0") == "1.2.0"
    mirror.run("restore", both[0])
    mirror.run("publish")
    assert model(mirror)["use_version"] == "1.1.0"
    assert offer(service, version="1.2.0") == "1.1.0"
    mirror.run("approve", both[1])
    mirror.run("publish")
    assert model(mirror) is None and offer(service, version="1.1.0") == "1.2.0"


@pytest.mark.parametrize("rule", ["Policy", "Model acme/icon400"])
def test_rollout(mirror, serve, both, rule):
    """Of a model that has checked in, or that a rule names."""
    mirror.rules(f"[{rule}]\nRolloutSec=86400\nRolloutPercent=50\n")
    mirror.run("publish")
    if rule == "Policy":
        assert model(mirror) is None
        service = serve()
        assert offer(service) == "1.2.0"
        mirror.run("publish")
    (rollout,) = model(mirror)["rollouts"]
    assert (rollout["version"], rollout["duration_secs"], rollout["percent"], rollout["halted"]) == (
        "1.2.0", 86400, 50, False)


def test_part_number(mirror, serve):
    """Only the endpoint knows which model has it."""
    cab = package.cab(mirror.path / "pn.cab", image=b"raw", xml=package.metainfo(
        protocol="org.ucupdates.raw", instance_ids=("UC\\VEN_acme&PN_12-3456",)))
    mirror.run("approve", mirror.json("import", cab)["packages"][0]["id"])
    mirror.run("publish")
    words = ["use-version", "acme/icon400", "1.1.0"]
    assert mirror.run(*words, status=1) == SENTENCE.format("1.1.0", "acme/icon400", "no model at all")
    service = serve()
    assert offer(service, hardware_level="", part_number="12-3456") == "1.1.0"
    mirror.run(*words)


def test_which_models_there_are(mirror, both):
    mirror.run("use-version", "acme/icon400", "1.2.0")
    assert mirror.run("use-version", "acme/icon40", "1.2.0", status=1) == SENTENCE.format(
        "1.2.0", "acme/icon40", "acme/icon400")
    assert mirror.run("use-version", "acme/icon400", "1.3.0", status=1).endswith(
        "; 'list' shows those there are, and a pending one has to be approved first\n")


def test_other_protocols_have_no_model(mirror):
    """A dock that happens to have such a GUID is none of ours."""
    mirror.run("approve", add(mirror, "1.1.0", protocol="com.dell.dock")["id"])
    assert mirror.run("use-version", "acme/icon400", "1.1.0", status=1) == SENTENCE.format(
        "1.1.0", "acme/icon400", "no model at all")


def test_part_number_and_locale(mirror, serve):
    """Only the endpoint knows its model, and which tags its locale begins with."""
    cab = package.cab(mirror.path / "pn.cab", image=b"raw", xml=package.metainfo(
        protocol="org.ucupdates.raw", instance_ids=("UC\\VEN_acme&PN_12-3456&LOCALE_de",)))
    mirror.run("approve", mirror.json("import", cab)["packages"][0]["id"])
    mirror.run("publish")
    service = serve()
    for locale in ("", "en-GB", "de-" * 20):
        assert offer(service, serial="AC1", part_number="12-3456", locale=locale) is None
    words = ["use-version", "acme/icon400", "1.1.0"]
    assert mirror.run(*words, status=1) == SENTENCE.format("1.1.0", "acme/icon400", "no model at all")
    assert offer(service, serial="AC2", part_number="12-3456", locale="de-AT") == "1.1.0"
    mirror.run(*words)
    assert mirror.json("list")["packages"][0]["for"] == ["acme/icon400"]


def test_list_says_what_they_are_for(mirror):
    """Two of one name and version may be for different hardware levels."""
    level = "UC\\VEN_acme&MODEL_icon400&HW_{}".format
    for name, levels, instance_ids in (
            ("a", ((2, 2),), [level(2)]), ("b", ((3, 9),), [level(3), level(5), level(6), level(7)]),
            ("c", (), ["UC\\VEN_acme&MODEL_icon400"]),
            ("de", ((4, 5),), [level("4&LOCALE_de"), level("5&LOCALE_de")])):
        mirror.add(name, image=package.bind(levels=levels, payload=name.encode(),
                                            locale=name if name == "de" else None),
                   xml=package.metainfo(instance_ids=instance_ids))
    add(mirror, "1.5.0", protocol="com.dell.dock")
    assert [entry["for"] for entry in mirror.json("list")["packages"]] == [
        ["acme/icon400 HW 2"], ["acme/icon400 HW 3, 5-7"], ["acme/icon400"],
        ["acme/icon400 HW 4-5 (de)"], []]
    assert [entry.get("locale") for entry in mirror.json("list")["packages"]] == [
        None, None, None, "de", None]
    lines = mirror.run("list").splitlines()
    assert lines[0].endswith("FOR") and lines[2].endswith("  acme/icon400 HW 3, 5-7")
    assert lines[5].endswith("  -")
