/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define UC_DATABASE_SCHEMA_VERSION 6

const gchar *
uc_database_schema_get_step(guint version);
