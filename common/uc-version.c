/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Vendors' versions in the one spelling that fwupd compares. The rule is in docs/firmware-format.md
 * ("Versions"); the plugin does the same.
 */

#include <string.h>

#include "uc-version.h"

#define UC_VERSION_DIGITS 9 /* of a number, as in the expressions */

/* `V3 R5.12.0`; `5.4.3AA`; `4.1.0.73405` */
#define UC_VERSION_NUMBERS "([0-9]{1,9}(?:\\.[0-9]{1,9})*)"
#define UC_VERSION_RELEASE "^v?([0-9]{1,9}) *r" UC_VERSION_NUMBERS "$"
#define UC_VERSION_LETTERS "^v?" UC_VERSION_NUMBERS "([a-z]{1,2})$"
#define UC_VERSION_PLAIN   "^v?" UC_VERSION_NUMBERS "$"

static GStrv
uc_version_match(const gchar *text, const gchar *pattern)
{
	g_autoptr(GRegex) regex =
	    g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	g_return_val_if_fail(regex != NULL, NULL);
	return g_regex_match(regex, text, 0, &match) ? g_match_info_fetch_all(match) : NULL;
}

/* as nearly all are, so that no expression is compiled for them: numbers without leading zeros, and
 * dots between them */
static gboolean
uc_version_is_normal(const gchar *text)
{
	guint digits = 0;

	for (const gchar *p = text; *p != '\0'; p++) {
		if (*p == '.' ? digits == 0 : !g_ascii_isdigit(*p))
			return FALSE;
		if (digits == 1 && *p != '.' && p[-1] == '0')
			return FALSE;
		digits = *p == '.' ? 0 : digits + 1;
		if (digits > UC_VERSION_DIGITS)
			return FALSE;
	}
	return digits > 0;
}

static gboolean
uc_version_is_plain(const gchar *text)
{
	g_auto(GStrv) words = NULL;

	if (uc_version_is_normal(text))
		return TRUE;
	words = uc_version_match(text, UC_VERSION_PLAIN);
	return words != NULL;
}

static void
uc_version_append(GString *out, const gchar *numbers)
{
	g_auto(GStrv) parts = g_strsplit(numbers, ".", -1);

	for (guint i = 0; parts[i] != NULL; i++) {
		if (out->len > 0)
			g_string_append_c(out, '.');
		g_string_append_printf(out,
				       "%" G_GUINT64_FORMAT,
				       g_ascii_strtoull(parts[i], NULL, 10));
	}
}

/**
 * uc_version_normalize:
 * @version: a version in its vendor's spelling
 *
 * `V3 R5.12.0` becomes `3.5.12.0`, `5.4.3AA` becomes `5.4.3.27` (A is 1, Z 26, AA 27), leading
 * zeros and a leading `v` go. What is none of these only loses the white space around it.
 *
 * Returns: (transfer full): the normalised version
 */
gchar *
uc_version_normalize(const gchar *version)
{
	g_autofree gchar *text = g_strstrip(g_strdup(version));
	g_autoptr(GString) out = NULL;
	g_auto(GStrv) words = NULL;
	g_auto(GStrv) lettered = NULL;
	g_auto(GStrv) plain = NULL;
	guint number = 0;

	if (uc_version_is_normal(text))
		return g_steal_pointer(&text);
	out = g_string_new(NULL);
	words = uc_version_match(text, UC_VERSION_RELEASE);
	lettered = uc_version_match(text, UC_VERSION_LETTERS);
	plain = uc_version_match(text, UC_VERSION_PLAIN);
	if (words != NULL) {
		uc_version_append(out, words[1]);
		uc_version_append(out, words[2]);
	} else if (lettered != NULL) {
		uc_version_append(out, lettered[1]);
		for (const gchar *p = lettered[2]; *p != '\0'; p++)
			number = number * 26 + (guint)(g_ascii_toupper(*p) - 'A') + 1;
		g_string_append_printf(out, ".%u", number);
	} else if (plain != NULL) {
		uc_version_append(out, plain[1]);
	} else {
		return g_steal_pointer(&text);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/**
 * uc_version_equal:
 *
 * Returns: whether both are the same version, in whatever spelling
 */
gboolean
uc_version_equal(const gchar *version_a, const gchar *version_b)
{
	g_autofree gchar *normal_a = NULL;
	g_autofree gchar *normal_b = NULL;

	/* nearly always, and each check-in asks */
	if (g_str_equal(version_a, version_b))
		return TRUE;
	normal_a = uc_version_normalize(version_a);
	normal_b = uc_version_normalize(version_b);
	return g_str_equal(normal_a, normal_b);
}

/**
 * uc_version_compare:
 *
 * Compares number by number, as fwupd does with the formats that have dots; what is no numbers is
 * older than what is, and by the alphabet among its like.
 *
 * Returns: less than 0, 0 or more than 0 as @version_a is older, the same or newer
 */
gint
uc_version_compare(const gchar *version_a, const gchar *version_b)
{
	g_autofree gchar *normal_a = uc_version_normalize(version_a);
	g_autofree gchar *normal_b = uc_version_normalize(version_b);
	gboolean plain_a = uc_version_is_plain(normal_a);
	gboolean plain_b = uc_version_is_plain(normal_b);
	const gchar *a = normal_a;
	const gchar *b = normal_b;

	if (!plain_a || !plain_b)
		return plain_a == plain_b ? strcmp(a, b) : plain_a - plain_b;
	while (*a != '\0' && *b != '\0') {
		gchar *end_a = NULL;
		gchar *end_b = NULL;
		guint64 number_a = g_ascii_strtoull(a, &end_a, 10);
		guint64 number_b = g_ascii_strtoull(b, &end_b, 10);

		if (number_a != number_b)
			return number_a < number_b ? -1 : 1;
		a = *end_a == '.' ? end_a + 1 : end_a;
		b = *end_b == '.' ? end_b + 1 : end_b;
	}
	return (*a != '\0') - (*b != '\0');
}
