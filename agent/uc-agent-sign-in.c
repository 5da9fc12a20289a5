/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Somebody signs in at the endpoint, or out. Nothing of it is ever on disk. */

#include "uc-agent-private.h"
#include "uc-error.h"

static void
uc_agent_set_sign_in(UcAgent *self, UcSignIn *sign_in)
{
	g_clear_pointer(&self->settings->sign_in, uc_sign_in_free);
	self->settings->sign_in = sign_in;
	uc_service_link_sign_out(self->link);
	self->check_wanted = TRUE;
	uc_agent_changed(self);
	uc_agent_advance_soon(self);
}

static void
uc_agent_signed_in_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;
	UcSignIn *sign_in = uc_sign_in_read_finish(result, &error);

	if (sign_in == NULL) {
		g_task_return_error(task, error);
		return;
	}
	uc_agent_set_sign_in(g_task_get_source_object(task), sign_in);
	g_task_return_boolean(task, TRUE);
}

/**
 * uc_agent_sign_in_async:
 * @user: name for the service
 * @secret_fd: (transfer full): holds that user's password
 * @internal_url: of the service, may be empty
 * @external_url: the same from outside, may be empty
 *
 * Takes the place of who has signed in before, and looks for updates as soon as there is no call.
 * Errors as uc_sign_in_read_async().
 */
void
uc_agent_sign_in_async(UcAgent *self,
		       const gchar *user,
		       gint secret_fd,
		       const gchar *internal_url,
		       const gchar *external_url,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	uc_sign_in_read_async(user,
			      secret_fd,
			      internal_url,
			      external_url,
			      self->cancellable,
			      uc_agent_signed_in_cb,
			      g_task_new(self, NULL, callback, user_data));
}

/**
 * uc_agent_sign_out:
 *
 * Forgets who has signed in. Nobody having signed in is fine.
 */
void
uc_agent_sign_out(UcAgent *self)
{
	if (self->settings->sign_in != NULL)
		uc_agent_set_sign_in(self, NULL);
}

/**
 * uc_agent_deny_sign_in:
 * @error: (nullable): why the last look did not work
 *
 * A password that the service denied is not tried again: that could lock somebody's account.
 */
void
uc_agent_deny_sign_in(UcAgent *self, const GError *error)
{
	if (self->settings->sign_in == NULL || !g_error_matches(error, UC_ERROR, UC_ERROR_DENIED))
		return;
	g_warning("the service denies who has signed in; signed out");
	g_clear_pointer(&self->settings->sign_in, uc_sign_in_free);
	uc_service_link_sign_out(self->link);
}
