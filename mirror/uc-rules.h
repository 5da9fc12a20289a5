/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcRulesScope:
 * @name: `vendor/model` in lower case, or of a group
 * @policy: its members of policy.json, with some that stay in the mirror (uc-rules-value.h)
 */
typedef struct {
	gchar *name;
	JsonObject *policy;
} UcRulesScope;

/**
 * UcRulesEnrolment:
 * @UC_RULES_ENROLMENT_NONE: endpoints say who they are, and nothing proves it
 * @UC_RULES_ENROLMENT_OPEN: the first key that claims an identity has it
 * @UC_RULES_ENROLMENT_TOKEN: a key needs a one-time token
 * @UC_RULES_ENROLMENT_APPROVAL: a key waits for the administrator
 *
 * How the keys of endpoints get their certificates, docs/service-protocol.md section 7.
 */
typedef enum {
	UC_RULES_ENROLMENT_NONE,
	UC_RULES_ENROLMENT_OPEN,
	UC_RULES_ENROLMENT_TOKEN,
	UC_RULES_ENROLMENT_APPROVAL,
	UC_RULES_ENROLMENT_LAST
} UcRulesEnrolment;

/**
 * UcRules:
 * @policy: members of `defaults` of policy.json, with some that stay in the mirror
 * @models: (element-type UcRulesScope): what differs for models
 * @groups: (element-type UcRulesScope): what differs for groups of endpoints
 * @retention_days: an endpoint that was not seen for so long is forgotten; 0 is never
 * @expire_days: for so many days what is published counts, 1 to 400
 * @domains: further domains of the organisation
 * @internal_url: (nullable): where endpoints reach the service
 * @external_url: (nullable): the same from outside
 * @enrolment: how the keys of endpoints get their certificates
 * @enrolment_days: for so many days these count, 1 to 400
 * @phone_url: (nullable): where phones with UC Software reach the tree, also by plain HTTP
 *
 * What `rules.d/` says.
 */
typedef struct {
	JsonObject *policy;
	GPtrArray *models;
	GPtrArray *groups;
	guint64 expire_days;
	guint64 retention_days;
	GStrv domains;
	gchar *internal_url;
	gchar *external_url;
	gchar *phone_url;
	UcRulesEnrolment enrolment;
	guint64 enrolment_days;
} UcRules;

const gchar *
uc_rules_enrolment_to_string(UcRulesEnrolment enrolment);
gboolean
uc_rules_enrolment_from_string(const gchar *text, UcRulesEnrolment *enrolment_out);

UcRules *
uc_rules_load(const gchar *dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_rules_free(UcRules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcRules, uc_rules_free)

gint64
uc_rules_get_number(const UcRules *self,
		    const gchar *vendor,
		    const gchar *model,
		    const gchar *member,
		    gint64 fallback);
gboolean
uc_rules_is_halting(const UcRules *self,
		    const gchar *vendor,
		    const gchar *model,
		    gint64 failed,
		    gint64 total);
