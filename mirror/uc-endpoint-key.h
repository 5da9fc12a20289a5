/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"
#include "uc-rules.h"

/* so many endpoints a key may be for: those of a machine, and as many that it had before */
#define UC_ENDPOINT_KEY_IDENTITIES_MAX 2048

/**
 * UcEndpointKey:
 * @row: key in the database, what the administrator calls it
 * @name: what its certificates say
 * @state: `waiting`, `wanted` (to be signed), `issued`, `denied` or `revoked`
 * @public_key: SubjectPublicKeyInfo, DER, in base64
 * @certificate: the last one, in PEM; may be empty
 * @expires_secs: until when it counts
 *
 * The key of an endpoint, or of several on one machine.
 */
typedef struct {
	gint64 row;
	gchar *name;
	gchar *state;
	gchar *public_key;
	gchar *certificate;
	gint64 expires_secs;
} UcEndpointKey;

/**
 * UcEndpointKeyHold:
 * @UC_ENDPOINT_KEY_FREE: nobody has it
 * @UC_ENDPOINT_KEY_OWN: this key has it
 * @UC_ENDPOINT_KEY_OTHER: another key has it
 *
 * Whose an identity is.
 */
typedef enum { UC_ENDPOINT_KEY_FREE, UC_ENDPOINT_KEY_OWN, UC_ENDPOINT_KEY_OTHER } UcEndpointKeyHold;

void
uc_endpoint_key_free(UcEndpointKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcEndpointKey, uc_endpoint_key_free)

gboolean
uc_endpoint_key_get_mode(UcDatabase *database,
			 UcRulesEnrolment *mode_out,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_find(UcDatabase *database,
		     const gchar *key_sha256,
		     UcEndpointKey **key_out,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_is_enrolled(const UcEndpointKey *self);
gboolean
uc_endpoint_key_prove(UcDatabase *database,
		      const gchar *key_sha256,
		      UcEndpointKey **key_out,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_check_certificate(const UcEndpointKey *self,
				  const gchar *certificate,
				  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_get_hold(UcDatabase *database,
			 const UcEndpointKey *self,
			 const gchar *identity,
			 UcEndpointKeyHold *hold_out,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_bind(UcDatabase *database,
		     const UcEndpointKey *self,
		     GPtrArray *identities,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_add_conflict(UcDatabase *database,
			     const UcEndpointKey *self,
			     const gchar *identity,
			     gint64 now_secs,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_use(UcDatabase *database,
		    const UcEndpointKey *self,
		    const gchar *identity,
		    gint64 now_secs,
		    gboolean *proven_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_set_state(UcDatabase *database,
			  const UcEndpointKey *self,
			  const gchar *state,
			  gint64 now_secs,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_key_revoke_for(UcDatabase *database,
			   const gchar *identity,
			   gint64 now_secs,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
