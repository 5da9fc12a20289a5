/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-dns-answer.h"

void
uc_dns_record_free(UcDnsRecord *self)
{
	g_clear_object(&self->address);
	g_free(self->target);
	g_free(self);
}

/**
 * uc_dns_answer_new:
 * @name: the name that was asked for
 * @type: the type that was asked for
 * @result: what came of it
 *
 * Returns: (transfer full): an answer without records
 */
UcDnsAnswer *
uc_dns_answer_new(const gchar *name, UcDnsType type, UcDnsResult result)
{
	UcDnsAnswer *self = g_new0(UcDnsAnswer, 1);

	self->name = g_strdup(name);
	self->type = type;
	self->result = result;
	self->records = g_ptr_array_new_with_free_func((GDestroyNotify)uc_dns_record_free);
	return self;
}

void
uc_dns_answer_free(UcDnsAnswer *self)
{
	g_free(self->name);
	g_ptr_array_unref(self->records);
	g_free(self);
}

/**
 * uc_dns_result_is_answer:
 * @result: what came of a question
 *
 * Returns: whether a name server really answered, be it "no"
 */
gboolean
uc_dns_result_is_answer(UcDnsResult result)
{
	return result == UC_DNS_RESULT_NOERROR || result == UC_DNS_RESULT_NODATA ||
	       result == UC_DNS_RESULT_NXDOMAIN;
}

/**
 * uc_dns_result_to_string:
 * @result: what came of a question
 *
 * Returns: its name in the JSON of `ucupdates-discover`
 */
const gchar *
uc_dns_result_to_string(UcDnsResult result)
{
	static const gchar *const names[] =
	    {"noerror", "nodata", "nxdomain", "timeout", "servfail", "refused"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_DNS_RESULT_LAST);
	g_return_val_if_fail(result < UC_DNS_RESULT_LAST, NULL);
	return names[result];
}

/**
 * uc_dns_type_to_string:
 * @type: a type of records
 *
 * Returns: its name in the JSON of `ucupdates-discover`
 */
const gchar *
uc_dns_type_to_string(UcDnsType type)
{
	switch (type) {
	case UC_DNS_TYPE_A:
		return "A";
	case UC_DNS_TYPE_AAAA:
		return "AAAA";
	case UC_DNS_TYPE_SRV:
		return "SRV";
	default:
		return NULL;
	}
}
