# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real DNS server: dnsmasq, on the lab's name server address."""

from . import net



class Dns:
    """dnsmasq with exactly the records given; everything else is NXDOMAIN, nothing is forwarded."""

    def __init__(self, supervisor, directory, address=net.DNS):
        self.supervisor = supervisor
        self.directory = directory
        self.address = address
        self.lines = []
        self.process = None

    def add_host(self, name, *addresses):
        self.lines.append(f"host-record={name},{','.join(addresses)}")

    def add_srv(self, name, target, port=443, priority=0, weight=0):
        self.lines.append(f"srv-host={name},{target},{port},{priority},{weight}")

    def add_cname(self, name, target):
        self.lines.append(f"cname={name},{target}")

    def _arguments(self):
        config = self.directory / "dnsmasq.conf"
        config.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return [
            "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--log-queries",
            f"--conf-file={config}", "--no-resolv", "--no-hosts", "--no-poll", "--user=root",
            f"--listen-address={self.address}", "--bind-interfaces", "--pid-file=",
            "--auth-ttl=60", "--local-ttl=60", "--local=//", "--local=/example/",
        ]

    def start(self):
        self.process = self.supervisor.spawn("dnsmasq", self._arguments())
        self.process.wait_for_log("started")

    def restart(self):
        """Take over records that were added after the start."""
        self.process.stop()
        self.supervisor.processes.remove(self.process)
        self.process.log.unlink()
        self.start()

    def queries(self):
        """The names asked so far, as dnsmasq logged them."""
        return [
            line.split("query[", 1)[1].split("]", 1)[1].split()[0]
            for line in self.process.log_text().splitlines()
            if "query[" in line
        ]
