/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-http.h"
#include "uc-json.h"

typedef struct _UcReports UcReports;

UcReports *
uc_reports_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_reports_free(UcReports *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcReports, uc_reports_free)

gboolean
uc_reports_add(UcReports *self, JsonObject *report, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_reports_clear(UcReports *self);
guint
uc_reports_get_length(UcReports *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_reports_deliver_async(UcReports *self,
			 UcHttp *http,
			 const gchar *path,
			 GCancellable *cancellable,
			 GAsyncReadyCallback callback,
			 gpointer user_data);
gboolean
uc_reports_deliver_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
