/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-agent-private.h"
#include "uc-error.h"
#include "uc-test-state.h"

#define COUNT	 64 /* more than a few: two seconds of pause */
#define NOW_SECS 1700000000

static gint64
now_secs(gpointer user_data)
{
	return NOW_SECS;
}

static const UcClock still = {now_secs, now_secs, NULL};

static void
item_free(gpointer data)
{
	UcFwupdDevice *item = data;

	g_object_unref(item->device);
	g_ptr_array_unref(item->releases);
	g_free(item);
}

/* as fwupd answers: devices @first to @last, each without anything on offer */
static GPtrArray *
list_devices(guint first, guint last)
{
	GPtrArray *items = g_ptr_array_new_with_free_func(item_free);

	for (guint i = first; i <= last; i++) {
		UcFwupdDevice *item = g_new0(UcFwupdDevice, 1);
		g_autofree gchar *id = g_strdup_printf("%040x", i);

		item->device = fwupd_device_new();
		fwupd_device_set_id(item->device, id);
		fwupd_device_set_plugin(item->device, "uc_endpoint");
		item->releases = g_ptr_array_new();
		item->listed = TRUE;
		g_ptr_array_add(items, item);
	}
	return items;
}

static UcAgent *
new_agent(void)
{
	g_autoptr(GPtrArray) items = list_devices(1, COUNT);
	UcAgent *agent = g_object_new(UC_TYPE_AGENT, NULL);

	agent->clock = &still;
	agent->retry_max_secs = 7200;
	uc_agent_take_devices(agent, items);
	agent->stale = FALSE;
	g_assert_cmpuint(g_hash_table_size(agent->targets), ==, COUNT);
	g_assert_false(uc_agent_needs_load(agent));
	return agent;
}

static void
answered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	GError **error = user_data;

	g_assert_false(g_task_propagate_boolean(G_TASK(result), error));
}

/* an install of what is gone would be a failure of the package */
static void
test_gone(void)
{
	g_autoptr(UcAgent) agent = new_agent();
	g_autoptr(GPtrArray) items = list_devices(2, COUNT);
	g_autoptr(GPtrArray) none = list_devices(1, 0);
	g_autofree gchar *id = g_strdup_printf("%040x", 1);
	g_autoptr(GError) error = NULL;
	UcTarget *target = g_hash_table_lookup(agent->targets, id);

	g_ptr_array_add(target->waiting, g_task_new(NULL, NULL, answered_cb, &error));
	uc_agent_doubt(agent, target);
	g_assert_false(uc_agent_take_changes(agent, items));
	g_assert_null(g_hash_table_lookup(agent->targets, id));
	g_assert_cmpuint(g_hash_table_size(agent->targets), ==, COUNT - 1);
	g_assert_cmpuint(g_hash_table_size(agent->devices), ==, COUNT - 1);
	g_assert_cmpuint(g_hash_table_size(agent->doubtful), ==, 0);
	while (error == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_error(error, UC_ERROR, UC_ERROR_NOT_FOUND);
	g_assert_true(uc_agent_take_changes(agent, items));
	g_assert_false(uc_agent_take_changes(agent, none));
	g_assert_cmpuint(g_hash_table_size(agent->targets), ==, 0);
}

/* a new one makes no other go, and is asked about with all */
static void
test_new(void)
{
	g_autoptr(UcAgent) agent = new_agent();
	g_autoptr(GPtrArray) items = list_devices(1, COUNT + 1);

	g_assert_false(uc_agent_take_changes(agent, items));
	g_assert_cmpuint(g_hash_table_size(agent->targets), ==, COUNT);
	uc_agent_take_devices(agent, items);
	g_assert_cmpuint(g_hash_table_size(agent->targets), ==, COUNT + 1);
}

/* a pause of two seconds stays one when the clock is set back, and ends when few are left */
static void
test_pause(void)
{
	g_autoptr(UcAgent) agent = new_agent();
	g_autoptr(GPtrArray) few = list_devices(1, 3);

	g_assert_cmpint(uc_agent_get_pause_secs(agent), ==, 2);
	agent->rumour = TRUE;
	agent->rumour_retry_secs = NOW_SECS + 2;
	g_assert_false(uc_agent_needs_load(agent));
	agent->rumour_retry_secs = NOW_SECS;
	g_assert_true(uc_agent_needs_load(agent));
	agent->rumour_retry_secs = NOW_SECS + 3600;
	g_assert_true(uc_agent_needs_load(agent));
	agent->rumour_retry_secs = NOW_SECS + 2;
	g_assert_false(uc_agent_take_changes(agent, few));
	g_assert_true(uc_agent_needs_load(agent));
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/agent-take/gone", test_gone);
	g_test_add_func("/agent-take/new", test_new);
	g_test_add_func("/agent-take/pause", test_pause);
	return g_test_run();
}
