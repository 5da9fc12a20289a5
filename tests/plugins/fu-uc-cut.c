/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "fu-uc-cut-disk.h"
#include "fu-uc-cut.h"

/* A power cut, or a disk that fails, at one chosen system call. A function is run in a process of
 * its own; that process, its threads and whatever it starts stop at each system call that may
 * change the disk, below one directory only. Calls are counted over all of them, and the n-th one
 * meets with the fault.
 *
 * What a disk has for certain is followed too: a file has what it had when it was last flushed;
 * that a name is new, another one or gone is certain after its directory was flushed.
 * fu_uc_cut_lose() takes a file back to that. */

#if defined(__x86_64__)

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#define FU_UC_CUT_SECS_MAX 20

typedef enum {
	FU_UC_CUT_CALL_FD,   /* the argument is a file descriptor */
	FU_UC_CUT_CALL_PATH, /* the argument is a path */
} FuUcCutCallKind;

typedef struct {
	guint nr;
	const gchar *name;
	FuUcCutCallKind kind;
	guint argument; /* which one says what is changed */
	gint flags;	/* which argument has the flags of open(), or -1 */
	gint length;	/* which argument a short write has less of, or -1 */
} FuUcCutCall;

static const FuUcCutCall fu_uc_cut_calls[] = {
    {SYS_write, "write", FU_UC_CUT_CALL_FD, 0, -1, 2},
    {SYS_pwrite64, "pwrite64", FU_UC_CUT_CALL_FD, 0, -1, 2},
    {SYS_writev, "writev", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_pwritev, "pwritev", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_pwritev2, "pwritev2", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_copy_file_range, "copy_file_range", FU_UC_CUT_CALL_FD, 2, -1, 4},
    {SYS_sendfile, "sendfile", FU_UC_CUT_CALL_FD, 0, -1, 3},
    {SYS_fsync, "fsync", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_fdatasync, "fdatasync", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_sync_file_range, "sync_file_range", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_ftruncate, "ftruncate", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_fallocate, "fallocate", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_fchmod, "fchmod", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_fchown, "fchown", FU_UC_CUT_CALL_FD, 0, -1, -1},
    {SYS_open, "open", FU_UC_CUT_CALL_PATH, 0, 1, -1},
    {SYS_openat, "openat", FU_UC_CUT_CALL_PATH, 1, 2, -1},
    {SYS_creat, "creat", FU_UC_CUT_CALL_PATH, 0, -1, -1},
    {SYS_truncate, "truncate", FU_UC_CUT_CALL_PATH, 0, -1, -1},
    {SYS_rename, "rename", FU_UC_CUT_CALL_PATH, 1, -1, -1},
    {SYS_renameat, "renameat", FU_UC_CUT_CALL_PATH, 3, -1, -1},
    {SYS_renameat2, "renameat2", FU_UC_CUT_CALL_PATH, 3, -1, -1},
    {SYS_unlink, "unlink", FU_UC_CUT_CALL_PATH, 0, -1, -1},
    {SYS_unlinkat, "unlinkat", FU_UC_CUT_CALL_PATH, 1, -1, -1},
    {SYS_mkdir, "mkdir", FU_UC_CUT_CALL_PATH, 0, -1, -1},
    {SYS_mkdirat, "mkdirat", FU_UC_CUT_CALL_PATH, 1, -1, -1},
    {SYS_rmdir, "rmdir", FU_UC_CUT_CALL_PATH, 0, -1, -1},
    {SYS_link, "link", FU_UC_CUT_CALL_PATH, 1, -1, -1},
    {SYS_linkat, "linkat", FU_UC_CUT_CALL_PATH, 3, -1, -1},
    {SYS_symlink, "symlink", FU_UC_CUT_CALL_PATH, 1, -1, -1},
    {SYS_symlinkat, "symlinkat", FU_UC_CUT_CALL_PATH, 2, -1, -1},
    {SYS_chmod, "chmod", FU_UC_CUT_CALL_PATH, 0, -1, -1},
    {SYS_fchmodat, "fchmodat", FU_UC_CUT_CALL_PATH, 1, -1, -1},
};

typedef struct {
	FuUcCut *cut;	 /* not owned */
	GArray *threads; /* (element-type pid_t): that are followed */
	const gchar *directory;
	FuUcCutFault fault;
	guint at;
	pid_t main_pid;
	pid_t torn_pid; /* the thread whose call is the last one, or 0 */
} FuUcCutTracer;

/* which calls the kernel stops at: a filter, as stopping at all of them would be slow */
static gint
fu_uc_cut_install_filter(void)
{
	struct sock_filter filter[2 * G_N_ELEMENTS(fu_uc_cut_calls) + 2];
	struct sock_fprog program = {.filter = filter};
	struct sock_filter load =
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	struct sock_filter trace = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	filter[program.len++] = load;
	for (guint i = 0; i < G_N_ELEMENTS(fu_uc_cut_calls); i++) {
		struct sock_filter is_not =
		    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, fu_uc_cut_calls[i].nr, 0, 1);
		filter[program.len++] = is_not;
		filter[program.len++] = trace;
	}
	filter[program.len++] = allow;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static guint64
fu_uc_cut_get_argument(const struct user_regs_struct *regs, guint argument)
{
	const guint64 values[] = {regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9};
	return values[argument];
}

static void
fu_uc_cut_halve_argument(struct user_regs_struct *regs, guint argument)
{
	unsigned long long *values[] = {&regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8};
	*values[argument] = (*values[argument] + 1) / 2;
}

static gchar *
fu_uc_cut_read_path(pid_t pid, guint64 address)
{
	gchar buf[PATH_MAX] = {'\0'};
	g_autofree gchar *mem = g_strdup_printf("/proc/%d/mem", pid);
	gint fd = open(mem, O_RDONLY | O_CLOEXEC);
	gssize len = -1;

	/* the string may end near the end of what is mapped */
	for (gsize want = sizeof(buf) - 1; fd >= 0 && len < 0 && want > 1; want /= 2)
		len = pread(fd, buf, want, (off_t)address);
	if (fd >= 0)
		(void)close(fd);
	return g_strdup(len > 0 ? buf : "");
}

static gchar *
fu_uc_cut_read_fd(pid_t pid, guint64 fd)
{
	g_autofree gchar *link = g_strdup_printf("/proc/%d/fd/%d", pid, (gint)fd);
	gchar *path = g_file_read_link(link, NULL);
	return path != NULL ? path : g_strdup("");
}

/* what a call changes below the directory, or NULL */
static gchar *
fu_uc_cut_find_target(FuUcCutTracer *tracer,
		      pid_t pid,
		      const FuUcCutCall *call,
		      const struct user_regs_struct *regs)
{
	guint64 value = fu_uc_cut_get_argument(regs, call->argument);
	g_autofree gchar *path = NULL;

	if (call->flags >= 0 &&
	    (fu_uc_cut_get_argument(regs, (guint)call->flags) & (O_CREAT | O_TRUNC)) == 0)
		return NULL;
	path = call->kind == FU_UC_CUT_CALL_FD ? fu_uc_cut_read_fd(pid, value)
					       : fu_uc_cut_read_path(pid, value);
	if (!g_str_has_prefix(path, tracer->directory))
		return NULL;
	return g_steal_pointer(&path);
}

static GBytes *
fu_uc_cut_read_file(const gchar *path)
{
	gchar *text = NULL;
	gsize textsz = 0;
	if (!g_file_get_contents(path, &text, &textsz, NULL))
		return g_bytes_new(NULL, 0);
	return g_bytes_new_take(text, textsz);
}

static void
fu_uc_cut_flush_directory(FuUcCut *cut, const gchar *directory)
{
	GHashTableIter iter;
	gpointer path = NULL;
	gpointer blob = NULL;

	g_hash_table_iter_init(&iter, cut->durable);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		g_autofree gchar *parent = g_path_get_dirname(path);
		if (g_str_equal(parent, directory) && !g_file_test(path, G_FILE_TEST_EXISTS))
			g_hash_table_iter_remove(&iter);
	}
	g_hash_table_iter_init(&iter, cut->renamed);
	while (g_hash_table_iter_next(&iter, &path, &blob)) {
		g_autofree gchar *parent = g_path_get_dirname(path);
		if (!g_str_equal(parent, directory))
			continue;
		g_hash_table_insert(cut->durable, g_strdup(path), g_bytes_ref(blob));
		g_hash_table_iter_remove(&iter);
	}
}

/* keeps up what is certainly on the disk; the call is just about to happen */
static void
fu_uc_cut_follow(FuUcCutTracer *tracer,
		 pid_t pid,
		 const FuUcCutCall *call,
		 const struct user_regs_struct *regs,
		 const gchar *target)
{
	FuUcCut *cut = tracer->cut;

	if (call->nr == SYS_fsync || call->nr == SYS_fdatasync) {
		if (g_file_test(target, G_FILE_TEST_IS_DIR))
			fu_uc_cut_flush_directory(cut, target);
		else
			g_hash_table_insert(cut->durable,
					    g_strdup(target),
					    fu_uc_cut_read_file(target));
	} else if (call->nr == SYS_rename || call->nr == SYS_renameat ||
		   call->nr == SYS_renameat2) {
		guint64 address = fu_uc_cut_get_argument(regs, call->nr == SYS_rename ? 0 : 1);
		g_autofree gchar *from = fu_uc_cut_read_path(pid, address);
		GBytes *blob = g_hash_table_lookup(cut->durable, from);
		g_hash_table_insert(cut->renamed,
				    g_strdup(target),
				    blob != NULL ? g_bytes_ref(blob) : g_bytes_new(NULL, 0));
	}
}

static void
fu_uc_cut_kill_all(FuUcCutTracer *tracer)
{
	for (guint i = 0; i < tracer->threads->len; i++)
		(void)kill(g_array_index(tracer->threads, pid_t, i), SIGKILL);
}

static void
fu_uc_cut_fail_call(pid_t pid, struct user_regs_struct *regs, gint errsv)
{
	regs->orig_rax = (unsigned long long)-1;
	regs->rax = (unsigned long long)-errsv;
	(void)ptrace(PTRACE_SETREGS, pid, NULL, regs);
}

static void
fu_uc_cut_call(FuUcCutTracer *tracer, pid_t pid)
{
	const FuUcCutCall *call = NULL;
	struct user_regs_struct regs = {0};
	g_autofree gchar *target = NULL;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(fu_uc_cut_calls) && call == NULL; i++) {
		if (fu_uc_cut_calls[i].nr == regs.orig_rax)
			call = &fu_uc_cut_calls[i];
	}
	target = call != NULL ? fu_uc_cut_find_target(tracer, pid, call, &regs) : NULL;
	if (target == NULL)
		return;
	tracer->cut->calls++;
	if (tracer->fault == FU_UC_CUT_NONE || tracer->cut->calls != tracer->at) {
		fu_uc_cut_follow(tracer, pid, call, &regs, target);
		return;
	}
	tracer->cut->name = g_strdup_printf("%s %s", call->name, target);
	tracer->cut->can_be_short = call->length >= 0;
	if (tracer->fault == FU_UC_CUT_POWER) {
		fu_uc_cut_kill_all(tracer);
	} else if (tracer->fault == FU_UC_CUT_ENOSPC) {
		fu_uc_cut_fail_call(pid, &regs, ENOSPC);
	} else if (tracer->fault == FU_UC_CUT_EIO) {
		fu_uc_cut_fail_call(pid, &regs, EIO);
	} else if (call->length >= 0) {
		fu_uc_cut_halve_argument(&regs, (guint)call->length);
		(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
		if (tracer->fault == FU_UC_CUT_TORN)
			tracer->torn_pid = pid;
	}
}

static void
fu_uc_cut_remember_thread(FuUcCutTracer *tracer, pid_t pid)
{
	for (guint i = 0; i < tracer->threads->len; i++) {
		if (g_array_index(tracer->threads, pid_t, i) == pid)
			return;
	}
	g_array_append_val(tracer->threads, pid);
}

static void
fu_uc_cut_forget_thread(FuUcCutTracer *tracer, pid_t pid)
{
	for (guint i = 0; i < tracer->threads->len; i++) {
		if (g_array_index(tracer->threads, pid_t, i) == pid)
			g_array_remove_index_fast(tracer->threads, i);
	}
}

/* one stop of one thread */
static void
fu_uc_cut_stopped(FuUcCutTracer *tracer, pid_t pid, gint status)
{
	gint event = status >> 16;
	gint sig = WSTOPSIG(status);

	fu_uc_cut_remember_thread(tracer, pid);
	if (tracer->torn_pid == pid)
		fu_uc_cut_kill_all(tracer); /* that was the end of the call */
	else if (event == PTRACE_EVENT_SECCOMP)
		fu_uc_cut_call(tracer, pid);
	if (event != 0 || sig == SIGSTOP)
		sig = 0;
	(void)ptrace(tracer->torn_pid == pid ? PTRACE_SYSCALL : PTRACE_CONT,
		     pid,
		     NULL,
		     GINT_TO_POINTER(sig));
}

static void
fu_uc_cut_trace(FuUcCutTracer *tracer)
{
	gint status = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			fu_uc_cut_stopped(tracer, pid, status);
			continue;
		}
		fu_uc_cut_forget_thread(tracer, pid);
		if (pid == tracer->main_pid)
			tracer->cut->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
}

gboolean
fu_uc_cut_is_supported(void)
{
	return TRUE;
}

/**
 * fu_uc_cut_run:
 * @directory: below which calls are counted
 * @fault: what happens
 * @at: at which call, from 1
 * @func: what is run, in a process of its own; it must not use standard output
 * @user_data: for @func
 *
 * Must be called from a process with one thread and no other children.
 *
 * Returns: (transfer full): what came of it
 **/
FuUcCut *
fu_uc_cut_run(const gchar *directory,
	      FuUcCutFault fault,
	      guint at,
	      FuUcCutFunc func,
	      gpointer user_data)
{
	const struct rlimit no_core = {0};
	FuUcCut *cut = g_new0(FuUcCut, 1);
	g_autoptr(GArray) threads = g_array_new(FALSE, FALSE, sizeof(pid_t));
	FuUcCutTracer tracer = {
	    .cut = cut,
	    .threads = threads,
	    .directory = directory,
	    .fault = fault,
	    .at = at,
	};

	cut->status = -1;
	/* all that is there before the run is on the disk */
	cut->durable = fu_uc_cut_disk_save(directory);
	cut->renamed =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	tracer.main_pid = fork();
	if (tracer.main_pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)alarm(FU_UC_CUT_SECS_MAX);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0 ||
		    fu_uc_cut_install_filter() < 0)
			_exit(99);
		_exit(func(user_data));
	}
	g_assert_cmpint(tracer.main_pid, >, 0);
	g_assert_cmpint(waitpid(tracer.main_pid, NULL, __WALL), ==, tracer.main_pid);
	(void)ptrace(PTRACE_SETOPTIONS,
		     tracer.main_pid,
		     NULL,
		     PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
	fu_uc_cut_remember_thread(&tracer, tracer.main_pid);
	(void)ptrace(PTRACE_CONT, tracer.main_pid, NULL, NULL);
	fu_uc_cut_trace(&tracer);
	return cut;
}

#else

gboolean
fu_uc_cut_is_supported(void)
{
	return FALSE;
}

FuUcCut *
fu_uc_cut_run(const gchar *directory,
	      FuUcCutFault fault,
	      guint at,
	      FuUcCutFunc func,
	      gpointer user_data)
{
	g_assert_not_reached();
}

#endif

/**
 * fu_uc_cut_lose:
 * @self: what came of a run that was cut
 * @path: a file
 *
 * Takes a file back to what was certainly on the disk, as a power cut may.
 *
 * Returns: whether that is something else
 **/
gboolean
fu_uc_cut_lose(FuUcCut *self, const gchar *path)
{
	GBytes *blob = g_hash_table_lookup(self->durable, path);
	gsize blobsz = 0;
	const gchar *buf = blob != NULL ? g_bytes_get_data(blob, &blobsz) : NULL;
	gsize foundsz = 0;
	g_autofree gchar *found = NULL;

	if (!g_file_get_contents(path, &found, &foundsz, NULL))
		return blob != NULL && g_file_set_contents(path, buf, (gssize)blobsz, NULL);
	if (blob == NULL)
		return g_unlink(path) == 0;
	if (foundsz == blobsz && memcmp(found, buf, blobsz) == 0)
		return FALSE;
	g_assert_true(g_file_set_contents(path, buf != NULL ? buf : "", blobsz, NULL));
	return TRUE;
}

void
fu_uc_cut_free(FuUcCut *self)
{
	g_hash_table_unref(self->durable);
	g_hash_table_unref(self->renamed);
	g_free(self->name);
	g_free(self);
}
