/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-cut-disk.h"
#include "fu-uc-cut-machine.h"
#include "fu-uc-cut.h"
#include "fu-uc-endpoint-health.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-sha256.h"

/* The power is cut, or the disk fails, at every system call that changes the disk, one after the
 * other; afterwards what starts is whole, the state is true, and the next attempt succeeds: after a
 * failure of the disk in the same process, and in a new one. */

/* a sanitizer makes each process slow, and finds what it finds at some of the points too */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STEP 20
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define STEP 20
#endif
#ifndef STEP
#define STEP 1
#endif

#define GAVE_UP	  3 /* exit status */
#define COMPLAINT "no sound"

typedef struct {
	FuUcCutMachine *machine;
	FuUcEndpointConfig *config;
	FuUcEndpointInstaller *installer;
} Daemon;

static void
daemon_start(Daemon *self, FuUcCutMachine *machine)
{
	g_autofree gchar *path = g_build_filename(machine->base, "codec.conf", NULL);
	g_autoptr(GError) error = NULL;

	self->machine = machine;
	self->config = fu_uc_endpoint_config_new_from_file(path, &error);
	g_assert_no_error(error);
	self->installer = fu_uc_endpoint_installer_new(self->config, &error);
	g_assert_no_error(error);
}

static gboolean
daemon_setup(Daemon *self, GError **error)
{
	g_autofree gchar *version = fu_uc_cut_machine_read_version(self->machine);
	return fu_uc_endpoint_installer_setup(self->installer, version, error);
}

static gboolean
daemon_write(Daemon *self, const gchar *version, GError **error)
{
	const gchar *buf = fu_uc_cut_machine_get_image(version);
	g_autofree gchar *sha256 =
	    fu_uc_sha256_of_buffer((const guint8 *)buf, FU_UC_CUT_IMAGE_SIZE);
	g_autoptr(GInputStream) stream =
	    g_memory_input_stream_new_from_data(buf, FU_UC_CUT_IMAGE_SIZE, NULL);
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	FuUcEndpointImage image = {
	    .stream = stream,
	    .size = FU_UC_CUT_IMAGE_SIZE,
	    .sha256 = sha256,
	    .version = version,
	};
	return fu_uc_endpoint_installer_write(self->installer, &image, progress, error);
}

static gboolean
daemon_activate(Daemon *self, GError **error)
{
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	return fu_uc_endpoint_installer_activate(self->installer, progress, error);
}

/* what ucupdates-confirm does, in its order */
static gboolean
daemon_settle(Daemon *self, gboolean healthy, GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);

	if (healthy)
		return fu_uc_endpoint_installer_confirm(self->installer, error) &&
		       fu_uc_endpoint_health_save(self->config, state, NULL, error);
	return fu_uc_endpoint_health_save(self->config, state, COMPLAINT, error) &&
	       fu_uc_endpoint_installer_reject(self->installer, error);
}

static gboolean
daemon_is_trial(Daemon *self)
{
	return fu_uc_endpoint_state_is_trial(fu_uc_endpoint_installer_get_state(self->installer));
}

/* what the state says about a slot is in that slot, which runs during a trial only */
static void
check_record(Daemon *self, const FuUcEndpointRecord *record)
{
	g_autofree gchar *running = fu_uc_cut_machine_read_running(self->machine);

	if (!daemon_is_trial(self))
		g_assert_cmpstr(record->slot, !=, running);
	g_assert_cmpstr(fu_uc_cut_machine_find_version(self->machine, record->slot),
			==,
			record->version);
}

/* a file or partition has one whole content, and if that does not run yet a restart is due */
static void
check_file_truth(Daemon *self)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);
	const FuUcEndpointRecord *activated = fu_uc_endpoint_state_get_activated(state);
	const gchar *content = fu_uc_cut_machine_find_version(self->machine, "A");
	g_autofree gchar *running = fu_uc_cut_machine_read_version(self->machine);

	g_assert_nonnull(content);
	g_assert_null(fu_uc_endpoint_state_get_staged(state));
	g_assert_null(fu_uc_endpoint_state_get_replacing(state));
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state), !=, FU_UC_ENDPOINT_OUTCOME_FAILED);
	if (self->machine->scenario == FU_UC_CUT_SCENARIO_FILE) {
		g_assert_null(activated);
		return;
	}
	g_assert_cmpstr(activated != NULL ? activated->version : running, ==, content);
}

/* what was refused went back because of that, so why is known as well */
static gboolean
is_explained(FuUcEndpointState *state, FuUcCutScenario scenario)
{
	const gchar *reason = fu_uc_endpoint_state_get_reason(state);
	return scenario == FU_UC_CUT_SCENARIO_SICK && reason != NULL &&
	       g_str_has_suffix(reason, ": " COMPLAINT);
}

static void
check_truth(Daemon *self)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);
	const FuUcEndpointRecord *activated = fu_uc_endpoint_state_get_activated(state);
	FuUcCutScenario scenario = self->machine->scenario;
	g_autofree gchar *next = NULL;
	g_autofree gchar *running = NULL;

	if (!fu_uc_cut_machine_has_slots(self->machine)) {
		check_file_truth(self);
		return;
	}
	next = fu_uc_cut_machine_read_next(self->machine);
	running = fu_uc_cut_machine_read_running(self->machine);
	g_assert_nonnull(fu_uc_cut_machine_find_version(self->machine, next));
	g_assert_nonnull(fu_uc_cut_machine_find_version(self->machine, running));
	g_assert_true(staged == NULL || activated == NULL);
	if (staged != NULL)
		check_record(self, staged);
	if (activated != NULL)
		check_record(self, activated);
	if (!daemon_is_trial(self))
		g_assert_cmpstr(next, ==, activated != NULL ? activated->slot : running);
	if (fu_uc_endpoint_state_get_outcome(state) == FU_UC_ENDPOINT_OUTCOME_FAILED)
		g_assert_true(scenario == FU_UC_CUT_SCENARIO_FALLBACK ||
			      is_explained(state, scenario));
}

/* one retry, as a person would; or none, and somebody else tries again */
#define TRY(self, call)                                         \
	G_STMT_START                                            \
	{                                                       \
		g_autoptr(GError) error_first = NULL;           \
		g_autoptr(GError) error_again = NULL;           \
		GError **error = &error_first;                  \
		if (!(call)) {                                  \
			g_assert_nonnull(error_first);          \
			if ((self)->machine->gives_up)          \
				return GAVE_UP;                 \
			check_truth(self);                      \
			error = &error_again;                   \
			if (!(call))                            \
				g_assert_no_error(error_again); \
		}                                               \
	}                                                       \
	G_STMT_END

static gint
install(Daemon *self, const gchar *version)
{
	TRY(self, daemon_write(self, version, error));
	check_truth(self);
	TRY(self, daemon_activate(self, error));
	check_truth(self);
	return 0;
}

static gboolean
has_trials(Daemon *self)
{
	return self->machine->scenario == FU_UC_CUT_SCENARIO_TRIAL ||
	       self->machine->scenario == FU_UC_CUT_SCENARIO_SICK;
}

/* after a start: what is on trial is settled */
static gint
settle(Daemon *self)
{
	gboolean healthy = self->machine->scenario == FU_UC_CUT_SCENARIO_TRIAL;

	TRY(self, daemon_setup(self, error));
	check_truth(self);
	if (!daemon_is_trial(self))
		return 0;
	TRY(self, daemon_settle(self, healthy, error));
	if (!healthy) {
		fu_uc_cut_machine_restart(self->machine);
		daemon_start(self, self->machine);
	}
	TRY(self, daemon_setup(self, error));
	check_truth(self);
	g_assert_false(daemon_is_trial(self));
	return 0;
}

/* nobody cut the power: each scenario comes to its own end, also after a failure and a retry */
static void
check_end(Daemon *self)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);
	FuUcCutScenario scenario = self->machine->scenario;
	gboolean fails =
	    scenario == FU_UC_CUT_SCENARIO_FALLBACK || scenario == FU_UC_CUT_SCENARIO_SICK;
	g_autofree gchar *sha256 =
	    fu_uc_sha256_of_buffer((const guint8 *)fu_uc_cut_machine_get_image("2.0"),
				   FU_UC_CUT_IMAGE_SIZE);

	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			fails ? FU_UC_ENDPOINT_OUTCOME_FAILED : FU_UC_ENDPOINT_OUTCOME_SUCCESS);
	g_assert_cmpint(fu_uc_endpoint_state_has_failed(state, sha256), ==, fails);
}

/* what is cut: install, activate, install another, activate, restart, look at the outcome; where
 * what counts comes after the restart, only one is installed */
static gint
sequence_cb(gpointer user_data)
{
	FuUcCutMachine *machine = user_data;
	Daemon self = {NULL};
	gint rc;

	daemon_start(&self, machine);
	TRY(&self, daemon_setup(&self, error));
	rc = install(&self, "2.0");
	if (rc == 0 && machine->scenario == FU_UC_CUT_SCENARIO_SLOTS)
		rc = install(&self, "3.0");
	if (rc != 0)
		return rc;
	if (machine->scenario == FU_UC_CUT_SCENARIO_FALLBACK)
		fu_uc_cut_machine_fall_back(machine);
	else
		fu_uc_cut_machine_restart(machine);
	daemon_start(&self, machine);
	TRY(&self, daemon_setup(&self, error));
	g_assert_cmpint(daemon_is_trial(&self), ==, has_trials(&self));
	rc = settle(&self);
	if (rc == 0)
		check_end(&self);
	return rc;
}

/* what has to be right afterwards, without a fault */
static gint
check_cb(gpointer user_data)
{
	FuUcCutMachine *machine = user_data;
	Daemon self = {NULL};
	FuUcEndpointState *state = NULL;
	g_autofree gchar *running = NULL;
	g_autoptr(GError) error = NULL;

	if (machine->restarts)
		fu_uc_cut_machine_restart(machine);
	daemon_start(&self, machine);
	g_assert_cmpint(settle(&self), ==, 0);
	g_assert_true(daemon_write(&self, "4.0", &error));
	check_truth(&self);
	g_assert_true(daemon_activate(&self, &error));
	check_truth(&self);
	fu_uc_cut_machine_restart(machine);
	running = fu_uc_cut_machine_read_running(machine);
	g_assert_cmpstr(fu_uc_cut_machine_find_version(machine, running), ==, "4.0");
	g_assert_true(daemon_setup(&self, &error));
	if (daemon_is_trial(&self)) {
		g_assert_true(daemon_settle(&self, TRUE, &error));
		g_assert_true(daemon_setup(&self, &error));
	}
	state = fu_uc_endpoint_installer_get_state(self.installer);
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			FU_UC_ENDPOINT_OUTCOME_SUCCESS);
	return 0;
}

/* one file or partition, which is rewritten twice */
static gint
file_sequence_cb(gpointer user_data)
{
	FuUcCutMachine *machine = user_data;
	Daemon self = {NULL};

	daemon_start(&self, machine);
	TRY(&self, daemon_setup(&self, error));
	check_truth(&self);
	TRY(&self, daemon_write(&self, "2.0", error));
	check_truth(&self);
	TRY(&self, daemon_write(&self, "3.0", error));
	check_truth(&self);
	g_assert_cmpstr(fu_uc_cut_machine_find_version(machine, "A"), ==, "3.0");
	fu_uc_cut_machine_restart(machine);
	daemon_start(&self, machine);
	TRY(&self, daemon_setup(&self, error));
	check_truth(&self);
	return 0;
}

static gint
file_check_cb(gpointer user_data)
{
	FuUcCutMachine *machine = user_data;
	Daemon self = {NULL};
	FuUcEndpointState *state = NULL;
	g_autoptr(GError) error = NULL;

	if (machine->restarts)
		fu_uc_cut_machine_restart(machine);
	daemon_start(&self, machine);
	state = fu_uc_endpoint_installer_get_state(self.installer);
	g_assert_true(daemon_setup(&self, &error));
	check_truth(&self);
	g_assert_true(daemon_write(&self, "4.0", &error));
	check_truth(&self);
	g_assert_cmpstr(fu_uc_cut_machine_find_version(machine, "A"), ==, "4.0");
	fu_uc_cut_machine_restart(machine);
	g_assert_true(daemon_setup(&self, &error));
	check_truth(&self);
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			FU_UC_ENDPOINT_OUTCOME_SUCCESS);
	return 0;
}

/* which files lose what was not flushed */
typedef enum {
	LOSE_NONE,
	LOSE_BOOT,
	LOSE_SLOTS,
	LOSE_STATE,
	LOSE_KEPT,
	LOSE_ALL,
	LOSE_LAST,
} Lose;

static void
lose(FuUcCut *cut, FuUcCutMachine *machine, Lose what)
{
	static const struct {
		Lose what;
		const gchar *name;
	} files[] = {
	    {LOSE_BOOT, "grubenv"},
	    {LOSE_SLOTS, "slot-a"},
	    {LOSE_SLOTS, "slot-b"},
	    {LOSE_SLOTS, "slot-a.uc-new"},
	    {LOSE_SLOTS, "partition"},
	    {LOSE_STATE, "lib/fwupd/uc-endpoint/codec.state"},
	    {LOSE_STATE, "lib/fwupd/uc-endpoint/codec.health"},
	    {LOSE_KEPT, "lib/fwupd/uc-endpoint/codec.old"},
	    {LOSE_KEPT, "lib/fwupd/uc-endpoint/codec.old.new"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree gchar *path = g_build_filename(machine->disk, files[i].name, NULL);
		if (what == files[i].what || what == LOSE_ALL)
			(void)fu_uc_cut_lose(cut, path);
	}
}

typedef struct {
	FuUcCutScenario scenario;
	FuUcCutFunc sequence;
	FuUcCutFunc check;
	GHashTable *seen; /* (element-type utf8): what was found to be good already */
	guint runs;	  /* processes */
	guint bad;
} Test;

static FuUcCut *
test_run(Test *self, FuUcCutMachine *machine, FuUcCutFault fault, guint at)
{
	FuUcCut *cut = fu_uc_cut_run(machine->disk, fault, at, self->sequence, machine);
	self->runs++;
	return cut;
}

/* the same disk needs no second look */
static void
test_check(Test *self, FuUcCutMachine *machine, const gchar *what)
{
	g_autofree gchar *disk_key = fu_uc_cut_disk_get_key(machine->base);
	g_autofree gchar *key = g_strdup_printf("%d %s", machine->restarts, disk_key);
	g_autoptr(FuUcCut) check = NULL;

	if (g_hash_table_contains(self->seen, key))
		return;
	check = fu_uc_cut_run(machine->disk, FU_UC_CUT_NONE, 0, self->check, machine);
	self->runs++;
	if (check->status == 0) {
		(void)g_hash_table_add(self->seen, g_steal_pointer(&key));
		return;
	}
	g_test_message("%s, restart %d: not good afterwards", what, machine->restarts);
	self->bad++;
}

/* returns whether that call could also do half of its work */
static gboolean
test_cut(Test *self, FuUcCutFault fault, guint at)
{
	g_autoptr(FuUcCutMachine) machine = fu_uc_cut_machine_new(self->scenario);
	g_autoptr(FuUcCut) cut = test_run(self, machine, fault, at);
	g_autoptr(GHashTable) disk = fu_uc_cut_disk_save(machine->base);

	g_assert_cmpint(cut->status, ==, -1);
	for (guint what = LOSE_NONE; what < LOSE_LAST; what++) {
		g_autofree gchar *text =
		    g_strdup_printf("cut at call %u (%s), lost %u", at, cut->name, what);
		fu_uc_cut_disk_restore(disk, machine->base);
		lose(cut, machine, what);
		machine->restarts = TRUE;
		test_check(self, machine, text);
		if (what != LOSE_NONE)
			continue;
		fu_uc_cut_disk_restore(disk, machine->base);
		machine->restarts = FALSE;
		test_check(self, machine, text);
	}
	return cut->can_be_short;
}

static void
test_fault(Test *self, FuUcCutFault fault, guint at, gboolean gives_up)
{
	g_autoptr(FuUcCutMachine) machine = fu_uc_cut_machine_new(self->scenario);
	g_autoptr(FuUcCut) cut = NULL;
	g_autofree gchar *text = NULL;

	machine->gives_up = gives_up;
	cut = test_run(self, machine, fault, at);
	text = g_strdup_printf("fault %d at call %u (%s)", (gint)fault, at, cut->name);
	if (gives_up && cut->status == GAVE_UP) {
		test_check(self, machine, text);
	} else if (cut->status != 0) {
		g_test_message("%s: ended with %d", text, cut->status);
		self->bad++;
	}
}

static guint
test_count(Test *self)
{
	g_autoptr(FuUcCutMachine) machine = fu_uc_cut_machine_new(self->scenario);
	g_autoptr(FuUcCut) cut = test_run(self, machine, FU_UC_CUT_NONE, 0);

	g_assert_cmpint(cut->status, ==, 0);
	g_assert_cmpuint(cut->calls, >, 10);
	return cut->calls;
}

/* @last_points: how many from the end; all of them with UC_POWER_CUT_ALL in the environment */
static void
run_all(FuUcCutScenario scenario, guint last_points)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gboolean is_file = scenario >= FU_UC_CUT_SCENARIO_FILE;
	Test self = {
	    .scenario = scenario,
	    .sequence = is_file ? file_sequence_cb : sequence_cb,
	    .check = is_file ? file_check_cb : check_cb,
	    .seen = seen,
	};
	guint all = test_count(&self);
	guint points = g_getenv("UC_POWER_CUT_ALL") != NULL ? all : MIN(all, last_points);

	for (guint at = all - points + 1; at <= all; at += STEP) {
		gboolean can_be_short = test_cut(&self, FU_UC_CUT_POWER, at);
		test_fault(&self, FU_UC_CUT_ENOSPC, at, FALSE);
		test_fault(&self, FU_UC_CUT_EIO, at, FALSE);
		test_fault(&self, FU_UC_CUT_EIO, at, TRUE);
		if (!can_be_short)
			continue;
		test_fault(&self, FU_UC_CUT_SHORT, at, FALSE);
		(void)test_cut(&self, FU_UC_CUT_TORN, at);
	}
	g_test_message("%u points of %u, each with %d power cuts, a kill and failures of the disk; "
		       "%u processes",
		       (points + STEP - 1) / STEP,
		       all,
		       LOSE_LAST,
		       self.runs);
	g_assert_cmpuint(self.bad, ==, 0);
}

/* how many points from the end, where what comes before has been looked at by another one */
typedef struct {
	const gchar *name;
	FuUcCutScenario scenario;
	guint last_points;
} Case;

static void
test_case(gconstpointer user_data)
{
	const Case *self = user_data;
	run_all(self->scenario, self->last_points);
}

/* only those that are named on the command line, or all */
int
main(int argc, char **argv)
{
	static const Case cases[] = {
	    {"sequence", FU_UC_CUT_SCENARIO_SLOTS, G_MAXUINT},
	    {"fallback", FU_UC_CUT_SCENARIO_FALLBACK, 15},
	    {"trial", FU_UC_CUT_SCENARIO_TRIAL, 24},
	    {"sick", FU_UC_CUT_SCENARIO_SICK, 16},
	    {"file", FU_UC_CUT_SCENARIO_FILE, G_MAXUINT},
	    {"restart", FU_UC_CUT_SCENARIO_RESTART, G_MAXUINT},
	    {"partition", FU_UC_CUT_SCENARIO_PARTITION, G_MAXUINT},
	};
	gint added = 0;

	g_test_init(&argc, &argv, NULL);
	(void)g_log_set_always_fatal(G_LOG_FATAL_MASK); /* a disk that fails is warned about */
	if (!fu_uc_cut_is_supported()) {
		g_print("1..0 # SKIP system calls can be followed on x86-64 only\n");
		return 0;
	}
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *path = g_strdup_printf("/power-cut/%s", cases[i].name);
		if (argc > 1 && !g_strv_contains((const gchar *const *)argv + 1, cases[i].name))
			continue;
		g_test_add_data_func(path, &cases[i], test_case);
		added++;
	}
	g_assert_true(argc == 1 || added == argc - 1);
	return g_test_run();
}
