# SPDX-License-Identifier: LGPL-2.1-or-later
"""Publications while endpoints download, and clocks that jump: no wrong answer."""
import base64
import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest

from mirrorlab import PROGRAM


def fetch(service, path):
    got = service.request("GET", f"/{path}")
    return got.body if got.status == 200 else None


def test_a_download_outlives_its_tree(service):
    """Three publications later the tree is gone; the response that had begun is whole."""
    big = service.mirror.root / "public/cabs/big.cab"
    data = os.urandom(1 << 20) * 32
    big.write_bytes(data)
    connection = service.connect()
    connection.request("GET", "/cabs/big.cab")
    response = connection.getresponse()
    head = response.read(1000)
    for _ in range(3):
        service.mirror.run("publish")
    assert not big.exists() and fetch(service, "cabs/big.cab") is None
    assert head + response.read() == data
    connection.close()


def test_readers_during_publications(service):
    """A description names files by checksum; what does not fit is seen to be of another state."""
    root = service.mirror.root
    publisher = subprocess.Popen(
        ["sh", "-c", 'for i in 1 2 3 4; do "$0" "--root=$1" publish || exit 1; done', PROGRAM,
         str(root)], stdout=subprocess.DEVNULL)
    whole = mixed = 0
    serials = []
    while publisher.poll() is None or whole == 0:
        envelope = json.loads(fetch(service, ".well-known/ucupdates.json"))
        description = json.loads(base64.b64decode(envelope["payload"]))
        serials.append(description["serial"])
        files = [description["policy"]] + [r[f] for r in description["remotes"]
                                           for f in ("metadata", "signature")]
        bodies = [fetch(service, f["path"]) for f in files]
        assert all(body is not None for body in bodies), "no half tree"
        if all(hashlib.sha256(b).hexdigest() == f["sha256"] for b, f in zip(bodies, files)):
            whole += 1
            continue
        mixed += 1
        again = json.loads(fetch(service, ".well-known/ucupdates.json"))
        assert again["payload"] != envelope["payload"], "only because there was a publication"
    assert publisher.wait() == 0 and serials == sorted(serials) and len(set(serials)) > 1
    print(f"# {whole} times whole, {mixed} times between two states")


faked = pytest.mark.skipif("UC_SANITIZED" in os.environ or shutil.which("faketime") is None,
                           reason="no faketime, or a sanitizer that it disturbs")


def at(mirror, offset, *args):
    """A command on a machine whose clock is off."""
    return subprocess.run(["faketime", "-f", offset, PROGRAM, f"--root={mirror.root}", *args],
                          capture_output=True, text=True, timeout=60)


@faked
def test_a_clock_that_jumps_back(mirror):
    package = mirror.add_version("1.1.0")
    mirror.run("publish")
    before = mirror.document(".well-known/ucupdates.json")
    done = at(mirror, "-1h", "publish")
    assert (done.returncode, "s behind the last publication" in done.stderr) == (1, True)
    assert mirror.document(".well-known/ucupdates.json") == before
    assert at(mirror, "-1h", "approve", package["id"]).returncode == 0
    assert mirror.json("publish")["serial"] > before["serial"]
    assert mirror.states() == ["approved"]


@faked
def test_a_clock_that_jumped_forward_and_is_right_again(mirror):
    """What was signed in the future would be refused as older: it is said, until that time comes."""
    mirror.run("publish")
    assert at(mirror, "+2h", "publish").returncode == 0
    future = mirror.document(".well-known/ucupdates.json")
    error = mirror.run("publish", status=1)
    assert "set the clock" in error
    assert mirror.document(".well-known/ucupdates.json") == future, "still served"
    done = at(mirror, "+3h", "publish")
    assert done.returncode == 0, done.stderr
    assert mirror.document(".well-known/ucupdates.json")["serial"] > future["serial"]


@faked
def test_a_publication_years_ahead_is_taken_back(mirror):
    """The way out that the sentence names; nothing that was decided is lost."""
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    assert at(mirror, "+4y", "publish").returncode == 0
    future = mirror.document(".well-known/ucupdates.json")
    error = mirror.run("publish", status=1)
    year = (datetime.date.today() + datetime.timedelta(days=4 * 365)).year
    assert re.search(rf"signed at {year}-\d\d-\d\dT\d\d:\d\d:\d\dZ, and endpoints would refuse what "
                     r"is signed now; set the clock\. If it was wrong then and is right now, wait "
                     r"until that time, or 'key revoke metadata --recovery=DIR' and 'publish' let "
                     r"endpoints begin anew", error), error
    mirror.run("key", "revoke", "documents", f"--recovery={mirror.root}/recovery")
    assert "signed at" in mirror.run("publish", status=1), "the metadata is what counts"
    mirror.run("key", "revoke", "metadata", f"--recovery={mirror.root}/recovery")
    mirror.run("publish")
    now = mirror.document(".well-known/ucupdates.json")
    assert now["issued"] < future["issued"] and now["serial"] > future["serial"]
    assert mirror.states() == ["approved"]


@faked
def test_reading_with_a_clock_years_off(mirror):
    """Years ahead and back: the simulation and the inventory still answer."""
    for offset in ("-10y", "+10y"):
        assert at(mirror, offset, "simulate", "--zone=UTC").returncode == 0
        assert at(mirror, offset, "endpoints").returncode == 0
