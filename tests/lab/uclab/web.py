# SPDX-License-Identifier: LGPL-2.1-or-later
"""A web server over TLS in this process: a published tree, who asked for what, and what to do."""

import http.server
import pathlib
import socketserver
import ssl
import threading


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _note(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.web.requests.append((self.command, self.path, dict(self.headers), body))
        subject = dict(pair for part in (self.connection.getpeercert() or {}).get("subject", ())
                       for pair in part)
        self.server.web.peers.append((self.path, subject.get("commonName")))

    def _may(self):
        wanted = self.server.web.authorization
        if wanted is None or self.headers.get("Authorization") == wanted:
            return True
        self._reply(401, headers=[("WWW-Authenticate", 'Basic realm="lab"')])
        return False

    def do_GET(self):
        self._note()
        act = self.server.web.acts.get(self.path)
        if not self._may():
            return
        if act is not None:
            act(self)
            return
        path = self.server.web.root / self.path.lstrip("/")
        if path.is_file():
            self._reply(200, path.read_bytes())
        else:
            self._reply(404)

    def do_POST(self):
        self._note()
        if self._may():
            self._reply(200, b'{"downloads": 0}', [("Content-Type", "application/json")])

    def log_message(self, *_):
        pass


class _Server(socketserver.ThreadingTCPServer):
    """Unlike that of http.server, asks DNS for nothing when it starts."""

    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that does not like the certificate, or goes


class Web:
    """Serves the files below root; acts[path] is called with the handler in their place.

    With client_ca it asks for a certificate of that CA, and in the handshake insists on one unless
    client_optional; peers has the path of each request and the name in its client's certificate.
    """

    def __init__(self, address, root, certificate, key, authorization=None, client_ca=None,
                 client_optional=False):
        self.root, self.authorization = pathlib.Path(root), authorization
        self.requests, self.acts, self.peers = [], {}, []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL if client_optional else ssl.CERT_REQUIRED
        self.server = _Server((address, 443), _Handler)
        self.server.web = self
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def paths(self):
        return [path for _, path, _, _ in self.requests]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
