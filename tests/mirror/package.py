# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes UC binds and cabs for the tests, independently of the code under test."""
import hashlib
import os
import struct
import subprocess
import uuid


def guid(instance_id):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, instance_id))


def field(kind, data):
    return struct.pack("<HH", kind | 0x8000, len(data)) + data


def bind(vendor="acme", model="icon400", version="1.1.0", levels=((2, 2),), payload=b"x" * 1000,
         locale=None):
    """docs/firmware-format.md"""
    digest = hashlib.sha256(payload).digest()
    entry = struct.pack("<Q32sQ32sBBBB", len(payload), digest, len(payload), digest, 0, 6, 0, 0)
    fields = [
        field(1, vendor.encode()),
        *(field(2, name.encode()) for name in ([model] if isinstance(model, str) else model)),
        field(4, version.encode()),
        *(field(5, struct.pack("<HH", *level)) for level in levels),
        *([field(7, locale.encode())] if locale else []),
        field(9, entry + b"rootfs"),
    ]
    body = b"".join(fields)
    head = b"UC-BIND!" + struct.pack("<HHI", 1, len(fields), 16 + len(body) + 32) + body
    return head + hashlib.sha256(head).digest() + payload


METAINFO = """<?xml version="1.0" encoding="UTF-8"?>
<component type="firmware">
  <id>{component}</id>
  <name>Icon 400</name>
  <summary>System software</summary>
  <description><p>Software of the <em>Icon 400</em> codec &amp; its panel.</p></description>
  <developer_name>Acme</developer_name>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>LicenseRef-proprietary</project_license>
  <url type="homepage">https://acme.example/</url>
  <provides>{provides}</provides>
  <categories><category>X-Device</category></categories>
  <requires><id compare="ge" version="2.0.0">org.freedesktop.fwupd</id></requires>
  <releases>
    <release version="{version}" date="2026-11-01" urgency="high" install_duration="120">
      <checksum filename="firmware.bin" target="content"/>
      <description><p>Fixes &lt;one&gt; thing.</p><ul><li>First</li><li>Second</li></ul></description>
    </release>
  </releases>
  <custom>
    <value key="LVFS::UpdateProtocol">{protocol}</value>
    <value key="LVFS::VersionFormat">triplet</value>
  </custom>
</component>
"""


def metainfo(component="com.acme.icon400", version="1.1.0", protocol="org.ucupdates.bind",
             instance_ids=("UC\\VEN_acme&MODEL_icon400&HW_2",)):
    provides = "".join(f'<firmware type="flashed">{guid(i)}</firmware>' for i in instance_ids)
    return METAINFO.format(component=component, version=version, protocol=protocol,
                           provides=provides)


def cab(path, image=None, xml=None, **members):
    """A cab at path, made by gcab."""
    directory = str(path) + ".d"
    os.makedirs(directory)
    files = {"firmware.bin": bind() if image is None else image,
             "firmware.metainfo.xml": (metainfo() if xml is None else xml).encode(), **members}
    for name, data in files.items():
        with open(os.path.join(directory, name), "wb") as out:
            out.write(data)
    subprocess.run(["gcab", "--create", "--nopath", os.path.abspath(path), *files],
                   cwd=directory, check=True)
    return path
