# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pytest plugin that reports as TAP, so that meson counts each test (`-p uclab.tap`)."""

import os
import sys


class TapReporter:
    """Standard output is the report's alone: what programs and tests print there goes to standard
    error, as it is no TAP."""

    def __init__(self):
        self.number = 0
        self.seconds = 0.0
        self._stream = os.fdopen(os.dup(sys.__stdout__.fileno()), "w", encoding="utf-8")
        os.dup2(sys.__stderr__.fileno(), sys.__stdout__.fileno())

    def _print(self, text):
        print(text, file=self._stream, flush=True)

    def _result(self, word, report, directive=""):
        self.number += 1
        self._print(f"{word} {self.number} - {report.nodeid.split('::', 1)[-1]}{directive}")

    def _explain(self, report):
        """To people on standard error: of standard output meson shows the TAP lines only."""
        if report.failed:
            print(report.longreprtext, file=sys.__stderr__, flush=True)

    def pytest_runtest_logreport(self, report):
        if report.skipped:
            self._result("ok", report, " # SKIP")
        elif report.when == "call" or report.failed:
            self._result("not ok" if report.failed else "ok", report)
            self._explain(report)
        self.seconds += report.duration
        if report.when == "teardown":
            self._print(f"# {self.seconds:.1f} s with what it needs")
            self.seconds = 0.0

    def pytest_collectreport(self, report):
        if report.failed:
            self._result("not ok", report)
            self._explain(report)

    def pytest_sessionfinish(self):
        self._print(f"1..{self.number}")


def pytest_addoption(parser):
    """What pytest's own terminal plugin, which is off, would add and explanations of `assert` read."""
    parser.addoption("--verbosity", dest="verbose", type=int, default=2)


def pytest_configure(config):
    config.pluginmanager.register(TapReporter(), "uc-tap")
