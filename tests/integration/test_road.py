# SPDX-License-Identifier: LGPL-2.1-or-later
"""The road of one update with holes in it: cut cables, killed programs."""

import hashlib
import os
import pathlib
import sys

import pytest

from uclab import net, relay
from uclab.lab import Lab
from uclab.process import wait_for

BUILDDIR = os.environ["UC_BUILDDIR"]
IMAGE_BYTES = 48 * 1024 * 1024
# documents, metadata, TLS and what was under way when the cable was cut
SLACK_BYTES = 2 * 1024 * 1024


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR, slot_size=2 * IMAGE_BYTES) as lab:
        yield lab


def file_hash(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def offer(lab, version="1.1.0", **package):
    """Import, approve and publish a package."""
    path = lab.endpoint.make_package(version, levels=["2"], **package)
    lab.mirror.do("import", path)
    entry = next(
        entry for entry in lab.mirror.json("list")["packages"] if entry["version"] == version
    )
    lab.mirror.do("approve", entry["id"])
    lab.mirror.do("publish")


def device(lab):
    return lab.fwupd.devices()[lab.endpoint.name]


def is_staged(lab):
    return "needs-activation" in device(lab)["Flags"]


def events(lab):
    return [entry["event"] for entry in lab.agent.json("history")["entries"]]


def finish(lab, version="1.1.0"):
    """From staged to the report, by hand of a human."""
    result = lab.agent.ctl("install")
    assert result.returncode == 0, result.stderr
    lab.restart_endpoint()
    assert device(lab)["Version"] == version
    lab.agent.wait_for(lambda: "success" in events(lab), 30, "success")
    lab.agent.wait_for(
        lambda: [e["last_event"] for e in lab.mirror.json("endpoints")["endpoints"]] == ["success"],
        30, "the report",
    )


def test_mirror_goes_away_in_mid_download(lab, tmp_path):
    """Half of the package, then nothing, then the mirror is back: the rest only is fetched."""
    lab.mirror.addresses = [net.FOREIGN]
    lab.start_service()
    offer(lab, size=IMAGE_BYTES)
    control = tmp_path / "back"
    # the signed documents and half of the image
    cut_bytes = IMAGE_BYTES // 2
    process = lab.supervisor.spawn(
        "relay", [sys.executable, relay.__file__, net.MIRROR, 443, net.FOREIGN, 443, cut_bytes, control]
    )
    process.wait_for_log("listening")
    lab.start_endpoint()
    process.wait_for_log("cut", 60)
    parts = lab.agent.state / "downloads"
    part = wait_for(lambda: next(iter(parts.glob("*.part")), None), 10, "the part on disk")
    wait_for(lambda: part.stat().st_size > IMAGE_BYTES // 4, 10, "what was fetched")
    kept_bytes = part.stat().st_size
    assert not is_staged(lab)
    control.touch()
    lab.agent.ctl("check")
    lab.agent.wait_for(lambda: is_staged(lab), 90, "the staged update")
    finish(lab)
    lab.agent.stop()
    process.wait_for_log("after")
    lines = process.log_text().splitlines()
    came_bytes = sum(int(line.split()[1]) for line in lines if line.startswith("after"))
    assert came_bytes < IMAGE_BYTES - kept_bytes + SLACK_BYTES, "only the rest was fetched"


@pytest.mark.parametrize("step", ["download", "stage"])
def test_agent_killed(lab, step):
    """SIGKILL in the middle: the active slot is whole, and the next start completes the update."""
    lab.start()
    active = lab.endpoint.slots[lab.endpoint.running]
    before = file_hash(active)
    offer(lab, size=IMAGE_BYTES)
    checker = lab.agent.ctl("check")
    assert checker.returncode == 0, checker.stderr
    downloads = lab.agent.state / "downloads"
    if step == "download":
        wait_for(lambda: any(downloads.glob("*")), 30, "the download", None, 0.001)
    else:
        target = lab.endpoint.slots[lab.endpoint.other]
        start = pathlib.Path(target).stat().st_mtime_ns
        wait_for(
            lambda: pathlib.Path(target).stat().st_mtime_ns != start, 30, "the first write", None,
            0.001,
        )
    lab.agent.kill()
    assert file_hash(active) == before
    lab.agent.start()
    lab.agent.wait_for(lambda: is_staged(lab), 90, "the staged update")
    assert file_hash(active) == before
    assert device(lab)["Version"] == "1.0.0"
    finish(lab)


def test_staged_survives_everything_being_killed(lab):
    """A power cut while staged: nothing is activated, nothing is lost."""
    lab.start()
    offer(lab)
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the staged update")
    lab.agent.kill()
    lab.fwupd.kill()
    lab.endpoint.restart()
    lab.fwupd.start()
    lab.agent.start()
    assert is_staged(lab)
    assert device(lab)["Version"] == "1.0.0"
    finish(lab)


def test_fwupd_comes_later(lab):
    """The bus gave up starting fwupd: looks fail, nobody waits for ever, and then it goes on."""
    services = lab.directory / "services"
    services.mkdir()
    (services / "org.freedesktop.fwupd.service").write_text(
        "[D-BUS Service]\nName=org.freedesktop.fwupd\nExec=/bin/false\nUser=root\n")
    lab.bus.service_dirs = [services]
    lab.start_service()
    lab.bus.start()
    lab.agent.start()
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "cannot reach fwupd: " in result.stderr
    assert lab.mirror.json("endpoints")["endpoints"] == []
    assert "400" not in lab.agent.process.log_text(), "who has no endpoint yet does not check in"
    result = lab.agent.ctl("service", "--forget")
    assert result.returncode == 1
    assert "cannot reach fwupd: " in result.stderr
    lab.fwupd.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"], 60, "the endpoint")
    assert lab.agent.ctl("check").returncode == 0
    assert [e["version"] for e in lab.mirror.json("endpoints")["endpoints"]] == ["1.0.0"]


def test_fallback_is_reported_and_not_tried_again(lab):
    """The new version does not boot: the old one runs, the mirror hears of it, once."""
    lab.start()
    offer(lab)
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the staged update")
    assert lab.agent.ctl("install").returncode == 0
    lab.restart_endpoint(boots=False)
    assert device(lab)["Version"] == "1.0.0"
    lab.agent.wait_for(lambda: "failed" in events(lab), 30, "failed in the history")
    assert "success" not in events(lab)
    lab.agent.wait_for(
        lambda: [e["last_event"] for e in lab.mirror.json("endpoints")["endpoints"]] == ["failed"],
        30, "the report",
    )
    assert lab.agent.ctl("check").returncode == 0
    assert not is_staged(lab)
    assert "failed here before" in lab.agent.ctl("explain").stdout


def connections(lab):
    """How many the agent has with the service, open or half closed."""
    count = 0
    for name in ("tcp", "tcp6"):
        with open(f"/proc/{lab.agent.process.pid}/net/{name}", encoding="ascii") as table:
            for line in table.readlines()[1:]:
                _, _, remote, state = line.split()[:4]
                count += remote.endswith(":01BB") and state in ("01", "08")
    return count


def test_no_connection_while_it_waits(lab):
    """Closed by the agent once there is nothing to do, and not by a timer of a minute."""
    lab.start()
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: lab.agent.json("status")["work"] == "idle" and connections(lab) == 0,
                       30, "no connection")
    assert lab.agent.ctl("check").returncode == 0, "and a new one when it is needed"
