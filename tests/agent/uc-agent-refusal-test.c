/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-agent-private.h"
#include "uc-error.h"
#include "uc-test-state.h"

#define COUNT	 40
#define NOW_SECS 1700000000
#define DAY_SECS 86400

static gint64
now_secs(gpointer user_data)
{
	return *(gint64 *)user_data;
}

static void
item_free(gpointer data)
{
	UcFwupdDevice *item = data;

	g_object_unref(item->device);
	g_ptr_array_unref(item->releases);
	g_free(item);
}

static GPtrArray *
list_devices(void)
{
	GPtrArray *items = g_ptr_array_new_with_free_func(item_free);

	for (guint i = 0; i < COUNT; i++) {
		UcFwupdDevice *item = g_new0(UcFwupdDevice, 1);
		g_autofree gchar *id = g_strdup_printf("%040x", i);

		item->device = fwupd_device_new();
		fwupd_device_set_id(item->device, id);
		fwupd_device_set_plugin(item->device, "dock");
		fwupd_device_set_vendor(item->device, "Acme");
		fwupd_device_set_name(item->device, "Dock");
		item->releases = g_ptr_array_new();
		item->listed = TRUE;
		g_ptr_array_add(items, item);
	}
	return items;
}

static UcAgent *
new_agent(const UcClock *clock)
{
	static const gchar *const domains[] = {"room.example", NULL};
	g_autoptr(GPtrArray) items = list_devices();
	UcAgent *agent = g_object_new(UC_TYPE_AGENT, NULL);

	agent->clock = clock;
	agent->machine_id = g_strnfill(64, 'a');
	agent->state = uc_state_load();
	uc_state_set_enrolment(agent->state, "room.example", domains, NULL);
	agent->history = uc_history_load();
	agent->reports = uc_reports_new();
	uc_agent_take_devices(agent, items);
	return agent;
}

/* of each endpoint one report waits, or none, and one entry has the last sentence */
static void
expect(UcAgent *agent, const gchar *sentence, gboolean told)
{
	g_autoptr(GError) error = g_error_new_literal(UC_ERROR, UC_ERROR_EXPIRED, sentence);
	JsonArray *entries = NULL;

	uc_reports_clear(agent->reports); /* the service has them */
	uc_agent_report_refusal(agent, error);
	g_assert_cmpuint(uc_reports_get_length(agent->reports), ==, told ? COUNT : 0);
	entries = uc_history_get_entries(agent->history);
	g_assert_cmpuint(json_array_get_length(entries), ==, COUNT);
	for (guint i = 0; i < COUNT; i++)
		g_assert_cmpstr(
		    json_object_get_string_member(json_array_get_object_element(entries, i),
						  "message"),
		    ==,
		    sentence);
}

static void
test_once_a_day(void)
{
	gint64 now = NOW_SECS;
	const UcClock clock = {now_secs, now_secs, &now};
	g_autoptr(UcAgent) agent = new_agent(&clock);

	expect(agent, "expired 1 s ago", TRUE);
	expect(agent, "expired 2 s ago", FALSE);
	now += DAY_SECS;
	expect(agent, "expired 3 s ago", TRUE);
	expect(agent, "expired 4 s ago", FALSE);
	now += DAY_SECS;
	expect(agent, "expired 4 s ago", FALSE);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	/* each refusal is one in the journal */
	g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
	dir = uc_test_state_new();
	g_test_add_func("/agent-refusal/once-a-day", test_once_a_day);
	return g_test_run();
}
