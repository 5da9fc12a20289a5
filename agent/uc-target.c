/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-names.h"
#include "uc-sha256.h"
#include "uc-target.h"

UcTarget *
uc_target_new(const gchar *id)
{
	UcTarget *self = g_new0(UcTarget, 1);

	self->id = g_strdup(id);
	self->update = uc_update_load(id);
	self->releases = g_ptr_array_new_with_free_func(g_object_unref);
	self->waiting = g_ptr_array_new_with_free_func(g_object_unref);
	return self;
}

void
uc_target_free(UcTarget *self)
{
	g_clear_pointer(&self->endpoint, uc_endpoint_free);
	g_clear_object(&self->device);
	g_clear_object(&self->result);
	g_ptr_array_unref(self->releases);
	g_ptr_array_unref(self->waiting);
	g_clear_pointer(&self->decision, uc_decision_free);
	uc_update_free(self->update);
	g_free(self->wanted_version);
	g_free(self->error_text);
	g_free(self->id);
	g_free(self);
}

/**
 * uc_target_matches:
 *
 * Returns: whether fwupd's device is that endpoint: it has the GUID of vendor and model, and the
 * same serial number where both have one
 */
gboolean
uc_target_matches(const UcEndpoint *endpoint, FwupdDevice *device)
{
	g_autofree gchar *guid = uc_endpoint_get_guid(endpoint);
	const gchar *serial = fwupd_device_get_serial(device);

	if (!fwupd_device_has_guid(device, guid))
		return FALSE;
	return serial == NULL || endpoint->serial == NULL ||
	       g_strcmp0(serial, endpoint->serial) == 0;
}

static gboolean
uc_target_is_ours(FwupdRelease *release)
{
	return g_strcmp0(fwupd_release_get_remote_id(release), UC_REMOTE_ID) == 0 &&
	       uc_target_get_sha256(release) != NULL;
}

/**
 * uc_target_get_release:
 *
 * Returns: (transfer none) (nullable): the version that a human named, else the newest approved one
 * that is newer than what runs
 */
FwupdRelease *
uc_target_get_release(UcTarget *self)
{
	const gchar *wanted = self->wanted_version;

	for (guint i = 0; i < self->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(self->releases, i);

		if (!uc_target_is_ours(release))
			continue;
		if (wanted != NULL ? g_strcmp0(fwupd_release_get_version(release), wanted) == 0
				   : fwupd_release_has_flag(release, FWUPD_RELEASE_FLAG_IS_UPGRADE))
			return release;
	}
	return NULL;
}

/**
 * uc_target_get_sha256:
 *
 * Returns: (nullable): the SHA-256 of the release's cab as the signed metadata has it
 */
const gchar *
uc_target_get_sha256(FwupdRelease *release)
{
	GPtrArray *checksums = fwupd_release_get_checksums(release);

	for (guint i = 0; checksums != NULL && i < checksums->len; i++) {
		const gchar *checksum = g_ptr_array_index(checksums, i);

		if (uc_sha256_is_hex(checksum))
			return checksum;
	}
	return NULL;
}

/* something else than what is staged is wanted now */
static gboolean
uc_target_is_superseded(UcTarget *self)
{
	FwupdRelease *release = uc_target_get_release(self);

	return release != NULL && self->update->version_new != NULL &&
	       g_strcmp0(fwupd_release_get_version(release), self->update->version_new) != 0;
}

/**
 * uc_target_get_progress:
 * @downloaded: whether the cab of uc_target_get_release() is on disk
 */
UcProgress
uc_target_get_progress(UcTarget *self, gboolean downloaded)
{
	if (self->update->stage == UC_UPDATE_ACTIVATED)
		return UC_PROGRESS_ACTIVATED;
	if (self->update->stage == UC_UPDATE_STAGED && !uc_target_is_superseded(self))
		return UC_PROGRESS_STAGED;
	if (uc_target_get_release(self) == NULL)
		return UC_PROGRESS_CURRENT;
	return downloaded ? UC_PROGRESS_DOWNLOADED : UC_PROGRESS_AVAILABLE;
}

/**
 * uc_target_get_version_new:
 *
 * Returns: (nullable): what the pending update leads to
 */
const gchar *
uc_target_get_version_new(UcTarget *self)
{
	UcProgress progress = uc_target_get_progress(self, FALSE);
	FwupdRelease *release = uc_target_get_release(self);

	if (progress == UC_PROGRESS_STAGED || progress == UC_PROGRESS_ACTIVATED)
		return self->update->version_new;
	return release != NULL ? fwupd_release_get_version(release) : NULL;
}

gboolean
uc_target_failed_before(UcTarget *self)
{
	FwupdRelease *release = uc_target_get_release(self);

	return self->update->stage == UC_UPDATE_FAILED && release != NULL &&
	       self->update->sha256 != NULL &&
	       g_strcmp0(self->update->sha256, uc_target_get_sha256(release)) == 0;
}

static gboolean
uc_target_runs_new(UcTarget *self)
{
	return self->update->version_new != NULL &&
	       g_strcmp0(fwupd_device_get_version(self->device), self->update->version_new) == 0;
}

static UcSettled
uc_target_settle_staged(UcTarget *self)
{
	if (fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION))
		return UC_SETTLED_UNCHANGED;
	if (uc_target_runs_new(self))
		return UC_SETTLED_SUCCESS;
	if (fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT))
		return UC_SETTLED_ACTIVATED;
	return UC_SETTLED_LOST;
}

static UcSettled
uc_target_settle_activated(UcTarget *self)
{
	if (fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION))
		return UC_SETTLED_STAGED;
	if (fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT))
		return UC_SETTLED_UNCHANGED;
	if (uc_target_runs_new(self))
		return UC_SETTLED_SUCCESS;
	if (self->result != NULL &&
	    (fwupd_device_get_update_state(self->result) == FWUPD_UPDATE_STATE_FAILED ||
	     fwupd_device_get_update_state(self->result) == FWUPD_UPDATE_STATE_FAILED_TRANSIENT))
		return UC_SETTLED_FAILED;
	return UC_SETTLED_UNCHANGED;
}

/**
 * uc_target_settle:
 *
 * What fwupd knows and what is on record may differ after a kill, a restart, or somebody else's
 * fwupdmgr. fwupd is right about what is staged, the running version is right about success.
 *
 * Returns: what became of the attempt on record; the record itself is unchanged
 */
UcSettled
uc_target_settle(UcTarget *self)
{
	gboolean staged = fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION);

	switch (self->update->stage) {
	case UC_UPDATE_STAGING:
		if (staged)
			return UC_SETTLED_STAGED;
		return uc_target_runs_new(self) ? UC_SETTLED_SUCCESS : UC_SETTLED_LOST;
	case UC_UPDATE_STAGED:
		return uc_target_settle_staged(self);
	case UC_UPDATE_ACTIVATED:
		return uc_target_settle_activated(self);
	case UC_UPDATE_FORGOTTEN:
		return staged ? UC_SETTLED_UNCHANGED : UC_SETTLED_LOST;
	default:
		return staged ? UC_SETTLED_STAGED : UC_SETTLED_UNCHANGED;
	}
}

void
uc_target_clear_human(UcTarget *self)
{
	self->human_now = FALSE;
	self->human_force = FALSE;
	g_clear_pointer(&self->wanted_version, g_free);
}
