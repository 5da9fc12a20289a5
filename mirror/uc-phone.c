/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Phones with Polycom's UC Software check in without knowing: the user agent of each request has
 * model and version, and says whether it is the updater (the boot loader) or the application that
 * asks, whose versions have nothing to do with each other; the path has the MAC address. Nothing of
 * it is proven, and nothing is decided from it.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-identity.h"
#include "uc-inventory-row.h"
#include "uc-phone.h"
#include "uc-ucs-model.h"

#define UC_PHONE_AGENT "ucs" /* in the place of an agent's version */
#define UC_PHONE_USER_AGENT                                                             \
	"^" UC_PHONE_USER_AGENT_PREFIX "[A-Za-z0-9]{1,32}-([A-Za-z0-9_]{1,32})-UA/"     \
	"((?:[0-9]{1,9}[A-Z]{0,2}\\.){2,3}[0-9]{1,9}[A-Z]{0,2})(?:_([0-9A-Fa-f]{12}))?" \
	"(?: .*?(Type/Updater)?)?$"
#define UC_PHONE_PATH "^/([0-9A-Fa-f]{12})[-.]"

void
uc_phone_free(UcPhone *self)
{
	g_free(self->model);
	g_free(self->mac_address);
	g_free(self->version);
	g_free(self);
}

static GMatchInfo *
uc_phone_match(const gchar *pattern, const gchar *text)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_DOLLAR_ENDONLY, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return g_regex_match(regex, text, 0, &match) ? g_steal_pointer(&match) : NULL;
}

/* (nullable): 12 digits as an address; the one of all phones is the address of none */
static gchar *
uc_phone_format_mac(const gchar *digits)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (strlen(digits) != 12 || strspn(digits, "0") == 12)
		return NULL;
	for (guint i = 0; i < 12; i++) {
		if (i > 0 && i % 2 == 0)
			g_string_append_c(out, ':');
		g_string_append_c(out, g_ascii_tolower(digits[i]));
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static gchar *
uc_phone_parse_mac(const gchar *path, GMatchInfo *agent)
{
	g_autoptr(GMatchInfo) match = uc_phone_match(UC_PHONE_PATH, path);
	g_autofree gchar *in_path = match != NULL ? g_match_info_fetch(match, 1) : g_strdup("");
	g_autofree gchar *in_agent = g_match_info_fetch(agent, 3);
	gchar *mac_address = uc_phone_format_mac(in_path);

	if (mac_address != NULL || in_agent == NULL)
		return mac_address;
	return uc_phone_format_mac(in_agent);
}

static UcPhone *
uc_phone_fail(const gchar *what, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the request of a phone has %s, expected a path with its MAC address and the "
		    "user agent '" UC_PHONE_USER_AGENT_PREFIX "…-MODEL-UA/VERSION'",
		    what);
	return NULL;
}

/**
 * uc_phone_parse:
 * @request: path of a request, a line feed, and its user agent
 * @error: set to %UC_ERROR_INVALID if it is no phone's, or does not tell which one
 *
 * Returns: (transfer full): what it says
 */
UcPhone *
uc_phone_parse(GBytes *request, GError **error)
{
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(request, &size_bytes);
	g_autofree gchar *text = g_strndup(data, MIN(size_bytes, UC_PHONE_REQUEST_MAX_BYTES));
	gchar *agent = strchr(text, '\n');
	g_autoptr(UcPhone) self = NULL;
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree gchar *model = NULL;
	g_autofree gchar *updater = NULL;

	if (agent == NULL || size_bytes > UC_PHONE_REQUEST_MAX_BYTES ||
	    !g_utf8_validate(text, -1, NULL))
		return uc_phone_fail("no user agent", error);
	*agent++ = '\0';
	match = uc_phone_match(UC_PHONE_USER_AGENT, agent);
	if (match == NULL)
		return uc_phone_fail("another user agent", error);
	self = g_new0(UcPhone, 1);
	model = g_match_info_fetch(match, 1);
	updater = g_match_info_fetch(match, 4);
	self->model = uc_ucs_model_clean(model);
	self->version = g_match_info_fetch(match, 2);
	self->module = updater != NULL && updater[0] != '\0' ? "updater" : "application";
	self->mac_address = uc_phone_parse_mac(text, match);
	if (self->mac_address == NULL || self->model[0] == '\0')
		return uc_phone_fail("no MAC address or model", error);
	return g_steal_pointer(&self);
}

static gchar *
uc_phone_make_identity(const UcPhone *self, gchar **details_out, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) node = json_node_alloc();
	gchar *identity = NULL;

	json_object_set_string_member(object, "vendor", UC_UCS_VENDOR);
	json_object_set_string_member(object, "model", self->model);
	json_object_set_string_member(object, "mac_address", self->mac_address);
	identity = uc_identity_new("", object, error);
	json_node_init_object(node, object);
	*details_out = json_to_string(node, FALSE);
	return identity;
}

/* an updater's version is not what the phone runs; a row that an agent keeps is left alone */
static gboolean
uc_phone_store_endpoint(UcDatabase *database,
			const UcPhone *self,
			gchar *identity,
			const gchar *details,
			gint64 now_secs,
			GError **error)
{
	gchar none[] = "";
	gchar vendor[] = UC_UCS_VENDOR;
	const UcCheckinEndpoint endpoint = {
	    .identity = identity,
	    .vendor = vendor,
	    .model = self->model,
	    .hardware_level = none,
	    .serial = none,
	    .mac_address = self->mac_address,
	    .version = g_str_equal(self->module, "application") ? self->version : none,
	    .state = none,
	    .reason = none,
	};
	const UcInventoryRow row = {&endpoint, "", UC_PHONE_AGENT, details};

	return uc_inventory_row_put(database,
				    &row,
				    UC_INVENTORY_ROW_INSERT
				    "model = ?3, last_seen_secs = ?13, version = iif(?7 = '',"
				    " version, ?7) WHERE agent_version = '" UC_PHONE_AGENT "'",
				    now_secs,
				    error);
}

/**
 * uc_phone_store:
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Puts a phone into the inventory, within the caller's transaction.
 */
gboolean
uc_phone_store(UcDatabase *database, const UcPhone *self, gint64 now_secs, GError **error)
{
	g_autofree gchar *details = NULL;
	g_autofree gchar *identity = uc_phone_make_identity(self, &details, error);

	if (identity == NULL ||
	    !uc_phone_store_endpoint(database, self, identity, details, now_secs, error))
		return FALSE;
	return uc_database_run(
	    database,
	    error,
	    "INSERT INTO versions (identity, module, version, first_secs, last_secs)"
	    " SELECT ?1, ?2, ?3, ?4, ?4 FROM endpoints WHERE identity = ?1 AND agent_version = "
	    "'" UC_PHONE_AGENT
	    "' ON CONFLICT (identity, module, version) DO UPDATE SET last_secs = ?4",
	    "sssi",
	    identity,
	    self->module,
	    self->version,
	    now_secs);
}
