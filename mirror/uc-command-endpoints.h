/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-command.h"
#include "uc-inventory.h"

gint
uc_command_endpoint_key(const UcCommandLine *line);
gint
uc_command_endpoint_keys(const UcCommandLine *line, gboolean conflicts);
JsonObject *
uc_command_endpoint_to_json(const UcInventoryEndpoint *endpoint) G_GNUC_WARN_UNUSED_RESULT;
