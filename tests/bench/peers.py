# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a mirror is measured beside: a libsoup server that answers with a constant, and nginx."""

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

BUILDDIR = pathlib.Path(sys.argv[1]).resolve()
os.environ["UC_MIRROR"] = str(BUILDDIR / "mirror/ucupdates-mirror")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "mirror"))

from mirrorlab import Mirror  # noqa: E402

SOUP_PORT, NGINX_PORT = 9444, 9445
START_SECS = 30
UNITS_MS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}

NGINX = """pid {directory}/nginx.pid;
user root;
worker_processes 1;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    sendfile on;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {tls}/leaf.pem;
        ssl_certificate_key {tls}/leaf.key;
        keepalive_requests 100000000;
        root {root}/public;
        location /v1/ {{ return 200 "{{}}"; }}
    }}
}}
"""


def new_mirror(directory):
    """A mirror with one release published."""
    directory.mkdir(parents=True, exist_ok=True)
    mirror = Mirror(directory)
    mirror.run("init", "--organisation=room.example")
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    return mirror


def wait_for_port(port, process):
    end = time.monotonic() + START_SECS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"nothing listens on port {port}")
        time.sleep(0.02)


@contextlib.contextmanager
def running(argv, port):
    """A server until the end of the block; its pid."""
    process = subprocess.Popen([str(word) for word in argv], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def bare_soup(mirror):
    tls = mirror.root / "keys/tls"
    return running([BUILDDIR / "tests/bench/soup-constant", tls / "leaf.pem", tls / "leaf.key"],
                   SOUP_PORT)


def nginx(mirror, directory):
    """With the same tree, and a constant in the place of check-ins."""
    config = directory / "nginx.conf"
    config.write_text(NGINX.format(directory=directory, port=NGINX_PORT, root=mirror.root,
                                   tls=mirror.root / "keys/tls"))
    return running(["/usr/sbin/nginx", "-c", config, "-g", "daemon off;"], NGINX_PORT)


def to_ms(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS_MS[unit]


def wrk(port, script, seconds):
    """Requests per second, 50th and 99th percentile in ms, and how many were not answered well."""
    text = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", "--timeout=30s", "--latency",
                           "-s", script, f"https://127.0.0.1:{port}/v1/check-in"],
                          capture_output=True, text=True, check=True,
                          timeout=seconds + 60).stdout
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1))
    spread = text[text.index("Latency Distribution"):]
    p50, p99 = (to_ms(re.search(rf"{p}%\s+(\S+)", spread).group(1)) for p in (50, 99))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = int(refused.group(1)) if refused else 0
    # with "Connection: close" wrk counts each close of the peer as an error of reading
    errors += sum(int(broken.group(group)) for group in (1, 3, 4)) if broken else 0
    return rate, p50, p99, errors
