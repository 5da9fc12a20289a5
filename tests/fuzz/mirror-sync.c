/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The metadata of another mirror: refused, or only releases that can be fetched and verified. */

#include "fuzz.h"
#include "uc-sha256.h"
#include "uc-sync-catalog.h"

#define GUID "f4ba3b5e-d6a5-5a4a-8f0b-111111111111"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GHashTable) guids = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) releases = NULL;

	g_hash_table_add(guids, (gpointer)GUID);
	releases = uc_sync_catalog_parse(bytes, guids, &error);
	g_assert_true((releases != NULL) == (error == NULL));
	for (guint i = 0; releases != NULL && i < releases->len; i++) {
		const UcSyncRelease *release = g_ptr_array_index(releases, i);

		g_assert_true(uc_sha256_is_hex(release->sha256));
		g_assert_true(release->location[0] != '\0');
	}
	return 0;
}
