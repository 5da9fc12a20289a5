/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <signal.h>
#include <sys/mman.h>

#include "fu-uc-endpoint-program.h"

/* A vendor's program, run to its end in a process group of its own, without a shell. The image is
 * its standard input. It has to say a result on its standard output and end with 0. Whatever
 * happens, nothing of its process group is left afterwards. */

typedef struct {
	GMainLoop *loop;
	GSubprocess *subprocess;   /* not owned */
	GInputStream *input;	   /* (nullable) not owned */
	GCancellable *cancellable; /* not owned: for when something escaped the process group */
	FuProgress *progress;	   /* not owned */
	pid_t pid;
	guint pending; /* what has to end: input, output, the program */
	gboolean timed_out;
	GError *error; /* (nullable): of reading or writing */
	FuUcEndpointProgramOutput output;
} FuUcEndpointProgramHelper;

/* GSubprocess forgets the id of a program that has ended already, but what that one started and
 * left behind has to end too: the child itself writes its id where both can see it */
static void
fu_uc_endpoint_program_child_setup_cb(gpointer user_data)
{
	pid_t *shared_pid = user_data;

	(void)setpgid(0, 0);
	*shared_pid = getpid();
}

static void
fu_uc_endpoint_program_kill(FuUcEndpointProgramHelper *helper)
{
	if (helper->pid > 1)
		(void)kill(-helper->pid, SIGKILL);
}

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
	fu_uc_endpoint_program_kill(helper);
}

static gboolean
fu_uc_endpoint_program_timeout_cb(gpointer user_data)
{
	FuUcEndpointProgramHelper *helper = (FuUcEndpointProgramHelper *)user_data;
	helper->timed_out = TRUE;
	fu_uc_endpoint_program_kill(helper);
	g_cancellable_cancel(helper->cancellable);
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

/* what it has started and left behind ends with it, so that its output ends too */
static void
fu_uc_endpoint_program_waited_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointProgramHelper *helper = (FuUcEndpointProgramHelper *)user_data;
	(void)g_subprocess_wait_finish(G_SUBPROCESS(source), result, NULL);
	fu_uc_endpoint_program_kill(helper);
	fu_uc_endpoint_program_ended(helper);
}

static void
fu_uc_endpoint_program_wait(FuUcEndpointProgramHelper *helper, GMainContext *context, guint ms)
{
	g_autoptr(GSource) timeout = g_timeout_source_new(ms);
	g_autoptr(GDataInputStream) output =
	    g_data_input_stream_new(g_subprocess_get_stdout_pipe(helper->subprocess));

	helper->pending = 2;
	g_source_set_callback(timeout, fu_uc_endpoint_program_timeout_cb, helper, NULL);
	g_source_attach(timeout, context);
	if (helper->input != NULL) {
		helper->pending++;
		g_output_stream_splice_async(g_subprocess_get_stdin_pipe(helper->subprocess),
					     helper->input,
					     G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
					     G_PRIORITY_DEFAULT,
					     helper->cancellable,
					     fu_uc_endpoint_program_spliced_cb,
					     helper);
	}
	g_subprocess_wait_async(helper->subprocess, NULL, fu_uc_endpoint_program_waited_cb, helper);
	fu_uc_endpoint_program_read(helper, output);
	g_main_loop_run(helper->loop);
	g_source_destroy(timeout);
}

static gboolean
fu_uc_endpoint_program_check(FuUcEndpointProgramHelper *helper,
			     const gchar *program,
			     guint timeout_ms,
			     GError **error)
{
	const gchar *complaint = helper->output.complaint;
	g_autoptr(GError) error_local = g_steal_pointer(&helper->error);

	if (helper->timed_out) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_TIMED_OUT,
			    "%s did not end within %u s and was killed",
			    program,
			    timeout_ms / 1000);
		return FALSE;
	}
	if (error_local != NULL || complaint != NULL ||
	    !g_subprocess_get_successful(helper->subprocess)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INTERNAL,
			    "%s failed: %s",
			    program,
			    error_local != NULL ? error_local->message
			    : complaint != NULL ? complaint
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

static gboolean
fu_uc_endpoint_program_run_in_context(GMainContext *context,
				      const gchar *const *argv,
				      const gchar *const *envp,
				      guint timeout_ms,
				      FuUcEndpointProgramHelper *helper,
				      pid_t *shared_pid,
				      GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
	g_autoptr(GSubprocess) subprocess = NULL;
	g_autoptr(GSubprocessLauncher) launcher = NULL;
	GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE;

	if (helper->input != NULL)
		flags |= G_SUBPROCESS_FLAGS_STDIN_PIPE;
	launcher = g_subprocess_launcher_new(flags);
	g_subprocess_launcher_set_environ(launcher, (gchar **)envp);
	g_subprocess_launcher_set_cwd(launcher, "/");
	g_subprocess_launcher_set_child_setup(launcher,
					      fu_uc_endpoint_program_child_setup_cb,
					      shared_pid,
					      NULL);
	subprocess = g_subprocess_launcher_spawnv(launcher, argv, error);
	if (subprocess == NULL) {
		fwupd_error_convert(error);
		return FALSE;
	}
	helper->loop = loop;
	helper->subprocess = subprocess;
	helper->pid = *shared_pid;
	fu_uc_endpoint_program_wait(helper, context, timeout_ms);
	return fu_uc_endpoint_program_check(helper, argv[0], timeout_ms, error);
}

/**
 * fu_uc_endpoint_program_run:
 * @argv: program and arguments
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
fu_uc_endpoint_program_run(const gchar *const *argv,
			   const gchar *const *envp,
			   GInputStream *input,
			   guint timeout_ms,
			   FuProgress *progress,
			   FuUcEndpointProgramResult *result_out,
			   GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GMainContext) context = g_main_context_new();
	FuUcEndpointProgramHelper helper = {
	    .input = input,
	    .cancellable = cancellable,
	    .progress = progress,
	};
	gboolean success;
	pid_t *shared_pid = mmap(NULL,
				 sizeof(*shared_pid),
				 PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS,
				 -1,
				 0);

	if (shared_pid == MAP_FAILED) {
		g_set_error_literal(error, FWUPD_ERROR, FWUPD_ERROR_INTERNAL, "out of memory");
		return FALSE;
	}
	g_main_context_push_thread_default(context);
	success = fu_uc_endpoint_program_run_in_context(context,
							argv,
							envp,
							timeout_ms,
							&helper,
							shared_pid,
							error);
	g_main_context_pop_thread_default(context);
	(void)munmap(shared_pid, sizeof(*shared_pid));
	*result_out = helper.output.result;
	fu_uc_endpoint_program_output_clear(&helper.output);
	return success;
}
