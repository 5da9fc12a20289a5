/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What people do in the room, as the configured sources tell (docs/agent.md, "Sources"). Whoever
 * uses it is in a list, the longest use first. The end of a use is activity: people are still
 * there. A configured source that does not answer makes the use unknown, which counts as in use.
 * All of it is measured by a clock that counts suspend and never jumps.
 */

#include <glib/gi18n-lib.h>

#include "uc-error.h"
#include "uc-inhibitor.h"
#include "uc-limits.h"
#include "uc-room.h"

#define UC_ROOM_LONG_SECS 86400 /* a use of so long is named as such */

/* one that uses the room: an inhibitor of an application, or a source that says so */
typedef struct {
	UcInhibitor *inhibitor; /* (nullable) */
	gchar *source;		/* (nullable) */
	gchar *text;
	gint64 since_secs;
} UcRoomUse;

typedef struct {
	UcRoomRole roles;
	UcPresence presence;
	gboolean answers;
	gint64 since_secs; /* while it does not answer */
} UcRoomSource;

struct _UcRoom {
	GObject parent_instance;
	const UcClock *clock; /* not owned */
	GPtrArray *uses;      /* of UcRoomUse, the longest first */
	GHashTable *sources;  /* name -> UcRoomSource */
	gint64 activity_secs; /* this and the others here: of the boot clock; -1 for never */
	gint64 call_end_secs;
	gint64 in_use_secs;	 /* since when; -1 when it is not */
	gint64 last_idle_secs;	 /* of the wall clock; 0 for never */
	gint64 idle_needed_secs; /* what idle enough means */
};

G_DEFINE_TYPE(UcRoom, uc_room, G_TYPE_OBJECT)

enum { UC_ROOM_CHANGED, UC_ROOM_SEEN, UC_ROOM_LAST_SIGNAL };

static guint uc_room_signals[UC_ROOM_LAST_SIGNAL];

static void
uc_room_use_free(UcRoomUse *use)
{
	g_clear_pointer(&use->inhibitor, uc_inhibitor_free);
	g_free(use->source);
	g_free(use->text);
	g_free(use);
}

static void
uc_room_dispose(GObject *object)
{
	UcRoom *self = UC_ROOM(object);

	g_clear_pointer(&self->uses, g_ptr_array_unref);
	g_clear_pointer(&self->sources, g_hash_table_unref);
	G_OBJECT_CLASS(uc_room_parent_class)->dispose(object);
}

static guint
uc_room_new_signal(const gchar *name)
{
	return g_signal_new(name,
			    UC_TYPE_ROOM,
			    G_SIGNAL_RUN_LAST,
			    0,
			    NULL,
			    NULL,
			    NULL,
			    G_TYPE_NONE,
			    0);
}

static void
uc_room_class_init(UcRoomClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = uc_room_dispose;

	/**
	 * UcRoom::changed:
	 *
	 * Whether the room is in use, or why, or what is known about it, is different now.
	 */
	uc_room_signals[UC_ROOM_CHANGED] = uc_room_new_signal("changed");
	/**
	 * UcRoom::activity:
	 *
	 * Somebody did something.
	 */
	uc_room_signals[UC_ROOM_SEEN] = uc_room_new_signal("activity");
}

static void
uc_room_init(UcRoom *self)
{
	self->uses = g_ptr_array_new_with_free_func((GDestroyNotify)uc_room_use_free);
	self->sources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->call_end_secs = -1;
	self->in_use_secs = -1;
}

/**
 * uc_room_new:
 * @clock: must outlive the room
 *
 * Returns: (transfer full): a room where somebody was just now, because nothing else is known, and
 * without any source
 */
UcRoom *
uc_room_new(const UcClock *clock)
{
	UcRoom *self = g_object_new(UC_TYPE_ROOM, NULL);

	self->clock = clock;
	self->activity_secs = uc_clock_boot_secs(clock);
	return self;
}

static void
uc_room_changed(UcRoom *self)
{
	if (uc_room_get_use(self) == UC_USE_NONE)
		self->in_use_secs = -1;
	else if (self->in_use_secs < 0)
		self->in_use_secs = uc_clock_boot_secs(self->clock);
	g_signal_emit(self, uc_room_signals[UC_ROOM_CHANGED], 0);
}

/* what was idle enough until now is remembered before it is over */
static void
uc_room_touch(UcRoom *self)
{
	if (self->idle_needed_secs > 0 && uc_room_get_idle_secs(self) >= self->idle_needed_secs)
		self->last_idle_secs = uc_clock_now_secs(self->clock);
	self->activity_secs = uc_clock_boot_secs(self->clock);
}

/* takes @inhibitor and @text */
static void
uc_room_begin(UcRoom *self, UcInhibitor *inhibitor, const gchar *source, gchar *text)
{
	UcRoomUse *use = g_new0(UcRoomUse, 1);

	uc_room_touch(self);
	use->inhibitor = inhibitor;
	use->source = g_strdup(source);
	use->text = text;
	use->since_secs = uc_clock_boot_secs(self->clock);
	g_ptr_array_add(self->uses, use);
	uc_room_changed(self);
}

static void
uc_room_end(UcRoom *self, guint index)
{
	g_ptr_array_remove_index(self->uses, index);
	self->activity_secs = uc_clock_boot_secs(self->clock);
	if (self->uses->len == 0)
		self->call_end_secs = self->activity_secs;
	uc_room_changed(self);
}

static void
uc_room_closed_cb(UcInhibitor *inhibitor, gpointer user_data)
{
	UcRoom *self = user_data;

	for (guint i = 0; i < self->uses->len; i++) {
		if (((UcRoomUse *)g_ptr_array_index(self->uses, i))->inhibitor == inhibitor) {
			uc_room_end(self, i);
			return;
		}
	}
}

static gboolean
uc_room_check_inhibit(UcRoom *self, const gchar *what, GError **error)
{
	static const gchar *const known[] = {"call", "presentation", "booking", NULL};

	if (!g_strv_contains(known, what)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'what' is '%s', expected call, presentation or booking",
			    what);
		return FALSE;
	}
	if (self->uses->len < UC_LIMIT_INHIBITORS)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "there are %d inhibitors already",
		    UC_LIMIT_INHIBITORS);
	return FALSE;
}

/**
 * uc_room_inhibit:
 * @what: `call`, `presentation` or `booking`
 * @who: name of the application, 1 to 128 bytes
 * @why: a sentence for people, up to 256 bytes
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: a file descriptor for the caller to pass on and close; the room is in use while any
 * copy of it is open; -1 on failure
 */
gint
uc_room_inhibit(UcRoom *self, const gchar *what, const gchar *who, const gchar *why, GError **error)
{
	UcInhibitor *inhibitor = NULL;
	gint fd = -1;

	if (!uc_room_check_inhibit(self, what, error))
		return -1;
	inhibitor = uc_inhibitor_new(what, who, why, &fd, error);
	if (inhibitor == NULL)
		return -1;
	uc_inhibitor_watch(inhibitor, uc_room_closed_cb, self);
	uc_room_begin(self, inhibitor, NULL, uc_inhibitor_get_text(inhibitor));
	return fd;
}

/**
 * uc_room_add_activity:
 *
 * The idle time starts again.
 */
void
uc_room_add_activity(UcRoom *self)
{
	uc_room_touch(self);
	g_signal_emit(self, uc_room_signals[UC_ROOM_SEEN], 0);
}

/**
 * uc_room_add_source:
 * @source: its name
 * @roles: what it is configured for; added to what was said before
 *
 * A source is silent until uc_room_set_answers() says otherwise.
 */
void
uc_room_add_source(UcRoom *self, const gchar *source, UcRoomRole roles)
{
	UcRoomSource *known = g_hash_table_lookup(self->sources, source);

	if (known == NULL) {
		known = g_new0(UcRoomSource, 1);
		known->since_secs = uc_clock_boot_secs(self->clock);
		g_hash_table_insert(self->sources, g_strdup(source), known);
	}
	known->roles |= roles;
	uc_room_changed(self);
}

/**
 * uc_room_set_answers:
 * @source: one that was added
 * @answers: whether it is there; while one is not, the use of the room is unknown
 */
void
uc_room_set_answers(UcRoom *self, const gchar *source, gboolean answers)
{
	UcRoomSource *known = g_hash_table_lookup(self->sources, source);

	g_return_if_fail(known != NULL);
	if (known->answers == answers)
		return;
	g_message("the source %s %s", source, answers ? "answers" : "does not answer any more");
	known->answers = answers;
	known->since_secs = uc_clock_boot_secs(self->clock);
	uc_room_changed(self);
}

static gboolean
uc_room_find_busy(UcRoom *self, const gchar *source, guint *index_out)
{
	for (guint i = 0; i < self->uses->len; i++) {
		*index_out = i;
		if (g_strcmp0(((UcRoomUse *)g_ptr_array_index(self->uses, i))->source, source) == 0)
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_room_set_busy:
 * @source: one that was added
 * @text: (nullable): why the room is in use, a sentence for people; %NULL when it is not
 */
void
uc_room_set_busy(UcRoom *self, const gchar *source, const gchar *text)
{
	guint index = 0;
	gboolean found = uc_room_find_busy(self, source, &index);
	UcRoomUse *use = found ? g_ptr_array_index(self->uses, index) : NULL;

	if (text == NULL && found) {
		uc_room_end(self, index);
	} else if (text != NULL && !found) {
		uc_room_begin(self, NULL, source, g_strdup(text));
	} else if (text != NULL && g_strcmp0(use->text, text) != 0) {
		g_free(use->text);
		use->text = g_strdup(text);
		uc_room_changed(self);
	}
}

/**
 * uc_room_set_presence:
 * @source: one that was added
 * @presence: what it says; the moment at which somebody leaves is activity, and so is the one at
 * which somebody comes
 */
void
uc_room_set_presence(UcRoom *self, const gchar *source, UcPresence presence)
{
	UcRoomSource *known = g_hash_table_lookup(self->sources, source);
	gboolean was_there = FALSE;

	g_return_if_fail(known != NULL);
	if (known->presence == presence)
		return;
	was_there = known->presence == UC_PRESENCE_PRESENT;
	if (presence == UC_PRESENCE_PRESENT)
		uc_room_touch(self);
	known->presence = presence;
	if (was_there)
		self->activity_secs = uc_clock_boot_secs(self->clock);
	uc_room_changed(self);
	if (presence == UC_PRESENCE_PRESENT)
		g_signal_emit(self, uc_room_signals[UC_ROOM_SEEN], 0);
}

/* the one that does not answer for the longest time, the first by name among equals */
static const gchar *
uc_room_find_silent(UcRoom *self, UcRoomSource **source_out)
{
	const gchar *found = NULL;
	GHashTableIter iter;
	gpointer name = NULL;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->sources);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		UcRoomSource *source = value;

		if (source->answers ||
		    (found != NULL && (source->since_secs > (*source_out)->since_secs ||
				       (source->since_secs == (*source_out)->since_secs &&
					g_strcmp0(name, found) > 0))))
			continue;
		found = name;
		*source_out = source;
	}
	return found;
}

UcUse
uc_room_get_use(UcRoom *self)
{
	UcRoomSource *source = NULL;

	if (self->uses->len > 0)
		return UC_USE_CALL;
	return uc_room_find_silent(self, &source) != NULL ? UC_USE_UNKNOWN : UC_USE_NONE;
}

/* something that lasts for days is rarely a call: somebody should look */
static gchar *
uc_room_describe(UcRoom *self, const gchar *text, gint64 since_secs)
{
	gint64 secs = uc_clock_boot_secs(self->clock) - since_secs;

	if (secs < UC_ROOM_LONG_SECS)
		return g_strdup(text);
	/* TRANSLATORS: why the room is in use, then for how many hours that has been so */
	return g_strdup_printf(_("%s, for %d hours already"),
			       text,
			       (gint)MIN(secs / 3600, G_MAXINT));
}

/**
 * uc_room_get_reason:
 *
 * Returns: (transfer full): a sentence for people about the longest use of the room, or the source
 * that does not answer; with the hours after a day; empty when the room is not in use
 */
gchar *
uc_room_get_reason(UcRoom *self)
{
	UcRoomSource *source = NULL;
	const gchar *name = NULL;
	g_autofree gchar *text = NULL;

	if (self->uses->len > 0) {
		const UcRoomUse *first = g_ptr_array_index(self->uses, 0);

		return uc_room_describe(self, first->text, first->since_secs);
	}
	name = uc_room_find_silent(self, &source);
	if (name == NULL)
		return g_strdup("");
	if ((source->roles & UC_ROOM_CALLS) != 0)
		text = g_strdup_printf(_("the source of calls %s does not answer"), name);
	else
		text = g_strdup_printf(_("the source of activity %s does not answer"), name);
	return uc_room_describe(self, text, source->since_secs);
}

static gboolean
uc_room_has_somebody(UcRoom *self)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->sources);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (((UcRoomSource *)value)->presence == UC_PRESENCE_PRESENT)
			return TRUE;
	}
	return self->uses->len > 0;
}

/**
 * uc_room_get_idle_secs:
 *
 * Returns: for so long nobody has used the room, 0 while somebody does
 */
gint64
uc_room_get_idle_secs(UcRoom *self)
{
	if (uc_room_has_somebody(self))
		return 0;
	return MAX(uc_clock_boot_secs(self->clock) - self->activity_secs, 0);
}

/**
 * uc_room_has_source:
 *
 * Returns: whether a source is configured that can tell about it: for activity, a mute one cannot
 */
gboolean
uc_room_has_source(UcRoom *self, UcRoomRole role)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->sources);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const UcRoomSource *source = value;

		if ((source->roles & role) != 0 &&
		    (role != UC_ROOM_ACTIVITY || source->presence != UC_PRESENCE_MUTE))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_room_fill_facts:
 * @idle_needed_secs: from then on the room counts as idle enough
 * @facts: gets use, use_reason, idle_secs, free_secs, busy_secs, call_source, activity_source, and
 * a later last_idle_secs where there is one
 */
void
uc_room_fill_facts(UcRoom *self, gint64 idle_needed_secs, UcFacts *facts)
{
	gint64 boot_secs = uc_clock_boot_secs(self->clock);

	self->idle_needed_secs = idle_needed_secs;
	facts->use = uc_room_get_use(self);
	facts->idle_secs = uc_room_get_idle_secs(self);
	if (facts->use != UC_USE_NONE) {
		g_free(facts->use_reason);
		facts->use_reason = uc_room_get_reason(self);
		facts->busy_secs = MAX(boot_secs - self->in_use_secs, 0);
	} else if (facts->idle_secs >= idle_needed_secs) {
		self->last_idle_secs = uc_clock_now_secs(self->clock);
	}
	if (self->uses->len > 0)
		facts->free_secs = 0;
	else if (self->call_end_secs >= 0)
		facts->free_secs = MAX(boot_secs - self->call_end_secs, 0);
	facts->call_source = uc_room_has_source(self, UC_ROOM_CALLS);
	facts->activity_source = uc_room_has_source(self, UC_ROOM_ACTIVITY);
	facts->last_idle_secs = MAX(facts->last_idle_secs, self->last_idle_secs);
}
