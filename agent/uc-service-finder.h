/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-clock.h"
#include "uc-discovery.h"
#include "uc-service-settings.h"
#include "uc-state.h"
#include "uc-way.h"

/**
 * UcServiceFinderOptions:
 * @state: what is known of the organisation; must outlive the run
 * @settings: what is configured; must outlive the run
 * @clock: must outlive the run
 * @network: (nullable): key of the network where the last run was
 * @ask_again_secs: until when what DNS said then holds, seconds since the Unix epoch; 0 for unknown
 * @given: (nullable): URL to try in the place of the one that was given before
 * @given_external: (nullable): the same from outside
 * @given_only: try nothing but these
 */
typedef struct {
	UcState *state;
	const UcServiceSettings *settings;
	const UcClock *clock;
	const gchar *network;
	gint64 ask_again_secs;
	const gchar *given;
	const gchar *given_external;
	gboolean given_only;
} UcServiceFinderOptions;

void
uc_service_finder_run_async(const UcServiceFinderOptions *options,
			    GCancellable *cancellable,
			    GAsyncReadyCallback callback,
			    gpointer user_data);
UcService *
uc_service_finder_run_finish(GAsyncResult *result,
			     UcWay *way_out,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_service_finder_run_get_network(GAsyncResult *result);
guint32
uc_service_finder_run_get_ask_again_secs(GAsyncResult *result);
UcService *
uc_service_finder_run_get_candidate(GAsyncResult *result);
