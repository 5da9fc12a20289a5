# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server with a good certificate and bad manners: what it costs is bounded."""

import contextlib
import datetime
import gzip
import json
import os
import resource
import time

import pytest

from uclab import net
from uclab.forge import Forger
from uclab.lab import Lab
from uclab.process import run
from uclab.web import Web

BUILDDIR = os.environ["UC_BUILDDIR"]
WELL_KNOWN = "/.well-known/ucupdates.json"
KEYS = "/.well-known/ucupdates-keys.json"
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


def offer_cab(lab):
    """A package on offer; returns the path of its URL."""
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    public = (lab.mirror.root / "public").resolve()
    return "/" + str(next(public.rglob("*.cab")).relative_to(public))


def endpoint_error(lab, path, web):
    lab.agent.wait_for(lambda: path in web.paths(), 30, "the download")
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"][0].get("error"), 30, "its end")
    return lab.agent.json("status")["endpoints"][0]["error"]


def test_many_continues_before_a_download(web):
    path = offer_cab(web.lab)
    web.acts[path] = many_continues
    web.lab.start_endpoint()
    assert web.lab.agent.ctl("check").returncode == 0
    assert "more than 8 answers before the answer" in endpoint_error(web.lab, path, web)
    assert web.lab.agent.process.peak_kib() < MEMORY_KIB or "UC_SANITIZER" in os.environ


def test_unchanged_is_not_fetched_again(web):
    """The description is asked for with its entity tag; what it names, and did not change, is not."""
    def conditional(handler):
        if handler.headers.get("If-None-Match") == '"1"':
            handler._reply(304)
            return
        body = (web.root / WELL_KNOWN.lstrip("/")).read_bytes()
        handler._reply(200, body, [("ETag", '"1"')])

    web.acts[WELL_KNOWN] = conditional
    web.lab.start_endpoint()
    assert web.lab.agent.ctl("check").returncode == 0
    first = web.paths()
    assert WELL_KNOWN in first and any("policy" in path for path in first)
    web.lab.agent.stop()
    web.requests.clear()
    web.lab.agent.start()
    assert web.lab.agent.ctl("check").returncode == 0
    gets = [(path, headers.get("If-None-Match")) for method, path, headers, _ in web.requests
            if method == "GET"]
    assert set(gets) == {(WELL_KNOWN, '"1"')}


def test_unchanged_keys(web, tmp_path):
    """With the tag of what is installed, and with none of what is only waiting."""
    def conditional(handler):
        if handler.headers.get("If-None-Match") == '"k"':
            handler._reply(304)
        else:
            handler._reply(200, path.read_bytes(), [("ETag", '"k"')])

    def check(status):
        web.requests.clear()
        assert web.lab.agent.ctl("check").returncode == status
        return [headers.get("If-None-Match") for _, where, headers, _ in web.requests
                if where == KEYS]

    forger = Forger(web.lab.mirror, tmp_path)
    ca = forger.make_ca(tmp_path / "recovery-ca")
    web.lab.agent.trust(web.lab.mirror, recovery=[ca[0]])
    path = forger.publish_keys(forger.issue_signer(ca, tmp_path / "recovery"), serial=10, epoch=1)
    web.acts[KEYS] = conditional
    web.lab.start_endpoint()
    assert set(check(1)) == {None}
    assert set(check(1)) == {None}
    assert web.lab.agent.ucupdates_trust("apply").returncode == 0
    check(0)
    assert set(check(0)) == {'"k"'}


@pytest.mark.parametrize("value,least,most", [("100", 100, 110), ("9999999", 3600, 3600)])
def test_retry_after_of_the_service(web, value, least, most):
    """Waited out, but never longer than the longest wait."""
    web.acts[WELL_KNOWN] = lambda h: h._reply(503, b"", [("Retry-After", value)])
    web.lab.start_endpoint()
    lab, before = web.lab, time.time()
    lab.agent.wait_for(lambda: lab.agent.json("status").get("check_retry"), 30, "the failure")
    retry = datetime.datetime.fromisoformat(
        lab.agent.json("status")["check_retry"].replace("Z", "+00:00")).timestamp()
    assert before + least - 5 <= retry <= time.time() + most
