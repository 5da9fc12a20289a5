/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <signal.h>
#include <sys/mman.h>

#include "fu-uc-endpoint-child.h"

/* A child with a process group of its own, which is killed whole: when the program has ended, as
 * what it left behind has to end too, and when its time is over. */

struct _FuUcEndpointChild {
	FuUcEndpointProcess parent_instance;
	GSubprocess *subprocess; /* (nullable) */
	pid_t *shared_pid;	 /* (nullable) */
};

G_DEFINE_TYPE(FuUcEndpointChild, fu_uc_endpoint_child, FU_TYPE_UC_ENDPOINT_PROCESS)

/* GSubprocess forgets the id of a program that has ended already, but what that one started and
 * left behind has to end too: the child itself writes its id where both can see it */
static void
fu_uc_endpoint_child_setup_cb(gpointer user_data)
{
	pid_t *shared_pid = user_data;

	(void)setpgid(0, 0);
	*shared_pid = getpid();
}

static void
fu_uc_endpoint_child_kill(FuUcEndpointProcess *process)
{
	FuUcEndpointChild *self = FU_UC_ENDPOINT_CHILD(process);

	if (self->shared_pid != NULL && *self->shared_pid > 1)
		(void)kill(-*self->shared_pid, SIGKILL);
}

static void
fu_uc_endpoint_child_waited_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(FuUcEndpointChild) self = FU_UC_ENDPOINT_CHILD(user_data);
	FuUcEndpointProcessOutcome outcome = FU_UC_ENDPOINT_PROCESS_OUTCOME_FAILED;

	(void)g_subprocess_wait_finish(G_SUBPROCESS(source), result, NULL);
	fu_uc_endpoint_child_kill(FU_UC_ENDPOINT_PROCESS(self));
	if (g_subprocess_get_successful(self->subprocess))
		outcome = FU_UC_ENDPOINT_PROCESS_OUTCOME_SUCCESS;
	fu_uc_endpoint_process_end(FU_UC_ENDPOINT_PROCESS(self), outcome);
}

static gboolean
fu_uc_endpoint_child_ensure_shared_pid(FuUcEndpointChild *self, GError **error)
{
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
	self->shared_pid = shared_pid;
	return TRUE;
}

static gboolean
fu_uc_endpoint_child_start(FuUcEndpointProcess *process,
			   const FuUcEndpointProcessSpec *spec,
			   GError **error)
{
	FuUcEndpointChild *self = FU_UC_ENDPOINT_CHILD(process);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
	    spec->merge_stderr ? G_SUBPROCESS_FLAGS_STDERR_MERGE : G_SUBPROCESS_FLAGS_NONE);

	if (spec->input_fd >= 0)
		g_subprocess_launcher_take_stdin_fd(launcher, spec->input_fd);
	g_subprocess_launcher_take_stdout_fd(launcher, spec->output_fd);
	if (spec->envp != NULL)
		g_subprocess_launcher_set_environ(launcher, (gchar **)spec->envp);
	g_subprocess_launcher_set_cwd(launcher, "/");
	if (!fu_uc_endpoint_child_ensure_shared_pid(self, error))
		return FALSE;
	g_subprocess_launcher_set_child_setup(launcher,
					      fu_uc_endpoint_child_setup_cb,
					      self->shared_pid,
					      NULL);
	self->subprocess = g_subprocess_launcher_spawnv(launcher, spec->argv, error);
	if (self->subprocess == NULL) {
		fwupd_error_convert(error);
		return FALSE;
	}
	g_subprocess_wait_async(self->subprocess,
				NULL,
				fu_uc_endpoint_child_waited_cb,
				g_object_ref(self));
	return TRUE;
}

static void
fu_uc_endpoint_child_finalize(GObject *object)
{
	FuUcEndpointChild *self = FU_UC_ENDPOINT_CHILD(object);

	g_clear_object(&self->subprocess);
	if (self->shared_pid != NULL)
		(void)munmap(self->shared_pid, sizeof(*self->shared_pid));
	G_OBJECT_CLASS(fu_uc_endpoint_child_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_child_class_init(FuUcEndpointChildClass *klass)
{
	FuUcEndpointProcessClass *process_class = FU_UC_ENDPOINT_PROCESS_CLASS(klass);
	process_class->start = fu_uc_endpoint_child_start;
	process_class->kill = fu_uc_endpoint_child_kill;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_child_finalize;
}

static void
fu_uc_endpoint_child_init(FuUcEndpointChild *self)
{
}

/**
 * fu_uc_endpoint_child_new:
 *
 * Returns: (transfer full): a program that is to be a child of this process
 **/
FuUcEndpointProcess *
fu_uc_endpoint_child_new(void)
{
	return g_object_new(FU_TYPE_UC_ENDPOINT_CHILD, NULL);
}
