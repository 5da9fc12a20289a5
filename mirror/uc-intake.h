/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"
#include "uc-enrol.h"

/* so many posts may wait; what comes beyond is told to come again later */
#define UC_INTAKE_WAITING_MAX 4096

/**
 * UcIntakeKind:
 * @UC_INTAKE_CHECKIN: docs/service-protocol.md section 5
 * @UC_INTAKE_REPORT: docs/service-protocol.md section 6
 * @UC_INTAKE_ENROL: docs/service-protocol.md section 7
 * @UC_INTAKE_PHONE: path and user agent of a phone's request, uc-phone.c; its reply is empty
 *
 * What an endpoint posted.
 */
typedef enum { UC_INTAKE_CHECKIN, UC_INTAKE_REPORT, UC_INTAKE_ENROL, UC_INTAKE_PHONE } UcIntakeKind;

/**
 * UcIntakeFunc:
 * @reply: (nullable): JSON text for the endpoint, %NULL if there is an error
 * @error: (nullable): why it was not taken in
 *
 * Called once for each post, in the thread that made the intake, from its main context.
 */
typedef void (*UcIntakeFunc)(GBytes *reply, const GError *error, gpointer user_data);

typedef struct _UcIntake UcIntake;

UcIntake *
uc_intake_new(UcDatabase *database) G_GNUC_WARN_UNUSED_RESULT;
void
uc_intake_free(UcIntake *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcIntake, uc_intake_free)

GBytes *
uc_intake_find(UcIntake *self, GBytes *body, const UcPeer *peer) G_GNUC_WARN_UNUSED_RESULT;
void
uc_intake_add(UcIntake *self,
	      UcIntakeKind kind,
	      GBytes *body,
	      UcPeer *peer,
	      UcIntakeFunc func,
	      gpointer user_data);
