# SPDX-License-Identifier: LGPL-2.1-or-later
"""Type=command where systemd runs: the vendor's program is a transient service of a real manager."""

import os

import pytest

from uclab.process import run, wait_for
from uclab.systemd import Systemd

SUCCESS, FAILED = 2, 3
UNIT = "uc-endpoint-codec.service"
DEADLINE_SECS = 60

PROGRAM = """#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
cat /proc/self/cgroup >{out}/cgroup
{body}
"""


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "target"
    path.write_bytes(b"1.0.0\nold\n")
    return path


@pytest.fixture
def unit_lab(make_lab, target, tmp_path):
    """A lab whose machine was started by systemd, and a program with a certain body."""
    if not Systemd.is_possible():
        pytest.skip("no control groups can be made here")
    managers = []

    def make(body, **keys):
        path = tmp_path / "program"
        path.write_text(PROGRAM.format(out=tmp_path, body=body.format(target=target,
                                                                      out=tmp_path)))
        path.chmod(0o755)
        lab = make_lab(VersionFile=target,
                       install_keys={"Type": "command", "Program": path, **keys})
        (lab.fwupd.rundir / "systemd/system").mkdir(parents=True)
        lab.bus.start()
        lab.systemd = Systemd(lab.supervisor, lab.bus, lab.directory / "systemd")
        managers.append(lab.systemd)
        lab.systemd.start()
        lab.fwupd.start()
        return lab

    yield make
    for manager in managers:
        manager.stop()


def ended(path):
    """Whether the process whose id a file has is gone."""
    state = run(["ps", "-o", "stat=", "-p", path.read_text().strip()]).stdout.strip()
    return state[:1] in ("", "Z")


def test_runs_as_a_unit(unit_lab, target, tmp_path):
    lab = unit_lab("""cat >{target}; cat /proc/self/environ >{out}/environ; pwd >{out}/pwd
echo "$@" >{out}/arguments; echo progress 50; echo hello; echo progress 100; echo result done""")
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert target.read_bytes() == b"1.1.0\nnew\n"
    assert lab.device()["Version"] == "1.1.0"
    assert lab.history()["UpdateState"] == SUCCESS
    assert UNIT in (tmp_path / "cgroup").read_text()
    assert (tmp_path / "pwd").read_text() == "/\n"
    assert (tmp_path / "arguments").read_text() == "write\n"
    assert lab.systemd.units() == set(), "it is not left behind"


def test_its_environment_is_clean(unit_lab, tmp_path):
    """systemd adds some of its own, and what the manager itself was given."""
    lab = unit_lab("cat /proc/$$/environ >{out}/environ; cat >/dev/null; echo result restart")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text
    pairs = dict(pair.split("=", 1) for pair in
                 (tmp_path / "environ").read_text().strip("\0").split("\0"))
    assert pairs.pop("UC_SHA256") and pairs.pop("UC_SIZE")
    assert pairs == {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                     "UC_ENDPOINT": "codec", "UC_VERSION": "1.1.0"}


def test_stages_and_activates(unit_lab, target):
    lab = unit_lab("""case $1 in write) cat >{out}/staged; echo result staged ;;
activate) test "$(readlink /proc/self/fd/0)" = /dev/null && mv {out}/staged {target}
echo result restart ;; esac""")
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert "needs-activation" in lab.device()["Flags"]
    assert target.read_bytes() == b"1.0.0\nold\n"
    rc, text = lab.activate()
    assert rc == 0, text
    lab.restart()
    assert lab.device()["Version"] == "1.1.0"


FAILURES = [
    ("complains", "cat >/dev/null; echo error the flash is worn out; exit 1",
     "failed: the flash is worn out"),
    ("no reason", "exit 3", "failed: it gave no reason"),
    ("killed", "kill -9 $$", "failed: it gave no reason"),
    ("no result", "cat >/dev/null", "ended without a result, expected 'result done', 'result "
     "restart' or 'result staged'"),
    ("a long line", "head -c 3000 /dev/zero | tr '\\0' x; echo; sleep 300",
     "failed: it said more than 10000 lines of 1024 bytes"),
    ("a line without an end", "head -c 50000000 /dev/zero; sleep 300",
     "failed: it said more than 10000 lines of 1024 bytes"),
]


def test_fails(unit_lab, target, tmp_path):
    lab = unit_lab("")
    path = tmp_path / "program"
    for name, body, sentence in FAILURES:
        path.write_text(f"#!/bin/sh\n{body}\n")
        rc, text = lab.install(lab.package("1.1.0"))
        assert rc != 0, name
        assert f"{path} {sentence}" in text, name
        assert not {"needs-activation", "needs-reboot"} & set(lab.device()["Flags"])
        assert lab.systemd.units() == set(), name
    path.write_text("no program\n")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert f"{path} failed: it gave no reason" in text
    assert target.read_bytes() == b"1.0.0\nold\n"


def test_hangs(unit_lab, tmp_path):
    """Also what has left the process group and the session is killed."""
    lab = unit_lab("setsid sleep 300 & echo $! >{out}/pid; sleep 300", TimeoutSec=3)
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert f"{tmp_path}/program did not end within 3 s and was killed" in text
    assert "which it has not followed yet" not in text
    wait_for(lambda: ended(tmp_path / "pid"), DEADLINE_SECS, "the end of what it started")


def test_what_it_leaves_behind(unit_lab, tmp_path):
    lab = unit_lab("""cat >/dev/null; setsid sleep 300 >/dev/null 2>&1 & echo $! >{out}/pid
echo result restart""")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text
    wait_for(lambda: ended(tmp_path / "pid"), DEADLINE_SECS, "the end of what it left behind")


def test_one_at_a_time(unit_lab, tmp_path):
    """The daemon is killed in between: the program goes on, and no second one is started beside
    it."""
    os.mkfifo(tmp_path / "gate")
    lab = unit_lab("echo $$ >{out}/pid; trap '' PIPE; cat >/dev/null; cat {out}/gate >/dev/null")
    cab = lab.package("1.1.0")
    client = lab.supervisor.spawn("fwupdmgr", ["fwupdmgr", "-y", "--no-reboot-check", "install",
                                               cab, "--allow-older"], lab.fwupd.env)
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(),
             DEADLINE_SECS, "the program", client)
    lab.fwupd.kill()
    client.stop()
    lab.supervisor.processes.remove(client)
    lab.fwupd.start()
    rc, text = lab.install(cab)
    assert rc != 0
    assert (f"{UNIT} of an earlier installation runs still; install again when it has ended"
            in text)
    assert not ended(tmp_path / "pid")
    (tmp_path / "program").write_text("#!/bin/sh\ncat >/dev/null\necho result restart\n")
    with open(tmp_path / "gate", "w"):
        pass
    wait_for(lambda: lab.systemd.units() == set(), DEADLINE_SECS, "the end of the first one")
    rc, text = lab.install(cab)
    assert rc == 0, text
