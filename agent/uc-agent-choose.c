/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose policy, and which release: what is known before anything is decided about an endpoint. */

#include "uc-agent-private.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-names.h"
#include "uc-offers.h"
#include "uc-policy-select.h"
#include "uc-release-choice.h"
#include "uc-rollout.h"
#include "uc-version.h"

/**
 * uc_agent_select_policy:
 * @target: (nullable): %NULL for the machine without any device
 *
 * Returns: (transfer full): the organisation's policy for it, narrowed by the local configuration
 */
UcPolicy *
uc_agent_select_policy(UcAgent *self, UcTarget *target)
{
	const UcEndpoint *endpoint = target != NULL ? target->endpoint : NULL;
	const UcSubject subject = {
	    .endpoint = target != NULL ? target->id : NULL,
	    .vendor = endpoint != NULL ? endpoint->vendor : NULL,
	    .model = endpoint != NULL ? endpoint->model : NULL,
	    .group = self->group,
	    .serial = endpoint != NULL ? endpoint->serial : NULL,
	    .mac_address = endpoint != NULL ? endpoint->mac_address : NULL,
	    .identity = endpoint != NULL ? endpoint->identity : NULL,
	};
	const UcPolicyLimits limits = {
	    .idle_secs = self->idle_min_secs,
	    .windows = self->windows,
	    .first_update_normal = self->first_update_normal,
	};
	UcPolicy *policy = uc_policy_select(uc_service_link_get_policy(self->link), &subject);

	uc_policy_narrow(policy, &limits);
	return policy;
}

/* what is staged already stays a candidate when its rollout is halted: it is held, and no older one
 * takes its place */
static gboolean
uc_agent_is_reached(UcAgent *self, UcTarget *target, const UcPolicy *policy, FwupdRelease *release)
{
	const UcCourse *course = &target->update->course;
	const gchar *version = fwupd_release_get_version(release);

	if (course->stage == UC_COURSE_STAGED &&
	    g_str_equal(course->image.sha256, uc_target_get_sha256(release)))
		return TRUE;
	return uc_rollout_reaches(policy, target->id, version, uc_agent_now_secs(self));
}

static GArray *
uc_agent_list_candidates(UcAgent *self, UcTarget *target, const UcPolicy *policy)
{
	GArray *candidates = g_array_new(FALSE, FALSE, sizeof(UcCandidate));

	for (guint i = 0; i < target->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(target->releases, i);
		UcCandidate candidate = {fwupd_release_get_version(release),
					 uc_target_is_pending(release)};

		if (!uc_target_is_ours(release) || candidate.version == NULL)
			continue;
		candidate.waits = !uc_agent_is_reached(self, target, policy, release);
		g_array_append_val(candidates, candidate);
	}
	return candidates;
}

/* said in the status, because nobody sees why nothing happens otherwise */
static void
uc_agent_note_missing(UcTarget *target, const UcPolicy *policy, UcChoiceReason reason)
{
	const gchar *version = policy->device_version != NULL ? policy->device_version
							      : policy->use_version;

	g_clear_pointer(&target->missing, g_free);
	if (reason == UC_CHOICE_MISSING)
		target->missing = g_strdup(version);
}

static const gchar *
uc_agent_choose_version(UcAgent *self, UcTarget *target, const UcPolicy *policy)
{
	g_autoptr(GArray) candidates = uc_agent_list_candidates(self, target, policy);
	const gchar *current = fwupd_device_get_version(target->device);
	UcChoiceReason reason = UC_CHOICE_NOTHING;
	const UcCandidate *candidate = NULL;

	candidate = uc_release_choose(policy,
				      (const UcCandidate *)(gpointer)candidates->data,
				      candidates->len,
				      current != NULL ? current : "",
				      uc_version_compare,
				      &reason);
	uc_agent_note_missing(target, policy, reason);
	return candidate != NULL ? candidate->version : NULL;
}

static FwupdRelease *
uc_agent_choose_release(UcAgent *self, UcTarget *target, const UcPolicy *policy)
{
	const gchar *version = target->update->course.wanted;

	if (version[0] == '\0')
		version = uc_agent_choose_version(self, target, policy);
	return version != NULL ? uc_target_find_version(target, version) : NULL;
}

/**
 * uc_agent_describe_offers:
 * @policy: from uc_agent_select_policy()
 * @facts: gets `running` and `offers`, so that `explain --facts` can choose anew
 */
void
uc_agent_describe_offers(UcAgent *self, UcTarget *target, const UcPolicy *policy, JsonObject *facts)
{
	g_autoptr(GArray) candidates = uc_agent_list_candidates(self, target, policy);

	uc_offers_write(facts,
			fwupd_device_get_version(target->device),
			(const UcCandidate *)(gpointer)candidates->data,
			candidates->len);
}

/**
 * uc_agent_save:
 * @next: what the course becomes
 *
 * Returns: whether it is on the disk; if not, the course is as before, and that was said
 */
gboolean
uc_agent_save(UcAgent *self, UcTarget *target, const UcCourse *next)
{
	g_autoptr(GError) error = NULL;

	if (uc_update_save(target->update, next, uc_agent_now_secs(self), &error))
		return TRUE;
	g_warning("%s: %s", target->id, error->message);
	return FALSE;
}

/* taken back while a human waits for it: that is no reason to install another one at once, nor does
 * it say anything about what is staged */
static void
uc_agent_check_wanted(UcTarget *target)
{
	UcCourse *course = &target->update->course;
	g_autoptr(GError) error = NULL;

	if (course->wanted[0] == '\0' || uc_target_find_version(target, course->wanted) != NULL)
		return;
	error = g_error_new(UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "version %s is not on offer for %s any more",
			    course->wanted,
			    target->id);
	uc_agent_answer(target, error);
	uc_course_clear_human(course);
}

/**
 * uc_agent_choose:
 * @policy: from uc_agent_select_policy()
 *
 * Finds out what is to be installed. What cannot be saved is found out anew the next time.
 */
void
uc_agent_choose(UcAgent *self, UcTarget *target, const UcPolicy *policy)
{
	FwupdRelease *release = NULL;
	UcCourse next;
	UcCourseImage offer = {0};

	if (target->listed)
		uc_agent_check_wanted(target);
	release = uc_agent_choose_release(self, target, policy);
	if (release == NULL && !target->listed)
		return;
	next = target->update->course;
	if (release != NULL)
		uc_course_set_image(&offer,
				    fwupd_release_get_version(release),
				    uc_target_get_sha256(release));
	next.downloaded = release != NULL && uc_downloads_has(uc_target_get_sha256(release));
	next.checked = self->last_check_secs != 0;
	if (uc_course_take_offer(&next,
				 release != NULL ? &offer : NULL,
				 uc_state_get_metadata(self->state, UC_REMOTE_ID),
				 uc_agent_now_secs(self)))
		(void)uc_agent_save(self, target, &next);
	else
		target->update->course = next;
}

/**
 * uc_agent_get_rollout_secs:
 * @policy: from uc_agent_select_policy()
 *
 * Another release than the one that was chosen may come to the endpoint first.
 *
 * Returns: when the next one that is on offer does, seconds since the Unix epoch; -1 for never
 */
gint64
uc_agent_get_rollout_secs(UcAgent *self, UcTarget *target, const UcPolicy *policy)
{
	gint64 next_secs = -1;

	for (guint i = 0; i < target->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(target->releases, i);
		gint64 at_secs = -1;

		if (!uc_target_is_ours(release))
			continue;
		at_secs = uc_rollout_get_next_secs(policy,
						   target->id,
						   fwupd_release_get_version(release),
						   uc_agent_now_secs(self));
		if (at_secs >= 0 && (next_secs < 0 || at_secs < next_secs))
			next_secs = at_secs;
	}
	return next_secs;
}
