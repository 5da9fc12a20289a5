# SPDX-License-Identifier: LGPL-2.1-or-later
"""`meson install`: everything is where the daemon, systemd and D-Bus look."""

import configparser
import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])


@pytest.fixture(scope="module", name="tree")
def fixture_tree(tmp_path_factory):
    """What is installed below DESTDIR, by path as it will be on the machine."""
    destdir = tmp_path_factory.mktemp("install")
    subprocess.run(
        ["meson", "install", "-C", str(BUILDDIR), "--no-rebuild", "--quiet",
         "--destdir", str(destdir)],
        check=True, capture_output=True,
    )
    return {
        "/" + str(path.relative_to(destdir)): path
        for path in destdir.rglob("*") if path.is_file()
    }


def one(tree, name):
    paths = [path for path in tree if path.endswith(name)]
    assert len(paths) == 1, f"{name}: {paths}"
    return paths[0]


def test_programs(tree):
    for program in ("ucupdates-discover", "ucupdatesctl", "ucupdates-mirror"):
        assert one(tree, f"/bin/{program}")
    assert "/libexec/" in one(tree, "/ucupdatesd")
    assert "/libexec/" in one(tree, "/ucupdates-confirm")


def test_plugin_is_where_the_daemon_looks(tree):
    """The packaged flashrom plugin, a module too, is in that directory."""
    directory = pathlib.Path(one(tree, "libfu_plugin_uc_endpoint.so")).parent
    assert (directory / "libfwupdplugin.so").exists()
    assert "/share/fwupd/quirks.d/" in one(tree, "uc-endpoint.quirk")


def test_service_files_name_the_program(tree):
    program = one(tree, "/ucupdatesd")
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(tree[one(tree, "/ucupdatesd.service")])
    assert unit["Service"]["ExecStart"].split()[0] == program
    assert unit["Service"]["BusName"] == "org.ucupdates.Agent"
    activation = configparser.ConfigParser(interpolation=None)
    activation.optionxform = str
    activation.read(tree[one(tree, "/system-services/org.ucupdates.Agent.service")])
    assert activation["D-BUS Service"]["Name"] == "org.ucupdates.Agent"
    assert activation["D-BUS Service"]["SystemdService"] == "ucupdatesd.service"


def test_bus_policy_and_interface_are_xml(tree):
    policy = ElementTree.parse(tree[one(tree, "/system.d/org.ucupdates.Agent.conf")]).getroot()
    assert policy.tag == "busconfig"
    interface = ElementTree.parse(tree[one(tree, "/interfaces/org.ucupdates.Agent1.xml")])
    assert interface.find("interface").get("name") == "org.ucupdates.Agent1"


def test_remotes_are_shipped_disabled(tree):
    for name in ("ucupdates", "ucupdates-testing"):
        remote = configparser.ConfigParser(interpolation=None)
        remote.read(tree[one(tree, f"/fwupd/remotes.d/{name}.conf")])
        assert remote["fwupd Remote"]["Enabled"] == "false"
        assert int(remote["fwupd Remote"]["RefreshInterval"]) > 365 * 86400


def test_manual_pages(tree):
    for page in ("ucupdates-discover.1", "ucupdatesctl.1", "ucupdates-mirror.1",
                 "ucupdatesd.8", "ucupdates.conf.5"):
        assert f"/man{page[-1]}/" in one(tree, f"/{page}")


def test_nothing_else(tree):
    """What the build says it installs is what is there, and no test program is among it."""
    plan = json.loads(
        subprocess.run(["meson", "introspect", "--installed", str(BUILDDIR)],
                       check=True, capture_output=True, text=True).stdout
    )
    assert set(tree) == set(plan.values())
    assert not [path for path in tree if "test" in pathlib.Path(path).name and "remotes.d" not in path]
