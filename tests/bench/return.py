#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All endpoints come back after a power cut.

    tests/bench/return.py BUILDDIR [SECONDS]

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
import sys
import tempfile
import time

import peers
from figures import QUICK, Figures, status_kib
from mirrorlab import HOST, Service

RATE = 167
MEMORY_MIB_MAX = 64


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


def power_cut(mirror, seconds, figures):
    count = RATE * seconds
    service = Service(mirror)
    start = time.monotonic()
    results = asyncio.run(all_come_back(service, count))
    took_all = time.monotonic() - start
    peak = status_kib(service.process.pid, "VmHWM") / 1024
    service.stop()
    database = sqlite3.connect(mirror.root / "mirror.db")
    (known,) = database.execute("SELECT count(*) FROM endpoints").fetchone()
    database.close()
    took = sorted(secs for secs, _ in results)
    answered = sum(status == b"200" for _, status in results)
    figures.add(f"{count} endpoints are back after", took_all, "s", most=seconds + 30)
    figures.add("not answered", count - answered, most=0, must=True)
    figures.add("not in the inventory", count - known, most=0, must=True)
    figures.add("p50 from its moment to its answer", took[len(took) // 2] * 1000, "ms")
    figures.add("p99 from its moment to its answer", took[len(took) * 99 // 100] * 1000, "ms")
    figures.add("longest", took[-1], "s")
    figures.add("peak memory", peak, "MiB", most=MEMORY_MIB_MAX, must=True)


def main():
    seconds = int(os.environ.get("UC_BENCH_RETURN_SECS", sys.argv[2] if len(sys.argv) > 2 else 60))
    seconds = 5 if QUICK else seconds
    figures = Figures(f"return after a power cut, {RATE} endpoints a second")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        power_cut(peers.new_mirror(directory), seconds, figures)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
