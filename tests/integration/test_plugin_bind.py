# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images that must not get in, each with its exact sentence through the real fwupdmgr, and nothing
changed; then fwupdtool on UC binds."""

import hashlib
import pathlib
import re
import shutil
import tempfile

import pytest
from conftest import PluginLab

from uclab import bind
from uclab.process import run, sanitizer_env

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs/firmware-format.md"

BUILDER = """<firmware gtype="FuUcBindFirmware">
  <version>V3 R5.12.0</version>
  <vendor>acme</vendor>
  <model>icon400</model>
  <part_number>3111</part_number>
  <hardware_levels>2,4-6</hardware_levels>
  <minimum_version>3.0</minimum_version>
  <locale>de</locale>
  <firmware gtype="FuUcBindPayload">
    <id>application</id>
    <data>aGVsbG8=</data>
  </firmware>
</firmware>
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory, builddir, authority):
    """One lab for all refusals: they change nothing, so they cannot disturb each other."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-"))
    directory.chmod(0o755)
    lab = PluginLab(directory, builddir, authority, part_number="3111-44500-001")
    try:
        yield lab.start()
    finally:
        lab.stop()
        shutil.rmtree(directory, ignore_errors=True)


def refuse(lab, cab, sentence, *options):
    before = lab.endpoint.fingerprint()
    rc, text = lab.install(cab, *options)
    assert rc != 0, text
    assert sentence in text
    assert lab.endpoint.fingerprint() == before
    assert "needs-activation" not in lab.device()["Flags"]
    assert not lab.state_file().exists()


HARDWARE = [
    ("one level", [3], "firmware is for hardware level 3, this endpoint has hardware level 2"),
    ("list and range", [1, (3, 5)],
     "firmware is for hardware levels 1,3-5, this endpoint has hardware level 2"),
]


@pytest.mark.parametrize("name,levels,sentence", HARDWARE, ids=[row[0] for row in HARDWARE])
def test_wrong_hardware_level(session, name, levels, sentence):
    path = session.endpoint.make_bind("2.0.0", hardware_levels=levels)
    refuse(session, session.endpoint.wrap(path, "2.0.0", [2], session.authority), sentence)


def test_wrong_level_is_not_offered(session):
    refuse(session, session.package("2.0.0", levels=[3]), "No supported devices found")


def test_locale_without_one(session):
    refuse(session, session.package("2.0.0", locale="de"), "No supported devices found")
    path = session.endpoint.make_bind("2.0.0", [2], locale="de")
    refuse(session, session.endpoint.wrap(path, "2.0.0", [2], session.authority),
           "firmware is for locale de, this endpoint has none", "--force")


def test_locales(make_lab):
    """Offered is what is for everybody, for its language, and for its country."""
    austrian = make_lab(Locale="de_AT.UTF-8").start()
    refuse(austrian, austrian.package("2.0.0", locale="fr"), "No supported devices found")
    refuse(austrian, austrian.package("2.0.0", locale="de-CH"), "No supported devices found")
    path = austrian.endpoint.make_bind("2.0.0", [2], locale="fr")
    refuse(austrian, austrian.endpoint.wrap(path, "2.0.0", [2], austrian.authority),
           "firmware is for locale fr, this endpoint has locale de_AT.UTF-8")
    for version, locale in (("2.0.0", "de"), ("3.0.0", "de-AT"), ("4.0.0", None)):
        rc, text = austrian.install(austrian.package(version, locale=locale))
        assert rc == 0, text
        austrian.activate()
        austrian.restart()
        assert austrian.device()["Version"] == version


def test_wrong_vendor(session):
    refuse(session, session.package("2.0.0", vendor="contoso"),
           "firmware is from vendor contoso, this endpoint is from vendor acme")


def test_wrong_model(session):
    refuse(session, session.package("2.0.0", models=["icon600", "icon800"]),
           "firmware is for model icon600, model icon800, this endpoint is model icon400, "
           "part number 3111-44500-001")


def test_wrong_vendor_forced(session):
    refuse(session, session.package("2.0.0", vendor="contoso"),
           "firmware is from vendor contoso, this endpoint is from vendor acme", "--force")


def test_too_early(session):
    refuse(session, session.package("2.0.0", minimum_version="1.5"),
           "firmware version 2.0.0 can only follow version 1.5 or later, this endpoint runs "
           "version 1.0.0; install version 1.5 first")


def test_slot_too_small(session):
    slot = session.endpoint.slots["B"]
    refuse(session, session.package("2.0.0", size=(1 << 20) + 1),
           f"firmware has 1048577 bytes, slot B ({slot}) only 1048576")


PLAIN = b"UCFW 2.0.0\n" + b"ucupdates " * 30000


def broken_zstd(**changes):
    payload = bind.Payload.zstd(PLAIN)
    for name, value in changes.items():
        setattr(payload, name, value)
    return payload


COMPRESSED = [
    ("not zstd", broken_zstd(data=b"not really zstd"),
     "compressed payload is damaged: it is not zstd; get the file again"),
    ("truncated", broken_zstd(data=broken_zstd().data[:-20]), "compressed payload is damaged: "),
    ("larger than promised", broken_zstd(installed_size=1000),
     "compressed payload unpacks to at least "),
    ("smaller than promised", broken_zstd(installed_size=len(PLAIN) + 1),
     f"compressed payload unpacks to {len(PLAIN)} bytes, the UC bind header says "
     f"{len(PLAIN) + 1}; get the file again"),
    ("another content", broken_zstd(installed_sha256=bytes(32)),
     f"payload application unpacks to SHA-256 {hashlib.sha256(PLAIN).hexdigest()}, the UC bind "
     f"header says {bytes(32).hex()}; get the file again"),
    ("unknown compression", broken_zstd(compression=7),
     "payload application has compression 7, expected 0 (none) or 1 (zstd)"),
    ("larger than the slot", broken_zstd(installed_size=2 << 20),
     "firmware has 2097152 bytes, slot B ("),
    ("not compressed after all", broken_zstd(compression=0),
     "payload application is not compressed, but what is installed is said to be something else"),
]


@pytest.mark.parametrize("name,payload,sentence", COMPRESSED, ids=[row[0] for row in COMPRESSED])
def test_broken_compression(session, name, payload, sentence):
    refuse(session, session.package("2.0.0", payload=payload), sentence)


def test_compressed(lab):
    rc, text = lab.install(lab.package("2.0.0", payload=bind.Payload.zstd(PLAIN)))
    assert rc == 0, text
    with open(lab.endpoint.slots["B"], "rb") as slot:
        assert slot.read(len(PLAIN)) == PLAIN
    assert lab.activate()[0] == 0
    assert lab.restart() == "B"
    assert lab.device()["Version"] == "2.0.0"


def test_critical_field(session):
    refuse(session, session.package("2.0.0", extra=[bind.field(0x42, b"x")]),
           "UC bind header has the critical field 0x8042, which this version does not know; "
           "update the endpoint's ucupdates first")


def damaged(lab, change):
    """A signed cab around a UC bind whose bytes change() has changed."""
    path = lab.endpoint.make_bind("2.0.0", [2])
    data = bytearray(path.read_bytes())
    path.write_bytes(change(data) or data)
    return lab.endpoint.wrap(path, "2.0.0", [2], lab.authority), bytes(data)


def test_truncated(session):
    cab, data = damaged(session, lambda data: data[:-1])
    refuse(session, cab,
           f"UC bind is truncated: the file has {len(data) - 1} bytes, but header and payloads "
           f"have {len(data)}; get the file again")


def test_oversized(session):
    cab, data = damaged(session, lambda data: data + b"x")
    refuse(session, cab,
           f"UC bind is oversized: the file has {len(data) + 1} bytes, but header and payloads "
           f"have {len(data)}; get the file again")


def test_flipped_header(session):
    def flip(data):
        data[24] ^= 1
    cab, data = damaged(session, flip)
    size = int.from_bytes(data[12:16], "little")
    found = hashlib.sha256(data[:size - 32]).hexdigest()
    refuse(session, cab, f"UC bind header is damaged: its SHA-256 is {found}, "
                         f"expected {data[size - 32:size].hex()}; get the file again")


def test_flipped_payload(session):
    def flip(data):
        data[-1] ^= 1
    cab, data = damaged(session, flip)
    size = int.from_bytes(data[12:16], "little")
    found = hashlib.sha256(data[size:]).hexdigest()
    refuse(session, cab, f"payload application is damaged: its SHA-256 is {found}, "
                         f"the UC bind header says ")


def test_not_a_bind(session):
    cab, _ = damaged(session, lambda data: b"MZ" + data)
    refuse(session, cab, "not a UC bind: the file does not begin with UC-BIND!")


def test_unsigned(session):
    refuse(session, session.endpoint.make_package("2.0.0", [2]), "signature missing")


def test_minimum_software_and_force(make_lab):
    lab = make_lab(MinimumSoftware="3.0").start()
    sentence = ("firmware names no hardware level and is version 2.0.0, this endpoint needs at "
                "least version 3.0")
    refuse(lab, lab.package("2.0.0", levels=[]), sentence)
    rc, text = lab.install(lab.package("2.0.0", levels=[]), "--force")
    assert rc == 0, text
    assert "Forced=true" in lab.state_file().read_text()
    lab.activate()
    lab.restart()
    assert lab.history()["Releases"][0]["UcForced"] == "true"


def test_fwupdtool(session, tmp_path):
    """Our second implementation and the plugin agree on the same bytes."""
    path = session.endpoint.make_bind("V3 R5.12.0", payload=b"hello", hardware_levels=[2, (4, 6)],
                                      part_numbers=["3111"], minimum_version="3.0", locale="de")
    env = {**session.fwupd.env, **sanitizer_env()}
    parsed = run(["fwupdtool", "firmware-parse", path, "uc-bind"], env=env)
    for text in ("V3 R5.12.0", "<hardware_levels>2,4-6</hardware_levels>", "FuUcBindPayload"):
        assert text in parsed.stdout
    xml, out = tmp_path / "builder.xml", tmp_path / "out.ucbind"
    xml.write_text(BUILDER)
    built = run(["fwupdtool", "firmware-build", xml, out], env=env)
    assert built.returncode == 0, built.stdout + built.stderr
    assert out.read_bytes() == path.read_bytes()
    assert bind.read(out)["version"] == "V3 R5.12.0"


def test_documented_vector(session, tmp_path):
    """The bytes and the GUIDs of docs/firmware-format.md are what plugin and lab say."""
    text = DOCS.read_text()
    data = bytes.fromhex(text.split("## Test vector")[1].split("```")[1])
    path = tmp_path / "vector.ucbind"
    path.write_bytes(data)
    assert bind.read(path)["hardware_levels"] == [(2, 3)]
    written = bind.write(tmp_path / "again.ucbind", b"hello", hardware_levels=[(2, 3)])
    assert written.read_bytes() == data
    env = {**session.fwupd.env, **sanitizer_env()}
    parsed = run(["fwupdtool", "firmware-parse", path, "uc-bind"], env=env)
    assert "<hardware_levels>2-3</hardware_levels>" in parsed.stdout
    rows = re.findall(r"^\| `(UC\\.*?)` \| `(.*?)` \|$", text, re.MULTILINE)
    assert len(rows) == 8
    assert all(bind.guid(instance_id) == guid for instance_id, guid in rows)
    device = session.device()
    assert dict(rows[:3]) == dict(zip(device["InstanceIds"], device["Guid"]))
