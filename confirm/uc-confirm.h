/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* what became of an endpoint */
typedef enum {
	UC_CONFIRM_NOTHING, /* no new firmware runs there */
	UC_CONFIRM_HEALTHY, /* confirmed */
	UC_CONFIRM_RESTART, /* the machine has to restart into what ran before */
	UC_CONFIRM_ERROR,   /* it could not be told, or not be written down */
} UcConfirmResult;

UcConfirmResult
uc_confirm_endpoint(const gchar *filename);
UcConfirmResult
uc_confirm_all(const gchar *directory, const gchar *quirk);
