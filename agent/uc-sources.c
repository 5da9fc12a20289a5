/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sources that `[Agent] CallSources=` and `ActivitySources=` name (docs/agent.md, "Sources"):
 * a word for one that the agent brings, or the name of an application on the system bus. A word has
 * no dot and such a name has one.
 */

#include "uc-error.h"
#include "uc-paths.h"
#include "uc-source-alsa.h"
#include "uc-source-display.h"
#include "uc-source-evdev.h"
#include "uc-source-logind.h"
#include "uc-source-names.h"
#include "uc-sources.h"

#define UC_SOURCES_REST_MS 10000      /* input is looked at so often at most */
#define UC_SOURCES_WRONG   (1u << 31) /* beside its roles: nobody starts it, so it is silent */
#define UC_SOURCES_LOOK_MS 1000	      /* so long a driver may take to open a device */

struct _UcSources {
	UcRoom *room;
	UcSourceNames *names;
	UcSourceLogind *logind;	  /* (nullable) */
	UcSourceDisplay *display; /* (nullable) */
	UcSourceEvdev *evdev;	  /* (nullable) */
	UcSourceAlsa *alsa;	  /* (nullable) */
};

typedef struct {
	const gchar *word;
	UcRoomRole roles; /* what it can be configured for */
	void (*start)(UcSources *self, GDBusConnection *connection, UcRoomRole roles);
} UcSourcesKind;

/* whoever calls Inhibit() or Activity(): there as long as the agent is */
static void
uc_sources_start_agent(UcSources *self, GDBusConnection *connection, UcRoomRole roles)
{
	uc_room_set_answers(self->room, "agent", TRUE);
}

static void
uc_sources_start_logind(UcSources *self, GDBusConnection *connection, UcRoomRole roles)
{
	self->logind = uc_source_logind_new(connection, self->room, roles);
}

static void
uc_sources_start_display(UcSources *self, GDBusConnection *connection, UcRoomRole roles)
{
	self->display = uc_source_display_new(self->room);
}

static void
uc_sources_start_evdev(UcSources *self, GDBusConnection *connection, UcRoomRole roles)
{
	g_autofree gchar *directory = uc_path_dev("input");

	self->evdev = uc_source_evdev_new(directory, UC_SOURCES_REST_MS, self->room);
}

static void
uc_sources_start_alsa(UcSources *self, GDBusConnection *connection, UcRoomRole roles)
{
	g_autofree gchar *devices = uc_path_dev("snd");

	self->alsa = uc_source_alsa_new(devices, "/proc/asound", UC_SOURCES_LOOK_MS, self->room);
}

static const UcSourcesKind uc_sources_kinds[] = {
    {"agent", UC_ROOM_CALLS | UC_ROOM_ACTIVITY, uc_sources_start_agent},
    {"alsa", UC_ROOM_CALLS, uc_sources_start_alsa},
    {"display", UC_ROOM_ACTIVITY, uc_sources_start_display},
    {"evdev", UC_ROOM_ACTIVITY, uc_sources_start_evdev},
    {"logind", UC_ROOM_CALLS | UC_ROOM_ACTIVITY, uc_sources_start_logind},
};

static const UcSourcesKind *
uc_sources_find_kind(const gchar *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_sources_kinds); i++) {
		if (g_str_equal(uc_sources_kinds[i].word, word))
			return &uc_sources_kinds[i];
	}
	return NULL;
}

static gboolean
uc_sources_is_name(const gchar *word)
{
	return g_dbus_is_name(word) && !g_dbus_is_unique_name(word);
}

/* what cannot be a source counts as one that does not answer: somebody meant something by it */
static void
uc_sources_read(UcSources *self,
		GHashTable *roles,
		UcConfig *config,
		const gchar *key,
		UcRoomRole role)
{
	g_auto(GStrv) words = uc_config_get_strv(config, "Agent", key);

	for (guint i = 0; words[i] != NULL; i++) {
		const UcSourcesKind *kind = uc_sources_find_kind(words[i]);
		guint before = GPOINTER_TO_UINT(g_hash_table_lookup(roles, words[i]));

		uc_room_add_source(self->room, words[i], role);
		if (kind != NULL ? (kind->roles & role) == 0 : !uc_sources_is_name(words[i])) {
			g_warning("[Agent] %s: '%s' is no such source and no D-Bus name",
				  key,
				  words[i]);
			before |= UC_SOURCES_WRONG;
		}
		(void)g_hash_table_insert(roles,
					  g_strdup(words[i]),
					  GUINT_TO_POINTER(before | role));
	}
}

static void
uc_sources_start(UcSources *self, GDBusConnection *connection, GHashTable *roles)
{
	GHashTableIter iter;
	gpointer word = NULL;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, roles);
	while (g_hash_table_iter_next(&iter, &word, &value)) {
		const UcSourcesKind *kind = uc_sources_find_kind(word);

		if ((GPOINTER_TO_UINT(value) & UC_SOURCES_WRONG) != 0)
			continue;
		if (kind != NULL)
			kind->start(self, connection, GPOINTER_TO_UINT(value));
		else
			uc_source_names_add(self->names, word);
	}
}

/**
 * uc_sources_new:
 * @connection: the system bus
 * @config: read once, here
 * @room: what they tell about
 *
 * Returns: (transfer full): the sources at work; until one answers, it counts as silent
 */
UcSources *
uc_sources_new(GDBusConnection *connection, UcConfig *config, UcRoom *room)
{
	g_autoptr(GHashTable) roles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	UcSources *self = g_new0(UcSources, 1);

	self->room = g_object_ref(room);
	self->names = uc_source_names_new(connection, room);
	uc_sources_read(self, roles, config, "CallSources", UC_ROOM_CALLS);
	uc_sources_read(self, roles, config, "ActivitySources", UC_ROOM_ACTIVITY);
	uc_sources_start(self, connection, roles);
	return self;
}

/**
 * uc_sources_display_off:
 * @who: as of uc_source_display_off(), whose errors are those here
 * @error: also set to %UC_ERROR_REFUSED when the display is no source
 *
 * Returns: a file descriptor for the caller to pass on and close; -1 on failure
 */
gint
uc_sources_display_off(UcSources *self, const gchar *who, GError **error)
{
	if (self->display != NULL)
		return uc_source_display_off(self->display, who, error);
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the display is no source here; add 'display' to [Agent] "
			    "ActivitySources= of ucupdates.conf");
	return -1;
}

void
uc_sources_free(UcSources *self)
{
	g_clear_pointer(&self->display, uc_source_display_free);
	g_clear_pointer(&self->alsa, uc_source_alsa_free);
	g_clear_pointer(&self->evdev, uc_source_evdev_free);
	g_clear_pointer(&self->logind, uc_source_logind_free);
	uc_source_names_free(self->names);
	g_object_unref(self->room);
	g_free(self);
}
