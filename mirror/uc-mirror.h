/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"
#include "uc-paths.h"
#include "uc-x509.h"

/**
 * UcMirror:
 * @root: its directory, absolute
 * @organisation: domain name of the organisation
 * @database: its state
 *
 * An open mirror, docs/mirror.md.
 */
typedef struct {
	gchar *root;
	gchar *organisation;
	UcDatabase *database;
} UcMirror;

UcMirror *
uc_mirror_open(const gchar *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_mirror_free(UcMirror *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcMirror, uc_mirror_free)

gchar *
uc_mirror_path(const UcMirror *self,
	       const gchar *name,
	       ...) G_GNUC_NULL_TERMINATED G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_mirror_load_key(const UcMirror *self,
		   UcAnchor purpose,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * UcMirrorLock:
 *
 * Held by the one process that imports or publishes.
 */
typedef struct _UcMirrorLock UcMirrorLock;

UcMirrorLock *
uc_mirror_lock(const UcMirror *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcMirrorLock *
uc_mirror_lock_sync(const UcMirror *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_mirror_unlock(UcMirrorLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcMirrorLock, uc_mirror_unlock)

gboolean
uc_mirror_remove_tree(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
