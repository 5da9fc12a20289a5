/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the organisation is told beside everything else, also while the room is in use: the reports
 * that wait, and that the room has been in use for too long. The second is what a check-in says,
 * and a look, which begins with one, would come only after the end of that use.
 */

#include "uc-agent-private.h"
#include "uc-check-in-send.h"
#include "uc-check-in.h"
#include "uc-trust-fetch.h"
#include "uc-zone-load.h"

#define UC_AGENT_TOLD (UC_REPORT_SOURCE_BUSY | UC_REPORT_MANDATORY_IN_CALL)

/* fwupd has no device for them because it has not our plugin: the inventory shows that */
static void
uc_agent_add_unclaimed(UcAgent *self, JsonObject *check_in)
{
	for (guint i = 0; self->plugin_problem != NULL && i < self->unclaimed->len; i++)
		uc_check_in_add_unclaimed(check_in,
					  g_ptr_array_index(self->unclaimed, i),
					  self->plugin_problem);
}

/* where the endpoints are, and who has signed in, where the configuration says so */
static void
uc_agent_add_place(UcAgent *self, JsonObject *check_in)
{
	const UcServiceSettings *settings = self->settings;
	g_autofree gchar *zone = uc_zone_get_local_name();
	const gchar *user =
	    settings->tell_user && settings->sign_in != NULL ? settings->sign_in->user : NULL;

	uc_check_in_add_place(check_in, zone, user);
}

/**
 * uc_agent_build_check_in:
 *
 * Returns: (transfer full): the endpoints as they are now
 */
JsonObject *
uc_agent_build_check_in(UcAgent *self)
{
	JsonObject *check_in = uc_check_in_new(self->machine_id);
	gboolean in_use = uc_room_get_use(self->room) != UC_USE_NONE;
	g_autofree gchar *first_use = uc_trust_fetch_describe();
	/* in an order that stays: the same again is cheap for the service */
	g_autoptr(GList) ids =
	    g_list_sort(g_hash_table_get_keys(self->targets), (GCompareFunc)g_strcmp0);

	for (GList *l = ids; l != NULL; l = l->next) {
		UcTarget *target = g_hash_table_lookup(self->targets, l->data);

		if (target->endpoint != NULL)
			uc_check_in_add(check_in, target, self->history, in_use);
	}
	uc_agent_add_unclaimed(self, check_in);
	if (first_use != NULL)
		uc_check_in_add_report(check_in, "first-use");
	uc_agent_add_place(self, check_in);
	return check_in;
}

static void
uc_agent_end_delivery(UcAgent *self, const gchar *what, const GError *error)
{
	self->delivering = FALSE;
	if (error == NULL) {
		self->deliver_failures = 0;
		self->deliver_retry_secs = 0;
	} else {
		g_warning("%s: %s", what, error->message);
		self->deliver_retry_secs =
		    uc_agent_next_retry_after(self, self->deliver_failures++, error);
	}
	uc_agent_advance(self);
}

static void
uc_agent_delivered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;
	gboolean delivered = uc_reports_deliver_finish(result, &error);

	uc_agent_end_delivery(self, "reports wait", delivered ? NULL : error);
}

static void
uc_agent_deliver_reports(UcAgent *self, UcService *service)
{
	const UcDescription *description = uc_service_get_description(service);
	g_autofree gchar *path = uc_description_build_path(description->reports_path);

	self->delivering = TRUE;
	uc_reports_deliver_async(self->reports,
				 uc_service_get_http(service),
				 path,
				 self->cancellable,
				 uc_agent_delivered_cb,
				 g_object_ref(self));
}

static void
uc_agent_told_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;

	if (uc_check_in_send_finish(result, NULL, &error))
		self->told |= self->telling;
	uc_agent_end_delivery(self, "the service does not hear that the room is in use", error);
}

static void
uc_agent_tell(UcAgent *self, UcService *service, guint reports)
{
	const UcDescription *description = uc_service_get_description(service);
	g_autofree gchar *path = uc_description_build_path(description->checkin_path);
	g_autoptr(JsonObject) check_in = uc_agent_build_check_in(self);

	self->delivering = TRUE;
	self->telling = reports;
	uc_check_in_send_async(uc_service_get_http(service),
			       path,
			       check_in,
			       self->cancellable,
			       uc_agent_told_cb,
			       g_object_ref(self));
}

/* of #UcReport: what somebody should hear, and what was told and is not so any more can be new
 * again */
static guint
uc_agent_get_untold(UcAgent *self)
{
	GHashTableIter iter;
	gpointer value = NULL;
	guint reports = 0;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const UcTarget *target = value;

		if (target->decision != NULL && target->endpoint != NULL)
			reports |= target->decision->verdict.reports & UC_AGENT_TOLD;
	}
	self->told &= reports;
	return reports & ~self->told;
}

/**
 * uc_agent_deliver:
 *
 * Delivers what waits, one after the other.
 *
 * Returns: when to try again, seconds since the Unix epoch; -1 when nothing waits
 */
gint64
uc_agent_deliver(UcAgent *self)
{
	UcService *service = uc_service_link_get_service(self->link);
	guint untold = uc_agent_get_untold(self);
	gboolean waits = uc_reports_get_length(self->reports) > 0;

	if (!waits && untold == 0)
		return -1;
	if (self->delivering || service == NULL || !uc_agent_is_due(self, self->deliver_retry_secs))
		return self->deliver_retry_secs;
	if (waits)
		uc_agent_deliver_reports(self, service);
	else
		uc_agent_tell(self, service, untold);
	return self->deliver_retry_secs;
}

/**
 * uc_agent_rest:
 *
 * Lets go of the service's connections once there is nothing to do, so that nothing of them wakes
 * the agent while it waits.
 */
void
uc_agent_rest(UcAgent *self)
{
	UcService *service = uc_service_link_get_service(self->link);

	if (service != NULL && self->work == UC_AGENT_IDLE && !self->delivering &&
	    self->advance_id == 0)
		uc_http_rest(uc_service_get_http(service));
}
