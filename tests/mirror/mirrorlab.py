# SPDX-License-Identifier: LGPL-2.1-or-later
"""A mirror and its service for the tests: the real program, over real TLS on the loopback interface."""
import atexit
import base64
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess

import package

PROGRAM = os.environ["UC_MIRROR"]
HOST = "ucupdates-r2.room.example"


class Mirror:
    def __init__(self, path):
        self.path = path
        self.root = path / "root"
        self.ahead_secs = None

    def hurry(self):
        """Let each publication come a second after the one before, whatever the time is. Everything else has
        the right time, so this is for tests that do not look at it."""
        self.ahead_secs = 0

    def hurried(self):
        self.ahead_secs += 1
        return {**os.environ, "LD_PRELOAD": os.environ["UC_QUICK_CLOCK"],
                "UC_CLOCK_AHEAD_SECS": str(self.ahead_secs),
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def run(self, *args, status=0, **kwargs):
        kwargs.setdefault("text", True)
        if args == ("publish",) and self.ahead_secs is not None:
            kwargs.setdefault("env", self.hurried())
        done = subprocess.run([PROGRAM, f"--root={self.root}", *map(str, args)],
                              capture_output=True, timeout=60, **kwargs)
        assert done.returncode == status, (args, done.stdout, done.stderr)
        errors = done.stderr if kwargs["text"] else done.stderr.decode()
        assert "CRITICAL" not in errors and "WARNING" not in errors, errors
        return done.stdout if status == 0 else done.stderr

    def json(self, *args):
        return json.loads(self.run(*args, "--json"))

    def add(self, name="a", **kwargs):
        cab = package.cab(self.path / f"{name}.cab", **kwargs)
        return self.json("import", cab)["packages"][0]

    def add_version(self, version):
        return self.add(version, image=package.bind(version=version),
                        xml=package.metainfo(version=version))

    def states(self):
        return [p["state"] for p in self.json("list")["packages"]]

    def rules(self, text, name="50.conf"):
        (self.root / "rules.d" / name).write_text(text)

    def document(self, name):
        """The payload of a published envelope."""
        envelope = json.loads((self.root / "public" / name).read_text())
        return json.loads(base64.b64decode(envelope["payload"]))

    def policy(self):
        return self.document("policy.json")


class Service:
    def __init__(self, mirror, *options, **kwargs):
        self.mirror = mirror
        self.process = subprocess.Popen(
            [PROGRAM, f"--root={mirror.root}", "serve", "--listen=127.0.0.1:0", *options],
            stdout=subprocess.PIPE, text=True, **kwargs)
        # of a test that failed: whoever reads what the tests print would wait for it
        atexit.register(self.process.kill)
        line = self.process.stdout.readline()
        assert line.startswith("listening on https://127.0.0.1:"), line
        self.port = int(line.strip("/\n").rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)

    def socket(self, anchor="tls", minimum=None, maximum=None, address="127.0.0.1",
               source=None, pair=None):
        context = ssl.create_default_context(
            cafile=str(self.mirror.root / "trust" / anchor / "room.example.pem"))
        if pair is not None:
            context.load_cert_chain(*map(str, pair))
        if maximum is not None:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version = minimum
            context.maximum_version = maximum
        plain = socket.create_connection((address, self.port), 20,
                                         (source, 0) if source else None)
        return context.wrap_socket(plain, server_hostname=HOST)

    def connect(self):
        connection = http.client.HTTPSConnection(HOST, self.port, timeout=20)
        connection.sock = self.socket()
        return connection

    def request(self, method, path, body=None, headers=None):
        connection = self.connect()
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        response.body = response.read()
        connection.close()
        return response

    def post(self, path, value, content_type="application/json", headers=None):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.request("POST", path, body, {"Content-Type": content_type, **(headers or {})})


def cab_of(mirror):
    return next((mirror.root / "public" / "cabs").iterdir())
