/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "uc-paths.h"

static gchar *
uc_path_build(const gchar *variable, const gchar *fallback, const gchar *name)
{
	const gchar *base = g_getenv(variable);

	return g_build_filename(base != NULL ? base : fallback, "ucupdates", name, NULL);
}

/**
 * uc_path_sysconf:
 * @name: (nullable): a path below the configuration directory
 *
 * Like the other functions here, follows an environment variable, as fwupd does, so that a lab or
 * an image build can keep everything below a directory of its own: `UCUPDATES_SYSCONFDIR` (`/etc`),
 * `UCUPDATES_VENDORDIR` (`/usr/lib/ucupdates`), `UCUPDATES_LOCALSTATEDIR` (`/var`),
 * `UCUPDATES_RUNDIR`
 * (`/run`). No program of this project runs with more rights than its caller.
 *
 * Returns: (transfer full): `/etc/ucupdates/<name>`
 */
gchar *
uc_path_sysconf(const gchar *name)
{
	return uc_path_build("UCUPDATES_SYSCONFDIR", UC_SYSCONFDIR, name);
}

/**
 * uc_path_vendor:
 * @name: (nullable): a path below the directory of vendor defaults
 *
 * Returns: (transfer full): `/usr/lib/ucupdates/<name>`
 */
gchar *
uc_path_vendor(const gchar *name)
{
	const gchar *base = g_getenv("UCUPDATES_VENDORDIR");

	return g_build_filename(base != NULL ? base : UC_VENDORDIR, name, NULL);
}

/**
 * uc_path_state:
 * @name: (nullable): a path below the state directory
 *
 * Returns: (transfer full): `/var/lib/ucupdates/<name>`
 */
gchar *
uc_path_state(const gchar *name)
{
	const gchar *base = g_getenv("UCUPDATES_LOCALSTATEDIR");

	return g_build_filename(base != NULL ? base : UC_LOCALSTATEDIR,
				"lib",
				"ucupdates",
				name,
				NULL);
}

/**
 * uc_path_plugin_state:
 * @name: (nullable): a path below what fwupd's plugin keeps of the endpoints
 *
 * Follows fwupd's own variable, `FWUPD_LOCALSTATEDIR`. Everybody may read there, only fwupd writes.
 *
 * Returns: (transfer full): `/var/lib/fwupd/uc-endpoint/<name>`
 */
gchar *
uc_path_plugin_state(const gchar *name)
{
	const gchar *base = g_getenv("FWUPD_LOCALSTATEDIR");

	return g_build_filename(base != NULL ? base : UC_LOCALSTATEDIR,
				"lib",
				"fwupd",
				"uc-endpoint",
				name,
				NULL);
}

/**
 * uc_path_run:
 * @name: (nullable): a path below the run-time directory
 *
 * Returns: (transfer full): `/run/ucupdates/<name>`
 */
gchar *
uc_path_run(const gchar *name)
{
	return uc_path_build("UCUPDATES_RUNDIR", "/run", name);
}

/**
 * uc_path_timesync:
 *
 * Follows `UCUPDATES_RUNDIR`.
 *
 * Returns: (transfer full): `/run/systemd/timesync/synchronized`, which systemd-timesyncd(8) makes
 * once it has synchronised the clock
 */
gchar *
uc_path_timesync(void)
{
	const gchar *base = g_getenv("UCUPDATES_RUNDIR");

	return g_build_filename(base != NULL ? base : "/run",
				"systemd",
				"timesync",
				"synchronized",
				NULL);
}

/**
 * uc_path_resolv_conf:
 *
 * Follows `UCUPDATES_RESOLV_CONF`, so that a lab can be a network of its own.
 *
 * Returns: (transfer full): `/etc/resolv.conf`
 */
gchar *
uc_path_resolv_conf(void)
{
	const gchar *path = g_getenv("UCUPDATES_RESOLV_CONF");

	return g_strdup(path != NULL ? path : "/etc/resolv.conf");
}

/**
 * uc_path_sysfs:
 * @name: a path below `/sys`
 *
 * Follows `UCUPDATES_SYSFSDIR`.
 *
 * Returns: (transfer full): `/sys/<name>`
 */
gchar *
uc_path_sysfs(const gchar *name)
{
	const gchar *base = g_getenv("UCUPDATES_SYSFSDIR");

	return g_build_filename(base != NULL ? base : "/sys", name, NULL);
}

/**
 * uc_path_procfs:
 * @name: a path below `/proc`
 *
 * Follows `UCUPDATES_PROCFS`.
 *
 * Returns: (transfer full): `/proc/<name>`
 */
gchar *
uc_path_procfs(const gchar *name)
{
	const gchar *base = g_getenv("UCUPDATES_PROCFS");

	return g_build_filename(base != NULL ? base : "/proc", name, NULL);
}

/**
 * uc_path_dev:
 * @name: a path below `/dev`
 *
 * Follows `UCUPDATES_DEVDIR`.
 *
 * Returns: (transfer full): `/dev/<name>`
 */
gchar *
uc_path_dev(const gchar *name)
{
	const gchar *base = g_getenv("UCUPDATES_DEVDIR");

	return g_build_filename(base != NULL ? base : "/dev", name, NULL);
}

/**
 * uc_anchor_to_string:
 * @anchor: a purpose
 *
 * Returns: the name of its directory below `trust.d/`
 */
const gchar *
uc_anchor_to_string(UcAnchor anchor)
{
	static const gchar *const names[] = {"tls", "documents", "payload", "metadata"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_ANCHOR_LAST);
	g_return_val_if_fail(anchor < UC_ANCHOR_LAST, NULL);
	return names[anchor];
}

/**
 * uc_path_anchors:
 * @anchor: a purpose
 *
 * Returns: (transfer full): the directory that holds the anchors of that purpose
 */
gchar *
uc_path_anchors(UcAnchor anchor)
{
	g_autofree gchar *name = g_build_filename("trust.d", uc_anchor_to_string(anchor), NULL);

	return uc_path_sysconf(name);
}
