/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-policy.h"

/**
 * UcSubject:
 * @endpoint: (nullable): the `Id` of the endpoint
 * @vendor: (nullable): of the endpoint
 * @model: (nullable): of the endpoint
 * @group: (nullable): the local configuration's `Group=`
 * @serial: (nullable): of the endpoint
 * @mac_address: (nullable): of the endpoint, in any case
 * @identity: (nullable): as the service makes it, uc_identity_new()
 *
 * Whose policy it is. A test device, a pinned one and a member of a group are named by the `Id`,
 * the serial, the MAC address or the identity, whichever the administrator has at hand.
 */
typedef struct {
	const gchar *endpoint;
	const gchar *vendor;
	const gchar *model;
	const gchar *group;
	const gchar *serial;
	const gchar *mac_address;
	const gchar *identity;
} UcSubject;

UcPolicy *
uc_policy_select(const UcPolicy *self, const UcSubject *subject) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_policy_is_test_device(const UcPolicy *self, const UcSubject *subject) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_policy_check_sections(const UcPolicy *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint64
uc_policy_find_groups(const UcPolicy *self, const UcSubject *subject) G_GNUC_WARN_UNUSED_RESULT;

/**
 * UcPolicyLimits:
 * @idle_secs: at least so long idle; 0 for as the policy says
 * @windows: (element-type UcWindow) (nullable): only inside these, too
 * @first_update_normal: the first update is none that cannot be put off
 *
 * What the endpoint's own configuration narrows.
 */
typedef struct {
	gint64 idle_secs;
	const GArray *windows;
	gboolean first_update_normal;
} UcPolicyLimits;

void
uc_policy_narrow(UcPolicy *self, const UcPolicyLimits *limits);
