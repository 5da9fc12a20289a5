# SPDX-License-Identifier: LGPL-2.1-or-later
"""The published tree behind nginx, with the configuration of docs/deployment.md; and a backup."""
import contextlib
import hashlib
import pathlib
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.parse

import pytest

from uclab.process import run

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/mirror"))
NGINX = shutil.which("nginx") or (shutil.which("nginx", path="/usr/sbin"))


@pytest.fixture
def service(tmp_path, builddir, monkeypatch):
    monkeypatch.setenv("UC_MIRROR", str(builddir / "mirror/ucupdates-mirror"))
    from mirrorlab import Mirror, Service
    tmp_path.chmod(0o755)
    mirror = Mirror(tmp_path)
    mirror.run("init", "--organisation=room.example")
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    made = Service(mirror)
    yield made
    assert made.stop() == 0


def snippet(number):
    """A block of docs/deployment.md for nginx."""
    text = (TOP / "docs/deployment.md").read_text()
    return re.findall(r"```nginx\n(.*?)```", text, re.S)[number]


def start(tmp_path, text):
    config = tmp_path / "nginx.conf"
    config.write_text(f"""user root;
pid {tmp_path}/nginx.pid;
error_log {tmp_path}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {tmp_path}/body;
    proxy_temp_path {tmp_path}/proxy;
    fastcgi_temp_path {tmp_path}/fastcgi;
    uwsgi_temp_path {tmp_path}/uwsgi;
    scgi_temp_path {tmp_path}/scgi;
{text}
}}
""")
    return subprocess.Popen([NGINX, "-c", str(config), "-g", "daemon off;"])


def wait_for(process, try_once):
    deadline = time.monotonic() + 60
    while True:
        try:
            try_once()
            return
        except (OSError, ssl.SSLError):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)


@contextlib.contextmanager
def in_front(service, tmp_path):
    """Another Service object, of which the port is nginx's."""
    text = (snippet(0).replace("/var/lib/ucupdates-mirror", str(service.mirror.root))
            .replace("192.0.2.10:443", "127.0.0.1:9443").replace(":8443", f":{service.port}"))
    from mirrorlab import Service
    process = start(tmp_path, text)
    front = Service.__new__(Service)
    front.mirror, front.process, front.port = service.mirror, process, 9443
    try:
        wait_for(process, lambda: front.socket().close())
        yield front
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def nginx(service, tmp_path):
    with in_front(service, tmp_path) as front:
        yield front


class Phone:
    """As a phone with UC Software asks by plain HTTP: it knows no header that it does not need."""

    AGENT = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application"

    def __init__(self, port, part, model):
        self.port, self.part, self.model = port, part, model

    def ask(self, path, method="GET"):
        """Status and body."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as plain:
            plain.sendall(f"{method} {path} HTTP/1.1\r\nHost: 192.0.2.10\r\nUser-Agent: "
                          f"{self.AGENT}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: plain.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def image(self, path):
        """It puts its part number before the last element."""
        folder, _, name = path.rpartition("/")
        return self.ask(f"/{folder}/{self.part}.{name}")

    def read(self, text, *xpaths):
        """By xmllint, which has nothing to do with who wrote it."""
        return [subprocess.run(["xmllint", "--xpath", f"string({xpath})", "-"], input=text,
                               capture_output=True, check=True).stdout.decode().strip()
                for xpath in xpaths]


@pytest.mark.skipif(NGINX is None or shutil.which("xmllint") is None, reason="no nginx or xmllint")
def test_phones_by_plain_http(service, tmp_path):
    """A phone's provisioning and its custom server, both this tree, by the second configuration."""
    from test_phones import IP650, VVX500, add
    mirror = service.mirror
    mirror.rules("[Publish]\nPhoneUrl=http://192.0.2.10/\n")
    add(mirror, "old", version="4.1.0.73405", parts=(VVX500, IP650))
    add(mirror, "new", parts=(VVX500,))
    add(mirror, "next", approve=False, version="6.0.0.10000", parts=(VVX500,))
    mirror.run("test-device", "add", "64:16:7F:39:59:CA")
    mirror.run("publish")
    root = mirror.root / "public"
    process = start(tmp_path, "server {\n    listen 127.0.0.1:9080;\n"
                    f"    root {root};\n    disable_symlinks if_not_owner from={root};\n"
                    f"{snippet(1)}}}")
    phone = Phone(9080, VVX500, "VVX500")
    try:
        wait_for(process, lambda: phone.ask("/"))
        status, text = phone.ask("/000000000000.cfg")
        path, default = phone.read(text, "//APPLICATION_VVX500/@APP_FILE_PATH_VVX500",
                                   "/APPLICATION/@APP_FILE_PATH")
        assert (status, path, default) == (200, "ucs/5.9.7.4477/sip.ld", "ucs/current/sip.ld")
        for wanted in (path, default):
            status, image = phone.image(wanted)
            assert status == 200 and image.startswith(f"{VVX500} 5.9.7.4477".encode())
        status, text = phone.ask("/64167f3959ca.cfg")
        assert status == 200 and phone.image(phone.read(
            text, "//APPLICATION_VVX500/@APP_FILE_PATH_VVX500")[0])[1].startswith(
                f"{VVX500} 6.0.0.10000".encode())
        status, text = phone.ask("/ucs.xml")
        assert status == 200
        versions = phone.read(text, "count(//PHONE_IMAGE)", "//PHONE_IMAGE[1]/VERSION",
                              "//PHONE_IMAGE[1]/PATH")
        assert versions == ["2", "4.1.0.73405", "http://192.0.2.10/ucs/4.1.0.73405/"]
        folder = versions[2].removeprefix("http://192.0.2.10/")
        assert phone.image(f"{folder}sip.ld")[1].startswith(f"{VVX500} 4.1.0.73405".encode())
        for path in ("/", "/policy.json", "/firmware.xml.zst", "/.well-known/ucupdates.json",
                     "/ucs/", "/ucs/../policy.json", "/cabs/", "/0004f2000001.cfg"):
            assert phone.ask(path)[0] in (400, 404), path
        assert phone.ask("/64167f3959ca-boot.log", "PUT")[0] == 404
        assert phone.ask("/ucs.xml", "PUT")[0] == 403
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.skipif(NGINX is None, reason="no nginx")
def test_nginx_serves_the_same(service, nginx):
    public = service.mirror.root / "public"
    paths = [str(path.relative_to(public)) for path in public.rglob("*") if path.is_file()]
    assert len(paths) >= 15
    for path in paths:
        direct, front = (one.request("GET", f"/{path}") for one in (service, nginx))
        assert (front.status, front.body) == (200, direct.body), path
    cab = next(path for path in paths if path.startswith("cabs/"))
    got = nginx.request("GET", f"/{cab}", headers={"Range": "bytes=10-19"})
    assert (got.status, got.body) == (206, (public / cab).read_bytes()[10:20])
    assert nginx.request("GET", "/../mirror.db").status in (400, 404)
    assert nginx.request("PUT", "/policy.json", b"x").status == 403
    answer = nginx.post("/v1/check-in", {
        "format": "ucupdates-checkin-1", "machine_id": "a" * 64,
        "endpoints": [{"id": "codec", "vendor": "acme", "model": "icon400",
                       "hardware_level": "2", "serial": "AC1"}]})
    assert answer.status == 200
    assert [e["serial"] for e in service.mirror.json("endpoints")["endpoints"]] == ["AC1"]


@pytest.mark.skipif(NGINX is None, reason="no nginx")
def test_publication_is_seen_through_nginx(service, nginx):
    service.mirror.run("publish")
    public = service.mirror.root / "public"
    assert nginx.request("GET", "/policy.json").body == (public / "policy.json").read_bytes()


@pytest.mark.skipif(NGINX is None, reason="no nginx")
def test_keys_of_endpoints_through_nginx(service, tmp_path):
    """Enrolment, check-in and report; and a certificate that a client only writes into the header."""
    from enrolment import Key
    from mirrorlab import Service, cab_of
    mirror = service.mirror
    mirror.rules("[Publish]\nEnrolment=open\n")
    mirror.run("publish")
    behind = Service(mirror, "--proxy=127.0.0.1/32", "--proxy-certificates")
    try:
        with in_front(behind, tmp_path) as front:
            key = Key(tmp_path, front, "AC1")
            assert key.check_in()[0] == 403
            status, answer = key.enrol().check_in()
            assert (status, answer["downloads"], answer["refused"]) == (200, 1, [])
            assert key.report("success", cab_of(mirror).name[:-4])[0] == 200
            stolen = urllib.parse.quote(key.certificate.read_text(), safe="")
            got = front.post("/v1/check-in", {
                "format": "ucupdates-checkin-1", "endpoints": [
                    {"vendor": "acme", "model": "icon400", "serial": "AC1"}]},
                headers={"X-SSL-Client-Cert": stolen})
            assert got.status == 403 and b"there is none that counts" in got.body
            mirror.run("forget", "AC1")
            assert key.check_in()[0] == 403
    finally:
        assert behind.stop() == 0


def test_restored_from_a_backup(service, tmp_path):
    mirror = service.mirror
    with sqlite3.connect(mirror.root / "mirror.db") as source:
        with sqlite3.connect(tmp_path / "mirror.db") as copy:
            source.backup(copy)
    for name in ("keys", "trust", "rules.d", "packages"):
        run(["cp", "-a", mirror.root / name, tmp_path / name], check=True)
    for _ in range(3):
        mirror.run("publish")
    before = mirror.policy()["serial"]
    from mirrorlab import Mirror
    restored = Mirror(tmp_path)
    restored.root = tmp_path / "restored"
    restored.root.mkdir()
    for name in ("mirror.db", "keys", "trust", "rules.d", "packages"):
        (tmp_path / name).rename(restored.root / name)
    deadline = time.monotonic() + 10
    while int(time.time()) <= before and time.monotonic() < deadline:
        time.sleep(0.1)
    restored.run("publish")
    assert restored.policy()["serial"] > before
    cab = next((restored.root / "public/cabs").iterdir())
    assert hashlib.sha256(cab.read_bytes()).hexdigest() == cab.name[:-4]
