/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "uc-candidates.h"
#include "uc-dns-message.h"
#include "uc-limits.h"

#define NAME "ucupdates-r2.room.example"

static GInetAddress *
fuzz_find_source(GInetAddress *destination)
{
	return g_object_ref(destination);
}

static void
fuzz_use_answer(const UcDnsAnswer *answer, GRand *rand)
{
	g_autoptr(GPtrArray) candidates = uc_candidates_new();
	g_autoptr(GPtrArray) ordered = NULL;

	g_assert_cmpuint(answer->records->len, <=, UC_LIMIT_ADDRESSES);
	if (answer->type == UC_DNS_TYPE_SRV) {
		ordered = uc_candidates_order_srv(answer->records, rand);
		g_assert_cmpuint(ordered->len, ==, answer->records->len);
		return;
	}
	uc_candidates_add(candidates, answer, answer, 443, fuzz_find_source);
	g_assert_cmpuint(candidates->len, <=, answer->records->len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const UcDnsType types[] = {UC_DNS_TYPE_A, UC_DNS_TYPE_AAAA, UC_DNS_TYPE_SRV};
	g_autoptr(GBytes) message = g_bytes_new(data, size);
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcDnsAnswer) answer =
		    uc_dns_message_parse(message, NAME, types[i], &error);

		g_assert_true((answer == NULL) == (error != NULL));
		if (answer != NULL)
			fuzz_use_answer(answer, rand);
	}
	return 0;
}
