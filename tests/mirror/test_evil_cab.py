# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cabs that somebody made who wishes the mirror ill, byte by byte, and given to the program."""
import struct

import package

BLOCK = 32768


def cabinet(members, count=None, offset=0, folder=0, missing=0):
    """A cab that is stored and not compressed ([MS-CAB]); gcab would not make most of these."""
    data = b"".join(content for _, content in members)
    blocks = [data[n:n + BLOCK] for n in range(0, len(data), BLOCK)] or [b""]
    files, position = b"", offset
    for name, content in members:
        files += struct.pack("<IIHHHH", len(content), position, folder, 0x5d76, 0, 0x20) + name + b"\0"
        position = (position + len(content)) & 0xffffffff
    start = 36 + 8 + len(files)
    body = b"".join(struct.pack("<IHH", 0, len(block), len(block)) + block for block in blocks)
    body = body[:len(body) - missing]
    return struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, start + len(body), 0, 36 + 8, 0, 3, 1, 1,
                       len(members) if count is None else count, 0, 4711, 0) + \
        struct.pack("<IHH", start, len(blocks), 0) + files + body


IMAGE, XML = package.bind(), package.metainfo().encode()
GOOD = [(b"firmware.bin", IMAGE), (b"firmware.metainfo.xml", XML)]


def files(mirror):
    """All that is there, but SQLite's and the empty file that is locked."""
    return {str(p) for p in mirror.path.rglob("*")
            if not p.name.startswith("mirror.db") and p.name != "lock"}


def refused(mirror, data):
    """What import says; and nothing of it is anywhere."""
    path = mirror.path / "evil.cab"
    path.write_bytes(data)
    before = files(mirror)
    sentence = mirror.run("import", path, status=1)
    assert files(mirror) == before
    assert mirror.json("list") == {"packages": []}
    return sentence


def test_this_is_how_a_good_one_is(mirror):
    path = mirror.path / "good.cab"
    path.write_bytes(cabinet(GOOD))
    mirror.run("import", path)
    assert mirror.states() == ["pending"]


def test_member_names(mirror):
    for name in (b"../evil.bin", b"../../../../../../tmp/evil.bin", b"/tmp/evil.bin",
                 b"a/../../evil.bin", b"..\\evil.bin", b"C:\\evil.bin", b".hidden", b"..", b".",
                 b"a/b", b"-rf", b"a\nb", b"\x1b[31m", b"x" * 200):
        sentence = refused(mirror, cabinet(GOOD + [(name, b"evil")]))
        assert "expected a plain file name of at most 128 bytes" in sentence, sentence
        assert "\x1b" not in sentence, name


def test_structure(mirror):
    for data, text in (
            (cabinet(GOOD + [(b"FIRMWARE.BIN", IMAGE)]), "FIRMWARE.BIN"),
            (cabinet(GOOD + [(b"%d.bin" % n, b"") for n in range(63)]), "64"),
            (cabinet(GOOD, count=65535), "cab"), (cabinet(GOOD, offset=0xfffffff0), "cab"),
            (cabinet(GOOD, folder=7), "cab"), (cabinet(GOOD, missing=1), "cab"),
            (cabinet(GOOD)[:36], "cab"), (b"MSCF", "cab"), (b"MSCF" + b"\xff" * 1000, "cab")):
        sentence = refused(mirror, data)
        assert text in sentence.split(": ", 2)[2], sentence


def test_entities_that_grow(mirror):
    """A thousand million times ten bytes out of one kilobyte."""
    lines = ['<!DOCTYPE component [<!ENTITY a0 "0123456789">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    xml = package.metainfo().replace("<component", "\n".join(lines) + "]>\n<component", 1).replace(
        "<summary>System software", "<summary>&a9;")
    assert "&a9;" in xml
    refused(mirror, cabinet([(b"firmware.bin", IMAGE), (b"firmware.metainfo.xml", xml.encode())]))


def test_component_names(mirror):
    for name in ("../../evil", "/etc/evil", "a/b", "x' OR 1=1 --", "a&#10;b", "x" * 300, ""):
        xml = package.metainfo(component=name).encode()
        sentence = refused(mirror, cabinet([(b"firmware.bin", IMAGE),
                                            (b"firmware.metainfo.xml", xml)]))
        assert "component id" in sentence, sentence
