/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A user who has signed in at the endpoint (Lync: outside the organisation the service denies an
 * endpoint that nobody has signed in to). The secret comes through a file descriptor, so that it is
 * in no D-Bus message, no log and no command line; it is never written anywhere, and its memory is
 * overwritten before it is given back.
 */

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "uc-deadline.h"
#include "uc-description.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sign-in.h"

typedef struct {
	UcSignIn *sign_in;
	UcDeadline *deadline;
	GInputStream *stream;
} UcSignInJob;

/**
 * uc_secret_free:
 * @secret: (nullable) (transfer full): overwritten first
 */
void
uc_secret_free(gchar *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

void
uc_sign_in_free(UcSignIn *self)
{
	g_clear_pointer(&self->secret, uc_secret_free);
	g_free(self->user);
	g_free(self->internal_url);
	g_free(self->external_url);
	g_free(self);
}

static void
uc_sign_in_job_free(UcSignInJob *job)
{
	if (job->sign_in != NULL) {
		/* it may have ended after a zero byte that is not allowed */
		explicit_bzero(job->sign_in->secret, UC_LIMIT_SECRET_BYTES + 2);
		g_clear_pointer(&job->sign_in, uc_sign_in_free);
	}
	g_clear_pointer(&job->deadline, uc_deadline_free);
	g_clear_object(&job->stream);
	g_free(job);
}

static gboolean
uc_sign_in_has_control(const gchar *text)
{
	for (const gchar *c = text; *c != '\0'; c++) {
		if (g_ascii_iscntrl(*c))
			return TRUE;
	}
	return FALSE;
}

static gboolean
uc_sign_in_check_secret(const gchar *secret, gsize size_bytes, GError **error)
{
	if (size_bytes > 0 && size_bytes <= UC_LIMIT_SECRET_BYTES && strlen(secret) == size_bytes &&
	    !uc_sign_in_has_control(secret))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the secret is empty, too long or has a control character, expected one line "
		    "of 1 to %d bytes",
		    UC_LIMIT_SECRET_BYTES);
	return FALSE;
}

static void
uc_sign_in_read_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcSignInJob *job = g_task_get_task_data(task);
	gsize size_bytes = 0;
	GError *error = NULL;

	if (!g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &size_bytes, &error)) {
		uc_deadline_convert_error(job->deadline, &error);
		g_prefix_error(&error, "cannot read the secret: ");
		g_task_return_error(task, error);
		return;
	}
	if (size_bytes > 0 && job->sign_in->secret[size_bytes - 1] == '\n')
		job->sign_in->secret[--size_bytes] = '\0';
	if (!uc_sign_in_check_secret(job->sign_in->secret, size_bytes, &error)) {
		g_task_return_error(task, error);
		return;
	}
	g_task_return_pointer(task,
			      g_steal_pointer(&job->sign_in),
			      (GDestroyNotify)uc_sign_in_free);
}

static gboolean
uc_sign_in_check_url(const gchar *url, GError **error)
{
	if (url[0] == '\0' || uc_description_is_url(url))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "'%s' is no URL of a service, expected https://HOST[:PORT]/",
		    url);
	return FALSE;
}

static gboolean
uc_sign_in_check_user(const gchar *user, GError **error)
{
	if (user[0] != '\0' && strlen(user) <= UC_LIMIT_WHO_BYTES && strchr(user, ':') == NULL &&
	    !uc_sign_in_has_control(user))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the user is '%s', expected a name of 1 to %d bytes without a colon",
		    user,
		    UC_LIMIT_WHO_BYTES);
	return FALSE;
}

static gchar *
uc_sign_in_dup_url(const gchar *url)
{
	return url[0] != '\0' ? g_strdup(url) : NULL;
}

/**
 * uc_sign_in_read_async:
 * @user: 1 to %UC_LIMIT_WHO_BYTES bytes, without a colon (RFC 7617, section 2)
 * @secret_fd: (transfer full): read to its end, at most %UC_LIMIT_SECRET_BYTES bytes on one line;
 *   closed in any case
 * @internal_url: of the service, may be empty
 * @external_url: the same from outside, may be empty
 *
 * Within %UC_LIMIT_SECRET_MS. Errors: %UC_ERROR_INVALID, %UC_ERROR_TEMPORARY.
 */
void
uc_sign_in_read_async(const gchar *user,
		      gint secret_fd,
		      const gchar *internal_url,
		      const gchar *external_url,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
	UcSignInJob *job = g_new0(UcSignInJob, 1);
	GError *error = NULL;

	g_task_set_task_data(task, job, (GDestroyNotify)uc_sign_in_job_free);
	job->stream = g_unix_input_stream_new(secret_fd, TRUE);
	if (!uc_sign_in_check_user(user, &error) || !uc_sign_in_check_url(internal_url, &error) ||
	    !uc_sign_in_check_url(external_url, &error)) {
		g_task_return_error(task, error);
		return;
	}
	job->sign_in = g_new0(UcSignIn, 1);
	job->sign_in->user = g_strdup(user);
	job->sign_in->internal_url = uc_sign_in_dup_url(internal_url);
	job->sign_in->external_url = uc_sign_in_dup_url(external_url);
	/* one more for an end of line, one for the zero */
	job->sign_in->secret = g_malloc0(UC_LIMIT_SECRET_BYTES + 2);
	job->deadline = uc_deadline_new(UC_LIMIT_SECRET_MS, cancellable);
	g_input_stream_read_all_async(job->stream,
				      job->sign_in->secret,
				      UC_LIMIT_SECRET_BYTES + 1,
				      G_PRIORITY_DEFAULT,
				      uc_deadline_get_cancellable(job->deadline),
				      uc_sign_in_read_cb,
				      g_steal_pointer(&task));
}

/**
 * uc_sign_in_read_finish:
 *
 * Returns: (transfer full): who signed in, or %NULL
 */
UcSignIn *
uc_sign_in_read_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
