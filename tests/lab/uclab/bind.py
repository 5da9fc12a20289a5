# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second implementation of the UC bind, written from docs/firmware-format.md."""

import hashlib
import io
import os
import re
import struct
import subprocess
import uuid

MAGIC = b"UC-BIND!"
PIECE = 1 << 20
CRITICAL = 0x8000
STRINGS = {1: "vendor", 2: "models", 3: "part_numbers", 4: "version", 6: "minimum_version",
           7: "locale", 8: "kind"}
MANY = ("models", "part_numbers")


class Payload:
    """Bytes in memory, or a path that is read piece by piece."""

    def __init__(self, data=None, path=None, name="application", target="", compression=0):
        self.data, self.path = data, path
        self.name, self.target, self.compression = name, target, compression
        self.sha256 = None  # override, to write a wrong one
        self.installed_size = self.installed_sha256 = None  # of what is installed, if compressed

    @classmethod
    def zstd(cls, data, **keys):
        """A payload that is compressed; data are the bytes that are installed."""
        packed = subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True)
        payload = cls(data=packed.stdout, compression=1, **keys)
        payload.installed_size = len(data)
        payload.installed_sha256 = hashlib.sha256(data).digest()
        return payload

    def open(self):
        return open(self.path, "rb") if self.path else io.BytesIO(self.data)

    def pieces(self):
        with self.open() as stream:
            while piece := stream.read(PIECE):
                yield piece

    @property
    def size(self):
        return os.path.getsize(self.path) if self.path else len(self.data)

    def digest(self):
        if self.sha256:
            return self.sha256
        summer = hashlib.sha256()
        for piece in self.pieces():
            summer.update(piece)
        return summer.digest()


def field(number, value, critical=True):
    return struct.pack("<HH", number | (CRITICAL if critical else 0), len(value)) + value


def payload_field(payload):
    name, target = payload.name.encode(), payload.target.encode()
    digest = payload.digest()
    return field(9, struct.pack("<Q32sQ32sBBBB", payload.size, digest,
                                payload.installed_size or payload.size,
                                payload.installed_sha256 or digest,
                                payload.compression, len(name), len(target), 0) + name + target)


def header(payloads, vendor="acme", models=("icon400",), part_numbers=(), version="2.0",
           hardware_levels=(), minimum_version=None, locale=None, kind=None, extra=(),
           format_version=1, signers=()):
    """The header's bytes; hardware_levels are numbers or (first, last); extra are raw fields;
    signers take the bytes to sign and return a signature."""
    fields = [field(1, vendor.encode())]
    fields += [field(2, model.encode()) for model in models]
    fields += [field(3, number.encode()) for number in part_numbers]
    fields.append(field(4, version.encode()))
    for level in hardware_levels:
        first, last = level if isinstance(level, tuple) else (level, level)
        fields.append(field(5, struct.pack("<HH", first, last)))
    for number, value in ((6, minimum_version), (7, locale), (8, kind)):
        if value is not None:
            fields.append(field(number, value.encode()))
    fields += [payload_field(payload) for payload in payloads]
    fields += list(extra)
    message = b"UC-BIND-SIGNED-1" + b"".join(fields)
    fields += [field(10, signer(message), critical=False) for signer in signers]
    body = b"".join(fields)
    fixed = struct.pack("<8sHHI", MAGIC, format_version, len(fields), 16 + len(body) + 32)
    return fixed + body + hashlib.sha256(fixed + body).digest()


def write(path, payloads, **kwargs):
    """Writes a UC bind with flat memory; a payload may be bytes, a path or a Payload."""
    payloads = [as_payload(payload) for payload in
                (payloads if isinstance(payloads, (list, tuple)) else [payloads])]
    with open(path, "wb") as out:
        out.write(header(payloads, **kwargs))
        for payload in payloads:
            for piece in payload.pieces():
                out.write(piece)
    return path


def as_payload(payload):
    if isinstance(payload, Payload):
        return payload
    if isinstance(payload, bytes):
        return Payload(data=payload)
    return Payload(path=os.fspath(payload))


def read(path):
    """The header as a dict; raises ValueError if anything is not as it has to be."""
    with open(path, "rb") as stream:
        fixed = stream.read(16)
        if len(fixed) < 16 or fixed[:8] != MAGIC:
            raise ValueError("not a UC bind")
        format_version, count, size = struct.unpack("<HHI", fixed[8:])
        if not 48 <= size <= 65536:
            raise ValueError("header size")
        buf = fixed + stream.read(size - 16)
        if len(buf) != size or hashlib.sha256(buf[:-32]).digest() != buf[-32:]:
            raise ValueError("header is truncated or damaged")
        if format_version != 1 or count > 256:
            raise ValueError("format version or number of fields")
        result = read_fields(buf[16:-32], count)
        for payload in result["payloads"]:
            read_payload(stream, payload)
        if stream.read(1):
            raise ValueError("oversized")
    return result


def read_fields(buf, count):
    result = {"models": [], "part_numbers": [], "hardware_levels": [], "payloads": []}
    offset = 0
    for _ in range(count):
        number, length = struct.unpack_from("<HH", buf, offset)
        value = buf[offset + 4:offset + 4 + length]
        if len(value) != length:
            raise ValueError("field is truncated")
        offset += 4 + length
        known = number & ~CRITICAL
        if known in STRINGS:
            name, text = STRINGS[known], value.decode()
            if name in MANY:
                result[name].append(text)
            elif name in result:
                raise ValueError(f"{name} twice")
            else:
                result[name] = text
        elif known == 5:
            result["hardware_levels"].append(struct.unpack("<HH", value))
        elif known == 9:
            size, digest, _, _, compression, name_length, _, _ = struct.unpack_from(
                "<Q32sQ32sBBBB", value)
            result["payloads"].append({
                "size": size, "sha256": digest.hex(), "compression": compression,
                "name": value[84:84 + name_length].decode(),
                "target": value[84 + name_length:].decode()})
        elif number & CRITICAL:
            raise ValueError(f"unknown critical field {number:#x}")
    if offset != len(buf):
        raise ValueError("bytes after the fields")
    return result


def read_payload(stream, payload):
    summer, left = hashlib.sha256(), payload["size"]
    payload["offset"] = stream.tell()
    while left:
        piece = stream.read(min(PIECE, left))
        if not piece:
            raise ValueError("truncated")
        summer.update(piece)
        left -= len(piece)
    if summer.hexdigest() != payload["sha256"]:
        raise ValueError("payload is damaged")


def safe(value):
    """A value of an instance id, as the endpoint's plugin makes it."""
    value = re.sub(r"[ _&/\\\-(),]|[^\x20-\x7e]", "-", value.lower())
    return re.sub(r"-+", "-", value).strip("-")


def instance_ids(vendor, model=None, hardware_level=None, part_number=None):
    """Instance ids, most general first."""
    ids = []
    if model:
        ids.append(rf"UC\VEN_{safe(vendor)}&MODEL_{safe(model)}")
        if hardware_level is not None:
            ids.append(f"{ids[0]}&HW_{hardware_level}")
    if part_number:
        ids.append(rf"UC\VEN_{safe(vendor)}&PN_{safe(part_number)}")
    return ids


def guid(instance_id):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, instance_id))
