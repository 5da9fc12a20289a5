# SPDX-License-Identifier: LGPL-2.1-or-later
"""With what a publication is signed: nothing that endpoints would refuse, and a word before it ends."""
import datetime
import re
import shutil

import pytest

from mirrorlab import Mirror
from test_together import at, faked

SIGNING = ("documents", "payload", "metadata")
REFUSED = "and endpoints would refuse what it signs; run "


def refused(mirror, *words):
    """What a publication says that changes nothing."""
    before = mirror.document(".well-known/ucupdates.json")
    said = mirror.run("publish", *words, status=1)
    assert mirror.document(".well-known/ucupdates.json") == before
    return said.removeprefix("ucupdates-mirror: ")


@pytest.mark.parametrize("purpose", SIGNING)
def test_another_key(service, purpose):
    """As of a backup that was restored by halves."""
    mirror = service.mirror
    key = mirror.root / "keys" / purpose / "leaf.key"
    kept = key.read_bytes()
    shutil.copy(mirror.root / "keys/tls/leaf.key", key)
    assert refused(mirror) == f"{purpose}: {key} is for another key than the certificate\n"
    key.write_bytes(b"")
    assert refused(mirror).startswith(f"{purpose}: {key}: cannot load a key: ")
    key.unlink()
    assert str(key) in refused(mirror)
    key.write_bytes(kept)
    mirror.run("publish")


@pytest.mark.parametrize("purpose", SIGNING)
def test_another_ca(service, tmp_path, purpose):
    """The keys of one mirror beside the trust bundle of another."""
    mirror = service.mirror
    (tmp_path / "other").mkdir()
    other = Mirror(tmp_path / "other")
    other.run("init", "--organisation=room.example")
    for name in ("leaf.pem", "leaf.key"):
        shutil.copy(other.root / "keys" / purpose / name, mirror.root / "keys" / purpose / name)
    assert refused(mirror) == (
        f"{purpose}: {mirror.root}/keys/{purpose}/leaf.pem is of no CA in trust/{purpose}, {REFUSED}"
        f"'key rotate {purpose} --finish' again, which makes another one\n")
    mirror.run("key", "rotate", purpose)
    mirror.run("publish")


def ends(mirror, name):
    """The days from now on until a certificate expires."""
    (until,) = {key["expires"] for key in mirror.json("key", "list")["keys"]
                if (key["purpose"], key["what"]) == (name, "leaf")}
    end = datetime.datetime.strptime(until, "%Y-%m-%dT%H:%M:%S%z")
    return (end - datetime.datetime.now(datetime.timezone.utc)).days


@faked
def test_expired(service):
    mirror = service.mirror
    before = mirror.document("policy.json")
    after = f"+{ends(mirror, 'tls') + 2}d"
    for purpose in SIGNING:
        done = at(mirror, after, "publish")
        assert (done.returncode, done.stderr) == (
            1, f"ucupdates-mirror: {purpose}: {mirror.root}/keys/{purpose}/leaf.pem is expired, "
               f"{REFUSED}'key rotate {purpose}', which makes another one\n")
        assert mirror.document("policy.json") == before
        assert at(mirror, after, "key", "rotate", purpose).returncode == 0
    done = at(mirror, after, "publish")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"ucupdates-mirror: the certificate for tls expires at \d{4}-\d\d-\d\d \d\d:\d\d; run "
                        r"'key rotate tls' before, or have another one signed by your CA\n", done.stderr)


@faked
def test_told_before(service):
    """As long as nothing has happened yet."""
    mirror = service.mirror
    days = ends(mirror, "tls")
    assert at(mirror, f"+{days - 61}d", "publish").stderr == ""
    done = at(mirror, f"+{days - 58}d", "publish")
    assert done.returncode == 0 and "the certificate for " in done.stderr
    assert mirror.json("key", "list")["keys"]
