# SPDX-License-Identifier: LGPL-2.1-or-later
"""Everything runs in a network namespace of its own with documentation addresses.

The product refuses loopback addresses. Needs root.
"""
import ctypes
import json
import os
import socket
import subprocess
import sys
import time

import pytest

DISCOVER = os.environ["UCUPDATES_DISCOVER"]
FAKE_SERVICE = os.environ["UCUPDATES_FAKE_SERVICE"]
CLONE_NEWNET = 0x40000000
DOMAIN = "room.example"
NAME = "ucupdates-r2." + DOMAIN
SRV = "_ucupdates._tcp." + DOMAIN
DNS = "192.0.2.53"
DEADLINE_SECS = 20

# Between pytest and the program, because a child's peak memory begins with that of its parent.
SPAWN = """
import os, signal, sys
child = os.fork()
if child == 0:
    os.execv(sys.argv[3], sys.argv[3:])
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(int(sys.argv[2]))
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as peak:
    peak.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE_SECS
    while not condition():
        assert time.monotonic() < end, f"gave up waiting for {what}"
        time.sleep(0.01)


@pytest.fixture(scope="session", autouse=True)
def network():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        pytest.skip("no network namespace: " + os.strerror(ctypes.get_errno()))
    run = lambda *args: subprocess.run(["ip", *args], check=True)
    run("link", "set", "lo", "up")
    for address in ("192.0.2.1/24", "192.0.2.2/24", "192.0.2.53/24"):
        run("addr", "add", address, "dev", "lo")
    run("addr", "add", "2001:db8::1/64", "dev", "lo", "nodad")
    # behind this link nobody answers, which takes seconds to notice
    run("link", "add", "dead0", "type", "veth", "peer", "name", "dead1")
    for link in ("dead0", "dead1"):
        run("link", "set", link, "up")
    run("addr", "add", "2001:db8:dead::1/64", "dev", "dead0", "nodad")


class Lab:
    def __init__(self, path):
        self.path = path
        self.children = []
        self.env = dict(
            os.environ,
            UCUPDATES_SYSCONFDIR=str(path / "etc"),
            UCUPDATES_VENDORDIR=str(path / "vendor"),
            UCUPDATES_RESOLV_CONF=str(path / "resolv.conf"),
            UCUPDATES_NETIF_DIR=str(path / "netif"),
            DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent",
            LC_ALL="C.UTF-8",
        )
        self.resolv_conf(f"nameserver {DNS}\n")

    def resolv_conf(self, text):
        (self.path / "resolv.conf").write_text(text)

    def configure(self, text):
        (self.path / "etc/ucupdates").mkdir(parents=True, exist_ok=True)
        (self.path / "etc/ucupdates/ucupdates.conf").write_text(text)

    def start(self, *args):
        child = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.children.append(child)
        return child

    def dns(self, *options, address=DNS, prefix=()):
        log = self.path / "dnsmasq.log"
        return self._dns(log, [*prefix, "dnsmasq"], address, options)

    def _dns(self, log, program, address, options):
        child = self.start(
            *program, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
            "--no-hosts", "--pid-file=", "--user=", "--bind-interfaces",
            "--listen-address=" + address, "--except-interface=none", "--local-ttl=60",
            "--local=/example/", "--log-queries", f"--log-facility={log}", *options)
        wait_until(lambda: log.exists() and "started" in log.read_text(), "dnsmasq")
        return child

    def queries(self):
        """The names that were asked for, as dnsmasq logged them."""
        lines = (self.path / "dnsmasq.log").read_text().splitlines()
        return [line.split("] ")[1].split()[0] for line in lines if "query[" in line]

    def service(self, fault="none", address="192.0.2.1", port=443, domain=DOMAIN,
                prefix=()):
        child = self.start(*prefix, FAKE_SERVICE, str(self.path / "etc"), domain, address,
                           str(port), fault)
        assert child.stdout.readline() == "ready\n"
        return child

    def discover(self, *options, domain=DOMAIN, env=None):
        where = [f"--domain={domain}"] if domain is not None else []
        begin = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-IS", "-c", SPAWN, str(self.path / "peak"), str(DEADLINE_SECS),
             DISCOVER, "--json", *where, *options],
            env={**self.env, **(env or {})}, capture_output=True, text=True,
            timeout=DEADLINE_SECS + 10)
        self.elapsed_secs = time.monotonic() - begin
        self.peak_kib = int((self.path / "peak").read_text())
        self.stderr = done.stderr
        return done.returncode, json.loads(done.stdout) if done.stdout else None

    @staticmethod
    def is_sanitized():
        with open(DISCOVER, "rb") as program:
            return b"__asan_init" in program.read()

    def end(self, child):
        self.children.remove(child)
        child.stdin.close()
        child.terminate()
        child.wait(DEADLINE_SECS)

    def stop(self):
        while self.children:
            self.end(self.children[-1])


@pytest.fixture
def silence():
    """A name server that never answers: elsewhere nobody listens, which is told at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("192.0.2.99", 53))
        yield "192.0.2.99"


@pytest.fixture
def lab(tmp_path):
    lab = Lab(tmp_path)
    yield lab
    lab.stop()
