/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* members that stay in the mirror: what becomes of a release is decided here */
#define UC_RULES_ROLLOUT_SECS	 "rollout_secs"
#define UC_RULES_ROLLOUT_PERCENT "rollout_percent"
#define UC_RULES_HALT_PERCENT	 "halt_percent"
#define UC_RULES_HALT_MINIMUM	 "halt_minimum"

/**
 * UcRulesScopeKind:
 * @UC_RULES_DEFAULTS: `[Policy]`
 * @UC_RULES_MODEL: `[Model vendor/model]`
 * @UC_RULES_GROUP: `[Group name]`
 */
typedef enum {
	UC_RULES_DEFAULTS = 1 << 0,
	UC_RULES_MODEL = 1 << 1,
	UC_RULES_GROUP = 1 << 2,
	UC_RULES_MIRROR = UC_RULES_DEFAULTS | UC_RULES_MODEL,
	UC_RULES_ANY = UC_RULES_MIRROR | UC_RULES_GROUP
} UcRulesScopeKind;

/**
 * UcRulesValue:
 * @path: file
 * @group: in the file
 * @key: in the group
 * @text: its value
 *
 * Where a value stands, for the sentences. Nothing in it is owned.
 */
typedef struct {
	const gchar *path;
	const gchar *group;
	const gchar *key;
	const gchar *text;
} UcRulesValue;

typedef struct _UcRulesKey UcRulesKey;

typedef gboolean (*UcRulesTake)(JsonObject *object,
				const UcRulesKey *key,
				const UcRulesValue *value,
				GError **error);

/**
 * UcRulesKey:
 * @key: name in the file
 * @member: name in policy.json, docs/policy.md
 * @scopes: where it may stand
 * @take: reads it
 * @min: for numbers
 * @max: for numbers, or how many of a list
 * @unit: (nullable): what is counted
 * @names: (nullable): the words that are allowed
 */
struct _UcRulesKey {
	const gchar *key;
	const gchar *member;
	guint scopes;
	UcRulesTake take;
	guint64 min;
	guint64 max;
	const gchar *unit;
	const gchar *const *names;
};

const UcRulesKey *
uc_rules_key_find(const gchar *name, UcRulesScopeKind scope);
gboolean
uc_rules_value_fail(const UcRulesValue *value, const gchar *expected, GError **error);
