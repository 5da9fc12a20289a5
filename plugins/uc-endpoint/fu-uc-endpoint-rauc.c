/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-health.h"
#include "fu-uc-endpoint-kernel.h"
#include "fu-uc-endpoint-rauc-boot.h"
#include "fu-uc-endpoint-rauc-bundle.h"
#include "fu-uc-endpoint-rauc.h"
#include "fu-uc-endpoint-running.h"
#include "fu-uc-rauc-install.h"
#include "fu-uc-rauc-slots.h"
#include "fu-uc-version.h"

/* RAUC fills the slots and talks to the boot loader; here is when. Its system.conf has
 * activate-installed=false, so that InstallBundle only fills, and Mark switches at activation.
 *
 * The bundle is copied beside the state, as RAUC does not see what the daemon has open; it is
 * removed when RAUC has ended, and at the next start if the power was cut in between.
 *
 * The order of what reaches the disk is that of `slots`: if the other slot is started next, the
 * state says "staged" and RAUC is told to start the running one; then state empty, InstallBundle,
 * state "staged". While RAUC and the state differ, fu_uc_endpoint_running_reconcile() finds out. */

#define FU_UC_ENDPOINT_RAUC_TIMEOUT_SEC 1800
#define FU_UC_ENDPOINT_RAUC_TIMEOUT_MAX 7200 /* seconds */

struct _FuUcEndpointRauc {
	FuUcEndpointInstaller parent_instance;
	gchar *bundle; /* where RAUC reads it */
	guint timeout_secs;
};

G_DEFINE_TYPE(FuUcEndpointRauc, fu_uc_endpoint_rauc, FU_TYPE_UC_ENDPOINT_INSTALLER)

/**
 * fu_uc_endpoint_rauc_open:
 * @installer: a #FuUcEndpointRauc
 *
 * Returns: (transfer full): RAUC, which has `TimeoutSec` for an answer
 **/
FuUcRaucClient *
fu_uc_endpoint_rauc_open(FuUcEndpointInstaller *installer)
{
	return fu_uc_rauc_client_new(FU_UC_ENDPOINT_RAUC(installer)->timeout_secs);
}

static FuUcEndpointState *
fu_uc_endpoint_rauc_get_state(FuUcEndpointRauc *self)
{
	return fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
}

/* the right slot with another version in it is not what was activated */
static gboolean
fu_uc_endpoint_rauc_is_healthy(FuUcEndpointRauc *self, const gchar *activated, const gchar *running)
{
	FuUcEndpointState *state = fu_uc_endpoint_rauc_get_state(self);

	return fu_uc_endpoint_state_get_outcome(state) != FU_UC_ENDPOINT_OUTCOME_FAILED ||
	       g_strcmp0(activated, running) != 0;
}

/* whether @slot was activated, or seems to have been */
static gboolean
fu_uc_endpoint_rauc_is_activated(FuUcEndpointRauc *self, const FuUcEndpointRunning *running)
{
	FuUcEndpointState *state = fu_uc_endpoint_rauc_get_state(self);
	const FuUcEndpointRecord *activated = fu_uc_endpoint_state_get_activated(state);
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);

	if (activated != NULL)
		return g_strcmp0(activated->boot_id, running->boot_id) != 0;

	/* cut off between RAUC and the state */
	return staged != NULL && g_strcmp0(staged->slot, running->slot) == 0;
}

/* the start of what was activated, or of what it fell back to */
static gboolean
fu_uc_endpoint_rauc_settle_activated(FuUcEndpointRauc *self,
				     FuUcRaucClient *client,
				     FuUcEndpointRunning *running)
{
	FuUcEndpointInstaller *installer = FU_UC_ENDPOINT_INSTALLER(self);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	FuUcEndpointConfig *config = fu_uc_endpoint_installer_get_config(installer);
	const FuUcEndpointRecord *record = fu_uc_endpoint_state_get_activated(state);
	gboolean changed;
	g_autofree gchar *slot = NULL;
	g_autofree gchar *complaint = fu_uc_endpoint_health_load_complaint(config, state);

	if (record == NULL)
		record = fu_uc_endpoint_state_get_staged(state);
	slot = g_strdup(record->slot);
	running->complaint = complaint;
	running->unconfirmed =
	    fu_uc_endpoint_installer_get_confirm_secs(installer) > 0 &&
	    (complaint != NULL || !fu_uc_endpoint_health_is_known(config, state));
	changed = fu_uc_endpoint_running_reconcile(running, state);
	running->complaint = NULL;
	if (!fu_uc_endpoint_state_is_trial(state))
		fu_uc_endpoint_rauc_boot_settle(
		    config,
		    client,
		    running->boot_id,
		    fu_uc_endpoint_rauc_is_healthy(self, slot, running->slot));
	return changed;
}

/* a boot loader that counts does not call a slot the next one before it is marked as good */
static gboolean
fu_uc_endpoint_rauc_settle(FuUcEndpointRauc *self,
			   FuUcRaucClient *client,
			   FuUcEndpointRunning *running,
			   gboolean *changed_out,
			   GError **error)
{
	FuUcEndpointInstaller *installer = FU_UC_ENDPOINT_INSTALLER(self);
	g_autofree gchar *primary = NULL;

	if (fu_uc_endpoint_rauc_is_activated(self, running)) {
		*changed_out = fu_uc_endpoint_rauc_settle_activated(self, client, running);
		return TRUE;
	}
	fu_uc_endpoint_rauc_boot_settle(fu_uc_endpoint_installer_get_config(installer),
					client,
					running->boot_id,
					TRUE);
	primary = fu_uc_rauc_client_get_primary(client, error);
	if (primary == NULL)
		return FALSE;
	running->next_slot = primary;
	*changed_out =
	    fu_uc_endpoint_running_reconcile(running, fu_uc_endpoint_rauc_get_state(self));
	running->next_slot = NULL;
	return TRUE;
}

/* brings the state in line with what runs and with RAUC */
static gboolean
fu_uc_endpoint_rauc_refresh(FuUcEndpointInstaller *installer, GError **error)
{
	FuUcEndpointRauc *self = FU_UC_ENDPOINT_RAUC(installer);
	FuUcEndpointRunning running = {.version = fu_uc_endpoint_installer_get_version(installer)};
	const FuUcRaucSlot *booted = NULL;
	gboolean changed = FALSE;
	g_autofree gchar *boot_id = NULL;
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);
	g_autoptr(GPtrArray) slots = fu_uc_rauc_client_get_slots(client, error);

	if (slots == NULL)
		return FALSE;
	booted = fu_uc_rauc_slots_find_booted(slots, error);
	if (booted == NULL)
		return FALSE;
	boot_id = fu_uc_endpoint_kernel_get_boot_id(error);
	if (boot_id == NULL)
		return FALSE;
	running.slot = booted->name;
	running.boot_id = boot_id;
	if (!fu_uc_endpoint_rauc_settle(self, client, &running, &changed, error))
		return FALSE;
	if (changed)
		fu_uc_endpoint_state_try_save(fu_uc_endpoint_rauc_get_state(self));
	return TRUE;
}

static gboolean
fu_uc_endpoint_rauc_setup(FuUcEndpointInstaller *installer, GError **error)
{
	fu_uc_endpoint_rauc_bundle_remove(FU_UC_ENDPOINT_RAUC(installer)->bundle);
	return TRUE;
}

static gboolean
fu_uc_endpoint_rauc_check(FuUcEndpointInstaller *installer, guint64 size, GError **error)
{
	return fu_uc_endpoint_rauc_bundle_check(FU_UC_ENDPOINT_RAUC(installer)->bundle,
						size,
						error);
}

/* RAUC reads a file, so that it has to be there before anything can be said about it */
static gchar *
fu_uc_endpoint_rauc_identify(FuUcEndpointInstaller *installer,
			     GInputStream *stream,
			     guint64 size,
			     GError **error)
{
	FuUcEndpointRauc *self = FU_UC_ENDPOINT_RAUC(installer);
	g_autofree gchar *version = NULL;
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);

	if (fu_uc_endpoint_rauc_bundle_write(self->bundle, stream, size, error))
		version = fu_uc_rauc_client_inspect(client,
						    self->bundle,
						    self->timeout_secs * 1000,
						    error);
	if (version == NULL)
		fu_uc_endpoint_rauc_bundle_remove(self->bundle);
	return g_steal_pointer(&version);
}

static void
fu_uc_endpoint_rauc_discard(FuUcEndpointInstaller *installer)
{
	fu_uc_endpoint_rauc_bundle_remove(FU_UC_ENDPOINT_RAUC(installer)->bundle);
}

/* the slot that is to be overwritten must not be the one that is started next */
static gboolean
fu_uc_endpoint_rauc_release(FuUcEndpointRauc *self,
			    FuUcRaucClient *client,
			    const FuUcRaucSlot *booted,
			    GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_rauc_get_state(self);
	g_autofree gchar *primary = fu_uc_rauc_client_get_primary(client, error);

	if (primary == NULL)
		return FALSE;
	if (g_str_equal(primary, booted->name))
		return TRUE;
	if (fu_uc_endpoint_state_get_activated(state) != NULL) {
		fu_uc_endpoint_state_unset_activated(state);
		if (!fu_uc_endpoint_state_save_or_revert(state, error))
			return FALSE;
	}
	if (fu_uc_endpoint_rauc_boot_set_next(client, booted->name, error))
		return TRUE;
	g_prefix_error(
	    error,
	    "slot %s is activated already and that cannot be taken back; restart first: ",
	    primary);
	return FALSE;
}

/* nobody but activate() may switch */
static gboolean
fu_uc_endpoint_rauc_check_only_filled(FuUcRaucClient *client,
				      const FuUcRaucSlot *booted,
				      GError **error)
{
	g_autofree gchar *primary = fu_uc_rauc_client_get_primary(client, error);

	if (primary == NULL)
		return FALSE;
	if (g_str_equal(primary, booted->name))
		return TRUE;
	if (!fu_uc_endpoint_rauc_boot_set_next(client, booted->name, error)) {
		g_prefix_error(error, "RAUC activated slot %s without being asked: ", primary);
		return FALSE;
	}
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "RAUC activated slot %s without being asked, which was taken back; set "
		    "activate-installed=false in its system.conf, restart it, and install again",
		    primary);
	return FALSE;
}

/* with what RAUC says now about the slot that it has filled */
static gboolean
fu_uc_endpoint_rauc_record(FuUcEndpointRauc *self,
			   FuUcRaucClient *client,
			   const FuUcEndpointImage *image,
			   GError **error)
{
	const FuUcRaucSlot *other = NULL;
	g_autoptr(GPtrArray) slots = fu_uc_rauc_client_get_slots(client, error);

	if (slots == NULL)
		return FALSE;
	other = fu_uc_rauc_slots_find_other(slots, error);
	if (other == NULL)
		return FALSE;
	fu_uc_endpoint_installer_record(FU_UC_ENDPOINT_INSTALLER(self),
					image,
					other->name,
					other->content);
	return fu_uc_endpoint_state_save_or_revert(fu_uc_endpoint_rauc_get_state(self), error);
}

static gboolean
fu_uc_endpoint_rauc_install(FuUcEndpointRauc *self,
			    FuUcRaucClient *client,
			    const FuUcEndpointImage *image,
			    FuProgress *progress,
			    GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_rauc_get_state(self);
	const FuUcRaucSlot *booted = NULL;
	g_autoptr(GPtrArray) slots = fu_uc_rauc_client_get_slots(client, error);

	if (slots == NULL)
		return FALSE;
	booted = fu_uc_rauc_slots_find_booted(slots, error);
	if (booted == NULL)
		return FALSE;
	if (fu_uc_rauc_slots_find_other(slots, error) == NULL)
		return FALSE;
	if (!fu_uc_endpoint_rauc_release(self, client, booted, error))
		return FALSE;
	fu_uc_endpoint_state_clear(state);
	if (!fu_uc_endpoint_state_save_or_revert(state, error))
		return FALSE;
	if (!fu_uc_rauc_install(client, self->bundle, self->timeout_secs * 1000, progress, error))
		return FALSE;
	if (!fu_uc_endpoint_rauc_check_only_filled(client, booted, error))
		return FALSE;
	return fu_uc_endpoint_rauc_record(self, client, image, error);
}

static gboolean
fu_uc_endpoint_rauc_write(FuUcEndpointInstaller *installer,
			  const FuUcEndpointImage *image,
			  FuProgress *progress,
			  GError **error)
{
	FuUcEndpointRauc *self = FU_UC_ENDPOINT_RAUC(installer);
	gboolean written;
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);

	fu_progress_set_status(progress, FWUPD_STATUS_DEVICE_WRITE);
	written = fu_uc_endpoint_rauc_install(self, client, image, progress, error);
	fu_uc_endpoint_rauc_bundle_remove(self->bundle);
	return written;
}

/* somebody may have installed with `rauc install` since, even the same version */
static gboolean
fu_uc_endpoint_rauc_check_content(const FuUcEndpointRecord *staged,
				  const FuUcRaucSlot *other,
				  GError **error)
{
	if (other->bundle_version != NULL &&
	    fu_uc_version_compare(other->bundle_version, staged->version) != 0) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_WRITE,
			    "version %s was staged in slot %s, but RAUC has version %s there now; "
			    "install again",
			    staged->version,
			    staged->slot,
			    other->bundle_version);
		return FALSE;
	}
	if (staged->content == NULL || g_strcmp0(staged->content, other->content) == 0)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "version %s was staged in slot %s, but RAUC has installed something else there "
		    "since; install again",
		    staged->version,
		    staged->slot);
	return FALSE;
}

static gboolean
fu_uc_endpoint_rauc_check_staged(FuUcEndpointRauc *self, GPtrArray *slots, GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_rauc_get_state(self);
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);
	const FuUcRaucSlot *other = fu_uc_rauc_slots_find_other(slots, error);

	if (other == NULL)
		return FALSE;
	if (!g_str_equal(staged->slot, other->name)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "version %s is staged in slot %s, which runs now; install again",
			    staged->version,
			    staged->slot);
		return FALSE;
	}
	if (!fu_uc_endpoint_rauc_check_content(staged, other, error)) {
		fu_uc_endpoint_state_forget(state);
		return FALSE;
	}
	return fu_uc_endpoint_installer_check_failed(FU_UC_ENDPOINT_INSTALLER(self),
						     staged->sha256,
						     staged->forced,
						     error);
}

static void
fu_uc_endpoint_rauc_take_back(FuUcRaucClient *client, GPtrArray *slots)
{
	const FuUcRaucSlot *booted = fu_uc_rauc_slots_find_booted(slots, NULL);
	g_autoptr(GError) error_local = NULL;

	if (booted != NULL &&
	    !fu_uc_endpoint_rauc_boot_set_next(client, booted->name, &error_local))
		g_warning("the activation was not taken back: %s", error_local->message);
}

static gboolean
fu_uc_endpoint_rauc_switch(FuUcEndpointRauc *self,
			   FuUcRaucClient *client,
			   GPtrArray *slots,
			   GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_rauc_get_state(self);
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);

	if (boot_id == NULL)
		return FALSE;
	if (!fu_uc_endpoint_rauc_boot_set_next(client,
					       fu_uc_endpoint_state_get_staged(state)->slot,
					       error)) {
		fu_uc_endpoint_rauc_take_back(client, slots);
		return FALSE;
	}
	fu_uc_endpoint_state_set_activated(state, boot_id);
	if (fu_uc_endpoint_state_save_or_revert(state, error))
		return TRUE;
	fu_uc_endpoint_state_unset_activated(state);
	fu_uc_endpoint_rauc_take_back(client, slots);
	return FALSE;
}

static gboolean
fu_uc_endpoint_rauc_activate(FuUcEndpointInstaller *installer, FuProgress *progress, GError **error)
{
	FuUcEndpointRauc *self = FU_UC_ENDPOINT_RAUC(installer);
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);
	g_autoptr(GPtrArray) slots = fu_uc_rauc_client_get_slots(client, error);

	if (slots == NULL)
		return FALSE;
	if (!fu_uc_endpoint_rauc_check_staged(self, slots, error))
		return FALSE;
	return fu_uc_endpoint_rauc_switch(self, client, slots, error);
}

static void
fu_uc_endpoint_rauc_finalize(GObject *object)
{
	FuUcEndpointRauc *self = FU_UC_ENDPOINT_RAUC(object);
	g_free(self->bundle);
	G_OBJECT_CLASS(fu_uc_endpoint_rauc_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_rauc_class_init(FuUcEndpointRaucClass *klass)
{
	FuUcEndpointInstallerClass *installer_class = FU_UC_ENDPOINT_INSTALLER_CLASS(klass);
	installer_class->step = "stage";
	installer_class->setup = fu_uc_endpoint_rauc_setup;
	installer_class->refresh = fu_uc_endpoint_rauc_refresh;
	installer_class->check = fu_uc_endpoint_rauc_check;
	installer_class->identify = fu_uc_endpoint_rauc_identify;
	installer_class->discard = fu_uc_endpoint_rauc_discard;
	installer_class->write = fu_uc_endpoint_rauc_write;
	installer_class->activate = fu_uc_endpoint_rauc_activate;
	installer_class->get_trial = fu_uc_endpoint_rauc_boot_get_trial;
	installer_class->confirm = fu_uc_endpoint_rauc_boot_confirm;
	installer_class->reject = fu_uc_endpoint_rauc_boot_reject;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_rauc_finalize;
}

static void
fu_uc_endpoint_rauc_init(FuUcEndpointRauc *self)
{
}

/**
 * fu_uc_endpoint_rauc_new:
 * @config: an endpoint file with `Type=rauc`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the installer, or %NULL with a sentence that names file and key
 **/
FuUcEndpointInstaller *
fu_uc_endpoint_rauc_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointRauc) self = g_object_new(FU_TYPE_UC_ENDPOINT_RAUC, NULL);

	self->bundle = fu_uc_endpoint_rauc_bundle_build_path(config);
	self->timeout_secs = FU_UC_ENDPOINT_RAUC_TIMEOUT_SEC;
	if (!fu_uc_endpoint_config_get_install_uint(config,
						    "TimeoutSec",
						    1,
						    FU_UC_ENDPOINT_RAUC_TIMEOUT_MAX,
						    &self->timeout_secs,
						    error))
		return NULL;
	return FU_UC_ENDPOINT_INSTALLER(g_steal_pointer(&self));
}
