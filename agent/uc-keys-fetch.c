/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `keys.json` from the service to where `ucupdates-trust` takes it. The agent installs no anchor:
 * it cannot write there. It only knows, from what root has installed, from which serial on
 * documents count.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-keys-fetch.h"
#include "uc-keys.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-state-file.h"

#define UC_KEYS_FETCH_EPOCH "epoch" /* beside the types of documents in the state */

/**
 * uc_keys_fetch_take_applied:
 * @changed_out: (out): whether new keys were installed since
 * @error: set to %UC_ERROR_FAILED
 *
 * Takes the serial epoch of the keys that root has installed. Durable when it returns.
 */
gboolean
uc_keys_fetch_take_applied(UcState *state, gboolean *changed_out, GError **error)
{
	g_autoptr(GError) error_load = NULL;
	g_autoptr(UcKeys) keys = uc_keys_load_applied(&error_load);
	const gchar *organisation = uc_state_get_organisation(state);

	*changed_out = FALSE;
	if (keys == NULL && !g_error_matches(error_load, UC_ERROR, UC_ERROR_NOT_FOUND))
		g_warning("the installed keys: %s", error_load->message);
	if (keys == NULL || keys->serial <= uc_state_get_serial(state, UC_DOCUMENT_KEYS) ||
	    (organisation != NULL && g_strcmp0(organisation, keys->organisation) != 0))
		return TRUE;
	if (keys->serial_epoch > uc_state_get_serial(state, UC_KEYS_FETCH_EPOCH))
		uc_state_reset_serials(state, keys->serial_epoch, keys->issued_secs);
	uc_state_add_serial(state, UC_KEYS_FETCH_EPOCH, keys->serial_epoch);
	uc_state_add_serial(state, UC_DOCUMENT_KEYS, keys->serial);
	uc_state_set_keys_etag(state, NULL);
	*changed_out = TRUE;
	return uc_state_save(state, error);
}

/* what is in use is what the tag stands for; any other has to come as it is */
static gboolean
uc_keys_fetch_keep_etag(UcState *state, const gchar *etag, GError **error)
{
	if (etag != NULL && strlen(etag) > UC_LIMIT_STRING_BYTES)
		etag = NULL;
	if (g_strcmp0(etag, uc_state_get_keys_etag(state)) == 0)
		return TRUE;
	uc_state_set_keys_etag(state, etag);
	return uc_state_save(state, error);
}

static gboolean
uc_keys_fetch_take(UcState *state,
		   const UcClock *clock,
		   GBytes *envelope,
		   const gchar *etag,
		   GError **error)
{
	g_autofree gchar *path = uc_path_state("keys.json");
	UcDocumentExpect expect = {
	    .organisation = uc_state_get_organisation(state),
	    .serial_min = uc_state_get_serial(state, UC_DOCUMENT_KEYS),
	    .now_secs = uc_clock_now_secs(clock),
	    .floor_secs = uc_state_get_floor_secs(state),
	};
	g_autoptr(UcKeys) keys = uc_keys_verify(envelope, &expect, error);

	if (keys == NULL)
		return FALSE;
	if (keys->serial == expect.serial_min)
		return uc_keys_fetch_keep_etag(state, etag, error);
	if (!uc_state_file_write(path, envelope, error))
		return FALSE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_TEMPORARY,
		    "new keys of the organisation wait for ucupdates-trust; is "
		    "ucupdates-trust.path active?");
	return FALSE;
}

typedef struct {
	UcState *state;	      /* not owned */
	const UcClock *clock; /* not owned */
} UcKeysFetch;

static void
uc_keys_fetch_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcKeysFetch *job = g_task_get_task_data(task);
	g_autofree gchar *etag = g_strdup(uc_http_request_get_etag(result));
	gboolean unchanged = uc_http_request_get_status(result) == SOUP_STATUS_NOT_MODIFIED;
	g_autoptr(GBytes) envelope = NULL;
	GError *error = NULL;

	envelope = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (g_error_matches(error, UC_ERROR, UC_ERROR_NOT_FOUND)) {
		g_error_free(error);
		g_task_return_boolean(task, TRUE);
		return;
	}
	if (envelope == NULL ||
	    (!unchanged && !uc_keys_fetch_take(job->state, job->clock, envelope, etag, &error)))
		g_task_return_error(task, error);
	else
		g_task_return_boolean(task, TRUE);
}

/**
 * uc_keys_fetch_async:
 * @http: session with the service
 * @state: must outlive the call
 * @clock: must outlive the call
 *
 * Asks for `keys.json`, where an anchor of the recovery key is installed. Errors:
 * %UC_ERROR_TEMPORARY when there are new keys, which root has to install before anything else
 * counts; as uc_http_request_async() and uc_keys_verify().
 */
void
uc_keys_fetch_async(UcHttp *http,
		    UcState *state,
		    const UcClock *clock,
		    GCancellable *cancellable,
		    GAsyncReadyCallback callback,
		    gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(http, cancellable, callback, user_data);
	g_autofree gchar *dir = uc_keys_get_recovery_dir();
	UcKeysFetch *job = g_new0(UcKeysFetch, 1);

	job->state = state;
	job->clock = clock;
	g_task_set_task_data(task, job, g_free);
	if (!g_file_test(dir, G_FILE_TEST_IS_DIR)) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	uc_http_get_async(http,
			  UC_WELL_KNOWN_KEYS_PATH,
			  uc_state_get_keys_etag(state),
			  UC_LIMIT_ENVELOPE_BYTES,
			  UC_LIMIT_REQUEST_MS,
			  cancellable,
			  uc_keys_fetch_cb,
			  g_steal_pointer(&task));
}

/**
 * uc_keys_fetch_finish:
 *
 * Returns: %TRUE when there is nothing new
 */
gboolean
uc_keys_fetch_finish(UcHttp *http, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
