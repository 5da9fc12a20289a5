/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What fwupd's view of the device says about the attempt on record. */

#include "uc-course.h"

static gboolean
uc_course_runs_same(const UcCourseSeen *seen)
{
	return g_strcmp0(seen->version, seen->version_old) == 0;
}

/* the running version is right about success, unless it ran before too */
static gboolean
uc_course_runs_new(const UcCourse *self, const UcCourseSeen *seen)
{
	return self->image.version[0] != '\0' &&
	       g_strcmp0(seen->version, self->image.version) == 0 &&
	       !(uc_course_runs_same(seen) && seen->failed);
}

/* of what was staged the plugin's word is about that */
static gboolean
uc_course_has_succeeded(const UcCourse *self, const UcCourseSeen *seen)
{
	return seen->succeeded || uc_course_runs_new(self, seen);
}

static UcSettled
uc_course_see_staged(const UcCourse *self, const UcCourseSeen *seen)
{
	if (seen->needs_activation)
		return UC_SETTLED_UNCHANGED;
	/* also when the version that runs was installed again: the restart has still to prove it */
	if (seen->needs_reboot)
		return UC_SETTLED_ACTIVATED;
	if (uc_course_has_succeeded(self, seen))
		return UC_SETTLED_SUCCESS;
	return self->stage == UC_COURSE_WITHDRAWN ? UC_SETTLED_REVOKED : UC_SETTLED_LOST;
}

/* The restart is over, and fwupd neither waits for it nor says that anything failed: its history
 * was lost, or somebody else filled the slot anew in between. Whatever runs, a further restart
 * would not change it. */
static UcSettled
uc_course_see_rebooted(const UcCourse *self, const UcCourseSeen *seen)
{
	if (uc_course_runs_same(seen))
		return UC_SETTLED_FAILED;
	return self->image.version[0] == '\0' ? UC_SETTLED_SUCCESS : UC_SETTLED_LOST;
}

static UcSettled
uc_course_see_activated(const UcCourse *self, const UcCourseSeen *seen)
{
	if (seen->needs_activation)
		return UC_SETTLED_STAGED;
	if (seen->needs_reboot)
		return UC_SETTLED_UNCHANGED;
	if (uc_course_has_succeeded(self, seen))
		return UC_SETTLED_SUCCESS;
	if (seen->failed)
		return UC_SETTLED_FAILED;
	return self->rebooted ? uc_course_see_rebooted(self, seen) : UC_SETTLED_UNCHANGED;
}

/* The version that ran before as well says nothing: only fwupd's word, which a kill takes away. */
static gboolean
uc_course_is_installed(const UcCourse *self, const UcCourseSeen *seen)
{
	if (!uc_course_runs_new(self, seen))
		return FALSE;
	return !uc_course_runs_same(seen) || (self->filled && !seen->needs_reboot);
}

/* what failed, or was filled before, may have left the restart that it waits for */
static UcSettled
uc_course_see_staging(const UcCourse *self, const UcCourseSeen *seen)
{
	if (seen->needs_activation)
		return UC_SETTLED_STAGED;
	if (uc_course_is_installed(self, seen))
		return UC_SETTLED_SUCCESS;
	if (seen->needs_reboot && !self->replacing && self->failures == 0)
		return UC_SETTLED_ACTIVATED;
	return UC_SETTLED_LOST;
}

/**
 * uc_course_see:
 *
 * What fwupd knows and what is on record may differ after a kill, a restart, or somebody else's
 * fwupdmgr. fwupd is right about what is staged, the running version is right about success.
 *
 * Returns: what became of the attempt on record; uc_course_settle() takes it over
 */
UcSettled
uc_course_see(const UcCourse *self, const UcCourseSeen *seen)
{
	/* how it ends is not known before the health of what runs is confirmed; that it is not on
	 * offer any more does not mean that it was withdrawn */
	if (seen->on_trial)
		return self->stage == UC_COURSE_STAGED ? UC_SETTLED_ACTIVATED
						       : UC_SETTLED_UNCHANGED;
	/* what was there before, perhaps: it is not what the record says, and is filled anew */
	if (seen->needs_activation && self->replacing)
		return UC_SETTLED_UNCHANGED;
	switch (self->stage) {
	case UC_COURSE_STAGING:
		return uc_course_see_staging(self, seen);
	case UC_COURSE_STAGED:
	case UC_COURSE_WITHDRAWN:
		return uc_course_see_staged(self, seen);
	case UC_COURSE_ACTIVATED:
		return uc_course_see_activated(self, seen);
	case UC_COURSE_FORGOTTEN:
		return seen->needs_activation ? UC_SETTLED_UNCHANGED : UC_SETTLED_LOST;
	default:
		return seen->needs_activation ? UC_SETTLED_STAGED : UC_SETTLED_UNCHANGED;
	}
}
