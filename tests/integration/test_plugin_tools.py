# SPDX-License-Identifier: LGPL-2.1-or-later
"""fwupdtool on our formats, and contrib/make-cab."""

import pathlib
import resource
import subprocess

import pytest

from uclab import bind, cab
from uclab.endpoint import image
from uclab.process import run

MAKE_CAB = pathlib.Path(__file__).resolve().parents[2] / "contrib/make-cab"
MEMORY_KIB_MAX = 96 * 1024

XML = """<firmware gtype="FuUcBindFirmware">
  <version>1.1.0</version>
  <vendor>acme</vendor>
  <model>icon400</model>
  <hardware_levels>2</hardware_levels>
  <firmware gtype="FuUcBindPayload">
    <id>application</id>
    <compression>zstd</compression>
    <filename>{payload}</filename>
  </firmware>
</firmware>
"""


def fwupdtool(lab, *arguments):
    return run(["fwupdtool", *arguments], env={**lab.fwupd.env, "LC_ALL": "C.UTF-8"})


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "payload.zst"
    path.write_bytes(subprocess.run(["zstd", "-q", "-c"], input=image("1.1.0"),
                                    capture_output=True, check=True).stdout)
    return path


def test_build_parse_convert(lab, tmp_path, packed):
    xml, built, again = (tmp_path / name for name in ("b.xml", "b.ucbind", "again.ucbind"))
    xml.write_text(XML.format(payload=packed))
    result = fwupdtool(lab, "firmware-build", xml, built)
    assert result.returncode == 0, result.stdout + result.stderr
    header = bind.read(built)
    assert header["version"] == "1.1.0"
    assert header["hardware_levels"] == [(2, 2)]
    assert [payload["compression"] for payload in header["payloads"]] == [1]
    for kind in ("uc-bind", "auto"):
        result = fwupdtool(lab, "firmware-parse", built, kind)
        assert result.returncode == 0, result.stdout + result.stderr
        assert "<vendor>acme</vendor>" in result.stdout
    # fwupdtool carries the payloads over, and nothing of the header
    result = fwupdtool(lab, "firmware-convert", built, again, "uc-bind", "uc-bind")
    assert result.returncode != 0
    assert "UC bind header has no vendor" in result.stderr
    assert not again.exists()

    package = lab.endpoint.wrap(built, "1.1.0", (2,), lab.authority)
    rc, text = lab.install(package)
    assert rc == 0, text
    assert lab.endpoint.slot_version("B") == "1.1.0"


def test_export_and_extract(tmp_path, lab):
    """Without a format fwupdtool asks for one and waits for the answer, also in a script."""
    built = bind.write(tmp_path / "b.ucbind", image("1.1.0"), vendor="acme", models=["icon400"],
                       version="1.1.0", hardware_levels=[2])
    result = fwupdtool(lab, "firmware-export", built, "uc-bind")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "<id>application</id>" in result.stdout
    result = run(["fwupdtool", "firmware-extract", built, "uc-bind"], cwd=tmp_path,
                 env={**lab.fwupd.env, "LC_ALL": "C.UTF-8"})
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "id-application.fw").read_bytes() == image("1.1.0")


def make_cab(*arguments):
    return run([MAKE_CAB, *arguments])


def test_make_cab(lab, tmp_path):
    payload = bind.write(tmp_path / "icon400.ucbind", image("1.1.0"), version="1.1.0",
                         hardware_levels=[2])
    info, out = tmp_path / "icon400.metainfo.xml", tmp_path / "icon400.cab"
    info.write_bytes(cab.metainfo("1.1.0", lab.endpoint.guids((2,)), filename=payload.name))
    result = make_cab(out, info, payload, lab.authority.cert, lab.authority.key)
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "icon400.cab", "icon400.metainfo.xml", "icon400.ucbind"]
    rc, text = lab.install(out)
    assert rc == 0, text
    assert lab.endpoint.slot_version("B") == "1.1.0"


def test_make_cab_with_flat_memory(tmp_path, authority):
    payload, info = tmp_path / "large.img", tmp_path / "large.metainfo.xml"
    with open(payload, "wb") as out:
        out.truncate(300 << 20)
    info.write_bytes(cab.metainfo("1.1.0", [bind.guid("x")], filename=payload.name))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result = make_cab(tmp_path / "large.cab", info, payload, authority.cert, authority.key)
    assert result.returncode == 0, result.stderr
    peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak_kib < max(before + 1, MEMORY_KIB_MAX)


def test_make_cab_refuses(tmp_path, authority):
    payload, info = tmp_path / "a.img", tmp_path / "a.metainfo.xml"
    payload.write_bytes(b"x")
    info.write_bytes(cab.metainfo("1.1.0", [bind.guid("x")], filename="b.img"))
    keys = (authority.cert, authority.key)
    for arguments, status, sentence in (
            ((), 2, "there are 0 arguments, expected five: OUT.cab NAME.metainfo.xml "),
            ((tmp_path / "o.cab", info, payload, *keys), 1,
             f"{info} does not name the payload a.img"),
            ((tmp_path / "o.cab", info, tmp_path / "none", *keys), 1,
             f"{tmp_path}/none cannot be read"),
            ((tmp_path / "o.cab", payload, info, *keys), 1,
             f"{payload} has to end with .metainfo.xml"),
    ):
        result = make_cab(*arguments)
        assert (result.returncode, sentence in result.stderr) == (status, True), result.stderr
    assert not (tmp_path / "o.cab").exists()
