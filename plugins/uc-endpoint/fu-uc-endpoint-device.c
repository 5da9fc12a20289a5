/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-bind-check.h"
#include "fu-uc-bind-firmware.h"
#include "fu-uc-bind-payload.h"
#include "fu-uc-endpoint-agent.h"
#include "fu-uc-endpoint-device.h"
#include "fu-uc-endpoint-identity.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-endpoint-permit.h"
#include "fu-uc-endpoint-raw.h"
#include "fu-uc-endpoint-struct.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-version.h"

/* An endpoint as fwupd sees it.
 *
 * The engine calls prepare() with the install flags, then prepare_firmware() without them, then
 * write_firmware(); all that can be wrong with an image is found in prepare_firmware(), before a
 * byte is written. */

#define FU_UC_ENDPOINT_DEVICE_INSTALL_SECS 60
#define FU_UC_ENDPOINT_DEVICE_IN_USE	   "uc-in-use"

struct _FuUcEndpointDevice {
	FuDevice parent_instance;
	FuUcEndpointConfig *config;
	FuUcEndpointInstaller *installer;
	gboolean forced;       /* of the install that is going on */
	gboolean newly_staged; /* by the install that is going on */
};

G_DEFINE_TYPE(FuUcEndpointDevice, fu_uc_endpoint_device, FU_TYPE_DEVICE)

FuUcEndpointState *
fu_uc_endpoint_device_get_state(FuUcEndpointDevice *self)
{
	return fu_uc_endpoint_installer_get_state(self->installer);
}

static gboolean
fu_uc_endpoint_device_ensure_version(FuUcEndpointDevice *self, GError **error)
{
	g_autofree gchar *spelling = fu_uc_endpoint_config_read_version(self->config, error);
	g_autofree gchar *version = NULL;

	if (spelling == NULL)
		return FALSE;
	version = fu_uc_version_normalize(spelling);
	fu_device_set_version_format(FU_DEVICE(self), fu_uc_version_format(version));
	fu_device_set_version(FU_DEVICE(self), version); /* nocheck:set-version */
	fu_uc_endpoint_identity_set_software(self->config, FU_DEVICE(self), spelling);
	return TRUE;
}

static gboolean
fu_uc_endpoint_device_probe(FuDevice *device, GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);
	fu_uc_endpoint_identity_set(self->config, device);
	fu_uc_endpoint_identity_add_flags(self->config, device);
	return fu_uc_endpoint_identity_add_instance_ids(self->config, device, error);
}

/* How the last update ends or has ended, which a version does not tell: the one that is on trial
 * runs already, and one that was installed again runs before and afterwards. */
static void
fu_uc_endpoint_device_ensure_update_state(FuUcEndpointDevice *self)
{
	FuDevice *device = FU_DEVICE(self);
	FuUcEndpointState *state = fu_uc_endpoint_device_get_state(self);
	FuUcEndpointOutcome outcome = fu_uc_endpoint_state_get_outcome(state);

	if (fu_uc_endpoint_state_is_trial(state)) {
		fu_device_set_update_state(device, FWUPD_UPDATE_STATE_PENDING);
	} else if (outcome == FU_UC_ENDPOINT_OUTCOME_SUCCESS) {
		fu_device_set_update_state(device, FWUPD_UPDATE_STATE_SUCCESS);
	} else if (outcome == FU_UC_ENDPOINT_OUTCOME_FAILED) {
		fu_device_set_update_state(device, FWUPD_UPDATE_STATE_FAILED);
		fu_device_set_update_error(device, fu_uc_endpoint_state_get_reason(state));
	} else if (fu_uc_endpoint_state_get_staged(state) == NULL &&
		   fu_uc_endpoint_state_get_activated(state) == NULL &&
		   fu_device_get_update_state(device) == FWUPD_UPDATE_STATE_PENDING) {
		/* withdrawn */
		fu_device_set_update_state(device, FWUPD_UPDATE_STATE_UNKNOWN);
	}
}

/* what fwupd shows follows from the durable state, not from fwupd's history */
void
fu_uc_endpoint_device_ensure_flags(FuUcEndpointDevice *self)
{
	FuDevice *device = FU_DEVICE(self);
	FuUcEndpointState *state = fu_uc_endpoint_device_get_state(self);

	if (fu_uc_endpoint_state_get_staged(state) != NULL)
		fu_device_add_flag(device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION);
	else
		fu_device_remove_flag(device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION);
	if (fu_uc_endpoint_state_get_activated(state) != NULL &&
	    !fu_uc_endpoint_state_is_trial(state))
		fu_device_add_flag(device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT);
	else
		fu_device_remove_flag(device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT);
	fu_uc_endpoint_device_ensure_update_state(self);
}

static gboolean
fu_uc_endpoint_device_setup(FuDevice *device, GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);

	if (!fu_uc_endpoint_device_ensure_version(self, error))
		return FALSE;
	if (!fu_uc_endpoint_installer_setup(self->installer, fu_device_get_version(device), error))
		return FALSE;
	fu_uc_endpoint_device_ensure_flags(self);
	return TRUE;
}

/* an installer without restart has changed what runs */
static gboolean
fu_uc_endpoint_device_reload(FuDevice *device, GError **error)
{
	return fu_uc_endpoint_device_ensure_version(FU_UC_ENDPOINT_DEVICE(device), error);
}

/* two steps: updater, restart, application; <requires> alone would not see that the restart is
 * still to come */
static gboolean
fu_uc_endpoint_device_check_updater(FuUcEndpointDevice *self, GError **error)
{
	GPtrArray *children = fu_device_get_children(FU_DEVICE(self));

	for (guint i = 0; i < children->len; i++) {
		FuDevice *child = g_ptr_array_index(children, i);
		FuUcEndpointConfig *config = FU_UC_ENDPOINT_DEVICE(child)->config;
		const gchar *type = fu_uc_endpoint_config_get_value(config, "DeviceType");

		if (g_strcmp0(type, FU_UC_ENDPOINT_IDENTITY_UPDATER) != 0)
			continue;
		if (!fu_device_has_flag(child, FWUPD_DEVICE_FLAG_NEEDS_REBOOT) &&
		    !fu_device_has_flag(child, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION))
			continue;
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NEEDS_USER_ACTION,
			    "%s is updated first, which ends with a restart; restart, then install "
			    "this again",
			    fu_device_get_name(child));
		return FALSE;
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_device_prepare(FuDevice *device,
			      FuProgress *progress,
			      FwupdInstallFlags flags,
			      GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);

	self->forced = (flags & FWUPD_INSTALL_FLAG_FORCE) != 0;
	self->newly_staged = FALSE;
	if (!fu_uc_endpoint_device_check_updater(self, error))
		return FALSE;
	return fu_uc_endpoint_agent_check_step(fu_uc_endpoint_config_get_id(self->config),
					       fu_uc_endpoint_installer_get_step(self->installer),
					       self->forced,
					       error);
}

/* the payload called application, or the only one */
static FuUcBindPayload *
fu_uc_endpoint_device_get_payload(FuUcEndpointDevice *self, FuFirmware *firmware, GError **error)
{
	g_autoptr(FuFirmware) img = fu_firmware_get_image_by_id(firmware, "application", NULL);

	if (img == NULL) {
		g_autoptr(GPtrArray) images = fu_firmware_get_images(firmware);
		if (images->len == 1)
			img = g_object_ref(g_ptr_array_index(images, 0));
	}
	if (img == NULL) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_NOT_SUPPORTED,
				    "UC bind has several payloads, but none is called application");
		return NULL;
	}
	return FU_UC_BIND_PAYLOAD(g_steal_pointer(&img));
}

static FuFirmware *
fu_uc_endpoint_device_prepare_firmware(FuDevice *device,
				       GInputStream *stream,
				       FuProgress *progress,
				       FuFirmwareParseFlags flags,
				       GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);
	const FuUcBindHeader *header = NULL;
	GType gtype = fu_device_get_firmware_gtype(device);
	g_autoptr(FuFirmware) firmware = fu_uc_bind_firmware_new();
	g_autoptr(FuUcBindPayload) payload = NULL;

	if (gtype != FU_TYPE_UC_BIND_FIRMWARE)
		return fu_uc_endpoint_raw_prepare(self->installer,
						  gtype,
						  stream,
						  flags,
						  self->forced,
						  error);
	if (!fu_firmware_parse_stream(firmware,
				      stream,
				      0x0,
				      flags | FU_FIRMWARE_PARSE_FLAG_NO_SEARCH,
				      error))
		return NULL;
	header = fu_uc_bind_firmware_get_header(FU_UC_BIND_FIRMWARE(firmware));
	if (!fu_uc_bind_check(header,
			      self->config,
			      fu_device_get_version(device),
			      self->forced,
			      error))
		return NULL;
	payload = fu_uc_endpoint_device_get_payload(self, firmware, error);
	if (payload == NULL)
		return NULL;
	if (!fu_uc_endpoint_installer_check_failed(self->installer,
						   fu_uc_bind_payload_get_sha256(payload),
						   self->forced,
						   error))
		return NULL;
	if (!fu_uc_endpoint_installer_check(self->installer,
					    fu_uc_bind_payload_get_installed_size(payload),
					    error))
		return NULL;
	if (!fu_uc_bind_payload_check_installed(payload, error))
		return NULL;
	return g_steal_pointer(&firmware);
}

/* Not fu_device_emit_request(): the engine counts those for as long as the device exists, and takes
 * a second install by a client without requests for one that needs somebody to press a button. */
static void
fu_uc_endpoint_device_ask_for_power(FuUcEndpointDevice *self)
{
	g_autoptr(FwupdRequest) request = fwupd_request_new();

	fwupd_request_set_kind(request, FWUPD_REQUEST_KIND_IMMEDIATE);
	fwupd_request_set_id(request, FWUPD_REQUEST_ID_DO_NOT_POWER_OFF);
	fwupd_request_add_flag(request, FWUPD_REQUEST_FLAG_ALLOW_GENERIC_MESSAGE);
	fwupd_request_set_message(request, "Do not turn off or unplug the endpoint.");
	fwupd_request_set_device_id(request, fu_device_get_id(FU_DEVICE(self)));
	g_signal_emit_by_name(self, "request", request);
}

static gboolean
fu_uc_endpoint_device_write_payload(FuUcEndpointDevice *self,
				    FuFirmware *firmware,
				    FuProgress *progress,
				    GError **error)
{
	const FuUcBindHeader *header = NULL;
	FuUcEndpointImage image = {.forced = self->forced};
	g_autofree gchar *version = NULL;
	g_autoptr(FuUcBindPayload) payload =
	    fu_uc_endpoint_device_get_payload(self, firmware, error);
	g_autoptr(GInputStream) stream = NULL;

	if (payload == NULL)
		return FALSE;
	stream = fu_uc_bind_payload_open(payload, error);
	if (stream == NULL)
		return FALSE;
	header = fu_uc_bind_firmware_get_header(FU_UC_BIND_FIRMWARE(firmware));
	version = fu_uc_version_normalize(header->version);
	image.stream = stream;
	image.size = fu_uc_bind_payload_get_installed_size(payload);
	image.sha256 = fu_uc_bind_payload_get_sha256(payload);
	image.version = version;
	return fu_uc_endpoint_installer_write(self->installer, &image, progress, error);
}

static gboolean
fu_uc_endpoint_device_write_firmware(FuDevice *device,
				     FuFirmware *firmware,
				     FuProgress *progress,
				     FwupdInstallFlags flags,
				     GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);
	gboolean written;

	fu_uc_endpoint_device_ask_for_power(self);
	if (FU_IS_UC_BIND_FIRMWARE(firmware))
		written = fu_uc_endpoint_device_write_payload(self, firmware, progress, error);
	else
		written = fu_uc_endpoint_raw_write(self->installer,
						   firmware,
						   self->forced,
						   progress,
						   error);
	self->newly_staged =
	    written && fu_uc_endpoint_state_get_outcome(fu_uc_endpoint_device_get_state(self)) !=
			   FU_UC_ENDPOINT_OUTCOME_SUCCESS;
	fu_uc_endpoint_device_ensure_flags(self);
	return written;
}

static gboolean
fu_uc_endpoint_device_check_activation(FuUcEndpointDevice *self, GError **error)
{
	const FuUcEndpointRecord *staged =
	    fu_uc_endpoint_state_get_staged(fu_uc_endpoint_device_get_state(self));
	g_autoptr(GError) error_local = NULL;

	if (fu_uc_endpoint_agent_check_step(fu_uc_endpoint_config_get_id(self->config),
					    "activate",
					    FALSE,
					    &error_local))
		return TRUE;
	if (g_error_matches(error_local, FWUPD_ERROR, FWUPD_ERROR_NOT_REACHABLE) && staged != NULL)
		return fu_uc_endpoint_permit_use(staged->sha256, error);
	g_propagate_error(error, g_steal_pointer(&error_local));
	return FALSE;
}

static gboolean
fu_uc_endpoint_device_activate(FuDevice *device, FuProgress *progress, GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);
	gboolean activated;

	if (!fu_uc_endpoint_device_check_activation(self, error))
		return FALSE;
	activated = fu_uc_endpoint_installer_activate(self->installer, progress, error);
	fu_uc_endpoint_device_ensure_flags(self);
	return activated;
}

static gboolean
fu_uc_endpoint_device_get_results(FuDevice *device, GError **error)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);
	FuUcEndpointState *state = fu_uc_endpoint_device_get_state(self);

	if (fu_uc_endpoint_state_get_staged(state) != NULL ||
	    fu_uc_endpoint_state_get_activated(state) != NULL ||
	    fu_uc_endpoint_state_get_outcome(state) == FU_UC_ENDPOINT_OUTCOME_NONE) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_NOT_FOUND,
				    "how the update ends is not known before the restart");
		return FALSE;
	}
	fu_uc_endpoint_device_ensure_update_state(self);
	return TRUE;
}

static void
fu_uc_endpoint_device_report_metadata_post(FuDevice *device, GHashTable *metadata)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(device);
	FuUcEndpointState *state = fu_uc_endpoint_device_get_state(self);
	guint level = fu_uc_endpoint_config_get_hardware_level(self->config);
	GArray *override = fu_uc_endpoint_config_get_override_levels(self->config);

	g_hash_table_insert(metadata,
			    g_strdup("UcEndpoint"),
			    g_strdup(fu_uc_endpoint_config_get_id(self->config)));
	if (level != FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN)
		g_hash_table_insert(metadata,
				    g_strdup("UcHardwareLevel"),
				    g_strdup_printf("%u", level));
	if (override->len > 0)
		g_hash_table_insert(metadata,
				    g_strdup("UcOverrideHardwareLevel"),
				    fu_uc_hardware_levels_to_string(override));
	g_hash_table_insert(metadata,
			    g_strdup("UcForced"),
			    g_strdup(fu_uc_endpoint_state_get_forced(state) ? "true" : "false"));
}

/**
 * fu_uc_endpoint_device_get_parent_id:
 * @self: a #FuUcEndpointDevice
 *
 * Returns: (nullable): the `Id` of the endpoint that this one belongs to
 **/
const gchar *
fu_uc_endpoint_device_get_parent_id(FuUcEndpointDevice *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_DEVICE(self), NULL);
	return fu_uc_endpoint_config_get_value(self->config, "Parent");
}

/**
 * fu_uc_endpoint_device_is_child_of:
 * @self: a #FuUcEndpointDevice
 * @parent: another one
 *
 * Returns: whether the endpoint file of @self names @parent
 **/
gboolean
fu_uc_endpoint_device_is_child_of(FuUcEndpointDevice *self, FuUcEndpointDevice *parent)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_DEVICE(self), FALSE);
	return g_strcmp0(fu_uc_endpoint_device_get_parent_id(self),
			 fu_uc_endpoint_config_get_id(parent->config)) == 0;
}

/**
 * fu_uc_endpoint_device_finish_transaction:
 * @self: a #FuUcEndpointDevice
 *
 * The engine has called an update that is only staged a success; it is pending until the restart.
 **/
void
fu_uc_endpoint_device_finish_transaction(FuUcEndpointDevice *self)
{
	g_return_if_fail(FU_IS_UC_ENDPOINT_DEVICE(self));
	if (self->newly_staged)
		fu_device_set_update_state(FU_DEVICE(self), FWUPD_UPDATE_STATE_PENDING);
	self->newly_staged = FALSE;
}

/**
 * fu_uc_endpoint_device_check_confirmed:
 * @self: a #FuUcEndpointDevice
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_NOT_FOUND while a new version runs whose health is
 *not confirmed yet, so that how the update ends is not known
 **/
gboolean
fu_uc_endpoint_device_check_confirmed(FuUcEndpointDevice *self, GError **error)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_DEVICE(self), FALSE);
	if (!fu_uc_endpoint_state_is_trial(fu_uc_endpoint_device_get_state(self)))
		return TRUE;
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_FOUND,
			    "the new version runs, but its health is not confirmed yet");
	return FALSE;
}

/**
 * fu_uc_endpoint_device_set_in_use:
 * @self: a #FuUcEndpointDevice
 * @reason: (nullable): why it is in use, for people; %NULL if it is not
 *
 * Shows that the endpoint is in use. This only informs; prepare() and activate() ask the agent.
 **/
void
fu_uc_endpoint_device_set_in_use(FuUcEndpointDevice *self, const gchar *reason)
{
	FuDevice *device = FU_DEVICE(self);

	g_return_if_fail(FU_IS_UC_ENDPOINT_DEVICE(self));
	fu_device_uninhibit(device, FU_UC_ENDPOINT_DEVICE_IN_USE);
	fu_device_remove_problem(device, FWUPD_DEVICE_PROBLEM_IN_USE);
	if (reason == NULL)
		return;
	fu_device_add_problem(device, FWUPD_DEVICE_PROBLEM_IN_USE);
	fu_device_inhibit(device, FU_UC_ENDPOINT_DEVICE_IN_USE, reason);
}

static void
fu_uc_endpoint_device_set_progress(FuDevice *device, FuProgress *progress)
{
	fu_progress_set_id(progress, G_STRLOC);
	fu_progress_add_step(progress, FWUPD_STATUS_DECOMPRESSING, 15, "prepare-fw");
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_RESTART, 0, "detach");
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_WRITE, 85, "write");
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_RESTART, 0, "attach");
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_BUSY, 0, "reload");
}

static void
fu_uc_endpoint_device_finalize(GObject *object)
{
	FuUcEndpointDevice *self = FU_UC_ENDPOINT_DEVICE(object);
	g_clear_object(&self->config);
	g_clear_object(&self->installer);
	G_OBJECT_CLASS(fu_uc_endpoint_device_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_device_class_init(FuUcEndpointDeviceClass *klass)
{
	FuDeviceClass *device_class = FU_DEVICE_CLASS(klass);
	device_class->probe = fu_uc_endpoint_device_probe;
	device_class->setup = fu_uc_endpoint_device_setup;
	device_class->reload = fu_uc_endpoint_device_reload;
	device_class->prepare = fu_uc_endpoint_device_prepare;
	device_class->prepare_firmware = fu_uc_endpoint_device_prepare_firmware;
	device_class->write_firmware = fu_uc_endpoint_device_write_firmware;
	device_class->activate = fu_uc_endpoint_device_activate;
	device_class->get_results = fu_uc_endpoint_device_get_results;
	device_class->report_metadata_post = fu_uc_endpoint_device_report_metadata_post;
	device_class->set_progress = fu_uc_endpoint_device_set_progress;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_device_finalize;
}

static void
fu_uc_endpoint_device_init(FuUcEndpointDevice *self)
{
	FuDevice *device = FU_DEVICE(self);

	fu_device_set_install_duration(device, FU_UC_ENDPOINT_DEVICE_INSTALL_SECS);
	fu_device_add_flag(device, FWUPD_DEVICE_FLAG_INTERNAL);
	fu_device_add_flag(device, FWUPD_DEVICE_FLAG_UPDATABLE);
	fu_device_add_request_flag(device, FWUPD_REQUEST_FLAG_ALLOW_GENERIC_MESSAGE);
}

/**
 * fu_uc_endpoint_device_new:
 * @ctx: a #FuContext
 * @config: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the endpoint, or %NULL if its installer cannot be made from @config
 **/
FuUcEndpointDevice *
fu_uc_endpoint_device_new(FuContext *ctx, FuUcEndpointConfig *config, GError **error)
{
	GType gtype = fu_uc_endpoint_raw_get_firmware_gtype(config, error);
	g_autoptr(FuUcEndpointDevice) self = NULL;

	if (gtype == G_TYPE_INVALID)
		return NULL;
	self = g_object_new(FU_TYPE_UC_ENDPOINT_DEVICE, "context", ctx, NULL);
	self->config = g_object_ref(config);
	self->installer = fu_uc_endpoint_installer_new(config, error);
	if (self->installer == NULL)
		return NULL;
	fu_device_set_firmware_gtype(FU_DEVICE(self), gtype);
	fu_device_add_protocol(FU_DEVICE(self), fu_uc_endpoint_raw_get_protocol(gtype));
	return g_steal_pointer(&self);
}
