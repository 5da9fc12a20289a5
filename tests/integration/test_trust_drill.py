# SPDX-License-Identifier: LGPL-2.1-or-later
"""The drill of docs/mirror.md: keys stolen and rotated, with the mirror's own commands.

Nothing is forged but what a thief would forge; the endpoint is the real agent, the real
ucupdates-trust and the real fwupd.
"""

import os
import shutil

import pytest

from uclab.forge import open_envelope, sign
from uclab.lab import Lab
from uclab.process import run

BUILDDIR = os.environ["UC_BUILDDIR"]
WAITS = "new keys of the organisation wait for ucupdates-trust"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.agent.trust(lab.mirror, recovery=lab.mirror.anchors("recovery"))
        yield lab


@pytest.fixture(name="safe")
def fixture_safe(lab, tmp_path):
    """The medium that is kept offline, as `init` says."""
    shutil.move(lab.mirror.root / "recovery", tmp_path / "safe")
    return f"--recovery={tmp_path / 'safe'}"


def apply(lab):
    """What ucupdates-trust.service does: fwupd reads its anchors when it starts."""
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 0, result.stderr
    lab.fwupd.stop()
    lab.fwupd.start()


def installed(lab, purpose):
    return {p.read_bytes() for p in (lab.agent.sysconf / "trust.d" / purpose).iterdir()}


def offer(lab, version):
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    packages = lab.mirror.json("list")["packages"]
    lab.mirror.do("approve", next(p["id"] for p in packages if p["version"] == version))
    lab.mirror.do("publish")


def forge(lab, forger, thief):
    """The highest serial there is, signed with what was stolen."""
    body = open_envelope(forger.description) | {"serial": 2**62}
    forger.description.unlink()
    forger.description.write_text(sign(body, *thief, forger.directory), encoding="utf-8")


def test_stolen_metadata_and_documents_keys(lab, forger, safe):
    lab.start_endpoint()
    lab.agent.check()
    thief = forger.steal("documents")
    stolen_metadata = lab.mirror.anchors("metadata")[0].read_bytes()
    forge(lab, forger, thief)
    lab.agent.check()
    lab.mirror.do("publish")
    assert f"is older than {2**62} seen before" in lab.agent.check(1), "the thief has won for now"
    # the drill
    lab.mirror.do("key", "revoke", "metadata", safe)
    lab.mirror.do("key", "revoke", "documents", "--ca", safe)
    lab.mirror.do("publish")
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()
    assert lab.agent.json("service")["serial"] < 2**62
    for purpose in ("metadata", "documents"):
        assert installed(lab, purpose) == {p.read_bytes() for p in lab.mirror.anchors(purpose)}
    assert stolen_metadata not in installed(lab, "metadata")
    for path in (lab.fwupd.sysconf / "pki").rglob("*.pem"):
        assert path.read_bytes() != stolen_metadata, path
    # what was stolen is worth nothing, and an update arrives
    forge(lab, forger, thief)
    (lab.agent.state / "last-service.json").unlink()
    assert "service-description is not signed by an anchor in" in lab.agent.check(1)
    offer(lab, "1.1.0")
    lab.agent.check()
    lab.agent.wait_for(
        lambda: "needs-activation" in lab.fwupd.devices()[lab.endpoint.name]["Flags"], 60,
        "the staged update",
    )


@pytest.mark.parametrize("purpose", ["tls", "documents", "payload", "metadata"])
def test_rotation_with_overlap(lab, safe, purpose):
    """An endpoint that looks now and then never loses the service."""
    lab.start_endpoint()
    lab.agent.check()
    lab.mirror.do("key", "rotate", purpose, "--ca", safe)
    lab.mirror.do("publish")
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()
    assert len(installed(lab, purpose)) == 2
    lab.mirror.do("key", "rotate", purpose, "--finish", safe)
    lab.mirror.do("publish")
    if purpose == "tls":
        lab.mirror.stop()
        lab.mirror.start()
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()
    assert installed(lab, purpose) == {p.read_bytes() for p in lab.mirror.anchors(purpose)}
    assert len(installed(lab, purpose)) == 1


def test_stolen_tls_key(lab, safe):
    lab.start_endpoint()
    lab.agent.check()
    lab.mirror.do("key", "revoke", "tls", safe)
    lab.mirror.do("publish")
    assert WAITS in lab.agent.check(1)
    apply(lab)
    # the service still has the old one: it was not told to load the new one
    assert "the server's certificate is revoked" in lab.agent.check(1)
    lab.mirror.stop()
    lab.mirror.start()
    lab.agent.check()


@pytest.mark.skipif("UC_SANITIZED" in os.environ or shutil.which("faketime") is None,
                    reason="no faketime, or a sanitizer that it disturbs")
def test_publication_of_a_clock_that_ran_ahead(lab, safe):
    """fwupd has seen metadata of the future; with another CA it begins anew."""
    offer(lab, "1.1.0")
    lab.start_endpoint()
    ahead = run(["faketime", "-f", "+4m", lab.mirror.program, f"--root={lab.mirror.root}",
                 "publish"])
    assert ahead.returncode == 0, ahead.stderr
    lab.agent.check()
    assert "'key revoke metadata --recovery=DIR' and 'publish'" in \
        lab.mirror.command("publish").stderr
    lab.mirror.do("key", "revoke", "metadata", safe)
    offer(lab, "1.2.0")
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()

    def offered():
        found = lab.fwupd.json("get-releases", lab.fwupd.devices()[lab.endpoint.name]["DeviceId"])
        return [release["Version"] for release in found.get("Releases", [])]

    lab.agent.wait_for(lambda: offered() == ["1.2.0"], 60,
                       "the metadata that was signed before that of the future")
