# SPDX-License-Identifier: LGPL-2.1-or-later
"""Phones with Polycom's UC Software: their packages, what they read, and what they leave behind."""
import io
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
import zipfile

import pytest

import package
from mirrorlab import HOST, Service

VVX500, VVX600, IP650, UNKNOWN = ("3111-44500-001", "3111-44600-001", "2345-12600-001",
                                  "3111-99999-001")


def ucs(path, version="5.9.7.4477", parts=(VVX500, VVX600), below="", members=()):
    """A split package as vendors pack it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        if version is not None:
            out.writestr(f"{below}sip.ver", f"{version} rts\n")
        out.writestr(f"{below}Config/sip-basic.cfg", "<x/>")
        for part in parts:
            out.writestr(f"{below}{part}.sip.ld", f"{part} {version}".encode() * 100)
        for name, data in members:
            out.writestr(name, data)
    return path


def add(mirror, name, approve=True, **kwargs):
    (added,) = mirror.json("import", ucs(mirror.path / f"{name}.zip", **kwargs))["packages"]
    if approve:
        mirror.run("approve", added["id"])
    return added


def versions(mirror, name="ucs.xml"):
    """Version and directory as a phone reads them."""
    root = ElementTree.parse(mirror.root / "public" / name).getroot()
    assert root.tag == "PHONE_IMAGES"
    return [(i.findtext("VERSION"), i.findtext("PATH"))
            for i in root.findall("./REVISION/PHONE_IMAGE")]


def images(mirror, name="000000000000.cfg"):
    """What each model would load: attribute of the element of its name, else of the root."""
    root = ElementTree.parse(mirror.root / "public" / name).getroot()
    assert root.tag == "APPLICATION"
    found = {"": root.get("APP_FILE_PATH")}
    for child in root:
        model = child.tag.removeprefix("APPLICATION_")
        found[model] = child.get(f"APP_FILE_PATH_{model}")
    return found


def loads(mirror, path, part):
    """The image that a phone gets, which puts its part number before the name."""
    file = mirror.root / "public" / path.replace("sip.ld", f"{part}.sip.ld")
    return file.read_bytes()[:30].decode() if file.exists() else None


def test_versions_to_choose_from(mirror):
    mirror.run("publish")
    assert not (mirror.root / "public/ucs.xml").exists()
    add(mirror, "new")
    add(mirror, "old", version="4.1.0.73405", parts=(VVX500, IP650))
    add(mirror, "next", approve=False, version="6.0.0.10000")
    mirror.run("publish")
    base = f"https://{HOST}/ucs/"
    assert versions(mirror) == [("4.1.0.73405", f"{base}4.1.0.73405/"),
                                ("5.9.7.4477", f"{base}5.9.7.4477/")]
    mirror.rules("[Publish]\nPhoneUrl=http://phones.room.example:8080/\n")
    mirror.run("publish")
    assert versions(mirror)[0][1] == "http://phones.room.example:8080/ucs/4.1.0.73405/"
    if shutil.which("xmllint") is not None:
        for name in ("ucs.xml", "000000000000.cfg"):
            subprocess.run(["xmllint", "--noout", mirror.root / "public" / name], check=True)


def test_each_model_its_version(mirror):
    add(mirror, "old", version="4.1.0.73405", parts=(VVX500, IP650, UNKNOWN))
    add(mirror, "new", below="UCS/")
    mirror.run("publish")
    found = images(mirror)
    assert found == {"": "ucs/current/sip.ld", "VVX500": "ucs/5.9.7.4477/sip.ld",
                     "VVX600": "ucs/5.9.7.4477/sip.ld", "SPIP650": "ucs/4.1.0.73405/sip.ld"}
    assert loads(mirror, found["VVX500"], VVX500).startswith(f"{VVX500} 5.9.7.4477")
    assert loads(mirror, found[""], VVX600).startswith(f"{VVX600} 5.9.7.4477")
    mirror.run("use-version", "polycom/vvx500", "4.1.0.73405")
    mirror.run("publish")
    found = images(mirror)
    assert (found["VVX500"], found["VVX600"]) == ("ucs/4.1.0.73405/sip.ld", "ucs/5.9.7.4477/sip.ld")
    assert loads(mirror, found[""], VVX500).startswith(f"{VVX500} 4.1.0.73405")
    assert "models" not in mirror.policy(), "phones do not read it"
    mirror.run("use-version", "polycom/vvx500", "4.1.0.73405", "--or-newer")
    mirror.run("publish")
    assert images(mirror)["VVX500"] == "ucs/5.9.7.4477/sip.ld"


def test_one_version_in_two_packages(mirror):
    add(mirror, "vvx", parts=(VVX500,))
    add(mirror, "ip", parts=(IP650, UNKNOWN))
    assert mirror.states() == ["approved", "approved"]
    mirror.run("publish")
    assert images(mirror) == {"": "ucs/current/sip.ld", "VVX500": "ucs/5.9.7.4477/sip.ld",
                              "SPIP650": "ucs/5.9.7.4477/sip.ld"}
    assert len(versions(mirror)) == 1
    for part in (VVX500, IP650, UNKNOWN):
        assert loads(mirror, "ucs/5.9.7.4477/sip.ld", part) == loads(mirror, "ucs/current/sip.ld",
                                                                     part) is not None


def test_test_device_gets_what_is_pending(mirror):
    add(mirror, "new", parts=(VVX500,))
    add(mirror, "next", approve=False, version="6.0.0.10000", parts=(VVX500,))
    mirror.run("test-device", "add", "64:16:7F:39:59:CA")
    mirror.run("publish")
    assert images(mirror)["VVX500"] == "ucs/5.9.7.4477/sip.ld"
    mine = images(mirror, "64167f3959ca.cfg")
    assert mine == {"": "ucs/testing/sip.ld", "VVX500": "ucs/6.0.0.10000/sip.ld"}
    assert loads(mirror, mine[""], VVX500).startswith(f"{VVX500} 6.0.0.10000")
    assert [v for v, _ in versions(mirror)] == ["5.9.7.4477"]
    mirror.run("test-device", "remove", "64:16:7F:39:59:CA")
    mirror.run("publish")
    assert not (mirror.root / "public/64167f3959ca.cfg").exists()


def test_nothing_of_it_reaches_fwupd(mirror):
    mirror.run("publish")
    before = (mirror.root / "public/firmware.xml.gz").read_bytes()
    add(mirror, "new")
    assert mirror.json("publish")["approved"] == 1
    assert (mirror.root / "public/firmware.xml.gz").read_bytes() == before
    assert not list((mirror.root / "public/cabs").iterdir())


def test_import_twice_and_from_a_directory(mirror):
    directory = mirror.path / "in"
    directory.mkdir()
    ucs(directory / "a.zip")
    package.cab(directory / "b.cab")
    shutil.rmtree(directory / "b.cab.d")
    assert [p["added"] for p in mirror.json("import", directory)["packages"]] == [True, True]
    assert [p["added"] for p in mirror.json("import", directory)["packages"]] == [False, False]
    assert not (mirror.root / "tmp-import").exists()


def link(name):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


@pytest.mark.parametrize("kwargs, sentence", [
    ({"version": None}, "has no version"),
    ({"version": "../../x"}, "has no version"),
    ({"parts": ()}, "has no split image"),
    ({"parts": (), "members": [("sip.ld", b"all in one")]}, "has no split image"),
    ({"members": [("../3111-44500-009.sip.ld", b"x")]}, "stays within the package"),
    ({"members": [("/etc/3111-44500-009.sip.ld", b"x")]}, "stays within the package"),
    ({"members": [("a/../../x", b"x")]}, "stays within the package"),
    ({"members": [("..\\x", b"x")]}, "stays within the package"),
    ({"members": [("b/" + VVX500 + ".sip.ld", b"x")]}, "more than once"),
    ({"members": [("a" * 2000, b"x")]}, "stays within the package"),
    ({"members": [(f"f{i}", b"") for i in range(4100)]}, "more than 4096 members"),
    ({"parts": [f"3111-{i:05}-001" for i in range(300)]}, "more than 256 images"),
], ids=str.split("no-version bad-version no-image combined traversal absolute inner backslash twice "
                 "long members images"))
def test_refused(mirror, kwargs, sentence):
    assert sentence in mirror.run("import", ucs(mirror.path / "bad.zip", **kwargs), status=1)
    assert mirror.states() == []
    assert not list((mirror.root / "packages").iterdir())
    assert not (mirror.root / "tmp-import").exists()


def test_a_link_is_no_image(mirror):
    bad = ucs(mirror.path / "bad.zip", parts=(), members=[(link(VVX500 + ".sip.ld"), "/etc/passwd")])
    assert "has no split image" in mirror.run("import", bad, status=1)


def test_bomb(mirror):
    with zipfile.ZipFile(mirror.path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("sip.ver", "5.9.7.4477")
        with out.open(f"{VVX500}.sip.ld", "w", force_zip64=True) as member:
            for _ in range(300):
                member.write(bytes(1 << 20))
    assert (mirror.path / "bomb.zip").stat().st_size < 2 << 20
    assert "unpacks to more than 268435456" in mirror.run("import", mirror.path / "bomb.zip",
                                                          status=1)
    assert not (mirror.root / "tmp-import").exists()


def test_damaged(mirror):
    whole = ucs(mirror.path / "whole.zip").read_bytes()
    assert mirror.run("import", mirror.path / "whole.zip")
    (mirror.path / "cut.zip").write_bytes(whole[:len(whole) // 2])
    error = mirror.run("import", mirror.path / "cut.zip", status=1)
    assert "truncated or damaged" in error or "has no split image" in error
    flipped = bytearray(whole)
    at = whole.index(b"3111-44500-001.sip.ld") + 60
    flipped[at] ^= 0xff
    (mirror.path / "flipped.zip").write_bytes(flipped)
    assert "truncated or damaged" in mirror.run("import", mirror.path / "flipped.zip", status=1)


UPDATER = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater"
APPLICATION = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application"


def seen(mirror, mac):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = mirror.json("endpoints", f"--where=mac_address={mac}")["endpoints"]
        if found:
            return mirror.json("endpoint", mac)
        time.sleep(0.05)
    raise AssertionError(mac)


def test_boot_fills_the_inventory(mirror):
    """A start as it was observed: boot log, configuration, image, further files."""
    add(mirror, "new")
    mirror.run("publish")
    service = Service(mirror)
    one = "64167f3959ca"
    assert service.request("PUT", f"/{one}-boot.log", b"x", {"User-Agent": UPDATER}).status == 413
    assert service.request("GET", f"/{one}.cfg", headers={"User-Agent": APPLICATION}).status == 404
    got = service.request("GET", "/000000000000.cfg", headers={"User-Agent": APPLICATION})
    assert got.status == 200 and got.getheader("Content-Type") == "text/xml"
    assert service.request("GET", f"/ucs/5.9.7.4477/{VVX500}.sip.ld").status == 200
    assert service.request("HEAD", f"/{one}-app.log", headers={"User-Agent": UPDATER}).status == 404
    agent = "FileTransport PolycomSoundPointIP-SPIP_650-UA/4.0.11.0583_0004f2000001"
    service.request("GET", "/ucs.xml", headers={"User-Agent": agent})
    for bad in ("FileTransport Polycom", "FileTransport PolycomVVX-VVX_500-UA/x Type/Updater",
                "FileTransport PolycomVVX-';--_1-UA/1.2.3.4", "curl/8", "a" * 4000):
        service.request("GET", "/0004f2000009.cfg", headers={"User-Agent": bad})
    phone = seen(mirror, "64:16:7f:39:59:ca")
    other = seen(mirror, "00:04:f2:00:00:01")
    assert service.stop() == 0
    phone = mirror.json("endpoint", "64:16:7f:39:59:ca")
    assert (phone["vendor"], phone["model"], phone["version"]) == ("Polycom", "VVX500",
                                                                   "5.9.7.4477")
    assert sorted((v["module"], v["version"]) for v in phone["versions"]) == [
        ("application", "5.9.7.4477"), ("updater", "5.9.7.47435")]
    assert (other["model"], other["version"]) == ("SPIP650", "4.0.11.0583")
    assert len(mirror.json("endpoints")["endpoints"]) == 2


def test_standard_input_is_no_zip(mirror):
    """A pipe cannot be looked at twice; only a cab comes that way."""
    data = io.BytesIO()
    ucs(data)
    assert b"is no cab" in mirror.run("import", "-", input=data.getvalue(), text=False, status=1)
