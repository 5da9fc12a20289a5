# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole rig: DNS, mirror, bus, polkit, fwupd with the plugin, one endpoint, its agent."""

import pathlib
import shutil

from . import net, user
from .agent import Agent
from .bus import Bus
from .dns import Dns
from .endpoint import Endpoint
from .fwupd import Fwupd
from .mirror import Mirror
from .process import Supervisor

SOURCE = pathlib.Path(__file__).resolve().parents[3]
DOMAIN = "room.example"
SERVICE = f"ucupdates-r2.{DOMAIN}"

ENDPOINT = {"name": "Icon 400", "vendor": "Acme", "Serial": "AC0001", "Room": "Berlin", "Locale": "de"}

AGENT = """[Agent]
Restart=none
FirstUpdate=normal
CallSources=agent
ActivitySources=agent
WaitForClock=false
"""

RULES = """[Policy]
Windows=00:00-24:00
IdleSec={idle_secs}
PollSec=86400
"""


class Lab:
    """Everything below one directory, in the namespaces of this process, stopped at the end.

    The parts are made here and started by the caller, so that a test can leave one out or break it.
    """

    def __init__(self, directory, builddir, idle_secs=300, **endpoint):
        net.set_up()
        self.directory = pathlib.Path(directory).resolve()
        self.builddir = pathlib.Path(builddir).resolve()
        shutil.rmtree(self.directory / "lab", ignore_errors=True)
        base = self.directory / "lab"
        base.mkdir(parents=True)
        self.supervisor = Supervisor(base / "log")
        self.dns = Dns(self.supervisor, base)
        self.dns.add_host(SERVICE, net.MIRROR, net.MIRROR6)
        self.mirror = Mirror(self.supervisor, base, self.builddir)
        self.bus = Bus(
            self.supervisor, base / "bus",
            policy_files=[self.builddir / "data/org.ucupdates.Agent.conf"],
            rules=[self.builddir / "data/org.ucupdates.Agent.rules"],
        )
        self.endpoint = Endpoint(base / "endpoint", **{**ENDPOINT, **endpoint})
        self.fwupd = Fwupd(
            self.supervisor, self.bus, base / "fwupd",
            self.builddir / "plugins/uc-endpoint",
            extra_env=self.endpoint.env,
            remotes=sorted((SOURCE / "data/remotes.d").glob("*.conf")),
        )
        self.endpoint.install(self.fwupd)
        # as on a real machine, where the checkout is not below a directory of root's alone
        self.agent = Agent(
            self.supervisor, self.bus, self.fwupd, base, self.builddir,
            user.ensure(base) if user.can_reach(base / "etc", self.builddir / "agent") else None,
        )
        self.agent.configure(AGENT)
        self.idle_secs = idle_secs
        self.base = base

    def set_idle_secs(self, idle_secs):
        self.mirror.write_rules(RULES.format(idle_secs=idle_secs))

    def start_service(self):
        """The organisation's side: name in DNS, keys, an empty tree, the server."""
        self.dns.start()
        net.set_resolv_conf(self.base, f"search {DOMAIN}\nnameserver {net.DNS}\n")
        self.mirror.init(DOMAIN)
        self.set_idle_secs(self.idle_secs)
        self.mirror.do("publish")
        self.mirror.start()
        self.agent.trust(self.mirror)

    def start_endpoint(self):
        """The endpoint's side: bus, polkit, fwupd, agent."""
        self.bus.start()
        self.fwupd.start()
        self.agent.start()

    def restart_endpoint(self, boots=True):
        """What a restart of the machine is to the programs on it."""
        self.agent.stop()
        self.fwupd.stop()
        self.endpoint.restart(boots=boots)
        self.fwupd.start()
        self.agent.start()

    def start(self):
        self.start_service()
        self.start_endpoint()

    def stop(self):
        self.supervisor.stop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
