/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-names.h"
#include "uc-target.h"
#include "uc-test-state.h"

#define SHA_ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define SHA_TWO "2222222222222222222222222222222222222222222222222222222222222222"

static UcTarget *
target_new(UcCourseStage stage,
	   const gchar *version_new,
	   const gchar *version,
	   FwupdDeviceFlags flags)
{
	UcTarget *target = uc_target_new("codec");

	g_assert_cmpint(target->update->course.stage, ==, UC_COURSE_NONE);
	uc_course_set_image(&target->update->course.image, version_new, SHA_ONE);
	target->update->course.stage = stage;
	target->device = fwupd_device_new();
	fwupd_device_set_version(target->device, version);
	fwupd_device_set_flags(target->device, flags);
	return target;
}

static void
test_settle(void)
{
	static const struct {
		UcCourseStage stage;
		const gchar *version;
		FwupdDeviceFlags flags;
		FwupdUpdateState result;
		UcSettled settled;
	} rows[] = {
	    {UC_COURSE_NONE, "1.0.0", 0, 0, UC_SETTLED_UNCHANGED},
	    {UC_COURSE_NONE, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION, 0, UC_SETTLED_STAGED},
	    {UC_COURSE_FAILED, "1.0.0", 0, FWUPD_UPDATE_STATE_FAILED, UC_SETTLED_UNCHANGED},
	    {UC_COURSE_FORGOTTEN, "1.0.0", 0, 0, UC_SETTLED_LOST},
	    {UC_COURSE_FORGOTTEN,
	     "1.0.0",
	     FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION,
	     0,
	     UC_SETTLED_UNCHANGED},
	    {UC_COURSE_WITHDRAWN, "1.0.0", 0, 0, UC_SETTLED_REVOKED},
	    {UC_COURSE_WITHDRAWN,
	     "1.0.0",
	     FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION,
	     0,
	     UC_SETTLED_UNCHANGED},
	    {UC_COURSE_STAGING, "1.0.0", 0, 0, UC_SETTLED_LOST},
	    {UC_COURSE_STAGING, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION, 0, UC_SETTLED_STAGED},
	    {UC_COURSE_STAGING, "1.1.0", 0, 0, UC_SETTLED_SUCCESS},
	    {UC_COURSE_STAGED,
	     "1.0.0",
	     FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION,
	     0,
	     UC_SETTLED_UNCHANGED},
	    {UC_COURSE_STAGED, "1.0.0", 0, 0, UC_SETTLED_LOST},
	    {UC_COURSE_STAGED, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_REBOOT, 0, UC_SETTLED_ACTIVATED},
	    {UC_COURSE_STAGED, "1.1.0", 0, 0, UC_SETTLED_SUCCESS},
	    {UC_COURSE_ACTIVATED, "1.0.0", FWUPD_DEVICE_FLAG_NEEDS_REBOOT, 0, UC_SETTLED_UNCHANGED},
	    {UC_COURSE_ACTIVATED, "1.0.0", 0, 0, UC_SETTLED_UNCHANGED},
	    {UC_COURSE_ACTIVATED, "1.0.0", 0, FWUPD_UPDATE_STATE_FAILED, UC_SETTLED_FAILED},
	    {UC_COURSE_ACTIVATED, "1.0.0", 0, FWUPD_UPDATE_STATE_SUCCESS, UC_SETTLED_UNCHANGED},
	    {UC_COURSE_ACTIVATED, "1.1.0", 0, FWUPD_UPDATE_STATE_FAILED, UC_SETTLED_SUCCESS},
	    {UC_COURSE_ACTIVATED, "1.1.0", FWUPD_DEVICE_FLAG_NEEDS_REBOOT, 0, UC_SETTLED_UNCHANGED},
	    {UC_COURSE_ACTIVATED,
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
add_release(UcTarget *target, const gchar *version, const gchar *remote, const gchar *sha256)
{
	FwupdRelease *release = fwupd_release_new();

	fwupd_release_set_version(release, version);
	fwupd_release_set_remote_id(release, remote);
	fwupd_release_add_checksum(release, sha256);
	g_ptr_array_add(target->releases, release);
}

static void
test_release(void)
{
	g_autoptr(UcTarget) target = target_new(UC_COURSE_NONE, NULL, "1.0.0", 0);

	add_release(target, "9.0.0", "lvfs", SHA_ONE);
	add_release(target, "7.0.0", UC_REMOTE_ID, "abc");
	g_assert_null(uc_target_find_version(target, "9.0.0"));
	g_assert_null(uc_target_find_version(target, "7.0.0"));
	add_release(target, "1.1.0", UC_REMOTE_TESTING_ID, SHA_ONE);
	g_assert_true(uc_target_is_pending(uc_target_find_version(target, "1.1.0")));
	add_release(target, "1.1.0", UC_REMOTE_ID, SHA_TWO);
	g_assert_false(uc_target_is_pending(uc_target_find_version(target, "1.1.0")));
	g_assert_null(uc_target_get_release(target));
	uc_course_set_image(&target->update->course.offer, "1.1.0", SHA_ONE);
	g_assert_true(uc_target_is_pending(uc_target_get_release(target)));
}

static void
test_record(void)
{
	g_autoptr(UcUpdate) update = uc_update_new("codec");
	g_autoptr(UcUpdate) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree gchar *one = NULL;
	g_autofree gchar *two = NULL;
	UcCourse next = update->course;

	uc_update_begin(update, "1.0.0");
	next.stage = UC_COURSE_STAGING;
	next.said_no_secs = 900;
	next.discharged = TRUE;
	next.human_now = TRUE; /* not durable */
	uc_course_set_image(&next.image, "1.1.0", SHA_ONE);
	g_assert_true(uc_update_save(update, &next, 1000, &error));
	again = uc_update_load("codec");
	g_assert_cmpint(again->course.stage, ==, UC_COURSE_STAGING);
	g_assert_cmpstr(again->course.image.version, ==, "1.1.0");
	g_assert_cmpint(again->course.said_no_secs, ==, 900);
	g_assert_true(again->course.discharged);
	g_assert_false(again->course.human_now);
	g_assert_cmpint(again->since_secs, ==, 1000);
	one = uc_update_event_uuid(update, "success");
	two = uc_update_event_uuid(again, "success");
	g_assert_cmpstr(one, ==, two);
	g_assert_true(g_uuid_string_is_valid(one));
}

/* a restart that the agent asked for is no reason to ask people by day */
static void
test_boot(void)
{
	g_autoptr(UcUpdate) update = uc_update_load("phone");
	UcCourse next;

	g_assert_true(uc_update_boot(update, "one", 1000, NULL));
	g_assert_true(update->course.restarted); /* first pairing */
	next = update->course;
	uc_course_answer(&next, FALSE, 2000);
	g_assert_true(uc_update_save(update, &next, 2000, NULL));
	g_assert_true(uc_update_boot(update, "one", 2000, NULL));
	g_assert_false(update->course.restarted);
	next.restart_asked = TRUE;
	g_assert_true(uc_update_save(update, &next, 2000, NULL));
	uc_update_free(g_steal_pointer(&update));
	update = uc_update_load("phone");
	g_assert_true(update->course.restart_asked);
	g_assert_true(uc_update_boot(update, "two", 3000, NULL));
	g_assert_false(update->course.restarted);
	g_assert_cmpint(update->course.said_no_secs, ==, 2000);
	g_assert_true(uc_update_boot(update, "three", 4000, NULL));
	g_assert_true(update->course.restarted);
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
	g_test_add_func("/update/record", test_record);
	g_test_add_func("/update/boot", test_boot);
	g_test_add_func("/update/id", test_id);
	return g_test_run();
}
