/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-json.h"
#include "uc-sha256.h"
#include "uc-staged-record.h"
#include "uc-state-file.h"
#include "uc-update.h"

#define UC_UPDATE_FORMAT "ucupdates-update-1"

static const gchar *const uc_update_stages[] =
    {"none", "staging", "staged", "activated", "failed", "forgotten", "withdrawn"};

G_STATIC_ASSERT(G_N_ELEMENTS(uc_update_stages) == UC_COURSE_LAST);

/* the durable members of the course; another release ignores what it does not know, and takes what
 * is missing for false or never */
static const struct {
	const gchar *name;
	goffset offset;
} uc_update_times[] =
    {
	{"first_seen", offsetof(UcCourse, first_seen_secs)},
	{"said_no", offsetof(UcCourse, said_no_secs)},
	{"last_idle", offsetof(UcCourse, last_idle_secs)},
},
  uc_update_flags[] = {
      {"discharged", offsetof(UcCourse, discharged)},
      {"second_step", offsetof(UcCourse, second_step)},
      {"restarted", offsetof(UcCourse, restarted)},
      {"restart_asked", offsetof(UcCourse, restart_asked)},
      {"replacing", offsetof(UcCourse, replacing)},
      {"rebooted", offsetof(UcCourse, rebooted)},
};

/**
 * uc_update_is_id:
 * @endpoint: the `Id` of an endpoint, or a fwupd device id
 *
 * Returns: whether it can be the name of a file
 */
gboolean
uc_update_is_id(const gchar *endpoint)
{
	gsize length = strlen(endpoint);

	return length > 0 && length <= 64 && endpoint[0] != '.' &&
	       strspn(endpoint,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		   length;
}

static gchar *
uc_update_get_name(const gchar *endpoint)
{
	return g_strdup_printf("updates/%s.json", endpoint);
}

UcUpdate *
uc_update_new(const gchar *endpoint)
{
	UcUpdate *self = g_new0(UcUpdate, 1);

	self->endpoint = g_strdup(endpoint);
	uc_course_init(&self->course);
	return self;
}

void
uc_update_free(UcUpdate *self)
{
	g_free(self->endpoint);
	g_free(self->uuid);
	g_free(self->version_old);
	g_free(self->boot_id);
	g_free(self->stage_boot_id);
	g_free(self);
}

static void
uc_update_read_course(UcUpdate *self, JsonObject *object)
{
	g_autofree gchar *stage = uc_state_file_get_text(object, "stage");
	g_autofree gchar *version = uc_state_file_get_text(object, "version_new");
	g_autofree gchar *sha256 = uc_state_file_get_text(object, "sha256");
	g_autofree gchar *metadata = uc_state_file_get_text(object, "metadata");
	g_autofree gchar *fallen = uc_state_file_get_text(object, "fallen");
	g_auto(GStrv) sha256s = g_strsplit(fallen != NULL ? fallen : "", " ", UC_COURSE_FALLEN);
	guint8 *course = (guint8 *)&self->course;

	for (guint i = 0; self->uuid != NULL && i < UC_COURSE_LAST; i++) {
		if (g_strcmp0(stage, uc_update_stages[i]) == 0)
			self->course.stage = i;
	}
	uc_course_set_image(&self->course.image, version, sha256);
	if (metadata != NULL)
		(void)g_strlcpy(self->course.metadata, metadata, sizeof(self->course.metadata));
	for (guint i = 0; sha256s[i] != NULL; i++)
		(void)g_strlcpy(self->course.fallen[i], sha256s[i], UC_COURSE_TEXT_BYTES);
	for (guint i = 0; i < G_N_ELEMENTS(uc_update_times); i++)
		*(gint64 *)(gpointer)(course + uc_update_times[i].offset) =
		    uc_state_file_get_time(object, uc_update_times[i].name);
	for (guint i = 0; i < G_N_ELEMENTS(uc_update_flags); i++) {
		gboolean flag = FALSE;

		if (uc_json_get_boolean(object,
					uc_update_flags[i].name,
					UC_JSON_OPTIONAL,
					&flag,
					NULL))
			*(guint32 *)(gpointer)(course + uc_update_flags[i].offset) = flag ? 1 : 0;
	}
}

/**
 * uc_update_load:
 * @endpoint: the `Id` of the endpoint
 *
 * Returns: (transfer full): what is on disk; one that is not begun when there is nothing usable
 */
UcUpdate *
uc_update_load(const gchar *endpoint)
{
	UcUpdate *self = uc_update_new(endpoint);
	g_autofree gchar *name = uc_update_get_name(endpoint);
	g_autofree gchar *aside = NULL;
	g_autoptr(JsonObject) object = uc_state_file_load(name, UC_UPDATE_FORMAT, &aside);

	self->damaged = aside != NULL;
	if (object == NULL)
		return self;
	self->uuid = uc_state_file_get_text(object, "uuid");
	self->version_old = uc_state_file_get_text(object, "version_old");
	self->since_secs = uc_state_file_get_time(object, "since");
	self->boot_id = uc_state_file_get_text(object, "boot_id");
	self->stage_boot_id = uc_state_file_get_text(object, "stage_boot_id");
	uc_update_read_course(self, object);
	return self;
}

/**
 * uc_update_begin:
 * @version_old: (nullable): what runs
 *
 * A new attempt in the place of the last one, not durable before uc_update_save().
 */
void
uc_update_begin(UcUpdate *self, const gchar *version_old)
{
	g_free(self->uuid);
	g_free(self->version_old);
	self->uuid = g_uuid_string_random();
	self->version_old = g_strdup(version_old);
}

static void
uc_update_set_text(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_string_member(object, member, text);
}

static gchar *
uc_update_join_fallen(const UcCourse *course)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < UC_COURSE_FALLEN && course->fallen[i][0] != '\0'; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "", course->fallen[i]);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
uc_update_write_course(const UcCourse *course, JsonObject *object)
{
	const guint8 *bytes = (const guint8 *)course;
	g_autofree gchar *fallen = uc_update_join_fallen(course);

	json_object_set_string_member(object, "stage", uc_update_stages[course->stage]);
	uc_update_set_text(object, "version_new", course->image.version);
	uc_update_set_text(object, "sha256", course->image.sha256);
	uc_update_set_text(object, "metadata", course->metadata);
	uc_update_set_text(object, "fallen", fallen);
	for (guint i = 0; i < G_N_ELEMENTS(uc_update_times); i++) {
		gint64 secs = *(const gint64 *)(gconstpointer)(bytes + uc_update_times[i].offset);

		if (secs > 0)
			uc_json_set_time(object, uc_update_times[i].name, secs);
	}
	for (guint i = 0; i < G_N_ELEMENTS(uc_update_flags); i++)
		json_object_set_boolean_member(
		    object,
		    uc_update_flags[i].name,
		    *(const guint32 *)(gconstpointer)(bytes + uc_update_flags[i].offset) != 0);
}

/**
 * uc_update_save:
 * @next: what the course becomes
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED; the course is unchanged then
 *
 * Durable when it returns. Blocks for one fsync.
 */
gboolean
uc_update_save(UcUpdate *self, const UcCourse *next, gint64 now_secs, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree gchar *name = uc_update_get_name(self->endpoint);
	gboolean same = next->stage == self->course.stage;
	gint64 since_secs = same ? self->since_secs : now_secs;
	const gchar *stage_boot_id = same ? self->stage_boot_id : self->boot_id;

	json_object_set_string_member(object, "format", UC_UPDATE_FORMAT);
	uc_update_set_text(object, "uuid", self->uuid);
	uc_update_set_text(object, "version_old", self->version_old);
	uc_update_set_text(object, "boot_id", self->boot_id);
	uc_update_set_text(object, "stage_boot_id", stage_boot_id);
	uc_update_write_course(next, object);
	if (since_secs > 0)
		uc_json_set_time(object, "since", since_secs);
	if (!uc_state_file_save(name, object, error))
		return FALSE;
	self->course = *next;
	self->since_secs = since_secs;
	if (!same) {
		g_free(self->stage_boot_id);
		self->stage_boot_id = g_strdup(self->boot_id);
	}
	return TRUE;
}

static void
uc_update_lose(UcUpdate *self, UcCourse *next, gint64 now_secs)
{
	g_autofree gchar *version = NULL;
	g_autofree gchar *sha256 = NULL;
	g_autoptr(GError) error = NULL;
	UcCourseImage staged = {0};

	if (!uc_staged_record_read(self->endpoint, &version, &sha256, &error)) {
		g_debug("%s", error->message);
		uc_course_lose(next, NULL, now_secs);
		return;
	}
	uc_course_set_image(&staged, version, sha256);
	uc_course_lose(next, &staged, now_secs);
	uc_update_begin(self, NULL);
}

/**
 * uc_update_boot:
 * @boot_id: (nullable): of the present boot
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED; what is not on the disk counts all the same
 *
 * The agent was started; whether the machine was too is what the boot id says.
 */
gboolean
uc_update_boot(UcUpdate *self, const gchar *boot_id, gint64 now_secs, GError **error)
{
	gboolean restarted = g_strcmp0(self->boot_id, boot_id) != 0;
	UcCourse before = self->course;
	UcCourse next = self->course;

	if (self->damaged)
		uc_update_lose(self, &next, now_secs);
	uc_course_boot(&next, restarted);
	g_free(self->boot_id);
	self->boot_id = g_strdup(boot_id);
	self->course = next;
	if (!restarted && uc_course_equal(&before, &next))
		return TRUE;
	return uc_update_save(self, &next, now_secs, error);
}

/**
 * uc_update_was_restarted:
 *
 * Returns: whether the machine was restarted since the stage was reached
 */
gboolean
uc_update_was_restarted(const UcUpdate *self)
{
	return self->stage_boot_id != NULL && self->boot_id != NULL &&
	       !g_str_equal(self->stage_boot_id, self->boot_id);
}

/**
 * uc_update_event_uuid:
 * @event: `staged`, `activated`, `success` or `failed`
 *
 * The same event of the same attempt has the same UUID, so that what is written again after a kill
 * is counted once.
 *
 * Returns: (transfer full): a UUID in the layout of version 5
 */
gchar *
uc_update_event_uuid(const UcUpdate *self, const gchar *event)
{
	g_autofree gchar *text =
	    g_strdup_printf("%s %s", self->uuid != NULL ? self->uuid : "", event);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree gchar *hex = uc_sha256_for_bytes(bytes);

	return g_strdup_printf("%.8s-%.4s-5%.3s-8%.3s-%.12s",
			       hex,
			       hex + 8,
			       hex + 13,
			       hex + 17,
			       hex + 20);
}
