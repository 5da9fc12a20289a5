/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-command.h"
#include "fu-uc-endpoint-file.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-endpoint-rauc.h"
#include "fu-uc-endpoint-slots.h"

/* How an image gets onto an endpoint. One subclass per `[Install] Type`; each keeps what it has
 * staged in the endpoint's durable state. */

typedef struct {
	FuUcEndpointConfig *config;
	FuUcEndpointState *state;
	gchar *version;	    /* (nullable): that runs, since setup */
	guint confirm_secs; /* 0 if what starts is good */
} FuUcEndpointInstallerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(FuUcEndpointInstaller, fu_uc_endpoint_installer, G_TYPE_OBJECT)

#define GET_PRIVATE(o) (fu_uc_endpoint_installer_get_instance_private(o))

FuUcEndpointConfig *
fu_uc_endpoint_installer_get_config(FuUcEndpointInstaller *self)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	return priv->config;
}

FuUcEndpointState *
fu_uc_endpoint_installer_get_state(FuUcEndpointInstaller *self)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	return priv->state;
}

/**
 * fu_uc_endpoint_installer_get_version:
 * @self: a #FuUcEndpointInstaller
 *
 * Returns: (nullable): the version that runs, once it is set up
 **/
const gchar *
fu_uc_endpoint_installer_get_version(FuUcEndpointInstaller *self)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	return priv->version;
}

/**
 * fu_uc_endpoint_installer_get_confirm_secs:
 * @self: a #FuUcEndpointInstaller
 *
 * Returns: within how many seconds a start of new firmware has to be confirmed; 0 if it counts as
 * good at once
 **/
guint
fu_uc_endpoint_installer_get_confirm_secs(FuUcEndpointInstaller *self) /* nocheck:name */
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	return priv->confirm_secs;
}

/**
 * fu_uc_endpoint_installer_get_step:
 * @self: a #FuUcEndpointInstaller
 *
 * Returns: `stage` if what runs stays as it is, `write` if it is overwritten
 **/
const gchar *
fu_uc_endpoint_installer_get_step(FuUcEndpointInstaller *self)
{
	return FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->step;
}

/**
 * fu_uc_endpoint_installer_setup:
 * @self: a #FuUcEndpointInstaller
 * @version: the version that runs
 * @error: (nullable): optional return location for an error
 *
 * Reads the state and brings it in line with what runs now.
 *
 * Returns: %TRUE, or %FALSE if the endpoint cannot be installed on, with why
 **/
gboolean
fu_uc_endpoint_installer_setup(FuUcEndpointInstaller *self, const gchar *version, GError **error)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	FuUcEndpointInstallerClass *klass = FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self);
	g_autoptr(GError) error_local = NULL;

	g_free(priv->version);
	priv->version = g_strdup(version);
	if (!fu_uc_endpoint_state_load(priv->state, &error_local))
		g_warning("nothing counts as staged: %s", error_local->message);
	if (klass->setup != NULL && !klass->setup(self, error))
		return FALSE;
	return klass->refresh(self, error);
}

/* what ran before is what a trial goes back to; perhaps it was confirmed since */
static gboolean
fu_uc_endpoint_installer_check_trial(FuUcEndpointInstaller *self, GError **error)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	const FuUcEndpointRecord *activated = NULL;

	if (fu_uc_endpoint_state_is_trial(priv->state) &&
	    !FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->refresh(self, error))
		return FALSE;
	if (!fu_uc_endpoint_state_is_trial(priv->state))
		return TRUE;
	activated = fu_uc_endpoint_state_get_activated(priv->state);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_BUSY,
		    "version %s was started from slot %s and its health is not confirmed yet; try "
		    "again in %u s",
		    activated->version,
		    activated->slot,
		    priv->confirm_secs);
	return FALSE;
}

/**
 * fu_uc_endpoint_installer_check:
 * @self: a #FuUcEndpointInstaller
 * @size: of an image, in bytes
 * @error: (nullable): optional return location for an error
 *
 * Finds out before the first byte is written whether an image has a place. Changes nothing.
 *
 * Returns: %TRUE if it has; %FALSE with %FWUPD_ERROR_BUSY during a trial
 **/
gboolean
fu_uc_endpoint_installer_check(FuUcEndpointInstaller *self, guint64 size, GError **error)
{
	return fu_uc_endpoint_installer_check_trial(self, error) &&
	       FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->check(self, size, error);
}

/**
 * fu_uc_endpoint_installer_check_failed:
 * @self: a #FuUcEndpointInstaller
 * @sha256: of an image
 * @forced: whether a human said `--force`
 * @error: (nullable): optional return location for an error
 *
 * Returns: %FALSE with %FWUPD_ERROR_NOT_SUPPORTED if the image was started once and fell back, and
 * nobody forces it
 **/
gboolean
fu_uc_endpoint_installer_check_failed(FuUcEndpointInstaller *self,
				      const gchar *sha256,
				      gboolean forced,
				      GError **error)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);

	if (forced || !fu_uc_endpoint_state_has_failed(priv->state, sha256))
		return TRUE;
	g_set_error_literal(
	    error,
	    FWUPD_ERROR,
	    FWUPD_ERROR_NOT_SUPPORTED,
	    "this firmware was started once and fell back; use --force to try again");
	return FALSE;
}

/**
 * fu_uc_endpoint_installer_write:
 * @self: a #FuUcEndpointInstaller
 * @image: the image, whose SHA-256 has been checked
 * @progress: a #FuProgress
 * @error: (nullable): optional return location for an error
 *
 * Puts the image in place, reads it back, and only then records it as staged.
 *
 * Returns: %TRUE if it is staged; otherwise nothing is, and what runs is as it was
 **/
gboolean
fu_uc_endpoint_installer_write(FuUcEndpointInstaller *self,
			       const FuUcEndpointImage *image,
			       FuProgress *progress,
			       GError **error)
{
	return FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->write(self, image, progress, error);
}

static FuUcEndpointRecord *
fu_uc_endpoint_installer_build_record(const FuUcEndpointImage *image, const gchar *place)
{
	FuUcEndpointRecord *record = g_new0(FuUcEndpointRecord, 1);

	record->sha256 = g_strdup(image->sha256);
	record->size = image->size;
	record->version = g_strdup(image->version);
	record->slot = g_strdup(place);
	record->forced = image->forced;
	return record;
}

/**
 * fu_uc_endpoint_installer_announce:
 * @self: a #FuUcEndpointInstaller
 * @image: an image that takes the place of what is there, in this boot
 * @place: where, e.g. the name of a slot
 * @boot_id: of this boot
 *
 * What a power cut leaves can be told from what was there before. Nothing is written before the
 * state is saved.
 **/
void
fu_uc_endpoint_installer_announce(FuUcEndpointInstaller *self,
				  const FuUcEndpointImage *image,
				  const gchar *place,
				  const gchar *boot_id)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	g_autoptr(FuUcEndpointRecord) record = fu_uc_endpoint_installer_build_record(image, place);

	record->boot_id = g_strdup(boot_id);
	fu_uc_endpoint_state_set_replacing(priv->state, record);
}

/**
 * fu_uc_endpoint_installer_record:
 * @self: a #FuUcEndpointInstaller
 * @image: an image that is in place and verified
 * @place: where, e.g. the name of a slot
 * @content: (nullable): what else tells this content of @place from another
 *
 * The image counts as staged. Nothing is written before the state is saved.
 **/
void
fu_uc_endpoint_installer_record(FuUcEndpointInstaller *self,
				const FuUcEndpointImage *image,
				const gchar *place,
				const gchar *content)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	g_autoptr(FuUcEndpointRecord) record = fu_uc_endpoint_installer_build_record(image, place);

	record->content = g_strdup(content);
	fu_uc_endpoint_state_set_staged(priv->state, record);
	if (image->forced)
		fu_uc_endpoint_state_forget_failed(priv->state, image->sha256);
}

/**
 * fu_uc_endpoint_installer_activate:
 * @self: a #FuUcEndpointInstaller
 * @progress: a #FuProgress
 * @error: (nullable): optional return location for an error
 *
 * Switches to what is staged, reads the switch back, and records it.
 *
 * Returns: %TRUE if the next start runs what was staged
 **/
gboolean
fu_uc_endpoint_installer_activate(FuUcEndpointInstaller *self, FuProgress *progress, GError **error)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);
	FuUcEndpointInstallerClass *klass = FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self);

	if (klass->activate == NULL || fu_uc_endpoint_state_get_staged(priv->state) == NULL) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_NOTHING_TO_DO,
				    "nothing is staged; install first");
		return FALSE;
	}
	return klass->activate(self, progress, error);
}

/**
 * fu_uc_endpoint_installer_get_trial:
 * @self: a #FuUcEndpointInstaller, before or after fu_uc_endpoint_installer_setup()
 * @trial_out: (out): whether what runs was activated and is still to be confirmed
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE if that cannot be told
 **/
gboolean
fu_uc_endpoint_installer_get_trial(FuUcEndpointInstaller *self, gboolean *trial_out, GError **error)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(self);

	*trial_out = FALSE;
	return priv->confirm_secs == 0 ||
	       FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->get_trial(self, trial_out, error);
}

/**
 * fu_uc_endpoint_installer_confirm:
 * @self: a #FuUcEndpointInstaller that runs a trial
 * @error: (nullable): optional return location for an error
 *
 * What runs is healthy: it is started from now on.
 *
 * Returns: %TRUE if it is
 **/
gboolean
fu_uc_endpoint_installer_confirm(FuUcEndpointInstaller *self, GError **error)
{
	return FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->confirm(self, error);
}

/**
 * fu_uc_endpoint_installer_reject:
 * @self: a #FuUcEndpointInstaller that runs a trial
 * @error: (nullable): optional return location for an error
 *
 * What runs is not healthy: the next start runs what ran before.
 *
 * Returns: %TRUE if it does
 **/
gboolean
fu_uc_endpoint_installer_reject(FuUcEndpointInstaller *self, GError **error)
{
	return FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->reject(self, error);
}

static void
fu_uc_endpoint_installer_finalize(GObject *object)
{
	FuUcEndpointInstallerPrivate *priv = GET_PRIVATE(FU_UC_ENDPOINT_INSTALLER(object));
	g_clear_object(&priv->config);
	g_clear_object(&priv->state);
	g_free(priv->version);
	G_OBJECT_CLASS(fu_uc_endpoint_installer_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_installer_class_init(FuUcEndpointInstallerClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_installer_finalize;
}

static void
fu_uc_endpoint_installer_init(FuUcEndpointInstaller *self)
{
}

static FuUcEndpointInstaller *
fu_uc_endpoint_installer_new_for_type(FuUcEndpointConfig *config, GError **error)
{
	const gchar *type = fu_uc_endpoint_config_get_install_type(config);

	if (g_strcmp0(type, "slots") == 0)
		return fu_uc_endpoint_slots_new(config, error);
	if (g_strcmp0(type, "rauc") == 0)
		return fu_uc_endpoint_rauc_new(config, error);
	if (g_strcmp0(type, "file") == 0)
		return fu_uc_endpoint_file_new(config, error);
	if (g_strcmp0(type, "command") == 0)
		return fu_uc_endpoint_command_new(config, error);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "install type '%s' is not known",
		    type);
	return NULL;
}

/**
 * fu_uc_endpoint_installer_new:
 * @config: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): what `[Install] Type` names, or %NULL with a sentence about the file
 **/
FuUcEndpointInstaller *
fu_uc_endpoint_installer_new(FuUcEndpointConfig *config, GError **error)
{
	FuUcEndpointInstallerPrivate *priv = NULL;
	g_autofree gchar *path = NULL;
	g_autofree gchar *basename = NULL;
	g_autoptr(FuUcEndpointInstaller) self =
	    fu_uc_endpoint_installer_new_for_type(config, error);

	if (self == NULL)
		return NULL;
	priv = GET_PRIVATE(self);
	if (FU_UC_ENDPOINT_INSTALLER_GET_CLASS(self)->get_trial != NULL &&
	    !fu_uc_endpoint_config_get_confirm_secs(config, &priv->confirm_secs, error))
		return NULL;
	basename = g_strdup_printf("%s.state", fu_uc_endpoint_config_get_id(config));
	path = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", basename, NULL);
	priv->config = g_object_ref(config);
	priv->state = fu_uc_endpoint_state_new(path);
	return g_steal_pointer(&self);
}
