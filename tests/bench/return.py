#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All endpoints come back after a power cut, and 100 of them fetch a cab at once.

    tests/bench/return.py BUILDDIR [SECONDS] [MEGABYTES]

100,000 endpoints within 10 minutes are 167 check-ins in a second, each on a connection of its own
with a full TLS handshake, at moments that do not wait for the answers before. 600 SECONDS
(UC_BENCH_RETURN_SECS) are all of them. Server and clients side by side on this machine.
"""

import asyncio
import json
import os
import pathlib
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time

BUILDDIR = pathlib.Path(sys.argv[1]).resolve()
os.environ["UC_MIRROR"] = str(BUILDDIR / "mirror/ucupdates-mirror")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "mirror"))

from mirrorlab import HOST, Mirror, Service  # noqa: E402

RATE = 167
READERS = 100
PORT = 9447
NGINX = """pid {directory}/nginx.pid;
user root;
worker_processes 1;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {tls}/leaf.pem;
        ssl_certificate_key {tls}/leaf.key;
        root {root}/public;
    }}
}}
"""


def peak_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines()
                if line.startswith("VmHWM")) / 1024


async def come_back(service, context, number, start, results):
    """One endpoint: (seconds from its moment to its answer, status)."""
    due = start + number / RATE
    await asyncio.sleep(max(0, due - time.monotonic()))
    body = json.dumps({"format": "ucupdates-checkin-1", "endpoints": [{
        "id": "codec", "vendor": "acme", "model": "icon400", "hardware_level": "2",
        "serial": f"AC{number}", "modules": [{"name": "application", "version": "1.1.0"}]}]})
    head = (f"POST /v1/check-in HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n")
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(
            "127.0.0.1", service.port, ssl=context, server_hostname=HOST), 60)
        writer.write((head + body).encode())
        line = await asyncio.wait_for(reader.readline(), 60)
        results.append((time.monotonic() - due, line.split()[1]))
        writer.close()
    except (OSError, asyncio.TimeoutError, IndexError) as error:
        results.append((time.monotonic() - due, repr(error).encode()))


async def all_come_back(service, count):
    context = ssl.create_default_context(
        cafile=str(service.mirror.root / "trust/tls/room.example.pem"))
    results, start = [], time.monotonic() + 0.5
    waiting = set()
    for number in range(count):
        # tasks are made shortly before their moment, so that there are never 100,000 of them
        await asyncio.sleep(max(0, start + number / RATE - time.monotonic() - 1))
        task = asyncio.create_task(come_back(service, context, number, start, results))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    return results


def power_cut(mirror, seconds):
    count = RATE * seconds
    service = Service(mirror)
    results = asyncio.run(all_come_back(service, count))
    peak = peak_mib(service.process.pid)
    service.stop()
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        (known,) = database.execute("SELECT count(*) FROM endpoints").fetchone()
    took = sorted(seconds for seconds, _ in results)
    answered = sum(status == b"200" for _, status in results)
    print(f"power cut       {count} endpoints at {RATE}/s: {answered} answered, {known} in the "
          f"inventory, p50 {took[len(took) // 2] * 1000:.0f} ms, "
          f"p99 {took[len(took) * 99 // 100] * 1000:.0f} ms, longest {took[-1]:.1f} s, "
          f"peak {peak:.0f} MiB")
    return known == count and answered == count


def fetch(port, ca, megabytes):
    """Megabytes in a second with all readers at once, by one curl."""
    directory = tempfile.mkdtemp(prefix="uc-bench-")
    config = pathlib.Path(directory) / "curl"
    config.write_text(f'url = "https://{HOST}:{port}/cabs/big.cab"\noutput = /dev/null\n' * READERS)
    start = time.monotonic()
    subprocess.run(["curl", "--silent", "--show-error", "--fail", "--http1.1", "--parallel",
                    "--parallel-immediate", "--parallel-max", str(READERS), "--cacert", ca, "--resolve", f"{HOST}:{port}:127.0.0.1",
                    "--config", config], check=True, timeout=500,
                   stderr=subprocess.DEVNULL)  # its progress
    took = time.monotonic() - start
    shutil.rmtree(directory)
    return READERS * megabytes / took


def downloads(mirror, directory, megabytes):
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    cab = mirror.root / "public/cabs/big.cab"
    cab.write_bytes(os.urandom(megabytes * 1000000))
    ca = mirror.root / "trust/tls/room.example.pem"
    service = Service(mirror)
    ours = fetch(service.port, ca, megabytes)
    peak = peak_mib(service.process.pid)
    service.stop()
    line = f"cab downloads   {READERS} at once: {ours:.0f} MB/s, peak {peak:.0f} MiB"
    if nginx is not None:
        config = directory / "nginx.conf"
        config.write_text(NGINX.format(directory=directory, port=PORT, root=mirror.root,
                                       tls=mirror.root / "keys/tls"))
        process = subprocess.Popen([nginx, "-c", config, "-g", "daemon off;"])
        time.sleep(1)
        peer = fetch(PORT, ca, megabytes)
        process.terminate()
        process.wait()
        line += f"; nginx {peer:.0f} MB/s, ratio {ours / peer:.2f}"
    print(line)


def main():
    seconds = int(os.environ.get("UC_BENCH_RETURN_SECS", sys.argv[2] if len(sys.argv) > 2 else 60))
    megabytes = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    print(f"load before: {pathlib.Path('/proc/loadavg').read_text().strip()}")
    try:
        mirror = Mirror(directory)
        mirror.run("init", "--organisation=room.example")
        mirror.run("approve", mirror.add_version("1.1.0")["id"])
        mirror.run("publish")
        downloads(mirror, directory, megabytes)
        return 0 if power_cut(mirror, seconds) else 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
