# SPDX-License-Identifier: LGPL-2.1-or-later
"""The translations of this build where its programs look for them, in this namespace alone."""

import pathlib
import re
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
LANGUAGES = [line for line in (TOP / "po/LINGUAS").read_text(encoding="utf-8").split("\n")
             if line and not line.startswith("#")]


def env(language):
    """What chooses a language without a locale of it on this machine."""
    return {"LC_ALL": "C.UTF-8", "LANGUAGE": language}


class Catalogues:
    """Mounted from enter to exit; a test is skipped where that cannot be."""

    def __init__(self, builddir, directory):
        self.builddir = pathlib.Path(builddir)
        self.directory = pathlib.Path(directory)
        self.existing = None

    def __enter__(self):
        text = (self.builddir / "config.h").read_text(encoding="utf-8")
        target = pathlib.Path(re.search(r'UC_LOCALEDIR "(.*)"', text).group(1))
        self.existing = next(path for path in (target, *target.parents) if path.exists())
        for name in ("upper", "work"):
            (self.directory / name).mkdir(parents=True)
        options = (f"lowerdir={self.existing},upperdir={self.directory}/upper,"
                   f"workdir={self.directory}/work")
        if subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", self.existing],
                          check=False).returncode != 0:
            pytest.skip("this machine has no overlay file system")
        for language in LANGUAGES:
            directory = target / language / "LC_MESSAGES"
            directory.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.builddir / f"po/{language}/LC_MESSAGES/ucupdates.mo", directory)
        return self

    def __exit__(self, *_exception):
        subprocess.run(["umount", "--lazy", self.existing], check=True)
