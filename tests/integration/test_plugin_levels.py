# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rule of the hardware level as a table, each row through the real fwupdmgr: what the endpoint
knows of itself, what the header says, and the exact sentence. The metadata always claims to fit."""

import pytest

from uclab import bind

# a field of hardware levels whose first one is above its last
MALFORMED = bind.field(5, (6).to_bytes(2, "little") + (4).to_bytes(2, "little"))

# endpoint; what is refused, with the sentence; what is installed
TABLE = [
    ("level 2", {"hardware_level": 2}, [
        ("list", {"hardware_levels": [1, 3]},
         "firmware is for hardware levels 1,3, this endpoint has hardware level 2"),
        ("range above", {"hardware_levels": [(3, 65535)]},
         "firmware is for hardware levels 3-65535, this endpoint has hardware level 2"),
        ("range below", {"hardware_levels": [(0, 1)]},
         "firmware is for hardware levels 0-1, this endpoint has hardware level 2"),
        ("malformed", {"extra": [MALFORMED]},
         "hardware levels 6-4 are no range, expected numbers from 0 to 65535, "),
    ], [[1, 2], [(1, 3)], []]),
    ("level 2, oldest version", {"hardware_level": 2, "MinimumSoftware": "2.1"}, [
        ("absent", {"hardware_levels": []},
         "firmware names no hardware level and is version 2.0.0, this endpoint needs at least "
         "version 2.1"),
    ], [[2]]),
    ("level 2, overridden", {"hardware_level": 2, "OverrideHardwareLevel": "7,9-10"}, [
        ("another", {"hardware_levels": [8]},
         "firmware is for hardware level 8, this endpoint has hardware level 2"),
    ], [[7], [(10, 12)], [2]]),
    ("unknown", {"hardware_level": None}, [
        ("one", {"hardware_levels": [2]},
         "firmware is for hardware level 2, this endpoint has an unknown hardware level"),
        ("all", {"hardware_levels": [(0, 65535)]},
         "firmware is for hardware levels 0-65535, this endpoint has an unknown hardware level"),
    ], [[]]),
    ("by part number", {"hardware_level": None, "part_number": "3111-2",
                        "HardwareLevelByPartNumber": "3111-1:1;3111-2:7"}, [
        ("another", {"hardware_levels": [1]},
         "firmware is for hardware level 1, this endpoint has hardware level 7"),
    ], [[7]]),
]


def make_cab(lab, **header):
    return lab.endpoint.wrap(lab.endpoint.make_bind("2.0.0", **header), "2.0.0", [],
                             lab.authority)


@pytest.mark.parametrize("name,endpoint,refused,installed", TABLE, ids=[row[0] for row in TABLE])
def test_level(make_lab, name, endpoint, refused, installed):
    lab = make_lab(**endpoint).start()
    before = lab.endpoint.fingerprint()
    for case, header, sentence in refused:
        rc, text = lab.install(make_cab(lab, **header))
        assert rc != 0, case
        assert sentence in text, case
    assert lab.endpoint.fingerprint() == before
    device = lab.device()
    assert not {"needs-activation", "needs-reboot"} & set(device["Flags"])
    assert device["Version"] == "1.0.0", "the device goes on as it was"
    for levels in installed:
        lab.endpoint.fill("B", "1.0.0")
        rc, text = lab.install(make_cab(lab, hardware_levels=levels))
        assert rc == 0, f"{levels}: {text}"
        assert lab.endpoint.slot_version("B") == "2.0.0", levels


def test_wrong_level_forced(make_lab):
    """A human may, and the report says so."""
    lab = make_lab().start()
    path = lab.endpoint.make_bind("2.0.0", hardware_levels=[3])
    cab = lab.endpoint.wrap(path, "2.0.0", [], lab.authority)
    assert lab.install(cab)[0] != 0
    rc, text = lab.install(cab, "--force")
    assert rc == 0, text
    assert "forced: firmware is for hardware level 3, this endpoint has hardware level 2" in \
        lab.fwupd.process.log_text()
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.history()["Releases"][0]["UcForced"] == "true"
