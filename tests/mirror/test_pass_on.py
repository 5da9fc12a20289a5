# SPDX-License-Identifier: LGPL-2.1-or-later
"""Passing on what somebody else signed, unchanged: whole states of it, and nothing in between."""
import gzip
import hashlib
import os
import re
import shutil
import subprocess

import pytest

from mirrorlab import Service
from upstream import NAME, NGINX, PORT, arguments

pytestmark = [pytest.mark.skipif(NGINX is None, reason="no nginx"),
              pytest.mark.skipif(shutil.which("jcat-tool") is None, reason="no jcat-tool")]


def pass_on(ours, upstream, *options):
    return ours.json(*arguments(upstream, "--pass-on=lvfs", *options))


def served(ours):
    """What is public of it: names and bytes."""
    directory = ours.root / "public/remotes/lvfs"
    return {path.name: path.read_bytes() for path in directory.iterdir()} \
        if directory.exists() else {}


def check_whole(files, upstream, tmp_path):
    """Of one state: signed below the upstream's anchor, says jcat-tool, and each cab that is there is the one of the metadata."""
    if not files:
        return None
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    anchor = upstream.keys.root / "trust/metadata/up.example.pem"
    done = subprocess.run(["jcat-tool", f"--public-key={anchor}", "verify",
                           "firmware.xml.gz.jcat"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    text = gzip.decompress(files["firmware.xml.gz"]).decode()
    named = dict(re.findall(r"<location>(?:[^<]*/)?([^<]*)</location>\s*<checksum[^>]*>(\w+)<", text))
    cabs = {name: data for name, data in files.items() if name.endswith(".cab")}
    for name, data in cabs.items():
        assert hashlib.sha256(data).hexdigest() == named[name], name
    assert cabs
    return sorted(cabs)


def two_models(upstream, version="1.2.0", payload=b"x" * 1000, folder=""):
    """What our inventory can use, and something that it cannot."""
    upstream.cab(f"{folder}a-{version}.cab", version, payload=payload)
    upstream.cab("other.cab", "1.0.0", model="other")
    where = f"https://{NAME}:{PORT}/{folder}a-{version}.cab"
    upstream.publish({"icon400": [(version, where, f"{folder}a-{version}.cab")],
                      "other": [("1.0.0", "other.cab", "other.cab")]})


def test_unchanged_and_only_what_the_inventory_can_use(ours, upstream, tmp_path):
    two_models(upstream)
    got = pass_on(ours, upstream)
    assert (got["wanted"], got["imported"], got["whole"]) == (1, 1, True)
    assert ours.states() == [] and served(ours) == {}, "nothing is public before publish"
    ours.run("publish")
    files = served(ours)
    assert sorted(files) == ["a-1.2.0.cab", "firmware.xml.gz", "firmware.xml.gz.jcat"]
    for name, data in files.items():
        assert data == (upstream.tree / name).read_bytes(), name
    check_whole(files, upstream, tmp_path)
    assert ours.json("audit")["acts"][-2]["act"] == "sync"
    service = Service(ours)
    for name, data in files.items():
        answer = service.request("GET", f"/remotes/lvfs/{name}")
        assert (answer.status, answer.body) == (200, data)
    assert service.request("GET", "/remotes/lvfs/other.cab").status == 404
    assert service.stop() == 0
    again = pass_on(ours, upstream)
    assert (again["present"], again["fetched_bytes"], again["whole"]) == (1, 0, True)
    ours.run("publish")
    assert served(ours) == files


def test_beside_what_is_imported(ours, upstream):
    """Both at once: each has its own directory, and neither tidies the other's away."""
    two_models(upstream)
    assert pass_on(ours, upstream)["imported"] == 1
    assert ours.json(*arguments(upstream))["imported"] == 1
    assert pass_on(ours, upstream)["present"] == 1
    assert ours.json(*arguments(upstream, "--pass-on=other"))["imported"] == 1
    ours.run("publish")
    assert sorted(p.name for p in (ours.root / "public/remotes").iterdir()) == ["lvfs", "other"]
    shutil.rmtree(ours.root / "passed-on/other")
    ours.run("publish")
    assert [p.name for p in (ours.root / "public/remotes").iterdir()] == ["lvfs"]


def test_a_state_that_is_not_whole_stays_away(ours, upstream, tmp_path):
    two_models(upstream)
    pass_on(ours, upstream)
    ours.run("publish")
    before = served(ours)
    two_models(upstream, "1.3.0", os.urandom(1_500_000))
    got = pass_on(ours, upstream, "--budget-mb=1")
    assert (got["left"], got["whole"]) == (1, False)
    assert "not whole yet" in ours.run(*arguments(upstream, "--pass-on=lvfs", "--budget-mb=1"))
    ours.run("publish")
    assert served(ours) == before
    got = pass_on(ours, upstream, "--budget-mb=10")
    assert (got["imported"], got["whole"]) == (1, True)
    assert got["fetched_bytes"] < 1_000_000, "it went on where it ended"
    assert served(ours) == before, "not before the next publication"
    ours.run("publish")
    assert check_whole(served(ours), upstream, tmp_path) == ["a-1.3.0.cab"]
    (upstream.tree / "a-1.3.0.cab").unlink()
    two_models(upstream, "1.4.0")
    (upstream.tree / "a-1.4.0.cab").write_bytes(b"another state")
    error = ours.run(*arguments(upstream, "--pass-on=lvfs"), status=1)
    assert "com.acme.icon400 1.4.0: " in error
    ours.run("publish")
    assert check_whole(served(ours), upstream, tmp_path) == ["a-1.3.0.cab"]


@pytest.mark.parametrize("name", ["../../etc/x", "a b.cab", "a%2e.cab", ".hidden.cab", "a.txt",
                                  "firmware.xml.gz", "a.cab?x=.cab", "x" * 200 + ".cab"])
def test_names_that_cannot_be_served(ours, upstream, name):
    """One of them is left out with a sentence, and holds nothing else up."""
    upstream.cab("good.cab", "1.2.0")
    upstream.publish({"icon400": [("1.2.0", name, "good.cab")]})
    (upstream.tree / "good.cab").rename(upstream.tree / "elsewhere.cab")
    said = ours.run(*arguments(upstream, "--pass-on=lvfs"))
    assert "1 were refused" in said and "passes this state on" in said
    ours.run("publish")
    assert sorted(served(ours)) == ["firmware.xml.gz", "firmware.xml.gz.jcat"]
    assert len(upstream.log()) == 0, "not even asked for"


def test_two_files_of_one_name(ours, upstream):
    for folder in "ab":
        upstream.cab(f"{folder}/x.cab", "1.2.0", payload=folder.encode() * 1000)
    upstream.publish({"icon400": [("1.2.0", "a/x.cab", "a/x.cab")]})
    xml = upstream.tree / "firmware.xml.gz"
    first = gzip.decompress(xml.read_bytes()).decode()
    upstream.publish({"icon400": [("1.2.0", "b/x.cab", "b/x.cab")]})
    second = gzip.decompress(xml.read_bytes()).decode()
    upstream.publish_text(first.replace("</components>", "") + second.replace("<components>", ""))
    got = pass_on(ours, upstream)
    assert (got["wanted"], got["imported"], got["refused"], got["whole"]) == (2, 1, 1, True)


def test_sentences(ours, upstream):
    for name in ("", "LVFS", "1a", "a/b", "..", "a" * 33):
        assert "--pass-on is" in ours.run(*arguments(upstream, f"--pass-on={name}"), status=2)
    for end in ("", "firmware xml.gz", "x.cab"):
        url = f"https://{NAME}:{PORT}/{end}"
        assert "does not end in a file name" in ours.run(
            *arguments(upstream, "--pass-on=lvfs", url=url), status=1)
    two_models(upstream)
    upstream.publish({"icon400": [("1.2.0", "a-1.2.0.cab", "a-1.2.0.cab")]}, key="payload")
    assert "is not signed by a CA in" in ours.run(*arguments(upstream, "--pass-on=lvfs"), status=1)
    ours.run("publish")
    assert served(ours) == {}
