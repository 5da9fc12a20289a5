/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#include "fu-uc-endpoint-rauc-bundle.h"
#include "fu-uc-endpoint-slot.h"

/* The copy of a bundle beside the state, which RAUC reads: it does not see what the daemon has
 * open. */

/**
 * fu_uc_endpoint_rauc_bundle_build_path:
 * @config: an endpoint file
 *
 * Returns: (transfer full): where the copy is
 **/
gchar *
fu_uc_endpoint_rauc_bundle_build_path(FuUcEndpointConfig *config)
{
	g_autofree gchar *basename =
	    g_strconcat(fu_uc_endpoint_config_get_id(config), ".raucb", NULL);
	return fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", basename, NULL);
}

/**
 * fu_uc_endpoint_rauc_bundle_remove:
 * @path: a copy, which need not exist
 **/
void
fu_uc_endpoint_rauc_bundle_remove(const gchar *path)
{
	if (g_unlink(path) < 0 && errno != ENOENT)
		g_warning("%s could not be removed: %s", path, fwupd_strerror(errno));
}

/**
 * fu_uc_endpoint_rauc_bundle_check:
 * @path: where the copy is to be
 * @size: of the bundle, in bytes
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if there is room for it, or %FALSE with %FWUPD_ERROR_WRITE and a sentence with the
 * sizes
 **/
gboolean
fu_uc_endpoint_rauc_bundle_check(const gchar *path, guint64 size, GError **error)
{
	g_autofree gchar *directory = g_path_get_dirname(path);

	if (!fu_path_mkdir(directory, error))
		return FALSE;
	return fu_uc_endpoint_slot_check_free(directory, size, "the copy of the bundle", error);
}

/**
 * fu_uc_endpoint_rauc_bundle_write:
 * @path: where the copy is to be, in a directory that exists
 * @stream: the bundle
 * @size: bytes in @stream
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if all of it is there; otherwise what is there is of no use
 **/
gboolean
fu_uc_endpoint_rauc_bundle_write(const gchar *path,
				 GInputStream *stream,
				 guint64 size,
				 GError **error)
{
	gint fd;
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);

	fu_uc_endpoint_rauc_bundle_remove(path);
	fd = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fu_uc_endpoint_slot_fail_file(path, "created", error);
	(void)g_close(fd, NULL);
	return fu_uc_endpoint_slot_write(path, stream, size, progress, error);
}
