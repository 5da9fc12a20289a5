#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Check-ins per second beside a bare libsoup handler and nginx; publishing many packages.

    tests/bench/mirror.py BUILDDIR [SECONDS] [PACKAGES]

Everything on this machine, server and client side by side. Needs wrk; nginx where there is one.
"""

import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILDDIR = pathlib.Path(sys.argv[1]).resolve()
os.environ["UC_MIRROR"] = str(BUILDDIR / "mirror/ucupdates-mirror")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "mirror"))

import package  # noqa: E402
from mirrorlab import Mirror, Service  # noqa: E402

LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local n = 0
local thread = 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function request()
  n = (n + 1) % ENDPOINTS
  return wrk.format(nil, "/v1/check-in", nil, string.format(
    '{"format":"ucupdates-checkin-1","agent_version":"0.1.0","machine_id":"%s","endpoints":' ..
    '[{"id":"codec","vendor":"acme","model":"icon400","hardware_level":"2","serial":"AC%d-%d",' ..
    '"state":"current","modules":[{"name":"application","version":"1.1.0"}]}]}',
    string.rep("a", 64), id, n))
end
"""

NGINX = """pid {directory}/nginx.pid;
user root;
worker_processes 1;
error_log {directory}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    server {{
        listen 127.0.0.1:9445 ssl;
        ssl_certificate {tls}/leaf.pem;
        ssl_certificate_key {tls}/leaf.key;
        keepalive_requests 100000000;
        location / {{ return 200 "{{}}"; }}
    }}
}}
"""


def wrk(port, script, seconds):
    """Requests per second, 50th and 99th percentile as wrk prints them, and errors."""
    text = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", "-s", script,
                           f"https://127.0.0.1:{port}/v1/check-in"], capture_output=True,
                          text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1))
    p50, p99 = (re.search(rf"{p}%\s+(\S+)", text).group(1) for p in (50, 99))
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return rate, p50, p99, int(errors.group(1)) if errors else 0


def peak_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) / 1024


def check_ins(mirror, directory, seconds):
    script = directory / "checkin.lua"
    script.write_text(LUA.replace("ENDPOINTS", "10000"))
    tls = mirror.root / "keys/tls"
    service = Service(mirror)
    ours = wrk(service.port, script, seconds)
    print(f"mirror          {ours[0]:9.0f}/s   p50 {ours[1]}   p99 {ours[2]}   "
          f"{ours[3]} errors   peak {peak_mib(service.process.pid):.0f} MiB")
    service.stop()
    soup = subprocess.Popen([BUILDDIR / "tests/bench/soup-constant", tls / "leaf.pem",
                             tls / "leaf.key"], stdout=subprocess.PIPE)
    soup.stdout.readline()
    bare = wrk(9444, script, seconds)
    soup.terminate()
    soup.wait()
    print(f"bare libsoup    {bare[0]:9.0f}/s   p50 {bare[1]}   p99 {bare[2]}   "
          f"ratio {ours[0] / bare[0]:.2f}")
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        return
    config = directory / "nginx.conf"
    config.write_text(NGINX.format(directory=directory, tls=tls))
    process = subprocess.Popen([nginx, "-c", config, "-g", "daemon off;"])
    time.sleep(1)
    peer = wrk(9445, script, seconds)
    process.terminate()
    process.wait()
    print(f"nginx, constant {peer[0]:9.0f}/s   p50 {peer[1]}   p99 {peer[2]}   "
          f"ratio {ours[0] / peer[0]:.2f}")


def fill(mirror, count):
    """Approved packages as they are after their first publication."""
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        for number in range(count):
            data = f"cab {number}".encode()
            digest = hashlib.sha256(data).hexdigest()
            component = f"com.acme.model{number}"
            instance = f"UC\\VEN_acme&MODEL_model{number}"
            directory = mirror.root / "packages" / digest
            directory.mkdir()
            (directory / "signed.cab").write_bytes(data)
            (directory / "metainfo.xml").write_text(
                package.metainfo(component, instance_ids=(instance,)))
            row = database.execute(
                "INSERT INTO packages (sha256, size_bytes, component_id, name, vendor, version,"
                " protocol, payload_name, payload_sha256, payload_bytes, signed_sha256,"
                " signed_bytes, state, imported_secs, cab_sha256) VALUES (?, ?, ?, 'Model', 'Acme',"
                " '1.1.0', 'org.ucupdates.bind', 'firmware.bin', ?, 1, ?, ?, 'approved', 1, ?)",
                (digest, len(data), component, digest, digest, len(data), digest)).lastrowid
            database.execute("INSERT INTO package_guids VALUES (?, ?)",
                             (row, package.guid(instance)))


def publish(directory, counts):
    for count in counts:
        path = directory / str(count)
        path.mkdir()
        mirror = Mirror(path)
        mirror.run("init", "--organisation=room.example")
        fill(mirror, count)
        mirror.run("publish")
        time.sleep(1.1)  # two publications are a second apart, which is no time of its own
        start = time.monotonic()
        mirror.run("publish")
        took = time.monotonic() - start
        print(f"publish again {count:6} packages: {took:6.2f} s, {took / count * 1000:.2f} ms each")


def main():
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    packages = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        mirror = Mirror(directory)
        mirror.run("init", "--organisation=room.example")
        mirror.run("approve", mirror.add_version("1.1.0")["id"])
        mirror.run("publish")
        if shutil.which("wrk") is not None:
            check_ins(mirror, directory, seconds)
        else:
            print("no wrk: check-ins are not measured")
        publish(directory, [packages // 5, packages])
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
