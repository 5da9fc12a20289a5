# SPDX-License-Identifier: LGPL-2.1-or-later
"""The mirror's program and service from outside."""
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
import uuid

import pytest

import package
from mirrorlab import HOST, PROGRAM, Mirror, cab_of


def checkin(**kwargs):
    endpoint = {"id": "codec", "vendor": "acme", "model": "icon400", "hardware_level": "2",
                "serial": "AC0001", "state": "current",
                "modules": [{"name": "application", "version": "1.0.0"}], **kwargs}
    return {"format": "ucupdates-checkin-1", "agent_version": "0.1.0", "machine_id": "a" * 64,
            "endpoints": [endpoint]}


def report(**kwargs):
    return {"format": "ucupdates-report-1", "uuid": str(uuid.uuid4()), "machine_id": "a" * 64,
            "endpoint": {"id": "codec", "vendor": "acme", "model": "icon400", "serial": "AC0001"},
            "event": "success", "version_old": "1.0.0", "version_new": "1.1.0",
            "time": "2026-11-21T18:53:00Z", "message": "", **kwargs}


@pytest.mark.parametrize("args, status, sentence", [
    ((), 2, "which command"),
    (("fly",), 2, "there is no command 'fly'"),
    (("list", "--wings"), 2, "--wings"),
    (("list", "extra"), 2, "expected 'ucupdates-mirror --root=DIR list"),
    (("approve",), 2, "expected 'ucupdates-mirror --root=DIR approve ID'"),
    (("key", "fly"), 2, "expected 'ucupdates-mirror --root=DIR key"),
    (("use-version", "icon400", "1.0"), 1, "is no model, expected VENDOR/MODEL"),
    (("use-version", "acme/icon400", "1.0"), 1, "there is no approved, restorable or retired"),
    (("test-device", "fly"), 2, "expected 'ucupdates-mirror --root=DIR test-device add"),
    (("test-device", "add"), 2, "expected"),
    (("test-device", "add", "A\nC"), 1, "without control characters"),
    (("test-device", "remove", "AC9"), 1, "there is no test device with serial 'AC9'"),
    (("approve", "zz"), 1, "is no package id"),
    (("approve", "00"), 1, "there is no package '00'"),
    (("endpoint", "9"), 1, "there is no endpoint '9'"),
    (("serve", "--listen=nonsense"), 2, "nothing to listen on"),
    (("init", "--organisation=room.example"), 1, "not made a second time"),
    (("init", "--organisation=Room"), 1, "is no domain name"),
    (("init",), 2, "--organisation=DOMAIN"),
    (("publish", "--check", "--dry-run"), 2, "several questions, ask one"),
    (("publish", "--if-due", "--dry-run"), 2, "several questions, ask one"),
])
def test_sentences(mirror, args, status, sentence):
    assert sentence in mirror.run(*args, status=status)


def test_no_root():
    """An empty one is a variable of a script that was not set."""
    for arguments in (["list"], ["--root=", "list"], ["--root=", "init", "--organisation=a.example"]):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2, arguments
        assert "which mirror? expected --root=DIR before the command" in done.stderr


def test_no_mirror(tmp_path):
    assert "there is no mirror in" in Mirror(tmp_path).run("list", status=1)


def test_somebody_elses_mirror(mirror):
    """Without the right to read it: which file, and who may."""
    for path in (mirror.path, *mirror.path.parents):
        if path.stat().st_uid == os.getuid() and len(path.parts) > 2:
            path.chmod(path.stat().st_mode | 0o055)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PROGRAM,
                           f"--root={mirror.root}", "list"], capture_output=True, text=True,
                          timeout=60)
    if "failed to execute" in done.stderr:
        pytest.skip("the build directory is root's alone")
    assert (done.returncode, done.stderr) == (
        1, f"ucupdates-mirror: the database {mirror.root}/mirror.db cannot be opened: unable to open "
           "database file; run this as root, or as the user whose mirror it is\n")


def test_a_database_that_is_none(mirror):
    (mirror.root / "mirror.db").write_text("torn")
    assert mirror.run("list", status=1) == (
        f"ucupdates-mirror: the database {mirror.root}/mirror.db cannot be set up: file is not a database; "
        'bring it back from the backup (docs/deployment.md, "Backup")\n')


def test_where_nothing_can_be_written(mirror):
    """A root that is mounted read-only, in a namespace of this test's own."""
    subprocess.run(["mount", "--bind", "-o", "ro", mirror.root, mirror.root], check=True)
    try:
        for words in (["list"], ["publish"], ["approve", "00"]):
            assert mirror.run(*words, status=1).endswith(
                "; run this as root, or as the user whose mirror it is\n")
        other = Mirror(mirror.root)
        assert other.run("init", "--organisation=a.example", status=1) == (
            f"ucupdates-mirror: cannot make the directory {other.root}: Read-only file system\n")
    finally:
        subprocess.run(["umount", mirror.root], check=True)


@pytest.mark.parametrize("words, usage", [
    (["audit", "x"], "audit"),
    (["access", "list", "x"], "access add USER | remove USER | list"),
    (["test-device", "list", "x"], "test-device add ENDPOINT | remove ENDPOINT | list"),
    (["endpoint", "approve"], "endpoint ID | approve ID | deny ID"),
    (["endpoint", "accept", "1"], "endpoint ID | approve ID | deny ID"),
    (["enrol", "sign", "--days=3"], "enrol sign | token [--days=N] [--count=N]"),
    (["use-version", "acme/icon400", "none", "--or-newer"],
     "use-version VENDOR/MODEL VERSION [--or-newer] | VENDOR/MODEL none"),
    (["use-version", "acme/icon400", ""],
     "use-version VENDOR/MODEL VERSION [--or-newer] | VENDOR/MODEL none"),
    *((["endpoints", *options],
       "endpoints [--where=COLUMN=VALUE]… [--sort=COLUMN] [--columns=COLUMN,…] [--blocked]"
       " [--csv|--json] | --waiting | --conflicts")
      for options in (["--csv", "--json"], ["--waiting", "--conflicts"],
                      ["--waiting", "--blocked"], ["--conflicts", "--csv"], ["x"])),
])
def test_expected(mirror, words, usage):
    assert mirror.run(*words, status=2) == (
        f"ucupdates-mirror: expected 'ucupdates-mirror --root=DIR {usage}'\n")


def test_help(mirror):
    """Every command is named with what it does, and says the same itself."""
    commands = re.findall(r"^  ([a-z-]+) +([A-Z].*)$",
                          mirror.run("--help").split("Commands:")[1], re.MULTILINE)
    assert len(commands) == 20
    for name, what in commands:
        assert f"\n\n{what}\n\n" in mirror.run(name, "--help")


def test_where_root_is_said(mirror, tmp_path):
    """Before the command or after it; nothing is no place."""
    words = ["list", f"--root={mirror.root}"]
    for arguments, status in ((words, 0), ([f"--root={tmp_path}", *words], 0), (["list"], 2),
                              (["--root=", "list"], 2), (["list", f"--root={tmp_path}"], 1)):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == status, (arguments, done.stderr)


def test_keys_are_private(mirror):
    for path in (mirror.root / "keys").rglob("*.key"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("image, xml, sentence", [
    (package.bind(vendor="other"), None, "vendor 'other'"),
    (package.bind(model="icon800"), None, "model 'icon800'"),
    (package.bind(version="1.1.1"), None, "says version '1.1.0', the header of the image '1.1.1'"),
    (package.bind(levels=((3, 3),)), None, "hardware level 2 of icon400, but its header is for "
     "hardware level 3 only"),
    (package.bind(), package.metainfo(instance_ids=("UC\\VEN_acme&MODEL_icon400",)),
     "every hardware level of icon400"),
    (package.bind(locale="de"), None, "to every locale (787c0f76-0f0e-51a4-989d-238c1f9c6c26), but "
     "its header is for de only; expected instance ids that end in &LOCALE_de"),
    (package.bind(locale="fr"),
     package.metainfo(instance_ids=("UC\\VEN_acme&MODEL_icon400&HW_2&LOCALE_de",)),
     "which is not what its header is for"),
    (package.bind(),
     package.metainfo(instance_ids=("UC\\VEN_acme&MODEL_icon400&HW_2&LOCALE_de",)),
     "which is not what its header is for"),
    (package.bind()[:-1], None, "payload rootfs is truncated"),
    (package.bind()[:-1] + b"y", None, "payload rootfs is damaged"),
    (package.bind() + b"y", None, "goes on after its last payload"),
    (b"no bind", None, "is no UC bind"),
    (package.bind(), "<component><id></component>", "is no XML"),
    (package.bind(), package.metainfo(component="../../etc"), "no component id"),
    (package.bind(), package.metainfo().replace('filename="firmware.bin"', 'filename="gone.bin"'),
     "names the payload 'gone.bin', which is not in the cab"),
    (package.bind(), package.metainfo().replace('<checksum filename="firmware.bin"',
     '<checksum type="sha256" filename="firmware.bin"').replace(
         'target="content"/>', 'target="content">' + "0" * 64 + "</checksum>"),
     "not what the metadata says"),
], ids=str.split("vendor model version level all-levels all-locales locale no-locale truncated damaged longer no-bind no-xml "
                 "component-id payload-missing checksum"))
def test_import_refuses(mirror, image, xml, sentence):
    cab = package.cab(mirror.path / "bad.cab", image=image, xml=xml)
    assert sentence in mirror.run("import", cab, status=1)
    assert mirror.json("list") == {"packages": []}
    assert not list((mirror.root / "packages").iterdir())
    assert not (mirror.root / "tmp-import").exists()


def test_a_release_for_each_locale(mirror):
    """Of one model and level, each is decided for itself."""
    ids = {}
    for locale in ("de", "fr-CA"):
        last = locale.lower()
        cab = package.cab(mirror.path / f"{last}.cab", image=package.bind(locale=locale),
                          xml=package.metainfo(
                              component=f"com.acme.icon400.{last}",
                              instance_ids=(f"UC\\VEN_acme&MODEL_icon400&HW_2&LOCALE_{last}",)))
        mirror.run("import", cab)
        ids[locale] = mirror.json("list")["packages"][-1]["id"]
    mirror.run("approve", ids["de"])
    assert {found["id"]: found["state"] for found in mirror.json("list")["packages"]} == {
        ids["de"]: "approved", ids["fr-CA"]: "pending"}


def test_import_one_bad_does_not_stop_others(mirror):
    (mirror.path / "bad.cab").write_bytes(b"nothing")
    good = package.cab(mirror.path / "good.cab")
    assert "bad.cab" in mirror.run("import", mirror.path / "bad.cab", good, status=1)
    assert len(mirror.json("list")["packages"]) == 1


def test_life_of_a_package(mirror):
    one, two, three = (mirror.add_version(f"1.{i}.0") for i in range(1, 4))
    states = lambda: [p["state"] for p in mirror.json("list")["packages"]]
    mirror.run("approve", one["id"])
    assert states() == ["approved", "pending", "pending"]
    assert "is approved; 'approve' takes only" in mirror.run("approve", one["id"], status=1)
    mirror.run("approve", two["id"])
    assert states() == ["restore", "approved", "pending"]
    mirror.run("approve", three["id"][:6])
    assert states() == ["retired", "restore", "approved"]
    mirror.run("restore", two["id"])
    assert states() == ["retired", "approved", "pending"]
    mirror.run("reject", three["id"])
    assert states() == ["retired", "approved", "rejected"]


def test_life_is_per_hardware_level(mirror):
    def add(version, levels):
        ids = [f"UC\\VEN_acme&MODEL_icon400&HW_{level}" for level in levels]
        return mirror.add(version, xml=package.metainfo(version=version, instance_ids=ids),
                          image=package.bind(version=version, levels=[(n, n) for n in levels]))

    two, three = add("1.1.0", [2]), add("1.2.0", [3])
    both, again = add("1.3.0", [2, 3]), add("1.4.0", [2])
    states = lambda: [p["state"] for p in mirror.json("list")["packages"]]
    mirror.run("approve", two["id"])
    mirror.run("approve", three["id"])
    assert states() == ["approved", "approved", "pending", "pending"]
    mirror.run("approve", both["id"])
    assert states() == ["restore", "restore", "approved", "pending"]
    mirror.run("approve", again["id"])
    assert states() == ["retired", "restore", "approved", "approved"]
    mirror.run("restore", three["id"])
    assert states() == ["retired", "approved", "pending", "approved"]


def test_publish_keeps_two_trees_and_the_cab(mirror):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    serials, cabs = [], set()
    for _ in range(3):
        serials.append(mirror.json("publish")["serial"])
        cabs.add(cab_of(mirror).name)
    assert serials == sorted(set(serials)) and len(cabs) == 1
    trees = sorted(p.name for p in mirror.root.glob("tree-*"))
    assert trees == [f"tree-{s}" for s in serials[1:]]
    assert os.readlink(mirror.root / "public") == trees[1]


def test_publish_rules(mirror):
    rules = mirror.root / "rules.d" / "50.conf"
    rules.write_text("[Policy]\nIdleSec=86401\n")
    error = mirror.run("publish", "--check", status=1)
    assert f"{rules}: [Policy] IdleSec is '86401', expected a number of seconds from 0 to 86400" \
        in error
    rules.write_text("[Policy]\nWindows=22:00-02:00;12:00-13:00\nIdleSec=5\n[Publish]\n"
                     "ExpireDays=7\nDomains=other.example\nExternalUrl=https://up.example:8443/\n")
    assert not (mirror.root / "public").exists()
    mirror.run("publish")
    policy = mirror.policy()
    assert policy["defaults"] == {"windows": [{"start": "22:00", "end": "02:00"},
                                              {"start": "12:00", "end": "13:00"}], "idle_secs": 5}
    description = mirror.document(".well-known/ucupdates.json")
    assert description["domains"] == ["room.example", "other.example"]
    assert description["external_url"] == "https://up.example:8443/"
    assert description["serial"] == policy["serial"]


@pytest.mark.skipif(shutil.which("jcat-tool") is None, reason="no jcat-tool")
def test_jcat_tool_agrees(mirror):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    public, trust = mirror.root / "public", mirror.root / "trust"

    def verify(purpose, *args, cwd):
        return subprocess.run(["jcat-tool", f"--public-key={trust / purpose / 'room.example.pem'}",
                               *args], cwd=cwd, capture_output=True, text=True)
    for directory in (public, public / "testing"):
        assert verify("metadata", "verify", "firmware.xml.zst.jcat", cwd=directory).returncode == 0
        assert verify("payload", "verify", "firmware.xml.zst.jcat", cwd=directory).returncode != 0
    unpacked = mirror.path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["gcab", "-x", str(cab_of(mirror))], cwd=unpacked, check=True)
    done = verify("payload", "--target=sha256", "verify", "firmware.jcat", cwd=unpacked)
    assert done.returncode == 0 and "pkcs7-of-sha256" in done.stdout
    with open(unpacked / "firmware.bin", "ab") as out:
        out.write(b"x")
    assert verify("payload", "--target=sha256", "verify", "firmware.jcat",
                  cwd=unpacked).returncode != 0


def test_serve_tls(service):
    with pytest.raises(ssl.SSLError):
        service.socket(anchor="documents")
    with pytest.raises((ssl.SSLError, OSError)):
        service.socket(minimum=ssl.TLSVersion.TLSv1_1, maximum=ssl.TLSVersion.TLSv1_1)
    assert service.socket(minimum=ssl.TLSVersion.TLSv1_2,
                          maximum=ssl.TLSVersion.TLSv1_2).version() == "TLSv1.2"


def test_serve_files(service):
    public = service.mirror.root / "public"
    for path in ("/.well-known/ucupdates.json", "/policy.json", "/firmware.xml.zst",
                 "/firmware.xml.zst.jcat", "/testing/firmware.xml.zst",
                 f"/cabs/{cab_of(service.mirror).name}"):
        got = service.request("GET", path)
        assert (got.status, got.body) == (200, (public / path[1:]).read_bytes())
        head = service.request("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert head.getheader("Content-Length") == str(len(got.body))
        tag = got.getheader("ETag")
        assert service.request("GET", path, headers={"If-None-Match": f'"x", {tag}'}).status == 304
        assert service.request("GET", path, headers={"If-None-Match": '"x"'}).status == 200


@pytest.mark.parametrize("path, status", [
    ("/", 404), ("/cabs", 404), ("/cabs/", 404), ("/../mirror.db", 404),
    ("/%2e%2e/mirror.db", 404), ("/..%2fmirror.db", 404), ("/cabs/..%2f..%2f..%2fmirror.db", 404),
    ("//etc/passwd", 404), ("/.well-known/../../mirror.db", 404), ("/policy.json%00", 404),
    ("/policy.json/", 404), ("/" + "a" * 5000, 404), ("/RequestHandler/ucdevice.upx", 404),
    ("/v1/check-in", 405), ("/v1/report", 405),
])
def test_serve_refuses_path(standing, path, status):
    assert standing.request("GET", path).status in (status, 400)


def test_serve_does_not_follow_links(service):
    os.symlink("/etc/passwd", service.mirror.root / "public" / "passwd")
    assert service.request("GET", "/passwd").status == 404


def test_serve_methods(service):
    assert service.request("PUT", "/policy.json", b"").status == 501
    assert service.request("POST", "/policy.json", b"").status == 405
    assert service.request("POST", "/policy.json", b"x").status == 413


@pytest.mark.parametrize("header, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=100-", 100, None),
    ("bytes=-5", -5, None), ("bytes=0-99999999999", 0, None),
])
def test_serve_ranges(standing, header, first, last):
    path = f"/cabs/{cab_of(standing.mirror).name}"
    whole = standing.request("GET", path).body
    got = standing.request("GET", path, headers={"Range": header})
    end = len(whole) - 1 if last is None else last
    start = first if first >= 0 else len(whole) + first
    assert (got.status, got.body) == (206, whole[start:end + 1])
    assert got.getheader("Content-Range") == f"bytes {start}-{end}/{len(whole)}"


def test_serve_other_ranges(service):
    path = f"/cabs/{cab_of(service.mirror).name}"
    whole = service.request("GET", path)
    size = len(whole.body)
    got = service.request("GET", path, headers={"Range": f"bytes={size}-"})
    assert (got.status, got.getheader("Content-Range")) == (416, f"bytes */{size}")
    for header in ("bytes=5-1", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=-"):
        got = service.request("GET", path, headers={"Range": header})
        assert (got.status, got.body) == (200, whole.body), header
    part = {"Range": "bytes=0-3", "If-Range": whole.getheader("ETag")}
    assert service.request("GET", path, headers=part).status == 206
    got = service.request("GET", path, headers={**part, "If-Range": '"old"'})
    assert (got.status, got.body) == (200, whole.body)


@pytest.mark.skipif("UC_SANITIZED" in os.environ, reason="sanitizers need memory of their own")
def test_serve_large_file_is_streamed(service):
    big = service.mirror.root / "public" / "big.bin"
    with open(big, "wb") as out:
        for i in range(200):
            out.write(bytes([i]) * (1024 * 1024))
    connections = [service.connect() for _ in range(4)]
    for connection in connections:
        connection.request("GET", "/big.bin")
    for connection in connections:
        response = connection.getresponse()
        size = 0
        while piece := response.read(1 << 20):
            size += len(piece)
        assert size == 200 * 1024 * 1024
    with open(f"/proc/{service.process.pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    assert peak < 64 * 1024, f"{peak} KiB"


def test_publish_is_seen_at_once(service):
    before = service.request("GET", "/.well-known/ucupdates.json").body
    service.mirror.run("publish")
    assert service.request("GET", "/.well-known/ucupdates.json").body != before


def test_check_in(service):
    cab = cab_of(service.mirror)
    got = service.post("/v1/check-in", checkin())
    assert got.status == 200 and got.getheader("Content-Type") == "application/json"
    answer = json.loads(got.body)
    assert answer == {
        "format": "ucupdates-checkin-reply-1", "downloads": 1,
        "updates": [{"id": "codec", "version": "1.1.0", "external_url": None,
                     "internal_url": f"https://{HOST}/cabs/{cab.name}",
                     "sha256": cab.name[:-4], "size_bytes": cab.stat().st_size}]}
    for kwargs in ({"modules": [{"name": "application", "version": "1.1.0"}]},
                   {"hardware_level": "3"}, {"vendor": "other"}):
        assert json.loads(service.post("/v1/check-in", checkin(**kwargs)).body)["downloads"] == 0
    endpoints = service.mirror.json("endpoints")["endpoints"]
    assert [(e["vendor"], e["serial"], e["hardware_level"]) for e in endpoints] == [
        ("acme", "AC0001", "3"), ("other", "AC0001", "2")]


def test_check_in_does_not_offer_what_is_not_published(service):
    service.mirror.run("approve", service.mirror.add_version("1.2.0")["id"])
    answer = lambda: json.loads(service.post("/v1/check-in", checkin()).body)["updates"]
    assert [u["version"] for u in answer()] == ["1.1.0"]
    service.mirror.run("publish")
    assert [u["version"] for u in answer()] == ["1.2.0"]


def test_reports_count_once(service):
    service.post("/v1/check-in", checkin())
    one = report()
    for _ in range(2):
        got = service.post("/v1/report", one)
        assert (got.status, json.loads(got.body)) == (200, {"format": "ucupdates-report-reply-1"})
    service.post("/v1/report", report(event="failed", message="no space"))
    detail = service.mirror.json("endpoint", "AC0001")
    assert [r["event"] for r in detail["reports"]] == ["failed", "success"]
    assert detail["last_event"] == "failed"
    assert "no space" in service.mirror.run("endpoint", "1")
    assert "AC0001" in service.mirror.run("endpoints")


@pytest.mark.parametrize("path, value, status, sentence", [
    ("/v1/check-in", b"", 400, "is empty"),
    ("/v1/check-in", b"{", 400, "is not JSON; see line 1"),
    ("/v1/check-in", b"\xff\xfe", 400, "UTF-8"),
    ("/v1/check-in", b"[" * 100, 413, "nested more than"),
    ("/v1/check-in", {"format": "other"}, 400, "'format'"),
    ("/v1/check-in", checkin(vendor=""), 400, "'vendor' and 'model'"),
    ("/v1/check-in", checkin(state="flying"), 400, "'state'"),
    ("/v1/check-in", checkin(mac_address="zz"), 400, "'mac_address'"),
    ("/v1/check-in", checkin(serial="a\nb"), 400, "control character"),
    ("/v1/check-in", checkin(serial="x" * 300), 413, "longer than"),
    ("/v1/report", report(uuid="1"), 400, "'uuid'"),
    ("/v1/report", report(event="exploded"), 400, "'event'"),
    ("/v1/report", report(fwupd=[]), 400, "'fwupd'"),
])
def test_bad_posts(standing, path, value, status, sentence):
    got = standing.post(path, value)
    assert (got.status, sentence in json.loads(got.body)["error"]) == (status, True), got.body
    assert standing.mirror.json("endpoints") == {"endpoints": []}


def test_post_needs_json_type(service):
    assert service.post("/v1/check-in", checkin(), content_type="text/plain").status == 415


def test_sql_in_every_field(service):
    evil = "'; DROP TABLE endpoints; --"
    for key in ("id", "vendor", "model", "serial", "hardware_level", "part_number", "reason"):
        assert service.post("/v1/check-in", checkin(**{key: evil})).status == 200
    assert service.post("/v1/report", report(message=evil, version_new=evil)).status == 200
    assert len(service.mirror.json("endpoints")["endpoints"]) >= 3


def test_oversized_bodies(service):
    assert service.post("/v1/check-in", b"x" * (64 * 1024 + 1)).status == 413
    assert service.post("/v1/report", b"x" * (256 * 1024 + 1)).status == 413
    connection = service.connect()
    connection.putrequest("POST", "/v1/check-in")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"5\r\nhello\r\n0\r\n\r\n")
    assert connection.getresponse().status == 411
    connection = service.connect()
    connection.putrequest("POST", "/v1/check-in")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    with pytest.raises(OSError):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            connection.send(b"x" * 65536)


def test_keep_alive_and_many_idle(service):
    idle = [service.socket() for _ in range(100)]
    connection = service.connect()
    for _ in range(50):
        connection.request("GET", "/policy.json")
        assert len(connection.getresponse().read()) > 0
    for one in idle:
        one.close()


def test_stop_waits_for_a_download(service):
    big = service.mirror.root / "public" / "big.bin"
    big.write_bytes(b"x" * (64 * 1024 * 1024))
    connection = service.connect()
    connection.request("GET", "/big.bin")
    response = connection.getresponse()
    response.read(1000)
    service.process.send_signal(signal.SIGTERM)
    assert len(response.read()) == 64 * 1024 * 1024 - 1000
    connection.close()
    assert service.process.wait(timeout=15) == 0
