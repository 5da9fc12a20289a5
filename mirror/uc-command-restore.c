/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-command-decide.h"

/**
 * uc_command_restore:
 *
 * `restore ID`
 */
gint
uc_command_restore(UcCommandLine *line)
{
	return uc_command_decide(line, uc_package_restore);
}
