# SPDX-License-Identifier: LGPL-2.1-or-later
"""Documents that the product must refuse: signed by hand, with certtool, from docs/service-protocol.md.

An implementation of the envelope that shares nothing with the product.
"""

import base64
import datetime
import hashlib
import json
import pathlib
import ssl

from .process import run


def open_envelope(path):
    """The payload of an envelope, unverified."""
    envelope = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return json.loads(base64.b64decode(envelope["payload"]))


def sign(body, certificate, key, directory):
    """An envelope of that document as text."""
    payload = pathlib.Path(directory) / "forged.json"
    payload.write_text(json.dumps(body), encoding="utf-8")
    signature = run(
        ["certtool", "--p7-detached-sign", "--p7-time", "--load-certificate", certificate,
         "--load-privkey", key, "--infile", payload],
        check=True,
    ).stdout
    return json.dumps(
        {
            "format": "ucupdates-envelope-1",
            "payload": base64.b64encode(payload.read_bytes()).decode(),
            "signature": signature[signature.index("-----BEGIN"):],
        }
    )


def fingerprint(certificate):
    """SHA-256 of a certificate's DER."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem(certificate))).hexdigest()


def key_fingerprint(certificate):
    """SHA-256 of its SubjectPublicKeyInfo."""
    text = run(["certtool", "--pubkey-info", "--load-certificate", certificate], check=True).stdout
    body = text.split("-----BEGIN PUBLIC KEY-----")[1].split("-----END")[0]
    return hashlib.sha256(base64.b64decode(body)).hexdigest()


def pem(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return text[text.index("-----BEGIN CERTIFICATE"):]


def time_text(seconds_from_now):
    """An RFC 3339 time, so many seconds from now."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    moment += datetime.timedelta(seconds=seconds_from_now)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Forger:
    """Replaces what a mirror has published by something else, properly signed or not."""

    def __init__(self, mirror, directory):
        self.mirror = mirror
        self.directory = pathlib.Path(directory)
        self.description = mirror.root / "public/.well-known/ucupdates.json"

    def pair(self, purpose, name="leaf"):
        keys = self.mirror.root / "keys" / purpose
        return keys / f"{name}.pem", keys / f"{name}.key"

    def replace(self, change, purpose="documents", path=None):
        """Change the body of a published document and sign it again with that purpose's key."""
        path = path or self.description
        body = open_envelope(path)
        change(body)
        text = sign(body, *self.pair(purpose), self.directory)
        path.unlink()
        path.write_text(text, encoding="utf-8")

    def issue(self, ca_pair, dns_name, output):
        """A TLS server certificate for another name, or several, or from another CA."""
        names = [dns_name] if isinstance(dns_name, str) else dns_name
        template = self.directory / "template"
        template.write_text(
            'cn = "forged"\ntls_www_server\nsigning_key\nexpiration_days = 10\n'
            + "".join(f'dns_name = "{name}"\n' for name in names),
            encoding="utf-8",
        )
        return self._issue(ca_pair, template, output)

    def issue_client(self, ca_pair, name, output):
        """A certificate for client authentication."""
        template = self.directory / "template"
        template.write_text(f'cn = "{name}"\ntls_www_client\nsigning_key\nexpiration_days = 10\n',
                            encoding="utf-8")
        return self._issue(ca_pair, template, output)

    def issue_signer(self, ca_pair, output):
        """A certificate that signs, with its key."""
        template = self.directory / "template"
        template.write_text('cn = "signer"\nsigning_key\nexpiration_days = 10\n',
                            encoding="utf-8")
        return self._issue(ca_pair, template, output)

    def _issue(self, ca_pair, template, output):
        certificate, key = pathlib.Path(f"{output}.pem"), pathlib.Path(f"{output}.key")
        run(["certtool", "--generate-privkey", "--key-type=ecdsa", "--outfile", key], check=True)
        run(
            ["certtool", "--generate-certificate", "--load-privkey", key, "--template", template,
             "--load-ca-certificate", ca_pair[0], "--load-ca-privkey", ca_pair[1],
             "--outfile", certificate],
            check=True,
        )
        return certificate, key

    def make_ca(self, output):
        """A CA of somebody else."""
        template = self.directory / "template-ca"
        template.write_text(
            'cn = "Somebody else"\nca\ncert_signing_key\nexpiration_days = 10\n', encoding="utf-8"
        )
        certificate, key = pathlib.Path(f"{output}.pem"), pathlib.Path(f"{output}.key")
        run(["certtool", "--generate-privkey", "--key-type=ecdsa", "--outfile", key], check=True)
        run(
            ["certtool", "--generate-self-signed", "--load-privkey", key, "--template", template,
             "--outfile", certificate],
            check=True,
        )
        return certificate, key

    def publish_keys(self, pair, serial, epoch, anchors=None, revoked=(), **other):
        """keys.json (docs/service-protocol.md, section 2.2), signed with that pair."""
        body = {
            "type": "keys", "organisation": "room.example", "serial": serial,
            "issued": time_text(-60), "expires": time_text(86400), "serial_epoch": epoch,
            "revoked": list(revoked),
            "anchors": {
                purpose: [pathlib.Path(path).read_text(encoding="utf-8") for path in paths]
                for purpose, paths in (anchors or {}).items()
            },
            **other,
        }
        path = self.mirror.root / "public/.well-known/ucupdates-keys.json"
        path.unlink(missing_ok=True)
        path.write_text(sign(body, *pair, self.directory), encoding="utf-8")
        return path

    def steal(self, purpose):
        """A copy of a signing pair of the mirror's, as a thief has it."""
        stolen = self.directory / f"stolen-{purpose}"
        stolen.mkdir()
        for path in self.pair(purpose):
            (stolen / path.name).write_bytes(path.read_bytes())
        return stolen / "leaf.pem", stolen / "leaf.key"

    def rotate(self, purpose, ca_pair=None):
        """Give the mirror another signing certificate, of its own CA or of that one."""
        leaf = self.issue_signer(ca_pair or self.pair(purpose, "ca"),
                                 self.directory / f"rotated-{purpose}")
        for source, target in zip(leaf, self.pair(purpose)):
            target.write_bytes(source.read_bytes())
        if ca_pair is not None:
            anchor = self.mirror.root / "trust" / purpose / "rotated.pem"
            anchor.write_bytes(pathlib.Path(ca_pair[0]).read_bytes())

    def install_tls(self, pair):
        """Make the mirror serve with that certificate; it has to be started again."""
        for source, target in zip(pair, self.pair("tls")):
            target.write_bytes(source.read_bytes())
