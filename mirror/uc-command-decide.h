/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-command.h"
#include "uc-package-decide.h"

typedef gboolean (*UcCommandDecide)(UcDatabase *database,
				    const gchar *prefix,
				    gint64 now_secs,
				    UcPackage **package_out,
				    GError **error);

gint
uc_command_decide(UcCommandLine *line, UcCommandDecide decide);
