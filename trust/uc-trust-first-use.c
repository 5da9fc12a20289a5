/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First use, as root decides it: when it begins, whether what the agent found may be taken, and
 * that it is over. Who takes what is on the disk before the first anchor is, so that a kill in
 * between leads to the same bundle or to none.
 */

#include "uc-config.h"
#include "uc-error.h"
#include "uc-first-use.h"
#include "uc-paths.h"
#include "uc-trust-bundle.h"
#include "uc-trust-store.h"
#include "uc-trust.h"

static gboolean
uc_trust_first_use_is_allowed(GError **error)
{
	g_autoptr(UcConfig) config = uc_config_load(error);

	if (config == NULL)
		return FALSE;
	if (uc_config_get_boolean(config, "Service", "FirstUse"))
		return TRUE;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "this image does not allow first use: ucupdates.conf has no [Service] "
			    "FirstUse=true; install the organisation's trust bundle");
	return FALSE;
}

static gboolean
uc_trust_first_use_save(const UcFirstUse *record, GError **error)
{
	g_autofree gchar *path = uc_first_use_get_path();
	g_autoptr(GBytes) bytes = uc_first_use_to_bytes(record);

	return uc_trust_store_write(path, bytes, error);
}

/**
 * uc_trust_open_first_use:
 * @boot_id: (nullable): of this boot
 * @boot_secs: the present, in seconds on the boot clock
 * @error: set to %UC_ERROR_REFUSED where it is not allowed, was opened before, or there are anchors
 *   already; %UC_ERROR_FAILED, or as uc_config_load()
 *
 * Begins first use, once after a factory reset.
 */
gboolean
uc_trust_open_first_use(const gchar *boot_id, gint64 boot_secs, GError **error)
{
	g_autofree gchar *path = uc_first_use_get_path();
	UcFirstUse record = {.boot_id = (gchar *)boot_id, .opened_boot_secs = boot_secs};

	if (!uc_trust_first_use_is_allowed(error) || !uc_first_use_check_factory(error))
		return FALSE;
	if (g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(
		    error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s is there: first use has begun before, and does so only once after a "
		    "factory reset",
		    path);
		return FALSE;
	}
	if (boot_id == NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_FAILED,
				    "the kernel has no boot id, so no restart could end it");
		return FALSE;
	}
	return uc_trust_first_use_save(&record, error);
}

/**
 * uc_trust_close_first_use:
 * @error: set to %UC_ERROR_FAILED
 *
 * Ends first use for ever where it has begun: somebody who may do so says which anchors count.
 */
gboolean
uc_trust_close_first_use(GError **error)
{
	g_autoptr(GError) error_load = NULL;
	g_autoptr(UcFirstUse) record = uc_first_use_load(&error_load);

	if (record == NULL) /* never begun, or unreadable, which is closed */
		return TRUE;
	g_clear_pointer(&record->organisation, g_free);
	g_clear_pointer(&record->fingerprint, g_free);
	record->taken_secs = 0;
	record->done = TRUE;
	return uc_trust_first_use_save(record, error);
}

static UcTrustBundle *
uc_trust_first_use_read(gint64 now_secs, GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_FIRST_USE_NAME);
	g_autoptr(GError) error_read = NULL;
	g_autoptr(GBytes) envelope = NULL;
	UcTrustBundle *bundle = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, &error_read)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot read %s: %s",
			    path,
			    error_read->message);
		return NULL;
	}
	envelope = g_bytes_new_take(text, size_bytes);
	bundle = uc_trust_bundle_verify(envelope, now_secs, 0, error);
	if (bundle == NULL)
		g_prefix_error(error, "%s: ", path);
	return bundle;
}

/* the same bundle once more, after a kill between the record and the end of the installation */
static gboolean
uc_trust_first_use_goes_on(const UcFirstUse *record, const UcTrustBundle *bundle)
{
	return !record->done && record->fingerprint != NULL &&
	       g_str_equal(record->fingerprint, bundle->fingerprint);
}

/**
 * uc_trust_apply_first_use:
 * @boot_id: (nullable): of this boot
 * @boot_secs: the present, in seconds on the boot clock
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_REFUSED where it is not allowed, never began, has ended, or there are
 *   anchors; as uc_trust_bundle_verify(), or %UC_ERROR_FAILED
 *
 * Installs the bundle that the agent found, if anchors may still be taken.
 */
gboolean
uc_trust_apply_first_use(const gchar *boot_id, gint64 boot_secs, gint64 now_secs, GError **error)
{
	g_autoptr(UcFirstUse) record = NULL;
	g_autoptr(UcTrustBundle) bundle = NULL;

	if (!uc_trust_first_use_is_allowed(error))
		return FALSE;
	record = uc_first_use_load(error);
	if (record == NULL) {
		g_prefix_error(error, "first use has not begun: ");
		return FALSE;
	}
	bundle = uc_trust_first_use_read(now_secs, error);
	if (bundle == NULL)
		return FALSE;
	if (!uc_trust_first_use_goes_on(record, bundle) &&
	    (!uc_first_use_check_open(record, boot_id, boot_secs, error) ||
	     !uc_first_use_check_factory(error)))
		return FALSE;
	g_free(record->organisation);
	g_free(record->fingerprint);
	record->organisation = g_strdup(bundle->organisation);
	record->fingerprint = g_strdup(bundle->fingerprint);
	record->taken_secs = now_secs;
	if (!uc_trust_first_use_save(record, error) ||
	    !uc_trust_install_anchors(bundle->anchors, error))
		return FALSE;
	record->done = TRUE;
	g_message("the anchors of %s were taken on first use, unverified; fingerprint %s",
		  record->organisation,
		  record->fingerprint);
	return uc_trust_first_use_save(record, error);
}
