# SPDX-License-Identifier: LGPL-2.1-or-later
"""The steps of an update on the lab, in the words of those who take them."""

import datetime

import gi

gi.require_version("GLib", "2.0")
from gi.repository import GLib  # noqa: E402  # pylint: disable=wrong-import-position

from .agent import NAME
from .process import LabError

PATH = "/org/ucupdates/Agent"
INTERFACE = "org.ucupdates.Agent1"
HOUR = 18


def afternoon_zone():
    """A zone where it is between 18:00 and 19:00 now, without daylight saving."""
    ahead = (datetime.datetime.now(datetime.timezone.utc).hour - HOUR) % 24
    return f"Etc/GMT{ahead - 24 if ahead > 12 else ahead:+d}"


class Steps:
    """What administrators, people in the room and the clock do, and what is seen of it."""

    def __init__(self, lab):
        self.lab, self.agent, self.mirror = lab, lab.agent, lab.mirror

    # the administrator

    def offer(self, version, endpoint=None, **package):
        """Import, approve and publish a package; its id."""
        endpoint = endpoint or self.lab.endpoint
        self.mirror.do("import", endpoint.make_package(version, levels=["2"], **package))
        entry = next(entry for entry in self.mirror.json("list")["packages"]
                     if entry["version"] == version and entry["state"] == "pending")
        self.mirror.do("approve", entry["id"])
        self.mirror.do("publish")
        return entry["id"]

    def rules(self, *lines):
        self.mirror.write_rules("\n".join(["[Policy]", *lines, ""]), "60-test.conf")
        self.mirror.do("publish")

    def use_version(self, version, *options):
        endpoint = self.lab.endpoint
        self.mirror.do("use-version", f"{endpoint.vendor}/{endpoint.model}", version, *options)
        self.mirror.do("publish")

    def inventory(self, endpoint=None):
        """What the organisation knows of an endpoint; empty for one that it never heard of."""
        model = (endpoint or self.lab.endpoint).model
        return next((entry for entry in self.mirror.json("endpoints")["endpoints"]
                     if entry["model"] == model), {})

    # the endpoint

    def device(self, endpoint=None):
        return self.lab.fwupd.devices()[(endpoint or self.lab.endpoint).name]

    def is_staged(self, endpoint=None):
        return "needs-activation" in self.device(endpoint)["Flags"]

    def endpoint(self, endpoint_id="codec"):
        """Its part of the status; empty while the agent knows no device."""
        return next((entry for entry in self.agent.json("status")["endpoints"]
                     if entry["id"] == endpoint_id), {})

    def facts(self, endpoint_id="codec"):
        return self.agent.json("explain", endpoint_id)["endpoints"][0]["facts"]

    def events(self, endpoint_id="codec"):
        """(event, new version), the newest first."""
        return [(entry["event"], entry.get("version_new"))
                for entry in self.agent.json("history")["entries"]
                if entry["endpoint"] == endpoint_id]

    def check(self):
        result = self.agent.ctl("check")
        if result.returncode != 0:
            raise LabError(f"ucupdatesctl check: {result.stderr}")

    def wait_for_event(self, event, version, endpoint_id="codec", deadline_secs=60):
        self.agent.wait_for(lambda: (event, version) in self.events(endpoint_id), deadline_secs,
                            f"{event} {version} of {endpoint_id}")

    def wait_for_reason(self, reason_id, endpoint_id="codec", deadline_secs=30):
        self.agent.wait_for(lambda: self.endpoint(endpoint_id).get("reason_id") == reason_id,
                            deadline_secs, f"the reason {reason_id}")

    def stage(self, version):
        self.check()
        self.wait_for_event("staged", version)

    # the people in the room

    def method(self, name, *arguments):
        return self.lab.bus.call(NAME, PATH, f"{INTERFACE}.{name}", *arguments)

    def prompt(self):
        """What is on the display; empty for nothing."""
        result = self.lab.bus.call(NAME, PATH, "org.freedesktop.DBus.Properties.Get", INTERFACE,
                                   "Prompt")
        return GLib.Variant.parse(GLib.VariantType("(v)"), result.stdout, None, None).unpack()[0]

    def wait_for_prompt(self, shown=True, deadline_secs=30):
        self.agent.wait_for(lambda: bool(self.prompt()) == shown, deadline_secs,
                            "the prompt" if shown else "the end of the prompt")
        return self.prompt()

    def answer(self, accept):
        result = self.method("AnswerPrompt", str(accept).lower())
        if result.returncode != 0:
            raise LabError(f"AnswerPrompt: {result.stderr}")

    def begin_call(self, why="a call to Berlin"):
        held = self.agent.hold(600, why)
        self.agent.wait_for(lambda: self.agent.json("status")["use"] == "call", 10, why)
        return held

    def end_call(self, held):
        """The application dies, which ends its call as well."""
        held.kill()
        self.lab.supervisor.processes.remove(held)
        self.agent.wait_for(lambda: self.agent.json("status")["use"] == "none", 10, "no call")

    # the clock

    def local_time(self):
        """The agent's time of day, as the lab's zone (Agent.zone) has it."""
        name = self.agent.zone.removeprefix("Etc/GMT")
        zone = datetime.timezone(datetime.timedelta(hours=-int(name)))
        return datetime.datetime.now(zone) + datetime.timedelta(seconds=self.agent.ahead_secs)

    def pass_until(self, hour, minute=0):
        """Let time pass until that time of day comes next."""
        now = self.local_time()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if then <= now:
            then += datetime.timedelta(days=1)
        self.pass_time(int((then - now).total_seconds()) + 1)

    def pass_until_next(self, endpoint_id="codec"):
        """Let time pass until the moment that the explanation names as the next one."""
        text = self.agent.json("explain", endpoint_id)["endpoints"][0]["next"]
        then = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        self.pass_time(max(1, int((then - self.local_time()).total_seconds()) + 1))
        return then

    def pass_time(self, seconds):
        result = self.agent.pass_time(seconds)
        if result.returncode != 0:
            raise LabError(f"ucupdatesctl check: {result.stderr}")
