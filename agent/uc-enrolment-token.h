/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-service-settings.h"

/* of the file below the state directory, and of the systemd credential */
#define UC_ENROLMENT_TOKEN_FILE "enrolment-token"
#define UC_ENROLMENT_TOKEN_NAME "ucupdates.enrolment-token"

gboolean
uc_enrolment_token_load(const UcServiceSettings *settings,
			gchar **token_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_enrolment_token_remove(void);
