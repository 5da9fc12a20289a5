/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_domain_canonicalise(const gchar *text,
		       const gchar *const *allowed,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_domain_canonicalise_allowed(const gchar *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_domain_is_host_name(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_domain_contains(const gchar *domain, const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_domain_get_service_name(const gchar *domain) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_domain_get_old_name(const gchar *domain) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_domain_get_srv_name(const gchar *domain) G_GNUC_WARN_UNUSED_RESULT;
