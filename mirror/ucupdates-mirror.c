/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <sys/stat.h>

#include "uc-command.h"
#include "uc-tls.h"

int
main(int argc, char **argv)
{
	/* the web server reads the tree, whatever the administrator's shell begins with; what
	 * nobody is to read is made so */
	(void)umask(0022);
	uc_tls_init();
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, UC_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	return uc_command_main(argc, argv);
}
