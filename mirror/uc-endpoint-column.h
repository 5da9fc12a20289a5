/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-inventory.h"

/**
 * UcEndpointColumn:
 * @name: what the administrator calls it
 * @title: of the column, for people
 * @get: (transfer full): the text of an endpoint
 * @compare: (nullable): sorts two endpoints; by the text if %NULL
 */
typedef struct {
	const gchar *name;
	const gchar *title;
	gchar *(*get)(const UcInventoryEndpoint *endpoint);
	gint (*compare)(const UcInventoryEndpoint *a, const UcInventoryEndpoint *b);
} UcEndpointColumn;

const UcEndpointColumn *
uc_endpoint_column_find(const gchar *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_column_filter(GPtrArray *endpoints,
			  const gchar *condition,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_endpoint_column_sort(GPtrArray *endpoints, const UcEndpointColumn *column);
