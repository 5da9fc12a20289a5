/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-facts.h"
#include "uc-limits.h"
#include "uc-members.h"
#include "uc-policy.h"

static const gchar *const uc_facts_uses[] = {"none", "call", "unknown", NULL};
static const gchar *const uc_facts_progresses[] =
    {"current", "available", "downloaded", "staged", "activated", NULL};
static const gchar *const uc_facts_prompts[] = {"none", "shown", "accepted", NULL};
static const gchar *const uc_facts_severities[] = {"low", "medium", "high", "critical", NULL};

G_STATIC_ASSERT(G_N_ELEMENTS(uc_facts_progresses) == UC_PROGRESS_LAST + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(uc_facts_severities) == UC_SEVERITY_LAST + 1);

#define AT(member) G_STRUCT_OFFSET(UcFacts, member)
#define TEXT(member)                                                                \
	{                                                                           \
#member, UC_MEMBER_TEXT, AT(member), 0, UC_LIMIT_STRING_BYTES, NULL \
	}
#define BOOLEAN(member)                                            \
	{                                                          \
#member, UC_MEMBER_BOOLEAN, AT(member), 0, 0, NULL \
	}
#define INT(member, max)                                         \
	{                                                        \
#member, UC_MEMBER_INT, AT(member), 0, max, NULL \
	}
#define SECS(member) INT(member, UC_MEMBERS_SECS_MAX)
#define TIME(name, member)                                   \
	{                                                    \
		name, UC_MEMBER_TIME, AT(member), 0, 0, NULL \
	}
#define ENUM(member, list)                                      \
	{                                                       \
#member, UC_MEMBER_ENUM, AT(member), 0, 0, list \
	}

static const UcMember uc_facts_members[] = {
    TEXT(endpoint),
    TEXT(vendor),
    TEXT(model),
    TEXT(group),
    TEXT(serial),
    TEXT(mac_address),
    TEXT(identity),
    ENUM(use, uc_facts_uses),
    TEXT(use_reason),
    SECS(idle_secs),
    SECS(free_secs),
    SECS(busy_secs),
    ENUM(progress, uc_facts_progresses),
    TEXT(version),
    ENUM(severity, uc_facts_severities),
    INT(duration_secs, 86400),
    INT(room_duration_secs, 86400),
    BOOLEAN(failed_before),
    BOOLEAN(withdrawn),
    BOOLEAN(write_in_place),
    BOOLEAN(children_pending),
    BOOLEAN(human_now),
    BOOLEAN(human_force),
    BOOLEAN(first_update),
    BOOLEAN(second_step),
    BOOLEAN(restarted),
    ENUM(prompt, uc_facts_prompts),
    SECS(prompt_shown_secs),
    SECS(prompt_input_secs),
    BOOLEAN(call_source),
    BOOLEAN(activity_source),
    BOOLEAN(clock_synchronised),
    BOOLEAN(mains),
    INT(battery_percent, 100),
    INT(disk_free_bytes, G_MAXINT64),
    INT(disk_needed_bytes, G_MAXINT64),
    BOOLEAN(metered),
    BOOLEAN(other_update),
    BOOLEAN(shutdown),
    BOOLEAN(restart_by_agent),
    TIME("first_seen", first_seen_secs),
    TIME("said_no", said_no_secs),
    TIME("last_idle", last_idle_secs),
    TIME("last_check", last_check_secs),
    TIME("check_retry", check_retry_secs),
    TIME("retry", retry_secs),
};

/**
 * uc_facts_new:
 *
 * Returns: (transfer full): of an endpoint about which nothing is known but that it is current, has
 * sources for calls and activity, runs on mains, and knows what time it is
 */
UcFacts *
uc_facts_new(void)
{
	UcFacts *self = g_new0(UcFacts, 1);

	self->use = UC_USE_UNKNOWN;
	self->severity = UC_SEVERITY_MEDIUM;
	self->idle_secs = -1;
	self->free_secs = -1;
	self->busy_secs = -1;
	self->prompt_shown_secs = -1;
	self->prompt_input_secs = -1;
	self->battery_percent = -1;
	self->disk_free_bytes = -1;
	self->call_source = TRUE;
	self->activity_source = TRUE;
	self->clock_synchronised = TRUE;
	self->mains = TRUE;
	return self;
}

void
uc_facts_free(UcFacts *self)
{
	g_free(self->endpoint);
	g_free(self->vendor);
	g_free(self->model);
	g_free(self->group);
	g_free(self->serial);
	g_free(self->mac_address);
	g_free(self->identity);
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

/**
 * uc_facts_from_json:
 * @object: facts as docs/policy.md has them; a missing member is as in uc_facts_new()
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the facts, or %NULL
 */
UcFacts *
uc_facts_from_json(JsonObject *object, GError **error)
{
	g_autoptr(UcFacts) self = uc_facts_new();

	if (!uc_members_read(uc_facts_members, G_N_ELEMENTS(uc_facts_members), object, self, error))
		return NULL;
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

	uc_members_write(uc_facts_members, G_N_ELEMENTS(uc_facts_members), self, object);
	return object;
}
