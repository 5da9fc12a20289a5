/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-program-output.h"
#include "fuzz.h"

/* What a vendor's program says, line by line. */

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autofree gchar *text = g_strndup((const gchar *)buf, bufsz);
	g_auto(FuUcEndpointProgramOutput) output = {0};
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint before = 0;

	for (guint i = 0; lines[i] != NULL; i++) {
		if (!fu_uc_endpoint_program_output_add_line(&output,
							    lines[i],
							    strlen(lines[i]),
							    NULL))
			break;
		g_assert_cmpuint(output.percentage, >=, before);
		g_assert_cmpuint(output.percentage, <=, 100);
		g_assert_true(output.complaint == NULL ||
			      g_utf8_validate(output.complaint, -1, NULL));
		before = output.percentage;
	}
	return 0;
}
