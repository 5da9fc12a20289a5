/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "uc-document.h"
#include "uc-error.h"
#include "uc-limits.h"

/* an envelope as it comes over the wire; without an anchor nothing is ever accepted */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	UcDocumentExpect expect = {
	    .type = "keys",
	    .anchors_dir = "/mnt", /* a directory without an anchor */
	    .now_secs = 1800000000,
	};
	g_autoptr(GError) error = NULL;

	g_assert_null(uc_document_verify(bytes, &expect, &error));
	g_assert_true(uc_error_is_refusal(error));
	return 0;
}
