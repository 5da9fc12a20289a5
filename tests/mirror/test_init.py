# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a mirror may be made: where nothing of anybody's can be lost."""
import pytest

from mirrorlab import Mirror
from test_together import at, faked


@pytest.mark.parametrize("name", ["letter.txt", ".profile", "mirror.db.backup", "packages/aa", "public"])
def test_init_where_something_is(tmp_path, name):
    """Its keys would replace those of a mirror whose database was lost."""
    mirror = Mirror(tmp_path)
    path = mirror.root / name
    path.parent.mkdir(parents=True)
    path.write_text("kept")
    before = sorted(mirror.root.rglob("*"))
    assert mirror.run("init", "--organisation=room.example", status=1) == (
        f"ucupdates-mirror: {mirror.root} is not empty, there is {path}: expected a directory that is "
        "empty or not there yet. If it is a mirror that was restored, or one that lost its database, "
        'bring mirror.db back (docs/deployment.md, "Backup")\n')
    assert sorted(mirror.root.rglob("*")) == before and path.read_text() == "kept"


def test_init_where_only_its_own_is(tmp_path):
    """What an init that was killed leaves, rules that were there first, and a file system's own."""
    mirror = Mirror(tmp_path)
    for name in ("lost+found", "keys/tls", "packages", "rules.d"):
        (mirror.root / name).mkdir(parents=True)
    (mirror.root / "mirror.db.new").write_text("torn")
    mirror.rules("[Policy]\nPollSec=600\n")
    mirror.run("init", "--organisation=room.example")
    mirror.run("publish")
    assert mirror.policy()["defaults"]["poll_secs"] == 600


def test_init_keeps_another_ones_recovery_key(mirror, tmp_path):
    """The medium on which it lies is the same for two mirrors; a killed init may be run again."""
    medium = mirror.root / "recovery"
    before = {path: path.read_bytes() for path in medium.iterdir()}
    (tmp_path / "b").mkdir()
    other = Mirror(tmp_path / "b")
    command = ["init", "--organisation=other.example", f"--recovery={medium}"]
    assert other.run(*command, status=1) == (
        f"ucupdates-mirror: there is a recovery key in {medium} already, and the endpoints of its mirror "
        "would be lost without it; name another directory by --recovery=DIR, or move it away\n")
    assert not other.root.exists()
    assert {path: path.read_bytes() for path in medium.iterdir()} == before
    (other.root / "keys").mkdir(parents=True)
    other.run(*command)
    assert {path: path.read_bytes() for path in medium.iterdir()} != before


@faked
def test_init_without_a_clock(tmp_path):
    """As on a small machine without a battery: its CAs would have expired when somebody sets it."""
    mirror = Mirror(tmp_path)
    done = at(mirror, "-30y", "init", "--organisation=room.example")
    assert done.returncode == 1 and not mirror.root.exists()
    assert done.stderr.startswith("ucupdates-mirror: this machine's clock says ")
    assert done.stderr.endswith("Z, which is over, and the CAs would be valid from then on; set it "
                                "(timedatectl) and try again\n")
    mirror.run("init", "--organisation=room.example")
