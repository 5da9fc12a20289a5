# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tree alone on somebody else's web server: no program of ours answers there, and everything works."""
import os
import shutil
import subprocess

import pytest

from test_docs import stage
from test_mirror_nginx import NGINX, snippet, start
from uclab import net
from uclab.lab import DOMAIN, Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
pytestmark = pytest.mark.skipif(NGINX is None or shutil.which("rsync") is None,
                                reason="no nginx, or no rsync")


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.dns.start()
        net.set_resolv_conf(lab.base, f"search {DOMAIN}\nnameserver {net.DNS}\n")
        lab.mirror.init(DOMAIN)
        lab.set_idle_secs(86400)
        lab.agent.trust(lab.mirror)
        yield lab


@pytest.fixture(name="publish")
def fixture_publish(lab, tmp_path):
    """Publishes, and types what docs/deployment.md says; the other machine is a directory."""
    (tmp_path / "bin").mkdir()
    ssh = tmp_path / "bin/ssh"
    ssh.write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n')
    ssh.chmod(0o755)
    www = tmp_path / "www"
    www.mkdir()

    def publish():
        lab.mirror.do("publish")
        text = stage("beside").replace("/var/lib/ucupdates-mirror", str(lab.mirror.root))
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", text.replace("/srv/ucupdates", str(www))],
            env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
            capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return www
    return publish


@pytest.fixture(name="web")
def fixture_web(lab, publish, tmp_path):
    """nginx with the configuration of docs/deployment.md, without the part that is not static."""
    www = publish()
    text = snippet(0).replace("/var/lib/ucupdates-mirror/public", str(www / "live"))
    text = text.replace("/var/lib/ucupdates-mirror", str(lab.mirror.root))
    text = text.replace(f"listen {net.MIRROR}:443 ssl;",
                        f"listen {net.MIRROR}:443 ssl; listen [{net.MIRROR6}]:443 ssl;")
    head, _, dynamic = text.partition("    location /v1/")
    assert "proxy_pass" in dynamic and "proxy" not in head
    process = start(tmp_path, head + "}\n")
    yield www
    process.terminate()
    process.wait(timeout=60)


def approve(lab, version):
    path = lab.endpoint.make_package(version, levels=["2"])
    package, = lab.mirror.json("import", path)["packages"]
    lab.mirror.do("approve", package["id"])


def staged(lab):
    endpoint, = lab.agent.json("status")["endpoints"]
    return endpoint["version_new"] if endpoint["progress"] == "staged" else None


def test_updates_without_the_mirror(lab, publish, web):
    lab.start_endpoint()
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look at the tree")
    for version in ("1.1.0", "1.2.0"):
        approve(lab, version)
        publish()
        lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look")
        lab.agent.wait_for(lambda v=version: staged(lab) == v, 60, version)
        found = lab.fwupd.json("get-releases", lab.fwupd.devices()[lab.endpoint.name]["DeviceId"])
        assert [r["Version"] for r in found["Releases"]] == [version]
        assert "trusted-metadata" in found["Releases"][0]["Flags"]
    assert lab.mirror.json("endpoints") == {"endpoints": []}, "nobody could check in"
    # the one before is whole until the new one is in its place
    trees = sorted(path for path in web.iterdir() if not path.is_symlink())
    assert len(trees) == 3 and (web / "live").resolve() == trees[-1]
