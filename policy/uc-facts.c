/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-facts.h"
#include "uc-json.h"

#define UC_FACTS_SECS_MAX G_GINT64_CONSTANT(253402300799) /* the end of the year 9999 */

static const gchar *const uc_facts_uses[] = {"none", "call", "unknown", NULL};
static const gchar *const uc_facts_progresses[] =
    {"current", "available", "downloaded", "staged", "activated", NULL};

G_STATIC_ASSERT(G_N_ELEMENTS(uc_facts_progresses) == UC_PROGRESS_LAST + 1);

/**
 * uc_facts_new:
 *
 * Returns: (transfer full): of an endpoint about which nothing is known but that it is current
 */
UcFacts *
uc_facts_new(void)
{
	UcFacts *self = g_new0(UcFacts, 1);

	self->use = UC_USE_UNKNOWN;
	self->idle_secs = -1;
	return self;
}

void
uc_facts_free(UcFacts *self)
{
	g_free(self->use_reason);
	g_free(self->version);
	g_free(self);
}

const gchar *
uc_progress_to_string(UcProgress progress)
{
	g_return_val_if_fail(progress < UC_PROGRESS_LAST, NULL);
	return uc_facts_progresses[progress];
}

static gboolean
uc_facts_read_enum(JsonObject *object,
		   const gchar *member,
		   const gchar *const *names,
		   guint *value_out,
		   GError **error)
{
	g_autofree gchar *expected = NULL;
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member, UC_JSON_OPTIONAL, 64, &text, error))
		return FALSE;
	if (text == NULL)
		return TRUE;
	for (guint i = 0; names[i] != NULL; i++) {
		if (g_str_equal(text, names[i])) {
			*value_out = i;
			return TRUE;
		}
	}
	expected = g_strjoinv(", ", (GStrv)names);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member '%s' is '%s', expected one of: %s",
		    member,
		    text,
		    expected);
	return FALSE;
}

static gboolean
uc_facts_read_text(JsonObject *object, const gchar *member, gchar **text_out, GError **error)
{
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member, UC_JSON_OPTIONAL, 1024, &text, error))
		return FALSE;
	*text_out = g_strdup(text);
	return TRUE;
}

static gboolean
uc_facts_read_booleans(UcFacts *self, JsonObject *object, GError **error)
{
	return uc_json_get_boolean(object,
				   "failed_before",
				   UC_JSON_OPTIONAL,
				   &self->failed_before,
				   error) &&
	       uc_json_get_boolean(object,
				   "human_now",
				   UC_JSON_OPTIONAL,
				   &self->human_now,
				   error) &&
	       uc_json_get_boolean(object,
				   "human_force",
				   UC_JSON_OPTIONAL,
				   &self->human_force,
				   error) &&
	       uc_json_get_boolean(object,
				   "restart_by_agent",
				   UC_JSON_OPTIONAL,
				   &self->restart_by_agent,
				   error);
}

/**
 * uc_facts_from_json:
 * @object: facts as docs/policy.md has them; a missing member is "not known"
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the facts, or %NULL
 */
UcFacts *
uc_facts_from_json(JsonObject *object, GError **error)
{
	g_autoptr(UcFacts) self = uc_facts_new();
	guint use = self->use;
	guint progress = self->progress;

	if (!uc_facts_read_enum(object, "use", uc_facts_uses, &use, error) ||
	    !uc_facts_read_text(object, "use_reason", &self->use_reason, error) ||
	    !uc_facts_read_enum(object, "progress", uc_facts_progresses, &progress, error) ||
	    !uc_facts_read_text(object, "version", &self->version, error) ||
	    !uc_facts_read_booleans(self, object, error) ||
	    !uc_json_get_int64(object,
			       "idle_secs",
			       UC_JSON_OPTIONAL,
			       0,
			       UC_FACTS_SECS_MAX,
			       &self->idle_secs,
			       error) ||
	    !uc_json_get_time(object,
			      "last_check",
			      UC_JSON_OPTIONAL,
			      &self->last_check_secs,
			      error) ||
	    !uc_json_get_time(object,
			      "check_retry",
			      UC_JSON_OPTIONAL,
			      &self->check_retry_secs,
			      error) ||
	    !uc_json_get_time(object, "retry", UC_JSON_OPTIONAL, &self->retry_secs, error))
		return NULL;
	self->use = use;
	self->progress = progress;
	return g_steal_pointer(&self);
}

/**
 * uc_facts_to_json:
 *
 * Returns: (transfer full): what uc_facts_from_json() reads; what is not known is left out
 */
JsonObject *
uc_facts_to_json(const UcFacts *self)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "use", uc_facts_uses[self->use]);
	if (self->use_reason != NULL)
		json_object_set_string_member(object, "use_reason", self->use_reason);
	if (self->idle_secs >= 0)
		json_object_set_int_member(object, "idle_secs", self->idle_secs);
	json_object_set_string_member(object, "progress", uc_facts_progresses[self->progress]);
	if (self->version != NULL)
		json_object_set_string_member(object, "version", self->version);
	json_object_set_boolean_member(object, "failed_before", self->failed_before);
	json_object_set_boolean_member(object, "human_now", self->human_now);
	json_object_set_boolean_member(object, "human_force", self->human_force);
	json_object_set_boolean_member(object, "restart_by_agent", self->restart_by_agent);
	if (self->last_check_secs != 0)
		uc_json_set_time(object, "last_check", self->last_check_secs);
	if (self->check_retry_secs != 0)
		uc_json_set_time(object, "check_retry", self->check_retry_secs);
	if (self->retry_secs != 0)
		uc_json_set_time(object, "retry", self->retry_secs);
	return object;
}
