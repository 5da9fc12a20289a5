/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fuzz.h"
#include "uc-report.h"

/* A report; what is accepted keeps the promises of the header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcReport) report = uc_report_parse(bytes, &error);

	g_assert_true((report == NULL) == (error != NULL));
	if (report == NULL)
		return 0;
	g_assert_true(g_uuid_string_is_valid(report->uuid));
	g_assert_true(strchr(report->identity, '/') != NULL);
	g_assert_cmpint(report->time_secs, >=, 0);
	return 0;
}
