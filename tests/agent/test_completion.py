# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash offers after `ucupdatesctl`, and that it knows every command and option there is."""

import os
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ["UC_BUILDDIR"]) / "agent/ucupdatesctl"
STATUS = '{\n  "endpoints" : [\n    {\n      "id" : "codec",\n      "name" : "ICON"\n    }\n  ]\n}\n'


def complete(tmp_path, *words):
    """The replies for the last of the words, with an agent that knows the endpoint `codec`."""
    program = tmp_path / "ucupdatesctl"
    program.write_text(f"#!/bin/sh\ncat <<'X'\n{STATUS}X\n")
    program.chmod(0o755)
    quoted = " ".join(f"'{word}'" for word in words)
    script = (f". {SOURCE}/data/completion/ucupdatesctl\nCOMP_WORDS=({quoted})\n"
              f"COMP_CWORD={len(words) - 1}\n_ucupdatesctl\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
    result = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True,
                            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
                            cwd=tmp_path)
    assert result.stderr == ""
    return result.stdout.split()


def printed(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


def commands():
    return re.findall(r"^  ([a-z-]+) ", printed("--help"), re.MULTILINE)


def test_commands(tmp_path):
    assert complete(tmp_path, "ucupdatesctl", "ins") == ["install"]
    assert complete(tmp_path, "ucupdatesctl", "xyz") == []
    offered = complete(tmp_path, "ucupdatesctl", "")
    assert len(commands()) == 12
    assert set(offered) == {*commands(), "--help", "--version"}


@pytest.mark.parametrize("command", commands())
def test_options(tmp_path, command):
    """As many as --help of the command shows."""
    known = set(re.findall(r"--[a-z]+", printed(command, "--help").partition("Options:")[2]))
    known |= {"--json", "--help"}
    offered = set(complete(tmp_path, "ucupdatesctl", command, "--")) - {"--"}
    assert offered == known - {"--help"} | {"--help"}, command


def test_values(tmp_path):
    assert complete(tmp_path, "ucupdatesctl", "versions", "c") == ["codec"]
    assert complete(tmp_path, "ucupdatesctl", "install", "co") == ["codec"]
    assert complete(tmp_path, "ucupdatesctl", "history", "c") == []
    assert complete(tmp_path, "ucupdatesctl", "inhibit", "--what", "b") == ["booking"]
    (tmp_path / "new.cab").touch()
    assert complete(tmp_path, "ucupdatesctl", "install", "--file", "ne") == ["new.cab"]
    assert complete(tmp_path, "ucupdatesctl", "install", "--file", "=", "ne") == ["new.cab"]
    assert complete(tmp_path, "ucupdatesctl", "inhibit", "--what", "=") == [
        "call", "presentation", "booking"]
    assert complete(tmp_path, "ucupdatesctl", "install", "--version", "=", "c") == []


def test_help_names_the_command():
    """What follows Usage: can be typed."""
    assert printed("explain", "--help").startswith("Usage:\n  ucupdatesctl explain [OPTION…] [DEVICE]")
    assert printed("help") == printed("--help")
    lines = printed("--help").partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert {re.search(r"^  [a-z-]+ +", line).end() for line in lines} == {18}
