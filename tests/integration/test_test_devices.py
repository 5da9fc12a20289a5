# SPDX-License-Identifier: LGPL-2.1-or-later
"""Test devices: what is pending goes to them, and to nobody else, on the lab."""

import os

import pytest

from uclab.endpoint import Endpoint
from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
TESTING = "ucupdates-testing"
MAC = "00:04:F2:00:00:02"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def add_panel(lab):
    """A second endpoint of the same machine and model, which only its names tell from the first."""
    panel = Endpoint(lab.base / "panel", endpoint_id="panel", name="Panel", vendor="Acme",
                     Serial="AC0002", MacAddress=MAC)
    panel.conf = lab.endpoint.conf.with_name("panel.conf")
    panel.write_config()
    return panel


def put(lab, version, approve):
    """Import a package, and approve it; published by the caller."""
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    if approve:
        entry = next(entry for entry in lab.mirror.json("list")["packages"]
                     if entry["version"] == version)
        lab.mirror.do("approve", entry["id"])


def check(lab):
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr


def is_enabled(lab):
    remotes = lab.fwupd.json("get-remotes")["Remotes"]
    return {remote["Id"]: remote.get("Enabled") in (True, "true") for remote in remotes}[TESTING]


def staged(lab):
    """Id and what is staged there, for those endpoints that have anything."""
    return {entry["id"]: entry["version_new"] for entry in lab.agent.json("status")["endpoints"]
            if entry["progress"] == "staged"}


def versions(lab, endpoint):
    return [(entry["version"], entry["remote"])
            for entry in lab.agent.json("versions", endpoint)["versions"]]


def test_pending_is_for_the_test_device_only(lab):
    add_panel(lab)
    lab.start()
    put(lab, "1.1.0", approve=True)
    put(lab, "1.2.0", approve=False)
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(lambda: staged(lab) == {"codec": "1.1.0", "panel": "1.1.0"}, 60,
                       "what is approved, for both")
    assert not is_enabled(lab)
    lab.mirror.do("test-device", "add", "AC0002")
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(lambda: staged(lab).get("panel") == "1.2.0", 60, "what is pending")
    assert staged(lab)["codec"] == "1.1.0"
    assert is_enabled(lab)
    assert versions(lab, "codec") == [("1.1.0", "ucupdates")]
    assert versions(lab, "panel") == [("1.2.0", TESTING), ("1.1.0", "ucupdates")]
    lab.mirror.do("test-device", "remove", "AC0002")
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(lambda: staged(lab) == {"codec": "1.1.0", "panel": "1.1.0"}, 60,
                       "what is approved in its place")
    assert not is_enabled(lab)
    assert versions(lab, "panel") == [("1.1.0", "ucupdates")]


def test_identity_that_only_root_reads(lab):
    """Two of one model whose serial numbers the agent's user cannot read, as with DMI and EEPROMs:
    it has them from fwupd, each of its own device."""
    dmi = lab.agent.directory / "sys/class/dmi/id"
    dmi.mkdir(parents=True)
    lab.fwupd.extra_env["FWUPD_SYSFSDMIDIR"] = str(dmi)
    for name, text, mode in (("sys_vendor", "Acme", 0o644), ("product_serial", "AC0001", 0o400),
                             ("board_vendor", "Acme", 0o400), ("board_serial", "AC0002", 0o400)):
        (dmi / name).write_text(text + "\n", encoding="utf-8")
        (dmi / name).chmod(mode)
    lab.endpoint.vendor = None
    lab.endpoint.keys.update(VendorDmi="sys_vendor", Serial=None, SerialDmi="product_serial")
    lab.endpoint.write_config()
    panel = Endpoint(lab.base / "panel", endpoint_id="a-panel", name="Panel", vendor=None,
                     VendorDmi="board_vendor", Serial=None, SerialDmi="board_serial")
    panel.conf = lab.endpoint.conf.with_name("a-panel.conf")
    panel.write_config()
    lab.start()
    check(lab)
    lab.agent.wait_for(lambda: len(lab.mirror.json("endpoints")["endpoints"]) == 2, 30,
                       "both are registered")
    assert {(entry["identity"], entry["vendor"], entry["serial"])
            for entry in lab.mirror.json("endpoints")["endpoints"]} == {
                ("serial/acme/AC0001", "Acme", "AC0001"), ("serial/acme/AC0002", "Acme", "AC0002")}
    assert {entry["id"]: entry["name"] for entry in lab.agent.json("status")["endpoints"]} == {
        "codec": "Icon 400", "a-panel": "Panel"}


def test_named_by_anything(lab):
    """MAC address and identity, and a name that is of no endpoint here."""
    add_panel(lab)
    lab.start()
    for name, enabled in (("AC0003", False), (MAC, True), ("AC0004", False),
                          ("serial/acme/AC0002", True)):
        lab.mirror.do("test-device", "add", name)
        lab.mirror.do("publish")
        check(lab)
        assert is_enabled(lab) == enabled, name
        lab.mirror.do("test-device", "remove", name)
    lab.mirror.do("publish")
    check(lab)
    assert not is_enabled(lab)


def test_missing_version_is_said(lab):
    """The policy names a version that cannot be had: explain says so, and what is to come."""
    lab.start()
    put(lab, "0.9.0", approve=True)
    put(lab, "1.1.0", approve=True)
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(lambda: staged(lab) == {"codec": "1.1.0"}, 60, "staged")
    explained = lab.agent.json("explain")["endpoints"][0]
    assert "version_missing" not in explained
    steps = [(step["action"], step["reason_id"]) for step in explained["timeline"]]
    assert steps[0][0] == "wait" and ("activate", "idle") in steps, steps
    text = lab.agent.ctl("explain").stdout
    assert "if nothing else happens:" in text and "activate" in text
    lab.mirror.write_rules("[Policy]\nBlockedVersions=0.9.0\n", "60-test.conf")
    lab.mirror.do("use-version", "Acme/icon400", "0.9.0")
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(
        lambda: lab.agent.json("explain")["endpoints"][0].get("version_missing") == "0.9.0", 30,
        "the version")
    assert "the policy names version 0.9.0, which is not on offer" in lab.agent.ctl("explain").stdout
