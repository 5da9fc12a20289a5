/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* what NetworkManager and systemd-resolved answer, in the text form of GVariant */

#include "fuzz.h"
#include "uc-limits.h"
#include "uc-network-manager.h"
#include "uc-resolved.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree gchar *text = g_strndup(size > 0 ? (const gchar *)data : "", size);
	g_autoptr(GPtrArray) links = uc_link_list_new();
	g_autoptr(GVariant) reply = g_variant_parse(NULL, text, NULL, NULL, NULL);

	if (reply == NULL)
		return 0;
	g_variant_ref_sink(reply);
	uc_network_manager_parse(reply, links);
	(void)uc_resolved_parse(reply, links);
	g_assert_cmpuint(links->len, <=, UC_LIMIT_LINKS);
	return 0;
}
