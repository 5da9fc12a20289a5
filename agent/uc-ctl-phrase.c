/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent speaks English to everybody: on the bus, in the journal and to the service. Here its
 * sentences become those of whoever asks. They are the ones that gettext knows anyway: where one of
 * them fits, with anything in the places that it leaves, its translation gets what was found there,
 * which may be such a sentence itself. What fits none is shown as it is.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "uc-ctl-phrase.h"

#define UC_CTL_PHRASE_DEPTH   4 /* of sentences within sentences */
#define UC_CTL_PHRASE_BYTES   4096
#define UC_CTL_PHRASE_LETTERS 3 /* with fewer of its own it is one for numbers only */
#define UC_CTL_PHRASE_PLACE   "%[sdu]"

/* what the agent puts together from what an application said, docs/agent.md "Sources" */
static const gchar *const uc_ctl_phrase_uses[] G_GNUC_UNUSED = {
    N_("call (%s)"),
    N_("call (%s): %s"),
    N_("presentation (%s)"),
    N_("presentation (%s): %s"),
    N_("booking (%s)"),
    N_("booking (%s): %s"),
};

/* for xgettext: the words of the interface that people see, by what they are about */
static const gchar *const uc_ctl_phrase_words[] G_GNUC_UNUSED = {
    NC_("work", "idle"),
    NC_("work", "asking fwupd"),
    NC_("work", "noting results"),
    NC_("work", "looking for updates"),
    NC_("work", "downloading"),
    NC_("work", "staging"),
    NC_("work", "activating"),
    NC_("work", "restarting"),
    NC_("work", "revoking"),
    NC_("work", "forgetting the service"),
    NC_("action", "none"),
    NC_("action", "wait"),
    NC_("action", "check"),
    NC_("action", "download"),
    NC_("action", "stage"),
    NC_("action", "activate"),
    NC_("action", "restart"),
    NC_("action", "revoke"),
    NC_("progress", "current"),
    NC_("progress", "available"),
    NC_("progress", "downloaded"),
    NC_("progress", "staged"),
    NC_("progress", "activated"),
    NC_("state", "met"),
    NC_("state", "not-met"),
    NC_("state", "unknown"),
    NC_("use", "none"),
    NC_("use", "call"),
    NC_("use", "unknown"),
    NC_("event", "staged"),
    NC_("event", "activated"),
    NC_("event", "revoked"),
    NC_("event", "success"),
    NC_("event", "failed"),
    NC_("event", "refused"),
    NC_("relation", "newer"),
    NC_("relation", "same"),
    NC_("relation", "older"),
};

static const gchar *const uc_ctl_phrases[] = {
#include "uc-ctl-phrases.h"
};

static guint
uc_ctl_phrase_count_letters(gchar *const *parts)
{
	guint letters = 0;

	for (guint i = 0; parts[i] != NULL; i++) {
		for (const gchar *p = parts[i]; *p != '\0'; p++)
			letters += g_ascii_isalpha(*p) ? 1 : 0;
	}
	return letters;
}

/* Whether it can fit at all: what comes before the first place and after the last one is there. Of
 * all the phrases hardly any does, and the others cost no regular expression. */
static gboolean
uc_ctl_phrase_may_match(const gchar *phrase, const gchar *text)
{
	const gchar *first = strchr(phrase, '%');
	const gchar *last = strrchr(phrase, '%');

	if (first == NULL)
		return g_str_equal(phrase, text);
	return strncmp(phrase, text, (gsize)(first - phrase)) == 0 &&
	       (last[1] == '\0' || g_str_has_suffix(text, last + 2));
}

/* the places are where gettext's sentence has them */
static GMatchInfo *
uc_ctl_phrase_match(const gchar *phrase, const gchar *text)
{
	g_auto(GStrv) parts = g_regex_split_simple(UC_CTL_PHRASE_PLACE, phrase, 0, 0);
	guint letters = uc_ctl_phrase_count_letters(parts);
	const gchar *place = letters < UC_CTL_PHRASE_LETTERS ? "([0-9]+)" : "(.+)";
	g_autoptr(GString) pattern = g_string_new("^");
	g_autoptr(GRegex) regex = NULL;
	GMatchInfo *match = NULL;

	if (letters == 0)
		return NULL;
	for (guint i = 0; parts[i] != NULL; i++) {
		g_autofree gchar *escaped = g_regex_escape_string(parts[i], -1);

		g_string_append_printf(pattern, "%s%s", i > 0 ? place : "", escaped);
	}
	g_string_append_c(pattern, '$');
	regex = g_regex_new(pattern->str, G_REGEX_DOLLAR_ENDONLY | G_REGEX_DOTALL, 0, NULL);
	if (regex == NULL || g_regex_match(regex, text, 0, &match))
		return match;
	g_match_info_free(match);
	return NULL;
}

static gchar *
uc_ctl_phrase_translate_at(const gchar *text, guint depth);

static gchar *
uc_ctl_phrase_fill(const gchar *translation, const GMatchInfo *match, guint depth)
{
	g_auto(GStrv) parts = g_regex_split_simple(UC_CTL_PHRASE_PLACE, translation, 0, 0);
	g_autoptr(GString) text = g_string_new(parts[0]);

	for (gint i = 1; parts[i] != NULL; i++) {
		g_autofree gchar *found = g_match_info_fetch(match, i);
		g_autofree gchar *inner =
		    uc_ctl_phrase_translate_at(found != NULL ? found : "", depth + 1);

		g_string_append_printf(text, "%s%s", inner, parts[i]);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* of several that fit the one that says most itself */
static gchar *
uc_ctl_phrase_translate_at(const gchar *text, guint depth)
{
	g_autoptr(GMatchInfo) best = NULL;
	const gchar *phrase = NULL;

	/* gettext gives back what it has no translation of: then it has none of any */
	if (_(uc_ctl_phrases[0]) == uc_ctl_phrases[0] || depth > UC_CTL_PHRASE_DEPTH ||
	    strlen(text) > UC_CTL_PHRASE_BYTES)
		return g_strdup(text);
	for (guint i = 0; i < G_N_ELEMENTS(uc_ctl_phrases); i++) {
		GMatchInfo *match = NULL;

		if (!uc_ctl_phrase_may_match(uc_ctl_phrases[i], text) ||
		    (phrase != NULL && strlen(uc_ctl_phrases[i]) <= strlen(phrase)))
			continue;
		match = uc_ctl_phrase_match(uc_ctl_phrases[i], text);
		if (match == NULL)
			continue;
		g_clear_pointer(&best, g_match_info_free);
		best = match;
		phrase = uc_ctl_phrases[i];
	}
	return phrase != NULL ? uc_ctl_phrase_fill(_(phrase), best, depth) : g_strdup(text);
}

/**
 * uc_ctl_phrase_translate:
 * @text: a sentence for people, as the agent tells it
 *
 * Returns: (transfer full): the same in the language of this process, as far as it is known
 */
gchar *
uc_ctl_phrase_translate(const gchar *text)
{
	return uc_ctl_phrase_translate_at(text, 0);
}

/**
 * uc_ctl_phrase_word:
 * @context: `work`, `action`, `progress`, `state`, `use`, `event` or `relation`
 * @word: one of the interface's
 *
 * Returns: (transfer none): the same in the language of this process
 */
const gchar *
uc_ctl_phrase_word(const gchar *context, const gchar *word)
{
	return g_dpgettext2(NULL, context, word);
}
