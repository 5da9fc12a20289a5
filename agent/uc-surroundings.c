/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What goes on around the endpoint, beside the people in the room: power, clock, zone, network,
 * disk, other updates (docs/agent.md, "Surroundings"). What has an event is watched; what has none
 * is read at the moment of a decision, and looked at again only while something waits for it.
 */

#include <sys/statvfs.h>

#include "uc-clock-sync.h"
#include "uc-paths.h"
#include "uc-power.h"
#include "uc-surroundings.h"
#include "uc-watched-property.h"

#define UC_SURROUNDINGS_AGAIN_SECS    600
#define UC_SURROUNDINGS_RESERVE_BYTES (G_GINT64_CONSTANT(16) * 1024 * 1024)

/* NMMetered of NetworkManager's D-Bus interface */
#define UC_SURROUNDINGS_METERED_YES   1
#define UC_SURROUNDINGS_METERED_GUESS 3

struct _UcSurroundings {
	UcSurroundingsFunc func;
	gpointer user_data;
	FwupdClient *client;
	gulong status_id;
	guint fwupd_watch;
	UcWatchedProperty *metered;
	UcWatchedProperty *battery;
	UcClockSync *clock; /* (nullable): where nothing happens before it is synchronised */
	GFileMonitor *zone; /* (nullable) */
	gboolean fwupd_there;
	gboolean updating; /* fwupd is at a device */
};

static void
uc_surroundings_changed_cb(gpointer user_data)
{
	UcSurroundings *self = user_data;

	self->func(self->user_data);
}

/* fwupd tells every step of everything it does. It ends by itself when nobody asks for anything,
 * and libfwupd keeps its last word, "shutdown", and may tell it late. */
static void
uc_surroundings_status_cb(UcSurroundings *self)
{
	gboolean updating =
	    self->fwupd_there && uc_surroundings_is_updating(fwupd_client_get_status(self->client));

	if (updating == self->updating)
		return;
	self->updating = updating;
	self->func(self->user_data);
}

/* another one, which is at no device yet */
static void
uc_surroundings_fwupd_appeared_cb(GDBusConnection *connection,
				  const gchar *name,
				  const gchar *owner,
				  gpointer user_data)
{
	((UcSurroundings *)user_data)->fwupd_there = TRUE;
}

static void
uc_surroundings_fwupd_vanished_cb(GDBusConnection *connection,
				  const gchar *name,
				  gpointer user_data)
{
	UcSurroundings *self = user_data;

	self->fwupd_there = FALSE;
	uc_surroundings_status_cb(self);
}

/* such a link is replaced, and then it is another file */
static void
uc_surroundings_watch_zone(UcSurroundings *self)
{
	g_autoptr(GFile) file = g_file_new_for_path("/etc/localtime");
	g_autoptr(GError) error = NULL;

	self->zone = g_file_monitor_file(file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
	if (self->zone == NULL) {
		g_warning("a change of the time zone is only seen at the next look: %s",
			  error->message);
		return;
	}
	g_signal_connect_swapped(self->zone,
				 "changed",
				 G_CALLBACK(uc_surroundings_changed_cb),
				 self);
}

static UcWatchedProperty *
uc_surroundings_watch(UcSurroundings *self,
		      GDBusConnection *connection,
		      const gchar *name,
		      const gchar *path,
		      const gchar *interface,
		      const gchar *property)
{
	return uc_watched_property_new(connection,
				       name,
				       path,
				       interface,
				       property,
				       uc_surroundings_changed_cb,
				       self);
}

/**
 * uc_surroundings_new:
 * @connection: the system bus
 * @config: read once, here
 * @client: of fwupd
 * @func: called when something is different now
 *
 * Returns: (transfer full): the watch over all that
 */
UcSurroundings *
uc_surroundings_new(GDBusConnection *connection,
		    UcConfig *config,
		    FwupdClient *client,
		    UcSurroundingsFunc func,
		    gpointer user_data)
{
	UcSurroundings *self = g_new0(UcSurroundings, 1);

	self->func = func;
	self->user_data = user_data;
	self->client = g_object_ref(client);
	self->fwupd_there = TRUE; /* until it is known */
	self->metered = uc_surroundings_watch(self,
					      connection,
					      "org.freedesktop.NetworkManager",
					      "/org/freedesktop/NetworkManager",
					      "org.freedesktop.NetworkManager",
					      "Metered");
	self->battery = uc_surroundings_watch(self,
					      connection,
					      "org.freedesktop.UPower",
					      "/org/freedesktop/UPower",
					      "org.freedesktop.UPower",
					      "OnBattery");
	if (uc_config_get_boolean(config, "Agent", "WaitForClock"))
		self->clock = uc_clock_sync_new(uc_surroundings_changed_cb, self);
	self->status_id = g_signal_connect_swapped(client,
						   "notify::status",
						   G_CALLBACK(uc_surroundings_status_cb),
						   self);
	self->fwupd_watch = g_bus_watch_name_on_connection(connection,
							   FWUPD_DBUS_SERVICE,
							   G_BUS_NAME_WATCHER_FLAGS_NONE,
							   uc_surroundings_fwupd_appeared_cb,
							   uc_surroundings_fwupd_vanished_cb,
							   self,
							   NULL);
	uc_surroundings_watch_zone(self);
	return self;
}

void
uc_surroundings_free(UcSurroundings *self)
{
	g_bus_unwatch_name(self->fwupd_watch);
	g_signal_handler_disconnect(self->client, self->status_id);
	if (self->zone != NULL)
		g_signal_handlers_disconnect_by_data(self->zone, self);
	g_clear_object(&self->zone);
	uc_watched_property_free(self->metered);
	uc_watched_property_free(self->battery);
	g_clear_pointer(&self->clock, uc_clock_sync_free);
	g_object_unref(self->client);
	g_free(self);
}

static gboolean
uc_surroundings_is_metered(UcSurroundings *self)
{
	GVariant *value = uc_watched_property_get(self->metered);
	guint32 metered = 0;

	if (value != NULL && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
		metered = g_variant_get_uint32(value);
	return metered == UC_SURROUNDINGS_METERED_YES || metered == UC_SURROUNDINGS_METERED_GUESS;
}

/**
 * uc_surroundings_is_updating:
 * @status: of fwupd
 *
 * Returns: whether fwupd is at a device, for whomever
 */
gboolean
uc_surroundings_is_updating(FwupdStatus status)
{
	switch (status) {
	case FWUPD_STATUS_DEVICE_RESTART:
	case FWUPD_STATUS_DEVICE_WRITE:
	case FWUPD_STATUS_DEVICE_VERIFY:
	case FWUPD_STATUS_DEVICE_ERASE:
	case FWUPD_STATUS_DEVICE_READ:
	case FWUPD_STATUS_SCHEDULING:
	case FWUPD_STATUS_SHUTDOWN:
	case FWUPD_STATUS_WAITING_FOR_USER:
		return TRUE;
	default:
		return FALSE;
	}
}

/**
 * uc_surroundings_fill_facts:
 * @facts: gets mains, battery_percent, clock_synchronised, metered and other_update
 */
void
uc_surroundings_fill_facts(UcSurroundings *self, UcFacts *facts)
{
	g_autofree gchar *power = uc_path_sysfs("class/power_supply");

	uc_power_fill_facts(power, facts);
	facts->clock_synchronised = self->clock == NULL || uc_clock_sync_is_synchronised();
	facts->metered = uc_surroundings_is_metered(self);
	facts->other_update = self->updating;
}

/**
 * uc_surroundings_copy_facts:
 * @from: that uc_surroundings_fill_facts() has filled
 * @to: gets the same
 */
void
uc_surroundings_copy_facts(const UcFacts *from, UcFacts *to)
{
	to->mains = from->mains;
	to->battery_percent = from->battery_percent;
	to->clock_synchronised = from->clock_synchronised;
	to->metered = from->metered;
	to->other_update = from->other_update;
}

/**
 * uc_surroundings_fill_disk:
 * @facts: gets disk_free_bytes, unless it is known, and disk_needed_bytes; progress is known
 * already
 * @missing_bytes: so much of the package is not fetched yet; 0 when it is not known
 *
 * Only what is still to be fetched needs room, and a reserve beside it.
 */
void
uc_surroundings_fill_disk(UcFacts *facts, guint64 missing_bytes)
{
	g_autofree gchar *path = uc_path_state(NULL);
	struct statvfs disk = {0};

	if (facts->disk_free_bytes < 0 && statvfs(path, &disk) == 0)
		facts->disk_free_bytes =
		    (gint64)MIN((guint64)disk.f_bavail * disk.f_frsize, (guint64)G_MAXINT64);
	facts->disk_needed_bytes = facts->progress == UC_PROGRESS_AVAILABLE
				       ? (gint64)MIN(missing_bytes, (guint64)G_MAXINT64 / 2) +
					     UC_SURROUNDINGS_RESERVE_BYTES
				       : 0;
}

/**
 * uc_surroundings_get_next_secs:
 * @facts: with something to be done
 *
 * Clock, battery and disk get better without an event: ten minutes later they are looked at again,
 * but only while they stand in the way.
 *
 * Returns: seconds since the Unix epoch, -1 for never
 */
gint64
uc_surroundings_get_next_secs(const UcFacts *facts, gint64 now_secs)
{
	if (facts->progress == UC_PROGRESS_CURRENT)
		return -1;
	if (!facts->clock_synchronised || !facts->mains ||
	    (facts->disk_free_bytes >= 0 && facts->disk_free_bytes < facts->disk_needed_bytes))
		return now_secs + UC_SURROUNDINGS_AGAIN_SECS;
	return -1;
}
