/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

#define UC_PASSED_ON_DIR "passed-on" /* below the mirror's directory */

/**
 * UcPassedOn:
 * @name: of the remote, see uc_passed_on_is_name()
 * @metadata_name: file name of @metadata, its jcat is `<metadata_name>.jcat`
 * @metadata: as it was signed
 * @jcat: its signature, as it came
 * @cabs: (element-type utf8 utf8): file name of each cab, and the path of what it is
 *
 * One whole state of a remote that somebody else signed. Nothing is owned.
 */
typedef struct {
	const gchar *name;
	const gchar *metadata_name;
	GBytes *metadata;
	GBytes *jcat;
	GHashTable *cabs;
} UcPassedOn;

gboolean
uc_passed_on_is_name(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_passed_on_get_file_name(const gchar *location) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_passed_on_store(const UcMirror *mirror,
		   const UcPassedOn *state,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_passed_on_publish(const UcMirror *mirror,
		     const gchar *tree,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
