/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-enrol.h"
#include "uc-intake.h"
#include "uc-offer-cache.h"
#include "uc-phone.h"
#include "uc-report.h"

/**
 * UcIntakePost:
 * @kind: what it is
 * @body: as it came
 * @peer: (nullable): who posted it
 * @func: called with the answer
 * @user_data: for @func, not owned
 * @checkin: (nullable): what there is to be stored, one of these four
 * @report: (nullable): likewise
 * @enrol: (nullable): likewise
 * @phone: (nullable): likewise
 * @wanted: whether there is something to sign
 * @reply: (nullable): the answer
 * @error: (nullable): why there is none
 *
 * One post, from its arrival to its answer.
 */
typedef struct {
	UcIntakeKind kind;
	GBytes *body;
	UcPeer *peer;
	UcIntakeFunc func;
	gpointer user_data;
	UcCheckin *checkin;
	UcReport *report;
	UcEnrolRequest *enrol;
	UcPhone *phone;
	gboolean wanted;
	GBytes *reply;
	GError *error;
} UcIntakePost;

/**
 * UcIntakeStore:
 * @database: not owned
 * @offers: a cache of this database, refreshed within the transaction; not owned
 * @mode: how endpoints enrol
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * Where posts are stored, and when.
 */
typedef struct {
	UcDatabase *database;
	UcOfferCache *offers;
	UcRulesEnrolment mode;
	gint64 now_secs;
} UcIntakeStore;

void
uc_intake_post_free(UcIntakePost *self);
void
uc_intake_post_clear_parsed(UcIntakePost *self);
void
uc_intake_post_parse(UcIntakePost *self);
gboolean
uc_intake_post_is_valid(const UcIntakePost *self) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_intake_post_get_certificate(const UcIntakePost *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_intake_post_store(UcIntakePost *self,
		     const UcIntakeStore *store,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
