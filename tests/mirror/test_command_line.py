# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command with arguments that nobody means: a sentence, an exit status, and nothing changed."""
import json
import re
import sqlite3
import subprocess

import pytest

from mirrorlab import PROGRAM

COMMANDS = ("init", "import", "list", "approve", "reject", "restore", "use-version", "test-device", "publish",
            "simulate", "serve", "endpoints", "endpoint", "forget", "enrol", "sync", "hosts", "access", "key",
            "audit")
ODD = (b"", b"\xff\xfe", b"x" * 100000, b"%s%n", b"\x1b[31m", "\u202eevil".encode(), b"-", b"--nonsense", b"*",
       b"'; DROP TABLE packages; --", b"../../etc/passwd")


def call(mirror, *words):
    done = subprocess.run([PROGRAM, b"--root=" + str(mirror.root).encode(), *words], capture_output=True,
                          timeout=60, stdin=subprocess.DEVNULL)
    errors = done.stderr.decode()
    assert done.returncode in (0, 1, 2), (words, errors)
    assert "CRITICAL" not in errors and "WARNING" not in errors and "\x1b" not in errors and "\u202e" not in errors, (words, errors)
    if done.returncode != 0:
        assert errors.startswith("ucupdates-mirror: ") and errors.endswith("\n"), (words, errors)
        assert max(map(len, errors.splitlines())) < 1100, (words, len(errors))
    return done


def dump(mirror):
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        return [line for line in database.iterdump() if "audit" not in line]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    from mirrorlab import Mirror
    made = Mirror(tmp_path_factory.mktemp("filled"))
    made.run("init", "--organisation=room.example")
    made.run("approve", made.add_version("1.1.0")["id"])
    made.add_version("1.2.0")
    made.run("publish")
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_odd_arguments(filled, command):
    before = dump(filled)
    lines = [[odd] for odd in ODD] + [[b"--json", odd, odd] for odd in ODD[:3]]
    for words in lines:
        done = call(filled, command.encode(), *words)
        assert done.returncode != 0, (command, words, done.stdout)
    assert dump(filled) == before


@pytest.mark.parametrize("words", [
    "use-version acme/icon400 {odd}", "use-version {odd} 1.1.0", "test-device remove {odd}", "endpoint approve {odd}",
    "endpoint deny {odd}", "key revoke {odd}", "key rotate {odd}", "key install {odd}", "access add {odd}",
    "access remove {odd}", "enrol {odd}", "simulate --approve {odd}", "simulate --zone {odd}", "simulate --days {odd}",
    "endpoints --where {odd}", "endpoints --sort {odd}", "endpoints --columns {odd}", "endpoints --where serial={odd}",
    "sync {odd} --trust=x", "sync --pass-on={odd} https://127.0.0.1:9/x", "serve --listen={odd}",
    "serve --network={odd}", "audit {odd}", "import {odd}", "init --organisation={odd}",
], ids=lambda words: words.replace(" ", "_"))
def test_odd_values(filled, words):
    before = dump(filled)
    for odd in ODD:
        done = call(filled, *(word.encode().replace(b"{odd}", odd) for word in words.split()))
        if done.returncode == 0:
            assert words.startswith("endpoints --where serial="), (words, odd, done.stdout)
    assert dump(filled) == before


@pytest.mark.parametrize("words", [
    "list", "endpoints", "endpoints --blocked", "endpoints --waiting", "endpoints --conflicts", "audit", "hosts",
    "publish --check", "publish --dry-run", "publish --if-due", "publish", "simulate", "key", "key list",
    "test-device list", "test-device add AC1", "test-device remove AC1", "use-version acme/icon400 1.1.0",
    "use-version acme/icon400 none", "access list", "enrol token", "enrol sign",
], ids=lambda words: words.replace(" ", "_"))
def test_json(filled, words):
    """In any place, and twice."""
    for line in (["--json", *words.split()], [*words.split(), "--json"], [*words.split(), "--json", "--json"]):
        done = call(filled, *(word.encode() for word in line))
        if done.returncode == 0:
            assert isinstance(json.loads(done.stdout), dict), (line, done.stdout)
        else:
            assert words == "key" or re.match(rb"ucupdates-mirror: .", done.stderr), line


def test_json_of_a_file_whose_name_is_no_text(filled, tmp_path):
    bad = tmp_path.joinpath("dir")
    bad.mkdir()
    (bad / "ok.cab").write_bytes(b"no cab")
    path = bytes(bad) + b"/\xff.cab"
    with open(path, "wb") as out:
        out.write(b"no cab")
    done = call(filled, b"import", b"--json", bytes(bad))
    assert done.returncode == 1 and json.loads(done.stdout) == {"packages": []}
