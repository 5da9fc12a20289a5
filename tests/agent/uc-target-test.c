/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-names.h"
#include "uc-target.h"
#include "uc-test-state.h"

#define SHA_ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define SHA_TWO "2222222222222222222222222222222222222222222222222222222222222222"

static UcTarget *
target_new(UcUpdateStage stage,
	   const gchar *version_new,
	   const gchar *version,
	   FwupdDeviceFlags flags)
{
	UcTarget *target = uc_target_new("codec");

	g_assert_cmpint(target->update->stage, ==, UC_UPDATE_NONE);
	uc_update_begin(target->update, "1.0.0", version_new, SHA_ONE);
	target->update->stage = stage;
	target->device = fwupd_device_new();
	fwupd_device_set_version(target->device, version);
	fwupd_device_set_flags(target->device, flags);
	return target;
}

static void
test_settle(void)
{
	static const struct {
		UcUpdateStage stage;
		const gchar *version;
		FwupdDeviceFlags flags;
		FwupdUpdateState result;
		UcSettled settled;
	} rows[] = {
	    {UC_UPDATE_NONE, "1.0.0", 0, 0, UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_NONE, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION, 0, UC_SETTLED_STAGED},
	    {UC_UPDATE_FAILED, "1.0.0", 0, FWUPD_UPDATE_STATE_FAILED, UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_FORGOTTEN, "1.0.0", 0, 0, UC_SETTLED_LOST},
	    {UC_UPDATE_FORGOTTEN,
	     "1.0.0",
	     FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION,
	     0,
	     UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_STAGING, "1.0.0", 0, 0, UC_SETTLED_LOST},
	    {UC_UPDATE_STAGING, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION, 0, UC_SETTLED_STAGED},
	    {UC_UPDATE_STAGING, "1.1.0", 0, 0, UC_SETTLED_SUCCESS},
	    {UC_UPDATE_STAGED,
	     "1.0.0",
	     FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION,
	     0,
	     UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_STAGED, "1.0.0", 0, 0, UC_SETTLED_LOST},
	    {UC_UPDATE_STAGED, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_REBOOT, 0, UC_SETTLED_ACTIVATED},
	    {UC_UPDATE_STAGED, "1.1.0", 0, 0, UC_SETTLED_SUCCESS},
	    {UC_UPDATE_ACTIVATED, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_REBOOT, 0, UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_ACTIVATED, "1.0.0", 0, 0, UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_ACTIVATED, "1.0.0", 0, FWUPD_UPDATE_STATE_FAILED, UC_SETTLED_FAILED},
	    {UC_UPDATE_ACTIVATED, "1.0.0", 0, FWUPD_UPDATE_STATE_SUCCESS, UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_ACTIVATED, "1.1.0", 0, FWUPD_UPDATE_STATE_FAILED, UC_SETTLED_SUCCESS},
	    {UC_UPDATE_ACTIVATED, "1.1.0", FWUPD_DEVICE_FLAG_NEEDS_REBOOT, 0, UC_SETTLED_UNCHANGED},
	    {UC_UPDATE_ACTIVATED,
	     "1.0.0",
	     FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION,
	     0,
	     UC_SETTLED_STAGED},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(UcTarget) target =
		    target_new(rows[i].stage, "1.1.0", rows[i].version, rows[i].flags);

		g_test_message("row %u", i);
		if (rows[i].result != 0) {
			target->result = fwupd_device_new();
			fwupd_device_set_update_state(target->result, rows[i].result);
		}
		g_assert_cmpint(uc_target_settle(target), ==, rows[i].settled);
	}
}

static void
add_release(UcTarget *target,
	    const gchar *version,
	    const gchar *remote,
	    const gchar *sha256,
	    FwupdReleaseFlags flags)
{
	FwupdRelease *release = fwupd_release_new();

	fwupd_release_set_version(release, version);
	fwupd_release_set_remote_id(release, remote);
	fwupd_release_add_checksum(release, sha256);
	fwupd_release_set_flags(release, flags);
	g_ptr_array_add(target->releases, release);
}

static void
test_release(void)
{
	g_autoptr(UcTarget) target = target_new(UC_UPDATE_NONE, NULL, "1.0.0", 0);

	add_release(target, "9.0.0", "lvfs", SHA_ONE, FWUPD_RELEASE_FLAG_IS_UPGRADE);
	add_release(target, "8.0.0", UC_REMOTE_TESTING_ID, SHA_ONE, FWUPD_RELEASE_FLAG_IS_UPGRADE);
	add_release(target, "7.0.0", UC_REMOTE_ID, "abc", FWUPD_RELEASE_FLAG_IS_UPGRADE);
	g_assert_null(uc_target_get_release(target));
	g_assert_cmpint(uc_target_get_progress(target, FALSE), ==, UC_PROGRESS_CURRENT);
	add_release(target, "1.1.0", UC_REMOTE_ID, SHA_TWO, FWUPD_RELEASE_FLAG_IS_UPGRADE);
	add_release(target, "0.9.0", UC_REMOTE_ID, SHA_ONE, FWUPD_RELEASE_FLAG_IS_DOWNGRADE);
	g_assert_cmpstr(uc_target_get_version_new(target), ==, "1.1.0");
	g_assert_cmpint(uc_target_get_progress(target, FALSE), ==, UC_PROGRESS_AVAILABLE);
	g_assert_cmpint(uc_target_get_progress(target, TRUE), ==, UC_PROGRESS_DOWNLOADED);
	target->wanted_version = g_strdup("0.9.0");
	g_assert_cmpstr(uc_target_get_version_new(target), ==, "0.9.0");
	g_free(target->wanted_version);
	target->wanted_version = g_strdup("9.0.0");
	g_assert_null(uc_target_get_release(target));
}

static void
test_progress(void)
{
	g_autoptr(UcTarget) target =
	    target_new(UC_UPDATE_STAGED, "1.1.0", "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION);

	g_assert_cmpint(uc_target_get_progress(target, FALSE), ==, UC_PROGRESS_STAGED);
	/* a newer one is approved: it replaces what is staged */
	add_release(target, "1.2.0", UC_REMOTE_ID, SHA_TWO, FWUPD_RELEASE_FLAG_IS_UPGRADE);
	g_assert_cmpint(uc_target_get_progress(target, FALSE), ==, UC_PROGRESS_AVAILABLE);
	target->update->stage = UC_UPDATE_ACTIVATED;
	g_assert_cmpint(uc_target_get_progress(target, FALSE), ==, UC_PROGRESS_ACTIVATED);
	target->update->stage = UC_UPDATE_FAILED;
	g_assert_false(uc_target_failed_before(target));
	add_release(target, "1.1.0", UC_REMOTE_ID, SHA_ONE, 0);
	target->wanted_version = g_strdup("1.1.0");
	g_assert_true(uc_target_failed_before(target));
}

static void
test_record(void)
{
	g_autoptr(UcUpdate) update = uc_update_new("codec");
	g_autoptr(UcUpdate) again = NULL;
	g_autoptr(UcUpdate) gone = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree gchar *one = NULL;
	g_autofree gchar *two = NULL;

	uc_update_begin(update, "1.0.0", "1.1.0", SHA_ONE);
	g_assert_true(uc_update_set_stage(update, UC_UPDATE_STAGING, 1000, &error));
	again = uc_update_load("codec");
	g_assert_cmpint(again->stage, ==, UC_UPDATE_STAGING);
	g_assert_cmpstr(again->version_new, ==, "1.1.0");
	g_assert_cmpint(again->since_secs, ==, 1000);
	one = uc_update_event_uuid(update, "success");
	two = uc_update_event_uuid(again, "success");
	g_assert_cmpstr(one, ==, two);
	g_assert_true(g_uuid_string_is_valid(one));
	g_assert_true(uc_update_set_stage(update, UC_UPDATE_NONE, 1001, &error));
	gone = uc_update_load("codec");
	g_assert_cmpint(gone->stage, ==, UC_UPDATE_NONE);
}

static void
test_id(void)
{
	g_assert_false(uc_update_is_id(""));
	g_assert_false(uc_update_is_id(".."));
	g_assert_false(uc_update_is_id("a/b"));
	g_assert_true(uc_update_is_id("codec-1"));
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/target/settle", test_settle);
	g_test_add_func("/target/release", test_release);
	g_test_add_func("/target/progress", test_progress);
	g_test_add_func("/update/record", test_record);
	g_test_add_func("/update/id", test_id);
	return g_test_run();
}
