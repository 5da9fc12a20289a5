# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/count: what it says of programs that fail, and of those that end before they could."""

import pathlib
import subprocess

COUNT = pathlib.Path(__file__).resolve().parents[1] / "count"
PROGRAMS = {
    "good": "echo 1..2; echo ok 1 a; echo 'ok 2 b # SKIP no reason'",
    "bad": "echo 1..2; echo ok 1 a; echo not ok 2 b; exit 1",
    "killed": "echo 1..2; echo ok 1 a; kill -SEGV $$",
    "silent": "kill -ABRT $$",
    "plain": "exit 0",
}


def build(directory, programs):
    text = "project('p')\n"
    for name, script in programs.items():
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
        protocol = "exitcode" if name in ("silent", "plain") else "tap"
        text += f"test('{name}', find_program('{name}'), protocol: '{protocol}', suite: 's')\n"
    (directory / "meson.build").write_text(text)
    subprocess.run(["meson", "setup", "b"], cwd=directory, check=True, capture_output=True)


def run(directory, *names):
    subprocess.run(["meson", "test", "-C", "b", *names], cwd=directory, capture_output=True)
    return directory / "b/meson-logs"


def count(*arguments):
    return subprocess.run([COUNT, *arguments], text=True, capture_output=True)


def test_failures_are_counted(tmp_path):
    build(tmp_path, PROGRAMS)
    logs = run(tmp_path)
    assert count("--failed", logs).stdout.split() == ["bad", "killed", "silent"]
    result = count(logs)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[-1] == "4 passed, 3 failed, 1 skipped"
    assert "failed: bad: 2 b" in lines
    assert [line for line in lines if line.startswith("failed: killed: error")]
    assert [line for line in lines if line.startswith("failed: silent: ")]


def test_a_second_run_replaces_the_first(tmp_path):
    build(tmp_path, PROGRAMS)
    first = tmp_path / "first"
    run(tmp_path).rename(first)
    (tmp_path / "b/meson-logs").mkdir()
    (tmp_path / "killed").write_text("#!/bin/sh\necho 1..1\necho ok 1 a\n")
    (tmp_path / "silent").write_text("#!/bin/sh\nexit 0\n")
    result = count(first, run(tmp_path, "killed", "silent"))
    lines = result.stdout.splitlines()
    assert lines[-1] == "5 passed, 1 failed, 1 skipped"
    assert len([line for line in lines if line.startswith("failed at first, passed alone: ")]) == 2


def test_no_log_is_a_failure(tmp_path):
    result = count(tmp_path)
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed"
