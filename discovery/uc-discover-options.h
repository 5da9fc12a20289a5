/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-discovery.h"

/**
 * UcDiscoverOptions:
 * @discovery: for uc_discovery_run_async(); its strings are owned
 * @json: whether to print JSON
 * @version: whether to print the version and nothing else
 *
 * The command line of `ucupdates-discover`.
 */
typedef struct {
	UcDiscoveryOptions discovery;
	gboolean json;
	gboolean version;
} UcDiscoverOptions;

UcDiscoverOptions *
uc_discover_options_parse(GStrv *arguments, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_discover_options_free(UcDiscoverOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDiscoverOptions, uc_discover_options_free)
