/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fwupd's devices and the endpoint files, brought together as targets */

#include "uc-agent-private.h"
#include "uc-boot.h"
#include "uc-error.h"

/* fwupd's id of the device that it makes of an endpoint -> the endpoint, of the first file */
static GHashTable *
uc_agent_index_endpoints(GPtrArray *endpoints)
{
	GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < endpoints->len; i++) {
		UcEndpoint *endpoint = g_ptr_array_index(endpoints, i);
		g_autofree gchar *id = uc_endpoint_get_device_id(endpoint);

		if (!g_hash_table_contains(index, id))
			g_hash_table_insert(index, g_steal_pointer(&id), endpoint);
	}
	return index;
}

/* (transfer full) (nullable): out of @endpoints */
static UcEndpoint *
uc_agent_steal_endpoint(GPtrArray *endpoints, GHashTable *index, FwupdDevice *device)
{
	UcEndpoint *endpoint = g_hash_table_lookup(index, fwupd_device_get_id(device));
	guint at = 0;

	if (endpoint != NULL && g_ptr_array_find(endpoints, endpoint, &at))
		return g_ptr_array_steal_index(endpoints, at);
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
uc_agent_set_device(UcAgent *self, UcTarget *target, UcFwupdDevice *item)
{
	if (target->endpoint != NULL) {
		uc_endpoint_complete(target->endpoint, item->device);
		uc_endpoint_identify(target->endpoint, self->machine_id, self->said);
	}
	g_set_object(&target->device, item->device);
	g_set_object(&target->result, item->result);
	g_ptr_array_unref(target->releases);
	target->releases = g_ptr_array_ref(item->releases);
	target->listed = item->listed;
	uc_agent_recognise(self, target);
}

static void
uc_agent_take_device(UcAgent *self,
		     GHashTable *known,
		     UcFwupdDevice *item,
		     GPtrArray *endpoints,
		     GHashTable *index)
{
	UcEndpoint *endpoint = uc_agent_steal_endpoint(endpoints, index, item->device);
	const gchar *device_id = fwupd_device_get_id(item->device);
	const gchar *id = NULL;
	UcTarget *target = NULL;
	g_autofree gchar *text = NULL;

	if (endpoint == NULL && uc_fwupd_is_other(item->device))
		endpoint = uc_endpoint_new_for_device(item->device);
	id = endpoint != NULL ? endpoint->id : device_id;

	if (!uc_update_is_id(id) || g_hash_table_contains(self->targets, id)) {
		text =
		    g_strdup_printf("'%s' is no Id, or of another endpoint already; ignored", id);
		uc_said_warn(self->said, text);
		g_clear_pointer(&endpoint, uc_endpoint_free);
		g_hash_table_insert(self->devices, g_strdup(device_id), NULL);
		return;
	}
	target = uc_agent_get_target(self, known, id);
	g_clear_pointer(&target->endpoint, uc_endpoint_free);
	target->endpoint = endpoint;
	uc_agent_set_device(self, target, item);
	g_hash_table_insert(self->targets, g_strdup(target->id), target);
	g_hash_table_insert(self->devices, g_strdup(device_id), target);
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

/**
 * uc_agent_take_devices:
 * @items: (element-type UcFwupdDevice): all that there are, with what is on offer for each
 *
 * Reads the endpoint files, and brings them together with the devices.
 */
void
uc_agent_take_devices(UcAgent *self, GPtrArray *items)
{
	g_autoptr(GHashTable) known = g_steal_pointer(&self->targets);
	g_autoptr(GPtrArray) endpoints = NULL;
	g_autoptr(GHashTable) index = NULL;

	g_ptr_array_set_size(self->unusable, 0);
	uc_said_begin(self->said);
	endpoints = uc_endpoint_load_all(self->unusable, self->said);
	index = uc_agent_index_endpoints(endpoints);
	self->targets =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)uc_target_free);
	g_hash_table_remove_all(self->devices);
	g_hash_table_remove_all(self->doubtful);
	for (guint i = 0; i < items->len; i++)
		uc_agent_take_device(self, known, g_ptr_array_index(items, i), endpoints, index);
	g_hash_table_foreach(known, uc_agent_forget, NULL);
	g_ptr_array_unref(self->unclaimed);
	self->unclaimed = g_steal_pointer(&endpoints);
	self->loaded = TRUE;
}

/* what the file says now, as when all are read; whether it is still that endpoint's */
static gboolean
uc_agent_renew_endpoint(UcAgent *self, UcTarget *target, FwupdDevice *device)
{
	g_autoptr(UcEndpoint) endpoint = NULL;

	if (target->endpoint == NULL)
		return TRUE;
	endpoint = target->endpoint->path != NULL
		       ? uc_endpoint_load(target->endpoint->path, self->said, NULL)
		       : uc_endpoint_new_for_device(device);
	if (endpoint == NULL || !g_str_equal(endpoint->id, target->id))
		return FALSE;
	uc_endpoint_free(target->endpoint);
	target->endpoint = g_steal_pointer(&endpoint);
	return TRUE;
}

/* what is not there any more cannot be updated: an attempt would fail for good */
static void
uc_agent_drop_gone(UcAgent *self, GPtrArray *items)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer key = NULL;
	gpointer value = NULL;

	for (guint i = 0; i < items->len; i++) {
		UcFwupdDevice *item = g_ptr_array_index(items, i);

		(void)g_hash_table_add(ids, (gpointer)fwupd_device_get_id(item->device));
	}
	g_hash_table_iter_init(&iter, self->devices);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		UcTarget *target = value;

		if (g_hash_table_contains(ids, key))
			continue;
		g_hash_table_iter_remove(&iter);
		if (target == NULL)
			continue;
		uc_agent_forget(target->id, target, NULL);
		g_hash_table_remove(self->targets, target->id);
	}
}

/**
 * uc_agent_take_changes:
 * @items: (element-type UcFwupdDevice): all that there are, with what is on offer for those that
 *   were asked about
 *
 * Those that are gone go at once; those that are new come when all are asked about.
 *
 * Returns: whether the devices are those that were there, with their files; if not, all are to be
 *   asked about
 */
gboolean
uc_agent_take_changes(UcAgent *self, GPtrArray *items)
{
	gboolean same = items->len == g_hash_table_size(self->devices);

	for (guint i = 0; i < items->len; i++) {
		UcFwupdDevice *item = g_ptr_array_index(items, i);
		const gchar *id = fwupd_device_get_id(item->device);
		UcTarget *target = g_hash_table_lookup(self->devices, id);

		if (target == NULL) {
			same = same && g_hash_table_contains(self->devices, id);
			continue;
		}
		if (item->asked) {
			same = uc_agent_renew_endpoint(self, target, item->device) && same;
			uc_agent_set_device(self, target, item);
		} else {
			g_set_object(&target->device, item->device);
		}
	}
	g_hash_table_remove_all(self->doubtful);
	if (!same)
		uc_agent_drop_gone(self, items);
	return same;
}
