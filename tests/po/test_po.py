# SPDX-License-Identifier: LGPL-2.1-or-later
"""Translations: every file is listed, no string is cut off, every catalogue is right."""

import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PO = TOP / "po"
LANGUAGES = [line for line in (PO / "LINGUAS").read_text().split("\n")
             if line and not line.startswith("#")]
PARTS = ("agent", "common", "confirm", "discovery", "mirror", "plugins", "policy", "trust")
# a string literal is passed over, so that nothing inside it counts
CALL = re.compile(r'"(?:[^"\\\n]|\\.)*"|(?<![A-Za-z0-9_])(_|N_|C_|NC_|ngettext)\(')
LITERALS = re.compile(r'(?:\s*"(?:[^"\\\n]|\\.)*")+\s*')


def sources():
    return sorted(path for part in PARTS for path in (TOP / part).rglob("*.c"))


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def calls():
    """File, line and what follows the parenthesis of each call of gettext."""
    for path in sources():
        text = without_comments(path.read_text(encoding="utf-8"))
        for match in CALL.finditer(text):
            if match.group(1) is None:
                continue
            yield (path.relative_to(TOP), text.count("\n", 0, match.start()) + 1, match.group(1),
                   text[match.end():])


def test_every_file_is_listed():
    listed = {line for line in (PO / "POTFILES.in").read_text().split("\n")
              if line and not line.startswith("#")}
    used = {str(path) for path, *_ in calls()}
    assert used - listed == set(), "not in po/POTFILES.in"
    assert {name for name in listed if not (TOP / name).exists()} == set(), "listed and not there"


def meson_list(name):
    """The files of one target in agent/meson.build."""
    text = (TOP / "agent/meson.build").read_text()
    body = re.search(rf"^{name} = .*?^\)", text, re.M | re.S).group()
    return {(pathlib.Path("agent") / path).as_posix() for path in re.findall(r"'([\w./-]+\.c)'", body)}


def test_command_line_knows_the_sentences_of_the_agent():
    """What the agent says goes over the bus in English, and ucupdatesctl translates it."""
    said = {str(path) for path, *_ in calls()}
    agent = {name for name in said if name in meson_list("agent_lib") or name.startswith("policy/")}
    known = {name.replace("agent/../", "") for name in meson_list("ctl_phrases_h")}
    assert agent - known == set(), "not in ctl_phrases_h"


def test_no_string_is_cut_off():
    """xgettext ends a string at a macro such as G_GINT64_FORMAT, so nothing would be translated."""
    wrong = []
    for path, line, name, rest in calls():
        match = LITERALS.match(rest)
        after = rest[match.end():] if match else rest
        if match is None:
            # a variable, for what was marked by N_()
            if not re.match(r"\s*[A-Za-z_][A-Za-z0-9_>.\[\]-]*\)", rest):
                wrong.append(f"{path}:{line}")
        elif not after.startswith("," if name in ("ngettext", "C_", "NC_") else ")"):
            wrong.append(f"{path}:{line}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_right(language, tmp_path):
    """Formats have the arguments of the original, and the header is there."""
    result = subprocess.run(["msgfmt", "--check", "--output-file", tmp_path / "x.mo",
                             PO / f"{language}.po"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "warning" not in result.stderr, result.stderr
