# SPDX-License-Identifier: LGPL-2.1-or-later
"""Documents that the product must refuse: signed by hand, with certtool, from docs/service-protocol.md.

An implementation of the envelope that shares nothing with the product.
"""

import base64
import datetime
import json
import pathlib

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

    def install_tls(self, pair):
        """Make the mirror serve with that certificate; it has to be started again."""
        for source, target in zip(pair, self.pair("tls")):
            target.write_bytes(source.read_bytes())
