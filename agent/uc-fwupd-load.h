/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-fwupd.h"

/**
 * UcFwupdDevice:
 * @device: a device of our plugin, or another one that is looked after
 * @asked: whether fwupd was asked for what follows, which is not known otherwise
 * @releases: (nullable) (element-type FwupdRelease): what fwupd has for it, newest first, older
 *   ones too
 * @listed: whether @releases is all that there is; fwupd could not say otherwise
 * @result: (nullable): what became of the last update, when that can be said
 */
typedef struct {
	FwupdDevice *device;
	gboolean asked;
	GPtrArray *releases;
	gboolean listed;
	FwupdDevice *result;
} UcFwupdDevice;

/**
 * UcFwupdAsks:
 * @device: as it is now
 *
 * Returns: whether fwupd is asked what it has for the device, and what became of its last update
 */
typedef gboolean (*UcFwupdAsks)(FwupdDevice *device, gpointer user_data);

void
uc_fwupd_load_async(UcFwupd *fwupd,
		    UcFwupdAsks asks,
		    gpointer asks_data,
		    GCancellable *cancellable,
		    GAsyncReadyCallback callback,
		    gpointer user_data);
GPtrArray *
uc_fwupd_load_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_fwupd_load_is_same(FwupdDevice *one, FwupdDevice *two) G_GNUC_WARN_UNUSED_RESULT;
