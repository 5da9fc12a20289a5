/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-program-output.h"

/* What a vendor's program says on its standard output, line by line:
 *
 *     progress N          N from 0 to 100
 *     result done|restart|staged
 *     error TEXT          why it failed, for people
 *
 * Other lines are logged. */

#define FU_UC_ENDPOINT_PROGRAM_OUTPUT_LINES_MAX 10000
#define FU_UC_ENDPOINT_PROGRAM_OUTPUT_LINE_MAX	1024 /* bytes */

static void
fu_uc_endpoint_program_output_set_result(FuUcEndpointProgramOutput *self, const gchar *word)
{
	if (g_str_equal(word, "done"))
		self->result = FU_UC_ENDPOINT_PROGRAM_RESULT_DONE;
	else if (g_str_equal(word, "restart"))
		self->result = FU_UC_ENDPOINT_PROGRAM_RESULT_RESTART;
	else if (g_str_equal(word, "staged"))
		self->result = FU_UC_ENDPOINT_PROGRAM_RESULT_STAGED;
	else
		g_info("result '%s' is not known, expected done, restart or staged", word);
}

static void
fu_uc_endpoint_program_output_set_percentage(FuUcEndpointProgramOutput *self, const gchar *number)
{
	guint64 percentage = 0;

	if (fu_strtoull(number, &percentage, 0, 100, FU_INTEGER_BASE_10, NULL) &&
	    percentage > self->percentage)
		self->percentage = (guint)percentage;
}

/**
 * fu_uc_endpoint_program_output_add_line:
 * @self: what was said before; all zero at first
 * @line: (array length=linesz): a line without its end, any bytes, and a NUL behind them
 * @linesz: bytes
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_INVALID_DATA if it has said too much
 **/
gboolean
fu_uc_endpoint_program_output_add_line(FuUcEndpointProgramOutput *self,
				       const gchar *line,
				       gsize linesz,
				       GError **error)
{
	g_autofree gchar *text = NULL;

	self->lines++;
	if (linesz > FU_UC_ENDPOINT_PROGRAM_OUTPUT_LINE_MAX ||
	    self->lines > FU_UC_ENDPOINT_PROGRAM_OUTPUT_LINES_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "it said more than %d lines of %d bytes",
			    FU_UC_ENDPOINT_PROGRAM_OUTPUT_LINES_MAX,
			    FU_UC_ENDPOINT_PROGRAM_OUTPUT_LINE_MAX);
		return FALSE;
	}
	text = g_utf8_make_valid(line, -1);
	if (g_str_has_prefix(text, "progress ")) {
		fu_uc_endpoint_program_output_set_percentage(self, text + strlen("progress "));
	} else if (g_str_has_prefix(text, "result ")) {
		fu_uc_endpoint_program_output_set_result(self, text + strlen("result "));
	} else if (g_str_has_prefix(text, "error ")) {
		g_free(self->complaint);
		self->complaint = g_strdup(text + strlen("error "));
	} else {
		g_info("program: %s", text);
	}
	return TRUE;
}

void
fu_uc_endpoint_program_output_clear(FuUcEndpointProgramOutput *self)
{
	g_clear_pointer(&self->complaint, g_free);
}
