/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fwupd's devices and the endpoint files, brought together as targets */

#include "uc-agent-private.h"
#include "uc-boot.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-journal.h"
#include "uc-plugin.h"

static UcEndpoint *
uc_agent_steal_endpoint(GPtrArray *endpoints, FwupdDevice *device)
{
	for (guint i = 0; i < endpoints->len; i++) {
		if (uc_endpoint_is_device(g_ptr_array_index(endpoints, i), device))
			return g_ptr_array_steal_index(endpoints, i);
	}
	for (guint i = 0; i < endpoints->len; i++) {
		if (uc_target_matches(g_ptr_array_index(endpoints, i), device))
			return g_ptr_array_steal_index(endpoints, i);
	}
	return NULL;
}

static UcTarget *
uc_agent_get_target(UcAgent *self, GHashTable *known, const gchar *id)
{
	UcTarget *target = NULL;
	gchar *key = NULL;
	g_autofree gchar *boot_id = NULL;
	g_autoptr(GError) error = NULL;

	if (g_hash_table_steal_extended(known, id, (gpointer *)&key, (gpointer *)&target)) {
		g_free(key);
		return target;
	}
	target = uc_target_new(id);
	boot_id = uc_boot_get_id();
	if (!uc_update_boot(target->update, boot_id, uc_agent_now_secs(self), &error))
		g_warning("%s", error->message);
	return target;
}

/* a record that was lost begins with the plugin's word; the package is known again by its version,
 * unless it is not on offer any more */
static void
uc_agent_recognise(UcAgent *self, UcTarget *target)
{
	UcCourse next = target->update->course;
	FwupdRelease *release = NULL;

	if (!target->update->damaged || !target->listed)
		return;
	target->update->damaged = FALSE;
	if (next.stage == UC_COURSE_STAGING && next.image.version[0] != '\0')
		release = uc_target_find_version(target, next.image.version);
	if (release == NULL)
		return;
	uc_course_set_image(&next.image,
			    fwupd_release_get_version(release),
			    uc_target_get_sha256(release));
	(void)uc_agent_save(self, target, &next);
}

static void
uc_agent_take_device(UcAgent *self, GHashTable *known, UcFwupdDevice *item, GPtrArray *endpoints)
{
	UcEndpoint *endpoint = uc_agent_steal_endpoint(endpoints, item->device);
	const gchar *id = NULL;
	UcTarget *target = NULL;

	if (endpoint == NULL && uc_fwupd_is_other(item->device))
		endpoint = uc_endpoint_new_for_device(item->device);
	id = endpoint != NULL ? endpoint->id : fwupd_device_get_id(item->device);

	if (!uc_update_is_id(id) || g_hash_table_contains(self->targets, id)) {
		g_warning("'%s' is no Id, or of another endpoint already; ignored", id);
		g_clear_pointer(&endpoint, uc_endpoint_free);
		return;
	}
	target = uc_agent_get_target(self, known, id);
	g_clear_pointer(&target->endpoint, uc_endpoint_free);
	target->endpoint = endpoint;
	if (endpoint != NULL) {
		uc_endpoint_complete(endpoint, item->device);
		uc_endpoint_identify(endpoint, self->machine_id);
	}
	g_set_object(&target->device, item->device);
	g_set_object(&target->result, item->result);
	g_ptr_array_unref(target->releases);
	target->releases = g_ptr_array_ref(item->releases);
	target->listed = item->listed;
	uc_agent_recognise(self, target);
	g_hash_table_insert(self->targets, g_strdup(target->id), target);
}

static void
uc_agent_forget(gpointer key, gpointer value, gpointer user_data)
{
	g_autoptr(GError) error = g_error_new(UC_ERROR,
					      UC_ERROR_NOT_FOUND,
					      "fwupd has no device for %s any more",
					      (const gchar *)key);

	uc_agent_answer(value, error);
}

static void
uc_agent_take_devices(UcAgent *self, GPtrArray *items)
{
	g_autoptr(GHashTable) known = g_steal_pointer(&self->targets);
	g_autoptr(GPtrArray) endpoints = NULL;

	g_ptr_array_set_size(self->unusable, 0);
	endpoints = uc_endpoint_load_all(self->unusable);
	self->targets =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)uc_target_free);
	for (guint i = 0; i < items->len; i++)
		uc_agent_take_device(self, known, g_ptr_array_index(items, i), endpoints);
	g_hash_table_foreach(known, uc_agent_forget, NULL);
	g_ptr_array_unref(self->unclaimed);
	self->unclaimed = g_steal_pointer(&endpoints);
	self->loaded = TRUE;
}

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
uc_agent_loaded_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GPtrArray) items = NULL;
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&self->load_error, g_free);
	items = uc_fwupd_load_finish(UC_FWUPD(source), result, &error);
	if (items == NULL) {
		self->load_error = g_strdup(error->message);
		self->load_retry_secs = uc_agent_next_retry(self, self->load_failures++);
		self->stale = TRUE;
		g_warning("%s", error->message);
	} else {
		uc_agent_take_devices(self, items);
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
	}
	uc_agent_end_work(self);
}

/**
 * uc_agent_needs_load:
 *
 * Returns: whether fwupd is to be asked now
 */
gboolean
uc_agent_needs_load(UcAgent *self)
{
	return (self->stale && uc_agent_is_due(self, self->load_retry_secs)) ||
	       (self->trial_retry_secs != 0 && uc_agent_is_due(self, self->trial_retry_secs));
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
	self->stale = FALSE;
	self->trial_retry_secs = 0;
	uc_fwupd_load_async(self->fwupd, self->cancellable, uc_agent_loaded_cb, g_object_ref(self));
}
