# SPDX-License-Identifier: LGPL-2.1-or-later
"""ucupdatesctl support-bundle: what a maintainer needs is in it, and no secret, on the lab."""

import os
import pathlib
import pty
import subprocess
import tarfile

import pytest

from uclab.lab import Lab
from uclab.process import wait_for

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
PASSWORD = "correct-horse-22"
TOKEN = "onetime-5f1c9a"
PRIVATE = [PASSWORD, TOKEN, "AC0001", "00:04:f2:aa:bb:01", "alice.example", "123456-token-pin",
           "redundancy meeting", "0123456789abcdef0123456789abcdef"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR, MacAddress="00:04:f2:aa:bb:01") as lab:
        lab.agent.configure("[Service]\nUser=alice.example\n"
                            "ExternalUrl=https://outside.example/\n"
                            "ClientPin=123456-token-pin\n", "60-secrets.conf")
        yield lab


def give_secrets(lab):
    """Each where it belongs, and in places where it does not."""
    (lab.agent.state / "password").write_text(PASSWORD + "\n")
    (lab.agent.state / "password").chmod(0o600)
    (lab.agent.state / "enrolment-token").write_text(TOKEN + "\n")
    (lab.agent.state / "enrolment-token").chmod(0o600)
    remote = lab.fwupd.sysconf / "fwupd/remotes.d/ucupdates.conf"
    remote.write_text(remote.read_text() + f"Username=alice.example\nPassword={PASSWORD}\n")
    lab.agent.configure(f"# password {PASSWORD}, token {TOKEN}, says the note\n", "70-note.conf")


def bundle(lab, path, *options):
    result = lab.agent.ctl("support-bundle", path, "--yes", *options)
    assert result.returncode == 0, result.stderr
    with tarfile.open(path) as tar:
        texts = {member.name: tar.extractfile(member).read().decode()
                 for member in tar.getmembers()}
    return result, {name.removeprefix("ucupdates-support/"): text for name, text in texts.items()}


def found(texts, private):
    return [(name, word) for name, text in texts.items() for word in private
            if word.lower() in text.lower()]


def test_bundle(lab, tmp_path):
    give_secrets(lab)
    lab.start()
    lab.agent.wait_for(lambda: "last_check" in lab.agent.json("status"), 60, "the first look")
    lab.agent.hold(300, why="redundancy meeting")
    lab.agent.wait_for(lambda: lab.agent.json("status")["in_use"], 30, "the call")
    path = tmp_path / "bundle.tar.gz"
    result, texts = bundle(lab, path)
    assert path.stat().st_mode & 0o777 == 0o600
    listed = {line.split()[-1] for line in result.stdout.splitlines()
              if line.split()[:1] and line.split()[0].isdigit()}
    assert listed == set(texts), "what is listed is what is in it"
    for name in ("agent/status.json", "agent/explain.json", "agent/service.json",
                 "fwupd/devices.json", "fwupd/remotes.json", "config/endpoints.d/codec.conf",
                 "config/ucupdates.conf.d/50-lab.conf", "state/files.txt", "state/service.json",
                 "journal.txt", "config/trust.txt"):
        assert name in texts, sorted(texts)
    assert '"codec"' in texts["agent/status.json"]
    assert "room.example" in texts["agent/service.json"]
    assert "Serial=(private)" in texts["config/endpoints.d/codec.conf"]
    assert found(texts, PRIVATE) == []
    for wrong, why in ((path, "File exists"), (tmp_path / "none/x", "No such file or directory")):
        second = lab.agent.ctl("support-bundle", wrong, "--yes")
        assert second.returncode == 1
        assert f"cannot create {wrong}: {why}" in second.stderr
        assert second.stdout == "", "nothing was collected for it"


def test_serials(lab, tmp_path):
    """Only who asks for them gets them, and fwupd's switch comes first."""
    give_secrets(lab)
    lab.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"], 60, "the endpoint")
    _result, texts = bundle(lab, tmp_path / "with.tar.gz", "--serials")
    assert "Serial=AC0001" in texts["config/endpoints.d/codec.conf"]
    assert found(texts, [PASSWORD, "alice.example", "123456-token-pin"]) == []
    conf = lab.fwupd.sysconf / "fwupd/fwupd.conf"
    conf.write_text(conf.read_text() + "ShowDevicePrivate=false\n")
    result, texts = bundle(lab, tmp_path / "without.tar.gz", "--serials")
    assert "ShowDevicePrivate=false" in result.stderr
    assert found(texts, PRIVATE) == []


def test_without_anything(lab, tmp_path):
    """Neither bus nor agent nor fwupd: what there is, with the reasons for what there is not."""
    _result, texts = bundle(lab, tmp_path / "bundle.tar.gz")
    assert texts["agent/status.json"].startswith("# not available: ")
    assert "config/endpoints.d/codec.conf" in texts


def test_many_endpoints(lab, tmp_path):
    """Files of each, and none that there are few of is left out for them."""
    lab.agent.configure("# note\n", "70-note.conf")
    endpoints = lab.fwupd.sysconf / "ucupdates/endpoints.d"
    for number in range(1000):
        (endpoints / f"p{number:04}.conf").write_text(f"[Endpoint]\nSerial=PN{number:04}\n")
    for name in ("updates/p0001.json", "service.json"):
        (lab.agent.state / name).parent.mkdir(exist_ok=True)
        (lab.agent.state / name).write_text("{}\n")
    lab.agent.own()
    _result, texts = bundle(lab, tmp_path / "bundle.tar.gz")
    assert len([name for name in texts if name.startswith("config/endpoints.d/p")]) == 1000
    for name in ("config/ucupdates.conf.d/70-note.conf", "config/trust.txt", "state/service.json",
                 "state/updates/p0001.json"):
        assert name in texts, name
    assert found(texts, ["PN0000", "PN0999"]) == []


def ask(lab, path, answer):
    """At a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [BUILDDIR / "agent/ucupdatesctl", "support-bundle", path], stdin=slave, stdout=slave,
        stderr=slave, env={**os.environ, **lab.agent.env, "LC_ALL": "C.UTF-8"})
    os.close(slave)
    text = b""

    def asked():
        nonlocal text
        text += os.read(master, 65536)
        return b"[y/N]" in text

    wait_for(asked, 120, "the question")
    assert not path.exists(), "listed before it is written"
    os.write(master, answer)
    status = process.wait(120)
    os.close(master)
    return status, text.decode()


def test_asked(lab, tmp_path):
    path = tmp_path / "bundle.tar.gz"
    status, text = ask(lab, path, b"n\n")
    assert status == 1 and not path.exists()
    assert "config/endpoints.d/codec.conf" in text
    status, _text = ask(lab, path, b"y\n")
    assert status == 0 and path.exists()
    result = subprocess.run([BUILDDIR / "agent/ucupdatesctl", "support-bundle", tmp_path / "x"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                            env={**lab.agent.env, "LC_ALL": "C.UTF-8"})
    assert result.returncode == 2 and "say --yes" in result.stderr
