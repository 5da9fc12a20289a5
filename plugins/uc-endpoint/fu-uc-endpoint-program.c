/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gstdio.h>

#include "fu-uc-endpoint-process.h"
#include "fu-uc-endpoint-program.h"

/* A vendor's program, run to its end without a shell. The image is its standard input. It has to
 * say a result on its standard output and end with 0. Whatever happens, nothing of it is left
 * afterwards. */

#define FU_UC_ENDPOINT_PROGRAM_GRACE_MS 15000 /* for what is killed to end */

typedef struct {
	GMainLoop *loop;
	FuUcEndpointProcess *process;
	GOutputStream *stdin_stream; /* (nullable) */
	GDataInputStream *stdout_stream;
	GInputStream *input;	   /* (nullable) not owned */
	GCancellable *cancellable; /* for when something of it got away and holds its output */
	FuProgress *progress;	   /* not owned */
	guint pending;		   /* what has to end: input, output, the program */
	gboolean timed_out;
	GError *error; /* (nullable): of reading or writing */
	FuUcEndpointProgramOutput output;
} FuUcEndpointProgramHelper;

static void
fu_uc_endpoint_program_helper_clear(FuUcEndpointProgramHelper *helper)
{
	if (helper->process != NULL)
		g_signal_handlers_disconnect_by_data(helper->process, helper);
	g_clear_object(&helper->process);
	g_clear_object(&helper->stdin_stream);
	g_clear_object(&helper->stdout_stream);
	g_clear_object(&helper->cancellable);
	g_clear_pointer(&helper->loop, g_main_loop_unref);
	g_clear_error(&helper->error);
	fu_uc_endpoint_program_output_clear(&helper->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FuUcEndpointProgramHelper, fu_uc_endpoint_program_helper_clear)

static void
fu_uc_endpoint_program_ended(FuUcEndpointProgramHelper *helper)
{
	helper->pending--;
	if (helper->pending == 0)
		g_main_loop_quit(helper->loop);
}

static void
fu_uc_endpoint_program_failed(FuUcEndpointProgramHelper *helper, GError *error)
{
	if (helper->error == NULL)
		helper->error = error;
	else
		g_error_free(error);
	fu_uc_endpoint_process_kill(helper->process);
}

static gboolean
fu_uc_endpoint_program_timeout_cb(gpointer user_data)
{
	FuUcEndpointProgramHelper *helper = (FuUcEndpointProgramHelper *)user_data;
	helper->timed_out = TRUE;
	fu_uc_endpoint_process_kill(helper->process);
	g_cancellable_cancel(helper->cancellable);
	return G_SOURCE_REMOVE;
}

/* it was killed, and is not gone */
static gboolean
fu_uc_endpoint_program_grace_cb(gpointer user_data)
{
	FuUcEndpointProgramHelper *helper = (FuUcEndpointProgramHelper *)user_data;
	g_main_loop_quit(helper->loop);
	return G_SOURCE_REMOVE;
}

static void
fu_uc_endpoint_program_read(FuUcEndpointProgramHelper *helper, GDataInputStream *output);

static void
fu_uc_endpoint_program_line_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointProgramHelper *helper = (FuUcEndpointProgramHelper *)user_data;
	gsize len = 0;
	g_autoptr(GError) error_local = NULL;
	g_autofree gchar *line = g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source),
								      result,
								      &len,
								      &error_local);
	if (line == NULL) {
		fu_uc_endpoint_program_ended(helper);
		return;
	}
	if (!fu_uc_endpoint_program_output_add_line(&helper->output, line, len, &error_local)) {
		fu_uc_endpoint_program_failed(helper, g_steal_pointer(&error_local));
		fu_uc_endpoint_program_ended(helper);
		return;
	}
	fu_progress_set_percentage(helper->progress, helper->output.percentage);
	fu_uc_endpoint_program_read(helper, G_DATA_INPUT_STREAM(source));
}

/* the beginning of a line has filled the buffer: it is read no further */
static void
fu_uc_endpoint_program_overlong_cb(GBufferedInputStream *output,
				   GParamSpec *pspec,
				   FuUcEndpointProgramHelper *helper)
{
	gsize len = 0;
	const gchar *line = g_buffered_input_stream_peek_buffer(output, &len);
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_program_output_add_line(&helper->output, line, len, &error_local)) {
		fu_uc_endpoint_program_failed(helper, g_steal_pointer(&error_local));
		g_cancellable_cancel(helper->cancellable);
	}
}

static void
fu_uc_endpoint_program_read(FuUcEndpointProgramHelper *helper, GDataInputStream *output)
{
	g_data_input_stream_read_line_async(output,
					    G_PRIORITY_DEFAULT,
					    helper->cancellable,
					    fu_uc_endpoint_program_line_cb,
					    helper);
}

/* a program that has read enough closes its input, which is no error */
static void
fu_uc_endpoint_program_spliced_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointProgramHelper *helper = (FuUcEndpointProgramHelper *)user_data;
	g_autoptr(GError) error_local = NULL;

	if (g_output_stream_splice_finish(G_OUTPUT_STREAM(source), result, &error_local) < 0 &&
	    !g_error_matches(error_local, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
		fu_uc_endpoint_program_failed(helper, g_steal_pointer(&error_local));
	fu_uc_endpoint_program_ended(helper);
}

static GSource *
fu_uc_endpoint_program_add_timeout(FuUcEndpointProgramHelper *helper, guint ms, GSourceFunc func)
{
	GSource *source = g_timeout_source_new(ms);

	g_source_set_callback(source, func, helper, NULL);
	g_source_attach(source, g_main_context_get_thread_default());
	return source;
}

static void
fu_uc_endpoint_program_wait(FuUcEndpointProgramHelper *helper, guint timeout_ms)
{
	g_autoptr(GSource) timeout =
	    fu_uc_endpoint_program_add_timeout(helper,
					       timeout_ms,
					       fu_uc_endpoint_program_timeout_cb);
	g_autoptr(GSource) grace =
	    fu_uc_endpoint_program_add_timeout(helper,
					       timeout_ms + FU_UC_ENDPOINT_PROGRAM_GRACE_MS,
					       fu_uc_endpoint_program_grace_cb);

	helper->pending = 2;
	if (helper->stdin_stream != NULL) {
		helper->pending++;
		g_output_stream_splice_async(helper->stdin_stream,
					     helper->input,
					     G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
					     G_PRIORITY_DEFAULT,
					     helper->cancellable,
					     fu_uc_endpoint_program_spliced_cb,
					     helper);
	}
	fu_uc_endpoint_program_read(helper, helper->stdout_stream);
	g_main_loop_run(helper->loop);
	g_source_destroy(timeout);
	g_source_destroy(grace);
}

static gboolean
fu_uc_endpoint_program_check(FuUcEndpointProgramHelper *helper,
			     const gchar *program,
			     guint timeout_ms,
			     GError **error)
{
	const gchar *complaint = helper->output.complaint;
	FuUcEndpointProcessOutcome outcome = fu_uc_endpoint_process_get_outcome(helper->process);

	if (helper->timed_out || outcome == FU_UC_ENDPOINT_PROCESS_OUTCOME_TIMED_OUT) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_TIMED_OUT,
			    "%s did not end within %u s and was killed%s",
			    program,
			    timeout_ms / 1000,
			    outcome == FU_UC_ENDPOINT_PROCESS_OUTCOME_RUNNING
				? ", which it has not followed yet"
				: "");
		return FALSE;
	}
	if (helper->error != NULL || complaint != NULL ||
	    outcome != FU_UC_ENDPOINT_PROCESS_OUTCOME_SUCCESS) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INTERNAL,
			    "%s failed: %s",
			    program,
			    helper->error != NULL ? helper->error->message
			    : complaint != NULL	  ? complaint
						  : "it gave no reason");
		return FALSE;
	}
	if (helper->output.result == FU_UC_ENDPOINT_PROGRAM_RESULT_NONE) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "%s ended without a result, expected 'result done', 'result restart' "
			    "or 'result staged'",
			    program);
		return FALSE;
	}
	return TRUE;
}

/* a pipe for what it reads, one for what it says */
static gboolean
fu_uc_endpoint_program_open_pipes(FuUcEndpointProgramHelper *helper,
				  FuUcEndpointProcessSpec *spec,
				  GError **error)
{
	gint fds[2] = {-1, -1};
	g_autoptr(GInputStream) stdout_stream = NULL;

	if (helper->input != NULL) {
		if (!g_unix_open_pipe(fds, FD_CLOEXEC, error))
			return FALSE;
		spec->input_fd = fds[0];
		helper->stdin_stream = g_unix_output_stream_new(fds[1], TRUE);
	}
	if (!g_unix_open_pipe(fds, FD_CLOEXEC, error)) {
		if (spec->input_fd >= 0)
			(void)g_close(spec->input_fd, NULL);
		return FALSE;
	}
	spec->output_fd = fds[1];
	stdout_stream = g_unix_input_stream_new(fds[0], TRUE);
	helper->stdout_stream = g_data_input_stream_new(stdout_stream);
	g_signal_connect(helper->stdout_stream,
			 "notify::buffer-size",
			 G_CALLBACK(fu_uc_endpoint_program_overlong_cb),
			 helper);
	return TRUE;
}

static gboolean
fu_uc_endpoint_program_run_in_context(FuUcEndpointProgramHelper *helper,
				      FuUcEndpointProcessSpec *spec,
				      GError **error)
{
	if (!fu_uc_endpoint_program_open_pipes(helper, spec, error)) {
		fwupd_error_convert(error);
		return FALSE;
	}
	g_signal_connect_swapped(helper->process,
				 "ended",
				 G_CALLBACK(fu_uc_endpoint_program_ended),
				 helper);
	if (!fu_uc_endpoint_process_start(helper->process, spec, error))
		return FALSE;
	fu_uc_endpoint_program_wait(helper, spec->timeout_ms);
	return fu_uc_endpoint_program_check(helper, spec->argv[0], spec->timeout_ms, error);
}

/**
 * fu_uc_endpoint_program_run:
 * @name: of the endpoint
 * @argv: program, as an absolute path, and arguments
 * @envp: all of its environment
 * @input: (nullable): what it gets as standard input
 * @timeout_ms: after how long it is killed, with all that it started
 * @progress: a #FuProgress without steps
 * @result_out: (out): what it said
 * @error: (nullable): optional return location for an error
 *
 * Blocks until the program has ended, in a main context of its own.
 *
 * Returns: %TRUE if it ended well and said a result; otherwise %FALSE with %FWUPD_ERROR_TIMED_OUT,
 * %FWUPD_ERROR_INVALID_DATA or %FWUPD_ERROR_INTERNAL and what it complained about
 **/
gboolean
fu_uc_endpoint_program_run(const gchar *name,
			   const gchar *const *argv,
			   const gchar *const *envp,
			   GInputStream *input,
			   guint timeout_ms,
			   FuProgress *progress,
			   FuUcEndpointProgramResult *result_out,
			   GError **error)
{
	gboolean success;
	g_autoptr(GMainContext) context = g_main_context_new();
	g_auto(FuUcEndpointProgramHelper) helper = {
	    .loop = g_main_loop_new(context, FALSE),
	    .process = fu_uc_endpoint_process_new(),
	    .input = input,
	    .cancellable = g_cancellable_new(),
	    .progress = progress,
	};
	FuUcEndpointProcessSpec spec = {
	    .name = name,
	    .argv = argv,
	    .envp = envp,
	    .input_fd = -1,
	    .output_fd = -1,
	    .timeout_ms = timeout_ms,
	};

	g_main_context_push_thread_default(context);
	success = fu_uc_endpoint_program_run_in_context(&helper, &spec, error);
	g_main_context_pop_thread_default(context);
	*result_out = helper.output.result;
	return success;
}
