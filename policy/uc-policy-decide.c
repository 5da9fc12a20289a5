/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * May it happen now? One pure function (DESIGN.md, decision 8): no I/O, no clock, the same answer
 * for the same input. First every condition is worked out, then the first rule that matches
 * decides, in the order of docs/policy.md: safety stops, a human's "now", then window and idle.
 */

#include <glib/gi18n-lib.h>

#include "uc-policy-decide.h"

/* what the rules look at */
typedef struct {
	const UcPolicy *policy;
	const UcFacts *facts;
	gint64 now_secs;
	GTimeZone *zone;
	gint64 check_secs;     /* when the service is to be asked next */
	gint64 idle_wait_secs; /* so much idleness is missing; -1 when it cannot be told */
	gboolean free;
	gboolean valid;
	gboolean in_window;
	gboolean idle;
	gboolean ready; /* not waiting after a failure */
	UcDecision *decision;
} UcPolicyCase;

static gchar *
uc_policy_local_time(gint64 secs, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(secs);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;

	return local != NULL ? g_date_time_format(local, "%F %R %Z") : g_strdup("?");
}

static UcConditionState
uc_policy_state(gboolean met)
{
	return met ? UC_CONDITION_MET : UC_CONDITION_NOT_MET;
}

static void
uc_policy_judge_use(UcPolicyCase *c)
{
	const gchar *why = c->facts->use_reason;

	c->free = c->facts->use == UC_USE_NONE;
	if (c->free)
		uc_decision_add(c->decision,
				"use",
				UC_CONDITION_MET,
				g_strdup(_("the room is not in use")));
	else if (c->facts->use == UC_USE_CALL)
		uc_decision_add(
		    c->decision,
		    "use",
		    UC_CONDITION_NOT_MET,
		    g_strdup_printf(_("the room is in use: %s"), why != NULL ? why : _("a call")));
	else
		uc_decision_add(c->decision,
				"use",
				UC_CONDITION_UNKNOWN,
				g_strdup_printf(_("it is not known whether the room is in use: %s"),
						why != NULL ? why : _("no source answers")));
}

static void
uc_policy_judge_policy(UcPolicyCase *c)
{
	gint64 expires_secs = c->policy->expires_secs;
	g_autofree gchar *when = NULL;

	c->valid = expires_secs == 0 || c->now_secs < expires_secs;
	if (expires_secs == 0) {
		uc_decision_add(c->decision,
				"policy",
				UC_CONDITION_MET,
				g_strdup(_("the policy has no expiry")));
		return;
	}
	when = uc_policy_local_time(expires_secs, c->zone);
	uc_decision_add(c->decision,
			"policy",
			uc_policy_state(c->valid),
			g_strdup_printf(c->valid ? _("the policy counts until %s")
						 : _("the policy expired at %s"),
					when));
}

static gchar *
uc_policy_describe_windows(const UcPolicy *policy)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < policy->windows->len; i++) {
		g_autofree gchar *one =
		    uc_window_to_string(&g_array_index(policy->windows, UcWindow, i));

		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", one);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
uc_policy_judge_window(UcPolicyCase *c)
{
	g_autofree gchar *windows = uc_policy_describe_windows(c->policy);

	c->in_window = uc_window_contains((const UcWindow *)c->policy->windows->data,
					  c->policy->windows->len,
					  c->now_secs,
					  c->zone,
					  NULL);
	if (c->policy->windows->len == 0)
		uc_decision_add(c->decision,
				"window",
				UC_CONDITION_NOT_MET,
				g_strdup(_("the policy has no window for automatic updates")));
	else
		uc_decision_add(c->decision,
				"window",
				uc_policy_state(c->in_window),
				g_strdup_printf(c->in_window ? _("inside the window %s")
							     : _("outside the window %s"),
						windows));
}

static void
uc_policy_judge_idle(UcPolicyCase *c)
{
	gint64 idle_secs = c->facts->idle_secs;

	c->idle = idle_secs >= 0 && idle_secs >= c->policy->idle_secs;
	c->idle_wait_secs = idle_secs < 0 ? -1 : MAX(c->policy->idle_secs - idle_secs, 0);
	if (idle_secs < 0)
		uc_decision_add(c->decision,
				"idle",
				UC_CONDITION_UNKNOWN,
				g_strdup(_("it is not known for how long nobody was here")));
	else
		uc_decision_add(c->decision,
				"idle",
				uc_policy_state(c->idle),
				g_strdup_printf(_("idle for %" G_GINT64_FORMAT
						  " of %" G_GINT64_FORMAT " seconds"),
						MIN(idle_secs, c->policy->idle_secs),
						c->policy->idle_secs));
}

static void
uc_policy_judge_update(UcPolicyCase *c)
{
	const gchar *version = c->facts->version != NULL ? c->facts->version : "?";
	const gchar *const texts[] = {
	    _("there is nothing newer on offer than what runs"),
	    _("version %s is on offer"),
	    _("version %s is downloaded"),
	    _("version %s is staged"),
	    _("version %s is activated and runs after the restart"),
	};

	G_STATIC_ASSERT(G_N_ELEMENTS(texts) == UC_PROGRESS_LAST);
	if (c->facts->progress == UC_PROGRESS_CURRENT) {
		uc_decision_add(c->decision, "update", UC_CONDITION_NOT_MET, g_strdup(texts[0]));
	} else {
		/* the sentences above are the only formats that get here */
		g_auto(GStrv) parts = g_strsplit(texts[c->facts->progress], "%s", 2);

		uc_decision_add(c->decision,
				"update",
				UC_CONDITION_MET,
				g_strjoinv(version, parts));
	}
	if (c->facts->failed_before)
		uc_decision_add(c->decision,
				"failed",
				UC_CONDITION_NOT_MET,
				g_strdup_printf(_("version %s failed here before"), version));
}

static void
uc_policy_judge_human(UcPolicyCase *c)
{
	const gchar *text = _("nobody asked for it now");

	if (c->facts->human_now)
		text = c->facts->human_force ? _("somebody asked for it now, with force")
					     : _("somebody asked for it now");
	uc_decision_add(c->decision, "human", uc_policy_state(c->facts->human_now), g_strdup(text));
}

static void
uc_policy_judge_times(UcPolicyCase *c)
{
	gint64 last_secs = c->facts->last_check_secs;
	g_autofree gchar *when = NULL;

	/* a last check in the future means that the clock was wrong then */
	c->check_secs = last_secs == 0 || last_secs > c->now_secs
			    ? c->now_secs
			    : last_secs + c->policy->poll_secs;
	c->check_secs = MAX(c->check_secs, c->facts->check_retry_secs);
	c->ready = c->facts->retry_secs <= c->now_secs;
	when = uc_policy_local_time(c->check_secs, c->zone);
	if (c->check_secs > c->now_secs)
		uc_decision_add(c->decision,
				"check",
				UC_CONDITION_NOT_MET,
				g_strdup_printf(_("the next look for updates is at %s"), when));
	else
		uc_decision_add(c->decision,
				"check",
				UC_CONDITION_MET,
				g_strdup(_("a look for updates is due")));
	if (!c->ready) {
		g_autofree gchar *retry = uc_policy_local_time(c->facts->retry_secs, c->zone);

		uc_decision_add(
		    c->decision,
		    "retry",
		    UC_CONDITION_NOT_MET,
		    g_strdup_printf(_("the last attempt failed; again from %s on"), retry));
	}
}

static void
uc_policy_propose_next(UcPolicyCase *c, gint64 secs)
{
	gint64 *next_secs = &c->decision->next_secs;

	if (secs > c->now_secs && (*next_secs < 0 || secs < *next_secs))
		*next_secs = secs;
}

/* the sentence of a condition is the reason too */
static void
uc_policy_stop(UcPolicyCase *c, const gchar *id)
{
	const UcCondition *condition = uc_decision_find(c->decision, id);

	uc_decision_set(c->decision, UC_ACTION_WAIT, id, condition->text);
}

static void
uc_policy_wait_for_room(UcPolicyCase *c)
{
	gint64 from_secs = c->now_secs + MAX(c->idle_wait_secs, 0);

	uc_policy_stop(c, c->in_window ? "idle" : "window");
	if (c->in_window && c->idle_wait_secs < 0)
		return; /* only an event can tell */
	uc_policy_propose_next(c,
			       uc_window_next_open((const UcWindow *)c->policy->windows->data,
						   c->policy->windows->len,
						   from_secs,
						   c->zone));
}

static void
uc_policy_decide_activation(UcPolicyCase *c)
{
	if (c->facts->human_now)
		uc_decision_set(c->decision,
				UC_ACTION_ACTIVATE,
				"human",
				_("somebody asked for it now"));
	else if (!c->valid)
		uc_policy_stop(c, "policy");
	else if (c->in_window && c->idle)
		uc_decision_set(c->decision,
				UC_ACTION_ACTIVATE,
				"idle",
				_("staged, inside the window, and nobody is here"));
	else
		uc_policy_wait_for_room(c);
}

/* a call after the activation holds the restart, and its end is activity */
static void
uc_policy_decide_restart(UcPolicyCase *c)
{
	if (!c->facts->restart_by_agent)
		uc_decision_set(c->decision,
				UC_ACTION_WAIT,
				"restart",
				_("activated; waiting for the endpoint to be restarted"));
	else if (c->facts->human_now || (c->in_window && c->idle))
		uc_decision_set(c->decision,
				UC_ACTION_RESTART,
				"restart",
				_("activated; a restart makes it count"));
	else
		uc_policy_wait_for_room(c);
}

static void
uc_policy_decide_fetch(UcPolicyCase *c)
{
	gboolean downloaded = c->facts->progress == UC_PROGRESS_DOWNLOADED;

	if (c->facts->failed_before && !c->facts->human_now)
		uc_policy_stop(c, "failed");
	else if (!c->valid && !c->facts->human_now)
		uc_policy_stop(c, "policy");
	else
		uc_decision_set(c->decision,
				downloaded ? UC_ACTION_STAGE : UC_ACTION_DOWNLOAD,
				c->facts->human_now ? "human" : "update",
				downloaded ? _("downloaded, and not staged yet")
					   : _("on offer, and not downloaded yet"));
}

static void
uc_policy_decide_progress(UcPolicyCase *c)
{
	switch (c->facts->progress) {
	case UC_PROGRESS_AVAILABLE:
	case UC_PROGRESS_DOWNLOADED:
		uc_policy_decide_fetch(c);
		break;
	case UC_PROGRESS_STAGED:
		uc_policy_decide_activation(c);
		break;
	case UC_PROGRESS_ACTIVATED:
		uc_policy_decide_restart(c);
		break;
	default:
		uc_decision_set(c->decision,
				UC_ACTION_NONE,
				"update",
				_("there is nothing newer on offer than what runs"));
		break;
	}
}

static void
uc_policy_choose(UcPolicyCase *c)
{
	gboolean check_due = c->check_secs <= c->now_secs;
	gboolean idle_case = c->facts->progress == UC_PROGRESS_CURRENT && !check_due;
	gboolean forced = c->facts->human_now && c->facts->human_force;

	uc_policy_propose_next(c, c->check_secs);
	uc_policy_propose_next(c, c->policy->expires_secs);
	if (!c->free && !forced && !idle_case) {
		uc_policy_stop(c, "use");
		/* what is due waits for the end of the call, which is an event */
		c->decision->next_secs = -1;
		return;
	}
	if (!c->ready && !c->facts->human_now) {
		uc_policy_stop(c, "retry");
		uc_policy_propose_next(c, c->facts->retry_secs);
		return;
	}
	if (check_due && !(c->facts->human_now && c->facts->progress != UC_PROGRESS_CURRENT)) {
		uc_decision_set(c->decision,
				UC_ACTION_CHECK,
				"check",
				_("a look for updates is due"));
		return;
	}
	uc_policy_decide_progress(c);
}

/**
 * uc_policy_decide:
 * @policy: what the organisation allows
 * @facts: what is known about the endpoint now
 * @now_secs: the moment, seconds since the Unix epoch
 * @zone: the endpoint's time zone, for the windows
 *
 * Decides what may happen to one endpoint at one moment.
 *
 * Returns: (transfer full): what, why, every condition, and when to ask again
 */
UcDecision *
uc_policy_decide(const UcPolicy *policy, const UcFacts *facts, gint64 now_secs, GTimeZone *zone)
{
	UcPolicyCase c = {
	    .policy = policy,
	    .facts = facts,
	    .now_secs = now_secs,
	    .zone = zone,
	    .decision = uc_decision_new(),
	};

	uc_policy_judge_use(&c);
	uc_policy_judge_human(&c);
	uc_policy_judge_policy(&c);
	uc_policy_judge_times(&c);
	uc_policy_judge_update(&c);
	uc_policy_judge_window(&c);
	uc_policy_judge_idle(&c);
	uc_policy_choose(&c);
	return c.decision;
}
