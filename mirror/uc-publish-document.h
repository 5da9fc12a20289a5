/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-document.h"
#include "uc-publish.h"
#include "uc-rules.h"

#define UC_PUBLISH_REMOTES	2
#define UC_PUBLISH_CHECKIN_PATH "v1/check-in"
#define UC_PUBLISH_REPORTS_PATH "v1/report"
#define UC_PUBLISH_ENROL_PATH	"v1/enrol"
#define UC_PUBLISH_CABS_PATH	"cabs/"

/**
 * UcPublishRemote:
 * @id: of the remote, not owned
 * @metadata_path: below the base URL
 * @metadata: what is there
 * @signature_path: below the base URL
 * @signature: what is there
 */
typedef struct {
	const gchar *id;
	gchar *metadata_path;
	GBytes *metadata;
	gchar *signature_path;
	GBytes *signature;
} UcPublishRemote;

typedef struct {
	UcPublishRemote items[UC_PUBLISH_REMOTES];
} UcPublishRemotes;

void
uc_publish_remotes_clear(UcPublishRemotes *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcPublishRemotes, uc_publish_remotes_clear)

gint64
uc_publish_document_next_serial(gint64 last, gint64 now_secs);
gchar *
uc_publish_document_internal_url(const gchar *organisation,
				 const UcRules *rules) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_publish_document_new(const gchar *type,
			const gchar *organisation,
			const UcPublished *published) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_publish_document_policy(const gchar *organisation,
			   const UcPublished *published,
			   JsonObject *sections) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_publish_document_description(const gchar *organisation,
				const UcPublished *published,
				const UcRules *rules,
				GBytes *policy,
				const UcPublishRemote *remotes) G_GNUC_WARN_UNUSED_RESULT;
