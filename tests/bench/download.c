/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One download by common/uc-download.c, for tests/bench/download.py.
 *
 *   download HOST ADDRESS PORT ANCHORS PATH DESTINATION SIZE SHA256
 */

#include <stdlib.h>

#include "uc-download.h"
#include "uc-tls.h"

typedef struct {
	GMainLoop *loop;
	GError *error;
} UcBench;

static void
uc_bench_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcBench *bench = user_data;

	(void)!uc_download_finish(UC_HTTP(source), result, &bench->error);
	g_main_loop_quit(bench->loop);
}

int
main(int argc, char **argv)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_object_unref);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(UcHttp) http = NULL;
	g_autoptr(GError) error = NULL;
	UcBench bench = {.loop = loop};
	UcDownload download = {0};
	guint64 port = 0;

	uc_tls_init();
	if (argc != 9 || !g_ascii_string_to_unsigned(argv[3], 10, 1, 65535, &port, &error) ||
	    !g_ascii_string_to_unsigned(argv[7], 10, 1, G_MAXINT64, &download.size_bytes, &error))
		return EXIT_FAILURE;
	database = uc_tls_database_new(argv[4], &error);
	if (database == NULL) {
		g_printerr("%s\n", error->message);
		return EXIT_FAILURE;
	}
	g_ptr_array_add(addresses, g_inet_socket_address_new_from_string(argv[2], (guint)port));
	http = uc_http_new(argv[1], (guint16)port, addresses, database);
	download.path = argv[5];
	download.destination = argv[6];
	download.max_bytes = download.size_bytes;
	download.sha256 = argv[8];
	uc_download_async(http, &download, NULL, uc_bench_done_cb, &bench);
	g_main_loop_run(loop);
	if (bench.error == NULL)
		return EXIT_SUCCESS;
	g_printerr("%s\n", bench.error->message);
	g_clear_error(&bench.error);
	return EXIT_FAILURE;
}
