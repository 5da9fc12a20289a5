# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint's key, made and used as docs/service-protocol.md, section 7, says; nothing of the product."""
import hashlib
import http.client
import json
import subprocess
import uuid

from mirrorlab import HOST

MODEL = {"vendor": "acme", "model": "icon400", "hardware_level": "2"}


def certtool(*arguments):
    return subprocess.run(["certtool", *map(str, arguments)], check=True, capture_output=True,
                          text=True, timeout=60).stdout


def claim(identities, organisation="room.example"):
    text = "".join(f"{line}\n" for line in (organisation, *sorted(identities)))
    return hashlib.sha256(text.encode()).hexdigest()


class Key:
    """A key and what its endpoint says with it."""

    def __init__(self, directory, service, *serials, key_type="ecdsa"):
        self.directory = directory / uuid.uuid4().hex
        self.directory.mkdir()
        self.service, self.serials = service, serials
        self.key, self.certificate = self.directory / "key", self.directory / "certificate"
        certtool("--generate-privkey", f"--key-type={key_type}", "--outfile", self.key)

    def identities(self):
        return [f"serial/acme/{serial}" for serial in self.serials]

    def csr(self, challenge=None):
        template = self.directory / "template"
        template.write_text('cn = "endpoint"\nchallenge_password = '
                            f'"{challenge or claim(self.identities())}"\n')
        return certtool("--generate-request", "--load-privkey", self.key, "--template", template)

    def connect(self):
        connection = http.client.HTTPSConnection(HOST, self.service.port, timeout=20)
        connection.sock = self.service.socket(
            pair=(self.certificate, self.key) if self.certificate.exists() else None)
        return connection

    def request(self, path, value, method="POST"):
        connection = self.connect()
        body = json.dumps(value) if value is not None else None
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, json.loads(body) if body else None

    def ask(self, token=None, **kwargs):
        """One request for a certificate: status and answer."""
        value = {"format": "ucupdates-enrolment-1", "csr": self.csr(),
                 "endpoints": [{"vendor": "acme", "serial": serial} for serial in self.serials]}
        status, answer = self.request("/v1/enrol", {**value, **({"token": token} if token else {}),
                                                    **kwargs})
        if status == 200 and answer["state"] == "issued":
            self.certificate.write_text(answer["certificate"])
        return status, answer

    def enrol(self, **kwargs):
        """Until there is a certificate."""
        status, answer = self.ask(**kwargs)
        assert (status, answer["state"], answer["retry_secs"]) == (200, "waiting", 1), answer
        assert (self.service.mirror.root / "enrol.wanted").exists()
        assert self.service.mirror.json("enrol", "sign") == {"signed": 1}
        assert not (self.service.mirror.root / "enrol.wanted").exists()
        status, answer = self.ask()
        assert (status, answer["state"]) == (200, "issued"), answer
        return self

    def check_in(self, *serials, version="1.0.0", **kwargs):
        return self.request("/v1/check-in", {
            "format": "ucupdates-checkin-1", "machine_id": "a" * 64,
            "endpoints": [{"id": serial, "serial": serial, **MODEL,
                           "modules": [{"name": "application", "version": version}], **kwargs}
                          for serial in serials or self.serials]})

    def report(self, event, sha256, serial=None):
        return self.request("/v1/report", {
            "format": "ucupdates-report-1", "uuid": str(uuid.uuid4()), "machine_id": "a" * 64,
            "endpoint": {"vendor": "acme", "model": "icon400", "serial": serial or self.serials[0]},
            "event": event, "version_old": "1.0.0", "version_new": "1.1.0", "sha256": sha256})
