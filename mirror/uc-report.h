/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcReport:
 * @uuid: made once per report, in lower case
 * @identity: of the endpoint, docs/service-protocol.md section 5
 * @event: `staged`, `activated`, `success` or `failed`
 * @version_old: may be empty
 * @version_new: may be empty
 * @sha256: of the cab, may be empty
 * @message: may be empty
 * @time_secs: when it happened, by the endpoint's clock; 0 if not said
 * @body: all of it
 * @key: number of the key that proves who it is, 0 where endpoints do not enrol
 *
 * What became of an update on one endpoint.
 */
typedef struct {
	gchar *uuid;
	gchar *identity;
	gchar *event;
	gchar *version_old;
	gchar *version_new;
	gchar *sha256;
	gchar *message;
	gint64 time_secs;
	JsonObject *body;
	gint64 key;
} UcReport;

UcReport *
uc_report_parse(GBytes *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_report_free(UcReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcReport, uc_report_free)
