/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-mirror.h"

/**
 * UcEnrolList:
 * @UC_ENROL_LIST_WAITING: keys that the administrator has to decide about
 * @UC_ENROL_LIST_CONFLICTS: those that claim what another key has
 */
typedef enum { UC_ENROL_LIST_WAITING, UC_ENROL_LIST_CONFLICTS } UcEnrolList;

JsonArray *
uc_enrol_list(UcDatabase *database, UcEnrolList which, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_enrol_list_for(UcDatabase *database,
		  const gchar *identity,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_enrol_approve(UcMirror *mirror, const gchar *id, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_enrol_deny(UcMirror *mirror, const gchar *id, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
