/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ALSA's capture streams as a source of calls: whoever has the microphone open uses the room. Which
 * ones are open is in procfs (Documentation/sound/designs/procfile.rst), which tells no changes;
 * that one of the device files is opened or closed is told by inotify, and a moment later, when the
 * driver has done it, procfs is read. A sound server that never lets go of the microphone makes
 * this source useless; docs/agent.md says so.
 */

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "uc-limits.h"
#include "uc-source-alsa.h"

#define UC_SOURCE_ALSA_NAME "alsa"

struct _UcSourceAlsa {
	UcRoom *room;
	gchar *status; /* the directory with the cards */
	guint look_ms;
	guint look_id;
	gint fd; /* of inotify; -1 without it */
	GSource *source;
};

/* such as `closed`, or lines beginning with `state: RUNNING` */
static gboolean
uc_source_alsa_is_open(const gchar *path)
{
	g_autofree gchar *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && text[0] != '\0' &&
	       !g_str_has_prefix(text, "closed");
}

static gchar *
uc_source_alsa_find(const gchar *path, const gchar *const *patterns)
{
	g_autoptr(GDir) dir = NULL;
	const gchar *name = NULL;

	if (patterns[0] == NULL)
		return uc_source_alsa_is_open(path) ? g_strdup(path) : NULL;
	dir = g_dir_open(path, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *below = g_build_filename(path, name, NULL);
		g_autofree gchar *found = NULL;

		if (!g_pattern_match_simple(patterns[0], name))
			continue;
		found = uc_source_alsa_find(below, patterns + 1);
		if (found != NULL)
			return g_steal_pointer(&found);
	}
	return NULL;
}

static void
uc_source_alsa_read(UcSourceAlsa *self)
{
	static const gchar *const patterns[] = {"card*", "pcm*c", "sub*", "status", NULL};
	g_autofree gchar *found = uc_source_alsa_find(self->status, patterns);
	g_autofree gchar *text = NULL;

	/* TRANSLATORS: why the room is in use; the name of a recording device of ALSA */
	if (found != NULL)
		text =
		    g_strdup_printf(_("something records: %s"), found + strlen(self->status) + 1);
	uc_room_set_busy(self->room, UC_SOURCE_ALSA_NAME, text);
}

static gboolean
uc_source_alsa_look_cb(gpointer user_data)
{
	UcSourceAlsa *self = user_data;

	self->look_id = 0;
	uc_source_alsa_read(self);
	return G_SOURCE_REMOVE;
}

static gboolean
uc_source_alsa_event_cb(gint fd, GIOCondition condition, gpointer user_data)
{
	UcSourceAlsa *self = user_data;
	gchar events[4096];

	/* which device it is does not matter */
	while (read(fd, events, sizeof(events)) > 0)
		;
	if (self->look_id == 0)
		self->look_id = g_timeout_add(self->look_ms, uc_source_alsa_look_cb, self);
	return G_SOURCE_CONTINUE;
}

static gboolean
uc_source_alsa_watch(UcSourceAlsa *self, const gchar *devices)
{
	self->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (self->fd < 0 ||
	    inotify_add_watch(self->fd, devices, IN_OPEN | IN_CLOSE | IN_ONLYDIR) < 0) {
		g_warning("[Agent] CallSources: alsa needs %s: %s", devices, g_strerror(errno));
		return FALSE;
	}
	self->source = g_unix_fd_source_new(self->fd, G_IO_IN);
	g_source_set_callback(self->source,
			      G_SOURCE_FUNC((void (*)(void))uc_source_alsa_event_cb),
			      self,
			      NULL);
	g_source_attach(self->source, g_main_context_get_thread_default());
	return TRUE;
}

/**
 * uc_source_alsa_new:
 * @devices: the directory with the device files, such as `/dev/snd`
 * @status: the directory with the cards, such as `/proc/asound`
 * @look_ms: so long after a device was opened or closed its state is read, in milliseconds
 * @room: has `alsa` as a source already
 *
 * Returns: (transfer full): the watch over the microphones; silent for ever without @devices
 */
UcSourceAlsa *
uc_source_alsa_new(const gchar *devices, const gchar *status, guint look_ms, UcRoom *room)
{
	UcSourceAlsa *self = g_new0(UcSourceAlsa, 1);

	self->room = g_object_ref(room);
	self->status = g_strdup(status);
	self->look_ms = look_ms;
	if (uc_source_alsa_watch(self, devices)) {
		uc_source_alsa_read(self);
		uc_room_set_answers(room, UC_SOURCE_ALSA_NAME, TRUE);
	}
	return self;
}

void
uc_source_alsa_free(UcSourceAlsa *self)
{
	if (self->source != NULL) {
		g_source_destroy(self->source);
		g_source_unref(self->source);
	}
	if (self->fd >= 0)
		(void)close(self->fd);
	g_clear_handle_id(&self->look_id, g_source_remove);
	g_object_unref(self->room);
	g_free(self->status);
	g_free(self);
}
