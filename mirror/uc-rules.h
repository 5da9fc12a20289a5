/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcRules:
 * @policy: members of `defaults` of policy.json
 * @expire_days: for so many days what is published counts, 1 to 400
 * @domains: further domains of the organisation
 * @internal_url: (nullable): where endpoints reach the service
 * @external_url: (nullable): the same from outside
 *
 * What `rules.d/` says.
 */
typedef struct {
	JsonObject *policy;
	guint64 expire_days;
	GStrv domains;
	gchar *internal_url;
	gchar *external_url;
} UcRules;

UcRules *
uc_rules_load(const gchar *dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_rules_free(UcRules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcRules, uc_rules_free)
