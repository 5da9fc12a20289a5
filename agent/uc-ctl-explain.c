/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-phrase.h"
#include "uc-ctl-text.h"
#include "uc-ctl.h"
#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-offers.h"
#include "uc-policy-decide.h"
#include "uc-policy-json.h"
#include "uc-policy-select.h"
#include "uc-timeline.h"
#include "uc-zone-load.h"

static gint
uc_ctl_explain_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_explain = {
    "explain",
    "[DEVICE] | --policy=FILE --facts=FILE --now=TIME --zone=ZONE [--for=DURATION]",
    N_("Why something happens or does not, and when"),
    uc_ctl_explain_run,
};

/* the policy function alone, without agent or bus */
typedef struct {
	gchar *policy;
	gchar *facts;
	gchar *now;
	gchar *zone;
	gchar *duration; /* (nullable) */
} UcCtlWhatIf;

static void
uc_ctl_what_if_clear(UcCtlWhatIf *what_if)
{
	g_free(what_if->policy);
	g_free(what_if->facts);
	g_free(what_if->now);
	g_free(what_if->zone);
	g_free(what_if->duration);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcCtlWhatIf, uc_ctl_what_if_clear)

#define UC_CTL_EXPLAIN_COLUMNS 8  /* of what is done */
#define UC_CTL_EXPLAIN_STEPS   12 /* of each device, for people */
#define UC_CTL_EXPLAIN_NO_ZONE "unknown"

/* what holds again after a look is not told again */
static void
uc_ctl_explain_print_timeline(JsonObject *object, guint max_steps)
{
	JsonArray *timeline = json_object_get_array_member(object, "timeline");
	const gchar *held = NULL;
	guint printed = 0;

	g_print("\n");
	for (guint i = 0; i < json_array_get_length(timeline) && printed < max_steps; i++) {
		JsonObject *step = json_array_get_object_element(timeline, i);
		gboolean look = g_str_equal(uc_ctl_text(step, "action"), "check");
		const gchar *word = uc_ctl_phrase_word("action", uc_ctl_text(step, "action"));
		g_autofree gchar *when = uc_ctl_local_time(step, "at");
		g_autofree gchar *action = uc_ctl_text_pad(word, UC_CTL_EXPLAIN_COLUMNS);
		g_autofree gchar *reason = uc_ctl_sentence(step, "reason");

		if (!look && g_strcmp0(held, uc_ctl_text(step, "reason")) == 0)
			continue;
		if (!look)
			held = uc_ctl_text(step, "reason");
		printed++;
		uc_ctl_text_print(reason, "%s  %s  ", when, action);
	}
}

static void
uc_ctl_explain_print_versions(JsonObject *object)
{
	if (json_object_has_member(object, "version_new"))
		g_print("%s -> %s\n",
			uc_ctl_text(object, "version"),
			uc_ctl_text(object, "version_new"));
	else
		g_print("%s\n", uc_ctl_text(object, "version"));
	if (json_object_has_member(object, "version_missing"))
		g_print(_("the policy names version %s, which is not on offer\n"),
			uc_ctl_text(object, "version_missing"));
}

static void
uc_ctl_explain_print_target(JsonObject *object)
{
	g_print("%s ", uc_ctl_text(object, "id"));
	uc_ctl_explain_print_versions(object);
	uc_ctl_print_decision(object);
	uc_ctl_print_sentence(object, "first_use", _("trust:      "));
	g_print("\n%s", _("if nothing else happens:"));
	uc_ctl_explain_print_timeline(object, UC_CTL_EXPLAIN_STEPS);
}

static gint
uc_ctl_explain_agent(const gchar *device, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply =
	    uc_ctl_call("Explain", g_variant_new("(s)", device), -1, &error);
	g_autoptr(JsonNode) node = NULL;
	JsonArray *array = NULL;

	if (reply == NULL)
		return uc_ctl_fail(error);
	node = uc_ctl_get_json(reply);
	if (json) {
		uc_ctl_print_json_list("endpoints", node);
		return UC_CTL_DONE;
	}
	array = json_node_get_array(node);
	if (json_array_get_length(array) == 0)
		g_print(_("there is no endpoint; ucupdatesctl status may say why\n"));
	for (guint i = 0; i < json_array_get_length(array); i++) {
		g_print("%s", i > 0 ? "\n" : "");
		uc_ctl_explain_print_target(json_array_get_object_element(array, i));
	}
	return UC_CTL_DONE;
}

static JsonObject *
uc_ctl_explain_read(const gchar *path, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return NULL;
	bytes = g_bytes_new_take(text, size_bytes);
	return uc_json_parse_object(bytes, UC_LIMIT_ENVELOPE_BYTES, path, error);
}

/* a published envelope is as good here as the document in it: nothing is acted on */
static JsonObject *
uc_ctl_explain_open(JsonObject *object, const gchar *path, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	const gchar *payload = NULL;
	guint8 *data = NULL;
	gsize size_bytes = 0;

	if (!json_object_has_member(object, "payload"))
		return json_object_ref(object);
	if (!uc_json_get_string(object,
				"payload",
				UC_JSON_REQUIRED,
				UC_LIMIT_ENVELOPE_BYTES,
				&payload,
				error))
		return NULL;
	data = g_base64_decode(payload, &size_bytes);
	bytes = g_bytes_new_take(data, size_bytes);
	return uc_json_parse_object(bytes, UC_LIMIT_ENVELOPE_BYTES, path, error);
}

static UcPolicy *
uc_ctl_explain_read_policy(const gchar *path, GError **error)
{
	g_autoptr(JsonObject) object = uc_ctl_explain_read(path, error);
	g_autoptr(JsonObject) body = NULL;
	UcPolicy *policy = NULL;

	if (object == NULL)
		return NULL;
	body = uc_ctl_explain_open(object, path, error);
	if (body == NULL)
		return NULL;
	policy = uc_policy_from_json(body, error);
	if (policy == NULL)
		g_prefix_error(error, "%s: ", path);
	return policy;
}

static gboolean
uc_ctl_explain_read_facts(const gchar *path,
			  UcFacts **facts_out,
			  UcOffers **offers_out,
			  GError **error)
{
	g_autoptr(JsonObject) object = uc_ctl_explain_read(path, error);

	if (object == NULL)
		return FALSE;
	*facts_out = uc_facts_from_json(object, error);
	if (*facts_out != NULL)
		*offers_out = uc_offers_from_json(object, error);
	if (*facts_out != NULL && *offers_out != NULL)
		return TRUE;
	g_prefix_error(error, "%s: ", path);
	return FALSE;
}

static UcPolicy *
uc_ctl_explain_select(const UcPolicy *all, const UcFacts *facts)
{
	const UcSubject subject = {facts->endpoint,
				   facts->vendor,
				   facts->model,
				   facts->group,
				   facts->serial,
				   facts->mac_address,
				   facts->identity};

	return uc_policy_select(all, &subject);
}

/* as the explanation of the agent has it */
static void
uc_ctl_explain_set_versions(JsonObject *object,
			    const UcOffers *offers,
			    const UcFacts *facts,
			    const gchar *missing)
{
	if (uc_offers_get_running(offers) != NULL)
		json_object_set_string_member(object, "version", uc_offers_get_running(offers));
	if (facts->version != NULL)
		json_object_set_string_member(object, "version_new", facts->version);
	if (missing != NULL)
		json_object_set_string_member(object, "version_missing", missing);
}

/* `7d`, `36h`, `90m`, `3600s` or `3600` */
static gboolean
uc_ctl_explain_parse_duration(const gchar *text, gint64 *secs_out)
{
	static const struct {
		gchar unit;
		gint64 secs;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}, {'\0', 1}};
	gchar *end = NULL;
	guint64 number = 0;

	if (!g_ascii_isdigit(text[0]))
		return FALSE;
	number = g_ascii_strtoull(text, &end, 10);
	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		if (*end != units[i].unit || (*end != '\0' && end[1] != '\0'))
			continue;
		*secs_out = (gint64)MIN(number, UC_TIMELINE_MAX_SECS) * units[i].secs;
		return number <= UC_TIMELINE_MAX_SECS && *secs_out <= UC_TIMELINE_MAX_SECS;
	}
	return FALSE;
}

/* an endpoint that was never told where it is has no zone, which is a case to be tried as well */
static gboolean
uc_ctl_explain_load_zone(const gchar *name, UcZone **zone_out, GError **error)
{
	if (g_str_equal(name, UC_CTL_EXPLAIN_NO_ZONE))
		return TRUE;
	*zone_out = uc_zone_load(name, error);
	return *zone_out != NULL;
}

/* one moment, or with --for all that follow */
static JsonObject *
uc_ctl_explain_decide(const UcCtlWhatIf *what_if, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_from_iso8601(what_if->now, NULL);
	g_autoptr(UcZone) zone = NULL;
	g_autoptr(UcPolicy) all = NULL;
	g_autoptr(UcPolicy) policy = NULL;
	g_autoptr(UcFacts) facts = NULL;
	g_autoptr(UcOffers) offers = NULL;
	g_autoptr(UcDecision) decision = NULL;
	g_autoptr(JsonObject) object = NULL;
	const gchar *missing = NULL;
	gint64 now_secs = g_date_time_to_unix(now);
	gint64 for_secs = 0;

	if (!uc_ctl_explain_load_zone(what_if->zone, &zone, error))
		return NULL;
	all = uc_ctl_explain_read_policy(what_if->policy, error);
	if (all == NULL || !uc_ctl_explain_read_facts(what_if->facts, &facts, &offers, error))
		return NULL;
	policy = uc_ctl_explain_select(all, facts);
	missing = uc_offers_apply(offers, policy, now_secs, facts);
	decision = uc_policy_decide(policy, facts, now_secs, zone);
	object = uc_decision_to_json(decision);
	uc_ctl_explain_set_versions(object, offers, facts, missing);
	if (what_if->duration == NULL)
		return g_steal_pointer(&object);
	(void)uc_ctl_explain_parse_duration(what_if->duration, &for_secs);
	json_object_set_array_member(object,
				     "timeline",
				     uc_timeline_to_json(policy, facts, now_secs, zone, for_secs));
	return g_steal_pointer(&object);
}

static gboolean
uc_ctl_explain_check(const UcCtlWhatIf *what_if)
{
	g_autoptr(GDateTime) now = g_date_time_new_from_iso8601(what_if->now, NULL);
	g_autoptr(UcZone) zone = NULL;
	gboolean known = uc_ctl_explain_load_zone(what_if->zone, &zone, NULL);
	gint64 for_secs = 0;
	gboolean valid = what_if->duration == NULL ||
			 uc_ctl_explain_parse_duration(what_if->duration, &for_secs);

	if (now == NULL)
		g_printerr(_("ucupdatesctl explain: --now is '%s', expected a time such as "
			     "2026-11-21T18:53:00Z\n"),
			   what_if->now);
	else if (!known)
		g_printerr(_("ucupdatesctl explain: --zone is '%s', expected a time zone such as "
			     "Europe/Berlin, or 'unknown'\n"),
			   what_if->zone);
	else if (!valid)
		g_printerr(_("ucupdatesctl explain: --for is '%s', expected up to 366 days such as "
			     "7d, 36h, 90m or 3600s\n"),
			   what_if->duration);
	return now != NULL && known && valid;
}

static gint
uc_ctl_explain_what_if(const UcCtlWhatIf *what_if, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(JsonNode) node = NULL;

	if (!uc_ctl_explain_check(what_if))
		return UC_CTL_USAGE;
	object = uc_ctl_explain_decide(what_if, &error);
	if (object == NULL)
		return uc_ctl_fail(error);
	node = json_node_init_object(json_node_alloc(), object);
	if (json) {
		uc_ctl_print_json(node);
		return UC_CTL_DONE;
	}
	if (json_object_has_member(object, "version"))
		uc_ctl_explain_print_versions(object);
	uc_ctl_print_decision(object);
	if (what_if->duration != NULL)
		uc_ctl_explain_print_timeline(object, G_MAXUINT);
	return UC_CTL_DONE;
}

static gint
uc_ctl_explain_run(gint argc, gchar **argv)
{
	g_auto(UcCtlWhatIf) what_if = {NULL};
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"policy",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &what_if.policy,
	     N_("A policy document"),
	     "FILE"},
	    {"facts", 0, 0, G_OPTION_ARG_FILENAME, &what_if.facts, N_("Facts as JSON"), "FILE"},
	    {"now", 0, 0, G_OPTION_ARG_STRING, &what_if.now, N_("A moment, RFC 3339"), "TIME"},
	    {"zone", 0, 0, G_OPTION_ARG_STRING, &what_if.zone, N_("A time zone of tzdata"), "ZONE"},
	    {"for",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &what_if.duration,
	     N_("Also what follows for so long, such as 7d"),
	     "DURATION"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	guint given = 0;

	if (!uc_ctl_parse(&uc_ctl_explain, entries, 1, &argc, &argv))
		return UC_CTL_USAGE;
	given = (what_if.policy != NULL) + (what_if.facts != NULL) + (what_if.now != NULL) +
		(what_if.zone != NULL);
	if (given == 0 && what_if.duration == NULL)
		return uc_ctl_explain_agent(argc > 1 ? argv[1] : "", json);
	if (given < 4 || argc > 1) {
		g_printerr(_("ucupdatesctl explain: --policy, --facts, --now and --zone belong "
			     "together, without a device\n"));
		return UC_CTL_USAGE;
	}
	return uc_ctl_explain_what_if(&what_if, json);
}
