/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "uc-csr.h"

/**
 * UcEnrolRequest:
 * @csr: with the public key, signed by the private one
 * @identities: of the endpoints that it is for, one at least, none twice
 * @token: may be empty
 *
 * A request for a certificate, docs/service-protocol.md section 7.
 */
typedef struct {
	UcCsr *csr;
	GStrv identities;
	gchar *token;
} UcEnrolRequest;

UcEnrolRequest *
uc_enrol_request_parse(GBytes *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_enrol_request_check_claim(const UcEnrolRequest *self,
			     const gchar *organisation,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_enrol_request_free(UcEnrolRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcEnrolRequest, uc_enrol_request_free)
