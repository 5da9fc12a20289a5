/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-command-decide.h"

/**
 * uc_command_approve:
 *
 * `approve ID`
 */
gint
uc_command_approve(UcCommandLine *line)
{
	return uc_command_decide(line, uc_package_approve);
}
