/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#define FU_UC_ENDPOINT_DIRECTORY_FILES_MAX 1000 /* the agent reads as many */

#define FU_TYPE_UC_ENDPOINT_DIRECTORY (fu_uc_endpoint_directory_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointDirectory,
		     fu_uc_endpoint_directory,
		     FU,
		     UC_ENDPOINT_DIRECTORY,
		     GObject)

FuUcEndpointDirectory *
fu_uc_endpoint_directory_new(FuPlugin *plugin, const gchar *path) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_directory_load(FuUcEndpointDirectory *self);
