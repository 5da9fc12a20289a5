/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-policy.h"

/**
 * uc_policy_new:
 *
 * Returns: (transfer full): the policy of an organisation that says nothing: 20:00 to 06:00, five
 * minutes of idleness, once a day (Lifesize, Lync)
 */
UcPolicy *
uc_policy_new(void)
{
	UcPolicy *self = g_new0(UcPolicy, 1);

	self->windows = g_array_new(FALSE, FALSE, sizeof(UcWindow));
	uc_policy_set_window(self, 20 * 60, 6 * 60);
	self->idle_secs = UC_POLICY_IDLE_SECS;
	self->poll_secs = UC_POLICY_POLL_SECS;
	return self;
}

UcPolicy *
uc_policy_copy(const UcPolicy *self)
{
	UcPolicy *copy = g_new0(UcPolicy, 1);

	*copy = *self;
	copy->windows = g_array_copy(self->windows);
	return copy;
}

void
uc_policy_free(UcPolicy *self)
{
	g_array_unref(self->windows);
	g_free(self);
}

/**
 * uc_policy_set_window:
 * @start_mins: minutes after local midnight, 0 to 1439
 * @end_mins: minutes after local midnight, 0 to 1440
 *
 * Puts this one window in place of all.
 */
void
uc_policy_set_window(UcPolicy *self, gint start_mins, gint end_mins)
{
	UcWindow window = {start_mins, end_mins};

	g_array_set_size(self->windows, 0);
	g_array_append_val(self->windows, window);
}
