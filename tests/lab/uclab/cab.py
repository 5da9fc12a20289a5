# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cabinet archives, with throw-away CAs that sign their payload's checksum."""

import os
import struct
from xml.sax.saxutils import escape

from . import bind
from .process import run

BLOCK = 32768
NAME_IS_UTF8 = 0x80

METAINFO = """<?xml version="1.0" encoding="UTF-8"?>
<component type="firmware">
  <id>{appid}</id>
  <name>{name}</name>
  <summary>{summary}</summary>
  <developer_name>{vendor}</developer_name>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>LicenseRef-proprietary</project_license>
  <description><p>{summary}</p></description>
  <provides>{provides}</provides>{requires}
  <releases>
    <release version="{version}" date="2026-01-02" urgency="medium" install_duration="{install_secs}">
      <checksum filename="{filename}" target="content"/>
      <description><p>{notes}</p></description>
    </release>
  </releases>
  <custom>
    <value key="LVFS::UpdateProtocol">{protocol}</value>
    <value key="LVFS::VersionFormat">{version_format}</value>
  </custom>
</component>
"""


def metainfo(version, guids, filename="firmware.ucbind", appid="com.acme.icon400.firmware",
             name="ICON 400", vendor="ACME", protocol="org.ucupdates.bind", version_format=None,
             notes="Makes calls clearer.", requires="", install_secs=60):
    """The metainfo.xml of one release."""
    count = version.count(".") + 1
    formats = {1: "number", 2: "pair", 3: "triplet", 4: "quad"}
    provides = "".join(f'<firmware type="flashed">{guid}</firmware>' for guid in guids)
    return METAINFO.format(
        appid=escape(appid), name=escape(name), vendor=escape(vendor), summary="Firmware",
        version=escape(version), filename=escape(filename), protocol=protocol, provides=provides,
        install_secs=install_secs,
        requires=f"<requires>{requires}</requires>" if requires else "",
        notes=escape(notes), version_format=version_format or formats.get(count, "plain")).encode()


def checksum(data):
    """Of a data block, as the cabinet format has it: 32-bit words, the rest big-endian."""
    value = 0
    whole = len(data) // 4 * 4
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        value ^= word
    rest = data[whole:]
    return value ^ int.from_bytes(rest, "big") if rest else value


def write_cab(path, members):
    """An uncompressed cabinet of (name, bytes or path), with flat memory.

    Each member has a folder of its own, so that none crosses another. Data blocks have the
    checksum 0, which means "none": what counts is signed.
    """
    members = [(name, bind.as_payload(content)) for name, content in members]
    names = [name.encode() for name, _ in members]
    blocks = [(content.size + BLOCK - 1) // BLOCK for _, content in members]
    if max(blocks) > 65535:
        raise ValueError("a member of a cabinet has less than 2 GiB")
    files_at = 36 + 8 * len(members)
    data_at = files_at + sum(16 + len(name) + 1 for name in names)
    total = data_at + sum(8 * count + content.size
                          for count, (_, content) in zip(blocks, members))
    with open(path, "wb") as out:
        out.write(struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, total, 0, files_at, 0, 3, 1,
                              len(members), len(members), 0, 0, 0))
        offset = data_at
        for count, (_, content) in zip(blocks, members):
            out.write(struct.pack("<IHH", offset, count, 0))
            offset += 8 * count + content.size
        for index, (name, (_, content)) in enumerate(zip(names, members)):
            out.write(struct.pack("<IIHHHH", content.size, 0, index, 0x5C21, 0, NAME_IS_UTF8))
            out.write(name + b"\0")
        for _, content in members:
            with content.open() as stream:
                while piece := stream.read(BLOCK):
                    out.write(struct.pack("<IHH", 0, len(piece), len(piece)))
                    out.write(piece)
    return path


class Authority:
    """A throw-away CA and one signing certificate by it."""

    def __init__(self, directory, name="UC lab payloads"):
        self.directory = os.fspath(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.ca_key, self.ca = self.path("ca.key"), self.path("ca.pem")
        self.key, self.cert = self.path("sign.key"), self.path("sign.pem")
        self.template("ca.tmpl", f'cn = "{name}"\nca\ncert_signing_key\nexpiration_days = 30\n')
        self.template("sign.tmpl", f'cn = "{name} signer"\nsigning_key\nexpiration_days = 30\n')
        for key in (self.ca_key, self.key):
            run(["certtool", "--generate-privkey", "--key-type=rsa", "--bits=2048",
                 f"--outfile={key}"], check=True)
        run(["certtool", "--generate-self-signed", f"--load-privkey={self.ca_key}",
             f"--template={self.path('ca.tmpl')}", f"--outfile={self.ca}"], check=True)
        run(["certtool", "--generate-certificate", f"--load-privkey={self.key}",
             f"--load-ca-certificate={self.ca}", f"--load-ca-privkey={self.ca_key}",
             f"--template={self.path('sign.tmpl')}", f"--outfile={self.cert}"], check=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def template(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def sign_checksum(self, jcat, filename):
        """Adds a signature of the file's SHA-256, not of the file: flat memory at the daemon."""
        sign_checksum(jcat, filename, self.cert, self.key)


def sign_checksum(jcat, filename, cert, key):
    """The same with any certificate and key."""
    cwd, name = os.path.split(filename)
    run(["jcat-tool", "self-sign", "--kind", "sha256", jcat, name], cwd=cwd, check=True)
    run(["jcat-tool", "--target", "sha256", "sign", jcat, name, cert, key], cwd=cwd, check=True)


def make(path, version, payload, guids, authority=None, **keys):
    """A cab of metainfo.xml and a payload file; signed if an Authority is given."""
    payload = os.fspath(payload)
    filename = os.path.basename(payload)
    workdir = os.path.dirname(payload)
    info = os.path.join(workdir, "firmware.metainfo.xml")
    with open(info, "wb") as out:
        out.write(metainfo(version, guids, filename=filename, **keys))
    members = [("firmware.metainfo.xml", info), (filename, payload)]
    if authority is not None:
        jcat = os.path.join(workdir, "firmware.jcat")
        if os.path.exists(jcat):
            os.unlink(jcat)
        authority.sign_checksum(jcat, info)
        authority.sign_checksum(jcat, payload)
        members.append(("firmware.jcat", jcat))
    return write_cab(path, members)
