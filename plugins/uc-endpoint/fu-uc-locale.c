/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "fu-uc-locale.h"

/*
 * Which languages an image is for: a tag stands for all that begin with it, so that one for `de` is
 * for `de-AT` too (basic filtering, RFC 4647, section 3.3.1). Names of POSIX are taken as well.
 */

/* `de_AT.UTF-8@euro` is `de-at`, and so is `de-AT` */
static gchar *
fu_uc_locale_normalize(const gchar *locale)
{
	g_autofree gchar *tag = g_strndup(locale, strcspn(locale, ".@"));
	g_autofree gchar *lower = g_ascii_strdown(tag, -1);
	return g_strdelimit(g_steal_pointer(&lower), "_", '-');
}

/**
 * fu_uc_locale_get_ranges:
 * @locale: (nullable): of an endpoint, a tag of BCP 47 or a name of POSIX
 *
 * Returns: (transfer full): what an image for it may say, most general first: `de` and `de-at` for
 * `de-AT`; empty without a locale, and for what is none
 **/
gchar **
fu_uc_locale_get_ranges(const gchar *locale)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autofree gchar *tag = fu_uc_locale_normalize(locale != NULL ? locale : "");
	gboolean valid = g_ascii_isalpha(tag[0]) &&
			 strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(tag);
	for (gsize i = 1; valid && i <= strlen(tag); i++) {
		if (tag[i] == '-' || tag[i] == '\0') {
			g_autofree gchar *range = g_strndup(tag, i);
			g_strv_builder_add(builder, range);
		}
	}
	return g_strv_builder_end(builder);
}

/**
 * fu_uc_locale_matches:
 * @range: of an image
 * @locale: (nullable): of an endpoint
 *
 * Returns: whether an image for @range is for an endpoint with @locale
 **/
gboolean
fu_uc_locale_matches(const gchar *range, const gchar *locale)
{
	g_autofree gchar *wanted = fu_uc_locale_normalize(range);
	g_auto(GStrv) ranges = fu_uc_locale_get_ranges(locale);
	return g_strv_contains((const gchar *const *)ranges, wanted);
}
