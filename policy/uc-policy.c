/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-civil.h"
#include "uc-policy.h"

#define UC_POLICY_STEPS_MAX 200 /* to the next span; dates and days can put it off */

static void
uc_policy_free_rollout(UcRollout *rollout)
{
	g_free(rollout->version);
	g_free(rollout);
}

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
	self->blocked_dates = g_array_new(FALSE, FALSE, sizeof(UcDates));
	self->rollouts = g_ptr_array_new_with_free_func((GDestroyNotify)uc_policy_free_rollout);
	self->blocked_versions = g_ptr_array_new_with_free_func(g_free);
	uc_policy_set_window(self, 20 * 60, 6 * 60);
	self->idle_secs = UC_POLICY_IDLE_SECS;
	self->poll_secs = UC_POLICY_POLL_SECS;
	self->spread_secs = 3600;
	self->prompt_secs = 120;
	self->snooze_secs = 1200;
	self->after_call_secs = 300;
	self->battery_percent = 50;
	self->wake_display = TRUE;
	self->apply_on_shutdown = TRUE;
	return self;
}

/**
 * uc_policy_add_rollout:
 * @rollout: copied; takes the place of one for the same version
 */
void
uc_policy_add_rollout(UcPolicy *self, const UcRollout *rollout)
{
	UcRollout *copy = g_memdup2(rollout, sizeof(*rollout));

	copy->version = g_strdup(rollout->version);
	for (guint i = 0; i < self->rollouts->len; i++) {
		UcRollout *other = g_ptr_array_index(self->rollouts, i);

		if (g_strcmp0(other->version, copy->version) == 0) {
			g_ptr_array_remove_index(self->rollouts, i);
			break;
		}
	}
	g_ptr_array_add(self->rollouts, copy);
}

UcPolicy *
uc_policy_copy(const UcPolicy *self)
{
	UcPolicy *copy = g_memdup2(self, sizeof(*self));

	copy->windows = g_array_copy(self->windows);
	if (self->windows_local != NULL)
		copy->windows_local = g_array_copy(self->windows_local);
	copy->blocked_dates = g_array_copy(self->blocked_dates);
	copy->rollouts = g_ptr_array_new_with_free_func((GDestroyNotify)uc_policy_free_rollout);
	for (guint i = 0; i < self->rollouts->len; i++)
		uc_policy_add_rollout(copy, g_ptr_array_index(self->rollouts, i));
	copy->blocked_versions = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < self->blocked_versions->len; i++)
		g_ptr_array_add(copy->blocked_versions,
				g_strdup(g_ptr_array_index(self->blocked_versions, i)));
	copy->use_version = g_strdup(self->use_version);
	copy->device_version = g_strdup(self->device_version);
	if (self->sections != NULL)
		json_object_ref(copy->sections);
	if (self->groups != NULL)
		copy->groups = uc_policy_groups_ref(self->groups);
	return copy;
}

void
uc_policy_free(UcPolicy *self)
{
	g_array_unref(self->windows);
	g_clear_pointer(&self->windows_local, g_array_unref);
	g_array_unref(self->blocked_dates);
	g_ptr_array_unref(self->rollouts);
	g_ptr_array_unref(self->blocked_versions);
	g_free(self->use_version);
	g_free(self->device_version);
	g_clear_pointer(&self->sections, json_object_unref);
	g_clear_pointer(&self->groups, uc_policy_groups_unref);
	g_free(self);
}

/**
 * uc_policy_set_window:
 * @start_mins: minutes after local midnight, 0 to 1439
 * @end_mins: minutes after local midnight, 0 to 1440
 *
 * Puts this one window, of every day, in place of all.
 */
void
uc_policy_set_window(UcPolicy *self, gint start_mins, gint end_mins)
{
	UcWindow window = {start_mins, end_mins, UC_WINDOW_ALL_DAYS};

	g_array_set_size(self->windows, 0);
	g_array_append_val(self->windows, window);
}

/**
 * uc_policy_find_rollout:
 * @version: (nullable): of a release
 *
 * Returns: (transfer none) (nullable): %NULL when everybody gets it at once
 */
const UcRollout *
uc_policy_find_rollout(const UcPolicy *self, const gchar *version)
{
	for (guint i = 0; version != NULL && i < self->rollouts->len; i++) {
		const UcRollout *rollout = g_ptr_array_index(self->rollouts, i);

		if (g_str_equal(rollout->version, version))
			return rollout;
	}
	return NULL;
}

gboolean
uc_policy_blocks_version(const UcPolicy *self, const gchar *version)
{
	for (guint i = 0; version != NULL && i < self->blocked_versions->len; i++) {
		if (g_str_equal(g_ptr_array_index(self->blocked_versions, i), version))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_policy_blocks_date:
 * @at_secs: an instant, seconds since the Unix epoch
 * @zone: the endpoint's zone
 * @until_out: (out) (optional): when the local date changes to one that is not blocked; unchanged
 *   when @at_secs is on none
 *
 * Returns: whether the local date of the instant is a blocked one
 */
gboolean
uc_policy_blocks_date(const UcPolicy *self, gint64 at_secs, const UcZone *zone, gint64 *until_out)
{
	gint64 today = 0;
	gint64 day = 0;

	if (self->blocked_dates->len == 0)
		return FALSE;
	today = uc_civil_day(at_secs + uc_zone_get_offset(zone, at_secs));
	day = today;
	for (guint i = 0; i < self->blocked_dates->len; i++) {
		const UcDates *dates = &g_array_index(self->blocked_dates, UcDates, i);

		if (day >= dates->first && day <= dates->last) {
			day = dates->last + 1;
			i = G_MAXUINT; /* another range may go on from there */
		}
	}
	if (day > today && until_out != NULL)
		*until_out = uc_zone_wall_to_unix(zone, day * UC_CIVIL_DAY_SECS);
	return day > today;
}

/* a blocked date before @at_secs begins the span anew, one after it ends it */
static void
uc_policy_cut_span(const UcPolicy *self, gint64 at_secs, const UcZone *zone, UcSpan *span)
{
	for (guint i = 0; i < self->blocked_dates->len; i++) {
		const UcDates *dates = &g_array_index(self->blocked_dates, UcDates, i);
		gint64 begin_secs = uc_zone_wall_to_unix(zone, dates->first * UC_CIVIL_DAY_SECS);
		gint64 end_secs = uc_zone_wall_to_unix(zone, (dates->last + 1) * UC_CIVIL_DAY_SECS);

		if (begin_secs > at_secs)
			span->end_secs = MIN(span->end_secs, begin_secs);
		else
			span->start_secs = MAX(span->start_secs, end_secs);
	}
}

static gboolean
uc_policy_find_windows(const GArray *windows, gint64 from_secs, const UcZone *zone, UcSpan *span)
{
	return uc_window_find((const UcWindow *)windows->data, windows->len, from_secs, zone, span);
}

/**
 * uc_policy_find_span:
 * @with_dates: whether blocked dates count
 * @from_secs: an instant, seconds since the Unix epoch
 * @zone: the endpoint's zone
 * @span_out: (out): the span of time for automatic acts that holds @from_secs, else the next
 *
 * Returns: whether there is one
 */
gboolean
uc_policy_find_span(const UcPolicy *self,
		    gboolean with_dates,
		    gint64 from_secs,
		    const UcZone *zone,
		    UcSpan *span_out)
{
	for (guint i = 0; i < UC_POLICY_STEPS_MAX; i++) {
		UcSpan local = {0};
		gint64 at_secs = 0;

		if (!uc_policy_find_windows(self->windows, from_secs, zone, span_out))
			return FALSE;
		at_secs = MAX(from_secs, span_out->start_secs);
		if (with_dates && uc_policy_blocks_date(self, at_secs, zone, &from_secs)) {
			/* it begins again when the date is over */
			if (from_secs >= span_out->end_secs)
				continue;
			at_secs = from_secs;
		}
		if (with_dates)
			uc_policy_cut_span(self, at_secs, zone, span_out);
		if (self->windows_local == NULL)
			return TRUE;
		if (!uc_policy_find_windows(self->windows_local, at_secs, zone, &local))
			return FALSE;
		span_out->start_secs = MAX(span_out->start_secs, local.start_secs);
		span_out->end_secs = MIN(span_out->end_secs, local.end_secs);
		if (span_out->start_secs < span_out->end_secs)
			return TRUE;
		from_secs = local.start_secs;
	}
	return FALSE;
}
