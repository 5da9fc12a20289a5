/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-paths.h"
#include "uc-x509.h"

#define UC_KEY_FILE_CA	    "ca"
#define UC_KEY_FILE_NEXT_CA "next-ca" /* where a rotation of the CA has begun */
#define UC_KEY_FILE_LEAF    "leaf"

gchar *
uc_key_file_get_path(const gchar *root, UcAnchor purpose, const gchar *name, const gchar *suffix)
    G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_file_new_ca(const gchar *purpose, const gchar *organisation, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_file_new_leaf(UcX509 *ca,
		     const gchar *purpose,
		     const gchar *organisation,
		     const gchar *const *hosts,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_key_file_issue_for(UcX509 *ca,
		      const gchar *purpose,
		      const gchar *organisation,
		      GBytes *public_key,
		      gint64 now_secs,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_key_file_find_certificate(const gchar *root,
			     UcAnchor purpose,
			     const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_file_load_pair(const gchar *certificate,
		      const gchar *key,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_file_save_pair(const gchar *certificate, const gchar *key, UcX509 *pair, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_file_load(const gchar *root, UcAnchor purpose, const gchar *name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_file_save(const gchar *root,
		 UcAnchor purpose,
		 const gchar *name,
		 UcX509 *pair,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_file_save_anchor(const gchar *root,
			const gchar *purpose,
			const gchar *name,
			GBytes *certificate,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
