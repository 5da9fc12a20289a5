/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-paths.h"
#include "uc-sha256.h"
#include "uc-state-file.h"
#include "uc-update.h"

#define UC_UPDATE_FORMAT "ucupdates-update-1"

static const gchar *const uc_update_stages[] =
    {"none", "staging", "staged", "activated", "failed", "forgotten"};

G_STATIC_ASSERT(G_N_ELEMENTS(uc_update_stages) == UC_UPDATE_LAST);

/**
 * uc_update_is_id:
 * @endpoint: the `Id` of an endpoint, or a fwupd device id
 *
 * Returns: whether it can be the name of a file
 */
gboolean
uc_update_is_id(const gchar *endpoint)
{
	gsize length = strlen(endpoint);

	return length > 0 && length <= 64 && endpoint[0] != '.' &&
	       strspn(endpoint,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		   length;
}

static gchar *
uc_update_get_name(const gchar *endpoint)
{
	return g_strdup_printf("updates/%s.json", endpoint);
}

UcUpdate *
uc_update_new(const gchar *endpoint)
{
	UcUpdate *self = g_new0(UcUpdate, 1);

	self->endpoint = g_strdup(endpoint);
	return self;
}

void
uc_update_free(UcUpdate *self)
{
	g_free(self->endpoint);
	g_free(self->uuid);
	g_free(self->version_old);
	g_free(self->version_new);
	g_free(self->sha256);
	g_free(self);
}

/**
 * uc_update_load:
 * @endpoint: the `Id` of the endpoint
 *
 * Returns: (transfer full): what is on disk; one that is not begun when there is nothing usable
 */
UcUpdate *
uc_update_load(const gchar *endpoint)
{
	UcUpdate *self = uc_update_new(endpoint);
	g_autofree gchar *name = uc_update_get_name(endpoint);
	g_autofree gchar *aside = NULL;
	g_autofree gchar *stage = NULL;
	g_autoptr(JsonObject) object = uc_state_file_load(name, UC_UPDATE_FORMAT, &aside);

	if (object == NULL)
		return self;
	self->uuid = uc_state_file_get_text(object, "uuid");
	self->version_old = uc_state_file_get_text(object, "version_old");
	self->version_new = uc_state_file_get_text(object, "version_new");
	self->sha256 = uc_state_file_get_text(object, "sha256");
	self->since_secs = uc_state_file_get_time(object, "since");
	stage = uc_state_file_get_text(object, "stage");
	for (guint i = 0; self->uuid != NULL && i < UC_UPDATE_LAST; i++) {
		if (g_strcmp0(stage, uc_update_stages[i]) == 0)
			self->stage = i;
	}
	return self;
}

/**
 * uc_update_begin:
 * @version_old: (nullable): what runs
 * @version_new: (nullable): what it leads to
 * @sha256: (nullable): of the cab
 *
 * A new attempt in the place of the last one, not durable yet.
 */
void
uc_update_begin(UcUpdate *self,
		const gchar *version_old,
		const gchar *version_new,
		const gchar *sha256)
{
	g_free(self->uuid);
	g_free(self->version_old);
	g_free(self->version_new);
	g_free(self->sha256);
	self->uuid = g_uuid_string_random();
	self->version_old = g_strdup(version_old);
	self->version_new = g_strdup(version_new);
	self->sha256 = g_strdup(sha256);
	self->stage = UC_UPDATE_NONE;
}

static gboolean
uc_update_remove(UcUpdate *self, GError **error)
{
	g_autofree gchar *name = uc_update_get_name(self->endpoint);
	g_autofree gchar *path = uc_path_state(name);

	if (g_unlink(path) == 0 || errno == ENOENT)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot remove %s: %s",
		    path,
		    g_strerror(errno));
	return FALSE;
}

static void
uc_update_set_text(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
}

/**
 * uc_update_set_stage:
 * @stage: %UC_UPDATE_NONE forgets the attempt
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED; the stage is unchanged then
 *
 * Durable when it returns. Blocks for one fsync.
 */
gboolean
uc_update_set_stage(UcUpdate *self, UcUpdateStage stage, gint64 now_secs, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree gchar *name = uc_update_get_name(self->endpoint);

	if (stage == UC_UPDATE_NONE) {
		if (!uc_update_remove(self, error))
			return FALSE;
		self->stage = stage;
		return TRUE;
	}
	json_object_set_string_member(object, "format", UC_UPDATE_FORMAT);
	json_object_set_string_member(object, "stage", uc_update_stages[stage]);
	uc_update_set_text(object, "uuid", self->uuid);
	uc_update_set_text(object, "version_old", self->version_old);
	uc_update_set_text(object, "version_new", self->version_new);
	uc_update_set_text(object, "sha256", self->sha256);
	uc_json_set_time(object, "since", now_secs);
	if (!uc_state_file_save(name, object, error))
		return FALSE;
	self->stage = stage;
	self->since_secs = now_secs;
	return TRUE;
}

/**
 * uc_update_event_uuid:
 * @event: `staged`, `activated`, `success` or `failed`
 *
 * The same event of the same attempt has the same UUID, so that what is written again after a kill
 * is counted once.
 *
 * Returns: (transfer full): a UUID in the layout of version 5
 */
gchar *
uc_update_event_uuid(const UcUpdate *self, const gchar *event)
{
	g_autofree gchar *text =
	    g_strdup_printf("%s %s", self->uuid != NULL ? self->uuid : "", event);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree gchar *hex = uc_sha256_for_bytes(bytes);

	return g_strdup_printf("%.8s-%.4s-5%.3s-8%.3s-%.12s",
			       hex,
			       hex + 8,
			       hex + 13,
			       hex + 17,
			       hex + 20);
}
