# SPDX-License-Identifier: LGPL-2.1-or-later
"""What README and docs/ tell people to type is typed here, in the order of the page.

A block of commands has an HTML comment before it: `<!-- run: STAGE -->`, or `<!-- not run: WHY -->`
where it cannot; `<!-- file: PATH -->` says which file a block is. Only paths are replaced by the lab's.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from uclab import net
from uclab.cab import Authority
from uclab.lab import Lab
from uclab.process import wait_for

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted([TOP / "README.md", TOP / "CONTRIBUTING.md", *(TOP / "docs").glob("*.md")])
BLOCK = re.compile(r"(?:^<!-- (?P<mark>[a-z ]+): (?P<value>[^>]+) -->\n)?^```(?P<language>\w*)\n"
                   r"(?P<text>.*?)^```$", re.M | re.S)
STAGES = ("mirror", "endpoint", "dns", "mirror-later", "endpoint-later", "beside")
PROGRAMS = {"ucupdatesctl": "agent", "ucupdates-mirror": "mirror", "ucupdates-discover": "discovery",
            "ucupdates-trust": "trust", "ucupdatesd": "agent"}


def blocks(page):
    return [match.groupdict() for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def stage(name, page="docs/deployment.md"):
    return "".join(block["text"] for block in blocks(TOP / page)
                   if (block["mark"], block["value"]) == ("run", name))


def file_of(name, page="docs/deployment.md"):
    return next(block["text"] for block in blocks(TOP / page)
                if (block["mark"], block["value"]) == ("file", name))


def test_every_block_is_marked():
    """Nothing that people would type is neither run nor excused."""
    seen = 0
    for page in PAGES:
        for block in blocks(page):
            if block["language"] not in ("sh", "powershell"):
                continue
            seen += 1
            where = f"{page.name}: {block['text'][:60]!r}"
            assert block["mark"] in ("run", "not run"), where
            if block["mark"] == "run":
                assert block["value"] in STAGES, where
            else:
                assert len(block["value"]) > 10, where
    assert seen > 15


def words_of_programs():
    """Sub-commands and options of our programs in inline code."""
    for page in PAGES:
        text = BLOCK.sub("", page.read_text(encoding="utf-8"))
        for code in re.findall(r"`([^`\n]+)`", text):
            words = code.split()
            if words[0] in PROGRAMS and len(words) > 1:
                yield page.name, code, words


def help_of(program, *command):
    result = subprocess.run([BUILDDIR / PROGRAMS[program] / program, *command, "--help"],
                            env={"LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def test_inline_commands():
    """What the text names in passing exists: commands and options."""
    helps, seen = {}, 0
    for page, code, words in words_of_programs():
        program, rest = words[0], [w for w in words[1:] if not w.startswith("--root")]
        if program not in helps:
            helps[program] = help_of(program)
        commands = [w for w in rest[:1] if re.fullmatch(r"[a-z][a-z-]+", w)]
        for command in commands:
            assert re.search(rf"\b{command}\b", helps[program]), f"{page}: `{code}`"
        seen += 1
        options = [re.match(r"--[a-z-]+", w).group() for w in rest if re.match(r"--[a-z]", w)]
        text = helps[program] + (help_of(program, *commands) if options and commands else "")
        for option in options:
            assert option in text, f"{page}: `{code}` has {option}"
    assert seen > 10


@pytest.fixture(name="bin_dir")
def fixture_bin_dir(tmp_path):
    """The programs by their names alone, as after an installation."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for program, part in PROGRAMS.items():
        (directory / program).symlink_to(BUILDDIR / part / program)
    return directory


@pytest.fixture(name="users")
def fixture_users(tmp_path):
    """/etc of this namespace, with the users that the packages make."""
    for name in ("upper", "work"):
        (tmp_path / "etc" / name).mkdir(parents=True)
    options = f"lowerdir=/etc,upperdir={tmp_path}/etc/upper,workdir={tmp_path}/etc/work"
    mounted = subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", "/etc"],
                             check=False).returncode == 0
    if not mounted:
        pytest.skip("this machine has no overlay file system")
    pathlib.Path("/etc/sysusers.d").mkdir(exist_ok=True)
    shutil.copy(TOP / "data/ucupdates-mirror.sysusers", "/etc/sysusers.d/ucupdates-mirror.conf")
    subprocess.run(["systemd-sysusers", "/etc/sysusers.d/ucupdates-mirror.conf"], check=True)
    yield
    subprocess.run(["umount", "--lazy", "/etc"], check=True)


class Reader:
    """Somebody who types what the page says."""

    def __init__(self, lab, bin_dir, directory):
        self.lab, self.bin_dir = lab, bin_dir
        self.stick, self.offline = directory / "stick", directory / "offline"
        self.stick.mkdir()
        self.offline.mkdir()

    def translate(self, text):
        for ours, theirs in (("/media/stick", self.stick), ("/media/offline", self.offline),
                             ("/var/lib/ucupdates-mirror", self.lab.mirror.root),
                             ("/etc/ucupdates", self.lab.fwupd.sysconf / "ucupdates"),
                             ("/dev/disk/by-partlabel/root-a", self.lab.endpoint.slots["A"]),
                             ("/dev/disk/by-partlabel/root-b", self.lab.endpoint.slots["B"]),
                             ("SerialDmi=product_serial", "Serial=AC0001"),
                             ("/boot/grub/grubenv", self.lab.endpoint.grubenv),
                             ("VersionOsRelease=VERSION_ID",
                              f"VersionFile={self.lab.endpoint.version_file}")):
            text = text.replace(ours, str(theirs))
        return text

    def type(self, name):
        text = stage(name)
        assert text, f"no commands for {name}"
        root = self.lab.mirror.root
        result = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", self.translate(text)], capture_output=True,
            text=True, check=False, cwd=root if root.exists() else self.stick, timeout=300,
            env={**os.environ, **self.lab.agent.env, "LC_ALL": "C.UTF-8",
                 "PATH": f"{self.bin_dir}:{os.environ['PATH']}"})
        assert result.returncode == 0, f"{name}:\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def write(self, name):
        path = pathlib.Path(self.translate(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.translate(file_of(name)), encoding="utf-8")


def test_deployment(short_dir, bin_dir, users, tmp_path):
    """The page from its beginning to its end, by somebody who has a package on a stick."""
    with Lab(short_dir, BUILDDIR) as lab:
        lab.agent.configure("[Agent]\nRestart=none\nWaitForClock=false\nFirstUpdate=normal\n")
        shutil.copy("/etc/fwupd/remotes.d/lvfs.conf", lab.fwupd.sysconf / "fwupd/remotes.d")
        reader = Reader(lab, bin_dir, tmp_path)
        vendor = Authority(tmp_path / "vendor")
        package = lab.endpoint.make_package("1.1.0", levels=["2"], signer=vendor)
        shutil.copy(package, reader.stick / "icon400-1.1.0.cab")
        printed = reader.type("mirror")
        assert "1.1.0" in printed and "ucupdates-r2.room.example" in printed
        assert (reader.offline / "recovery").is_dir()
        lab.dns.start()
        net.set_resolv_conf(lab.base, f"search room.example\nnameserver {net.DNS}\n")
        lab.mirror.start()
        assert (reader.stick / "trust/tls").is_dir()

        lab.endpoint.conf.unlink()
        reader.write("/etc/ucupdates/endpoints.d/codec.conf")
        reader.write("/etc/ucupdates/ucupdates.conf.d/50-room.conf")
        trust, _, rest = stage("endpoint").partition("\n")
        assert trust.startswith("ucupdates-trust install"), trust
        assert rest
        lab.agent.own()
        assert lab.agent.ucupdates_trust("install", reader.stick / "trust").returncode == 0
        lab.start_endpoint()
        printed = reader.type("endpoint")
        assert "Icon 400" in printed
        assert lab.endpoint.slot_version("B") == "1.1.0"
        reader.type("mirror-later")
        lab.agent.ctl("check")
        # what ucupdates-trust.path does when it sees the file
        lab.agent.wait_for(lambda: (lab.agent.state / "keys.json").exists(), 60, "keys.json")
        applied = lab.agent.ucupdates_trust("apply")
        assert applied.returncode == 0, applied.stderr
        lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 120,
                           "a look after a key was revoked")
        reader.type("endpoint-later")
        assert next(lab.mirror.root.glob("ucupdates-support.tar.gz"))


def test_units(tmp_path):
    """systemd takes the units of the page, and what is written into one of ours."""
    units = ("ucupdates-mirror-publish.service.d/override.conf",
             "ucupdates-mirror.socket.d/override.conf")
    for name in units:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        text = file_of(f"/etc/systemd/system/{name}")
        path.write_text(text.replace("/usr/bin/ucupdates-mirror", "/usr/bin/true"))
    for name in ("ucupdates-mirror.socket", "ucupdates-mirror-publish.timer"):
        shutil.copy(TOP / "data" / name, tmp_path)
    (tmp_path / "ucupdates-mirror.service").write_text("[Service]\nExecStart=/usr/bin/true\n")
    unit = (TOP / "data/ucupdates-mirror-publish.service.in").read_text()
    (tmp_path / "ucupdates-mirror-publish.service").write_text(
        re.sub("@bindir@/ucupdates-mirror", "/usr/bin/true", unit))
    for name in ("ucupdates-mirror.socket", "ucupdates-mirror-publish.timer",
                 "ucupdates-mirror-publish.service"):
        result = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / name],
                                capture_output=True, text=True, check=False,
                                env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"})
        ours = [line for line in result.stderr.splitlines() if "ucupdates" in line]
        assert ours == [], f"{name}: {result.stderr}"


def discover(bin_dir):
    return subprocess.run(["bash", "-euc", stage("dns")], capture_output=True, text=True,
                          check=False, env={**os.environ, "LC_ALL": "C.UTF-8",
                                            "PATH": f"{bin_dir}:{os.environ['PATH']}"})


def serves_the_name(bin_dir, process):
    wait_for(lambda: process.poll() is not None or discover(bin_dir).returncode == 0, 60,
             "the name server")
    result = discover(bin_dir)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "ucupdates-r2.room.example has addresses" in result.stdout


def stop(process):
    process.terminate()
    process.wait(60)


def test_dnsmasq(tmp_path, bin_dir):
    net.set_up()
    config = tmp_path / "dnsmasq.conf"
    config.write_text(file_of("dnsmasq.conf"))
    subprocess.run(["dnsmasq", "--test", f"--conf-file={config}"], check=True)
    process = subprocess.Popen(
        ["dnsmasq", "--keep-in-foreground", f"--conf-file={config}", "--listen-address=192.0.2.53",
         "--bind-interfaces", "--pid-file=", "--user=root", "--no-resolv", "--no-hosts",
         f"--dhcp-leasefile={tmp_path}/leases"])
    try:
        serves_the_name(bin_dir, process)
    finally:
        stop(process)


def test_bind(tmp_path, bin_dir):
    net.set_up()
    tmp_path.chmod(0o777)
    zone = tmp_path / "db.room.example"
    zone.write_text(file_of("/etc/bind/db.room.example"))
    subprocess.run(["named-checkzone", "room.example", zone], check=True)
    config = tmp_path / "named.conf"
    config.write_text(file_of("named.conf").replace("/etc/bind", str(tmp_path))
                      .replace("/var/cache/bind", str(tmp_path))
                      .replace("recursion no;",
                               f'recursion no; pid-file "{tmp_path}/pid"; session-keyfile none;'))
    subprocess.run(["named-checkconf", config], check=True)
    process = subprocess.Popen(["named", "-g", "-c", config, "-n", "1"], stderr=subprocess.DEVNULL)
    try:
        serves_the_name(bin_dir, process)
    finally:
        stop(process)


def manual(name):
    """The words of a manual page, without its markup."""
    text = (TOP / "data/man" / name).read_text(encoding="utf-8").replace("\\-", "-")
    text = re.sub(r"\\f[A-Z]", "", text)
    return re.sub(r'"', "", re.sub(r"^\.[A-Z]+ ", "", text, flags=re.M))


OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+")


@pytest.mark.parametrize("program,section,commands", [
    ("ucupdatesctl", 1, 12), ("ucupdates-mirror", 1, 20), ("ucupdates-discover", 1, 0),
    ("ucupdates-trust", 8, 0), ("ucupdatesd", 8, 0)])
def test_manual_has_every_option(program, section, commands):
    """What --help shows, of a command too, is in the manual page, and the other way round."""
    page, shown = manual(f"{program}.{section}"), help_of(program)
    found = re.findall(r"^  ([a-z][a-z-]+)  ", shown, re.M) if commands else []
    assert len(found) == commands, found
    assert shown.startswith("Usage:"), shown
    missing = [command for command in found if not re.search(rf"(?:^|\s){command}\b", page)]
    helps = {"": shown, **{command: help_of(program, command) for command in found}}
    for command, text in helps.items():
        missing += [f"{command} {option}" for option in OPTION.findall(text)
                    if option != "--help-all" and option not in OPTION.findall(page)]
    assert missing == []
    known = set(OPTION.findall("".join(helps.values()))) | {"--help", "--version"}
    assert set(OPTION.findall(page)) - known == set(), "of no command"


@pytest.mark.parametrize("page", sorted(path.name for path in (TOP / "data/man").glob("*.[158]")))
def test_manual_is_rendered(page):
    """groff has nothing to say about it, and it ends with where to read on."""
    result = subprocess.run(["man", "--warnings=w", "--local-file", TOP / "data/man" / page],
                            capture_output=True, text=True, check=False,
                            env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION"):
        assert re.search(rf"^{heading}", result.stdout, re.M) or page == "ucupdates.conf.5"
    assert "\\" not in result.stdout.replace("\\n", ""), "an escape that is none"
