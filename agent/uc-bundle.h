/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "uc-redact.h"

typedef struct _UcBundle UcBundle;

/**
 * UcBundleItem:
 * @name: a path inside the bundle
 * @text: UTF-8
 */
typedef struct {
	gchar *name;
	gchar *text;
} UcBundleItem;

UcBundle *
uc_bundle_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_bundle_free(UcBundle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcBundle, uc_bundle_free)

void
uc_bundle_add_text(UcBundle *self, const gchar *name, const gchar *text);
void
uc_bundle_add_file(UcBundle *self, const gchar *name, const gchar *path);
void
uc_bundle_add_dir(UcBundle *self, const gchar *name, const gchar *path, const gchar *suffix);
void
uc_bundle_add_listing(UcBundle *self, const gchar *name, const gchar *path);
void
uc_bundle_add_command(UcBundle *self, const gchar *name, const gchar *const *argv);
void
uc_bundle_redact(UcBundle *self, UcRedact *redact);
const GPtrArray *
uc_bundle_get_items(UcBundle *self);
gboolean
uc_bundle_check_path(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_bundle_write(UcBundle *self, const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
