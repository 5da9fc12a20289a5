# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service as systemd runs it: its sandbox, its socket, its signals; and who may ask."""
import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import time

import pytest

from mirrorlab import HOST, PROGRAM, Service

UNIT = os.environ["UC_MIRROR_UNIT"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_sandbox():
    text = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT],
                          capture_output=True, text=True, timeout=60).stdout
    score = float(re.search(r"exposure level for .*: ([0-9.]+)", text).group(1))
    print(f"# systemd-analyze security: {score}")
    assert score <= 2.0, text


def test_socket_activation(mirror):
    mirror.run("publish")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = 'eval "exec 3<&$1"; export LISTEN_FDS=1 LISTEN_PID=$$; shift; exec "$@"'
        process = subprocess.Popen(
            ["bash", "-c", script, "bash", str(listener.fileno()), PROGRAM,
             f"--root={mirror.root}", "serve"],
            pass_fds=[listener.fileno()], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline() == f"listening on https://127.0.0.1:{port}/\n"
            service = Service.__new__(Service)
            service.mirror, service.process, service.port = mirror, process, port
            assert service.request("GET", "/policy.json").status == 200
        finally:
            process.terminate()
            assert process.wait(timeout=15) == 0


def data_packets(connection):
    """How many packets with data the kernel has received, struct tcp_info of linux/tcp.h."""
    info = connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
    return struct.unpack_from("I", info, 152)[0]


def test_a_small_answer_is_one_packet(service):
    connection = service.connect()
    # what belongs to the handshake is there after the first answer
    for _ in range(2):
        before = data_packets(connection)
        connection.request("GET", "/policy.json")
        connection.getresponse().read()
        packets = data_packets(connection) - before
    assert packets == 1
    connection.close()


def descriptors(service):
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


def open_at_once(service, count):
    """Connections that were all asked something and are all open, and the number of descriptors
    before. Again if it took so long that the service has ended silent ones: that is 3 s."""
    deadline = time.monotonic() + 90
    while True:
        before, connections = descriptors(service), []
        with contextlib.suppress(http.client.HTTPException, OSError):
            for _ in range(count):
                connections.append(service.connect())
                connections[-1].request("GET", "/policy.json")
                connections[-1].getresponse().read()
            if descriptors(service) > before + count - 5:
                return connections, before
        for connection in connections:
            connection.close()
        assert time.monotonic() < deadline, f"never {count} at once"
        while descriptors(service) > before:
            time.sleep(0.05)
            assert time.monotonic() < deadline, f"{descriptors(service)} of {before} are open"


@pytest.mark.parametrize("end", ["unwrap", "close", "reset"])
def test_peers_that_end_kept_connections(service, end):
    """libsoup 3.2 keeps what the other side has ended while nothing was asked."""
    service.request("GET", "/policy.json", headers={"Connection": "close"})
    connections, before = open_at_once(service, 20)
    for connection in connections:
        if end == "unwrap":
            connection.sock.settimeout(0)  # nobody waits for the answer
            with contextlib.suppress(ssl.SSLWantReadError):
                connection.sock.unwrap()
        if end == "reset":
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    deadline = time.monotonic() + 30
    while descriptors(service) > before:
        assert time.monotonic() < deadline, f"{descriptors(service)} of {before} are open"
        time.sleep(0.05)
    assert service.request("GET", "/policy.json").status == 200


def certificate(service):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname=HOST) as tls:
            return tls.getpeercert(binary_form=True)


def test_hangup_loads_the_certificate_anew(service, tmp_path):
    before = certificate(service)
    tls = service.mirror.root / "keys/tls"
    open_one = service.connect()
    open_one.request("GET", "/policy.json")
    open_one.getresponse().read()
    subprocess.run(["certtool", "--generate-self-signed", f"--load-privkey={tls / 'leaf.key'}",
                    "--template=/dev/stdin", f"--outfile={tls / 'leaf.pem'}"], text=True, check=True,
                   input=f'cn = "new"\ndns_name = "{HOST}"\nexpiration_days = 9\n',
                   capture_output=True)
    service.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while certificate(service) == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    open_one.request("GET", "/policy.json")
    assert open_one.getresponse().status == 200
    (tls / "leaf.pem").write_text("nonsense")
    now = certificate(service)
    service.process.send_signal(signal.SIGHUP)
    assert certificate(service) == now


@pytest.mark.parametrize("networks, status", [
    (["192.0.2.0/24", "127.0.0.0/8"], 200), (["192.0.2.0/24"], 403), (["2001:db8::/32"], 403)])
def test_networks(mirror, networks, status):
    mirror.run("publish")
    service = Service(mirror, *[f"--network={network}" for network in networks])
    got = service.request("GET", "/policy.json")
    assert got.status == status
    posted = service.post("/v1/check-in", {})
    assert posted.status == (400 if status == 200 else 403)
    if status == 403:
        assert "none of the networks" in json.loads(got.body)["error"]
    assert service.stop() == 0


def test_bad_network(mirror):
    assert "'10.0.0.0/99' is no network" in mirror.run("serve", "--network=10.0.0.0/99", status=2)


CHECK_IN = {"format": "ucupdates-checkin-1",
            "endpoints": [{"vendor": "acme", "model": "icon400", "serial": "AC1"}]}


def test_a_held_database_holds_up_no_files(service):
    """Another command writes meanwhile: files are served, a check-in waits, who leaves is forgotten."""
    body, head = json.dumps(CHECK_IN), {"Content-Type": "application/json"}
    database = sqlite3.connect(service.mirror.root / "mirror.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    waiting, leaving = service.connect(), service.connect()
    for connection in (leaving, waiting):
        connection.request("POST", "/v1/check-in", body, head)
    assert service.request("GET", "/policy.json").status == 200
    assert database.execute("SELECT count(*) FROM endpoints").fetchone() == (0,)
    leaving.close()
    assert service.request("GET", "/policy.json").status == 200
    database.execute("COMMIT")
    assert waiting.getresponse().status == 200
    assert service.post("/v1/check-in", CHECK_IN).status == 200
    assert service.stop() == 0
    assert database.execute("SELECT count(*) FROM endpoints").fetchone() == (1,)
    database.close()


def basic(user, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


@pytest.fixture(name="outside")
def fixture_outside(mirror):
    """A service for which this machine is outside, and behind a proxy that is this machine."""
    mirror.run("publish")
    mirror.run("access", "add", "alice", input="correct horse\n")
    made = Service(mirror, "--network=192.0.2.0/24", "--proxy=127.0.0.2/32")
    yield made
    assert made.stop() == 0


def test_users(mirror):
    for user in ("bob", "alice", "Zoë"):
        mirror.run("access", "add", user, input="a password\n")
    assert mirror.json("access", "list") == {"users": ["Zoë", "alice", "bob"]}
    path = mirror.root / "access"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "a password" not in path.read_text()
    assert re.fullmatch(r"(\S+:\$6\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{86}\n){3}", path.read_text())
    mirror.run("access", "remove", "bob")
    assert mirror.json("access", "list") == {"users": ["Zoë", "alice"]}
    assert "there is no user 'bob'" in mirror.run("access", "remove", "bob", status=1)
    for user, secret in (("a:b", "a password"), ("", "a password"), ("a\nb", "a password"),
                         ("x" * 129, "a password"), ("bob", "short"), ("bob", ""),
                         ("bob", "y" * 257)):
        said = mirror.run("access", "add", user, input=secret + "\n", status=1)
        assert "expected a name of 1 to 128 bytes without ':'" in said
    mirror.run("access", "add", status=2)
    mirror.run("access", "list", "alice", status=2)
    assert [a["act"] for a in mirror.json("audit")["acts"]][-4:] == [
        "access add"] * 3 + ["access remove"]


def test_password_from_outside(outside):
    for method, path in (("GET", "/policy.json"), ("POST", "/v1/check-in")):
        got = outside.request(method, path)
        assert got.status == 403 and "WWW-Authenticate" not in got.headers
        assert "and nobody has signed in" in json.loads(got.body)["error"]
    for _ in range(2):
        assert outside.request("GET", "/policy.json",
                               headers=basic("alice", "correct horse")).status == 200
    assert outside.post("/v1/check-in", CHECK_IN,
                        headers=basic("alice", "correct horse")).status == 200
    for header in (basic("alice", "correct horsf"), basic("bob", "correct horse"), basic("", ""),
                   basic("alice", ""), basic("alice", "correct horse\0"),
                   {"Authorization": "Basic "}, {"Authorization": "Basic !!!"},
                   {"Authorization": "Bearer x"}, {"Authorization": "Basic " + "QQ" * 2000},
                   {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()}):
        got = outside.request("GET", "/policy.json", headers=header)
        assert got.status == 401, header
        assert got.headers["WWW-Authenticate"] == 'Basic realm="ucupdates"'
        assert json.loads(got.body) == {"error": "user or password is wrong"}


def test_removed_user_is_out_at_once(outside):
    alice = basic("alice", "correct horse")
    assert outside.request("GET", "/policy.json", headers=alice).status == 200
    outside.mirror.run("access", "add", "alice", input="another horse\n")
    assert outside.request("GET", "/policy.json", headers=alice).status == 401
    alice = basic("alice", "another horse")
    assert outside.request("GET", "/policy.json", headers=alice).status == 200
    outside.mirror.run("access", "remove", "alice")
    assert outside.request("GET", "/policy.json", headers=alice).status == 401
    (outside.mirror.root / "access").write_text("nonsense\n")
    assert outside.request("GET", "/policy.json", headers=alice).status == 401


@pytest.mark.parametrize("address, forwarded, status", [
    ("127.0.0.2", "192.0.2.7", 200), ("127.0.0.2", "198.51.100.1, 192.0.2.7", 200),
    ("127.0.0.2", "::ffff:192.0.2.7", 200),
    ("127.0.0.2", "192.0.2.7, 198.51.100.1", 403), ("127.0.0.2", None, 403),
    ("127.0.0.2", "unknown", 403), ("127.0.0.2", "192.0.2.7,", 403),
    ("127.0.0.1", "192.0.2.7", 403)])
def test_proxy(outside, address, forwarded, status):
    """Only of the proxy that was named, and only the last address."""
    connection = outside.connect()
    connection.sock = outside.socket(source=address)
    connection.request("GET", "/policy.json",
                       headers={} if forwarded is None else {"X-Forwarded-For": forwarded})
    assert connection.getresponse().status == status
    connection.close()


def test_bad_proxy(mirror):
    assert "'x' is no network" in mirror.run("serve", "--proxy=x", status=2)
