# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every message is translated. After a change of messages: contrib/update-po, and translate."""

import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
LANGUAGES = [line for line in (TOP / "po/LINGUAS").read_text().split("\n")
             if line and not line.startswith("#")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_complete(language, tmp_path):
    """What contrib/update-po would make of it has nothing untranslated and nothing fuzzy."""
    result = subprocess.run([TOP / "contrib/update-po", f"--output={tmp_path}", language],
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for kind in ("untranslated", "only-fuzzy"):
        left = subprocess.run(["msgattrib", f"--{kind}", "--no-obsolete", "--no-wrap",
                               tmp_path / f"{language}.po"], capture_output=True, text=True,
                              check=True).stdout
        messages = re.findall(r'^msgid "(.+)"$', left, re.M)
        assert messages == [], f"{language}: {len(messages)} {kind}: " + "\n".join(messages)
