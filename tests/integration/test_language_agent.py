# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent speaks English to everybody, and the command line the language of whoever asks."""

import json
import os
import re

import pytest

from uclab.catalogue import LANGUAGES, Catalogues, env
from uclab.lab import Lab
from uclab.process import run
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
WHY = "Board of directors, 3 of 4"
STATES = {"de": ("erfüllt", "nicht", "unklar"), "he": ("מתקיים", "לא", "לא ידוע")}
ENGLISH = re.compile(r"\b(the|is|was|not|nobody|there|for|update)\b")


@pytest.fixture(name="lab")
def fixture_lab(short_dir, tmp_path):
    with Catalogues(BUILDDIR, tmp_path / "locale"), Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.bus.start()
        lab.fwupd.start()
        lab.agent.start(env("de"))
        steps = Steps(lab)
        steps.offer("1.1.0")
        steps.stage("1.1.0")
        lab.agent.hold(300, WHY)
        steps.wait_for_reason("use")
        yield lab


def ask(lab, language, *arguments):
    result = run([f"{BUILDDIR}/agent/ucupdatesctl", *arguments],
                 env={**lab.agent.env, **env(language)})
    assert result.returncode == 0, result.stderr
    return result.stdout


def conditions(text):
    return [line for line in text.splitlines() if line[:2] in ("> ", "  ")]


def check_explain(lab, language):
    """Each condition has its words; what people said themselves stays as it is."""
    english, text = ask(lab, "en", "explain", "codec"), ask(lab, language, "explain", "codec")
    assert WHY in english and WHY in text
    found = conditions(text)
    assert len(found) == len(conditions(english)) > 25
    for line in found:
        name, said = line[2:11].strip(), line[12:]
        assert re.fullmatch("[a-z]+", name), line
        assert said.startswith(STATES[language]), line
        assert not ENGLISH.search(said.replace(WHY, "")), line


def check_status(lab, language):
    text = ask(lab, language, "status")
    assert WHY in text and "1.1.0" in text
    assert not ENGLISH.search(text.replace(WHY, "")), text
    assert "call (" not in text, text


def test_languages(lab):
    for language in LANGUAGES:
        check_explain(lab, language)
        check_status(lab, language)
        history = ask(lab, language, "history")
        assert "staged" not in history and "1.1.0" in history
        told = json.loads(ask(lab, language, "status", "--json"))["endpoints"][0]
        assert told["reason"].startswith("the room is in use: call ("), told
        refused = run([f"{BUILDDIR}/agent/ucupdatesctl", "install", "codec"],
                      env={**lab.agent.env, **env(language)})
        assert refused.returncode == 1 and WHY in refused.stderr
        assert not ENGLISH.search(refused.stderr.replace(WHY, "")), refused.stderr
