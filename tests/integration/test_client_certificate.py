# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that wants to know in the TLS handshake who asks: from files and from a PKCS#11 token."""

import os
import pathlib

import pytest

from uclab import net
from uclab.forge import Forger
from uclab.lab import SERVICE, Lab
from uclab.process import run
from uclab.web import Web

BUILDDIR = os.environ["UC_BUILDDIR"]
WELL_KNOWN = "/.well-known/ucupdates.json"
URL = f"https://{SERVICE}/"
NAME = "endpoint AC0001"
PIN = "no-number-4711"
MODULE = pathlib.Path("/usr/lib/softhsm/libsofthsm2.so")


class Client:
    """What an endpoint's certificate is about: the organisation's CA for it, the pair, the server."""

    def __init__(self, lab, directory):
        self.lab, self.directory = lab, directory
        self.forger = Forger(lab.mirror, directory)
        self.ca = self.forger.make_ca(directory / "endpoints-ca")
        self.certificate, self.key = self.forger.issue_client(self.ca, NAME, directory / "client")
        self.key.chmod(0o600)
        self.certificate.chmod(0o600)
        lab.agent.own()

    def serve(self, optional=False):
        keys = self.lab.mirror.root / "keys/tls"
        return Web(net.MIRROR, self.lab.mirror.root / "public", keys / "leaf.pem",
                   keys / "leaf.key", client_ca=self.ca[0], client_optional=optional)

    def configure(self, certificate, key="", pin="", url=""):
        lines = [f"ClientCertificate={certificate}", f"ClientKey={key}", f"ClientPin={pin}"]
        if url:
            lines.append(f"Url={url}")
        self.lab.agent.configure("[Service]\n" + "\n".join(lines) + "\n", "60-client.conf")


@pytest.fixture(name="client")
def fixture_client(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.mirror.stop()
        directory = lab.agent.state / "client" # which the agent's user can reach
        directory.mkdir()
        yield Client(lab, directory)


def check(client, status=0):
    result = client.lab.agent.ctl("check")
    assert result.returncode == status, result.stderr
    return result.stderr


def posts(web):
    return [request for request in web.requests if request[0] == "POST"]


def test_files_for_a_configured_url(client):
    """Wanted for every byte; root named the host, so it may know from the start who asks."""
    client.configure(client.certificate, client.key, url=URL)
    client.key.chmod(0o640)
    client.lab.start_endpoint()
    with client.serve() as web:
        check(client, 1)
        assert web.requests == [], "a key that others can read is not used"
        assert f"{client.key} is not used: expected a file of root or of this user with mode 0600" in (
            client.lab.agent.process.log_text())
        client.key.chmod(0o600)
        check(client)
        assert posts(web)
        assert {name for _, name in web.peers} == {NAME}


def test_stranger_is_not_told(client, tmp_path):
    """Found by DNS, nothing verified yet: no certificate, whatever the handshake asks for."""
    client.configure(client.certificate, client.key)
    client.lab.start_endpoint()
    with client.serve() as web:
        check(client, 1)
        assert web.requests == []
    with client.serve(optional=True) as web:
        check(client)
        assert web.peers[0] == (WELL_KNOWN, None)
        assert {name for path, name in web.peers[1:]} == {NAME}, "verified, so it may know"
        assert posts(web)
    # enrolled: the host is one that the organisation's own description lists
    for name in ("last", "dns"):
        with client.serve() as web:
            check(client)
            assert client.lab.agent.json("service")["way"] == name
            assert {peer for _, peer in web.peers} == {NAME}
        (client.lab.agent.state / "last-service.json").unlink()
    # and whoever has no certificate of the organisation's CA never sees it
    other = client.forger.make_ca(tmp_path / "other")
    pair = client.forger.issue(other, SERVICE, tmp_path / "other-tls")
    with Web(net.MIRROR, client.lab.mirror.root / "public", *pair, client_ca=client.ca[0],
             client_optional=True) as web:
        check(client, 1)
        assert web.peers == []


@pytest.fixture(name="token")
def fixture_token(client, monkeypatch):
    """A token of SoftHSM's with the pair in it; the key is in no file any more."""
    if not MODULE.exists():
        pytest.fail(f"{MODULE} is not there: contrib/packages test")
    tokens = client.directory / "tokens"
    tokens.mkdir()
    config = client.directory / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n",
                      encoding="utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    client.lab.supervisor.env["SOFTHSM2_CONF"] = str(config)
    run(["softhsm2-util", "--init-token", "--free", "--label=uc", f"--pin={PIN}", "--so-pin=0815"],
        check=True)
    for options in (["--load-privkey", client.key],
                    ["--no-mark-private", "--load-certificate", client.certificate]):
        run(["p11tool", "--provider", MODULE, "--login", "--write", *options, "--label=client",
             "--id=01", "pkcs11:token=uc"], env={"GNUTLS_PIN": PIN}, check=True)
    client.key.unlink()
    pin = client.directory / "pin"
    pin.write_text(PIN + "\n", encoding="utf-8")
    pin.chmod(0o600)
    client.lab.agent.own()
    return pin


CERTIFICATE_URI = "pkcs11:token=uc;object=client;type=cert"
KEY_URI = "pkcs11:token=uc;object=client;type=private"


def test_token(client, token):
    token.write_text("wrong\n", encoding="utf-8")
    client.configure(CERTIFICATE_URI, KEY_URI, token, URL)
    client.lab.start_endpoint()
    with client.serve() as web:
        check(client, 1)
        assert web.requests == []
        token.write_text(PIN + "\n", encoding="utf-8")
        check(client)
        assert posts(web) and {name for _, name in web.peers} == {NAME}
    for log in (client.lab.base / "log").glob("*.log"):
        assert PIN not in log.read_text(encoding="utf-8", errors="replace").split(), log
