# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pictures of the documentation are what the programs say today."""

import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])


def test_timeline(tmp_path):
    drawn = tmp_path / "timeline.svg"
    subprocess.run([TOP / "contrib/timeline-picture", BUILDDIR / "agent/ucupdatesctl", drawn],
                   check=True)
    xml.etree.ElementTree.parse(drawn)
    text = drawn.read_text(encoding="utf-8")
    for act in ("download: ", "stage: ", "activate: ", "restart: "):
        assert act in text
    committed = (TOP / "docs/images/timeline.svg").read_text(encoding="utf-8")
    assert committed == text, "draw it anew with contrib/timeline-picture"


def test_usage():
    result = subprocess.run([TOP / "contrib/timeline-picture"], capture_output=True, text=True,
                            check=False)
    assert result.returncode == 2 and "UCUPDATESCTL" in result.stderr


def test_every_picture_is_there():
    """And none that no page shows."""
    shown = set()
    for page in [TOP / "README.md", *(TOP / "docs").glob("*.md")]:
        for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            path = (page.parent / name).resolve()
            assert path.exists(), f"{page.name}: {name}"
            shown.add(path)
    assert {path.resolve() for path in (TOP / "docs/images").iterdir()} == shown
