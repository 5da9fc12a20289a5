/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* what RAUC says about one of its slots */
typedef struct {
	gchar *name;	       /* e.g. `rootfs.1` */
	gchar *class_name;     /* e.g. `rootfs` */
	gchar *bootname;       /* (nullable): what the boot loader calls it */
	gchar *state;	       /* `booted`, `active` or `inactive` */
	gchar *bundle_version; /* (nullable): of what RAUC installed there last */
	gchar *content;	       /* (nullable): another text after each installation there */
} FuUcRaucSlot;

GPtrArray *
fu_uc_rauc_slots_from_variant(GVariant *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const FuUcRaucSlot *
fu_uc_rauc_slots_find_booted(GPtrArray *slots, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const FuUcRaucSlot *
fu_uc_rauc_slots_find_other(GPtrArray *slots, GError **error) G_GNUC_WARN_UNUSED_RESULT;
