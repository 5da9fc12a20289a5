/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>
#include <json-glib/json-glib.h>

#define UC_TYPE_FWUPD (uc_fwupd_get_type())
G_DECLARE_FINAL_TYPE(UcFwupd, uc_fwupd, UC, FWUPD, GObject)

UcFwupd *
uc_fwupd_new(void) G_GNUC_WARN_UNUSED_RESULT;
FwupdClient *
uc_fwupd_get_client(UcFwupd *self);
void
uc_fwupd_set_others(UcFwupd *self, const gchar *const *patterns);
gboolean
uc_fwupd_is_other(FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_fwupd_is_wanted(UcFwupd *self, FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;

void
uc_fwupd_connect_async(UcFwupd *self,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
void
uc_fwupd_install_async(UcFwupd *self,
		       const gchar *device_id,
		       const gchar *path,
		       FwupdInstallFlags flags,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
void
uc_fwupd_activate_async(UcFwupd *self,
			const gchar *device_id,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data);
gboolean
uc_fwupd_act_finish(UcFwupd *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_fwupd_explain_error(GError **error);
gboolean
uc_fwupd_is_final(const GError *error) G_GNUC_WARN_UNUSED_RESULT;
