# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server with a good certificate and bad manners: what it costs is bounded."""

import contextlib
import gzip
import json
import os
import resource
import time

import pytest

from uclab import net
from uclab.lab import Lab
from uclab.process import run
from uclab.web import Web

BUILDDIR = os.environ["UC_BUILDDIR"]
WELL_KNOWN = "/.well-known/ucupdates.json"
TIMEOUT_MS = 4000
MEMORY_KIB = 120 * 1024


@pytest.fixture(name="web")
def fixture_web(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.mirror.stop()
        keys = lab.mirror.root / "keys/tls"
        with Web(net.MIRROR, lab.mirror.root / "public", keys / "leaf.pem",
                 keys / "leaf.key") as web:
            web.lab = lab
            yield web


def send(handler, data):
    with contextlib.suppress(OSError):
        handler.wfile.write(data)
        handler.wfile.flush()
        return True
    return False


def endless(handler, head, piece, pause_secs=0):
    handler.close_connection = True
    end = time.monotonic() + 3 * TIMEOUT_MS / 1000
    if not send(handler, head):
        return
    while time.monotonic() < end and send(handler, piece):
        time.sleep(pause_secs)


def many_continues(handler):
    handler.close_connection = True
    for _ in range(200):
        if not send(handler, b"HTTP/1.1 100 Continue\r\n\r\n" * 1000):
            return
    send(handler, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


OK = b"HTTP/1.1 200 OK\r\n"
ACTS = {
    "endless-body": lambda h: endless(h, OK + b"\r\n", b"x" * 65536),
    "endless-chunks": lambda h: endless(h, OK + b"Transfer-Encoding: chunked\r\n\r\n",
                                        b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "slow-body": lambda h: endless(h, OK + b"Content-Length: 1000\r\n\r\n", b"{", 1),
    "slow-header": lambda h: endless(h, OK, b"X", 1),
    "endless-header": lambda h: endless(h, OK, b"X-Filler: " + b"x" * 8000 + b"\r\n"),
    "endless-header-line": lambda h: endless(h, OK + b"X-Filler: ", b"x" * 65536),
    "many-continues": many_continues,
    "silence": lambda h: endless(h, b"", b"", 0.1),
}


def discover(web):
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result = run(
        [web.lab.builddir / "discovery/ucupdates-discover", "--json",
         f"--timeout-ms={TIMEOUT_MS}"],
        env={**web.lab.agent.env, "LC_ALL": "C.UTF-8"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if "UC_SANITIZER" not in os.environ and after > before:
        assert after < MEMORY_KIB, f"{after} KiB"
    assert time.monotonic() - begin < TIMEOUT_MS / 1000 + 2
    return result, json.loads(result.stdout)


@pytest.mark.parametrize("name", ACTS)
def test_bad_manners(web, name):
    web.acts[WELL_KNOWN] = ACTS[name]
    result, document = discover(web)
    assert result.returncode in (3, 4, 5), result.stderr
    assert not document["verified"] and document["service"] is None


def test_bomb_is_not_unpacked(web):
    """64 MiB in 64 KiB: taken as the bytes that they are, which are no document."""
    bomb = gzip.compress(b" " * (64 << 20), 9)
    web.acts[WELL_KNOWN] = lambda h: h._reply(
        200, bomb, [("Content-Encoding", "gzip"), ("Content-Type", "application/json")]
    )
    result, document = discover(web)
    assert result.returncode == 5 and not document["verified"]


@pytest.mark.parametrize("location", [
    f"https://{net.FOREIGN}/x", "http://ucupdates-r2.room.example/x", "/elsewhere.json", "",
])
def test_description_is_not_redirected(web, location):
    web.acts[WELL_KNOWN] = lambda h: h._reply(302, b"", [("Location", location)])
    result, _ = discover(web)
    assert result.returncode == 5
    assert web.paths() and set(web.paths()) == {WELL_KNOWN}


@pytest.mark.parametrize("text", [
    b"[" * 200000, b'{"a":' * 100000, b'{"format": "ucupdates-envelope-1"}', b"\xff\xfe", b"", b"null",
], ids=["deep-arrays", "deep-objects", "bare", "no-utf8", "empty", "null"])
def test_not_an_envelope(web, text):
    web.acts[WELL_KNOWN] = lambda h: h._reply(200, text)
    result, document = discover(web)
    assert result.returncode == 5 and document["outcome"] == "refused"
