#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every rule of docs/policy.md through `ucupdatesctl explain`, the boundary second on both sides.

test_explain.py UCUPDATESCTL. A row: what, policy (defaults, and what TOP names beside them), facts
(with None for one that is missing, and with the zone unless it is UTC), now, and what is expected:
action, reason_id, and where it matters the act of the prompt and the next moment.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

NIGHT, DAY = "2026-03-01T22:00:00Z", "2026-03-01T12:00:00Z"
PROMPT = {"style": "prompt"}
LATE = {"deadline_secs": {"medium": 86400}}
HARD = {"deadline_secs": {"medium": 86400}, "hard_deadline_secs": 172800}
FIRST_SEEN = {"first_seen": "2026-02-27T12:00:00Z"}  # one whole window is over 2026-02-28T06:00
SHOWN = {"prompt": "shown", "prompt_shown_secs": 60}
TOP = ("expires", "groups", "models", "pins", "test_devices")
CURRENT = {"progress": "current"}
TWO = {"windows": [{"start": "12:00", "end": "13:00"}, {"start": "22:00", "end": "23:00"}]}
SUNDAY = {"windows": [{"start": "20:00", "end": "06:00", "days": ["sun"]}]}
DATES = {"blocked_dates": ["2026-03-01/2026-03-02"]}
BERLIN = {"zone": "Europe/Berlin"}
CHANGE = {"windows": [{"start": "02:10", "end": "02:50"}]}  # the hour of the change
EXPIRES = {"expires": NIGHT}
SILENT = {"check_retry": "2026-03-01T22:00:30Z"}  # the service does not answer


def shown(secs, source=None):
    facts = {"prompt": "shown", "prompt_shown_secs": secs}
    return facts | ({"prompt_input_secs": source} if source is not None else {})


def rollout(**keys):
    return {"rollouts": [{"version": "1.1.0"} | keys]}


# name, policy, facts, now, action, reason_id[, prompt[, next]]
ROWS = [
    # looking
    ("look at the start", {}, CURRENT | {"last_check": None}, DAY, "check", "check"),
    ("look, a second early", {"poll_secs": 3600}, CURRENT | {"last_check": "2026-03-01T11:00:01Z"},
     DAY, "none", "update", "none", "2026-03-01T12:00:01Z"),
    ("look, due", {"poll_secs": 3600}, CURRENT | {"last_check": "2026-03-01T11:00:00Z"}, DAY,
     "check", "check"),
    ("look, the group's own time", {"groups": [{"name": "lab", "poll_secs": 60}]},
     CURRENT | {"group": "lab", "last_check": "2026-03-01T11:59:00Z"}, DAY, "check", "check"),
    ("look, not the group", {"groups": [{"name": "lab", "poll_secs": 60}]},
     CURRENT | {"last_check": "2026-03-01T11:59:00Z"}, DAY, "none", "update"),
    ("look, due in a call", {}, CURRENT | {"last_check": None, "use": "call"}, DAY, "wait", "use"),
    ("look, the call ends", {}, CURRENT | {"last_check": None, "free_secs": 0}, DAY, "check",
     "check"),
    ("look, again a second early", {}, CURRENT | {"last_check": None,
                                                  "check_retry": "2026-03-01T12:00:01Z"},
     DAY, "none", "update", "none", "2026-03-01T12:00:01Z"),
    ("look again", {}, CURRENT | {"last_check": None, "check_retry": DAY}, DAY, "check", "check"),
    # safety stops, before everything else but a call and unknown not even passed by force
    ("call", {}, {"use": "call"}, NIGHT, "wait", "use"),
    ("unknown", {}, {"use": "unknown"}, NIGHT, "wait", "use"),
    ("now in a call", {}, {"use": "call", "human_now": True}, NIGHT, "wait", "use"),
    ("force in a call", {}, {"use": "call", "human_now": True, "human_force": True}, NIGHT,
     "activate", "human"),
    ("battery low", {}, {"mains": False, "battery_percent": 49}, NIGHT, "wait", "power"),
    ("battery enough", {}, {"mains": False, "battery_percent": 50}, NIGHT, "activate", "idle"),
    ("battery unknown", {}, {"mains": False}, NIGHT, "wait", "power"),
    ("disk full", {}, {"progress": "available", "disk_free_bytes": 9, "disk_needed_bytes": 10}, DAY,
     "wait", "disk"),
    ("disk enough", {}, {"progress": "available", "disk_free_bytes": 10, "disk_needed_bytes": 10},
     DAY, "download", "update"),
    ("clock", {}, {"clock_synchronised": False}, NIGHT, "wait", "clock"),
    ("clock, now", {}, {"clock_synchronised": False, "human_now": True, "human_force": True},
     NIGHT, "wait", "clock"),
    ("clock, mandatory", {}, {"clock_synchronised": False, "first_update": True}, NIGHT, "wait",
     "clock"),
    ("policy, a second before it expires", {"expires": "2026-03-01T22:00:01Z"}, {}, NIGHT,
     "activate", "idle"),
    ("policy expires", EXPIRES, {"last_check": "2026-03-01T21:59:00Z"}, NIGHT, "check", "check"),
    ("policy expired, nobody answers", EXPIRES, SILENT, NIGHT, "wait", "policy"),
    ("policy expired, mandatory", EXPIRES, SILENT | {"first_update": True}, NIGHT, "wait",
     "policy"),
    ("policy expired, now", EXPIRES, SILENT | {"human_now": True, "human_force": True}, NIGHT,
     "wait", "policy"),
    ("download in a call", {}, {"progress": "available", "use": "call"}, DAY, "wait", "use"),
    ("staging in a call", {}, {"progress": "downloaded", "use": "call"}, DAY, "wait", "use"),
    ("mandatory in a call", {}, {"first_update": True, "use": "unknown"}, NIGHT, "wait", "use"),
    ("withdrawn", {}, {"withdrawn": True}, DAY, "revoke", "withdrawn"),
    ("withdrawn, not staged", {}, {"withdrawn": True, "progress": "available"}, DAY, "wait",
     "withdrawn"),
    ("blocked", {"blocked_versions": ["1.1.0"]}, {}, NIGHT, "wait", "blocked"),
    ("another is blocked", {"blocked_versions": ["1.1"]}, {}, NIGHT, "activate", "idle"),
    ("staged and halted", rollout(halted=True), {}, NIGHT, "wait", "halted"),
    ("halted", rollout(halted=True), {"human_now": True}, NIGHT, "wait", "halted"),
    ("other update", {}, {"other_update": True}, NIGHT, "wait", "other"),
    # a human's now
    ("now by day", {}, {"human_now": True, "idle_secs": 0}, DAY, "activate", "human"),
    # mandatory first update
    ("first", {}, {"first_update": True, "idle_secs": 0}, DAY, "activate", "first"),
    ("first, 59 s after a call", {}, {"first_update": True, "free_secs": 59}, DAY, "wait", "first",
     "none", "2026-03-01T12:00:01Z"),
    ("first, 60 s after", {}, {"first_update": True, "free_secs": 60}, DAY, "activate", "first"),
    ("first, in a call", {}, {"first_update": True, "use": "call"}, DAY, "wait", "use"),
    ("first, existing fleet", {"first_update": "normal"}, {"first_update": True}, DAY, "wait",
     "window"),
    ("second step", {}, {"second_step": True, "idle_secs": 0}, DAY, "activate", "first"),
    ("second step in a call", {}, {"second_step": True, "use": "call"}, DAY, "wait", "use"),
    # window, half-open, in the endpoint's zone
    ("before the window", {}, {}, "2026-03-01T19:59:59Z", "wait", "window", "none",
     "2026-03-01T20:00:00Z"),
    ("window opens", {}, {}, "2026-03-01T20:00:00Z", "activate", "idle"),
    ("window's last second", {}, {}, "2026-03-02T05:59:59Z", "activate", "idle"),
    ("window closes", {}, {}, "2026-03-02T06:00:00Z", "wait", "window", "none",
     "2026-03-02T20:00:00Z"),
    ("two windows, last second of one", TWO, {}, "2026-03-01T12:59:59Z", "activate", "idle"),
    ("two windows, between them", TWO, {}, "2026-03-01T13:00:00Z", "wait", "window", "none",
     "2026-03-01T22:00:00Z"),
    ("two windows, a second before the other", TWO, {}, "2026-03-01T21:59:59Z", "wait", "window"),
    ("two windows, the other opens", TWO, {}, "2026-03-01T22:00:00Z", "activate", "idle"),
    ("two windows, the other closes", TWO, {}, "2026-03-01T23:00:00Z", "wait", "window", "none",
     "2026-03-02T12:00:00Z"),
    ("no window", {"windows": []}, {}, NIGHT, "wait", "window"),
    ("weekday, a second early", SUNDAY, {}, "2026-03-01T19:59:59Z", "wait", "window"),
    ("weekday", SUNDAY, {}, "2026-03-01T20:00:00Z", "activate", "idle"),
    ("weekday, over midnight", SUNDAY, {}, "2026-03-02T05:59:59Z", "activate", "idle"),
    ("other weekday", SUNDAY, {}, "2026-03-02T20:00:00Z", "wait", "window"),
    ("that weekday again", SUNDAY, {}, "2026-03-08T20:00:00Z", "activate", "idle"),
    ("Berlin, a second early", {}, BERLIN, "2026-03-01T18:59:59Z", "wait", "window", "none",
     "2026-03-01T19:00:00Z"),
    ("Berlin opens", {}, BERLIN, "2026-03-01T19:00:00Z", "activate", "idle"),
    ("the missing hour, a second early", CHANGE, BERLIN, "2026-03-29T01:09:59Z", "wait", "window",
     "none", "2026-03-29T01:10:00Z"),
    ("the missing hour", CHANGE, BERLIN, "2026-03-29T01:10:00Z", "activate", "idle"),
    ("the missing hour, last second", CHANGE, BERLIN, "2026-03-29T01:49:59Z", "activate", "idle"),
    ("the missing hour is over", CHANGE, BERLIN, "2026-03-29T01:50:00Z", "wait", "window", "none",
     "2026-03-30T00:10:00Z"),
    ("the doubled hour, last second", CHANGE, BERLIN, "2026-10-25T00:49:59Z", "activate", "idle"),
    ("the doubled hour, second time", CHANGE, BERLIN, "2026-10-25T01:10:00Z", "wait", "window",
     "none", "2026-10-26T01:10:00Z"),
    # a zone that nobody told: mandatory, deadline and human only
    ("no zone", {}, {"zone": "unknown"}, NIGHT, "wait", "zone"),
    ("no zone, prompt", PROMPT, {"zone": "unknown", "restarted": True}, NIGHT, "wait", "zone",
     "none"),
    ("no zone, mandatory", {}, {"zone": "unknown", "first_update": True}, NIGHT, "activate",
     "first"),
    ("no zone, now", {}, {"zone": "unknown", "human_now": True}, NIGHT, "activate", "human"),
    ("no zone, before the deadline", LATE, {"zone": "unknown",
                                            "first_seen": "2026-02-28T12:00:01Z"},
     DAY, "wait", "zone", "none", "2026-03-01T12:00:01Z"),
    ("no zone, past the deadline", LATE, {"zone": "unknown", "first_seen": "2026-02-28T12:00:00Z"},
     DAY, "activate", "deadline"),
    ("blocked date", {"blocked_dates": ["2026-03-01"]}, {}, "2026-03-01T23:59:59Z", "wait", "date",
     "none", "2026-03-02T00:00:00Z"),
    ("the day after", {"blocked_dates": ["2026-03-01"]}, {}, "2026-03-02T00:00:00Z", "activate",
     "idle"),
    ("blocked dates, the last second", DATES, {}, "2026-03-02T23:59:59Z", "wait", "date", "none",
     "2026-03-03T00:00:00Z"),
    ("blocked dates are over", DATES, {}, "2026-03-03T00:00:00Z", "activate", "idle"),
    ("blocked, critical", {"blocked_dates": ["2026-03-01"]}, {"severity": "critical"}, NIGHT,
     "activate", "idle"),
    ("blocked, mandatory", {"blocked_dates": ["2026-03-01"]}, {"first_update": True}, NIGHT,
     "activate", "first"),
    ("blocked, past the deadline", LATE | {"blocked_dates": ["2026-03-01"]}, FIRST_SEEN, NIGHT,
     "wait", "date"),
    # fit
    ("fits", {}, {"duration_secs": 600}, "2026-03-02T05:50:00Z", "activate", "idle"),
    ("does not fit", {}, {"duration_secs": 600}, "2026-03-02T05:50:01Z", "wait", "fit", "none",
     "2026-03-02T20:00:00Z"),
    ("the room's sum", {}, {"duration_secs": 1, "room_duration_secs": 600}, "2026-03-02T05:50:01Z",
     "wait", "fit"),
    ("children first", {}, {"children_pending": True}, NIGHT, "wait", "children"),
    # idle style
    ("idle too short", {}, {"idle_secs": 299}, NIGHT, "wait", "idle", "none",
     "2026-03-01T22:00:01Z"),
    ("idle enough", {}, {"idle_secs": 300}, NIGHT, "activate", "idle"),
    ("written in place by day", {}, {"progress": "downloaded", "write_in_place": True}, DAY, "wait",
     "window"),
    ("staged by day", {}, {"progress": "downloaded"}, DAY, "stage", "update"),
    ("metered", {}, {"progress": "available", "metered": True}, DAY, "wait", "metered"),
    ("metered, allowed", {"metered": True}, {"progress": "available", "metered": True}, DAY,
     "download", "update"),
    # prompt style
    ("asked in the window", PROMPT, {"idle_secs": 0}, NIGHT, "wait", "prompt", "show",
     "2026-03-01T22:02:00Z"),
    ("not by day", PROMPT, {}, DAY, "wait", "window", "none", "2026-03-01T20:00:00Z"),
    ("counting", PROMPT, shown(119), NIGHT, "wait", "prompt", "keep", "2026-03-01T22:00:01Z"),
    ("not answered", PROMPT, shown(120), NIGHT, "activate", "prompt"),
    ("input is no answer", PROMPT, shown(200, 119), NIGHT, "wait", "prompt", "keep",
     "2026-03-01T22:00:01Z"),
    ("two minutes after input", PROMPT, shown(200, 120), NIGHT, "activate", "prompt"),
    ("answered with yes", PROMPT, {"prompt": "accepted"}, DAY, "activate", "prompt"),
    ("prompt fits", PROMPT, {"duration_secs": 480}, "2026-03-02T05:50:00Z", "wait", "prompt",
     "show"),
    ("prompt does not fit", PROMPT, {"duration_secs": 480}, "2026-03-02T05:50:01Z", "wait", "fit",
     "none"),
    ("none in a call", PROMPT, {"use": "call"}, NIGHT, "wait", "use", "none"),
    ("a call withdraws it", PROMPT, SHOWN | {"use": "call"}, NIGHT, "wait", "use", "withdraw"),
    ("back too early", PROMPT, {"free_secs": 299}, NIGHT, "wait", "prompt", "none",
     "2026-03-01T22:00:01Z"),
    ("back after five minutes", PROMPT, {"free_secs": 300}, NIGHT, "wait", "prompt", "show"),
    ("after a restart by day", PROMPT, {"restarted": True}, DAY, "wait", "prompt", "show"),
    ("off by day", PROMPT | {"restart_prompt": "off"}, {"restarted": True}, DAY, "wait", "window",
     "none"),
    ("by day, ask", PROMPT, shown(120), DAY, "wait", "window", "withdraw"),
    ("by day, start", PROMPT | {"restart_prompt": "start"}, shown(120), DAY, "activate", "prompt"),
    ("by day, start, a second early", PROMPT | {"restart_prompt": "start"}, shown(119), DAY, "wait",
     "prompt", "keep"),
    # NO
    ("NO inside", PROMPT, {"said_no": "2026-03-01T21:40:01Z"}, NIGHT, "wait", "snooze", "none",
     "2026-03-01T22:00:01Z"),
    ("20 minutes later", PROMPT, {"said_no": "2026-03-01T21:40:00Z"}, NIGHT, "wait", "prompt",
     "show"),
    ("NO near the end", PROMPT, {"said_no": "2026-03-02T05:45:00Z"}, "2026-03-02T05:59:00Z", "wait",
     "fit", "none", "2026-03-02T20:00:00Z"),
    ("NO just outside", PROMPT, {"said_no": "2026-03-01T19:50:00Z"}, "2026-03-01T20:09:59Z", "wait",
     "snooze", "none", "2026-03-01T20:10:00Z"),
    ("NO by day", PROMPT, {"said_no": DAY, "restarted": True}, "2026-03-01T13:00:00Z", "wait",
     "window", "none", "2026-03-01T20:00:00Z"),
    ("NO in idle style", {}, {"said_no": "2026-03-01T21:40:01Z"}, NIGHT, "wait", "snooze"),
    ("NO without a deadline", PROMPT, {"first_seen": "2025-01-01T00:00:00Z",
                                       "said_no": "2026-03-01T21:40:01Z"}, NIGHT, "wait", "snooze"),
    ("NO a day ahead", {}, {"said_no": "2026-03-02T22:00:00Z"}, NIGHT, "wait", "snooze"),
    ("NO of a wrong clock", {}, {"said_no": "2026-03-02T22:00:01Z"}, NIGHT, "activate", "idle"),
    ("the act failed just now", {}, {"retry": "2026-03-01T22:00:01Z"}, NIGHT, "wait", "retry",
     "none", "2026-03-01T22:00:01Z"),
    ("the act again", {}, {"retry": NIGHT}, NIGHT, "activate", "idle"),
    # deadlines
    ("of another severity", LATE, FIRST_SEEN | {"severity": "low"}, DAY, "wait", "window"),
    ("before the deadline", LATE, {"first_seen": "2026-02-28T12:00:01Z"}, DAY, "wait", "window",
     "none", "2026-03-01T12:00:01Z"),
    ("past it", LATE, {"first_seen": "2026-02-28T12:00:00Z"}, DAY, "activate", "deadline"),
    ("past it, idle 59 s", LATE, FIRST_SEEN | {"idle_secs": 59}, DAY, "wait", "idle", "none",
     "2026-03-01T12:00:01Z"),
    ("past it, idle 60 s", LATE, FIRST_SEEN | {"idle_secs": 60}, DAY, "activate", "deadline"),
    ("past it, NO", LATE, FIRST_SEEN | {"said_no": "2026-03-01T11:59:00Z"}, DAY, "activate",
     "deadline"),
    ("never before a full window", {"deadline_secs": {"medium": 3600}},
     {"first_seen": "2026-03-01T21:00:00Z"}, "2026-03-02T12:00:00Z", "wait", "window"),
    ("a second before a full window", {"deadline_secs": {"medium": 3600}},
     {"first_seen": "2026-03-01T21:00:00Z", "idle_secs": 60}, "2026-03-03T05:59:59Z", "wait",
     "idle", "none", "2026-03-03T06:00:00Z"),
    ("after a full window", {"deadline_secs": {"medium": 3600}},
     {"first_seen": "2026-03-01T21:00:00Z"}, "2026-03-03T06:00:00Z", "activate", "deadline"),
    ("a second before the hard one", HARD, FIRST_SEEN | {"idle_secs": 0}, "2026-03-01T11:59:59Z",
     "wait", "idle", "none", "2026-03-01T12:00:00Z"),
    ("past the hard one", HARD, FIRST_SEEN | {"idle_secs": 0}, DAY, "wait", "hard", "show",
     "2026-03-01T12:02:00Z"),
    ("hard, input does not help", HARD, FIRST_SEEN | shown(120, 0) | {"idle_secs": 0},
     "2026-03-01T12:02:00Z", "activate", "hard"),
    ("hard, a second early", HARD, FIRST_SEEN | shown(200, 0) | {"idle_secs": 0},
     "2026-03-01T12:01:59Z", "wait", "hard", "keep", "2026-03-01T12:02:00Z"),
    ("hard, in a call", HARD, FIRST_SEEN | {"use": "call"}, DAY, "wait", "use"),
    # the policy of the last hour
    ("an hour old", {}, {"last_check": "2026-03-01T21:00:00Z"}, NIGHT, "activate", "idle"),
    ("older", {}, {"last_check": "2026-03-01T20:59:59Z"}, NIGHT, "check", "fresh"),
    ("older, nobody answers", {}, {"last_check": "2026-03-01T20:59:59Z",
                                   "check_retry": "2026-03-01T22:00:30Z"}, NIGHT, "activate",
     "idle"),
    # rollout
    ("rollout to nobody", rollout(percent=0), {}, NIGHT, "wait", "rollout"),
    ("rollout to all", rollout(start="2026-03-01T22:00:00Z"), {}, NIGHT, "activate", "idle"),
    ("rollout a second early", rollout(start="2026-03-01T22:00:01Z"), {}, NIGHT, "wait", "rollout",
     "none", "2026-03-01T22:00:01Z"),
    # shutdown
    ("shutdown", {}, {"shutdown": True, "idle_secs": 0}, DAY, "activate", "shutdown"),
    ("shutdown, not allowed", {"apply_on_shutdown": False}, {"shutdown": True}, NIGHT, "wait",
     "shutdown"),
    ("shutdown, halted", rollout(halted=True), {"shutdown": True}, NIGHT, "wait", "shutdown"),
    ("shutdown, expired", EXPIRES, SILENT | {"shutdown": True}, NIGHT, "wait", "shutdown"),
    ("shutdown, after NO", {}, {"shutdown": True, "said_no": "2026-03-01T21:59:00Z"}, NIGHT, "wait",
     "shutdown"),
    ("shutdown in a call", {}, {"shutdown": True, "use": "call"}, DAY, "wait", "use"),
    ("shutdown, withdrawn", {}, {"shutdown": True, "withdrawn": True}, DAY, "revoke", "withdrawn"),
    # sources
    ("no call source", {}, {"call_source": False}, NIGHT, "wait", "sources"),
    ("no activity source", {}, {"activity_source": False}, NIGHT, "wait", "sources"),
    ("no source, now", {}, {"call_source": False, "human_now": True}, NIGHT, "activate", "human"),
    # the restart
    ("restart", {}, {"progress": "activated", "restart_by_agent": True}, NIGHT, "restart", "idle"),
    ("a call holds it", {}, {"progress": "activated", "restart_by_agent": True, "use": "call"},
     NIGHT, "wait", "use"),
    ("failed before", {}, {"failed_before": True}, NIGHT, "wait", "failed"),
]

# name, policy, offers (or a pair with pending), running, facts; version, action, reason_id
OFFERS = [
    ("the newest approved", {}, ["1.0.0", "1.2.0", "1.1.0"], "1.0.0", {}, "1.2.0", "download",
     "update"),
    ("nothing newer", {}, ["1.0.0", "1.1.0"], "1.1.0", {}, None, "none", "update"),
    ("exactly this", {"use_version": "1.1.0"}, ["1.1.0", "1.2.0"], "1.0.0", {}, "1.1.0", "download",
     "update"),
    ("exactly this, an older one", {"use_version": "1.1.0"}, ["1.1.0", "1.2.0"], "1.2.0", {},
     "1.1.0", "download", "update"),
    ("exactly this, it runs", {"use_version": "1.1.0"}, ["1.1.0", "1.2.0"], "1.1.0", {}, None,
     "none", "update"),
    ("exactly this, missing", {"use_version": "1.3.0"}, ["1.1.0"], "1.0.0", {}, None, "none",
     "update"),
    ("this and newer", {"use_version": "1.1.0", "or_newer": True}, ["1.1.0", "1.2.0"], "1.0.0", {},
     "1.2.0", "download", "update"),
    ("this and newer, satisfied", {"use_version": "1.1.0", "or_newer": True}, ["1.1.0"], "1.3.0",
     {}, None, "none", "update"),
    ("inactive until set", {"or_newer": True}, ["1.1.0"], "1.0.0", {}, "1.1.0", "download",
     "update"),
    ("pending is not for all", {}, ["1.1.0", ("1.2.0", True)], "1.0.0", {}, "1.1.0", "download",
     "update"),
    ("pending for a test device, before a model's pin",
     {"use_version": "1.1.0", "test_devices": ["codec"]}, ["1.1.0", ("1.2.0", True)], "1.0.0", {},
     "1.2.0", "download", "update"),
    ("a device's pin before all",
     {"test_devices": ["codec"], "pins": [{"endpoint": "codec", "version": "0.9.0"}]},
     ["0.9.0", "1.1.0", ("1.2.0", True)], "1.0.0", {}, "0.9.0", "download", "update"),
    ("staged, newer approved", {}, ["1.1.0", "1.2.0"], "1.0.0", {"progress": "staged"}, "1.2.0",
     "download", "update"),
    ("staged, and not chosen any more", {"use_version": "1.0.0"}, ["1.0.0", "1.1.0"], "1.0.0",
     {"progress": "staged"}, "1.1.0", "revoke", "withdrawn"),
    ("staged and halted, no older one", rollout(halted=True), ["1.0.5", "1.1.0"], "1.0.0",
     {"progress": "staged"}, "1.1.0", "wait", "halted"),
    ("on offer and halted, an older one", rollout(halted=True), ["1.0.5", "1.1.0"], "1.0.0", {},
     "1.0.5", "download", "update"),
    ("a human's word stays", {}, ["1.1.0", "1.2.0"], "1.0.0",
     {"progress": "staged", "human_now": True}, "1.1.0", "activate", "human"),
]

# in all of them nothing happens; the last: what the reason says
REPORTS = [
    ("never idle for 7 days", {"progress": "staged", "idle_secs": 0,
                               "first_seen": "2026-02-01T00:00:00Z",
                               "last_idle": "2026-02-22T12:00:00Z"}, ["never-idle"], ""),
    ("never idle, a second less", {"idle_secs": 0, "last_idle": "2026-02-22T12:00:01Z"}, [], ""),
    ("a source busy for 24 hours", {"use": "call", "busy_secs": 86400,
                                    "use_reason": "call (phone): board"},
     ["source-busy"], "call (phone): board"),
    ("busy, a second less", {"use": "call", "busy_secs": 86399}, [], ""),
    ("unknown for 24 hours", {"use": "unknown", "busy_secs": 86400,
                              "use_reason": "the source org.example.Phone does not answer"},
     ["source-busy"], "org.example.Phone"),
    ("mandatory in a call of 24 hours", {"use": "call", "busy_secs": 86400, "first_update": True,
                                         "use_reason": "call (phone): board"},
     ["mandatory-in-call", "source-busy"], "call (phone): board"),
    ("mandatory in a call, a second less", {"use": "call", "busy_secs": 86399,
                                            "first_update": True}, [], ""),
    ("no source of calls", {"call_source": False}, ["no-source"], "no source of calls"),
    ("no source of activity", {"activity_source": False}, ["no-source"],
     "no source of activity is configured, or the one that is cannot tell"),
    ("no zone", {"zone": "unknown"}, ["no-zone"], "the time zone is not known"),
    ("never fits", {"duration_secs": 36001}, ["never-fits"], ""),
    ("fits to the second", {"duration_secs": 36000}, [], ""),
]


class Program:
    def __init__(self, program, directory):
        self.program = program
        self.policy = pathlib.Path(directory, "policy.json")
        self.facts = pathlib.Path(directory, "facts.json")

    def explain(self, policy, facts, now, *options):
        base = {"use": "none", "idle_secs": 900, "progress": "staged", "version": "1.1.0",
                "check_retry": "2026-03-01T00:00:00Z", "last_check": now}
        known = {name: value for name, value in (base | facts).items() if value is not None}
        zone = known.pop("zone", "UTC")
        top = {name: policy[name] for name in TOP if name in policy}
        defaults = {name: value for name, value in policy.items() if name not in TOP}
        self.policy.write_text(json.dumps(top | {"defaults": defaults}), encoding="utf-8")
        self.facts.write_text(json.dumps(known), encoding="utf-8")
        return subprocess.run(
            [self.program, "explain", f"--policy={self.policy}", f"--facts={self.facts}",
             f"--now={now}", f"--zone={zone}", "--json", *options],
            capture_output=True, text=True, timeout=30)


def check_row(program, row):
    name, policy, facts, now, action, reason, *rest = row
    run = program.explain(policy, facts, now)
    found = json.loads(run.stdout)
    have = [found["action"], found["reason_id"], found["prompt"]["act"], found["next"]]
    want = [action, reason, *rest]
    return have[:len(want)] == want, f"{name}: {have}, expected {want}"


def check_offers(program, row):
    name, policy, offers, running, facts, version, action, reason = row
    offers = [offer if isinstance(offer, tuple) else (offer, False) for offer in offers]
    offers = [{"version": offer, "pending": pending} for offer, pending in offers]
    facts = {"endpoint": "codec", "progress": "current", "running": running, "offers": offers,
             "version": "1.1.0" if facts else None} | facts
    found = json.loads(program.explain(policy, facts, DAY).stdout)
    have = [found.get("version_new"), found["action"], found["reason_id"], found["version"]]
    missing = policy.get("use_version") if "missing" in name else None
    good = have == [version, action, reason, running] and found.get("version_missing") == missing
    return good, f"offers, {name}: {have}, missing {found.get('version_missing')}"


def check_reports(program, row):
    name, facts, want, text = row
    found = json.loads(program.explain({}, facts, DAY).stdout)
    good = found["reports"] == want and found["action"] == "wait" and text in found["reason"]
    return good, f"report {name}: {found['reports']}, {found['action']}: {found['reason']}"


def check_words(program):
    """What belongs to an act: a notice without buttons, a prompt with or without NO, a record."""
    have = []
    for policy, facts in (({}, {"first_update": True}), ({}, {}), (PROMPT, {}),
                          (PROMPT | LATE, FIRST_SEEN | {"idle_secs": 0}),
                          (HARD, FIRST_SEEN | {"idle_secs": 0}),
                          ({}, {"use": "call", "human_now": True, "human_force": True})):
        found = json.loads(program.explain(policy, facts, NIGHT).stdout)
        have.append((found["notice"], found["prompt"]["act"], found["prompt"]["can_refuse"],
                     found["reports"]))
    want = [(True, "none"), (False, "none"), (False, "show", True), (False, "show", False),
            (False, "show", False), (False, "none")]
    good = [entry[:len(wanted)] for entry, wanted in zip(have, want)] == want
    return good and have[-1][-1] == ["forced"], f"words: {have}"


def check_timeline(program):
    facts = {"progress": "available", "restart_by_agent": True}
    run = program.explain(PROMPT, facts, DAY, "--for=1d")
    steps = [(step["at"][11:19], step["action"], step["prompt"]["act"])
             for step in json.loads(run.stdout)["timeline"]][:8]
    want = [("12:00:00", "download", "none"), ("12:00:00", "stage", "none"),
            ("12:00:00", "wait", "none"), ("20:00:00", "wait", "show"),
            ("20:02:00", "check", "keep"), ("20:02:00", "activate", "none"),
            ("20:02:00", "restart", "none"), ("20:02:00", "none", "none")]
    return steps == want, f"timeline: {steps}"


def decide(program, endpoint, now, facts):
    found = json.loads(program.explain({}, facts | {"endpoint": endpoint}, now).stdout)
    return found["action"], found["reason_id"], found["next"]


def check_own_moment(program, name, facts, now, before, after, span):
    """Each endpoint has a moment of its own within the span, to the second, and keeps it."""
    moments = set()
    for endpoint in ("codec", "phone", "panel"):
        action, reason, moment = decide(program, endpoint, now, facts)
        at = datetime.datetime.fromisoformat(moment)
        early = (at - datetime.timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
        good = ((action, reason) == before and span[0] <= moment <= span[1]
                and decide(program, endpoint, early, facts) == (*before, moment)
                and decide(program, endpoint, moment, facts)[:2] == after)
        if not good:
            return False, f"{name}: {endpoint}: {action} ({reason}), next {moment}"
        moments.add(moment)
    return len(moments) == 3, f"{name}: {sorted(moments)}"


def check_spread(program):
    return check_own_moment(
        program, "spread", {}, "2026-03-01T20:00:00Z", ("wait", "spread"), ("activate", "idle"),
        ("2026-03-01T20:00:01Z", "2026-03-01T21:00:00Z"))


def check_look(program):
    """Every 24 hours, a tenth earlier at most."""
    return check_own_moment(
        program, "look", {"progress": "current", "last_check": "2026-03-01T12:00:00Z"},
        "2026-03-01T12:00:00Z", ("none", "update"), ("check", "check"),
        ("2026-03-02T09:36:00Z", "2026-03-02T12:00:00Z"))


def check_deadlines(program):
    """Whether they are over, when they are, or that there is none."""
    have = []
    for policy, now in (({}, DAY), (HARD, "2026-03-01T11:59:59Z"), (HARD, "2026-03-02T12:00:00Z")):
        facts = {"first_seen": "2026-02-28T12:00:00Z"}
        found = json.loads(program.explain(policy, facts, now).stdout)["conditions"]
        have += [entry["text"] for entry in found if entry["id"] in ("hard", "deadline")]
    want = ["there is no hard deadline", "there is no deadline",
            "the hard deadline is 2026-03-02 12:00 +00:00",
            "the deadline is 2026-03-01 12:00 +00:00",
            "the hard deadline 2026-03-02 12:00 +00:00 is over",
            "the deadline 2026-03-01 12:00 +00:00 is over"]
    return have == want, f"deadlines: {have}"


def check_usage(program):
    codes = [program.explain({}, {}, DAY, f"--for={text}").returncode
             for text in ("367d", "1w", "", "-1d", "7d")]
    return codes == [2, 2, 2, 2, 0], f"--for: {codes}"


def main():
    with tempfile.TemporaryDirectory() as directory:
        program = Program(sys.argv[1], directory)
        results = [check_row(program, row) for row in ROWS]
        results += [check_offers(program, row) for row in OFFERS]
        results += [check_reports(program, row) for row in REPORTS]
        results += [check_timeline(program), check_spread(program), check_look(program),
                    check_words(program), check_deadlines(program), check_usage(program)]
    print(f"1..{len(results)}")
    for number, (good, text) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} {text.split(':')[0]}")
        if not good:
            print(f"# {text}")
    return any(not good for good, _ in results)


if __name__ == "__main__":
    sys.exit(main())
