/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-boot.h"
#include "fu-uc-endpoint-health.h"
#include "fu-uc-endpoint-kernel.h"
#include "fu-uc-endpoint-running.h"
#include "fu-uc-endpoint-slot.h"
#include "fu-uc-endpoint-slots.h"
#include "fu-uc-endpoint-target.h"

/* Two slots, A and B: the one that runs is never touched, the other one is filled, and the boot
 * loader is told at activation.
 *
 * Order of what reaches the disk, so that a power cut at any point leaves something that is true:
 * 1. writing: if the target is activated: state "staged", boot loader back to the running slot;
 *    then state empty, slot, read back, state "staged";
 * 2. activating: boot loader to the staged slot, read back, state "activated".
 *
 * While the boot loader and the state differ, the state says "staged", and
 * fu_uc_endpoint_running_reconcile() finds out which slot is started next or was started. */

#define FU_UC_ENDPOINT_SLOTS_N 2

struct _FuUcEndpointSlots {
	FuUcEndpointInstaller parent_instance;
	FuUcEndpointBoot *boot;
	gchar *parameter;
	gchar *paths[FU_UC_ENDPOINT_SLOTS_N]; /* of A and B */
};

G_DEFINE_TYPE(FuUcEndpointSlots, fu_uc_endpoint_slots, FU_TYPE_UC_ENDPOINT_INSTALLER)

static const gchar *const fu_uc_endpoint_slots_names[] = {"A", "B"};

static gint
fu_uc_endpoint_slots_find_running(FuUcEndpointSlots *self, GError **error)
{
	g_autofree gchar *name = fu_uc_endpoint_kernel_get_parameter(self->parameter, error);

	if (name == NULL)
		return -1;
	for (gint i = 0; i < FU_UC_ENDPOINT_SLOTS_N; i++) {
		if (g_str_equal(name, fu_uc_endpoint_slots_names[i]))
			return i;
	}
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "the kernel command line says %s=%s, expected A or B",
		    self->parameter,
		    name);
	return -1;
}

/* the one that does not run, and its path behind all links; NULL if that is not certain */
static gchar *
fu_uc_endpoint_slots_find_target(FuUcEndpointSlots *self, gint *target_out, GError **error)
{
	gint running = fu_uc_endpoint_slots_find_running(self, error);
	g_autofree gchar *path = NULL;
	g_autofree gchar *path_running = NULL;

	if (running < 0)
		return NULL;
	path_running = fu_uc_endpoint_target_resolve(self->paths[running], error);
	if (path_running == NULL)
		return NULL;
	path = fu_uc_endpoint_target_resolve(self->paths[1 - running], error);
	if (path == NULL)
		return NULL;
	if (fu_uc_endpoint_slot_is_same(path, path_running)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "slots A (%s) and B (%s) are the same; correct the endpoint file",
			    self->paths[0],
			    self->paths[1]);
		return NULL;
	}
	*target_out = 1 - running;
	return g_steal_pointer(&path);
}

/* after a restart into the other slot nobody would know what was planned */
static gboolean
fu_uc_endpoint_slots_setup(FuUcEndpointInstaller *installer, GError **error)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(installer);
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", NULL);

	for (guint i = 0; i < FU_UC_ENDPOINT_SLOTS_N; i++) {
		if (!fu_uc_endpoint_slot_has_path(self->paths[i], path))
			continue;
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "the state directory %s lies in slot %s (%s), expected it on a "
			    "partition outside of both slots",
			    path,
			    fu_uc_endpoint_slots_names[i],
			    self->paths[i]);
		return FALSE;
	}
	return TRUE;
}

/* What runs, in @slot, and what is started next; @next is freed by the caller, after @running. It
 * is unconfirmed while it may still go back by itself, or is told to already. ucupdates-confirm,
 * which may be at it right now, ends the trial and names what is started next in one step: whoever
 * sees the end of the trial has to read the name after that. */
static gboolean
fu_uc_endpoint_slots_find_plan(FuUcEndpointSlots *self,
			       FuUcEndpointRunning *running,
			       gchar **next,
			       GError **error)
{
	gboolean has_trials =
	    fu_uc_endpoint_installer_get_confirm_secs(FU_UC_ENDPOINT_INSTALLER(self)) != 0;

	if (has_trials && !fu_uc_endpoint_boot_get_trial(self->boot, &running->unconfirmed, error))
		return FALSE;
	*next = fu_uc_endpoint_boot_get_next(self->boot, error);
	if (*next == NULL)
		return FALSE;
	running->next_slot = *next;
	if (has_trials && !g_str_equal(running->slot, *next))
		running->unconfirmed = TRUE;
	return TRUE;
}

/* Brings the state in line with what runs and with the boot loader. If nothing is staged or
 * activated there is nothing to ask the boot loader for, which takes a program. */
static gboolean
fu_uc_endpoint_slots_refresh(FuUcEndpointInstaller *installer, GError **error)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(installer);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	gint slot = fu_uc_endpoint_slots_find_running(self, error);
	g_autofree gchar *next = NULL;
	g_autofree gchar *boot_id = NULL;
	g_autofree gchar *complaint = NULL;
	FuUcEndpointRunning running = {.version = fu_uc_endpoint_installer_get_version(installer)};

	if (slot < 0)
		return FALSE;
	if (fu_uc_endpoint_state_get_staged(state) == NULL &&
	    fu_uc_endpoint_state_get_activated(state) == NULL)
		return TRUE;
	boot_id = fu_uc_endpoint_kernel_get_boot_id(error);
	if (boot_id == NULL)
		return FALSE;
	running.slot = fu_uc_endpoint_slots_names[slot];
	running.boot_id = boot_id;
	if (!fu_uc_endpoint_slots_find_plan(self, &running, &next, error))
		return FALSE;
	complaint =
	    fu_uc_endpoint_health_load_complaint(fu_uc_endpoint_installer_get_config(installer),
						 state);
	running.complaint = complaint;
	if (fu_uc_endpoint_running_reconcile(&running, state))
		fu_uc_endpoint_state_try_save(state);
	return TRUE;
}

static gboolean
fu_uc_endpoint_slots_check(FuUcEndpointInstaller *installer, guint64 size, GError **error)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(installer);
	gint target = 0;
	guint64 capacity = 0;
	g_autofree gchar *path = fu_uc_endpoint_slots_find_target(self, &target, error);

	if (path == NULL || !fu_uc_endpoint_slot_get_capacity(path, &capacity, error))
		return FALSE;
	if (size <= capacity)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware has %" G_GUINT64_FORMAT
		    " bytes, slot %s (%s) only %" G_GUINT64_FORMAT,
		    size,
		    fu_uc_endpoint_slots_names[target],
		    self->paths[target],
		    capacity);
	return FALSE;
}

/* an activation could not be taken back: it still counts, until the boot loader says otherwise */
static void
fu_uc_endpoint_slots_keep_activated(FuUcEndpointSlots *self)
{
	FuUcEndpointState *state =
	    fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);
	g_autofree gchar *next = fu_uc_endpoint_boot_get_next(self->boot, NULL);
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(NULL);

	if (staged == NULL || boot_id == NULL || g_strcmp0(next, staged->slot) != 0)
		return;
	fu_uc_endpoint_state_set_activated(state, boot_id);
	fu_uc_endpoint_state_try_save(state);
}

/* the slot that is to be overwritten must not be the one that is started next */
static gboolean
fu_uc_endpoint_slots_release_target(FuUcEndpointSlots *self, gint target, GError **error)
{
	FuUcEndpointState *state =
	    fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
	g_autofree gchar *next = fu_uc_endpoint_boot_get_next(self->boot, error);
	g_autoptr(GError) error_local = NULL;

	if (next == NULL)
		return FALSE;
	if (!g_str_equal(next, fu_uc_endpoint_slots_names[target]))
		return TRUE;
	if (fu_uc_endpoint_state_get_activated(state) != NULL) {
		fu_uc_endpoint_state_unset_activated(state);
		if (!fu_uc_endpoint_state_save_or_revert(state, error))
			return FALSE;
	}
	if (fu_uc_endpoint_boot_set_next(self->boot,
					 fu_uc_endpoint_slots_names[1 - target],
					 FALSE,
					 &error_local))
		return TRUE;
	fu_uc_endpoint_slots_keep_activated(self);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NEEDS_USER_ACTION,
		    "slot %s is activated already and that cannot be taken back; restart first: %s",
		    next,
		    error_local->message);
	return FALSE;
}

static gboolean
fu_uc_endpoint_slots_read_back(FuUcEndpointSlots *self,
			       gint target,
			       const gchar *path,
			       guint64 size,
			       const gchar *sha256,
			       FuProgress *progress,
			       GError **error)
{
	g_autofree gchar *found = NULL;

	found = fu_uc_endpoint_slot_read_sha256(path, size, progress, error);
	if (found == NULL)
		return FALSE;
	if (g_str_equal(found, sha256))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "slot %s (%s) has SHA-256 %s, expected %s; install again, and replace the disk "
		    "if it happens again",
		    fu_uc_endpoint_slots_names[target],
		    self->paths[target],
		    found,
		    sha256);
	return FALSE;
}

static gboolean
fu_uc_endpoint_slots_write(FuUcEndpointInstaller *installer,
			   const FuUcEndpointImage *image,
			   FuProgress *progress,
			   GError **error)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(installer);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	gint target = 0;
	g_autofree gchar *path = NULL;

	fu_progress_set_id(progress, G_STRLOC);
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_WRITE, 75, NULL);
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_VERIFY, 25, NULL);

	if (!fu_uc_endpoint_installer_check(installer, image->size, error))
		return FALSE;
	path = fu_uc_endpoint_slots_find_target(self, &target, error);
	if (path == NULL || !fu_uc_endpoint_slots_release_target(self, target, error))
		return FALSE;
	fu_uc_endpoint_state_clear(state);
	if (!fu_uc_endpoint_state_save_or_revert(state, error))
		return FALSE;
	if (!fu_uc_endpoint_slot_write(path,
				       image->stream,
				       image->size,
				       fu_progress_get_child(progress),
				       error))
		return FALSE;
	fu_progress_step_done(progress);
	if (!fu_uc_endpoint_slots_read_back(self,
					    target,
					    path,
					    image->size,
					    image->sha256,
					    fu_progress_get_child(progress),
					    error))
		return FALSE;
	fu_progress_step_done(progress);
	fu_uc_endpoint_installer_record(installer, image, fu_uc_endpoint_slots_names[target], NULL);
	return fu_uc_endpoint_state_save_or_revert(state, error);
}

static gboolean
fu_uc_endpoint_slots_check_staged(FuUcEndpointSlots *self, gint target, GError **error)
{
	FuUcEndpointState *state =
	    fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);

	if (!g_str_equal(staged->slot, fu_uc_endpoint_slots_names[target])) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "version %s is staged in slot %s, which runs now; install again",
			    staged->version,
			    staged->slot);
		return FALSE;
	}
	if (fu_uc_endpoint_state_has_failed(state, staged->sha256)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "version %s was started once and fell back; install it with --force to "
			    "try again",
			    staged->version);
		return FALSE;
	}
	return TRUE;
}

/* only what is written down as activated may be started */
static void
fu_uc_endpoint_slots_take_back(FuUcEndpointSlots *self, gint target)
{
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_boot_set_next(self->boot,
					  fu_uc_endpoint_slots_names[1 - target],
					  FALSE,
					  &error_local)) {
		g_warning("the activation was not taken back: %s", error_local->message);
		fu_uc_endpoint_slots_keep_activated(self);
	}
}

static gboolean
fu_uc_endpoint_slots_switch(FuUcEndpointSlots *self, gint target, GError **error)
{
	FuUcEndpointInstaller *installer = FU_UC_ENDPOINT_INSTALLER(self);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	guint confirm_secs = fu_uc_endpoint_installer_get_confirm_secs(installer);
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);

	if (boot_id == NULL)
		return FALSE;
	if (!fu_uc_endpoint_boot_set_next(self->boot,
					  fu_uc_endpoint_slots_names[target],
					  confirm_secs > 0,
					  error)) {
		fu_uc_endpoint_slots_take_back(self, target);
		return FALSE;
	}
	fu_uc_endpoint_state_set_activated(state, boot_id);
	if (!fu_uc_endpoint_state_save_or_revert(state, error)) {
		fu_uc_endpoint_state_unset_activated(state);
		fu_uc_endpoint_slots_take_back(self, target);
		return FALSE;
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_slots_activate(FuUcEndpointInstaller *installer,
			      FuProgress *progress,
			      GError **error)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(installer);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);
	gint target = 0;
	g_autofree gchar *path = fu_uc_endpoint_slots_find_target(self, &target, error);
	g_autoptr(GError) error_local = NULL;

	if (path == NULL || !fu_uc_endpoint_slots_check_staged(self, target, error))
		return FALSE;
	if (!fu_uc_endpoint_slots_read_back(self,
					    target,
					    path,
					    staged->size,
					    staged->sha256,
					    progress,
					    &error_local)) {
		/* somebody else has filled it since */
		if (g_error_matches(error_local, FWUPD_ERROR, FWUPD_ERROR_WRITE))
			fu_uc_endpoint_state_forget(state);
		g_propagate_error(error, g_steal_pointer(&error_local));
		return FALSE;
	}
	return fu_uc_endpoint_slots_switch(self, target, error);
}

/* it runs, it is what is started next, and the boot loader counts */
static gboolean
fu_uc_endpoint_slots_get_trial(FuUcEndpointInstaller *installer,
			       gboolean *trial_out,
			       GError **error)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(installer);
	gint slot = fu_uc_endpoint_slots_find_running(self, error);
	g_autofree gchar *next = NULL;

	if (slot < 0)
		return FALSE;
	next = fu_uc_endpoint_boot_get_next(self->boot, error);
	if (next == NULL)
		return FALSE;
	if (!g_str_equal(next, fu_uc_endpoint_slots_names[slot]))
		return TRUE;
	return fu_uc_endpoint_boot_get_trial(self->boot, trial_out, error);
}

static gboolean
fu_uc_endpoint_slots_settle(FuUcEndpointSlots *self, gboolean healthy, GError **error)
{
	gint running = fu_uc_endpoint_slots_find_running(self, error);

	if (running < 0)
		return FALSE;
	return fu_uc_endpoint_boot_set_next(
	    self->boot,
	    fu_uc_endpoint_slots_names[healthy ? running : 1 - running],
	    FALSE,
	    error);
}

static gboolean
fu_uc_endpoint_slots_confirm(FuUcEndpointInstaller *installer, GError **error)
{
	return fu_uc_endpoint_slots_settle(FU_UC_ENDPOINT_SLOTS(installer), TRUE, error);
}

static gboolean
fu_uc_endpoint_slots_reject(FuUcEndpointInstaller *installer, GError **error)
{
	return fu_uc_endpoint_slots_settle(FU_UC_ENDPOINT_SLOTS(installer), FALSE, error);
}

static void
fu_uc_endpoint_slots_finalize(GObject *object)
{
	FuUcEndpointSlots *self = FU_UC_ENDPOINT_SLOTS(object);
	g_clear_object(&self->boot);
	g_free(self->parameter);
	for (guint i = 0; i < FU_UC_ENDPOINT_SLOTS_N; i++)
		g_free(self->paths[i]);
	G_OBJECT_CLASS(fu_uc_endpoint_slots_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_slots_class_init(FuUcEndpointSlotsClass *klass)
{
	FuUcEndpointInstallerClass *installer_class = FU_UC_ENDPOINT_INSTALLER_CLASS(klass);
	installer_class->step = "stage";
	installer_class->setup = fu_uc_endpoint_slots_setup;
	installer_class->refresh = fu_uc_endpoint_slots_refresh;
	installer_class->check = fu_uc_endpoint_slots_check;
	installer_class->write = fu_uc_endpoint_slots_write;
	installer_class->activate = fu_uc_endpoint_slots_activate;
	installer_class->get_trial = fu_uc_endpoint_slots_get_trial;
	installer_class->confirm = fu_uc_endpoint_slots_confirm;
	installer_class->reject = fu_uc_endpoint_slots_reject;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_slots_finalize;
}

static void
fu_uc_endpoint_slots_init(FuUcEndpointSlots *self)
{
}

/**
 * fu_uc_endpoint_slots_new:
 * @config: an endpoint file with `Type=slots`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the installer, or %NULL with a sentence that names file and key
 **/
FuUcEndpointInstaller *
fu_uc_endpoint_slots_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointSlots) self = g_object_new(FU_TYPE_UC_ENDPOINT_SLOTS, NULL);

	self->paths[0] = fu_uc_endpoint_config_get_install_path(config, "SlotA", NULL, error);
	if (self->paths[0] == NULL)
		return NULL;
	self->paths[1] = fu_uc_endpoint_config_get_install_path(config, "SlotB", NULL, error);
	if (self->paths[1] == NULL)
		return NULL;
	self->parameter = fu_uc_endpoint_config_get_install(config, "RunningParameter", "uc.slot");
	self->boot = fu_uc_endpoint_boot_new(config, error);
	if (self->boot == NULL)
		return NULL;
	return FU_UC_ENDPOINT_INSTALLER(g_steal_pointer(&self));
}
