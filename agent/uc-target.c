/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-names.h"
#include "uc-fwupd.h"
#include "uc-sha256.h"
#include "uc-target.h"
#include "uc-version.h"

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
	g_free(self->error_text);
	g_free(self->forced);
	g_free(self->missing);
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

	if (guid == NULL || !fwupd_device_has_guid(device, guid))
		return FALSE;
	return serial == NULL || endpoint->serial == NULL ||
	       g_strcmp0(serial, endpoint->serial) == 0;
}

/**
 * uc_target_is_pending:
 *
 * Returns: whether the release is of the organisation's remote for test devices
 */
gboolean
uc_target_is_pending(FwupdRelease *release)
{
	return g_strcmp0(fwupd_release_get_remote_id(release), UC_REMOTE_TESTING_ID) == 0;
}

/**
 * uc_target_is_ours:
 *
 * Returns: whether the organisation offers the release, pending or approved
 */
gboolean
uc_target_is_ours(FwupdRelease *release)
{
	return (g_strcmp0(fwupd_release_get_remote_id(release), UC_REMOTE_ID) == 0 ||
		uc_target_is_pending(release)) &&
	       uc_target_get_sha256(release) != NULL;
}

/**
 * uc_target_find_version:
 * @version: as fwupd spells it
 *
 * Returns: (transfer none) (nullable): the organisation's release, an approved one first
 */
FwupdRelease *
uc_target_find_version(UcTarget *self, const gchar *version)
{
	FwupdRelease *found = NULL;

	for (guint i = 0; i < self->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(self->releases, i);

		if (!uc_target_is_ours(release) ||
		    uc_version_compare(fwupd_release_get_version(release), version) != 0)
			continue;
		if (!uc_target_is_pending(release))
			return release;
		found = release;
	}
	return found;
}

/**
 * uc_target_get_release:
 *
 * Returns: (transfer none) (nullable): what is to be installed: the version that a human named,
 * else what the policy chose
 */
FwupdRelease *
uc_target_get_release(UcTarget *self)
{
	const gchar *sha256 = self->update->course.offer.sha256;

	if (sha256[0] == '\0')
		return NULL;
	for (guint i = 0; i < self->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(self->releases, i);

		if (uc_target_is_ours(release) &&
		    g_str_equal(uc_target_get_sha256(release), sha256))
			return release;
	}
	return NULL;
}

/**
 * uc_target_get_duration_secs:
 *
 * Returns: how long the install of uc_target_get_release() takes, 0 to 86400; 0 when that is not
 * known
 */
gint64
uc_target_get_duration_secs(UcTarget *self)
{
	FwupdRelease *release = uc_target_get_release(self);

	return release != NULL ? MIN(fwupd_release_get_install_duration(release), 86400) : 0;
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

/* what our plugin says; fwupd itself compares versions, which are the same when one was installed
 * again */
static gboolean
uc_target_has_state(UcTarget *self, FwupdUpdateState state)
{
	return !uc_fwupd_is_other(self->device) &&
	       fwupd_device_get_update_state(self->device) == state;
}

static gboolean
uc_target_has_failed(UcTarget *self)
{
	FwupdUpdateState state = self->result != NULL ? fwupd_device_get_update_state(self->result)
						      : FWUPD_UPDATE_STATE_UNKNOWN;

	if (uc_target_has_state(self, FWUPD_UPDATE_STATE_FAILED))
		return TRUE;

	/* of a device of another plugin that comes back as it was, fwupd goes on saying success,
	 * and the restart would be asked for again and again */
	if (uc_fwupd_is_other(self->device) && uc_update_was_restarted(self->update))
		return TRUE;
	return state == FWUPD_UPDATE_STATE_FAILED || state == FWUPD_UPDATE_STATE_FAILED_TRANSIENT;
}

/**
 * uc_target_is_on_trial:
 *
 * Returns: whether what was installed runs, but its health is not confirmed yet, as the plugin
 *   says: the update on record is pending, but nothing is missing. It may still be gone back from.
 */
gboolean
uc_target_is_on_trial(UcTarget *self)
{
	UcCourseStage stage = self->update->course.stage;

	return (stage == UC_COURSE_STAGED || stage == UC_COURSE_ACTIVATED) &&
	       uc_target_has_state(self, FWUPD_UPDATE_STATE_PENDING) &&
	       !fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION) &&
	       !fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT);
}

/**
 * uc_target_settle:
 *
 * Returns: what became of the attempt on record; the record itself is unchanged
 */
UcSettled
uc_target_settle(UcTarget *self)
{
	const UcCourseSeen seen = {
	    .version = fwupd_device_get_version(self->device),
	    .version_old = self->update->version_old,
	    .needs_activation =
		fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION),
	    .needs_reboot = fwupd_device_has_flag(self->device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT),
	    .succeeded = uc_target_has_state(self, FWUPD_UPDATE_STATE_SUCCESS),
	    .failed = uc_target_has_failed(self),
	    .on_trial = uc_target_is_on_trial(self),
	};

	return uc_course_see(&self->update->course, &seen);
}
