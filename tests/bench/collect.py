#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All figures of one `meson test --benchmark` as one table, in Markdown and in JSON.

    tests/bench/collect.py BUILDDIR [PERFORMANCE.md]

Reads meson's log; writes bench.md and bench.json into the build directory and, if it is given, the table
into that document, between its two marks. There each benchmark takes the place of its former run, and
those that did not run now keep what they have.
"""

import datetime
import json
import pathlib
import platform
import re
import subprocess
import sys
import time

from figures import HEAD, MARK, cells, markdown, short

BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
PROGRAMS = {"fwupd": "fwupd", "GLib": "libglib2.0-0", "libsoup": "libsoup-3.0-0",
            "GnuTLS": "libgnutls30", "SQLite": "libsqlite3-0", "nginx": "nginx-light",
            "RAUC": "rauc", "SWUpdate": "swupdate", "wrk": "wrk", "curl": "curl"}


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(
        "%Y-%m-%d %H:%M UTC")


def read_log(builddir):
    """(name, result, start, seconds, what it printed) of each benchmark that ran."""
    logs = builddir / "meson-logs"
    path = next((path for path in (logs / "benchmarklog.json", logs / "testlog.json")
                 if path.exists()), None)
    if path is None:
        raise SystemExit(f"collect.py: there is no log in {logs}; did any benchmark run?")
    for line in path.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        yield (run["name"], run["result"], run["starttime"], run["duration"],
               run.get("stdout") or "")


def figures_of(text):
    for line in text.splitlines():
        if line.startswith(MARK):
            return json.loads(line[len(MARK):])
    return None


def first_line(path, key):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(key):
            return line.split(":", 1)[1].strip()
    return ""


def package_version(name):
    result = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True,
                            text=True, check=False)
    return result.stdout if result.returncode == 0 else ""


def describe_machine():
    memory_gib = int(first_line("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    cores = len(re.findall("^processor", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    distribution = dict(line.split("=", 1) for line in
                        pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return {"processor": first_line("/proc/cpuinfo", "model name"), "cores": cores,
            "memory_gib": round(memory_gib, 1), "kernel": platform.release(),
            "system": distribution.get("PRETTY_NAME", "").strip('"'),
            "versions": {name: version for name, package in PROGRAMS.items()
                         if (version := package_version(package))}}


def revision():
    result = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            check=False)
    return result.stdout.strip() if result.returncode == 0 else "unknown"


def collect(builddir):
    report = {"date": utc(time.time()), "revision": revision(), "machine": describe_machine(),
              "benchmarks": []}
    for name, result, start, seconds, text in read_log(builddir):
        found = figures_of(text) or {"name": name, "load": None, "rows": [], "quick": False}
        report["benchmarks"].append({"test": name, "result": result, "start": utc(start),
                                     "seconds": seconds, **found})
    return report


def head(report):
    machine = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return [f"{report['date']}, revision {report['revision']}; {machine['processor']}, "
            f"{machine['cores']} cores, {machine['memory_gib']:.0f} GiB of memory, "
            f"{machine['system']}, Linux {machine['kernel']}; {versions}.", ""]


def groups(report):
    """The rows of each benchmark; one that printed no figures has a row that says how it ended."""
    for bench in report["benchmarks"]:
        when = f"{bench['start']}, {report['revision']}"
        if bench["quick"]:
            when += ", a **short run** that says that everything works, no more"
        if bench["rows"] and bench["result"] == "OK":
            title = f"*{bench['name']}* (load {short(bench['load'])}; {when})"
        else:
            title = f"*{bench['name']}*: {bench['result']} after {bench['seconds']:.0f} s ({when})"
        yield bench["name"], [[title] + [""] * 6] + [cells(row) for row in bench["rows"]]


def table(found):
    return markdown([row for rows in found.values() for row in rows], HEAD)


def recorded(text):
    """The rows of each benchmark in a table that was recorded before."""
    found = {}
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for row in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]):
        title = re.match(r"\*(.+?)\*(?= \(|:)", row[0])
        if title:
            rows = found[title.group(1)] = []
        rows.append(row)
    return found


def record(path, report):
    document = path.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    old, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"collect.py: {path} lacks the lines '{BEGIN.strip()}' and '{END.strip()}'")
    text = "\n".join(head(report)) + "\n" + table({**recorded(old), **dict(groups(report))})
    path.write_text(f"{before}{BEGIN}\n{text}\n\n{END}{after}", encoding="utf-8")


def main():
    builddir = pathlib.Path(sys.argv[1])
    report = collect(builddir)
    text = "\n".join(head(report)) + "\n" + table(dict(groups(report))) + "\n"
    (builddir / "bench.md").write_text(text, encoding="utf-8")
    (builddir / "bench.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n",
                                         encoding="utf-8")
    if len(sys.argv) > 2:
        record(pathlib.Path(sys.argv[2]), report)
    print(text)
    met = [row["met"] for bench in report["benchmarks"] for row in bench["rows"]]
    failed = [bench["test"] for bench in report["benchmarks"] if bench["result"] != "OK"]
    print(f"{met.count(True)} goals met, {met.count(False)} missed, {len(failed)} benchmarks failed"
          + (f": {', '.join(failed)}" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
