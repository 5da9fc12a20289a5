/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-course.h"
#include "uc-room-prompt.h"

#define SHA_ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define SHA_TWO "2222222222222222222222222222222222222222222222222222222222222222"
#define NOW	1000000

static UcCourseImage
image(const gchar *version, const gchar *sha256)
{
	UcCourseImage made = {0};

	uc_course_set_image(&made, version, sha256);
	return made;
}

static void
begin(UcCourse *course, UcAction action, UcConditionId reason)
{
	const UcVerdict verdict = {.action = action, .reason = reason};

	uc_course_begin(course, &verdict, "published");
}

/* version 1.1.0 as a whole machine would stage it */
static UcCourse
staged(void)
{
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	const UcCourseSeen seen = {.version = "1.0.0", .needs_activation = TRUE};
	UcCourse course;

	uc_course_init(&course);
	course.checked = TRUE;
	g_assert_true(uc_course_take_offer(&course, &one, "published", NOW));
	begin(&course, UC_ACTION_STAGE, UC_CONDITION_UPDATE);
	uc_course_end(&course, 0);
	g_assert_cmpint(uc_course_see(&course, &seen), ==, UC_SETTLED_STAGED);
	uc_course_settle(&course, UC_SETTLED_STAGED, 0);
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_STAGED);
	return course;
}

static void
test_withdrawn(void)
{
	const UcCourseSeen still = {.version = "1.0.0", .needs_activation = TRUE};
	const UcCourseSeen gone = {.version = "1.0.0"};
	g_autoptr(UcFacts) facts = uc_facts_new();
	UcCourse course = staged();

	/* nothing counts before the service answered */
	course.checked = FALSE;
	(void)uc_course_take_offer(&course, NULL, NULL, NOW + 1);
	g_assert_false(course.withdrawn);
	course.checked = TRUE;
	(void)uc_course_take_offer(&course, NULL, NULL, NOW + 1);
	uc_course_fill_facts(&course, facts);
	g_assert_true(facts->withdrawn);
	g_assert_cmpint(facts->progress, ==, UC_PROGRESS_STAGED);
	g_assert_cmpstr(facts->version, ==, "1.1.0");
	begin(&course, UC_ACTION_REVOKE, UC_CONDITION_WITHDRAWN);
	uc_course_end(&course, NOW + 9);
	g_assert_cmpint(course.stage, ==, UC_COURSE_WITHDRAWN);
	g_assert_cmpint(course.retry_secs, ==, NOW + 9);
	g_assert_cmpint(uc_course_see(&course, &still), ==, UC_SETTLED_UNCHANGED);
	g_assert_cmpint(uc_course_see(&course, &gone), ==, UC_SETTLED_REVOKED);
	uc_course_settle(&course, UC_SETTLED_REVOKED, 0);
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_CURRENT);
	g_assert_cmpint(course.retry_secs, ==, 0);
	/* what somebody else brought was never on offer */
	course = staged();
	uc_course_set_image(&course.image, NULL, NULL);
	(void)uc_course_take_offer(&course, NULL, NULL, NOW + 1);
	g_assert_false(course.withdrawn);
}

/* the record is lost, and only the plugin says what is staged */
static void
test_lost(void)
{
	const UcCourseSeen seen = {.version = "1.0.0", .needs_activation = TRUE};
	const UcCourseSeen gone = {.version = "1.0.0"};
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	const UcCourseImage image_of_it = image("1.1.0", SHA_TWO);
	UcCourse course;

	uc_course_init(&course);
	uc_course_lose(&course, NULL, NOW);
	g_assert_cmpint(course.stage, ==, UC_COURSE_NONE);
	g_assert_true(course.discharged);
	g_assert_cmpint(course.said_no_secs, ==, NOW);
	uc_course_lose(&course, &image_of_it, NOW);
	g_assert_cmpint(uc_course_see(&course, &gone), ==, UC_SETTLED_LOST);
	g_assert_cmpint(uc_course_see(&course, &seen), ==, UC_SETTLED_STAGED);
	uc_course_settle(&course, UC_SETTLED_STAGED, 0);
	g_assert_cmpstr(uc_course_get_version(&course), ==, "1.1.0");
	/* not on offer any more: taken back; on offer in a package that was never seen: filled anew
	 */
	course.checked = TRUE;
	(void)uc_course_take_offer(&course, NULL, NULL, NOW + 1);
	g_assert_true(course.withdrawn);
	(void)uc_course_take_offer(&course, &one, NULL, NOW + 2);
	g_assert_false(course.withdrawn);
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_AVAILABLE);
}

static void
test_superseded(void)
{
	const UcCourseImage two = image("1.2.0", SHA_TWO);
	UcCourse course = staged();

	uc_course_answer(&course, FALSE, NOW + 5);
	g_assert_false(uc_course_take_offer(&course, &two, "published", NOW + 10));
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_AVAILABLE);
	g_assert_cmpstr(uc_course_get_version(&course), ==, "1.2.0");
	/* snooze and deadline carry over */
	g_assert_cmpint(course.said_no_secs, ==, NOW + 5);
	g_assert_cmpint(course.first_seen_secs, ==, NOW);
	course.stage = UC_COURSE_ACTIVATED;
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_ACTIVATED);
}

/* a write that failed leaves in the slot what was there before, which nobody wants any more */
static void
test_replaced(void)
{
	const UcCourseImage two = image("1.2.0", SHA_TWO);
	const UcCourseSeen still = {.version = "1.0.0", .needs_activation = TRUE};
	const UcCourseSeen gone = {.version = "1.0.0"};
	UcCourse course = staged();
	UcCourse killed;

	(void)uc_course_take_offer(&course, &two, "published", NOW + 10);
	begin(&course, UC_ACTION_STAGE, UC_CONDITION_UPDATE);
	killed = course;
	uc_course_fail(&course, NOW + 20);
	g_assert_cmpint(uc_course_see(&course, &still), ==, UC_SETTLED_UNCHANGED);
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_AVAILABLE);
	/* neither does the record of before a kill say which of them it is */
	uc_course_boot(&killed, FALSE);
	g_assert_cmpint(uc_course_see(&killed, &still), ==, UC_SETTLED_UNCHANGED);
	g_assert_cmpint(uc_course_see(&killed, &gone), ==, UC_SETTLED_LOST);
	/* again, and now it works */
	begin(&course, UC_ACTION_STAGE, UC_CONDITION_UPDATE);
	uc_course_end(&course, 0);
	g_assert_cmpint(uc_course_see(&course, &still), ==, UC_SETTLED_STAGED);
	uc_course_settle(&course, UC_SETTLED_STAGED, 0);
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_STAGED);
	g_assert_cmpstr(uc_course_get_version(&course), ==, "1.2.0");
}

static void
test_first_update(void)
{
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	UcCourse course;

	uc_course_init(&course);
	g_assert_false(uc_course_take_offer(&course, NULL, NULL, NOW));
	g_assert_false(course.discharged);
	course.checked = TRUE;
	(void)uc_course_take_offer(&course, &one, NULL, NOW);
	g_assert_false(course.discharged);
	g_assert_true(uc_course_take_offer(&course, NULL, NULL, NOW));
	g_assert_true(course.discharged);
	g_assert_cmpint(course.first_seen_secs, ==, 0);
}

static void
test_second_step(void)
{
	static const gchar *const metadata[] = {"published", "another"};
	const UcCourseImage two = image("2.0.0", SHA_TWO);
	const UcCourseSeen seen = {.version = "1.1.0"};

	for (guint i = 0; i < G_N_ELEMENTS(metadata); i++) {
		UcCourse course = staged();

		begin(&course, UC_ACTION_ACTIVATE, UC_CONDITION_IDLE);
		uc_course_end(&course, 0);
		begin(&course, UC_ACTION_RESTART, UC_CONDITION_IDLE);
		uc_course_boot(&course, TRUE);
		g_assert_false(course.restarted);
		g_assert_cmpint(uc_course_see(&course, &seen), ==, UC_SETTLED_SUCCESS);
		uc_course_settle(&course, UC_SETTLED_SUCCESS, 0);
		g_assert_true(uc_course_take_offer(&course, &two, metadata[i], NOW + 60));
		/* another publication is another update */
		g_assert_cmpint(course.second_step, ==, i == 0);
	}
}

/* an activation that did not work, and then the version is blocked for a while: when it comes back
 * it is as any other, and not the second of two steps, which would not wait for the window */
static void
test_no_first_step(void)
{
	static const UcSettled ends[] = {UC_SETTLED_REVOKED, UC_SETTLED_LOST, UC_SETTLED_STAGED};
	const UcCourseImage one = image("1.1.0", SHA_ONE);

	for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
		UcCourse course = staged();

		begin(&course, UC_ACTION_ACTIVATE, UC_CONDITION_IDLE);
		uc_course_fail(&course, NOW + 20);
		uc_course_settle(&course, ends[i], NOW + 20);
		course.stage = UC_COURSE_NONE;
		(void)uc_course_take_offer(&course, &one, "published", NOW + 60);
		g_assert_false(course.second_step);
	}
}

/* a human picked an older version and was interrupted, and the shutdown switches to it: the newer
 * one that is on offer all the time is no second step */
static void
test_picked_before(void)
{
	const UcCourseImage two = image("2.0.0", SHA_TWO);
	UcCourse course = staged();

	for (guint i = 0; i < 2; i++) {
		UcCourse copy = course;

		/* or somebody else brought it */
		if (i == 1)
			uc_course_set_image(&copy.image, NULL, NULL);
		(void)uc_course_take_offer(&copy, NULL, "published", NOW + 10);
		begin(&copy, UC_ACTION_ACTIVATE, UC_CONDITION_SHUTDOWN);
		uc_course_end(&copy, 0);
		uc_course_boot(&copy, TRUE);
		uc_course_settle(&copy, UC_SETTLED_SUCCESS, 0);
		(void)uc_course_take_offer(&copy, &two, "published", NOW + 60);
		g_assert_false(copy.second_step);
	}
}

/* a human wants the version that was just installed once more: that makes nothing mandatory */
static void
test_picked_meanwhile(void)
{
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	const UcCourseImage two = image("2.0.0", SHA_TWO);
	UcCourse course = staged();

	begin(&course, UC_ACTION_ACTIVATE, UC_CONDITION_IDLE);
	uc_course_end(&course, 0);
	uc_course_boot(&course, TRUE);
	uc_course_settle(&course, UC_SETTLED_SUCCESS, 0);
	uc_course_want(&course, "1.1.0", FALSE);
	(void)uc_course_take_offer(&course, &one, "published", NOW + 60);
	g_assert_false(course.second_step);
	/* and takes nothing away from the step that is to come */
	uc_course_clear_human(&course);
	(void)uc_course_take_offer(&course, &two, "published", NOW + 60);
	g_assert_true(course.second_step);
}

static void
test_fallback(void)
{
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	const UcCourseImage two = image("1.2.0", SHA_TWO);
	const UcCourseSeen seen = {.version = "1.0.0", .failed = TRUE};
	UcCourse course = staged();

	begin(&course, UC_ACTION_ACTIVATE, UC_CONDITION_IDLE);
	uc_course_end(&course, 0);
	uc_course_boot(&course, TRUE);
	g_assert_cmpint(uc_course_see(&course, &seen), ==, UC_SETTLED_FAILED);
	uc_course_settle(&course, UC_SETTLED_FAILED, 0);
	(void)uc_course_take_offer(&course, &one, "published", NOW + 60);
	g_assert_true(uc_course_failed_before(&course));
	(void)uc_course_take_offer(&course, &two, "published", NOW + 60);
	g_assert_false(uc_course_failed_before(&course));
	/* the newer one was tried, and then taken back: the older one is as bad as it was */
	begin(&course, UC_ACTION_STAGE, UC_CONDITION_UPDATE);
	uc_course_end(&course, 0);
	uc_course_settle(&course, UC_SETTLED_LOST, 0);
	(void)uc_course_take_offer(&course, &one, "published", NOW + 90);
	g_assert_true(uc_course_failed_before(&course));
}

/* the running version once more: that it runs does not say that the restart is over */
static void
test_reinstall(void)
{
	const UcCourseSeen waits = {.version = "1.1.0", .needs_reboot = TRUE};
	const UcCourseSeen runs = {.version = "1.1.0", .version_old = "1.1.0"};
	const UcCourseSeen trial = {.version = "1.1.0", .version_old = "1.1.0", .on_trial = TRUE};
	const UcCourseSeen fell = {.version = "1.1.0", .version_old = "1.1.0", .failed = TRUE};
	UcCourse course = staged();

	g_assert_cmpint(uc_course_see(&course, &waits), ==, UC_SETTLED_ACTIVATED);
	/* nobody was there to see how it was activated */
	g_assert_cmpint(uc_course_see(&course, &trial), ==, UC_SETTLED_ACTIVATED);
	uc_course_settle(&course, UC_SETTLED_ACTIVATED, 0);
	g_assert_cmpint(uc_course_see(&course, &waits), ==, UC_SETTLED_UNCHANGED);
	g_assert_cmpint(uc_course_see(&course, &runs), ==, UC_SETTLED_SUCCESS);
	/* nor that it is the one that was installed */
	g_assert_cmpint(uc_course_see(&course, &trial), ==, UC_SETTLED_UNCHANGED);
	g_assert_cmpint(uc_course_see(&course, &fell), ==, UC_SETTLED_FAILED);
}

/* and written in its place: whether it was written at all only fwupd can say */
static void
test_reinstall_in_place(void)
{
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	const UcCourseSeen same = {.version = "1.1.0", .version_old = "1.1.0"};
	const UcCourseSeen waits = {.version = "1.1.0",
				    .version_old = "1.1.0",
				    .needs_reboot = TRUE};
	UcCourse course;
	UcCourse copy;

	uc_course_init(&course);
	uc_course_want(&course, "1.1.0", FALSE);
	(void)uc_course_take_offer(&course, &one, "published", NOW);
	begin(&course, UC_ACTION_STAGE, UC_CONDITION_HUMAN);
	copy = course;
	/* killed meanwhile, before or after the write */
	uc_course_boot(&copy, FALSE);
	g_assert_cmpint(uc_course_see(&copy, &same), ==, UC_SETTLED_LOST);
	g_assert_cmpint(uc_course_see(&copy, &waits), ==, UC_SETTLED_ACTIVATED);
	/* refused */
	copy = course;
	uc_course_fail(&copy, NOW + 60);
	g_assert_cmpint(uc_course_see(&copy, &same), ==, UC_SETTLED_LOST);
	/* worked; with a restart that has still to prove it, or without one */
	uc_course_end(&course, 0);
	g_assert_cmpint(uc_course_see(&course, &waits), ==, UC_SETTLED_ACTIVATED);
	g_assert_cmpint(uc_course_see(&course, &same), ==, UC_SETTLED_SUCCESS);
	/* and that is about this one only */
	uc_course_settle(&course, UC_SETTLED_SUCCESS, 0);
	g_assert_false(course.filled);
}

/* the same by somebody else: which version it was is not known, and how it ended the plugin says */
static void
test_reinstall_by_somebody(void)
{
	const UcCourseSeen fell = {.version = "1.1.0", .version_old = "1.1.0", .failed = TRUE};
	const UcCourseSeen lost = {.version = "1.1.0", .version_old = "1.1.0"};
	const UcCourseSeen good = {.version = "1.1.0", .version_old = "1.1.0", .succeeded = TRUE};
	UcCourse course = staged();

	uc_course_set_image(&course.image, NULL, NULL);
	g_assert_cmpint(uc_course_see(&course, &good), ==, UC_SETTLED_SUCCESS);
	g_assert_cmpint(uc_course_see(&course, &lost), ==, UC_SETTLED_LOST);
	uc_course_settle(&course, UC_SETTLED_ACTIVATED, 0);
	g_assert_cmpint(uc_course_see(&course, &good), ==, UC_SETTLED_SUCCESS);
	g_assert_cmpint(uc_course_see(&course, &lost), ==, UC_SETTLED_UNCHANGED);
	uc_course_boot(&course, TRUE);
	g_assert_cmpint(uc_course_see(&course, &fell), ==, UC_SETTLED_FAILED);
	g_assert_cmpint(uc_course_see(&course, &lost), ==, UC_SETTLED_FAILED);
	g_assert_cmpint(uc_course_see(&course, &good), ==, UC_SETTLED_SUCCESS);
}

/* a device without a second slot, as `[Agent] Devices=` may name one */
static void
test_reboot_only(void)
{
	const UcCourseImage one = image("1.1.0", SHA_ONE);
	const UcCourseSeen waits = {.version = "1.0.0", .needs_reboot = TRUE};
	const UcCourseSeen runs = {.version = "1.1.0"};
	const UcCourseSeen fell = {.version = "1.0.0", .failed = TRUE};
	UcCourse course;
	UcCourse copy;

	uc_course_init(&course);
	course.checked = TRUE;
	(void)uc_course_take_offer(&course, &one, "published", NOW);
	begin(&course, UC_ACTION_STAGE, UC_CONDITION_UPDATE);
	copy = course;
	uc_course_end(&course, 0);
	g_assert_cmpint(uc_course_see(&course, &waits), ==, UC_SETTLED_ACTIVATED);
	uc_course_settle(&course, UC_SETTLED_ACTIVATED, 0);
	g_assert_cmpint(uc_course_get_progress(&course), ==, UC_PROGRESS_ACTIVATED);
	g_assert_cmpstr(uc_course_get_version(&course), ==, "1.1.0");
	g_assert_cmpint(course.failures, ==, 0);
	g_assert_cmpint(uc_course_see(&course, &waits), ==, UC_SETTLED_UNCHANGED);
	uc_course_boot(&course, TRUE);
	g_assert_cmpint(uc_course_see(&course, &runs), ==, UC_SETTLED_SUCCESS);
	g_assert_cmpint(uc_course_see(&course, &fell), ==, UC_SETTLED_FAILED);
	/* the restart was missing before, and this attempt did not work */
	uc_course_fail(&copy, NOW + 20);
	g_assert_cmpint(uc_course_see(&copy, &waits), ==, UC_SETTLED_LOST);
	/* the slot was filled before: who knows with what */
	copy = staged();
	begin(&copy, UC_ACTION_STAGE, UC_CONDITION_UPDATE);
	g_assert_cmpint(uc_course_see(&copy, &waits), ==, UC_SETTLED_LOST);
}

/* the restart was, and fwupd waits for nothing and says nothing: no further restart helps */
static void
test_rebooted(void)
{
	static const struct {
		const gchar *version;
		const gchar *image; /* NULL when somebody else brought it */
		UcSettled settled;
	} rows[] = {{"1.0.0", "1.1.0", UC_SETTLED_FAILED},
		    {"1.1.0", "1.1.0", UC_SETTLED_SUCCESS},
		    {"1.2.0", "1.1.0", UC_SETTLED_LOST},
		    {"1.0.0", NULL, UC_SETTLED_FAILED},
		    {"1.2.0", NULL, UC_SETTLED_SUCCESS}};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const UcCourseSeen waits = {.version = "1.0.0",
					    .version_old = "1.0.0",
					    .needs_reboot = TRUE};
		const UcCourseSeen seen = {.version = rows[i].version, .version_old = "1.0.0"};
		UcCourse course = staged();

		g_test_message("row %u", i);
		if (rows[i].image == NULL)
			uc_course_set_image(&course.image, NULL, NULL);
		begin(&course, UC_ACTION_ACTIVATE, UC_CONDITION_IDLE);
		uc_course_end(&course, 0);
		uc_course_boot(&course, FALSE);
		if (rows[i].settled != UC_SETTLED_SUCCESS)
			g_assert_cmpint(uc_course_see(&course, &seen), ==, UC_SETTLED_UNCHANGED);
		uc_course_boot(&course, TRUE);
		g_assert_cmpint(uc_course_see(&course, &waits), ==, UC_SETTLED_UNCHANGED);
		g_assert_cmpint(uc_course_see(&course, &seen), ==, rows[i].settled);
		/* it is about the last restart only */
		uc_course_settle(&course, rows[i].settled, 0);
		g_assert_false(course.rebooted);
	}
}

static void
test_answers(void)
{
	g_autoptr(UcFacts) facts = uc_facts_new();
	UcCourse course = staged();

	course.restarted = TRUE;
	uc_course_answer(&course, TRUE, NOW);
	g_assert_false(course.restarted);
	uc_course_fill_facts(&course, facts);
	g_assert_cmpint(facts->prompt, ==, UC_PROMPT_ACCEPTED);
	/* a call between the answer and the restart holds it */
	uc_course_call(&course);
	g_assert_false(course.accepted);
	uc_course_answer(&course, FALSE, NOW + 1);
	g_assert_cmpint(course.said_no_secs, ==, NOW + 1);
	/* nobody answered */
	begin(&course, UC_ACTION_ACTIVATE, UC_CONDITION_PROMPT);
	g_assert_true(course.accepted);
	uc_course_boot(&course, FALSE);
	g_assert_false(course.accepted);
	g_assert_cmpint(course.said_no_secs, ==, NOW + 1);
}

static void
test_failure(void)
{
	UcCourse course = staged();
	UcCourse copy;

	uc_course_want(&course, "1.1.0", TRUE);
	begin(&course, UC_ACTION_RESTART, UC_CONDITION_HUMAN);
	g_assert_true(course.restart_asked);
	uc_course_fail(&course, NOW + 7);
	g_assert_false(course.restart_asked);
	g_assert_false(course.human_now);
	g_assert_cmpint(course.retry_secs, ==, NOW + 7);
	copy = course;
	g_assert_true(uc_course_equal(&copy, &course));
	g_assert_cmpint(uc_course_hash(&copy), ==, uc_course_hash(&course));
	uc_course_forget(&course);
	g_assert_cmpint(course.stage, ==, UC_COURSE_FORGOTTEN);
	g_assert_false(uc_course_equal(&copy, &course));
}

static void
test_idle(void)
{
	UcCourse course;

	uc_course_init(&course);
	g_assert_true(uc_course_idle(&course, NOW));
	g_assert_false(uc_course_idle(&course, NOW + 3599));
	g_assert_true(uc_course_idle(&course, NOW + 3600));
}

static void
test_prompt(void)
{
	g_autoptr(UcFacts) facts = uc_facts_new();
	UcRoomPrompt prompt;

	facts->use = UC_USE_NONE;
	uc_room_prompt_init(&prompt);
	uc_room_prompt_fill_facts(&prompt, 500, facts);
	g_assert_cmpint(facts->prompt, ==, UC_PROMPT_NONE);
	uc_room_prompt_show(&prompt, 100);
	uc_room_prompt_show(&prompt, 150); /* goes on */
	uc_room_prompt_fill_facts(&prompt, 160, facts);
	g_assert_cmpint(facts->prompt_shown_secs, ==, 60);
	g_assert_cmpint(facts->prompt_input_secs, ==, -1);
	g_assert_cmpint(facts->idle_secs, ==, 60); /* nobody who is asked is here */
	facts->idle_secs = 5;
	uc_room_prompt_input(&prompt, 150);
	uc_room_prompt_fill_facts(&prompt, 160, facts);
	g_assert_cmpint(facts->prompt_input_secs, ==, 10);
	g_assert_cmpint(facts->idle_secs, ==, 10);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/course/withdrawn", test_withdrawn);
	g_test_add_func("/course/lost", test_lost);
	g_test_add_func("/course/superseded", test_superseded);
	g_test_add_func("/course/replaced", test_replaced);
	g_test_add_func("/course/first-update", test_first_update);
	g_test_add_func("/course/second-step", test_second_step);
	g_test_add_func("/course/no-first-step", test_no_first_step);
	g_test_add_func("/course/picked-before", test_picked_before);
	g_test_add_func("/course/picked-meanwhile", test_picked_meanwhile);
	g_test_add_func("/course/fallback", test_fallback);
	g_test_add_func("/course/reboot-only", test_reboot_only);
	g_test_add_func("/course/reinstall", test_reinstall);
	g_test_add_func("/course/reinstall-in-place", test_reinstall_in_place);
	g_test_add_func("/course/reinstall-by-somebody", test_reinstall_by_somebody);
	g_test_add_func("/course/rebooted", test_rebooted);
	g_test_add_func("/course/answers", test_answers);
	g_test_add_func("/course/failure", test_failure);
	g_test_add_func("/course/idle", test_idle);
	g_test_add_func("/course/prompt", test_prompt);
	return g_test_run();
}
