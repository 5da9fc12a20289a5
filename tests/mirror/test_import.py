# SPDX-License-Identifier: LGPL-2.1-or-later
"""What import takes, and from where."""
import shutil
import subprocess

import pytest

import package
from mirrorlab import cab_of


def two_models(path):
    def ids(model):
        return (f"UC\\VEN_acme&MODEL_{model}&HW_2",)

    second = package.metainfo("com.acme.icon800", "2.0.0", instance_ids=ids("icon800"))
    members = {"icon800.metainfo.xml": second.replace("firmware.bin", "icon800.bin").encode(),
               "icon800.bin": package.bind(model="icon800", version="2.0.0")}
    return package.cab(path, **members)


def test_one_cab_many_models(mirror):
    cab = two_models(mirror.path / "two.cab")
    packages = mirror.json("import", cab)["packages"]
    assert sorted((p["component_id"], p["version"], p["added"]) for p in packages) == [
        ("com.acme.icon400", "1.1.0", True), ("com.acme.icon800", "2.0.0", True)]
    assert len({p["id"] for p in packages}) == 2
    assert [p["added"] for p in mirror.json("import", cab)["packages"]] == [False, False]
    first = next(p for p in packages if p["component_id"] == "com.acme.icon400")
    mirror.run("approve", first["id"])
    mirror.run("publish")
    assert sorted(mirror.states()) == ["approved", "pending"]
    assert len(list((mirror.root / "public/cabs").iterdir())) == 1
    # both payloads are signed, whichever was approved
    unpacked = mirror.path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["gcab", "-x", str(cab_of(mirror))], cwd=unpacked, check=True)
    anchor = mirror.root / "trust/payload/room.example.pem"
    for payload in ("firmware.bin", "icon800.bin"):
        (unpacked / payload).rename(unpacked / "kept")
        (unpacked / "kept").rename(unpacked / payload)
    done = subprocess.run(["jcat-tool", f"--public-key={anchor}", "--target=sha256", "verify",
                           "firmware.jcat"], cwd=unpacked, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count("pkcs7-of-sha256") == 2, done.stdout


def test_one_bad_component_refuses_the_cab(mirror):
    bad = package.metainfo("com.acme.icon800").replace("firmware.bin", "gone.bin").encode()
    cab = package.cab(mirror.path / "bad.cab", **{"icon800.metainfo.xml": bad})
    error = mirror.run("import", cab, status=1)
    assert "icon800.metainfo.xml: the metadata names the payload 'gone.bin'" in error
    assert mirror.states() == [] and not list((mirror.root / "packages").iterdir())


def test_directory_and_standard_input(mirror):
    directory = mirror.path / "cabs"
    directory.mkdir()
    assert "there is no file *.cab" in mirror.run("import", directory, status=1)
    for version in ("1.2.0", "1.1.0"):
        package.cab(directory / f"{version}.cab", image=package.bind(version=version),
                    xml=package.metainfo(version=version))
    (directory / "README").write_text("nothing")
    shutil.rmtree(directory / "1.1.0.cab.d")
    shutil.rmtree(directory / "1.2.0.cab.d")
    assert [p["version"] for p in mirror.json("import", directory)["packages"]] == ["1.1.0",
                                                                                   "1.2.0"]
    cab = package.cab(mirror.path / "in.cab", image=package.bind(version="1.3.0"),
                      xml=package.metainfo(version="1.3.0"))
    mirror.run("import", "-", input=cab.read_bytes(), text=False)
    assert len(mirror.states()) == 3


def test_more_files_than_one_command_takes(mirror):
    """Not some of them, which nobody has chosen."""
    directory = mirror.path / "many"
    directory.mkdir()
    for number in range(10001):
        (directory / f"{number}.cab").touch()
    assert mirror.run("import", directory, status=1) == (
        f"ucupdates-mirror: {directory}: there are 10001 files *.cab and *.zip in this directory, expected at "
        "most 10000; move some of them elsewhere, and import them after these\n")


def test_bomb(mirror):
    directory = mirror.path / "bomb"
    directory.mkdir()
    with open(directory / "firmware.bin", "wb") as out:
        out.truncate(300 << 20)
    (directory / "firmware.metainfo.xml").write_text(package.metainfo())
    subprocess.run(["gcab", "--create", "--nopath", "--zip", str(mirror.path / "bomb.cab"),
                    "firmware.bin", "firmware.metainfo.xml"], cwd=directory, check=True)
    (directory / "firmware.bin").unlink()
    assert (mirror.path / "bomb.cab").stat().st_size < 2 << 20
    assert "unpacks to more than 268435456" in mirror.run("import", mirror.path / "bomb.cab",
                                                          status=1)
    assert not (mirror.root / "tmp-import").exists()


def test_entities_are_not_expanded(mirror):
    secret = mirror.path / "secret"
    secret.write_text("topsecret")
    xml = package.metainfo().replace(
        "<component", f'<!DOCTYPE component [<!ENTITY x SYSTEM "file://{secret}">]>\n<component',
        1).replace("<summary>System software", "<summary>&x;")
    cab = package.cab(mirror.path / "xxe.cab", xml=xml)
    mirror.run("import", cab, status=1)
    assert mirror.states() == []


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="no appstreamcli")
def test_appstreamcli_is_asked(mirror):
    unclean = package.metainfo(version="1.1.0").replace("<summary>System software</summary>", "")
    note = mirror.json("import", package.cab(mirror.path / "a.cab", xml=unclean))["packages"][0]
    assert note["note"].startswith("appstreamcli says 'E: ")


def others_agree(path, xml):
    """Readers of XML and of AppStream that have nothing to do with us or fwupd."""
    path.write_bytes(xml)
    for command in (["xmllint", "--noout"], ["appstreamcli", "validate", "--no-net"]):
        if shutil.which(command[0]) is not None:
            done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stdout + done.stderr


def test_other_compressions(mirror):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    public, anchor = mirror.root / "public", mirror.root / "trust/metadata/room.example.pem"
    for directory in (public, public / "testing"):
        xml = {tool: subprocess.run([tool, "-dc", f"firmware.xml.{suffix}"], cwd=directory,
                                    check=True, capture_output=True).stdout
               for tool, suffix in (("zstd", "zst"), ("xz", "xz"), ("gzip", "gz"))}
        assert len(set(xml.values())) == 1 and b"<components" in xml["xz"]
        others_agree(mirror.path / "published.xml", xml["xz"])
        for suffix in ("zst", "xz", "gz"):
            assert subprocess.run(["jcat-tool", f"--public-key={anchor}", "verify",
                                   f"firmware.xml.{suffix}.jcat"], cwd=directory).returncode == 0
    first = (public / "firmware.xml.gz").read_bytes()
    mirror.run("publish")
    assert (public / "firmware.xml.gz").read_bytes() == first
