# SPDX-License-Identifier: LGPL-2.1-or-later
"""Metadata that is passed on with the signature that it has: the real fwupd refreshes from our tree,
trusts only who signed it, and takes the cab that the metadata names elsewhere from our tree too."""
import http.server
import pathlib
import shutil
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "mirror"))
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
REMOTE = """[fwupd Remote]
Enabled=true
Title=LVFS through our mirror
Keyring=jcat
MetadataURI={base}firmware.xml.zst
FirmwareBaseURI={base}
ApprovalRequired=false
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    """Any web server: of directory[0], by plain HTTP."""
    directory = []
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: Quiet(*args, directory=str(directory[0])))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.directory = directory
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(NGINX is None, reason="no nginx")
def test_fwupd_takes_it_as_the_lvfs_own(make_lab, builddir, monkeypatch, tmp_path, web):
    monkeypatch.setenv("UC_MIRROR", str(builddir / "mirror/ucupdates-mirror"))
    from mirrorlab import Mirror, Service
    from upstream import NAME, PORT, Upstream, arguments
    lab = make_lab()
    upstream = Upstream(tmp_path / "up")
    try:
        upstream.start()
        cab = lab.endpoint.make_package("1.1.0", levels=["2"])
        upstream.keys.rules(f"[Publish]\nInternalUrl=https://{NAME}:{PORT}/\n")
        (package,) = upstream.keys.json("import", cab)["packages"]
        upstream.keys.run("approve", package["id"])
        upstream.keys.run("publish")
        shutil.copytree(upstream.keys.root / "public", upstream.tree, dirs_exist_ok=True)
        ours = Mirror(tmp_path)
        ours.run("init", "--organisation=room.example")
        service = Service(ours)
        assert service.post("/v1/check-in", {
            "format": "ucupdates-checkin-1", "endpoints": [
                {"id": "codec", "vendor": "acme", "model": "icon400", "hardware_level": "2",
                 "serial": "AC1"}]}).status == 200
        assert service.stop() == 0
        got = ours.json(*arguments(upstream, "--pass-on=lvfs",
                                   url=f"https://{NAME}:{PORT}/firmware.xml.zst"))
        assert (got["imported"], got["whole"]) == (1, True)
        ours.run("publish")
    finally:
        upstream.stop()
    web.directory.append(ours.root / "public")
    base = f"http://127.0.0.1:{web.server_port}/remotes/lvfs/"
    (lab.fwupd.sysconf / "fwupd/remotes.d/lvfs-mirror.conf").write_text(REMOTE.format(base=base))
    trust = upstream.keys.root / "trust"
    lab.fwupd.trust(payload=(trust / "payload").glob("*.pem"),
                    metadata=(trust / "metadata").glob("*.pem"))
    lab.start()
    done = lab.fwupd.fwupdmgr("refresh", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    device = lab.device()["DeviceId"]
    (release,) = lab.fwupd.json("get-releases", device)["Releases"]
    assert (release["Version"], release["RemoteId"]) == ("1.1.0", "lvfs-mirror")
    assert "trusted-metadata" in release["Flags"], release
    done = lab.fwupd.fwupdmgr("update", device)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "needs-activation" in lab.device()["Flags"]
