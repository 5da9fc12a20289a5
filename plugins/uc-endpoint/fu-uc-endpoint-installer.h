/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-config.h"
#include "fu-uc-endpoint-state.h"

/* an image on its way to where it is installed; nothing is owned */
typedef struct {
	GInputStream *stream;
	guint64 size; /* bytes */
	const gchar *sha256;
	const gchar *version; /* normalised */
	gboolean forced;
} FuUcEndpointImage;

#define FU_TYPE_UC_ENDPOINT_INSTALLER (fu_uc_endpoint_installer_get_type())
G_DECLARE_DERIVABLE_TYPE(FuUcEndpointInstaller,
			 fu_uc_endpoint_installer,
			 FU,
			 UC_ENDPOINT_INSTALLER,
			 GObject)

struct _FuUcEndpointInstallerClass {
	GObjectClass parent_class;
	const gchar *step; /* what CheckStep of the agent is asked before write() */
	/* (nullable): what is done once, before the first refresh() */
	gboolean (*setup)(FuUcEndpointInstaller *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
	/* brings the state in line with what runs, and saves what has changed */
	gboolean (*refresh)(FuUcEndpointInstaller *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
	gboolean (*check)(FuUcEndpointInstaller *self,
			  guint64 size,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
	/* (nullable): reads the version, and more, from an image without a header of ours; only
	 * then is it known whether it is for this endpoint */
	gchar *(*identify)(FuUcEndpointInstaller *self,
			   GInputStream *stream,
			   guint64 size,
			   GError **error)G_GNUC_WARN_UNUSED_RESULT;
	/* (nullable): drops what identify() has kept, as the image is refused */
	void (*discard)(FuUcEndpointInstaller *self);
	gboolean (*write)(FuUcEndpointInstaller *self,
			  const FuUcEndpointImage *image,
			  FuProgress *progress,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
	/* (nullable): if write() never leaves anything staged */
	gboolean (*activate)(FuUcEndpointInstaller *self,
			     FuProgress *progress,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
	/* (nullable), all three: if what runs after a restart always counts as good at once;
	 * called by ucupdates-confirm without setup(), and must not change the state */
	gboolean (*get_trial)(FuUcEndpointInstaller *self,
			      gboolean *trial_out,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
	gboolean (*confirm)(FuUcEndpointInstaller *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
	gboolean (*reject)(FuUcEndpointInstaller *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
};

void
fu_uc_endpoint_installer_announce(FuUcEndpointInstaller *self,
				  const FuUcEndpointImage *image,
				  const gchar *place,
				  const gchar *boot_id);
void
fu_uc_endpoint_installer_record(FuUcEndpointInstaller *self,
				const FuUcEndpointImage *image,
				const gchar *place,
				const gchar *content);
FuUcEndpointInstaller *
fu_uc_endpoint_installer_new(FuUcEndpointConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
FuUcEndpointConfig *
fu_uc_endpoint_installer_get_config(FuUcEndpointInstaller *self);
FuUcEndpointState *
fu_uc_endpoint_installer_get_state(FuUcEndpointInstaller *self);
const gchar *
fu_uc_endpoint_installer_get_version(FuUcEndpointInstaller *self);
guint
fu_uc_endpoint_installer_get_confirm_secs(FuUcEndpointInstaller *self);
const gchar *
fu_uc_endpoint_installer_get_step(FuUcEndpointInstaller *self);
gboolean
fu_uc_endpoint_installer_setup(FuUcEndpointInstaller *self,
			       const gchar *version,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_check(FuUcEndpointInstaller *self,
			       guint64 size,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_check_failed(FuUcEndpointInstaller *self,
				      const gchar *sha256,
				      gboolean forced,
				      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_write(FuUcEndpointInstaller *self,
			       const FuUcEndpointImage *image,
			       FuProgress *progress,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_activate(FuUcEndpointInstaller *self,
				  FuProgress *progress,
				  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_get_trial(FuUcEndpointInstaller *self,
				   gboolean *trial_out,
				   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_confirm(FuUcEndpointInstaller *self,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_installer_reject(FuUcEndpointInstaller *self,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
