# SPDX-License-Identifier: LGPL-2.1-or-later
"""The published tree behind nginx, with the configuration of docs/deployment.md; and a backup."""
import hashlib
import pathlib
import re
import shutil
import sqlite3
import ssl
import subprocess
import sys
import time

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


@pytest.fixture
def nginx(service, tmp_path):
    """Another Service object, of which the port is nginx's."""
    text = re.search(r"```nginx\n(.*?)```", (TOP / "docs/deployment.md").read_text(), re.S).group(1)
    text = (text.replace("/var/lib/ucupdates-mirror", str(service.mirror.root))
            .replace("192.0.2.10:443", "127.0.0.1:9443").replace(":8443", f":{service.port}"))
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
    from mirrorlab import Service
    process = subprocess.Popen([NGINX, "-c", str(config), "-g", "daemon off;"])
    front = Service.__new__(Service)
    front.mirror, front.process, front.port = service.mirror, process, 9443
    deadline = time.monotonic() + 10
    while True:
        try:
            front.socket().close()
            break
        except (OSError, ssl.SSLError):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
    yield front
    process.terminate()
    process.wait(timeout=15)


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
