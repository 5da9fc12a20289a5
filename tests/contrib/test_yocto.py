# SPDX-License-Identifier: LGPL-2.1-or-later
"""The layer for Yocto, as far as it can be checked without bitbake (docs/yocto.md)."""

import fnmatch
import hashlib
import json
import os
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
LAYER = TOP / "contrib/yocto/meta-ucupdates"
RECIPE = LAYER / "recipes-core/ucupdates/ucupdates_0.1.0.bb"
APPEND = LAYER / "recipes-bsp/fwupd/fwupd_%.bbappend"
DIRS = {"prefix": "/usr", "bindir": "/usr/bin", "sbindir": "/usr/sbin", "datadir": "/usr/share",
        "libexecdir": "/usr/libexec", "sysconfdir": "/etc", "localstatedir": "/var",
        "systemd_system_unitdir": "/usr/lib/systemd/system", "PN": "ucupdates"}
# what bitbake.conf gives to a package without being told, and what gettext splits off
DEFAULT = ["/usr/bin", "/usr/sbin", "/usr/libexec", "/etc"]
SPLIT = ["/usr/share/locale"]
# the names that a recipe has for what meson calls something else
NAMES = {"glib-2.0": "glib-2.0", "gio-2.0": "glib-2.0", "gio-unix-2.0": "glib-2.0",
         "libsoup-3.0": "libsoup", "json-glib-1.0": "json-glib", "libcares": "c-ares",
         "jcat": "libjcat", "libpsl": "libpsl", "gnutls": "gnutls", "fwupd": "fwupd",
         "libarchive": "libarchive"}
ASSIGNMENT = re.compile(r'([A-Za-z0-9_:${}.-]+)\s*(\?=|\+=|=\+|=|\.=)\s*"((?:[^"\\]|\\.)*)"')


def parse(path):
    """Assignments, functions and what is inherited or required; anything else is a mistake."""
    text = path.read_text().replace("\\\n", " ")
    values, functions, inherited, required = {}, {}, [], []
    lines = iter(text.split("\n"))
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        match = ASSIGNMENT.fullmatch(line)
        function = re.fullmatch(r"([a-z_]+(?::[a-z]+)?)\(\) \{", line)
        if match:
            values[match.group(1)] = " ".join(match.group(3).split())
        elif function:
            functions[function.group(1)] = "\n".join(iter(lambda: next(lines), "}"))
        elif line.startswith("inherit "):
            inherited += line.split()[1:]
        elif line.startswith("require "):
            required += line.split()[1:]
        else:
            raise AssertionError(f"{path.name}: {line!r} is nothing that bitbake knows")
    return values, functions, inherited, required


def expand(text):
    for name, value in DIRS.items():
        text = text.replace("${%s}" % name, value)
    return text


def installed():
    """Where the files of the agent go with the prefix of a distribution."""
    options = {o["name"]: o["value"] for o in introspect("buildoptions")}
    prefix = options["prefix"]
    for source, target in introspect("installed").items():
        part = pathlib.Path(source).parts
        if target.startswith(prefix):
            target = "/usr" + target[len(prefix):]
        target = target.replace("/usr/etc/", "/etc/").replace("/usr//etc", "/etc")
        target = re.sub(r"^/lib/systemd|^/usr/lib/systemd/system", "/usr/lib/systemd/system", target)
        if not {"plugins", "confirm", "mirror", "man"} & set(part) and "/man/" not in target \
                and "fwupd.service.d" not in target and "mirror" not in target \
                and "confirm" not in target and not target.endswith(("plugin.conf", ".cfg")):
            yield target


def introspect(what):
    return json.loads((BUILDDIR / f"meson-info/intro-{what}.json").read_text())


def test_every_file_is_in_a_package():
    values = parse(RECIPE)[0]
    patterns = {name: expand(text).split() for name, text in values.items()
                if name.startswith("FILES:")}
    every = [p for some in patterns.values() for p in some] + DEFAULT + SPLIT
    files = sorted(set(installed()))
    assert len(files) > 15, files
    for path in files:
        assert any(path == p or path.startswith(p + "/") or fnmatch.fnmatch(path, p)
                   for p in every), f"{path} is in no package"
    made_by_recipe = [expand(p) for p in re.findall(
        r"\$\{D\}(\S+)", parse(RECIPE)[1]["do_install:append"])]
    assert made_by_recipe
    for name, some in patterns.items():
        for pattern in some:
            assert any(path == pattern or path.startswith(pattern + "/")
                       for path in files + made_by_recipe), f"{name}: {pattern} matches nothing"


def test_options_and_dependencies():
    values, _functions, inherited, _required = parse(RECIPE)
    known = {option["name"] for option in introspect("buildoptions")}
    options = dict(re.findall(r"-D([a-z_]+)=(\S+)", values["EXTRA_OEMESON"]))
    assert {"plugin", "mirror", "agent_user"} <= set(options)
    assert set(options) <= known
    assert {"meson", "pkgconfig", "systemd"} <= set(inherited)
    depends = set(values["DEPENDS"].split())
    for name, recipe in NAMES.items():
        assert recipe in depends, f"{name} is used, and {recipe} is not in DEPENDS"
    text = "".join(path.read_text() for path in
                   [TOP / "meson.build", *(TOP / part / "meson.build"
                                           for part in ("common", "discovery", "policy", "agent",
                                                        "trust", "data"))])
    for name in re.findall(r"dependency\('([^']+)'", text):
        assert name in NAMES or name in ("systemd", "threads", "dl"), f"{name} is new: DEPENDS?"


def test_what_recipes_name_is_there():
    values, _functions, _inherited, required = parse(RECIPE)
    digest = re.search(r"COPYING;md5=([0-9a-f]{32})", values["LIC_FILES_CHKSUM"]).group(1)
    assert hashlib.md5((TOP / "COPYING").read_bytes()).hexdigest() == digest
    version = re.search(r"version: '([^']+)'", (TOP / "meson.build").read_text()).group(1)
    assert RECIPE.name == f"ucupdates_{version}.bb"
    for unit in values["SYSTEMD_SERVICE:${PN}"].split():
        assert list((TOP / "data").glob(f"{unit}*")), unit
    for name in re.findall(r"file://([^ ;]+)", values["SRC_URI"]):
        assert (RECIPE.parent / "files" / name).exists(), name
    assert (RECIPE.parent / required[0]).exists()
    values, functions, _inherited, required = parse(APPEND)
    assert (LAYER / required[0]).exists()
    for name in re.findall(r"\$\{WORKDIR\}/ucupdates/(\S+)", "".join(functions.values())):
        assert (TOP / name).exists(), name
    assert parse(LAYER / "conf/layer.conf")[0]["BBFILE_COLLECTIONS"] == "meta-ucupdates"


def test_step_of_fwupd(tmp_path):
    """The recipe's own shell, on a tree that has the line it looks for; twice is once."""
    step = parse(APPEND)[1]["do_configure:prepend"]
    work, source = tmp_path / "work", tmp_path / "fwupd"
    (source / "plugins").mkdir(parents=True)
    work.mkdir()
    (work / "ucupdates").symlink_to(TOP)
    build = source / "plugins/meson.build"
    build.write_text("plugins = {\n  'uf2': false,\n  'usi-dock': false,\n}\n")
    script = step.replace("${S}", str(source)).replace("${WORKDIR}", str(work))
    for _ in range(2):
        subprocess.run(["sh", "-euc", script], check=True)
    assert build.read_text() == ("plugins = {\n  'uf2': false,\n  'uc-endpoint': false,\n"
                                 "  'usi-dock': false,\n}\n")
    assert (source / "plugins/uc-endpoint/meson.build").exists()


def test_product_configuration(tmp_path):
    """The agent takes what the layer says of the product."""
    vendor = tmp_path / "vendor/ucupdates.conf.d"
    vendor.mkdir(parents=True)
    text = (RECIPE.parent / "files/50-product.conf").read_text()
    (vendor / "50-product.conf").write_text(text)
    result = subprocess.run(
        [BUILDDIR / "discovery/ucupdates-discover", "--domain=room.example", "--no-fetch",
         "--nameserver=192.0.2.1", "--timeout-ms=1"], capture_output=True, text=True, check=False,
        env={"UCUPDATES_VENDORDIR": str(vendor.parent), "LC_ALL": "C.UTF-8",
             "UCUPDATES_SYSCONFDIR": str(tmp_path)})
    assert "50-product.conf" not in result.stderr, result.stderr
