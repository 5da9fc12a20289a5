/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a discovery means to who is about to use the service */

#include "uc-discovery.h"
#include "uc-error.h"
#include "uc-names.h"
#include "uc-probe.h"

/**
 * uc_discovery_new_failure:
 *
 * For who needs a service: that there is none as an error.
 *
 * Returns: (transfer full): %UC_ERROR_NOT_FOUND, %UC_ERROR_TEMPORARY, %UC_ERROR_REFUSED, or the
 * code of the domain that decided the outcome
 */
GError *
uc_discovery_new_failure(UcDiscovery *self)
{
	static const UcError codes[] = {
	    [UC_OUTCOME_FOUND] = UC_ERROR_FAILED,
	    [UC_OUTCOME_NONE] = UC_ERROR_NOT_FOUND,
	    [UC_OUTCOME_UNREACHABLE] = UC_ERROR_TEMPORARY,
	    [UC_OUTCOME_REFUSED] = UC_ERROR_REFUSED,
	};
	const GError *cause = uc_discovery_get_error(self);
	g_autofree gchar *text = uc_discovery_describe(self);
	UcError code = codes[uc_discovery_get_outcome(self)];
	GError *error = NULL;

	if (cause != NULL && cause->domain == UC_ERROR)
		code = cause->code;
	error = g_error_new_literal(UC_ERROR, code, text);
	if (cause != NULL)
		uc_error_set_retry_after_secs(error, uc_error_get_retry_after_secs(cause));
	return error;
}

/**
 * uc_discovery_check_alone:
 * @error: set to %UC_ERROR_REFUSED when two organisations were found
 *
 * Whose endpoint this is must not depend on which answer came first.
 *
 * Returns: whether all services found are of one organisation
 */
gboolean
uc_discovery_check_alone(UcDiscovery *self, GError **error)
{
	GPtrArray *probes = uc_discovery_get_probes(self);
	const gchar *first = NULL;

	for (guint i = 0; i < probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(probes, i);
		const gchar *organisation = NULL;

		if (probe->service == NULL)
			continue;
		organisation = uc_service_get_description(probe->service)->organisation;
		if (first == NULL || g_str_equal(first, organisation)) {
			first = organisation;
			continue;
		}
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "two organisations offer to update this endpoint, '%s' and '%s'; name "
			    "the right one with [Discovery] Domains= in ucupdates.conf",
			    first,
			    organisation);
		return FALSE;
	}
	return TRUE;
}

/**
 * uc_discovery_new_candidate:
 * @database: what decides about the certificate
 *
 * A service whose description is refused may have new keys to tell of.
 *
 * Returns: (transfer full) (nullable): the first such one, with nothing accepted
 */
UcService *
uc_discovery_new_candidate(UcDiscovery *self, GTlsDatabase *database)
{
	GPtrArray *probes = uc_discovery_get_probes(self);

	for (guint i = 0; i < probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(probes, i);

		if (probe->error != NULL && uc_error_is_refusal(probe->error) &&
		    probe->lookup != NULL && probe->lookup->candidates->len > 0)
			return uc_service_new(probe->lookup->name,
					      UC_HTTPS_PORT,
					      probe->lookup->candidates,
					      database);
	}
	return NULL;
}
