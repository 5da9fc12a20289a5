# SPDX-License-Identifier: LGPL-2.1-or-later
"""GNOME Firmware under Xvfb, on the lab's bus, and a picture of it."""

import os
import pathlib
import subprocess

from .process import LabError, run, wait_for

SIZE = "1000x600"


class Gui:
    def __init__(self, supervisor, fwupd, directory):
        self.supervisor = supervisor
        self.fwupd = fwupd
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.display = None
        self.process = None

    def _start_display(self):
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"],
            pass_fds=[writer],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as lines:
            number = lines.readline().strip()
        if not number:
            raise LabError("Xvfb did not start")
        self.display = f":{number}"
        return process

    @property
    def env(self):
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        runtime = self.directory / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        return {
            **self.fwupd.env,
            "DISPLAY": self.display,
            "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "LC_ALL": "C.UTF-8",
            "GTK_A11Y": "none",
        }

    def picture(self, path, text='("gnome-firmware" "gnome-firmware")'):
        """Start GNOME Firmware, wait for its window, and keep what the screen shows."""
        xvfb = self._start_display()
        try:
            self.process = self.supervisor.spawn(
                "gnome-firmware", ["dbus-run-session", "--", "gnome-firmware"], self.env
            )
            wait_for(lambda: self._has_window(text), 30, "GNOME Firmware's window", self.process, 0.2)
            wait_for(lambda: self._is_painted(path), 30, "GNOME Firmware's picture", self.process, 0.5)
        finally:
            if self.process is not None:
                self.process.stop()
                self.supervisor.processes.remove(self.process)
            xvfb.terminate()
            xvfb.wait()

    def _has_window(self, text):
        return text in run(["xwininfo", "-root", "-tree"], env=self.env).stdout

    def _is_painted(self, path):
        """Whether two pictures in a row are the same and show more than a few colours."""
        before = self.directory / "before.png"
        for target in (before, path):
            run(["import", "-window", "root", str(target)], env=self.env, check=True)
        same = run(["compare", "-metric", "AE", str(before), str(path), "null:"])
        colours = run(["identify", "-format", "%k", str(path)])
        return same.returncode == 0 and int(colours.stdout or 0) > 100
