/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_ctl_phrase_translate(const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_ctl_phrase_word(const gchar *context, const gchar *word);
