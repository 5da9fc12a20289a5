# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another mirror to take from: an nginx with a tree that is made and signed here, and its name."""
import gzip
import hashlib
import shutil
import socket
import subprocess
import time

import package
from mirrorlab import Mirror

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NAME = "ucupdates-r2.up.example"  # what the upstream's certificate is for
ADDRESS, PORT = "192.0.2.20", 9446  # in a network namespace of our own
CONFIG = """user root;
pid {path}/nginx.pid;
error_log {path}/error.log;
events {{}}
http {{
    log_format bytes '$status $body_bytes_sent $uri';
    access_log {path}/access.log bytes;
    client_body_temp_path {path}/body;
    server {{
        listen {address}:{port} ssl;
        ssl_certificate {tls}/leaf.pem;
        ssl_certificate_key {tls}/leaf.key;
        root {path}/tree;
        location /slow/ {{ limit_rate 300k; }}
    }}
}}
"""
COMPONENT = """<component type="firmware"><id>{id}</id>
<provides><firmware type="flashed">{guid}</firmware></provides>
<releases>{releases}</releases></component>"""
RELEASE = """<release version="{version}"><location>{location}</location>
<checksum type="sha256" target="container" filename="x.cab">{sha256}</checksum>
<size type="download">{size}</size></release>"""


class Upstream:
    """What is there, as (component, version, location, cab), signed by jcat-tool."""

    def __init__(self, path):
        self.path, self.tree = path, path / "tree"
        self.tree.mkdir(parents=True)
        self.keys = Mirror(path)  # only its keys are used
        self.keys.run("init", "--organisation=up.example")
        tls = self.keys.root / "keys/tls"
        (path / "nginx.conf").write_text(CONFIG.format(path=path, address=ADDRESS,
                                                            port=PORT, tls=tls))
        (path / "resolv.conf").write_text(f"nameserver {ADDRESS}\n")
        self.names = self.process = None

    def start(self):
        path = self.path
        subprocess.run(["ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo"], check=True)
        subprocess.run(["mount", "--bind", path / "resolv.conf", "/etc/resolv.conf"], check=True)
        self.names = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
             f"--listen-address={ADDRESS}", "--bind-interfaces", f"--pid-file={path}/dnsmasq.pid",
             "--user=root", f"--address=/{NAME}/{ADDRESS}"], stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen([NGINX, "-c", str(path / "nginx.conf"), "-g",
                                         "daemon off;"])
        deadline = time.monotonic() + 60
        while True:
            try:
                for port in (PORT, 53):
                    socket.create_connection((ADDRESS, port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                assert self.process.poll() is None and self.names.poll() is None
                time.sleep(0.05)

    def stop(self):
        """Also after a start that failed halfway, so that the next one finds its ports."""
        for process in (self.process, self.names):
            if process is not None:
                process.terminate()
                process.wait(timeout=60)
        subprocess.run(["umount", "/etc/resolv.conf"], check=True)

    def cab(self, name, version, model="icon400", payload=b"x" * 1000):
        made = package.cab(
            self.path / "new.cab", image=package.bind(model=model, version=version, payload=payload),
            xml=package.metainfo(f"com.acme.{model}", version,
                                 instance_ids=(f"UC\\VEN_acme&MODEL_{model}&HW_2",)))
        shutil.rmtree(f"{made}.d")
        (self.tree / name).parent.mkdir(exist_ok=True)
        made.rename(self.tree / name)
        return self.tree / name

    def publish(self, components, key="metadata"):
        text = "".join(COMPONENT.format(
            id=f"com.acme.{model}", guid=package.guid(f"UC\\VEN_acme&MODEL_{model}&HW_2"),
            releases="".join(RELEASE.format(
                version=version, location=location,
                sha256=hashlib.sha256((self.tree / file).read_bytes()).hexdigest(),
                size=(self.tree / file).stat().st_size) for version, location, file in releases))
            for model, releases in components.items())
        self.publish_text(f"<components>{text}</components>", key)

    def publish_text(self, text, key="metadata"):
        xml = self.tree / "firmware.xml.gz"
        xml.write_bytes(gzip.compress(text.encode()))
        jcat, keys = f"{xml.name}.jcat", self.keys.root / "keys" / key
        (self.tree / jcat).unlink(missing_ok=True)
        for args in (["self-sign", jcat, xml.name, "--kind=sha256"],
                     ["sign", jcat, xml.name, keys / "leaf.pem", keys / "leaf.key"]):
            subprocess.run(["jcat-tool", *args], check=True, capture_output=True, cwd=self.tree)

    def log(self):
        """Status and bytes of each answer for a cab."""
        lines = (self.path / "access.log").read_text().splitlines()
        return [(int(s), int(b), uri) for s, b, uri in map(str.split, lines) if ".cab" in uri]


def arguments(upstream, *options, purpose="metadata", url=None):
    trust = upstream.keys.root / "trust"
    return ["sync", f"--anchors={trust / purpose}", f"--tls-anchors={trust / 'tls'}", *options,
            url or f"https://{NAME}:{PORT}/firmware.xml.gz"]
