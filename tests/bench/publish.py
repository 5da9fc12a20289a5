#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long `publish` takes with many packages: the first time, and again.

    tests/bench/publish.py BUILDDIR [PACKAGES]

The first publication reads each package's metadata and puts its cab into the tree; the second finds
both done. Linear means that five times the packages take five times as long.
"""

import hashlib
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time

import peers
from figures import QUICK, Figures

import package
from mirrorlab import Mirror

SECS_MAX = 2  # for all
LINEAR_MAX = 1.2


def fill(mirror, count):
    """Approved packages as the import and the approval leave them, signed."""
    database = sqlite3.connect(mirror.root / "mirror.db")
    with database:
        for number in range(count):
            data = f"signed cab {number}".encode()
            digest = hashlib.sha256(f"cab {number}".encode()).hexdigest()
            signed = hashlib.sha256(data).hexdigest()
            component = f"com.acme.model{number}"
            instance = f"UC\\VEN_acme&MODEL_model{number}"
            directory = mirror.root / "packages" / digest
            directory.mkdir()
            (directory / "signed.cab").write_bytes(data)
            (directory / "metainfo.xml").write_text(
                package.metainfo(component, instance_ids=(instance,)))
            row = database.execute(
                "INSERT INTO packages (sha256, size_bytes, component_id, name, vendor, version,"
                " protocol, payload_name, payload_sha256, payload_bytes, signed_sha256,"
                " signed_bytes, state, imported_secs, cab_sha256) VALUES (?, ?, ?, 'Model', 'Acme',"
                " '1.1.0', 'org.ucupdates.bind', 'firmware.bin', ?, 1, ?, ?, 'approved', 1, ?)",
                (digest, len(data), component, digest, signed, len(data), digest)).lastrowid
            database.execute("INSERT INTO package_guids VALUES (?, ?)",
                             (row, package.guid(instance)))
    database.close()


def timed_publish(mirror):
    start = time.monotonic()
    mirror.run("publish")
    return time.monotonic() - start


def measure(directory, count):
    """Seconds of the first publication and of the next."""
    directory.mkdir()
    mirror = Mirror(directory)
    mirror.run("init", "--organisation=room.example")
    fill(mirror, count)
    first = timed_publish(mirror)
    time.sleep(1.1)  # two publications are a second apart, which is no time of its own
    return first, timed_publish(mirror)


def main():
    packages = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    packages = 1000 if QUICK else packages
    figures = Figures("publish")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        few = measure(directory / "few", packages // 5)
        many = measure(directory / "many", packages)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for name, few_secs, many_secs in zip(("the first time", "again"), few, many):
        figures.add(f"publish {packages} packages, {name}", many_secs, "s",
                    most=SECS_MAX * packages / 5000)
        figures.add(f"one of {packages} packages, {name}", many_secs / packages * 1000, "ms",
                    f"one of {packages // 5}", few_secs / (packages // 5) * 1000, most=LINEAR_MAX)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
