/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-http.h"
#include "uc-x509.h"

#define NOW_SECS   (g_get_real_time() / G_USEC_PER_SEC)
#define HOUR_SECS  3600
#define HOST	   "ucupdates-r2.room.example"
#define OTHER_HOST "cdn.room.example"
#define BODY_BYTES (1024 * 1024)

/* a real HTTPS server on loopback, and a client that was told where the name is */
typedef struct {
	gchar *dir;
	UcX509 *ca;
	SoupServer *server;
	GPtrArray *addresses;
	UcHttp *http;
	GBytes *body;
	gchar *sha256;
	guint port;
	gchar *authorization; /* (nullable): of the last request */
	guint64 served_bytes;
	goffset range_start; /* of the last request, -1 without a range */
	gsize cut_bytes;     /* close the connection after so many, 0 for never */
	gboolean ignore_range;
	guint version; /* of /etag */
} UcHttpTest;

UcX509 *
uc_http_test_issue(UcX509 *ca, UcX509Purpose purpose, const gchar *name, const gchar *dns_name);
void
uc_http_test_listen(UcHttpTest *self, UcX509 *leaf);
void
uc_http_test_set_up(UcHttpTest *self, gconstpointer data);
void
uc_http_test_tear_down(UcHttpTest *self, gconstpointer data);
void
uc_http_test_serve_good(UcHttpTest *self);
void
uc_http_test_done_cb(GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *
uc_http_test_wait(GAsyncResult **result);
GBytes *
uc_http_test_get(UcHttpTest *self,
		 const gchar *path,
		 gsize max_bytes,
		 guint timeout_ms,
		 GError **error);
void
uc_http_test_add(const gchar *path, void (*func)(UcHttpTest *, gconstpointer));
