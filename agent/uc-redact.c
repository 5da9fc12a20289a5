/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Takes out of a text what is nobody's business but the owner's. Two passes, because what is called
 * a password in one place stands without a name in another, in a line of the journal for one:
 * uc_redact_learn() notes the values of everything that has the name of a secret, and
 * uc_redact_apply() removes those names' values and, wherever they are, the values themselves.
 * When in doubt a word too many goes.
 */

#include <string.h>

#include "uc-redact.h"

#define UC_REDACT_WORD	    "(private)"
#define UC_REDACT_MIN_BYTES 4 /* a shorter value would take half of the text with it */

/* names whose value is never shown, and never shown elsewhere either */
#define UC_REDACT_SECRETS                                                                         \
	"[a-z_-]*(?:password|passwd|secret|token)|clientpin|authorization|cookie|machine[_-]?id|" \
	"identity|"                                                                               \
	"pin-value|why"
/* the same, unless the caller wants them */
#define UC_REDACT_SERIALS "serial|serial number|serialnumber|mac_?address"
/* names whose value is not shown, but too common a word to look for elsewhere */
#define UC_REDACT_NAMES "user|username|kernelcmdline"

/* what says itself that it is private; the first group stays */
#define UC_REDACT_PEM "-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----"
static const gchar *const uc_redact_shapes[] = {
    "(://)[^/@\\s\"]+(?=@)",
    "((?:pin-value|pin-source)=)[^&;\\s\"]+",
    "(authorization:\\s*)[^\\n\"]+",
};
/* what a call is about; the device shows it too */
static const gchar *const uc_redact_uses[] = {
    "(\"use_reason\"\\s*:\\s*\")(?!the source of )([^\"\\n]+)",
    "(in use: )(?!the source of )([^\"\\n]+)",
};
#define UC_REDACT_MAC "()\\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\\b"

struct _UcRedact {
	GPtrArray *learn;   /* of GRegex: the last group is a value to look for */
	GPtrArray *remove;  /* of GRegex: the first group stays */
	GPtrArray *pem;	    /* of GRegex, one: what goes over several lines */
	GHashTable *values; /* of gchar */
};

static void
uc_redact_compile(GPtrArray *list, const gchar *pattern)
{
	g_autoptr(GError) error = NULL;
	GRegex *regex =
	    g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_DOTALL, 0, &error);

	if (regex == NULL)
		g_error("%s: %s", pattern, error->message); /* of our own making */
	g_ptr_array_add(list, regex);
}

/* `Key=value`, `Key: value` and `"key" : "value"` */
static void
uc_redact_add_names(UcRedact *self, const gchar *names, gboolean everywhere)
{
	g_autofree gchar *line =
	    g_strdup_printf("^([ \\t]*(?:%s)[ \\t]*[=:][ \\t]*)([^\\n]+)$", names);
	g_autofree gchar *member =
	    g_strdup_printf("(\"(?:%s)\"\\s*:\\s*\")((?:[^\"\\\\]|\\\\.)+)", names);

	uc_redact_compile(self->remove, line);
	uc_redact_compile(self->remove, member);
	if (!everywhere)
		return;
	uc_redact_compile(self->learn, line);
	uc_redact_compile(self->learn, member);
}

/**
 * uc_redact_new:
 * @with_serials: whether serial numbers and MAC addresses stay
 *
 * Returns: (transfer full): what knows no value yet
 */
UcRedact *
uc_redact_new(gboolean with_serials)
{
	UcRedact *self = g_new0(UcRedact, 1);

	self->learn = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
	self->remove = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
	self->pem = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
	uc_redact_compile(self->pem, UC_REDACT_PEM);
	self->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(uc_redact_shapes); i++)
		uc_redact_compile(self->remove, uc_redact_shapes[i]);
	for (guint i = 0; i < G_N_ELEMENTS(uc_redact_uses); i++) {
		uc_redact_compile(self->remove, uc_redact_uses[i]);
		uc_redact_compile(self->learn, uc_redact_uses[i]);
	}
	uc_redact_add_names(self, UC_REDACT_SECRETS, TRUE);
	uc_redact_add_names(self, UC_REDACT_NAMES, FALSE);
	if (with_serials)
		return self;
	uc_redact_add_names(self, UC_REDACT_SERIALS, TRUE);
	uc_redact_compile(self->remove, UC_REDACT_MAC);
	return self;
}

void
uc_redact_free(UcRedact *self)
{
	g_ptr_array_unref(self->learn);
	g_ptr_array_unref(self->remove);
	g_ptr_array_unref(self->pem);
	g_hash_table_unref(self->values);
	g_free(self);
}

/**
 * uc_redact_add_secret:
 * @secret: a value that is private wherever it stands; one of fewer than four bytes is only taken
 *   out where its name stands before it
 */
void
uc_redact_add_secret(UcRedact *self, const gchar *secret)
{
	g_autofree gchar *stripped = g_strstrip(g_strdup(secret));

	if (strlen(stripped) >= UC_REDACT_MIN_BYTES && !g_str_equal(stripped, UC_REDACT_WORD))
		(void)g_hash_table_add(self->values, g_steal_pointer(&stripped));
}

static void
uc_redact_learn_line(UcRedact *self, const gchar *line)
{
	for (guint i = 0; i < self->learn->len; i++) {
		g_autoptr(GMatchInfo) info = NULL;

		(void)g_regex_match(g_ptr_array_index(self->learn, i), line, 0, &info);
		while (g_match_info_matches(info)) {
			g_autofree gchar *value = g_match_info_fetch(info, 2);

			uc_redact_add_secret(self, value);
			(void)g_match_info_next(info, NULL);
		}
	}
}

/**
 * uc_redact_learn:
 * @text: UTF-8
 *
 * Notes the values in it that have the name of a secret.
 */
void
uc_redact_learn(UcRedact *self, const gchar *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++)
		uc_redact_learn_line(self, lines[i]);
}

/* a text that cannot be searched is not shown */
static gchar *
uc_redact_replace(GRegex *regex, const gchar *text, const gchar *replacement)
{
	gchar *replaced = g_regex_replace(regex, text, -1, 0, replacement, 0, NULL);

	return replaced != NULL ? replaced : g_strdup(UC_REDACT_WORD);
}

static void
uc_redact_apply_line(UcRedact *self, gchar **line)
{
	for (guint i = 0; i < self->remove->len; i++) {
		g_autofree gchar *before = g_steal_pointer(line);

		*line = uc_redact_replace(g_ptr_array_index(self->remove, i),
					  before,
					  "\\1" UC_REDACT_WORD);
	}
}

/**
 * uc_redact_apply:
 * @text: UTF-8
 *
 * Line by line, so that it takes time in proportion to the length.
 *
 * Returns: (transfer full): the text with "(private)" for everything that is
 */
gchar *
uc_redact_apply(UcRedact *self, const gchar *text)
{
	g_autofree gchar *without_keys =
	    uc_redact_replace(g_ptr_array_index(self->pem, 0), text, UC_REDACT_WORD);
	g_auto(GStrv) lines = g_strsplit(without_keys, "\n", -1);
	g_autofree gchar *joined = NULL;
	g_autoptr(GString) result = NULL;
	GHashTableIter iter;
	gpointer value = NULL;

	for (guint i = 0; lines[i] != NULL; i++)
		uc_redact_apply_line(self, &lines[i]);
	joined = g_strjoinv("\n", lines);
	result = g_string_new(joined);
	g_hash_table_iter_init(&iter, self->values);
	while (g_hash_table_iter_next(&iter, &value, NULL))
		(void)g_string_replace(result, value, UC_REDACT_WORD, 0);
	return g_string_free(g_steal_pointer(&result), FALSE);
}
