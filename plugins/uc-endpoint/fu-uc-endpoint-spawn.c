/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-spawn.h"

typedef struct {
	GMainLoop *loop;
	GSubprocess *subprocess; /* not owned */
	gchar *output;		 /* (nullable) */
	gboolean timed_out;
	GError *error; /* (nullable) */
} FuUcEndpointSpawnHelper;

static gboolean
fu_uc_endpoint_spawn_timeout_cb(gpointer user_data)
{
	FuUcEndpointSpawnHelper *helper = (FuUcEndpointSpawnHelper *)user_data;
	helper->timed_out = TRUE;
	g_subprocess_force_exit(helper->subprocess);
	return G_SOURCE_REMOVE;
}

static void
fu_uc_endpoint_spawn_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointSpawnHelper *helper = (FuUcEndpointSpawnHelper *)user_data;
	(void)g_subprocess_communicate_utf8_finish(G_SUBPROCESS(source),
						   result,
						   &helper->output,
						   NULL,
						   &helper->error);
	g_main_loop_quit(helper->loop);
}

static gboolean
fu_uc_endpoint_spawn_wait(GMainContext *context,
			  FuUcEndpointSpawnHelper *helper,
			  guint timeout_ms,
			  GError **error)
{
	g_autoptr(GSource) timeout = g_timeout_source_new(timeout_ms);

	g_source_set_callback(timeout, fu_uc_endpoint_spawn_timeout_cb, helper, NULL);
	g_source_attach(timeout, context);
	g_subprocess_communicate_utf8_async(helper->subprocess,
					    NULL,
					    NULL,
					    fu_uc_endpoint_spawn_done_cb,
					    helper);
	g_main_loop_run(helper->loop);
	g_source_destroy(timeout);
	if (helper->error == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&helper->error));
	return FALSE;
}

static gchar *
fu_uc_endpoint_spawn_in_context(GMainContext *context,
				const gchar *const *argv,
				guint timeout_ms,
				GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
	g_autoptr(GSubprocess) subprocess = NULL;
	g_autofree gchar *output = NULL;
	FuUcEndpointSpawnHelper helper = {.loop = loop};

	subprocess =
	    g_subprocess_newv(argv,
			      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
			      error);
	if (subprocess == NULL) {
		fwupd_error_convert(error);
		return NULL;
	}
	helper.subprocess = subprocess;
	if (!fu_uc_endpoint_spawn_wait(context, &helper, timeout_ms, error)) {
		fwupd_error_convert(error);
		return NULL;
	}
	output = g_steal_pointer(&helper.output);
	if (helper.timed_out) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_TIMED_OUT,
			    "%s did not end within %u ms",
			    argv[0],
			    timeout_ms);
		return NULL;
	}
	if (!g_subprocess_get_successful(subprocess)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INTERNAL,
			    "%s failed: %s",
			    argv[0],
			    output != NULL ? g_strstrip(output) : "no output");
		return NULL;
	}
	return g_steal_pointer(&output);
}

/**
 * fu_uc_endpoint_spawn:
 * @argv: program and arguments; no shell is involved
 * @timeout_ms: after how long the program is killed
 * @error: (nullable): optional return location for an error
 *
 * Runs a program and waits for it, in a main context of its own, as the daemon's main loop is
 * blocked while it installs.
 *
 * Returns: (transfer full): what it printed, or %NULL with %FWUPD_ERROR_TIMED_OUT or
 * %FWUPD_ERROR_INTERNAL and what it printed
 **/
gchar *
fu_uc_endpoint_spawn(const gchar *const *argv, guint timeout_ms, GError **error)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autofree gchar *output = NULL;

	g_main_context_push_thread_default(context);
	output = fu_uc_endpoint_spawn_in_context(context, argv, timeout_ms, error);
	g_main_context_pop_thread_default(context);
	return g_steal_pointer(&output);
}
