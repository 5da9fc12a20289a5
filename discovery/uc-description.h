/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-document.h"

/**
 * UcDescriptionFile:
 * @path: relative to the base URL, without a slash at the beginning and without `..`
 * @size_bytes: the size it must have
 * @sha256: the SHA-256 it must have, 64 lower-case hexadecimal digits
 *
 * A file that the service publishes.
 */
typedef struct {
	gchar *path;
	guint64 size_bytes;
	gchar *sha256;
} UcDescriptionFile;

/**
 * UcDescriptionRemote:
 * @id: `ucupdates` or `ucupdates-testing`
 * @metadata: AppStream XML, compressed as the suffix says
 * @signature: the jcat of it
 * @firmware_base_path: what locations in the metadata are relative to, as @path of a file
 *
 * A remote of fwupd's.
 */
typedef struct {
	gchar *id;
	UcDescriptionFile *metadata;
	UcDescriptionFile *signature;
	gchar *firmware_base_path;
} UcDescriptionRemote;

/**
 * UcDescription:
 * @organisation: the domain name of the organisation
 * @serial: of the document
 * @issued_secs: when it was signed, seconds since the Unix epoch
 * @expires_secs: until when it counts
 * @domains: the organisation's domains, canonical
 * @internal_url: base URL inside the organisation's network, with a slash at the end
 * @external_url: (nullable): the same from outside
 * @policy: the signed policy document
 * @remotes: (element-type UcDescriptionRemote): at most 4
 * @checkin_path: where to POST a check-in, relative like that of a file
 * @reports_path: where to POST a report, relative like that of a file
 * @enrolment_path: (nullable): where to POST a request for a certificate, relative like that of a
 * file
 *
 * A verified service description, docs/service-protocol.md section 3.
 */
typedef struct {
	gchar *organisation;
	gint64 serial;
	gint64 issued_secs;
	gint64 expires_secs;
	GStrv domains;
	gchar *internal_url;
	gchar *external_url;
	UcDescriptionFile *policy;
	GPtrArray *remotes;
	gchar *checkin_path;
	gchar *reports_path;
	gchar *enrolment_path;
} UcDescription;

gchar *
uc_description_build_path(const gchar *path) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_description_file_check(const UcDescriptionFile *self,
			  GBytes *bytes,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcDescription *
uc_description_parse(const UcDocument *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_description_check_domain(const UcDescription *self,
			    const gchar *domain,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_description_check_host(const UcDescription *self,
			  const gchar *host,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_description_is_url(const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
const UcDescriptionRemote *
uc_description_find_remote(const UcDescription *self, const gchar *id) G_GNUC_WARN_UNUSED_RESULT;
void
uc_description_free(UcDescription *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDescription, uc_description_free)
