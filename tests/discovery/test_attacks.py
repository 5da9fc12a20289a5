# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a hostile network or a hostile service can do, one test for each attack."""
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import NAME, SLACK_SECS

ADDRESS = "192.0.2.1"
PEAK_KIB_MAX = 64 * 1024
FAKETIME = pathlib.Path(f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketime.so.1")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class RawServer:
    """TLS with the service's own certificate, and below it whatever bytes an attack needs."""

    def __init__(self, pem, answer):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.answer = answer
        self.sent_bytes = 0
        self.stopping = threading.Event()
        self.socket = socket.create_server((ADDRESS, 443))
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        self.socket.settimeout(0.1)
        while not self.stopping.is_set():
            try:
                plain, _ = self.socket.accept()
                plain.settimeout(20)
                with self.context.wrap_socket(plain, server_side=True) as peer:
                    peer.recv(65536)
                    for part in self.answer():
                        if self.stopping.is_set():
                            break
                        peer.sendall(part)
                        self.sent_bytes += len(part)
            except OSError:
                continue

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.socket.close()


@pytest.fixture
def attack(lab, tmp_path):
    servers = []

    def start(answer):
        lab.dns(f"--host-record={NAME},{ADDRESS}")
        lab.end(lab.service())  # leaves its certificate and its document behind
        lab.envelope = (tmp_path / "etc/envelope.json").read_bytes()
        servers.append(RawServer(tmp_path / "etc/server.pem", answer))
        return servers[0]

    yield start
    for server in servers:
        server.stop()


def check(lab, status, words, *options):
    got, found = lab.discover("--timeout-ms=3000", *options)
    assert got == status, found
    assert words in found["message"], found["message"]
    assert (found["service"] is None) == (status != 0)
    assert lab.is_sanitized() or lab.peak_kib < PEAK_KIB_MAX
    return found


def with_length(body):
    return [HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body]


def forever(first, part):
    yield first
    while True:
        yield part


def slowly(body):
    yield HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    for byte in body:
        yield bytes([byte])
        time.sleep(1)


def test_endless_body(lab, attack):
    server = attack(lambda: forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
                                    b"10000\r\n" + b" " * 65536 + b"\r\n"))
    check(lab, 5, "the answer is larger than 1048576 bytes")
    assert server.sent_bytes < 16 << 20


def test_endless_header(lab, attack):
    server = attack(lambda: forever(HEAD, b"X-Padding: " + b"x" * 1000 + b"\r\n"))
    check(lab, 4, "Header too big")
    assert server.sent_bytes < 16 << 20


def test_promise_of_an_endless_body(lab, attack):
    attack(lambda: forever(HEAD + b"Content-Length: 9223372036854775807\r\n\r\n", b" " * 65536))
    check(lab, 5, "the answer is larger than 1048576 bytes")


def test_one_byte_per_second(lab, attack):
    attack(lambda: slowly(lab.envelope))
    check(lab, 4, "not done within")
    assert 2.5 < lab.elapsed_secs < 3 + SLACK_SECS


def test_decompression_bomb(lab, attack):
    """A gigabyte in less than the megabyte that an envelope may have; nothing decodes it."""
    body = subprocess.run(["sh", "-c", "head -c 1000000000 /dev/zero | gzip -9"],
                          capture_output=True, check=True).stdout
    assert len(body) < 1 << 20
    attack(lambda: [HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body),
                    body])
    check(lab, 5, "is not UTF-8 text")


def test_some_continues(lab, attack):
    attack(lambda: [b"HTTP/1.1 100 Continue\r\n\r\n" * 8] + with_length(lab.envelope))
    check(lab, 0, "is the update service")


@pytest.mark.parametrize("count", [200, None])
def test_continues(lab, attack, count):
    """200,000 and without end: libsoup alone would read them for ever, past every deadline."""
    part = b"HTTP/1.1 100 Continue\r\n\r\n" * 1000
    attack(lambda: [part] * count + with_length(lab.envelope) if count else forever(b"", part))
    check(lab, 5, "more than 8 answers before the answer")
    assert lab.elapsed_secs < 1 + SLACK_SECS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", [
    "https://www.other.example/", f"http://{NAME}/.well-known/ucupdates.json", "//192.0.2.2/",
    "file:///etc/passwd"])
def test_redirect(lab, attack, status, target):
    head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    attack(lambda: [head.encode()])
    with socket.create_server((ADDRESS, 80)) as plain, \
            socket.create_server(("192.0.2.2", 443)) as other:
        check(lab, 5, f"answered {status}")
        for server in (plain, other):
            server.setblocking(False)
            with pytest.raises(BlockingIOError):
                server.accept()
    assert "other.example" not in (lab.path / "dnsmasq.log").read_text()


JSON = {
    "deep-array": (b"[" * 500000, "deep"),
    "deep-object": (b'{"a":' * 100000, "deep"),
    "long-string": (b'{"a":"' + b"x" * 1000000 + b'"}', "member 'format' is missing"),
    "many-members": (b"{" + b",".join(b'"%d":0' % i for i in range(80000)) + b"}",
                     "member 'format' is missing"),
    "empty": (b"", "service-description"),
    "not-utf-8": (b"\xff\xfe", "is not UTF-8 text"),
    "null": (b"null", "service-description"),
    "array": (b"[]", "service-description"),
}


@pytest.mark.parametrize("name", JSON)
def test_json(lab, attack, name):
    body, words = JSON[name]
    attack(lambda: with_length(body))
    check(lab, 5, words)
    assert lab.elapsed_secs < 1 + SLACK_SECS


def test_hijacked_answer(lab, tmp_path):
    """DNS leads to another organisation, whose service is in perfect order for its own domain."""
    lab.dns(f"--host-record={NAME},{ADDRESS}")
    lab.service(address="192.0.2.2")  # ours: its trust bundle is installed
    ours = (tmp_path / "etc/ucupdates").rename(tmp_path / "ours")
    lab.service(domain="other.example")
    shutil.rmtree(tmp_path / "etc/ucupdates")
    ours.rename(tmp_path / "etc/ucupdates")
    found = check(lab, 5, "the server's certificate is ")
    assert "for another name" in found["message"] and "CA" in found["message"]


def test_hijacked_answer_with_a_common_ca(lab, tmp_path):
    """Both have certificates of the same public CA: the name decides, then the signature."""
    lab.dns(f"--host-record={NAME},{ADDRESS}")
    lab.service(domain="other.example")
    check(lab, 5, "the server's certificate is for another name")


def test_service_of_somebody_else_with_our_name(lab):
    """Even a certificate for our name is not enough to publish in it."""
    lab.dns(f"--host-record={NAME},{ADDRESS}")
    lab.service("foreign-documents")
    found = check(lab, 5, "sign")
    assert found["verified"] is False


@pytest.mark.skipif(not FAKETIME.exists(), reason="not installed: libfaketime")
def test_freeze(lab):
    """The same signed answer 90 days later; everything but the document is still valid."""
    lab.dns(f"--host-record={NAME},{ADDRESS}")
    lab.service("long-lived")
    for days, expected, words in ((0, 0, ""), (10, 0, ""), (90, 5, "expired")):
        env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{days}d",
               "FAKETIME_DONT_FAKE_MONOTONIC": "1",
               "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        status, found = lab.discover(env=env)
        assert status == expected and words in found["message"], (days, found)
