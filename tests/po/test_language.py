# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools in a language: translated, with the same exit status, and in UTF-8."""

import os
import pathlib
import re
import subprocess

import pytest

from uclab.catalogue import LANGUAGES, Catalogues, env

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
TOOLS = {"ucupdatesctl": "agent", "ucupdates-mirror": "mirror", "ucupdates-discover": "discovery",
         "ucupdates-trust": "trust"}


@pytest.fixture(name="locales", scope="module", autouse=True)
def fixture_locales(tmp_path_factory):
    with Catalogues(BUILDDIR, tmp_path_factory.mktemp("locale")):
        yield


def run(tool, language, *arguments):
    result = subprocess.run(
        [BUILDDIR / TOOLS[tool] / tool, *arguments], capture_output=True, check=False,
        env={**env(language), "HOME": "/nonexistent",
             "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"})
    return result.returncode, (result.stdout + result.stderr).decode("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("arguments", [("--help",), ("dance",), ("status",), ("status", "--dance")])
def test_ucupdatesctl(language, arguments):
    status, english = run("ucupdatesctl", "en", *arguments)
    translated = run("ucupdatesctl", language, *arguments)
    assert translated[0] == status
    assert "ucupdatesctl" in translated[1]
    if arguments != ("status", "--dance"):  # GLib's own words, which come from GLib
        assert translated[1] != english


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", TOOLS)
def test_help(language, tool):
    status, english = run(tool, "en", "--help")
    translated = run(tool, language, "--help")
    assert translated[0] == status == 0
    assert translated[1] != english
    # options and commands are what they are in every language
    words = re.findall(r"--[a-z-]+|^  [a-z-]+(?= )", english, re.M)
    for word in words:
        assert word in translated[1], word


@pytest.mark.parametrize("language", LANGUAGES)
def test_mirror_at_work(language, tmp_path):
    root = f"--root={tmp_path}/mirror"
    status, text = run("ucupdates-mirror", language, root, "init", "--organisation=room.example")
    assert status == 0, text
    assert "/etc/ucupdates/trust.d" in text and "A mirror for" not in text
    status, text = run("ucupdates-mirror", language, root, "publish")
    assert status == 0 and "Published" not in text, text
    status, text = run("ucupdates-mirror", language, root, "list")
    assert status == 0 and "VENDOR" not in text, text
