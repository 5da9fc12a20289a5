/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-command-decide.h"

/**
 * uc_command_reject:
 *
 * `reject ID`
 */
gint
uc_command_reject(UcCommandLine *line)
{
	return uc_command_decide(line, uc_package_reject);
}
