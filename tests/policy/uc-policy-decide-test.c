/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-policy-decide.h"
#include "uc-zone-load.h"

static gint64
at(const gchar *text)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

	g_assert_nonnull(time);
	return g_date_time_to_unix(time);
}

typedef struct {
	const gchar *name;
	const gchar *now;
	UcUse use;
	gint64 idle_secs;
	UcProgress progress;
	gboolean human_now;
	gboolean human_force;
	gboolean failed_before;
	gboolean restart_by_agent;
	gint64 checked_ago_secs; /* -1: never */
	UcAction action;
	const gchar *reason_id;
	const gchar *next; /* (nullable): never */
} Row;

/* the default policy: 20:00 to 06:00, 300 s, once a day; the last check was at 12:00 */
#define CHECKED 3600
static const Row rows[] = {
    /* safety stops */
    {"a call stops an activation",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"unknown stops it too",
     "2026-03-01T22:00:00Z",
     UC_USE_UNKNOWN,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"a human's now does not pass a call",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     900,
     UC_PROGRESS_STAGED,
     TRUE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"force alone does not either",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     TRUE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"now with force does",
     "2026-03-01T12:00:00Z",
     UC_USE_CALL,
     0,
     UC_PROGRESS_STAGED,
     TRUE,
     TRUE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_ACTIVATE,
     "human",
     "2026-03-02T11:00:00Z"},
    {"no download in a call",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     900,
     UC_PROGRESS_AVAILABLE,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"no staging in a call",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     900,
     UC_PROGRESS_DOWNLOADED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"no look in a call",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     900,
     UC_PROGRESS_CURRENT,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     -1,
     UC_ACTION_WAIT,
     "use",
     NULL},
    {"a call holds the restart",
     "2026-03-01T22:00:00Z",
     UC_USE_CALL,
     0,
     UC_PROGRESS_ACTIVATED,
     FALSE,
     FALSE,
     FALSE,
     TRUE,
     CHECKED,
     UC_ACTION_WAIT,
     "use",
     NULL},
    /* looking */
    {"never looked",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     -1,
     UC_ACTION_CHECK,
     "check",
     NULL},
    {"a second before it is due",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_CURRENT,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     86399,
     UC_ACTION_NONE,
     "update",
     "2026-03-01T12:00:01Z"},
    {"due",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_CURRENT,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     86400,
     UC_ACTION_CHECK,
     "check",
     NULL},
    {"looked in the future: the clock was wrong",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_CURRENT,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     -500,
     UC_ACTION_CHECK,
     "check",
     NULL},
    {"current in a call has nothing to wait for",
     "2026-03-01T12:00:00Z",
     UC_USE_CALL,
     0,
     UC_PROGRESS_CURRENT,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_NONE,
     "update",
     "2026-03-02T11:00:00Z"},
    /* early */
    {"downloads by day",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_AVAILABLE,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_DOWNLOAD,
     "update",
     "2026-03-02T11:00:00Z"},
    {"stages by day",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_DOWNLOADED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_STAGE,
     "update",
     "2026-03-02T11:00:00Z"},
    {"not what failed before",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_AVAILABLE,
     FALSE,
     FALSE,
     TRUE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "failed",
     "2026-03-02T11:00:00Z"},
    {"unless a human says so",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_AVAILABLE,
     TRUE,
     FALSE,
     TRUE,
     FALSE,
     CHECKED,
     UC_ACTION_DOWNLOAD,
     "human",
     "2026-03-02T11:00:00Z"},
    /* window and idle */
    {"a second before the window",
     "2026-03-01T19:59:59Z",
     UC_USE_NONE,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "window",
     "2026-03-01T20:00:00Z"},
    {"the window opens",
     "2026-03-01T20:00:00Z",
     UC_USE_NONE,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_ACTIVATE,
     "idle",
     "2026-03-02T19:00:00Z"},
    {"its last second",
     "2026-03-02T05:59:59Z",
     UC_USE_NONE,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_ACTIVATE,
     "idle",
     "2026-03-03T04:59:59Z"},
    {"the window closes",
     "2026-03-02T06:00:00Z",
     UC_USE_NONE,
     900,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "window",
     "2026-03-02T20:00:00Z"},
    {"a second too little idleness",
     "2026-03-01T22:00:00Z",
     UC_USE_NONE,
     299,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "idle",
     "2026-03-01T22:00:01Z"},
    {"idle enough",
     "2026-03-01T22:00:00Z",
     UC_USE_NONE,
     300,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_ACTIVATE,
     "idle",
     "2026-03-02T21:00:00Z"},
    {"idle only after the window",
     "2026-03-02T05:59:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "idle",
     "2026-03-02T20:00:00Z"},
    {"idleness not known",
     "2026-03-01T22:00:00Z",
     UC_USE_NONE,
     -1,
     UC_PROGRESS_STAGED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "idle",
     "2026-03-02T21:00:00Z"},
    {"a human's now needs neither",
     "2026-03-01T12:00:00Z",
     UC_USE_NONE,
     0,
     UC_PROGRESS_STAGED,
     TRUE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_ACTIVATE,
     "human",
     "2026-03-02T11:00:00Z"},
    /* restart */
    {"somebody else restarts",
     "2026-03-01T22:00:00Z",
     UC_USE_NONE,
     900,
     UC_PROGRESS_ACTIVATED,
     FALSE,
     FALSE,
     FALSE,
     FALSE,
     CHECKED,
     UC_ACTION_WAIT,
     "restart",
     "2026-03-02T21:00:00Z"},
    {"the agent restarts",
     "2026-03-01T22:00:00Z",
     UC_USE_NONE,
     300,
     UC_PROGRESS_ACTIVATED,
     FALSE,
     FALSE,
     FALSE,
     TRUE,
     CHECKED,
     UC_ACTION_RESTART,
     "idle",
     "2026-03-02T21:00:00Z"},
    {"not with somebody here",
     "2026-03-01T22:00:00Z",
     UC_USE_NONE,
     299,
     UC_PROGRESS_ACTIVATED,
     FALSE,
     FALSE,
     FALSE,
     TRUE,
     CHECKED,
     UC_ACTION_WAIT,
     "idle",
     "2026-03-01T22:00:01Z"},
};

static void
test_rows(void)
{
	g_autoptr(UcZone) zone = uc_zone_load("UTC", NULL);
	g_autoptr(UcPolicy) policy = uc_policy_new();

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const Row *row = &rows[i];
		g_autoptr(UcFacts) facts = uc_facts_new();
		g_autoptr(UcDecision) decision = NULL;
		gint64 now = at(row->now);

		g_test_message("%s", row->name);
		facts->use = row->use;
		facts->idle_secs = row->idle_secs;
		facts->progress = row->progress;
		facts->human_now = row->human_now;
		facts->human_force = row->human_force;
		facts->failed_before = row->failed_before;
		facts->restart_by_agent = row->restart_by_agent;
		facts->last_check_secs = row->checked_ago_secs == -1 ? 0
								     : now - row->checked_ago_secs;
		decision = uc_policy_decide(policy, facts, now, zone);
		g_assert_cmpstr(uc_action_to_string(decision->action),
				==,
				uc_action_to_string(row->action));
		g_assert_cmpstr(decision->reason_id, ==, row->reason_id);
		g_assert_cmpint(decision->next_secs, ==, row->next != NULL ? at(row->next) : -1);
		g_assert_cmpint(strlen(decision->reason), >, 0);
		g_assert_cmpint(decision->conditions->len, >=, 6);
	}
}

static void
test_no_window(void)
{
	g_autoptr(UcZone) zone = uc_zone_load("UTC", NULL);
	g_autoptr(UcPolicy) policy = uc_policy_new();
	g_autoptr(UcFacts) facts = uc_facts_new();
	g_autoptr(UcDecision) decision = NULL;

	g_array_set_size(policy->windows, 0);
	facts->use = UC_USE_NONE;
	facts->idle_secs = 100000;
	facts->progress = UC_PROGRESS_STAGED;
	facts->last_check_secs = at("2026-03-01T12:00:00Z");
	decision = uc_policy_decide(policy, facts, at("2026-03-01T22:00:00Z"), zone);
	g_assert_cmpint(decision->action, ==, UC_ACTION_WAIT);
	g_assert_cmpstr(decision->reason_id, ==, "window");
	g_assert_cmpint(decision->next_secs, ==, at("2026-03-02T12:00:00Z"));
}

static void
test_expired(void)
{
	static const UcProgress progresses[] = {UC_PROGRESS_AVAILABLE,
						UC_PROGRESS_DOWNLOADED,
						UC_PROGRESS_STAGED};
	g_autoptr(UcZone) zone = uc_zone_load("UTC", NULL);
	g_autoptr(UcPolicy) policy = uc_policy_new();

	policy->expires_secs = at("2026-03-01T22:00:00Z");
	for (guint i = 0; i < G_N_ELEMENTS(progresses); i++) {
		g_autoptr(UcFacts) facts = uc_facts_new();
		g_autoptr(UcDecision) before = NULL;
		g_autoptr(UcDecision) after = NULL;
		g_autoptr(UcDecision) fetch = NULL;

		facts->use = UC_USE_NONE;
		facts->idle_secs = 900;
		facts->progress = progresses[i];
		facts->last_check_secs = policy->expires_secs - 60;
		fetch = uc_policy_decide(policy, facts, policy->expires_secs, zone);
		g_assert_cmpint(fetch->action, ==, UC_ACTION_CHECK);
		facts->check_retry_secs = policy->expires_secs + 30; /* nobody answers */
		after = uc_policy_decide(policy, facts, policy->expires_secs, zone);
		g_assert_cmpint(after->action, ==, UC_ACTION_WAIT);
		g_assert_cmpstr(after->reason_id, ==, "policy");
		facts->check_retry_secs = 0;
		before = uc_policy_decide(policy, facts, policy->expires_secs - 1, zone);
		g_assert_cmpint(before->action, !=, UC_ACTION_WAIT);
		g_assert_cmpint(before->next_secs, ==, policy->expires_secs);
	}
}

static void
test_retry(void)
{
	g_autoptr(UcZone) zone = uc_zone_load("UTC", NULL);
	g_autoptr(UcPolicy) policy = uc_policy_new();
	g_autoptr(UcFacts) facts = uc_facts_new();
	g_autoptr(UcDecision) early = NULL;
	g_autoptr(UcDecision) due = NULL;
	g_autoptr(UcDecision) offline = NULL;
	gint64 now = at("2026-03-01T22:00:00Z");

	facts->use = UC_USE_NONE;
	facts->idle_secs = 900;
	facts->progress = UC_PROGRESS_STAGED;
	facts->last_check_secs = now - 60;
	facts->retry_secs = now + 1;
	early = uc_policy_decide(policy, facts, now, zone);
	g_assert_cmpstr(early->reason_id, ==, "retry");
	g_assert_cmpint(early->next_secs, ==, now + 1);
	due = uc_policy_decide(policy, facts, now + 1, zone);
	g_assert_cmpint(due->action, ==, UC_ACTION_ACTIVATE);
	/* a service that cannot be reached holds nothing up */
	facts->retry_secs = 0;
	facts->last_check_secs = 0;
	facts->check_retry_secs = now + 30;
	offline = uc_policy_decide(policy, facts, now, zone);
	g_assert_cmpint(offline->action, ==, UC_ACTION_ACTIVATE);
	g_assert_cmpint(offline->next_secs, ==, now + 30);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/policy-decide/rows", test_rows);
	g_test_add_func("/policy-decide/no-window", test_no_window);
	g_test_add_func("/policy-decide/expired", test_expired);
	g_test_add_func("/policy-decide/retry", test_retry);
	return g_test_run();
}
