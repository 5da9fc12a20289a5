# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images without a header: what they are for is in the metadata alone, where the endpoint file
allows it."""

import pytest

from uclab import bind, cab
from uclab.endpoint import image

SUCCESS = 2
PATTERN = {"Format": "raw", "RawVersionPattern": "^UCFW ([0-9.]+)"}


def wrap(lab, path, content, version, guids=None, protocol="org.ucupdates.raw"):
    path.write_bytes(content)
    endpoint = lab.endpoint
    return cab.make(path.with_suffix(".cab"), version, path, guids or endpoint.guids((2,)),
                    lab.authority, name=endpoint.name, vendor=endpoint.vendor, protocol=protocol)


def test_split_file_by_part_number(make_lab, tmp_path):
    """Named by part number, as Polycom's are; into a slot, and it runs after the restart."""
    part_number = "3111-44500-001"
    lab = make_lab(part_number=part_number, install_keys=PATTERN).start()
    assert lab.device()["Protocols"] == ["org.ucupdates.raw"]
    guid = bind.guid(bind.instance_ids("acme", part_number=part_number)[-1])
    package = wrap(lab, tmp_path / f"{part_number}.sip.ld", image("1.1.0"), "1.1.0", [guid])
    rc, text = lab.install(package)
    assert rc == 0, text
    assert lab.endpoint.slot_version("B") == "1.1.0"
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.device()["Version"] == "1.1.0"
    assert lab.history()["UpdateState"] == SUCCESS


def test_file(make_lab, tmp_path):
    """Without a restart the engine compares the release with what runs."""
    target = tmp_path / "target"
    target.write_bytes(b"1.0.0\n")
    lab = make_lab(VersionFile=target, install_keys={
        "Type": "file", "Target": target, "Format": "raw",
        "RawVersionPattern": "([0-9.]+)\n"}).start()
    rc, text = lab.install(wrap(lab, tmp_path / "good.img", b"1.1.0\nnew\n", "1.1.0"))
    assert rc == 0, text
    assert target.read_bytes() == b"1.1.0\nnew\n"
    assert lab.device()["Version"] == "1.1.0"


REFUSED = [
    ("no version", b"nothing of that kind\n", {},
     "raw image has no version where RawVersionPattern of the endpoint file looks for it"),
    ("not printable", b"UCFW 1.1\x07\n", {"RawVersionPattern": "^UCFW (.*)"},
     "raw image has no version where RawVersionPattern of the endpoint file looks for it"),
    ("behind its end", image("1.1.0"), {"RawVersionOffset": 70000},
     "raw image has no version where RawVersionPattern of the endpoint file looks for it"),
    ("too large", image("1.1.0", (1 << 20) + 1), {},
     "firmware has 1048577 bytes, slot B "),
]


@pytest.mark.parametrize("name,content,keys,sentence", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(make_lab, tmp_path, name, content, keys, sentence):
    lab = make_lab(install_keys={**PATTERN, **keys}).start()
    before = lab.endpoint.fingerprint()
    rc, text = lab.install(wrap(lab, tmp_path / "image.img", content, "1.1.0"))
    assert rc != 0
    assert sentence in text
    assert lab.endpoint.fingerprint() == before
    assert "needs-activation" not in lab.device()["Flags"]


def test_minimum_software(make_lab, tmp_path):
    lab = make_lab(install_keys=PATTERN, MinimumSoftware="1.5").start()
    assert lab.device()["VersionLowest"] == "1.5"
    package = wrap(lab, tmp_path / "image.img", image("1.1.0"), "1.1.0")
    rc, text = lab.install(package)
    assert rc != 0
    assert "Specified firmware is older than the minimum required version '1.1.0 < 1.5'" in text
    lying = wrap(lab, tmp_path / "lying.img", image("1.1.0"), "2.0.0")
    rc, text = lab.install(lying)
    assert rc != 0
    assert ("firmware names no hardware level and is version 1.1.0, this endpoint needs at least "
            "version 1.5") in text
    assert lab.install(package, "--force")[0] == 0


def test_only_where_allowed(make_lab, tmp_path):
    """Not offered at all where the endpoint takes another format, in both directions."""
    lab = make_lab().start()
    rc, text = lab.install(wrap(lab, tmp_path / "image.img", image("1.1.0"), "1.1.0"))
    assert rc != 0
    assert "org.ucupdates.raw" in text
    lab.stop()
    lab = make_lab(install_keys=PATTERN).start()
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert "org.ucupdates.bind" in text


MISTAKES = [
    ({"Format": "raw"}, "[Install] RawVersionPattern: is missing, expected a regular expression "
     "with the version in its one pair of parentheses"),
    ({**PATTERN, "RawVersionPattern": "[0-9]+"}, "[Install] RawVersionPattern: found '[0-9]+', "
     "expected a regular expression with the version in its one pair of parentheses"),
    ({**PATTERN, "RawVersionPattern": "("}, "[Install] RawVersionPattern: found '(', expected a "
     "regular expression with the version in its one pair of parentheses: "),
    ({**PATTERN, "RawVersionOffset": "-1"},
     "[Install] RawVersionOffset: found '-1', expected a number from 0 to 2147483647"),
    ({"Format": "tape"}, "[Install] Format: found 'tape', expected bind or raw"),
    ({"Type": "rauc", "Format": "raw"},
     "[Install] Format: found 'raw', expected rauc with Type=rauc"),
]


def test_mistakes_in_the_endpoint_file(make_lab):
    """One daemon reads them all; each disables its endpoint with a sentence."""
    lab = make_lab()
    for index, (keys, _) in enumerate(MISTAKES):
        lab.endpoint.endpoint_id, lab.endpoint.install_keys = f"codec-{index}", keys
        lab.endpoint.conf = lab.endpoint.conf.with_name(f"codec-{index}.conf")
        lab.endpoint.write_config()
    lab.start()
    log = lab.fwupd.process.log_text()
    for index, (_, sentence) in enumerate(MISTAKES):
        assert f"codec-{index}.conf: {sentence}" in log
