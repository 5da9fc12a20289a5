# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several endpoints on one machine, and files that come and go while the daemon runs."""

from test_plugin_bind import refuse

from uclab.process import run, wait_for


def write(lab, name, **keys):
    """An endpoint file beside the lab's own, on the same two slots."""
    text = lab.endpoint.config()
    for key, value in keys.items():
        lines = [line for line in text.splitlines() if not line.startswith(f"{key}=")]
        lines.insert(1, f"{key}={value}")
        text = "\n".join(lines) + "\n"
    path = lab.endpoint.conf.with_name(f"{name}.conf")
    path.write_text(text)
    return path


def names(lab):
    return sorted(lab.fwupd.devices())


def test_parent_and_room(make_lab):
    lab = make_lab(Room="Berlin")
    write(lab, "aaa", Id="panel", Name="Panel", Parent="codec", DeviceType="panel")
    lab.start()
    devices = lab.fwupd.devices()
    assert sorted(devices) == ["ICON 400", "Panel"]
    assert devices["Panel"]["ParentDeviceId"] == devices["ICON 400"]["DeviceId"]
    assert devices["ICON 400"]["Summary"] == "UC endpoint in Berlin, hardware level 2"


def test_files_come_and_go(lab):
    child = write(lab, "mic", Id="mic", Name="Mic", Parent="hub")
    wait_for(lambda: f"{child}: [Endpoint] Parent: found 'hub', expected the Id of another endpoint"
             in lab.fwupd.process.log_text(), 10, "the sentence about the parent")
    hub = write(lab, "hub", Id="hub", Name="Hub")
    wait_for(lambda: names(lab) == ["Hub", "ICON 400", "Mic"], 10, "hub and microphone")
    hub.write_text(hub.read_text().replace("Name=Hub", "Name=Hub 2"))
    wait_for(lambda: names(lab) == ["Hub 2", "ICON 400", "Mic"], 10, "the new name")
    devices = lab.fwupd.devices()
    assert devices["Mic"]["ParentDeviceId"] == devices["Hub 2"]["DeviceId"]
    child.write_text(child.read_text().replace("Name=Mic", "Name=Mic 2"))
    wait_for(lambda: names(lab) == ["Hub 2", "ICON 400", "Mic 2"], 10, "the child's new name")
    hub.write_text("[Endpoint]\nId=hub\nVendor acme\n")
    wait_for(lambda: names(lab) == ["ICON 400"], 10, "hub and microphone to be gone")
    assert (f"endpoint is disabled: {hub}:3: found 'Vendor acme', expected Key=Value, [Group] or "
            "# and a comment") in lab.fwupd.process.log_text()
    hub.unlink()
    child.unlink()
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text


def test_same_id_twice(lab):
    other = write(lab, "other", Name="Other")
    wait_for(lambda: f"{other}: [Endpoint] Id: another endpoint file has 'codec' already, expected "
             "one of its own" in lab.fwupd.process.log_text(), 10, "the sentence about the Id")
    assert names(lab) == ["ICON 400"]


def test_as_many_as_there_may_be(make_lab):
    """The last of 1000 files is read, and of 1001 it is not. The others have no endpoint, as the
    engine takes long with so many."""
    lab = make_lab()
    for number in range(999):
        lab.endpoint.conf.with_name(f"a{number:03}.conf").touch()
    lab.start()
    assert names(lab) == ["ICON 400"]
    lab.fwupd.stop()
    lab.endpoint.conf.with_name("b.conf").touch()
    lab.fwupd.start()
    assert names(lab) == []
    assert (f"{lab.endpoint.conf.parent} has 1001 endpoint files, only the first 1000 are read; "
            "remove some") in lab.fwupd.process.log_text()


def test_unknown_own_level(make_lab):
    lab = make_lab(hardware_level=None).start()
    path = lab.endpoint.make_bind("2.0.0", hardware_levels=[3])
    refuse(lab, lab.endpoint.wrap(path, "2.0.0", [], lab.authority),
           "firmware is for hardware level 3, this endpoint has an unknown hardware level")


def test_level_from_file_and_part_number(make_lab):
    lab = make_lab(hardware_level=None, part_number="3111-2",
                   HardwareLevelByPartNumber="3111-1:1;3111-2:7").start()
    assert "hardware level 7" in lab.device()["Summary"]
    ids = [f"UC\\VEN_acme&{what}" for what in ("MODEL_icon400", "MODEL_icon400&HW_7", "PN_3111-2")]
    assert lab.device()["InstanceIds"] == ids
    write(lab, "codec", OverrideHardwareLevel=9)
    wait_for(lambda: lab.device()["InstanceIds"] == [*ids, "UC\\VEN_acme&MODEL_icon400&HW_9"], 30,
             "what root has added, last")
    level = lab.directory / "level"
    level.write_text("5\n")
    write(lab, "codec", HardwareLevelFile=level)
    wait_for(lambda: "hardware level 5" in lab.device()["Summary"], 10, "the level in the file")


def test_malformed_level(make_lab):
    lab = make_lab(hardware_level=None)
    level = lab.directory / "level"
    level.write_text("blue\n")
    path = write(lab, "codec", HardwareLevelFile=level)
    lab.start()
    assert names(lab) == []
    assert (f"endpoint is disabled: {path}:2: [Endpoint] HardwareLevel: found 'blue', expected a "
            "number from 0 to 65535") in lab.fwupd.process.log_text()


def test_override(make_lab):
    lab = make_lab(OverrideHardwareLevel="3-4").start()
    device = lab.device()
    assert device["Summary"] == ("UC endpoint, hardware level 2 (overridden, takes firmware for "
                                 "3-4 too)")
    assert device["InstanceIds"][-1] == r"UC\VEN_acme&MODEL_icon400&HW_4"
    refuse(lab, lab.package("2.0.0", levels=[5]), "No supported devices found")
    rc, text = lab.install(lab.package("2.0.0", levels=[4]))
    assert rc == 0, text
    lab.activate()
    lab.restart()
    assert lab.history()["Releases"][0]["UcOverrideHardwareLevel"] == "3-4"


def test_lowest_version(make_lab):
    """Not as fwupd's lowest version, which would refuse an older image that names our level."""
    lab = make_lab(MinimumSoftware="3.0").start()
    device = lab.device()
    assert "VersionLowest" not in device
    assert device["Summary"] == ("UC endpoint, hardware level 2, takes firmware that names no level "
                                 "from 3.0 on")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text


FLAGS = [
    ("slots", {}, {"dual-image", "usable-during-update", "unsigned-payload"}),
    ("signed by the vendor", {"VendorKeys": "{key}"},
     {"dual-image", "usable-during-update", "signed-payload"}),
    ("file", {"Type": "file", "Target": "{target}"}, {"unsigned-payload"}),
    ("command", {"Type": "command", "Program": "/bin/true"}, {"unsigned-payload"}),
]


def test_flags_are_true(make_lab, tmp_path):
    key = tmp_path / "key.pem"
    run(["sh", "-c", f"openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out {key}"],
        check=True)
    for name, keys, expected in FLAGS:
        lab = make_lab(install_keys={key_: value.format(key=key, target=tmp_path / "target")
                                     for key_, value in keys.items()}).start()
        flags = set(lab.device()["Flags"])
        described = {"dual-image", "usable-during-update", "unsigned-payload", "signed-payload"}
        assert flags & described == expected, name
        assert {"internal", "updatable"} <= flags, name
        lab.stop()
