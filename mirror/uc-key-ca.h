/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-key-document.h"
#include "uc-mirror.h"

gboolean
uc_key_ca_save_anchor(UcMirror *mirror, UcAnchor purpose, GBytes *ca, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_is_same(GBytes *a, GBytes *b, gboolean *same_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_remove_anchor(UcMirror *mirror, UcAnchor purpose, GBytes *ca, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_has_next(const UcMirror *mirror, UcAnchor purpose) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_remove_next(const UcMirror *mirror,
		      UcAnchor purpose,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_key_ca_load_certificate(const UcMirror *mirror,
			   UcAnchor purpose,
			   const gchar *name,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_ca_make_next(const UcMirror *mirror,
		    UcAnchor purpose,
		    const gchar *uri,
		    gint64 now_secs,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_add_anchor(UcKeyDocument *document, UcAnchor purpose, UcX509 *ca, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_issue(UcMirror *mirror,
		UcAnchor purpose,
		UcX509 *ca,
		const gchar *uri,
		gint64 now_secs,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_ca_switch(UcMirror *mirror,
		 UcAnchor purpose,
		 GBytes *ca,
		 UcX509 *next,
		 const gchar *uri,
		 gint64 now_secs,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
