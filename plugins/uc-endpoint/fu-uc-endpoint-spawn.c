/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gstdio.h>

#include "fu-uc-endpoint-child.h"
#include "fu-uc-endpoint-spawn.h"

/* A program whose output is the answer: of a boot loader's tools, or of the vendor's Health=. It
 * ends in time with all that it has started, as what a script leaves behind would otherwise hold
 * the output, and whoever waits for its end, for ever. */

#define FU_UC_ENDPOINT_SPAWN_OUTPUT_MAX                                                 \
	(1024 * 1024)			     /* bytes; what comes after that is dropped \
					      */
#define FU_UC_ENDPOINT_SPAWN_PIECE_SIZE 4096 /* bytes */
#define FU_UC_ENDPOINT_SPAWN_GRACE_MS	5000 /* for what is killed to end */

typedef struct {
	GMainLoop *loop;
	FuUcEndpointProcess *process;
	GInputStream *stream;
	GByteArray *output;
	GCancellable *cancellable;
	guint pending; /* what has to end: output, the program */
	gboolean timed_out;
} FuUcEndpointSpawnHelper;

static void
fu_uc_endpoint_spawn_helper_clear(FuUcEndpointSpawnHelper *helper)
{
	g_signal_handlers_disconnect_by_data(helper->process, helper);
	g_clear_object(&helper->process);
	g_clear_object(&helper->stream);
	g_clear_object(&helper->cancellable);
	g_clear_pointer(&helper->output, g_byte_array_unref);
	g_clear_pointer(&helper->loop, g_main_loop_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FuUcEndpointSpawnHelper, fu_uc_endpoint_spawn_helper_clear)

static void
fu_uc_endpoint_spawn_ended(FuUcEndpointSpawnHelper *helper)
{
	helper->pending--;
	if (helper->pending == 0)
		g_main_loop_quit(helper->loop);
}

static gboolean
fu_uc_endpoint_spawn_timeout_cb(gpointer user_data)
{
	FuUcEndpointSpawnHelper *helper = (FuUcEndpointSpawnHelper *)user_data;
	helper->timed_out = TRUE;
	fu_uc_endpoint_process_kill(helper->process);
	g_cancellable_cancel(helper->cancellable);
	return G_SOURCE_REMOVE;
}

/* it was killed, and is not gone */
static gboolean
fu_uc_endpoint_spawn_grace_cb(gpointer user_data)
{
	FuUcEndpointSpawnHelper *helper = (FuUcEndpointSpawnHelper *)user_data;
	g_main_loop_quit(helper->loop);
	return G_SOURCE_REMOVE;
}

static void
fu_uc_endpoint_spawn_read(FuUcEndpointSpawnHelper *helper, GInputStream *stream);

static void
fu_uc_endpoint_spawn_piece_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointSpawnHelper *helper = (FuUcEndpointSpawnHelper *)user_data;
	g_autoptr(GBytes) piece = NULL;
	gsize room;

	piece = g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, NULL);
	if (piece == NULL || g_bytes_get_size(piece) == 0) {
		fu_uc_endpoint_spawn_ended(helper);
		return;
	}
	room = FU_UC_ENDPOINT_SPAWN_OUTPUT_MAX - helper->output->len;
	g_byte_array_append(helper->output,
			    g_bytes_get_data(piece, NULL),
			    (guint)MIN(g_bytes_get_size(piece), room));
	fu_uc_endpoint_spawn_read(helper, G_INPUT_STREAM(source));
}

static void
fu_uc_endpoint_spawn_read(FuUcEndpointSpawnHelper *helper, GInputStream *stream)
{
	g_input_stream_read_bytes_async(stream,
					FU_UC_ENDPOINT_SPAWN_PIECE_SIZE,
					G_PRIORITY_DEFAULT,
					helper->cancellable,
					fu_uc_endpoint_spawn_piece_cb,
					helper);
}

static GSource *
fu_uc_endpoint_spawn_add_timeout(FuUcEndpointSpawnHelper *helper, guint ms, GSourceFunc func)
{
	GSource *source = g_timeout_source_new(ms);

	g_source_set_callback(source, func, helper, NULL);
	g_source_attach(source, g_main_context_get_thread_default());
	return source;
}

static void
fu_uc_endpoint_spawn_wait(FuUcEndpointSpawnHelper *helper, guint timeout_ms)
{
	guint grace_ms = timeout_ms < G_MAXUINT - FU_UC_ENDPOINT_SPAWN_GRACE_MS
			     ? timeout_ms + FU_UC_ENDPOINT_SPAWN_GRACE_MS
			     : G_MAXUINT;
	g_autoptr(GSource) timeout =
	    fu_uc_endpoint_spawn_add_timeout(helper, timeout_ms, fu_uc_endpoint_spawn_timeout_cb);
	g_autoptr(GSource) grace =
	    fu_uc_endpoint_spawn_add_timeout(helper, grace_ms, fu_uc_endpoint_spawn_grace_cb);

	helper->pending = 2;
	fu_uc_endpoint_spawn_read(helper, helper->stream);
	g_main_loop_run(helper->loop);
	g_source_destroy(timeout);
	g_source_destroy(grace);
}

static gboolean
fu_uc_endpoint_spawn_start(FuUcEndpointSpawnHelper *helper,
			   const gchar *const *argv,
			   GError **error)
{
	FuUcEndpointProcessSpec spec = {.argv = argv, .input_fd = -1, .merge_stderr = TRUE};
	gint fds[2] = {-1, -1};

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, error)) {
		fwupd_error_convert(error);
		return FALSE;
	}
	helper->stream = g_unix_input_stream_new(fds[0], TRUE);
	spec.output_fd = fds[1];
	g_signal_connect_swapped(helper->process,
				 "ended",
				 G_CALLBACK(fu_uc_endpoint_spawn_ended),
				 helper);
	return fu_uc_endpoint_process_start(helper->process, &spec, error);
}

static gchar *
fu_uc_endpoint_spawn_in_context(GMainContext *context,
				const gchar *const *argv,
				guint timeout_ms,
				GError **error)
{
	g_autofree gchar *output = NULL;
	g_auto(FuUcEndpointSpawnHelper) helper = {
	    .loop = g_main_loop_new(context, FALSE),
	    .process = fu_uc_endpoint_child_new(),
	    .output = g_byte_array_new(),
	    .cancellable = g_cancellable_new(),
	};

	if (!fu_uc_endpoint_spawn_start(&helper, argv, error))
		return NULL;
	fu_uc_endpoint_spawn_wait(&helper, timeout_ms);
	g_byte_array_append(helper.output, (const guint8 *)"", 1); /* an empty one has no data */
	output =
	    g_utf8_make_valid((const gchar *)helper.output->data, (gssize)helper.output->len - 1);
	if (helper.timed_out) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_TIMED_OUT,
			    "%s did not end within %u ms",
			    argv[0],
			    timeout_ms);
		return NULL;
	}
	if (fu_uc_endpoint_process_get_outcome(helper.process) !=
	    FU_UC_ENDPOINT_PROCESS_OUTCOME_SUCCESS) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INTERNAL,
			    "%s failed: %s",
			    argv[0],
			    *g_strstrip(output) != '\0' ? output : "no output");
		return NULL;
	}
	return g_steal_pointer(&output);
}

/**
 * fu_uc_endpoint_spawn:
 * @argv: program and arguments; no shell is involved
 * @timeout_ms: after how long the program is killed, with all that it has started
 * @error: (nullable): optional return location for an error
 *
 * Runs a program and waits for it, in a main context of its own, as the daemon's main loop is
 * blocked while it installs. What it leaves behind ends with it.
 *
 * Returns: (transfer full): what it printed, as UTF-8 and at most 1 MiB of it, or %NULL with
 *%FWUPD_ERROR_TIMED_OUT or %FWUPD_ERROR_INTERNAL and what it printed
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
