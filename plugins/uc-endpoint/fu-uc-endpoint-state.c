/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-failed.h"
#include "fu-uc-endpoint-state.h"
#include "fu-uc-version.h"

/* What is staged, what is activated and how the last activation ended, for one endpoint. A keyfile
 * that is written aside, flushed and renamed; it lies outside both slots, so that the previous
 * release can read it after a fallback: readers ignore keys they do not know. */

#define FU_UC_ENDPOINT_STATE_SIZE_MAX (64 * 1024) /* bytes */

struct _FuUcEndpointState {
	GObject parent_instance;
	gchar *filename;
	FuUcEndpointRecord *staged;    /* (nullable) */
	FuUcEndpointRecord *activated; /* (nullable) */
	FuUcEndpointRecord *replacing; /* (nullable): while the others say what was before */
	FuUcEndpointOutcome outcome;
	gchar *reason;	   /* (nullable) */
	gboolean forced;   /* the image that @outcome is about */
	gboolean trial;	   /* what is activated runs, unconfirmed; not kept on disk */
	GPtrArray *failed; /* as fu_uc_endpoint_failed_new() */
};

G_DEFINE_TYPE(FuUcEndpointState, fu_uc_endpoint_state, G_TYPE_OBJECT)

const FuUcEndpointRecord *
fu_uc_endpoint_state_get_staged(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), NULL);
	return self->staged;
}

/**
 * fu_uc_endpoint_state_set_staged:
 * @self: a #FuUcEndpointState
 * @record: an image that is whole in a slot, and verified
 *
 * Nothing is written before fu_uc_endpoint_state_save().
 **/
void
fu_uc_endpoint_state_set_staged(FuUcEndpointState *self, const FuUcEndpointRecord *record)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	fu_uc_endpoint_state_clear(self);
	self->staged = fu_uc_endpoint_record_copy(record);
}

const FuUcEndpointRecord *
fu_uc_endpoint_state_get_activated(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), NULL);
	return self->activated;
}

/**
 * fu_uc_endpoint_state_set_activated:
 * @self: a #FuUcEndpointState
 * @boot_id: of the boot in which it was activated
 *
 * What is staged becomes what is activated: the next start should run it.
 **/
void
fu_uc_endpoint_state_set_activated(FuUcEndpointState *self, const gchar *boot_id)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	g_return_if_fail(self->staged != NULL);
	g_clear_pointer(&self->activated, fu_uc_endpoint_record_free);
	self->activated = g_steal_pointer(&self->staged);
	g_free(self->activated->boot_id);
	self->activated->boot_id = g_strdup(boot_id);
}

/**
 * fu_uc_endpoint_state_set_success:
 * @self: a #FuUcEndpointState
 *
 * What is staged or activated runs.
 **/
void
fu_uc_endpoint_state_set_success(FuUcEndpointState *self)
{
	gboolean forced;

	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	forced = fu_uc_endpoint_state_get_forced(self);
	fu_uc_endpoint_state_clear(self);
	self->forced = forced;
	self->outcome = FU_UC_ENDPOINT_OUTCOME_SUCCESS;
}

/**
 * fu_uc_endpoint_state_set_fell_back:
 * @self: a #FuUcEndpointState
 * @reason: for people
 *
 * What is activated does not run after the restart, and is not activated again by itself.
 **/
void
fu_uc_endpoint_state_set_fell_back(FuUcEndpointState *self, const gchar *reason)
{
	gboolean forced;

	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	g_return_if_fail(self->activated != NULL);
	forced = self->activated->forced;
	fu_uc_endpoint_failed_add(self->failed, self->activated->sha256);
	fu_uc_endpoint_state_clear(self);
	self->forced = forced;
	self->outcome = FU_UC_ENDPOINT_OUTCOME_FAILED;
	self->reason = g_strdup(reason);
}

/**
 * fu_uc_endpoint_state_unset_activated:
 * @self: a #FuUcEndpointState
 *
 * What is activated becomes what is only staged again: the activation is taken back.
 **/
void
fu_uc_endpoint_state_unset_activated(FuUcEndpointState *self)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	if (self->activated == NULL)
		return;
	g_clear_pointer(&self->staged, fu_uc_endpoint_record_free);
	self->staged = g_steal_pointer(&self->activated);
	g_clear_pointer(&self->staged->boot_id, g_free);
}

const FuUcEndpointRecord *
fu_uc_endpoint_state_get_replacing(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), NULL);
	return self->replacing;
}

/**
 * fu_uc_endpoint_state_set_replacing:
 * @self: a #FuUcEndpointState
 * @record: an image that is verified, and the boot in which it takes the place of what is there
 *
 * Save before the first byte of the target changes: whoever finds this at the next start compares
 * the target with it. What is activated stays so until fu_uc_endpoint_state_end_replacing().
 **/
void
fu_uc_endpoint_state_set_replacing(FuUcEndpointState *self, const FuUcEndpointRecord *record)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	g_clear_pointer(&self->replacing, fu_uc_endpoint_record_free);
	self->replacing = fu_uc_endpoint_record_copy(record);
}

/**
 * fu_uc_endpoint_state_end_replacing:
 * @self: a #FuUcEndpointState
 * @replaced: whether the target has the new content; otherwise it has all of the old one
 * @restart: whether that runs after the next restart only
 **/
void
fu_uc_endpoint_state_end_replacing(FuUcEndpointState *self, gboolean replaced, gboolean restart)
{
	g_autoptr(FuUcEndpointRecord) record = NULL;

	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	record = g_steal_pointer(&self->replacing);
	if (record == NULL || !replaced)
		return;
	fu_uc_endpoint_state_set_staged(self, record);
	if (restart)
		fu_uc_endpoint_state_set_activated(self, record->boot_id);
	else
		fu_uc_endpoint_state_set_success(self);
}

/**
 * fu_uc_endpoint_state_clear:
 * @self: a #FuUcEndpointState
 *
 * Nothing is staged or activated any more; what fell back stays known.
 **/
void
fu_uc_endpoint_state_clear(FuUcEndpointState *self)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	g_clear_pointer(&self->staged, fu_uc_endpoint_record_free);
	g_clear_pointer(&self->activated, fu_uc_endpoint_record_free);
	g_clear_pointer(&self->replacing, fu_uc_endpoint_record_free);
	g_clear_pointer(&self->reason, g_free);
	self->outcome = FU_UC_ENDPOINT_OUTCOME_NONE;
	self->forced = FALSE;
	self->trial = FALSE;
}

/**
 * fu_uc_endpoint_state_is_trial:
 * @self: a #FuUcEndpointState
 *
 * Returns: whether what is activated runs, but nobody has confirmed yet that it is healthy
 **/
gboolean
fu_uc_endpoint_state_is_trial(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	return self->trial;
}

void
fu_uc_endpoint_state_set_trial(FuUcEndpointState *self, gboolean trial)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	self->trial = trial;
}

FuUcEndpointOutcome
fu_uc_endpoint_state_get_outcome(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FU_UC_ENDPOINT_OUTCOME_NONE);
	return self->outcome;
}

/**
 * fu_uc_endpoint_state_get_reason:
 * @self: a #FuUcEndpointState
 *
 * Returns: (nullable): why the last activation failed, for people
 **/
const gchar *
fu_uc_endpoint_state_get_reason(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), NULL);
	return self->reason;
}

/**
 * fu_uc_endpoint_state_get_forced:
 * @self: a #FuUcEndpointState
 *
 * Returns: whether a human forced what is staged or activated, or what ran last
 **/
gboolean
fu_uc_endpoint_state_get_forced(FuUcEndpointState *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	if (self->staged != NULL)
		return self->staged->forced;
	if (self->activated != NULL)
		return self->activated->forced;
	return self->forced;
}

/**
 * fu_uc_endpoint_state_has_failed:
 * @self: a #FuUcEndpointState
 * @sha256: an image
 *
 * Returns: whether @sha256 was started once and fell back
 **/
gboolean
fu_uc_endpoint_state_has_failed(FuUcEndpointState *self, const gchar *sha256)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	return fu_uc_endpoint_failed_contains(self->failed, sha256);
}

void
fu_uc_endpoint_state_forget_failed(FuUcEndpointState *self, const gchar *sha256)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	fu_uc_endpoint_failed_remove(self->failed, sha256);
}

/**
 * fu_uc_endpoint_state_forget:
 * @self: a #FuUcEndpointState
 *
 * The slot has something else than what was staged, so that nothing is. If that cannot be written
 * down it is found out again.
 **/
void
fu_uc_endpoint_state_forget(FuUcEndpointState *self)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_STATE(self));
	fu_uc_endpoint_state_clear(self);
	fu_uc_endpoint_state_try_save(self);
}

static void
fu_uc_endpoint_state_load_last(FuUcEndpointState *self, GKeyFile *keyfile)
{
	g_autofree gchar *outcome = g_key_file_get_string(keyfile, "Last", "Outcome", NULL);

	if (g_strcmp0(outcome, "success") == 0)
		self->outcome = FU_UC_ENDPOINT_OUTCOME_SUCCESS;
	else if (g_strcmp0(outcome, "failed") == 0)
		self->outcome = FU_UC_ENDPOINT_OUTCOME_FAILED;
	self->reason = g_key_file_get_string(keyfile, "Last", "Reason", NULL);
	self->forced = g_key_file_get_boolean(keyfile, "Last", "Forced", NULL);
}

/**
 * fu_uc_endpoint_state_load_data:
 * @self: a #FuUcEndpointState
 * @data: (array length=datasz): what is in the file
 * @datasz: bytes
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_READ, and then nothing is staged
 **/
gboolean
fu_uc_endpoint_state_load_data(FuUcEndpointState *self,
			       const gchar *data,
			       gsize datasz,
			       GError **error)
{
	g_autoptr(GKeyFile) keyfile = g_key_file_new();
	g_autoptr(GError) error_local = NULL;

	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	fu_uc_endpoint_state_clear(self);
	g_ptr_array_set_size(self->failed, 0);
	if (datasz == 0)
		return TRUE;
	if (datasz > FU_UC_ENDPOINT_STATE_SIZE_MAX ||
	    !g_key_file_load_from_data(keyfile, data, datasz, G_KEY_FILE_NONE, &error_local)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_READ,
			    "%s cannot be read: %s",
			    self->filename,
			    error_local != NULL ? error_local->message : "it has more than 64 KiB");
		return FALSE;
	}
	self->staged = fu_uc_endpoint_record_load(keyfile, "Staged");
	self->activated = fu_uc_endpoint_record_load(keyfile, "Activated");
	self->replacing = fu_uc_endpoint_record_load(keyfile, "Replacing");
	if (self->activated != NULL)
		g_clear_pointer(&self->staged, fu_uc_endpoint_record_free);
	fu_uc_endpoint_state_load_last(self, keyfile);
	fu_uc_endpoint_failed_load(self->failed, keyfile);
	return TRUE;
}

/**
 * fu_uc_endpoint_state_load:
 * @self: a #FuUcEndpointState
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE also if there is no file yet; %FALSE if there is one that cannot be read, and then
 * nothing is staged
 **/
gboolean
fu_uc_endpoint_state_load(FuUcEndpointState *self, GError **error)
{
	g_autoptr(GError) error_local = NULL;
	g_autofree gchar *text = NULL;
	gsize textsz = 0;

	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	fu_uc_endpoint_state_clear(self);
	if (g_file_get_contents(self->filename, &text, &textsz, &error_local))
		return fu_uc_endpoint_state_load_data(self, text, textsz, error);
	g_ptr_array_set_size(self->failed, 0);
	if (g_error_matches(error_local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_READ,
		    "%s cannot be read: %s",
		    self->filename,
		    error_local->message);
	return FALSE;
}

/**
 * fu_uc_endpoint_state_save:
 * @self: a #FuUcEndpointState
 * @error: (nullable): optional return location for an error
 *
 * Writes the file aside, flushes it and renames it. Blocks until it is on the disk.
 *
 * Returns: %TRUE if it is there
 **/
gboolean
fu_uc_endpoint_state_save(FuUcEndpointState *self, GError **error)
{
	const gchar *outcomes[] = {NULL, "success", "failed"};
	g_autoptr(GKeyFile) keyfile = g_key_file_new();
	g_autofree gchar *text = NULL;

	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	g_key_file_set_integer(keyfile, "State", "Format", 1);
	fu_uc_endpoint_record_store(self->staged, keyfile, "Staged");
	fu_uc_endpoint_record_store(self->activated, keyfile, "Activated");
	fu_uc_endpoint_record_store(self->replacing, keyfile, "Replacing");
	if (self->outcome != FU_UC_ENDPOINT_OUTCOME_NONE) {
		g_key_file_set_string(keyfile, "Last", "Outcome", outcomes[self->outcome]);
		if (self->reason != NULL)
			g_key_file_set_string(keyfile, "Last", "Reason", self->reason);
		g_key_file_set_boolean(keyfile, "Last", "Forced", self->forced);
	}
	fu_uc_endpoint_failed_store(self->failed, keyfile);
	text = g_key_file_to_data(keyfile, NULL, NULL);
	if (!fu_path_mkdir_parent(self->filename, error))
		return FALSE;

	/* nothing in it is secret, and the agent, a user without rights, reads what is staged */
	if (!g_file_set_contents_full(self->filename,
				      text,
				      -1,
				      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
				      0644,
				      error)) {
		fwupd_error_convert(error);
		return FALSE;
	}
	return TRUE;
}

/**
 * fu_uc_endpoint_state_try_save:
 * @self: a #FuUcEndpointState
 *
 * As fu_uc_endpoint_state_save(), for what is found out again at the next start.
 **/
void
fu_uc_endpoint_state_try_save(FuUcEndpointState *self)
{
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_state_save(self, &error_local))
		g_warning("found again at the next start: %s", error_local->message);
}

/**
 * fu_uc_endpoint_state_save_or_revert:
 * @self: a #FuUcEndpointState
 * @error: (nullable): optional return location for an error
 *
 * As fu_uc_endpoint_state_save(), but if that fails @self is what is on the disk again, so that
 * nobody is told what the next start does not know.
 *
 * Returns: %TRUE if it was saved
 **/
gboolean
fu_uc_endpoint_state_save_or_revert(FuUcEndpointState *self, GError **error)
{
	g_autoptr(GError) error_local = NULL;

	if (fu_uc_endpoint_state_save(self, error))
		return TRUE;
	if (!fu_uc_endpoint_state_load(self, &error_local))
		g_warning("nothing counts as staged: %s", error_local->message);
	return FALSE;
}

/**
 * fu_uc_endpoint_state_revoke:
 * @self: a #FuUcEndpointState
 * @version: what was withdrawn
 * @error: (nullable): optional return location for an error
 *
 * Forgets that @version is staged, so that nobody can activate it. Another version, and what is
 * activated already, is left alone. Blocks until that is on the disk.
 *
 * Returns: %FALSE if that cannot be written down, and then it is staged still
 **/
gboolean
fu_uc_endpoint_state_revoke(FuUcEndpointState *self, const gchar *version, GError **error)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_STATE(self), FALSE);
	if (self->staged == NULL || fu_uc_version_compare(self->staged->version, version) != 0)
		return TRUE;
	fu_uc_endpoint_state_clear(self);
	return fu_uc_endpoint_state_save_or_revert(self, error);
}

static void
fu_uc_endpoint_state_finalize(GObject *object)
{
	FuUcEndpointState *self = FU_UC_ENDPOINT_STATE(object);
	fu_uc_endpoint_state_clear(self);
	g_ptr_array_unref(self->failed);
	g_free(self->filename);
	G_OBJECT_CLASS(fu_uc_endpoint_state_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_state_class_init(FuUcEndpointStateClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_state_finalize;
}

static void
fu_uc_endpoint_state_init(FuUcEndpointState *self)
{
	self->failed = fu_uc_endpoint_failed_new();
}

/**
 * fu_uc_endpoint_state_new:
 * @filename: where the state is kept
 *
 * Returns: (transfer full): a state that is empty until fu_uc_endpoint_state_load()
 **/
FuUcEndpointState *
fu_uc_endpoint_state_new(const gchar *filename)
{
	FuUcEndpointState *self = g_object_new(FU_TYPE_UC_ENDPOINT_STATE, NULL);
	self->filename = g_strdup(filename);
	return self;
}
