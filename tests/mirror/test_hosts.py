# SPDX-License-Identifier: LGPL-2.1-or-later
"""What endpoints will contact."""
import subprocess

from mirrorlab import HOST, PROGRAM


def hosts(mirror, *options):
    return mirror.json("hosts", *options)["hosts"]


def test_hosts(mirror):
    assert hosts(mirror) == [{"host": HOST, "port": 443, "transport": "tcp", "protocol": "https",
                              "purpose": "discovery, internal"}]
    mirror.rules("[Publish]\nInternalUrl=https://in.room.example:8443/\nDomains=other.example\n"
                 "ExternalUrl=https://up.example/\nPhoneUrl=http://in.room.example/\n")
    assert [(h["host"], h["port"], h["protocol"], h["purpose"]) for h in hosts(mirror)] == [
        (HOST, 443, "https", "discovery"),
        ("ucupdates-r2.other.example", 443, "https", "discovery"),
        ("in.room.example", 8443, "https", "internal"), ("up.example", 443, "https", "external"),
        ("in.room.example", 80, "http", "phones")]
    words = mirror.run("hosts").split()
    assert words[:4] == ["HOST", "PORT", "PROTOCOL", "PURPOSE"] and "tcp/8443" in words


def test_every_published_url_is_listed(mirror):
    mirror.rules("[Publish]\nInternalUrl=https://in.room.example:8443/\n"
                 "ExternalUrl=https://up.example/\n")
    mirror.run("publish")
    listed = {f"{h['protocol']}://{h['host']}:{h['port']}/" for h in hosts(mirror)}
    description = mirror.document(".well-known/ucupdates.json")
    assert description["internal_url"] in listed
    assert description["external_url"].replace("example/", "example:443/") in listed


def test_addresses(mirror):
    error = mirror.run("hosts", "--addresses", status=1)
    assert f"{HOST} has no address that this machine can find" in error
    mirror.rules("[Publish]\nInternalUrl=https://192.0.2.10/\nExternalUrl=https://[2001:db8::1]/\n")
    table = mirror.path / "hosts"
    table.write_text(f"192.0.2.11 {HOST}\n")
    subprocess.run(["mount", "--bind", table, "/etc/hosts"], check=True)  # in our namespace
    try:
        found = hosts(mirror, "--addresses")
        assert "192.0.2.11/32" in mirror.run("hosts", "--addresses")
        mirror.rules("[Publish]\nPhoneUrl=http://nowhere.invalid/\n", "60.conf")
        done = subprocess.run([PROGRAM, f"--root={mirror.root}", "hosts", "--addresses"],
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode, "nowhere.invalid has no address" in done.stderr) == (1, True)
        assert "192.0.2.11/32" in done.stdout and done.stdout.split()[-1] == "-", "the others do"
    finally:
        subprocess.run(["umount", "/etc/hosts"], check=True)
    assert [h["networks"] for h in found] == [["192.0.2.11/32"], ["192.0.2.10/32"],
                                              ["2001:db8::1/128"]]


def test_bad_rules(mirror):
    mirror.rules("[Publish]\nPhoneUrl=ftp://x/\n")
    assert "PhoneUrl is 'ftp://x/', expected https://HOST[:PORT]/" in mirror.run("hosts", status=1)
