#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All figures of one `meson test --benchmark` as one table, in Markdown and in JSON.

    tests/bench/collect.py BUILDDIR [PERFORMANCE.md]

Reads meson's log; writes bench.md and bench.json into the build directory and, if it is given, the table
into that document, in the place of the one between its two marks.
"""

import datetime
import json
import pathlib
import platform
import re
import subprocess
import sys

from figures import HEAD, MARK, cells, markdown, short

BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
QUIET_LOAD = 0.5  # of a machine on which figures mean something
PROGRAMS = {"fwupd": "fwupd", "GLib": "libglib2.0-0", "libsoup": "libsoup-3.0-0",
            "GnuTLS": "libgnutls30", "SQLite": "libsqlite3-0", "nginx": "nginx-light",
            "RAUC": "rauc", "SWUpdate": "swupdate", "wrk": "wrk", "curl": "curl"}


def read_log(builddir):
    """(name, result, seconds, what it printed) of each benchmark that ran."""
    logs = builddir / "meson-logs"
    path = next((path for path in (logs / "benchmarklog.json", logs / "testlog.json")
                 if path.exists()), None)
    if path is None:
        raise SystemExit(f"collect.py: there is no log in {logs}; did any benchmark run?")
    for line in path.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        yield run["name"], run["result"], run["duration"], run.get("stdout") or ""


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
    report = {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
              "revision": revision(), "machine": describe_machine(), "quick": False,
              "benchmarks": []}
    for name, result, seconds, text in read_log(builddir):
        found = figures_of(text) or {"name": name, "load": None, "rows": [], "quick": False}
        report["quick"] = report["quick"] or found["quick"]
        report["benchmarks"].append({"test": name, "result": result, "seconds": seconds, **found})
    return report


def head(report):
    machine = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [f"{report['date']}, revision {report['revision']}; {machine['processor']}, "
             f"{machine['cores']} cores, {machine['memory_gib']:.0f} GiB of memory, "
             f"{machine['system']}, Linux {machine['kernel']}; {versions}.", ""]
    if report["quick"]:
        lines += ["**Short runs** (`--quick`): these figures say that everything works, no more.", ""]
    busy = [bench["name"] for bench in report["benchmarks"]
            if bench["load"] is not None and bench["load"] > machine["cores"] * QUIET_LOAD]
    if busy:
        lines += ["**The machine was busy** when these began, which their figures show: "
                  + "; ".join(busy) + ".", ""]
    return lines


def table(report):
    """One table; a benchmark that printed no figures has a row that says how it ended."""
    rows = []
    for bench in report["benchmarks"]:
        if bench["rows"] and bench["result"] == "OK":
            rows.append([f"*{bench['name']}* (load {short(bench['load'])})"] + [""] * 6)
        else:
            rows.append([f"*{bench['name']}*: {bench['result']} after {bench['seconds']:.0f} s"]
                        + [""] * 6)
        rows += [cells(row) for row in bench["rows"]]
    return markdown(rows, HEAD)


def record(path, text):
    document = path.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"collect.py: {path} lacks the lines '{BEGIN.strip()}' and '{END.strip()}'")
    path.write_text(before + BEGIN + "\n" + text + "\n" + END + after, encoding="utf-8")


def main():
    builddir = pathlib.Path(sys.argv[1])
    report = collect(builddir)
    text = "\n".join(head(report)) + "\n" + table(report) + "\n"
    (builddir / "bench.md").write_text(text, encoding="utf-8")
    (builddir / "bench.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n",
                                         encoding="utf-8")
    if len(sys.argv) > 2:
        record(pathlib.Path(sys.argv[2]), text)
    print(text)
    met = [row["met"] for bench in report["benchmarks"] for row in bench["rows"]]
    failed = [bench["test"] for bench in report["benchmarks"] if bench["result"] != "OK"]
    print(f"{met.count(True)} goals met, {met.count(False)} missed, {len(failed)} benchmarks failed"
          + (f": {', '.join(failed)}" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
