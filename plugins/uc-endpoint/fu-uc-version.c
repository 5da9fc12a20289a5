/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-version.h"

/* The rule, with test vectors, is in docs/firmware-format.md ("Versions"). The mirror has to do
 * exactly the same, as fwupd compares what both say. */

#define FU_UC_VERSION_RELEASE_REGEX "^v?([0-9]{1,9})[ ]*r([0-9]{1,9}(?:\\.[0-9]{1,9})*)$"
#define FU_UC_VERSION_LETTER_REGEX  "^v?([0-9]{1,9}(?:\\.[0-9]{1,9})*)([a-z]{1,2})$"
#define FU_UC_VERSION_PLAIN_REGEX   "^v?([0-9]{1,9}(?:\\.[0-9]{1,9})*)$"

static gchar **
fu_uc_version_match(const gchar *version, const gchar *pattern)
{
	g_autoptr(GRegex) regex = NULL;
	g_autoptr(GMatchInfo) info = NULL;

	regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
	g_return_val_if_fail(regex != NULL, NULL);
	if (!g_regex_match(regex, version, 0, &info))
		return NULL;
	return g_match_info_fetch_all(info);
}

/* each component without leading zeros */
static gchar *
fu_uc_version_canonical(const gchar *version)
{
	g_auto(GStrv) parts = g_strsplit(version, ".", -1);
	g_autoptr(GString) str = g_string_new(NULL);

	for (guint i = 0; parts[i] != NULL; i++) {
		const gchar *digits = parts[i];
		while (digits[0] == '0' && digits[1] != '\0')
			digits++;
		g_string_append_printf(str, "%s%s", i > 0 ? "." : "", digits);
	}
	return g_string_free(g_steal_pointer(&str), FALSE);
}

/* A is 1, Z is 26, AA is 27, ZZ is 702 */
static guint
fu_uc_version_letters_to_number(const gchar *letters)
{
	guint number = 0;
	for (guint i = 0; letters[i] != '\0'; i++)
		number = number * 26 + (guint)(g_ascii_toupper(letters[i]) - 'A') + 1;
	return number;
}

/**
 * fu_uc_version_normalize:
 * @version: the version in the vendor's spelling
 *
 * Turns a vendor's version into one that fwupd can compare: `V3 R5.12.0` becomes `3.5.12.0`,
 * `5.4.3AA` becomes `5.4.3.27`. What is neither is returned as it is, without the white space
 * around it.
 *
 * Returns: (transfer full): the normalised version
 **/
gchar *
fu_uc_version_normalize(const gchar *version)
{
	g_autofree gchar *stripped = g_strstrip(g_strdup(version));
	g_auto(GStrv) words = NULL;

	words = fu_uc_version_match(stripped, FU_UC_VERSION_RELEASE_REGEX);
	if (words != NULL) {
		g_autofree gchar *joined = g_strdup_printf("%s.%s", words[1], words[2]);
		return fu_uc_version_canonical(joined);
	}
	words = fu_uc_version_match(stripped, FU_UC_VERSION_LETTER_REGEX);
	if (words != NULL) {
		g_autofree gchar *numbers = fu_uc_version_canonical(words[1]);
		return g_strdup_printf("%s.%u", numbers, fu_uc_version_letters_to_number(words[2]));
	}
	words = fu_uc_version_match(stripped, FU_UC_VERSION_PLAIN_REGEX);
	if (words != NULL)
		return fu_uc_version_canonical(words[1]);
	return g_steal_pointer(&stripped);
}

/**
 * fu_uc_version_format:
 * @version: a normalised version
 *
 * Returns: the format that fwupd needs to show and compare @version: by the number of components
 * for one to four numbers, otherwise %FWUPD_VERSION_FORMAT_PLAIN
 **/
FwupdVersionFormat
fu_uc_version_format(const gchar *version)
{
	g_auto(GStrv) words = fu_uc_version_match(version, FU_UC_VERSION_PLAIN_REGEX);
	g_auto(GStrv) parts = NULL;

	if (words == NULL)
		return FWUPD_VERSION_FORMAT_PLAIN;
	parts = g_strsplit(version, ".", -1);
	switch (g_strv_length(parts)) {
	case 1:
		return FWUPD_VERSION_FORMAT_NUMBER;
	case 2:
		return FWUPD_VERSION_FORMAT_PAIR;
	case 3:
		return FWUPD_VERSION_FORMAT_TRIPLET;
	case 4:
		return FWUPD_VERSION_FORMAT_QUAD;
	default:
		return FWUPD_VERSION_FORMAT_PLAIN;
	}
}

/**
 * fu_uc_version_compare:
 * @version_a: a version in any spelling
 * @version_b: another version in any spelling
 *
 * Compares two versions after normalising both, number by number.
 *
 * Returns: negative, zero or positive as @version_a is older than, the same as or newer than
 * @version_b
 **/
gint
fu_uc_version_compare(const gchar *version_a, const gchar *version_b)
{
	g_autofree gchar *normal_a = fu_uc_version_normalize(version_a);
	g_autofree gchar *normal_b = fu_uc_version_normalize(version_b);
	return fu_version_compare(normal_a, normal_b, FWUPD_VERSION_FORMAT_UNKNOWN);
}
