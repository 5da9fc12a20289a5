#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One large download over TLS from nginx on loopback, beside curl in the same run.

    tests/bench/download.py DOWNLOAD MEGABYTES [RUNS]

DOWNLOAD verifies the SHA-256 as it goes; curl is followed by sha256sum, because that is what a user
of curl has to do for the same result. A table of throughput and peak memory, which has a limit.
"""

import hashlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from figures import QUICK, Figures

HOST, PORT = "updates.room.example", 9443
MEMORY_KIB_MAX = 64 * 1024


def run(*argv):
    subprocess.run([str(word) for word in argv], check=True, capture_output=True)


def make_keys(directory):
    (directory / "anchors").mkdir()
    (directory / "ca.template").write_text('cn = "CA"\nca\ncert_signing_key\nexpiration_days = 2\n')
    (directory / "leaf.template").write_text(
        f'cn = "server"\ntls_www_server\nsigning_key\ndns_name = "{HOST}"\nexpiration_days = 2\n')
    for name in ("ca", "leaf"):
        run("certtool", "--generate-privkey", "--key-type=ecdsa", "--outfile", directory / f"{name}.key")
    run("certtool", "--generate-self-signed", "--load-privkey", directory / "ca.key", "--template",
        directory / "ca.template", "--outfile", directory / "anchors/ca.pem")
    run("certtool", "--generate-certificate", "--load-privkey", directory / "leaf.key", "--template",
        directory / "leaf.template", "--load-ca-certificate", directory / "anchors/ca.pem",
        "--load-ca-privkey", directory / "ca.key", "--outfile", directory / "leaf.pem")


def start_nginx(directory):
    (directory / "nginx.conf").write_text(f"""user root;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
daemon off;
events {{}}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {directory}/b;
    proxy_temp_path {directory}/p;
    fastcgi_temp_path {directory}/f;
    uwsgi_temp_path {directory}/u;
    scgi_temp_path {directory}/s;
    server {{
        listen 127.0.0.1:{PORT} ssl;
        ssl_certificate {directory}/leaf.pem;
        ssl_certificate_key {directory}/leaf.key;
        root {directory}/root;
    }}
}}
""")
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(directory / "nginx.conf")],
                               stderr=subprocess.DEVNULL)
    while not (directory / "nginx.pid").exists():
        if process.poll() is not None:
            raise SystemExit((directory / "error.log").read_text())
        time.sleep(0.01)
    return process


def measure(*argv):
    """Seconds and peak KiB of a program that has to succeed."""
    begin = time.monotonic()
    child = os.spawnvp(os.P_NOWAIT, str(argv[0]), [str(word) for word in argv])
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{argv[0]} failed")
    return time.monotonic() - begin, usage.ru_maxrss


def main():
    download, megabytes = sys.argv[1], int(sys.argv[2])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    megabytes, runs = (128, 1) if QUICK else (megabytes, runs)
    figures = Figures(f"download, {megabytes} MiB over TLS")
    ours, curls, hashes, peaks = [], [], [], []
    with tempfile.TemporaryDirectory(prefix="uc-bench-") as name:
        directory = pathlib.Path(name)
        make_keys(directory)
        (directory / "root").mkdir()
        piece, digest = os.urandom(1 << 20), hashlib.sha256()
        with open(directory / "root/file", "wb") as file:
            for _ in range(megabytes):
                file.write(piece)
                digest.update(piece)
        nginx = start_nginx(directory)
        try:
            for _ in range(runs):
                out = directory / "out"
                secs, peak = measure(download, HOST, "127.0.0.1", PORT, directory / "anchors",
                                     "/file", out, megabytes << 20, digest.hexdigest())
                ours.append(secs)
                peaks.append(peak)
                out.unlink()
                secs, curl_peak = measure(
                    "curl", "--silent", "--fail", "--cacert", directory / "anchors/ca.pem",
                    "--resolve", f"{HOST}:{PORT}:127.0.0.1", "--output", out,
                    f"https://{HOST}:{PORT}/file")
                curls.append(secs)
                hashes.append(measure("sh", "-c", f"sha256sum {out} >/dev/null")[0])
                out.unlink()
        finally:
            nginx.terminate()
            nginx.wait()
    our, curl, check = (statistics.median(values) for values in (ours, curls, hashes))
    figures.add("with SHA-256", megabytes / our, "MiB/s", "curl and sha256sum",
                megabytes / (curl + check))
    figures.add("with SHA-256", megabytes / our, "MiB/s", "curl alone", megabytes / curl)
    figures.add("peak memory", max(peaks) / 1024, "MiB", "curl", curl_peak / 1024)
    figures.add("peak memory", max(peaks) / 1024, "MiB", most=MEMORY_KIB_MAX / 1024, must=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
