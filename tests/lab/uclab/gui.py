# SPDX-License-Identifier: LGPL-2.1-or-later
"""GNOME Firmware under Xvfb, on the lab's bus: what it says, and a picture of it."""

import json
import os
import pathlib
import subprocess
import sys

from . import labels, net
from .process import LabError, run, wait_for

SIZE = "1000x600"  # what the window asks for
SCROLL_AT = ("980", "300")
WINDOW = '("gnome-firmware" "gnome-firmware")'
COLOURS = "64"


class Gui:
    """start() and stop() as often as one likes; says() and picture() between them."""

    def __init__(self, supervisor, fwupd, directory):
        self.supervisor, self.fwupd = supervisor, fwupd
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.bus = self.directory / "session"
        self.display = self.process = self.log = None
        self.parts = []

    def _start_display(self):
        """Xvfb chooses a number of its own, and says which. Its socket is in a directory of this
        namespace alone: another lab's Xvfb may have the same number."""
        sockets = pathlib.Path("/tmp/.X11-unix")
        sockets.mkdir(exist_ok=True)
        if net.inside() and not sockets.is_mount():
            run(["mount", "-t", "tmpfs", "-o", "mode=1777", "displays", sockets], check=True)
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
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.bus}",
            "DISPLAY": self.display,
            "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "LC_ALL": "C.UTF-8",
        }

    def _spawn(self, name, argv):
        self.parts.append(self.supervisor.spawn(name, argv, self.env))
        return self.parts[-1]

    def start(self):
        """A display, a session bus that starts the accessibility bus, GNOME Firmware's window."""
        self.xvfb = self._start_display()
        self.bus.unlink(missing_ok=True)
        session = self._spawn(
            "session", ["dbus-daemon", "--session", "--nofork", f"--address=unix:path={self.bus}"])
        wait_for(self.bus.exists, 10, "the session bus", session)
        self.process = self._spawn("gnome-firmware", ["gnome-firmware"])
        wait_for(self._has_window, 30, "GNOME Firmware's window", self.process, 0.2)

    def stop(self):
        while self.parts:
            part = self.parts.pop()
            part.stop()
            self.supervisor.processes.remove(part)
        self.xvfb.terminate()
        self.xvfb.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _has_window(self):
        return WINDOW in run(["xwininfo", "-root", "-tree"], env=self.env).stdout

    def read(self):
        """What a screen reader finds: a dictionary with `rows` and `labels`."""
        result = run([sys.executable, "-B", labels.__file__, "gnome-firmware"], env=self.env)
        return json.loads(result.stdout) if result.returncode == 0 else {"rows": [], "labels": []}

    def wait_until(self, condition, what, deadline_secs=30):
        """Wait until condition(read()) is true; the failure says what was read instead."""
        last = {}

        def check():
            last["read"] = self.read()
            return condition(last["read"])

        try:
            wait_for(check, deadline_secs, what, self.process, 0.2)
        except LabError as error:
            raise LabError(f"{error}; it says {json.dumps(last['read'], ensure_ascii=False)}") \
                from error
        return last["read"]

    def picture(self, path):
        """Scroll to the end, where the releases are, and keep what the screen shows once two
        pictures in a row are the same; made small."""
        run(["xdotool", "mousemove", *SCROLL_AT, "click", "--repeat", "20", "5"], env=self.env,
            check=True)
        wait_for(lambda: self._is_painted(path), 30, "GNOME Firmware's picture", self.process, 0.5)
        run(["pngquant", "--force", "--output", path, COLOURS, path], check=True)
        run(["optipng", "-quiet", "-strip", "all", path], check=True)

    def _is_painted(self, path):
        """Whether two pictures in a row are the same and show more than a few colours."""
        before = self.directory / "before.png"
        for target in (before, path):
            run(["import", "-window", "root", str(target)], env=self.env, check=True)
        same = run(["compare", "-metric", "AE", str(before), str(path), "null:"])
        colours = run(["identify", "-format", "%k", str(path)])
        return same.returncode == 0 and int(colours.stdout or 0) > 100
