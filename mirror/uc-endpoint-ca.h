/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

/* endpoints do not know it, so that it is no anchor */
#define UC_ENDPOINT_CA_PURPOSE "endpoints"

gchar *
uc_endpoint_ca_get_path(const UcMirror *mirror, const gchar *suffix) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_ca_ensure(const UcMirror *mirror,
		      gint64 now_secs,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_endpoint_ca_load(const UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_ca_save(const UcMirror *mirror, UcX509 *ca, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_endpoint_ca_new(const UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_endpoint_ca_list(const UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_ca_drop_others(const UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
