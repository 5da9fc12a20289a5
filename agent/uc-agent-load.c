/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When fwupd is asked, and about what. A few devices are all asked about whenever something may be
 * different. Of many, an event leads to one question for all devices, and to more about those that
 * are different; what is on offer for all of them is asked anew after a look of our own, and when
 * fwupd says that something else has changed, but then not all the time: it says so after each
 * install.
 */

#include "uc-agent-private.h"
#include "uc-backoff.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-journal.h"
#include "uc-plugin.h"

#define UC_AGENT_LOAD_FEW     32 /* devices, of which all are asked about each time */
#define UC_AGENT_LOAD_PER_SEC 32 /* of more, not again before a second for so many has passed */

/* while fwupd does not tell what is on offer for one of them, nothing is known to be of no use */
static void
uc_agent_clean_downloads(UcAgent *self)
{
	g_autoptr(GHashTable) keep = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		FwupdRelease *release = uc_target_get_release(value);

		if (!((UcTarget *)value)->listed)
			return;
		if (release != NULL)
			(void)g_hash_table_add(keep, (gpointer)uc_target_get_sha256(release));
	}
	uc_downloads_clean(keep);
}

/* told once, in the journal and to the service */
static void
uc_agent_set_plugin_problem(UcAgent *self, const gchar *problem)
{
	if (g_strcmp0(problem, self->plugin_problem) == 0)
		return;
	if (problem != NULL)
		uc_journal_log("plugin", "fwupd", NULL, problem);
	else
		g_message("fwupd has the plugin again");
	g_free(self->plugin_problem);
	self->plugin_problem = g_strdup(problem);
	self->check_wanted = TRUE;
	uc_agent_changed(self);
}

static void
uc_agent_plugin_checked_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autofree gchar *problem = NULL;
	g_autoptr(GError) error = NULL;

	if (uc_plugin_check_finish(result, &problem, &error))
		uc_agent_set_plugin_problem(self, problem);
	else
		g_warning("%s", error->message);
	uc_agent_end_work(self);
}

/* an endpoint file and no device of our plugin: whether there is one at all */
static gboolean
uc_agent_needs_plugin_check(UcAgent *self, GPtrArray *items)
{
	for (guint i = 0; i < items->len; i++) {
		if (!uc_fwupd_is_other(((UcFwupdDevice *)g_ptr_array_index(items, i))->device))
			return FALSE;
	}
	return self->unclaimed->len > 0;
}

static gboolean
uc_agent_has_trial(UcAgent *self)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (uc_target_is_on_trial(value))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_agent_get_pause_secs:
 *
 * Returns: for so long what costs as much as there are endpoints is not done again by itself; 0 for
 * a few
 */
gint64
uc_agent_get_pause_secs(UcAgent *self)
{
	guint count = g_hash_table_size(self->targets);

	return count <= UC_AGENT_LOAD_FEW ? 0 : count / UC_AGENT_LOAD_PER_SEC;
}

/**
 * uc_agent_is_pause_over:
 * @until_secs: now and uc_agent_get_pause_secs() when the pause began, or 0
 *
 * Returns: whether that moment has come; a clock that was set back does not make the pause longer
 */
gboolean
uc_agent_is_pause_over(UcAgent *self, gint64 until_secs)
{
	return uc_backoff_is_over(until_secs,
				  uc_agent_get_pause_secs(self),
				  uc_agent_now_secs(self));
}

/* When to ask again. The end of a trial is seen by the next fwupd only, which ucupdates-confirm
 * makes room for and somebody has to ask for. */
static void
uc_agent_set_loaded(UcAgent *self)
{
	self->load_failures = 0;
	self->load_retry_secs = 0;
	if (uc_agent_has_trial(self))
		self->trial_retry_secs = uc_agent_next_retry(self, self->trial_looks++);
	else
		self->trial_looks = 0;
}

static void
uc_agent_set_loaded_all(UcAgent *self)
{
	gint64 pause_secs = uc_agent_get_pause_secs(self);

	self->rumour_retry_secs = pause_secs > 0 ? uc_agent_now_secs(self) + pause_secs : 0;
}

static void
uc_agent_load_failed(UcAgent *self, const GError *error)
{
	self->load_error = g_strdup(error->message);
	self->load_retry_secs = uc_agent_next_retry(self, self->load_failures++);
	self->stale = TRUE;
	g_warning("%s", error->message);
}

static void
uc_agent_loaded_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GPtrArray) items = NULL;
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&self->load_error, g_free);
	items = uc_fwupd_load_finish(result, &error);
	if (items == NULL) {
		uc_agent_load_failed(self, error);
		uc_agent_end_work(self);
		return;
	}
	if (self->loading_all) {
		uc_agent_take_devices(self, items);
		uc_agent_set_loaded_all(self);
	} else if (!uc_agent_take_changes(self, items)) {
		self->rumour = TRUE;
	}
	uc_agent_set_loaded(self);
	if (self->last_check_secs != 0)
		uc_agent_clean_downloads(self);
	uc_agent_changed(self);
	if (uc_agent_needs_plugin_check(self, items)) {
		uc_plugin_check_async(uc_fwupd_get_client(self->fwupd),
				      self->cancellable,
				      uc_agent_plugin_checked_cb,
				      g_object_ref(self));
		return;
	}
	uc_agent_set_plugin_problem(self, NULL);
	uc_agent_end_work(self);
}

/* what our own act has changed, or somebody else */
static gboolean
uc_agent_asks(FwupdDevice *device, gpointer user_data)
{
	UcAgent *self = user_data;
	const gchar *id = fwupd_device_get_id(device);
	UcTarget *target = g_hash_table_lookup(self->devices, id);

	return target != NULL && (g_hash_table_contains(self->doubtful, id) ||
				  !uc_fwupd_load_is_same(target->device, device));
}

/* all of them: at once what we have a reason for ourselves */
static gboolean
uc_agent_needs_load_all(UcAgent *self)
{
	gboolean heard = self->heard || g_hash_table_size(self->doubtful) > 0;

	return self->stale || (heard && uc_agent_get_pause_secs(self) == 0) ||
	       (self->rumour && uc_agent_is_pause_over(self, self->rumour_retry_secs)) ||
	       (self->trial_retry_secs != 0 && uc_agent_is_due(self, self->trial_retry_secs));
}

/**
 * uc_agent_needs_load:
 *
 * Returns: whether fwupd is to be asked now
 */
gboolean
uc_agent_needs_load(UcAgent *self)
{
	if (self->stale && !uc_agent_is_due(self, self->load_retry_secs))
		return self->trial_retry_secs != 0 && uc_agent_is_due(self, self->trial_retry_secs);
	return self->heard || g_hash_table_size(self->doubtful) > 0 ||
	       uc_agent_needs_load_all(self);
}

/**
 * uc_agent_doubt:
 * @target: one whose device is different now, or may be, because of what the agent did
 */
void
uc_agent_doubt(UcAgent *self, UcTarget *target)
{
	(void)g_hash_table_add(self->doubtful, g_strdup(fwupd_device_get_id(target->device)));
}

/**
 * uc_agent_load:
 *
 * Asks fwupd anew what there is and what is on offer.
 */
void
uc_agent_load(UcAgent *self)
{
	self->work = UC_AGENT_LOADING;
	self->loading_all = uc_agent_needs_load_all(self);
	self->heard = FALSE;
	self->trial_retry_secs = 0;
	if (self->loading_all)
		self->stale = self->rumour = FALSE;
	uc_fwupd_load_async(self->fwupd,
			    self->loading_all ? NULL : uc_agent_asks,
			    self,
			    self->cancellable,
			    uc_agent_loaded_cb,
			    g_object_ref(self));
}
