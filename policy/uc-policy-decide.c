/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The verdict in sentences for people: one per condition, whatever its state. */

#include <glib/gi18n-lib.h>

#include "uc-policy-decide.h"
#include "uc-policy-judge.h"

/* what the sentences look at */
typedef struct {
	const UcPolicy *policy;
	const UcFacts *facts;
	const UcZone *zone; /* (nullable) */
	const UcVerdict *verdict;
} UcPolicyTexts;

/* one %s each at the most, for uc_policy_get_detail(); NULL: the sentence before it serves */
static const struct {
	const gchar *met;
	const gchar *not_met;
	const gchar *unknown;
} uc_policy_sentences[] = {
    [UC_CONDITION_USE] = {N_("the room is not in use"),
			  N_("the room is in use: %s"),
			  N_("it is not known whether the room is in use: %s")},
    [UC_CONDITION_POWER] = {N_("there is power enough"),
			    N_("runs on a battery with %s percent"),
			    N_("runs on a battery of which nothing is known")},
    [UC_CONDITION_DISK] = {N_("there is space enough on disk"),
			   N_("%s bytes are missing on disk"),
			   NULL},
    [UC_CONDITION_CLOCK] = {N_("the clock can be trusted"),
			    N_("the clock is not synchronised"),
			    NULL},
    [UC_CONDITION_POLICY] = {N_("the policy counts until %s"),
			     N_("the policy expired at %s"),
			     NULL},
    [UC_CONDITION_WITHDRAWN] = {N_("the release was not withdrawn"),
				N_("version %s was withdrawn"),
				NULL},
    [UC_CONDITION_BLOCKED] = {N_("the policy does not block the version"),
			      N_("the policy blocks version %s"),
			      NULL},
    [UC_CONDITION_HALTED] = {N_("the rollout was not halted"),
			     N_("the rollout of version %s was halted"),
			     NULL},
    [UC_CONDITION_OTHER] = {N_("no other update is running"),
			    N_("another update is running"),
			    NULL},
    [UC_CONDITION_HUMAN] = {N_("somebody asked for it now"), N_("nobody asked for it now"), NULL},
    [UC_CONDITION_RETRY] = {N_("no attempt failed just now"),
			    N_("the last attempt failed; again from %s on"),
			    NULL},
    [UC_CONDITION_CHECK] = {N_("a look for updates is due"),
			    N_("the next look for updates is at %s"),
			    NULL},
    [UC_CONDITION_UPDATE] = {"%s", N_("there is nothing newer on offer than what runs"), NULL},
    [UC_CONDITION_FAILED] = {N_("the version did not fail here before"),
			     N_("version %s failed here before"),
			     NULL},
    [UC_CONDITION_SHUTDOWN] = {N_("the machine is not being shut down"),
			       N_("the machine is being shut down"),
			       NULL},
    [UC_CONDITION_SOURCES] = {N_("calls and activity are told by somebody"), "%s", NULL},
    [UC_CONDITION_CHILDREN] = {N_("no device behind this one has to be updated first"),
			       N_("a device behind this one is to be updated first"),
			       NULL},
    [UC_CONDITION_FIRST] = {N_("this update is not to be put off"),
			    N_("this is no first update"),
			    NULL},
    [UC_CONDITION_ROLLOUT] = {N_("the rollout has come to this endpoint"),
			      N_("the rollout has not come to this endpoint; %s"),
			      NULL},
    [UC_CONDITION_METERED] = {N_("the network may be used for it"),
			      N_("the network is paid for by volume"),
			      NULL},
    [UC_CONDITION_FRESH] = {N_("the policy was asked for within the last hour"),
			    N_("the policy is older than an hour"),
			    NULL},
    [UC_CONDITION_HARD] = {N_("the hard deadline %s is over"), "%s", NULL},
    [UC_CONDITION_DEADLINE] = {N_("the deadline %s is over"), "%s", NULL},
    [UC_CONDITION_PROMPT] = {N_("the prompt was answered with yes"), "%s", NULL},
    [UC_CONDITION_DATE] = {N_("the date is not blocked"),
			   N_("the date is blocked until %s"),
			   N_("it is not known whether the date is blocked")},
    [UC_CONDITION_ZONE] = {N_("the time zone is known"),
			   N_("the time zone is not known"),
			   N_("the time zone is not known")},
    [UC_CONDITION_WINDOW] = {N_("inside the window %s"),
			     N_("outside the window %s"),
			     N_("whether a window is open is not known")},
    [UC_CONDITION_SPREAD] = {N_("the endpoint's own moment in the window has come"),
			     N_("the endpoint's own moment in the window is %s"),
			     N_("the endpoint's own moment is not known")},
    [UC_CONDITION_FIT] = {N_("it fits before the window ends"),
			  N_("it takes %s seconds and does not fit before the window ends"),
			  N_("whether it fits into a window is not known")},
    [UC_CONDITION_SNOOZE] = {N_("nobody said no"), N_("somebody said no: not before %s"), NULL},
    [UC_CONDITION_IDLE] = {N_("idle for %s seconds"),
			   N_("idle for %s seconds"),
			   N_("it is not known for how long nobody was here")},
    [UC_CONDITION_RESTART] = {N_("nobody else has to restart the endpoint"),
			      N_("activated; waiting for the endpoint to be restarted"),
			      NULL},
};
G_STATIC_ASSERT(G_N_ELEMENTS(uc_policy_sentences) == UC_CONDITION_LAST);

static gchar *
uc_policy_local_time(const UcPolicyTexts *texts, gint64 secs)
{
	gint64 offset_secs = texts->zone != NULL ? uc_zone_get_offset(texts->zone, secs) : 0;
	g_autoptr(GDateTime) wall = g_date_time_new_from_unix_utc(secs + offset_secs);
	g_autofree gchar *text = wall != NULL ? g_date_time_format(wall, "%F %R") : NULL;
	gint64 mins = ABS(offset_secs) / 60;

	if (text == NULL)
		return g_strdup("?");
	return g_strdup_printf("%s %s%02d:%02d",
			       text,
			       offset_secs < 0 ? "-" : "+",
			       (gint)(mins / 60),
			       (gint)(mins % 60));
}

/* a moment that need not be there */
static gchar *
uc_policy_moment(const UcPolicyTexts *texts, gint64 secs, const gchar *without)
{
	return secs < 0 || secs == G_MAXINT64 ? g_strdup(without)
					      : uc_policy_local_time(texts, secs);
}

static gchar *
uc_policy_describe_windows(const GArray *windows)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (windows->len == 0)
		return g_strdup(_("(the policy has no window for automatic updates)"));
	for (guint i = 0; i < windows->len; i++) {
		g_autofree gchar *one = uc_window_to_string(&g_array_index(windows, UcWindow, i));

		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", one);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static gchar *
uc_policy_fill(const gchar *sentence, const gchar *detail)
{
	g_auto(GStrv) parts = g_strsplit(sentence, "%s", 2);

	return g_strjoinv(detail, parts);
}

static gchar *
uc_policy_describe_update(const UcPolicyTexts *texts)
{
	static const gchar *const sentences[] = {
	    "",
	    N_("version %s is on offer"),
	    N_("version %s is downloaded"),
	    N_("version %s is staged"),
	    N_("version %s is activated and runs after the restart"),
	};
	const gchar *version = texts->facts->version;

	G_STATIC_ASSERT(G_N_ELEMENTS(sentences) == UC_PROGRESS_LAST);
	return uc_policy_fill(_(sentences[texts->facts->progress]),
			      version != NULL ? version : "?");
}

static gchar *
uc_policy_get_use_detail(const UcFacts *facts)
{
	if (facts->use_reason != NULL)
		return g_strdup(facts->use_reason);
	return g_strdup(facts->use == UC_USE_CALL ? _("a call") : _("no source answers"));
}

static gchar *
uc_policy_get_number(gint64 number)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, number);
}

static gchar *
uc_policy_get_idle_detail(const UcPolicyTexts *texts)
{
	gint64 needed_secs = texts->verdict->idle_needed_secs;
	g_autofree gchar *idle = uc_policy_get_number(MIN(texts->facts->idle_secs, needed_secs));
	g_autofree gchar *needed = uc_policy_get_number(needed_secs);

	/* Translators: numbers of seconds: so many of so many that are needed */
	return g_strdup_printf(_("%s of %s"), idle, needed);
}

/* the moment alone once it is over, which the sentence has a place for; else the whole sentence */
static gchar *
uc_policy_describe_deadline(const UcPolicyTexts *texts,
			    UcConditionId id,
			    gint64 secs,
			    const gchar *sentence,
			    const gchar *without)
{
	g_autofree gchar *moment = uc_policy_moment(texts, secs, "");

	if (texts->verdict->states[id] == UC_CONDITION_MET)
		return g_steal_pointer(&moment);
	return moment[0] != '\0' ? uc_policy_fill(sentence, moment) : g_strdup(without);
}

static gchar *
uc_policy_get_time_detail(const UcPolicyTexts *texts, UcConditionId id)
{
	const UcVerdict *verdict = texts->verdict;

	switch (id) {
	case UC_CONDITION_POLICY:
		return uc_policy_moment(
		    texts,
		    texts->policy->expires_secs != 0 ? texts->policy->expires_secs : -1,
		    _("a newer one comes"));
	case UC_CONDITION_RETRY:
		return uc_policy_local_time(texts, texts->facts->retry_secs);
	case UC_CONDITION_CHECK:
		return uc_policy_local_time(texts, verdict->check_secs);
	case UC_CONDITION_ROLLOUT:
		return uc_policy_moment(texts, verdict->rollout_secs, _("it is not meant to"));
	case UC_CONDITION_HARD:
		return uc_policy_describe_deadline(texts,
						   id,
						   verdict->hard_secs,
						   _("the hard deadline is %s"),
						   _("there is no hard deadline"));
	case UC_CONDITION_DEADLINE:
		return uc_policy_describe_deadline(texts,
						   id,
						   verdict->deadline_secs,
						   _("the deadline is %s"),
						   _("there is no deadline"));
	case UC_CONDITION_DATE:
		return uc_policy_moment(texts, verdict->date_secs, "?");
	case UC_CONDITION_SPREAD:
		return uc_policy_moment(texts, verdict->spread_secs, "?");
	default:
		return uc_policy_moment(texts, verdict->snooze_secs, "?");
	}
}

/* what stands for the %s of the sentence */
static gchar *
uc_policy_get_detail(const UcPolicyTexts *texts, UcConditionId id)
{
	const UcFacts *facts = texts->facts;

	switch (id) {
	case UC_CONDITION_USE:
		return uc_policy_get_use_detail(facts);
	case UC_CONDITION_POWER:
		return uc_policy_get_number(facts->battery_percent);
	case UC_CONDITION_DISK:
		return uc_policy_get_number(facts->disk_needed_bytes - facts->disk_free_bytes);
	case UC_CONDITION_WITHDRAWN:
	case UC_CONDITION_BLOCKED:
	case UC_CONDITION_HALTED:
	case UC_CONDITION_FAILED:
		return g_strdup(facts->version != NULL ? facts->version : "?");
	case UC_CONDITION_UPDATE:
		return uc_policy_describe_update(texts);
	case UC_CONDITION_SOURCES:
		return g_strdup(facts->call_source
				    ? _("no source of activity is configured, or the one that "
					"is cannot tell")
				    : _("no source of calls is configured"));
	case UC_CONDITION_PROMPT:
		return g_strdup(facts->prompt == UC_PROMPT_SHOWN ? _("the prompt is shown")
								 : _("no prompt is shown"));
	case UC_CONDITION_WINDOW:
		return uc_policy_describe_windows(texts->policy->windows);
	case UC_CONDITION_FIT:
		return uc_policy_get_number(texts->verdict->need_secs);
	case UC_CONDITION_IDLE:
		return uc_policy_get_idle_detail(texts);
	default:
		return uc_policy_get_time_detail(texts, id);
	}
}

static gchar *
uc_policy_describe(const UcPolicyTexts *texts, UcConditionId id)
{
	UcConditionState state = texts->verdict->states[id];
	const gchar *sentence = uc_policy_sentences[id].not_met;
	g_autofree gchar *detail = NULL;

	if (state == UC_CONDITION_MET)
		sentence = uc_policy_sentences[id].met;
	else if (state == UC_CONDITION_UNKNOWN && uc_policy_sentences[id].unknown != NULL)
		sentence = uc_policy_sentences[id].unknown;
	if (g_strstr_len(_(sentence), -1, "%s") == NULL)
		return g_strdup(_(sentence));
	detail = uc_policy_get_detail(texts, id);
	return uc_policy_fill(_(sentence), detail);
}

/* why, where the sentence of the condition does not say it */
static const gchar *
uc_policy_get_reason(const UcPolicyTexts *texts)
{
	static const gchar *const acts[] = {
	    [UC_ACTION_CHECK] = N_("a look for updates is due"),
	    [UC_ACTION_DOWNLOAD] = N_("on offer, and not downloaded yet"),
	    [UC_ACTION_STAGE] = N_("downloaded, and not staged yet"),
	    [UC_ACTION_ACTIVATE] = N_("staged, and nothing stands in the way"),
	    [UC_ACTION_RESTART] = N_("activated; a restart makes it count"),
	    [UC_ACTION_REVOKE] = N_("the staged release was withdrawn"),
	};
	const UcVerdict *verdict = texts->verdict;

	if (verdict->forced)
		return _("forced although the room is in use");
	if (verdict->action == UC_ACTION_CHECK && verdict->reason == UC_CONDITION_FRESH)
		return _("the policy is asked for again before the update is applied");
	if (verdict->action == UC_ACTION_ACTIVATE && verdict->reason == UC_CONDITION_IDLE)
		return _("staged, inside the window, and nobody is here");
	if (verdict->action == UC_ACTION_ACTIVATE && verdict->reason == UC_CONDITION_PROMPT)
		return _("staged, and the prompt was not answered with no");
	if (verdict->prompt == UC_PROMPT_ACT_SHOW)
		return _("people are asked before the update is applied");
	if (verdict->action == UC_ACTION_WAIT && verdict->reason == UC_CONDITION_FIRST)
		return _("the update follows a minute after the end of the call");
	if (verdict->action <= UC_ACTION_WAIT || verdict->action >= G_N_ELEMENTS(acts))
		return NULL;
	return _(acts[verdict->action]);
}

/**
 * uc_policy_decide:
 * @policy: what the organisation allows
 * @facts: what is known about the endpoint now
 * @now_secs: the moment, seconds since the Unix epoch
 * @zone: (nullable): the endpoint's time zone, for the windows; %NULL when it is not known
 *
 * Decides by uc_policy_judge() what may happen to one endpoint at one moment, and says so.
 *
 * Returns: (transfer full): what, why, every condition, and when to ask again
 */
UcDecision *
uc_policy_decide(const UcPolicy *policy, const UcFacts *facts, gint64 now_secs, const UcZone *zone)
{
	UcDecision *decision = uc_decision_new();
	UcPolicyTexts texts = {policy, facts, zone, &decision->verdict};
	const gchar *reason_id = NULL;
	const gchar *reason = NULL;

	uc_policy_judge(policy, facts, now_secs, zone, &decision->verdict);
	for (guint id = 0; id < UC_CONDITION_LAST; id++)
		uc_decision_add(decision,
				uc_condition_to_string(id),
				decision->verdict.states[id],
				uc_policy_describe(&texts, id));
	reason_id = uc_condition_to_string(decision->verdict.reason);
	reason = uc_policy_get_reason(&texts);
	if (reason == NULL)
		reason = uc_decision_find(decision, reason_id)->text;
	uc_decision_set(decision, decision->verdict.action, reason_id, reason);
	decision->next_secs = decision->verdict.next_secs;
	return decision;
}
