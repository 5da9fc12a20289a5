/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <fwupdplugin.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <sys/stat.h>

#include "fu-uc-endpoint-agent.h"
#include "fu-uc-endpoint-permit.h"

/* The one-use permit: at shutdown there is no bus to ask the agent on. Before it lets the system go
 * down, the agent leaves the SHA-256 of the image that may be activated in a file that only it can
 * write: root, or the user who may own the agent's name on the bus. */

#define FU_UC_ENDPOINT_PERMIT_SIZE_MAX 256 /* bytes */

static gboolean
fu_uc_endpoint_permit_is_owner(uid_t uid)
{
	struct passwd *entry = NULL;

	if (uid == geteuid())
		return TRUE;
	entry = getpwnam(FU_UC_ENDPOINT_AGENT_USER);
	return entry != NULL && entry->pw_uid == uid;
}

static gchar *
fu_uc_endpoint_permit_read_fd(gint fd)
{
	struct stat st = {0};
	gchar buf[FU_UC_ENDPOINT_PERMIT_SIZE_MAX] = {'\0'};
	gssize len;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !fu_uc_endpoint_permit_is_owner(st.st_uid) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return NULL;
	len = read(fd, buf, sizeof(buf) - 1);
	if (len < 0)
		return NULL;
	return g_strdup(g_strstrip(buf));
}

/* the file is gone before anything is done with it, so that it is good for one use at most */
static gchar *
fu_uc_endpoint_permit_take(const gchar *path)
{
	g_autofree gchar *text = NULL;
	gint fd = g_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);

	if (fd < 0)
		return NULL;
	text = fu_uc_endpoint_permit_read_fd(fd);
	(void)g_close(fd, NULL);
	if (g_unlink(path) < 0)
		return NULL;
	return g_steal_pointer(&text);
}

/**
 * fu_uc_endpoint_permit_use:
 * @sha256: the image that is to be activated
 * @error: (nullable): optional return location for an error
 *
 * Uses up the permit `<rundir>/ucupdates/permit`, whatever it says.
 *
 * Returns: %TRUE if it was for @sha256, otherwise %FALSE with %FWUPD_ERROR_BUSY
 **/
gboolean
fu_uc_endpoint_permit_use(const gchar *sha256, GError **error)
{
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_RUNDIR, "ucupdates", "permit", NULL);
	g_autofree gchar *text = fu_uc_endpoint_permit_take(path);

	if (g_strcmp0(text, sha256) == 0)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_BUSY,
		    "the agent cannot be asked, as there is no system bus, and %s %s; "
		    "activate while the system runs",
		    path,
		    text == NULL ? "does not permit it" : "permits another image");
	return FALSE;
}
