/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mains and battery, as the kernel has them (Documentation/ABI/testing/sysfs-class-power). Read at
 * the moment of a decision; nothing is watched. */

#include "uc-config.h"
#include "uc-power.h"

typedef struct {
	gboolean has_mains; /* a supply that can be plugged in */
	gboolean online;
	gboolean discharging;
	gint64 percent; /* of the weakest battery; -1 without one */
} UcPower;

static gchar *
uc_power_read(const gchar *directory, const gchar *name, const gchar *attribute)
{
	g_autofree gchar *path = g_build_filename(directory, name, attribute, NULL);
	gchar *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	return g_strstrip(text);
}

static void
uc_power_take_battery(UcPower *self, const gchar *directory, const gchar *name)
{
	g_autofree gchar *scope = uc_power_read(directory, name, "scope");
	g_autofree gchar *status = uc_power_read(directory, name, "status");
	g_autofree gchar *capacity = uc_power_read(directory, name, "capacity");
	guint64 percent = 0;

	if (g_str_equal(scope, "Device")) /* of a mouse, a remote control */
		return;
	if (g_str_equal(status, "Discharging"))
		self->discharging = TRUE;
	if (uc_keyfile_parse_uint(capacity, 0, 100, &percent) &&
	    (self->percent < 0 || (gint64)percent < self->percent))
		self->percent = (gint64)percent;
}

static void
uc_power_take(UcPower *self, const gchar *directory, const gchar *name)
{
	g_autofree gchar *type = uc_power_read(directory, name, "type");
	g_autofree gchar *online = uc_power_read(directory, name, "online");

	if (g_str_equal(type, "Battery")) {
		uc_power_take_battery(self, directory, name);
	} else if (g_str_equal(type, "Mains") || g_str_equal(type, "USB") ||
		   g_str_equal(type, "Wireless")) {
		self->has_mains = TRUE;
		self->online = self->online || g_str_equal(online, "1");
	}
}

/**
 * uc_power_fill_facts:
 * @directory: such as `/sys/class/power_supply`; need not be there
 * @facts: gets mains and battery_percent
 *
 * Without any battery there are mains, whatever else is plugged in or not: the machine runs.
 */
void
uc_power_fill_facts(const gchar *directory, UcFacts *facts)
{
	UcPower self = {.percent = -1};
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const gchar *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		uc_power_take(&self, directory, name);
	facts->battery_percent = self.percent;
	if (self.percent < 0 && !self.discharging)
		facts->mains = TRUE;
	else if (self.has_mains)
		facts->mains = self.online;
	else
		facts->mains = !self.discharging;
}
