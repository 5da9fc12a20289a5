/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fwupd's two remotes of ours, disabled and without what was downloaded for them */

#include "uc-error.h"
#include "uc-forget.h"
#include "uc-names.h"

static const gchar *const uc_forget_remotes[] = {UC_REMOTE_ID, UC_REMOTE_TESTING_ID};

typedef struct {
	guint next;
	GError *error; /* (nullable): the first failure */
} UcForget;

static void
uc_forget_free(UcForget *self)
{
	g_clear_error(&self->error);
	g_free(self);
}

/* a remote that is not installed, or one that is disabled or empty already */
static gboolean
uc_forget_is_harmless(const GError *error)
{
	return g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND) ||
	       g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO);
}

static void
uc_forget_note(UcForget *self, const gchar *what, GError *error)
{
	if (self->error == NULL && !uc_forget_is_harmless(error))
		g_set_error(&self->error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "fwupd does not %s its remote %s: %s; run it again",
			    what,
			    uc_forget_remotes[self->next],
			    error->message);
	g_error_free(error);
}

static void
uc_forget_advance(GTask *task);

static void
uc_forget_cleaned_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcForget *self = g_task_get_task_data(task);
	GError *error = NULL;

	if (!fwupd_client_clean_remote_finish(FWUPD_CLIENT(source), result, &error))
		uc_forget_note(self, "clear", error);
	self->next++;
	uc_forget_advance(task);
}

static void
uc_forget_disabled_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcForget *self = g_task_get_task_data(task);
	GError *error = NULL;

	if (!fwupd_client_modify_remote_finish(FWUPD_CLIENT(source), result, &error))
		uc_forget_note(self, "disable", error);
	fwupd_client_clean_remote_async(FWUPD_CLIENT(source),
					uc_forget_remotes[self->next],
					g_task_get_cancellable(task),
					uc_forget_cleaned_cb,
					g_object_ref(task));
}

static void
uc_forget_advance(GTask *task)
{
	UcForget *self = g_task_get_task_data(task);

	if (self->next < G_N_ELEMENTS(uc_forget_remotes)) {
		fwupd_client_modify_remote_async(
		    uc_fwupd_get_client(g_task_get_source_object(task)),
		    uc_forget_remotes[self->next],
		    "Enabled",
		    "false",
		    g_task_get_cancellable(task),
		    uc_forget_disabled_cb,
		    g_object_ref(task));
		return;
	}
	if (self->error != NULL)
		g_task_return_error(task, g_steal_pointer(&self->error));
	else
		g_task_return_boolean(task, TRUE);
}

static void
uc_forget_connected_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_fwupd_act_finish(UC_FWUPD(source), result, &error))
		uc_forget_advance(task);
	else
		g_task_return_error(task, error);
}

/**
 * uc_forget_remotes_async:
 *
 * Does all of it, also after a part failed. Errors: %UC_ERROR_FAILED.
 */
void
uc_forget_remotes_async(UcFwupd *fwupd,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(fwupd, cancellable, callback, user_data);

	g_task_set_task_data(task, g_new0(UcForget, 1), (GDestroyNotify)uc_forget_free);
	uc_fwupd_connect_async(fwupd, cancellable, uc_forget_connected_cb, g_steal_pointer(&task));
}

gboolean
uc_forget_remotes_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
