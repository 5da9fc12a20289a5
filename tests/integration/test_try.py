# SPDX-License-Identifier: LGPL-2.1-or-later
"""What contrib/try tells, as far as its end, and what `--keep` then prints for people to type."""

import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys

from uclab.process import run, wait_for

BUILDDIR = os.environ["UC_BUILDDIR"]
STORY = pathlib.Path(__file__).resolve().parents[1] / "lab/story.py"
STEPS = 7
NOISE = re.compile(r"\033\[|…: \d+%| +$", re.M)  # colours, progress bars, ends of lines


def test_story(short_dir):
    log = short_dir / "told"
    with open(log, "wb") as output, subprocess.Popen(
            [sys.executable, "-B", STORY, f"--builddir={BUILDDIR}", f"--directory={short_dir}",
             "--keep"], stdout=output, stderr=output) as story:
        try:
            wait_for(lambda: story.poll() is not None or "Ctrl-C ends" in log.read_text(), 240,
                     "the end of the story")
            told = log.read_text()
            assert story.poll() is None and "NOT AS IT MUST BE" not in told, told
            enter, *typed = [
                line.strip() for line in told.partition("In another terminal")[2].splitlines()
                if line.startswith("  ") and "gnome-firmware" not in line]
            result = run([*shlex.split(enter), "sh", "-euc", "\n".join(typed)])
        finally:
            story.send_signal(signal.SIGINT)
        assert story.wait(60) == 0
    summary = told.partition("\nWhat was shown\n")[2]
    assert re.findall(r"^  (\d)\. ", summary, re.M) == [str(i + 1) for i in range(STEPS)]
    assert told.count("✓") > 25
    assert NOISE.search(told.replace("  \n", "\n")) is None, NOISE.search(told)
    # from within: the version that runs, the service, the list of the mirror
    for expected in ("Current version:    1.1.0", "version 1.1.0, last updated 20",
                     "is the update service of room.example", "approved  Acme    Icon 400  1.1.0"):
        assert expected in result.stdout, result.stdout + result.stderr
