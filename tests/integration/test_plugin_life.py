# SPDX-License-Identifier: LGPL-2.1-or-later
"""The life of a staged update against the real daemon: what get-devices and get-history say is true
after every step."""

import os
import subprocess

from uclab.process import run, wait_for

PENDING, SUCCESS, FAILED = 1, 2, 3


def stage(lab, version, *options, **keys):
    rc, text = lab.install(lab.package(version, **keys), *options)
    assert rc == 0, text
    assert lab.endpoint.slot_version(lab.endpoint.other) == version
    assert "needs-activation" in lab.device()["Flags"]


def test_device(lab):
    device = lab.device()
    assert device["Vendor"] == "acme"
    assert device["Version"] == "1.0.0"
    assert device["Summary"] == "UC endpoint, hardware level 2"
    assert device["InstanceIds"] == [r"UC\VEN_acme&MODEL_icon400",
                                     r"UC\VEN_acme&MODEL_icon400&HW_2"]
    assert device["Protocols"] == ["org.ucupdates.bind"]


def test_staged_activated_success(lab):
    active = lab.endpoint.slot_sha256("A")
    stage(lab, "1.1.0")
    assert lab.endpoint.boots_next() == "A"
    assert lab.history()["UpdateState"] == PENDING

    lab.fwupd.restart()
    assert "needs-activation" in lab.device()["Flags"]
    assert lab.history()["UpdateState"] == PENDING

    rc, text = lab.activate()
    assert rc == 0, text
    assert lab.endpoint.boots_next() == "B"
    assert "needs-reboot" in lab.device()["Flags"]
    assert "needs-activation" not in lab.device()["Flags"]
    lab.fwupd.restart()
    assert "needs-reboot" in lab.device()["Flags"]
    assert lab.history()["UpdateState"] == PENDING

    assert lab.restart() == "B"
    device = lab.device()
    assert device["Version"] == "1.1.0"
    assert not {"needs-reboot", "needs-activation"} & set(device["Flags"])
    assert lab.history()["UpdateState"] == SUCCESS
    assert lab.endpoint.slot_sha256("A") == active


def test_power_cycle_while_staged(lab):
    stage(lab, "1.1.0")
    assert lab.restart() == "A"
    assert "needs-activation" in lab.device()["Flags"]
    assert lab.device()["Version"] == "1.0.0"
    assert lab.history()["UpdateState"] == PENDING
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.history()["UpdateState"] == SUCCESS


def test_superseded(lab):
    stage(lab, "1.1.0")
    stage(lab, "1.2.0")
    assert lab.activate()[0] == 0
    stage(lab, "1.3.0")
    assert lab.endpoint.boots_next() == "A", "the activation is taken back before writing"
    assert "needs-reboot" not in lab.device()["Flags"]
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.device()["Version"] == "1.3.0"
    assert lab.history()["UpdateState"] == SUCCESS


def test_fallback(lab):
    package = lab.package("1.1.0")
    assert lab.install(package)[0] == 0
    assert lab.activate()[0] == 0
    assert lab.restart(boots=False) == "A"
    assert lab.device()["Version"] == "1.0.0"
    assert "needs-activation" not in lab.device()["Flags"]
    row = lab.history()
    assert row["UpdateState"] == FAILED
    assert row["UpdateError"] == (
        "version 1.1.0 in slot B was activated, but after the restart version 1.0.0 in slot A runs")

    rc, text = lab.install(package)
    assert rc != 0
    assert "this firmware was started once and fell back; use --force to try again" in text
    rc, text = lab.install(package, "--force")
    assert rc == 0, text
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.device()["Version"] == "1.1.0"


def test_killed_while_writing(make_lab):
    size = 64 << 20
    lab = make_lab(slot_size=size).start()
    package = lab.package("1.1.0", size=size)
    active = lab.endpoint.slot_sha256("A")
    before = lab.endpoint.slots["B"].stat().st_mtime_ns
    client = subprocess.Popen(["fwupdmgr", "-y", "--no-reboot-check", "install", str(package)],
                              env={**os.environ, **lab.fwupd.env},
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    wait_for(lambda: lab.endpoint.slots["B"].stat().st_mtime_ns != before, 30, "writing",
             interval_secs=0.001)
    lab.fwupd.kill()
    client.wait(30)
    lab.fwupd.start()
    assert lab.endpoint.slot_sha256("A") == active
    assert lab.endpoint.boots_next() == "A"
    assert "needs-activation" not in lab.device()["Flags"]
    assert "Staged" not in lab.state_file().read_text()

    rc, text = lab.install(package)
    assert rc == 0, text
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.device()["Version"] == "1.1.0"


def test_other_settings_stay(lab):
    """Only the slot and the one variable change."""
    run(["grub-editenv", lab.endpoint.grubenv, "set", "volume=7"], check=True)
    conf = lab.endpoint.conf.read_bytes()
    stage(lab, "1.1.0")
    assert lab.activate()[0] == 0
    assert lab.endpoint.conf.read_bytes() == conf
    listed = run(["grub-editenv", lab.endpoint.grubenv, "list"]).stdout
    assert sorted(listed.split()) == ["uc_slot=B", "volume=7"]


def test_broken_file_disables_only_itself(make_lab):
    lab = make_lab()
    broken = lab.endpoint.conf.with_name("aaa.conf")
    broken.write_text("[Endpoint]\nId=panel\nwhat is this\n")
    lab.start()
    assert list(lab.fwupd.devices()) == ["ICON 400"]
    assert (f"endpoint is disabled: {broken}:3: found 'what is this', expected Key=Value, [Group] "
            "or # and a comment") in lab.fwupd.process.log_text()


def test_left_over(lab):
    """What a daemon left that was killed while it wrote goes at a later start, and nothing else."""
    stage(lab, "1.1.0")
    records = lab.fwupd.localstate / "lib/fwupd/uc-endpoint"
    kept = {path.name for path in records.iterdir()}
    assert "codec.state" in kept
    own = {"notes.backup", "codec.state.backup"}
    for name in {"codec.state.AbC123", "codec.health.AbC123", "quirk.conf.AbC123"} | own:
        (records / name).write_text("[State]\n", encoding="utf-8")
        os.utime(records / name, (1000000000, 1000000000))
    (records / "codec.state.AbC124").write_text("", encoding="utf-8")  # somebody is writing it
    lab.fwupd.restart()
    assert {path.name for path in records.iterdir()} == kept | own | {"codec.state.AbC124"}
    assert "needs-activation" in lab.device()["Flags"]
