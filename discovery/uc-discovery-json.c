/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The JSON of `ucupdates-discover`, a contract of DESIGN.md. What belongs to one domain is that of
 * the first domain that decided the outcome; `attempts` and `refusals` are those of all.
 */

#include <string.h>

#include "uc-discovery.h"
#include "uc-probe.h"

static void
uc_discovery_json_set_nullable(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
	else
		json_object_set_null_member(object, member);
}

/* what came in may be any bytes; JSON is UTF-8 */
static void
uc_discovery_json_set_bytes(JsonObject *object, const gchar *member, const gchar *text)
{
	g_autofree gchar *valid = g_utf8_make_valid(text, -1);

	json_object_set_string_member(object, member, valid);
}

static JsonObject *
uc_discovery_json_new_record(const UcDnsRecord *record)
{
	JsonObject *object = json_object_new();
	g_autofree gchar *address = NULL;

	json_object_set_string_member(object, "type", uc_dns_type_to_string(record->type));
	if (record->address != NULL) {
		address = g_inet_address_to_string(record->address);
		json_object_set_string_member(object, "address", address);
	} else {
		uc_discovery_json_set_bytes(object, "target", record->target);
		json_object_set_int_member(object, "port", record->port);
		json_object_set_int_member(object, "priority", record->priority);
		json_object_set_int_member(object, "weight", record->weight);
	}
	json_object_set_int_member(object, "ttl_secs", record->ttl_secs);
	return object;
}

static JsonArray *
uc_discovery_json_new_records(const UcLookup *lookup)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; lookup != NULL && i < lookup->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(lookup->answers, i);

		for (guint j = 0; j < answer->records->len; j++) {
			const UcDnsRecord *record = g_ptr_array_index(answer->records, j);

			json_array_add_object_element(array, uc_discovery_json_new_record(record));
		}
	}
	return array;
}

static void
uc_discovery_json_add_attempts(JsonArray *array, const UcLookup *lookup)
{
	for (guint i = 0; lookup != NULL && i < lookup->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(lookup->answers, i);
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "name", answer->name);
		json_object_set_string_member(object, "type", uc_dns_type_to_string(answer->type));
		json_object_set_string_member(object,
					      "result",
					      uc_dns_result_to_string(answer->result));
		json_object_set_int_member(object, "elapsed_ms", answer->elapsed_ms);
		json_array_add_object_element(array, object);
	}
}

static void
uc_discovery_json_add_refusal(JsonArray *array, const gchar *domain, const gchar *reason)
{
	JsonObject *object = json_object_new();

	uc_discovery_json_set_bytes(object, "domain", domain);
	uc_discovery_json_set_bytes(object, "reason", reason);
	json_array_add_object_element(array, object);
}

static void
uc_discovery_json_add_refusals(JsonArray *array, const UcProbe *probe)
{
	const gchar *domain = probe->entry->domain;
	gboolean is_told = FALSE;

	if (domain == NULL)
		domain = probe->entry->text;
	for (guint i = 0; probe->lookup != NULL && i < probe->lookup->refusals->len; i++) {
		const gchar *reason = g_ptr_array_index(probe->lookup->refusals, i);

		uc_discovery_json_add_refusal(array, domain, reason);
		if (probe->error != NULL && g_str_equal(reason, probe->error->message))
			is_told = TRUE;
	}
	if (probe->outcome == UC_OUTCOME_REFUSED && !is_told)
		uc_discovery_json_add_refusal(array, domain, probe->error->message);
}

static void
uc_discovery_json_set_service(JsonObject *object, UcService *service)
{
	const UcDescription *description = NULL;
	g_autofree gchar *url = NULL;
	JsonObject *members = NULL;

	if (service == NULL) {
		json_object_set_null_member(object, "service");
		return;
	}
	description = uc_service_get_description(service);
	url = uc_service_get_url(service);
	members = json_object_new();
	json_object_set_string_member(members, "url", url);
	json_object_set_string_member(members, "internal_url", description->internal_url);
	uc_discovery_json_set_nullable(members, "external_url", description->external_url);
	json_object_set_string_member(members, "organisation", description->organisation);
	json_object_set_object_member(object, "service", members);
}

static const UcProbe *
uc_discovery_json_find_deciding(UcDiscovery *self)
{
	GPtrArray *probes = uc_discovery_get_probes(self);

	for (guint i = 0; i < probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(probes, i);

		if (probe->outcome == uc_discovery_get_outcome(self))
			return probe;
	}
	return NULL;
}

static void
uc_discovery_json_set_probe(JsonObject *object, const UcProbe *probe)
{
	const UcLookup *lookup = probe != NULL ? probe->lookup : NULL;
	UcService *service = probe != NULL ? probe->service : NULL;

	if (probe == NULL)
		json_object_set_null_member(object, "domain");
	else
		uc_discovery_json_set_bytes(object,
					    "domain",
					    probe->entry->domain != NULL ? probe->entry->domain
									 : probe->entry->text);
	uc_discovery_json_set_nullable(
	    object,
	    "domain_source",
	    probe != NULL ? uc_domain_source_to_string(probe->entry->source) : NULL);
	uc_discovery_json_set_nullable(object,
				       "domain_interface",
				       probe != NULL ? probe->entry->interface : NULL);
	uc_discovery_json_set_nullable(object, "name", lookup != NULL ? lookup->name : NULL);
	json_object_set_array_member(object, "records", uc_discovery_json_new_records(lookup));
	json_object_set_boolean_member(object,
				       "authenticated",
				       lookup != NULL && lookup->is_authenticated);
	json_object_set_boolean_member(object, "verified", service != NULL);
	uc_discovery_json_set_service(object, service);
}

/**
 * uc_discovery_to_json:
 *
 * Beside the members of the contract there is `message`, what uc_discovery_describe() says,
 * `domain_interface`, `ask_again_secs`, and `organisation` in `service`. Where no domain decided,
 * `domain`, `domain_source` and `name` are null.
 *
 * Returns: (transfer full): the result as `ucupdates-discover --json` prints it
 */
JsonObject *
uc_discovery_to_json(UcDiscovery *self)
{
	JsonObject *object = json_object_new();
	JsonArray *attempts = json_array_new();
	JsonArray *refusals = json_array_new();
	GPtrArray *probes = uc_discovery_get_probes(self);
	g_autofree gchar *message = uc_discovery_describe(self);

	json_object_set_string_member(object,
				      "outcome",
				      uc_outcome_to_string(uc_discovery_get_outcome(self)));
	uc_discovery_json_set_bytes(object, "message", message);
	uc_discovery_json_set_probe(object, uc_discovery_json_find_deciding(self));
	for (guint i = 0; i < probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(probes, i);

		uc_discovery_json_add_attempts(attempts, probe->lookup);
		uc_discovery_json_add_refusals(refusals, probe);
	}
	json_object_set_array_member(object, "attempts", attempts);
	json_object_set_array_member(object, "refusals", refusals);
	json_object_set_int_member(object, "ask_again_secs", uc_discovery_get_ask_again_secs(self));
	json_object_set_int_member(object, "elapsed_ms", uc_discovery_get_elapsed_ms(self));
	return object;
}
