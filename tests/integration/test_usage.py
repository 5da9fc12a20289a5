# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who types something wrong is told what, and where to read on; --help and --version do nothing else."""

import os
import pathlib
import subprocess

import pytest

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = {"ucupdatesctl": "agent", "ucupdatesd": "agent", "ucupdates-prompt": "agent",
            "ucupdates-mirror": "mirror", "ucupdates-discover": "discovery",
            "ucupdates-trust": "trust", "ucupdates-confirm": "confirm"}
SCRIPTS = sorted(path.name for path in (TOP / "contrib").iterdir() if path.is_file())


def call(path, *arguments, directory):
    """As somebody else's computer would: without a bus, and without anything of this one."""
    return subprocess.run(
        [path, *arguments], capture_output=True, text=True, check=False, cwd=directory, timeout=60,
        stdin=subprocess.DEVNULL, env={
            "UCUPDATES_LOCALSTATEDIR": str(directory), "UCUPDATES_SYSCONFDIR": str(directory),
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(directory),
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_and_version(program, tmp_path):
    path = BUILDDIR / PROGRAMS[program] / program
    shown = call(path, "--help", directory=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Usage:") and program in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 130
    version = call(path, "--version", directory=tmp_path)
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith(f"{program} 0.")


@pytest.mark.parametrize("command,sentence", [
    ("ucupdatesd --nope", "Unknown option --nope; see ucupdatesd --help"),
    ("ucupdatesd start", "'start' is not expected; see ucupdatesd --help"),
    ("ucupdates-prompt --nope", "Unknown option --nope; it takes no arguments"),
    ("ucupdates-prompt start", "'start' is not expected; it takes no arguments"),
    ("ucupdates-confirm --nope", "Unknown option --nope; it takes no arguments"),
    ("ucupdates-confirm codec", "'codec' is not expected; it takes no arguments"),
    ("ucupdates-discover --nope", "Unknown option --nope; see ucupdates-discover --help"),
    ("ucupdates-discover room.example",
     "'room.example' is not an option; name a domain with --domain=DOMAIN; see ucupdates-discover "
     "--help"),
    ("ucupdates-trust", "a command is missing; see ucupdates-trust --help"),
    ("ucupdates-trust --nope", "Unknown option --nope; see ucupdates-trust --help"),
    ("ucupdates-trust instal", "there is no command 'instal'; see ucupdates-trust --help"),
    ("ucupdates-trust install",
     "install needs the directory of a trust bundle; see ucupdates-trust --help"),
    ("ucupdates-trust install one two", "'two' is not expected; see ucupdates-trust --help"),
    ("ucupdates-trust apply now", "'now' is not expected; see ucupdates-trust --help"),
    ("ucupdates-mirror --nope", "Unknown option --nope; see 'ucupdates-mirror --help'"),
    ("ucupdates-mirror list --nope", "list: Unknown option --nope; see 'ucupdates-mirror list --help'"),
    ("ucupdates-mirror lst", "there is no command 'lst'; see 'ucupdates-mirror --help'"),
])
def test_wrong_word(command, sentence, tmp_path):
    program, *arguments = command.split()
    result = call(BUILDDIR / PROGRAMS[program] / program, *arguments, directory=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"{program}: {sentence}\n"


def test_nothing_to_trust(tmp_path):
    """What is missing, and where it comes from."""
    trust = BUILDDIR / "trust/ucupdates-trust"
    none = tmp_path / "none"
    result = call(trust, "install", none, directory=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(
        f"ucupdates-trust: {none} is no trust bundle, expected a copy of the mirror's trust/: ")
    result = call(trust, "apply", directory=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"ucupdates-trust: {tmp_path}/lib/ucupdates/keys.json: there is none: the agent has not "
        "fetched it; ucupdatesctl check does, if the organisation has a recovery key\n")


EXAMPLES = ("display-off", "kiosk-prompt", "provision", "room-relay")


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples(example, tmp_path):
    """Who tries one where there is nothing to try it on gets a sentence."""
    path = TOP / "contrib/examples" / example
    shown = call(path, "--help", directory=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "") and len(shown.stdout) > 100
    tried = call(path, *(["true"] if example == "room-relay" else []), directory=tmp_path)
    assert tried.returncode == (2 if example == "provision" else 1)
    assert "Traceback" not in tried.stderr
    if example != "provision":
        assert tried.stderr.startswith(f"{example}: ") and tried.stderr.count("\n") == 1


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_help(script, tmp_path):
    """As its own first lines have it, whatever directory it is called from."""
    for option in ("--help", "-h"):
        result = call(TOP / "contrib" / script, option, directory=tmp_path)
        assert (result.returncode, result.stderr) == (0, ""), result.stdout
        name = "ucupdates-rebuild-plugin" if script == "rebuild-plugin" else f"contrib/{script}"
        assert name in result.stdout
        assert "SPDX" not in result.stdout and "set -" not in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_wrong_option(script, tmp_path):
    """Refused before anything is installed, built or written."""
    result = call(TOP / "contrib" / script, "--nope", directory=tmp_path)
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    assert "--nope" in result.stderr or script in ("sign-bind", "timeline-picture")
    assert list(tmp_path.iterdir()) == []
    assert not (TOP / "--nope").exists()
