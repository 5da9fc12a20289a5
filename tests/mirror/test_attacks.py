# SPDX-License-Identifier: LGPL-2.1-or-later
"""What somebody tries who wishes the service ill; and two administrators who do not know of each other."""
import base64
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import sqlite3
import ssl
import subprocess
import time
import uuid

import pytest

import package
from mirrorlab import HOST, PROGRAM, Service, cab_of, make_first

CHECK_IN = {
    "format": "ucupdates-checkin-1", "agent_version": "1", "machine_id": "0" * 64,
    "endpoints": [{
        "id": "codec", "device_type": "codec", "vendor": "acme", "model": "icon400",
        "revision": "a", "part_number": "P1", "hardware_level": "2", "serial": "AC1",
        "mac_address": "00:00:5e:00:53:01", "locale": "de", "room": "Berlin", "state": "failed",
        "reason": "no space", "modules": [{"name": "application", "version": "1.0.0"}]}]}
REPORT = {
    "format": "ucupdates-report-1", "uuid": None, "machine_id": "0" * 64,
    "endpoint": {"id": "codec", "vendor": "acme", "model": "icon400", "serial": "AC1"},
    "event": "failed", "version_old": "1.0.0", "version_new": "1.1.0", "sha256": "0" * 64,
    "time": "2026-11-21T12:00:00Z", "message": "no space"}
EVIL = ("'; DROP TABLE endpoints; --", "\" OR 1=1 --", "x') ; DELETE FROM reports ; --", "%_*?")


def leaves(value, path=()):
    """Where the texts are, however deep."""
    if isinstance(value, str):
        yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))


def replaced(value, path, text):
    copy = json.loads(json.dumps(value))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = text
    return copy


def schema(mirror):
    database = sqlite3.connect(mirror.root / "mirror.db")
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return database.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    finally:
        database.close()


def test_sql_in_every_field(service):
    """Taken as a text or refused as one, and never as anything else."""
    before = schema(service.mirror)
    connection = service.connect()

    def post(path, value):
        connection.request("POST", path, json.dumps(value), {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = json.loads(response.read())
        return response.status, body

    assert post("/v1/check-in", CHECK_IN)[0] == 200
    report = {**REPORT, "uuid": str(uuid.uuid4())}
    status, body = post("/v1/report", report)
    assert status == 200, body
    taken = 0
    for text in EVIL:
        # nobody is called that yet
        for arguments in (["endpoint", text], ["forget", text], ["approve", text],
                          ["use-version", text, "1"], ["test-device", "remove", text],
                          ["endpoints", f"--where={text}=x"], ["endpoints", f"--sort={text}"],
                          ["endpoints", f"--columns={text}"]):
            done = subprocess.run([PROGRAM, f"--root={service.mirror.root}", *arguments],
                                  capture_output=True, text=True, timeout=30)
            assert done.returncode in (1, 2), arguments
        for path in leaves(CHECK_IN):
            status, _ = post("/v1/check-in", replaced(CHECK_IN, path, text))
            assert status in (200, 400), path
            taken += status == 200
        for path in leaves(report):
            one = {**REPORT, "uuid": str(uuid.uuid4())}
            status, _ = post("/v1/report", replaced(one, path, text))
            assert status in (200, 400), path
            taken += status == 200
        assert json.loads(service.mirror.run("endpoints", f"--where=reason={text}", "--json"))
    assert taken > 30
    assert schema(service.mirror) == before
    rows = service.mirror.json("endpoints")["endpoints"]
    assert EVIL[0] in {row["vendor"] for row in rows}, "it is what it was"


def raw(service, request, wait=10):
    """Send exactly these bytes; what comes back until the end, or until nothing more comes."""
    tls = service.socket()
    tls.settimeout(wait)
    answer = b""
    try:
        tls.sendall(request)
        while True:
            data = tls.recv(65536)
            if not data:
                break
            answer += data
    except (socket.timeout, OSError):
        pass
    tls.close()
    return answer


BODY = json.dumps(CHECK_IN).encode()
HIDDEN = b"GET /policy.json HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n"


@pytest.fixture(name="careless", scope="module")
def fixture_careless(tmp_path_factory):
    """libsoup 3.2 forgets the path of a request whose headers it refuses, which is no leak of ours."""
    options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    service = Service(make_first(tmp_path_factory.mktemp("careless")), env={**os.environ, "ASAN_OPTIONS": options})
    yield service
    assert service.stop() == 0


@pytest.mark.parametrize("headers, body", [
    # two lengths, and a length beside chunks: who believes the other one sees a second request
    ([b"Content-Length: 0", b"Content-Length: %d" % len(HIDDEN)], HIDDEN),
    ([b"Content-Length: %d" % len(HIDDEN), b"Content-Length: 0"], HIDDEN),
    ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], b"0\r\n\r\n" + HIDDEN),
    ([b"Transfer-Encoding: chunked", b"Content-Length: 5"], b"0\r\n\r\n" + HIDDEN),
    ([b"Transfer-Encoding: chunked"], b"0\r\n\r\n" + HIDDEN),
    ([b"Transfer-Encoding: xchunked"], b"0\r\n\r\n" + HIDDEN),
    ([b"Transfer-Encoding: chunked, identity"], b"0\r\n\r\n" + HIDDEN),
    ([b"Transfer-Encoding : chunked"], b"0\r\n\r\n" + HIDDEN),
    ([b"Content-Length: 0, %d" % len(HIDDEN)], HIDDEN),
    ([b"Content-Length: +0"], HIDDEN),
    ([b"Content-Length: -1"], HIDDEN),
    ([b"Content-Length: 0x10"], HIDDEN),
    ([b"Content-Length: 99999999999999999999999"], HIDDEN),
], ids=[str(n) for n in range(13)])
def test_request_smuggling(careless, headers, body):
    """Never is what was meant as a body answered as a request of its own after a good answer."""
    request = b"\r\n".join([b"POST /v1/check-in HTTP/1.1", b"Host: " + HOST.encode(),
                            b"Content-Type: application/json", *headers, b"", b""]) + body
    answer = raw(careless, request, wait=3)
    assert b"service-description" not in answer
    assert answer.count(b"HTTP/1.1 200") == 0, answer
    # and the service goes on
    assert careless.request("GET", "/policy.json").status == 200


@pytest.mark.parametrize("value", [
    "bytes=0-18446744073709551616", "bytes=18446744073709551615-", "bytes=9223372036854775807-",
    "bytes=-18446744073709551616", "bytes=-0", "bytes=5-2", "bytes=--1", "bytes=0-0,0-0",
    "bytes=" + ",".join("0-" for _ in range(2000)), "bytes=a-b", "bytes=", "lines=0-1",
    "bytes=0-1;bytes=2-3", "bytes= 0 - 1 "], ids=[str(n) for n in range(14)])
def test_absurd_ranges(standing, value):
    cab = cab_of(standing.mirror)
    got = standing.request("GET", f"/cabs/{cab.name}", headers={"Range": value})
    size = cab.stat().st_size
    assert got.status in (200, 206, 416), value
    assert len(got.body) <= size
    if got.status == 200:
        assert got.body == cab.read_bytes()
    if got.status == 206:
        assert got.body in cab.read_bytes()


@pytest.mark.parametrize("request_text", [
    b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 30000 + b"\r\n",
    b"\r\n" * 100000, b"\0" * 100000, b"GET /policy.json HTTP/9.9\r\n\r\n",
    b"GET policy.json HTTP/1.1\r\n\r\n"], ids=[str(n) for n in range(7)])
def test_absurd_requests(standing, request_text):
    answer = raw(standing, request_text, wait=3)
    assert b" 200 " not in answer[:32]
    assert standing.request("GET", "/policy.json").status == 200


@pytest.mark.parametrize("path, limit", [("/v1/check-in", 64 * 1024), ("/v1/report", 256 * 1024)])
def test_largest_bodies(service, path, limit):
    """One byte more than the limit is not even read; at the limit it is a matter of what is in it."""
    value = CHECK_IN if path == "/v1/check-in" else {**REPORT, "uuid": str(uuid.uuid4())}
    body = json.dumps(value).encode()
    padded = body + b" " * (limit - len(body))
    assert service.post(path, padded).status == 200
    assert service.post(path, padded + b" ").status == 413
    many = {**CHECK_IN, "endpoints": CHECK_IN["endpoints"] * 65}
    if path == "/v1/check-in":
        assert service.post(path, many).status == 413


def test_a_thousand_idle_connections(service):
    """They neither speak TLS nor leave, and the next one is served."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    idle = []
    try:
        for _ in range(1000):
            idle.append(socket.create_connection(("127.0.0.1", service.port), timeout=20))
        assert service.request("GET", "/policy.json").status == 200
        assert service.post("/v1/check-in", CHECK_IN).status == 200
    finally:
        for one in idle:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def client_hello():
    """The first flight of a handshake, as a client of TLS 1.3 sends it."""
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(received, sent, server_hostname=HOST)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return sent.read()


def ended(connection):
    """The other side says no more, within the time-out."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def test_handshakes_that_stop_half_way(service):
    """Some stop within the first record, some after it; neither is waited for, and the next is served."""
    hello = client_hello()
    stopped = []
    try:
        for number in range(200):
            stopped.append(socket.create_connection(("127.0.0.1", service.port), timeout=90))
            stopped[-1].sendall(hello[:100] if number % 2 else hello)
        connection = http.client.HTTPSConnection(HOST, service.port, timeout=45)
        context = ssl.create_default_context(
            cafile=str(service.mirror.root / "trust/tls/room.example.pem"))
        plain = socket.create_connection(("127.0.0.1", service.port), 45)
        connection.sock = context.wrap_socket(plain, server_hostname=HOST)
        connection.request("POST", "/v1/check-in", json.dumps(CHECK_IN).encode(),
                           {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200
        connection.close()
        assert all(ended(one) for one in stopped)
    finally:
        for one in stopped:
            one.close()


def posted_in_the_end(service, deadline_secs=60):
    """The status of a check-in, tried again while the service still closes connections."""
    end = time.monotonic() + deadline_secs
    while True:
        try:
            return service.post("/v1/check-in", CHECK_IN).status
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_more_connections_than_files(mirror):
    """Those beyond the limit are ended, and the service goes on when they are gone."""
    mirror.run("publish")
    service = Service(mirror, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                                    (1024, 1024)))
    many = []
    try:
        for _ in range(600):
            many.append(socket.create_connection(("127.0.0.1", service.port), timeout=90))
            many[-1].sendall(b"\x16")
        assert all(ended(one) for one in many)
        assert posted_in_the_end(service) == 200
    finally:
        for one in many:
            one.close()
        assert service.stop() == 0


@pytest.mark.skipif("UC_SANITIZED" in os.environ, reason="sanitizers need memory of their own")
def test_failed_handshakes_cost_no_memory(service):
    """Who leaves in the middle of a handshake is forgotten altogether."""
    def memory_kib():
        text = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))

    def fail(times):
        for _ in range(times):
            with socket.create_connection(("127.0.0.1", service.port), timeout=90) as connection:
                connection.sendall(hello)
                assert connection.recv(1)

    hello = client_hello()
    fail(100)
    assert service.post("/v1/check-in", CHECK_IN).status == 200
    before = memory_kib()
    fail(400)
    assert service.post("/v1/check-in", CHECK_IN).status == 200
    assert memory_kib() - before < 8 * 1024  # it were 50 KiB for each


def test_slow_requests(service):
    """Requests that begin and never end, in the header and in the body: others are served."""
    slow = []
    begins = (b"GET /policy.json HTTP/1.1\r\nHost: ",
              b"POST /v1/check-in HTTP/1.1\r\nHost: " + HOST.encode() +
              b"\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{")
    try:
        for n in range(100):
            slow.append(service.socket())
            slow[-1].sendall(begins[n % 2])
        for _ in range(3):
            assert service.request("GET", "/policy.json").status == 200
            assert service.post("/v1/check-in", CHECK_IN).status == 200
            for one in slow:
                one.sendall(b"x")
    finally:
        for one in slow:
            one.close()


def test_two_administrators(mirror):
    """Whatever they do at the same time, each act is done whole or refused with a sentence."""
    first, second = mirror.add_version("1.1.0")["id"], mirror.add_version("1.2.0")["id"]
    cabs = [package.cab(mirror.path / f"{n}.cab", image=package.bind(version=f"1.{n}.0"),
                        xml=package.metainfo(version=f"1.{n}.0")) for n in (3, 4)]
    commands = [["approve", first], ["approve", second], ["publish"], ["publish"],
                ["import", cabs[0]], ["import", cabs[1]], ["import", cabs[0]],
                ["test-device", "add", "AC1"], ["test-device", "add", "AC1"], ["publish"]]

    def run(command):
        return subprocess.run([PROGRAM, f"--root={mirror.root}", *map(str, command)],
                              capture_output=True, text=True, timeout=120)

    with concurrent.futures.ThreadPoolExecutor(len(commands)) as pool:
        results = list(pool.map(run, commands))
    for command, done in zip(commands, results):
        assert done.returncode == 0 or done.stderr.startswith("ucupdates-mirror: "), command
        assert "database is locked" not in done.stderr
    assert [done.returncode for done in results[4:6]] == [0, 0]
    packages = mirror.json("list")["packages"]
    assert sorted(p["version"] for p in packages) == ["1.1.0", "1.2.0", "1.3.0", "1.4.0"]
    assert [p["state"] for p in packages].count("approved") <= 1
    mirror.run("publish")
    schema(mirror)
    served = json.loads(base64.b64decode(json.loads(
        (mirror.root / "public/policy.json").read_text())["payload"]))
    assert served["test_devices"]
