# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine whose vendor ships no endpoint file: what it is called, and the quirk that makes it one."""

import hashlib
import struct
import uuid

HARDWARE_IDS = uuid.UUID("70ffd812-4c7f-4c7d-0000-000000000000")
OS = r"UC\OS_acmeos&VARIANT_icon400"


def hardware_id(*values):
    """The GUID of a combination of DMI values, as `fwupdtool hwids` prints it."""
    name = "&".join(values).encode("utf-16-le")
    digest = hashlib.sha1(HARDWARE_IDS.bytes + name).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def as_quirk(endpoint, group, **changes):
    """The endpoint's file, as a quirk."""
    lines, prefix = [f"[{group}]", "Plugin = uc_endpoint"], None
    for line in endpoint.config().splitlines():
        if line.startswith("["):
            prefix = "Uc" + line.strip("[]")
        else:
            key, _, value = line.partition("=")
            lines.append(f"{prefix}{key} = {changes.pop(prefix + key, value)}")
    lines += [f"{key} = {value}" for key, value in changes.items()]
    return "\n".join(lines) + "\n"


def write(fwupd, text):
    """Makes a quirk known to a fwupd that is started afterwards."""
    path = fwupd.localstate / "lib/fwupd/quirks.d/acme.quirk"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def instead_of_file(endpoint, fwupd, directory):
    """Takes the endpoint file away; the machine has DMI and an os-release. Returns DMI's directory."""
    endpoint.conf.unlink()
    dmi = directory / "dmi"
    dmi.mkdir()
    for name, text in (("sys_vendor", "ACME"), ("product_name", "ICON 400"),
                       ("product_serial", "DMI0001")):
        (dmi / name).write_text(f"{text}\n", encoding="utf-8")
    (fwupd.sysconf / "os-release").write_text("ID=acmeos\nVARIANT_ID=icon400\n", encoding="utf-8")
    fwupd.extra_env["FWUPD_SYSFSDMIDIR"] = str(dmi)
    return dmi


def device_tree(**properties):
    """A flattened device tree (Devicetree Specification 0.4, chapter 5) whose root has properties;
    a list is several strings."""
    names, body = b"", struct.pack(">LL", 1, 0)
    for name, value in properties.items():
        value = b"".join(text.encode() + b"\0"
                         for text in ([value] if isinstance(value, str) else value))
        body += struct.pack(">LLL", 3, len(value), len(names)) + value + bytes(-len(value) % 4)
        names += name.encode() + b"\0"
    body += struct.pack(">LL", 2, 9)
    reserved, header_size = bytes(16), 40
    at = header_size + len(reserved)
    return struct.pack(">10L", 0xd00dfeed, at + len(body) + len(names), at, at + len(body),
                       header_size, 17, 16, 0, len(names), len(body)) + reserved + body + names
