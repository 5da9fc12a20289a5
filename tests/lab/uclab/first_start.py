# SPDX-License-Identifier: LGPL-2.1-or-later
"""What fwupd makes at its first start, in half a second of the processor: a key of its own and a
database of its quirks. Kept in the build directory for every lab that comes after; fwupd itself looks
whether they are still good."""

import hashlib
import os
import pathlib
import shutil

NAMES = ("cache/fwupd/quirks.xmlb", "cache/fwupd/quirks.db", "lib/fwupd/pki/client.pem",
         "lib/fwupd/pki/secret.key")
SOURCES = (pathlib.Path("/usr/libexec/fwupd/fwupd"), pathlib.Path("/usr/share/fwupd/quirks.d"))


class FirstStart:
    """Of one fwupd's directory. Nothing is kept where UC_BUILDDIR is not set; nothing is taken from or
    given to a lab that has quirks of its own."""

    def __init__(self, localstate):
        self.localstate = localstate
        builddir = os.environ.get("UC_BUILDDIR")
        self.kept = pathlib.Path(builddir) / "lab-cache" / self._key() if builddir else None

    @staticmethod
    def _key():
        """Another one for another fwupd."""
        paths = [SOURCES[0], *sorted(SOURCES[1].glob("*"))]
        text = "".join(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}\n"
                       for path in paths if path.exists())
        return f"fwupd-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def _is_for_us(self):
        return self.kept is not None and not list(self.localstate.glob("lib/fwupd/quirks.d/*"))

    @staticmethod
    def _copy(source, target):
        for name in NAMES:
            if (source / name).exists():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / name, target / name)

    def take(self):
        """Before fwupd starts; what it has made already stays."""
        if self._is_for_us() and self.kept.exists() and not (self.localstate / NAMES[0]).exists():
            self._copy(self.kept, self.localstate)

    def keep(self):
        """After it has started; others may be about to do the same, and the first one counts."""
        if not self._is_for_us() or self.kept.exists():
            return
        new = self.kept.with_suffix(f".{os.getpid()}")
        self._copy(self.localstate, new)
        try:
            new.rename(self.kept)
        except OSError:
            shutil.rmtree(new)
