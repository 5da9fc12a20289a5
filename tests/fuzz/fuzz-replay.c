/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fuzz.h"

/* Runs every file of the directories that are named once, as a test that needs no fuzzer. */

static guint
replay(const gchar *directory)
{
	const gchar *name = NULL;
	guint count = 0;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *path = g_build_filename(directory, name, NULL);
		g_autofree gchar *buf = NULL;
		gsize bufsz = 0;
		if (!g_file_get_contents(path, &buf, &bufsz, NULL))
			continue;
		(void)LLVMFuzzerTestOneInput((const guint8 *)buf, bufsz);
		count++;
	}
	return count;
}

int
main(int argc, char **argv)
{
	guint count = 0;

	for (gint i = 1; i < argc; i++)
		count += replay(argv[i]);
	g_print("%u inputs\n", count);
	return count > 0 ? 0 : 1;
}
