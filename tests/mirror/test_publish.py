# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a publication takes over from the one before, and what it must not."""
import gzip
import json
import os
import re
import sqlite3
import subprocess

from mirrorlab import Mirror


def metadata(mirror, remote=""):
    """The AppStream XML of a remote, the same in each compression."""
    texts = {subprocess.run([*tool, mirror.root / "public" / remote / f"firmware.xml.{suffix}"],
                            capture_output=True, text=True, check=True).stdout
             for suffix, *tool in (("zst", "zstd", "-dcq"), ("xz", "xz", "-dc"), ("gz", "gzip", "-dc"))}
    assert len(texts) == 1
    return texts.pop()


def test_readable_whatever_the_umask(tmp_path):
    """A hardened shell of root's must not keep the web server from what is public."""
    mirror = Mirror(tmp_path)
    before = os.umask(0o077)
    try:
        mirror.run("init", "--organisation=room.example")
        mirror.rules("[Publish]\nEnrolment=open\n")
        mirror.run("approve", mirror.add_version("1.1.0")["id"])
        mirror.run("publish")
    finally:
        os.umask(before)
    tree = mirror.root / os.readlink(mirror.root / "public")
    for path in (mirror.root, tree, *tree.rglob("*"), *(mirror.root / "trust").rglob("*"),
                 mirror.root / "keys/endpoints/ca.pem"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    for path in (*mirror.root.rglob("*.key"), mirror.root / "recovery", mirror.root / "mirror.db"):
        assert path.stat().st_mode & 0o027 == 0, path


def test_metadata_is_parsed_once(mirror):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    first = metadata(mirror)
    (path,) = mirror.root.glob("packages/*/metainfo.xml")
    path.rename(path.with_suffix(".away"))
    mirror.run("publish")
    assert metadata(mirror) == first
    mirror.rules("[Publish]\nInternalUrl=https://other.room.example/\n")
    assert "metainfo.xml" in mirror.run("publish", status=1), "what is for another URL does not count"
    path.with_suffix(".away").rename(path)
    mirror.run("publish")
    assert metadata(mirror) == first.replace("https://ucupdates-r2.room.example/",
                                             "https://other.room.example/") != first


def test_remotes_are_the_same_only_without_a_pending_one(mirror):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    assert metadata(mirror) == metadata(mirror, "testing")
    pending = mirror.add_version("1.2.0")["id"]
    mirror.run("publish")
    assert 'version="1.2.0"' not in metadata(mirror)
    assert 'version="1.2.0"' in metadata(mirror, "testing")
    mirror.run("approve", pending)
    mirror.run("publish")
    assert 'version="1.2.0"' in metadata(mirror)


def test_many_packages_are_compressed_alike(mirror):
    """Beyond 512 KiB with less effort, for the same bytes."""
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    one = metadata(mirror)
    long = " ".join(str(number) for number in range(110000))
    database = sqlite3.connect(mirror.root / "mirror.db")
    database.execute("UPDATE catalog_components SET xml = replace(xml, '</name>', ?)",
                     (f" {long}</name>",))
    database.commit()
    database.close()
    mirror.run("publish")
    assert metadata(mirror) == one.replace("</name>", f" {long}</name>")


def signed(mirror):
    """When the metadata was signed, as its signature says."""
    jcat = json.loads(gzip.decompress((mirror.root / "public/firmware.xml.zst.jcat").read_bytes()))
    (blob,) = [blob["Data"] for item in jcat["Items"] for blob in item["Blobs"]
               if blob["Data"].startswith("-----BEGIN PKCS7")]
    text = subprocess.run(["openssl", "cms", "-cmsout", "-print", "-inform", "PEM"], input=blob,
                          capture_output=True, text=True, check=True).stdout
    return re.search(r"signingTime.*?UTCTIME:([^\n]+)", text, re.DOTALL)[1]


def test_each_is_signed_in_a_second_of_its_own(mirror):
    """fwupd passes over what was signed in the same second as what it has."""
    env = {**os.environ, "LD_PRELOAD": os.environ["UC_SLOW_CLOCK"],
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    times = []
    for _ in range(3):
        mirror.run("publish", env=env)
        times.append(signed(mirror))
    assert len(set(times)) == len(times), times


def test_a_vendor_who_is_trusted_no_more(mirror, tmp_path):
    """What was passed on with the vendor's signature alone is signed by us then, and not before."""
    (tmp_path / "vendor").mkdir()
    vendor = Mirror(tmp_path / "vendor")
    vendor.run("init", "--organisation=vendor.example")
    vendor.run("approve", vendor.add_version("1.1.0")["id"])
    vendor.run("publish")
    (signed,) = (vendor.root / "public/cabs").iterdir()
    ca = mirror.root / "trust/payload/vendor.pem"
    ca.write_bytes((vendor.root / "trust/payload/vendor.example.pem").read_bytes())
    mirror.run("approve", mirror.json("import", signed)["packages"][0]["id"])

    def served():
        mirror.run("publish")
        (cab,) = (mirror.root / "public/cabs").iterdir()
        assert f"/cabs/{cab.name}<" in metadata(mirror)
        return cab
    for _ in range(2):
        assert served().name == signed.name, "as it is"
    ca.unlink()
    ours = served()
    assert ours.name != signed.name
    assert ours.read_bytes() != signed.read_bytes() == (vendor.root / "public/cabs" / signed.name).read_bytes()
    assert served().name == ours.name, "and not again"
    (package,) = mirror.json("list")["packages"]
    assert (package["signed_sha256"], package["sha256"]) == (ours.name[:-4], signed.name[:-4])
    assert (mirror.root / "packages" / signed.name[:-4] / "original.cab").read_bytes() == signed.read_bytes()
