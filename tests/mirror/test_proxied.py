# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which word of a proxy about the client certificate counts, and whose does not."""
import http.client
import json
import urllib.parse

import pytest

from enrolment import MODEL, Key, certtool
from mirrorlab import HOST, Service
from test_enrol import serve

HEADER = "X-SSL-Client-Cert"
PROXY = "127.0.0.2"


@pytest.fixture(name="proxied")
def fixture_proxied(mirror):
    yield from serve(mirror, "open", f"--proxy={PROXY}/32", "--proxy-certificates")


@pytest.fixture(name="unproxied")
def fixture_unproxied(mirror):
    """The proxy's word counts for the address alone."""
    yield from serve(mirror, "open", f"--proxy={PROXY}/32")


def escaped(path):
    return urllib.parse.quote(path.read_text(), safe="")


def check_in(service, *headers, serial="AC1", source=PROXY, pair=None):
    """Status and answer, with these headers as they are."""
    body = json.dumps({"format": "ucupdates-checkin-1", "machine_id": "a" * 64,
                       "endpoints": [{"id": serial, "serial": serial, **MODEL}]})
    connection = http.client.HTTPSConnection(HOST, service.port, timeout=60)
    connection.sock = service.socket(source=source, pair=pair)
    connection.putrequest("POST", "/v1/check-in")
    for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))),
                        *((HEADER, header) for header in headers)):
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text else None


def test_the_proxy_says_who_asks(proxied, tmp_path):
    key = Key(tmp_path, proxied, "AC1").enrol()
    header = escaped(key.certificate)
    status, answer = check_in(proxied, header)
    assert (status, answer["refused"]) == (200, [])
    assert check_in(proxied, header) == (status, answer), "also when it is known"
    status, answer = check_in(proxied, header, serial="AC2")
    assert (status, answer["refused"]) == (200, ["AC2"])
    proxied.mirror.run("forget", "AC1")
    assert check_in(proxied, header)[0] == 403


def test_nobody_else_does(proxied, tmp_path):
    """Who connects without the proxy is who its own certificate says."""
    key = Key(tmp_path, proxied, "AC1").enrol()
    other = Key(tmp_path, proxied, "AC2").enrol()
    header = escaped(key.certificate)
    assert check_in(proxied, header, source="127.0.0.1")[0] == 403
    status, answer = check_in(proxied, header, source="127.0.0.1",
                              pair=(other.certificate, other.key))
    assert (status, answer["refused"]) == (200, ["AC1"])


def test_the_proxy_itself_is_nobody(proxied, tmp_path):
    """Its own certificate is not that of whom it asks for."""
    key = Key(tmp_path, proxied, "AC1").enrol()
    assert check_in(proxied, pair=(key.certificate, key.key))[0] == 403
    assert check_in(proxied, "", pair=(key.certificate, key.key))[0] == 403


def test_only_where_it_was_allowed(unproxied, tmp_path):
    """An older configuration may pass on what a client wrote there."""
    key = Key(tmp_path, unproxied, "AC1").enrol()
    assert check_in(unproxied, escaped(key.certificate))[0] == 403


def test_what_no_proxy_would_send(proxied, tmp_path):
    key = Key(tmp_path, proxied, "AC1").enrol()
    header = escaped(key.certificate)
    for headers in ((header, header), (header, ""), ("", header), (f"{header},{header}",), ("x",),
                    ("%00",), ("%",), (header[:-200],), ("A" * 17000,)):
        assert check_in(proxied, *headers)[0] == 400, headers
    assert check_in(proxied, header)[0] == 200


def test_what_it_is_worth_is_looked_at(proxied, tmp_path):
    """The proxy has seen a key, and has asked nobody whose it is."""
    key = Key(tmp_path, proxied, "AC1").enrol()
    template = tmp_path / "template"
    template.write_text('cn = "endpoint"\nexpiration_days = 10\ntls_www_client\n')
    own = tmp_path / "own.pem"
    own.write_text(certtool("--generate-self-signed", "--load-privkey", key.key,
                            "--template", template))
    assert check_in(proxied, escaped(own))[0] == 403


def test_usage(mirror):
    assert "--proxy-certificates needs --proxy" in mirror.run("serve", "--proxy-certificates",
                                                              status=2)


def test_from_outside(mirror, tmp_path):
    """An enrolled endpoint needs no password, also behind a proxy."""
    options = ("--network=192.0.2.0/24", f"--proxy={PROXY}/32", "--proxy-certificates")
    for service in serve(mirror, "open"):
        key = Key(tmp_path, service, "AC1").enrol()
    service = Service(mirror, *options)
    try:
        assert check_in(service, escaped(key.certificate))[0] == 200
        assert check_in(service)[0] == 403
        assert check_in(service, escaped(key.certificate), source="127.0.0.1")[0] == 403
    finally:
        assert service.stop() == 0
