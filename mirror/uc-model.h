/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"

gboolean
uc_model_learn(UcDatabase *database,
	       const gchar *const *names,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_model_list_unknown(UcDatabase *database,
		      const gchar *const *names,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_model_list(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
