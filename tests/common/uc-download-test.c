/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "uc-download.h"
#include "uc-error.h"
#include "uc-http-lab.h"
#include "uc-sha256.h"
#include "uc-tls.h"

/* every name is this machine: a redirect leads to a name, and GIO asks for it */
#define UC_TYPE_HTTP_TEST_RESOLVER (uc_http_test_resolver_get_type())
G_DECLARE_FINAL_TYPE(UcHttpTestResolver, uc_http_test_resolver, UC, HTTP_TEST_RESOLVER, GResolver)

struct _UcHttpTestResolver {
	GResolver parent_instance;
};

G_DEFINE_TYPE(UcHttpTestResolver, uc_http_test_resolver, G_TYPE_RESOLVER)

static void
uc_http_test_resolver_ask(GResolver *resolver,
			  const gchar *name,
			  GResolverNameLookupFlags flags,
			  GCancellable *cancellable,
			  GAsyncReadyCallback callback,
			  gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, user_data);
	GInetAddress *address = g_inet_address_new_from_string("127.0.0.1");

	g_assert_cmpstr(name, ==, OTHER_HOST ".");
	g_task_return_pointer(task, g_list_append(NULL, address), NULL);
}

static GList *
uc_http_test_resolver_answer(GResolver *resolver, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void
uc_http_test_resolver_class_init(UcHttpTestResolverClass *klass)
{
	GResolverClass *resolver = G_RESOLVER_CLASS(klass);

	resolver->lookup_by_name_with_flags_async = uc_http_test_resolver_ask;
	resolver->lookup_by_name_with_flags_finish = uc_http_test_resolver_answer;
}

static void
uc_http_test_resolver_init(UcHttpTestResolver *self)
{
}

static gboolean
uc_http_test_download_from(UcHttpTest *self,
			   const gchar *url_path,
			   const gchar *sha256,
			   guint64 max_bytes,
			   GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	g_autofree gchar *path = g_build_filename(self->dir, "out", NULL);
	UcDownload download = {.path = url_path,
			       .destination = path,
			       .size_bytes = BODY_BYTES,
			       .max_bytes = max_bytes,
			       .sha256 = sha256,
			       .speed_bytes_sec = 1024,
			       .speed_secs = 1};

	uc_download_async(self->http, &download, NULL, uc_http_test_done_cb, &result);
	return uc_download_finish(self->http, uc_http_test_wait(&result), error);
}

static gboolean
uc_http_test_download(UcHttpTest *self, const gchar *sha256, guint64 max_bytes, GError **error)
{
	return uc_http_test_download_from(self, "/file", sha256, max_bytes, error);
}

static void
uc_http_test_download_whole(UcHttpTest *self, gconstpointer data)
{
	g_autofree gchar *path = g_build_filename(self->dir, "out", NULL);
	g_autofree gchar *part = g_build_filename(self->dir, "out.part", NULL);
	g_autofree gchar *wrong = g_strnfill(UC_SHA256_HEX_CHARS, '0');
	g_autofree gchar *found = NULL;
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES - 1, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	g_assert_false(uc_http_test_download(self, wrong, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(part, G_FILE_TEST_EXISTS));
	g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	found = uc_sha256_for_file(path, NULL, &error);
	g_assert_cmpstr(found, ==, self->sha256);
}

/* goal: less than one read buffer is fetched again; here, where the end is seen, nothing is */
static void
uc_http_test_download_resumed(UcHttpTest *self, gconstpointer data)
{
	static const guint percents[] = {10, 50, 90};

	uc_http_test_serve_good(self);
	for (guint i = 0; i < G_N_ELEMENTS(percents); i++) {
		g_autofree gchar *path = g_build_filename(self->dir, "out", NULL);
		g_autoptr(GError) error = NULL;
		gsize cut_bytes = 0;

		(void)g_remove(path);
		self->cut_bytes = BODY_BYTES / 100 * percents[i];
		g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
		g_clear_error(&error);
		cut_bytes = self->cut_bytes;
		self->cut_bytes = 0;
		self->served_bytes = 0;
		g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
		g_assert_no_error(error);
		g_assert_cmpint(self->range_start, ==, (goffset)cut_bytes);
		g_assert_cmpuint(self->served_bytes, ==, BODY_BYTES - cut_bytes);
	}
}

static void
uc_http_test_download_no_range(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	self->cut_bytes = 700000;
	g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_clear_error(&error);
	self->cut_bytes = 0;
	self->ignore_range = TRUE;
	g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
}

static void
uc_http_test_download_redirected(UcHttpTest *self, gconstpointer data)
{
	static const struct {
		const gchar *path;
		UcError code;
		const gchar *message;
	} table[] = {
	    {"/to/1", UC_ERROR_REFUSED, "*leads to 'https://other.example/file'*"},
	    {"/to/2",
	     UC_ERROR_REFUSED,
	     "*leads to 'http://*expected a place on the same service or, over https, on a host*"},
	    {"/to/3", UC_ERROR_LIMIT, "/to/3: more than 3 redirects"},
	    {"/to/4", UC_ERROR_REFUSED, "*leads to 'https://other.example/file'*"},
	};
	g_autoptr(GError) error_good = NULL;

	uc_http_test_serve_good(self);
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(uc_http_test_download_from(self,
							  table[i].path,
							  self->sha256,
							  BODY_BYTES,
							  &error));
		g_assert_error(error, UC_ERROR, (gint)table[i].code);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("'%s' does not match '%s'", error->message, table[i].message);
	}
	g_assert_true(
	    uc_http_test_download_from(self, "/to/0", self->sha256, BODY_BYTES, &error_good));
	g_assert_no_error(error_good);
}

static gboolean
uc_http_test_is_own_host(const gchar *host, gpointer user_data)
{
	return g_str_equal(host, user_data);
}

/* only to a host that the description lists, and without the password */
static void
uc_http_test_download_other_host(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	uc_http_set_credentials(self->http, "user", "s3cret");
	g_assert_false(uc_http_test_download_from(self, "/cdn", self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	g_clear_error(&error);
	uc_http_set_host_check(self->http, uc_http_test_is_own_host, (gpointer) "www.room.example");
	g_assert_false(uc_http_test_download_from(self, "/cdn", self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_cmpuint(self->served_bytes, ==, 0);
	g_assert_nonnull(self->authorization);
	uc_http_set_host_check(self->http, uc_http_test_is_own_host, (gpointer)OTHER_HOST);
	g_assert_true(uc_http_test_download_from(self, "/cdn", self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	g_assert_null(self->authorization);
}

/* a part of an older file is not continued: the server sends the new one whole */
static void
uc_http_test_download_changed(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *etag = g_build_filename(self->dir, "out.part.etag", NULL);

	uc_http_test_serve_good(self);
	self->cut_bytes = 700000;
	g_assert_false(uc_http_test_download_from(self, "/etag", self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	g_clear_error(&error);
	self->cut_bytes = 0;
	self->version++;
	g_assert_true(uc_http_test_download_from(self, "/etag", self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	g_assert_cmpint(self->range_start, ==, -1);
	g_assert_false(g_file_test(etag, G_FILE_TEST_EXISTS));
}

/* what the program under test asks of the kernel, and of the disk that stands for it */
static struct {
	gboolean is_full;
	guint synced; /* so often the part was flushed while it had no other name */
} uc_http_test_disk;

int
__real_fsync(int fd);

/* the linker puts it in the place of fsync(2) */
int
__wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	g_autofree gchar *link = g_strdup_printf("/proc/self/fd/%d", fd);
	g_autofree gchar *path = g_file_read_link(link, NULL);
	g_autofree gchar *name = NULL;

	if (path == NULL || !g_str_has_suffix(path, "/out.part"))
		return __real_fsync(fd);
	if (uc_http_test_disk.is_full) {
		errno = ENOSPC;
		return -1;
	}
	name = g_strndup(path, strlen(path) - strlen(".part"));
	if (!g_file_test(name, G_FILE_TEST_EXISTS))
		uc_http_test_disk.synced++;
	return __real_fsync(fd);
}

/* after a power cut a file with that name would be taken for whole */
static void
uc_http_test_download_flushed(UcHttpTest *self, gconstpointer data)
{
	g_autofree gchar *path = g_build_filename(self->dir, "out", NULL);
	g_autofree gchar *part = g_build_filename(self->dir, "out.part", NULL);
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	uc_http_test_disk.is_full = TRUE;
	g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "cannot write to the disk "));
	g_clear_error(&error);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test(part, G_FILE_TEST_EXISTS));
	uc_http_test_disk.is_full = FALSE;
	uc_http_test_disk.synced = 0;
	self->served_bytes = 0;
	g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(uc_http_test_disk.synced, ==, 1);
	g_assert_cmpuint(self->served_bytes, ==, 0); /* what is there is not fetched again */
}

static void
uc_http_test_download_slow(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	g_assert_false(uc_http_test_download_from(self, "/hang", self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	g_assert_nonnull(strstr(error->message, "slower than 1024 bytes a second for 1 s"));
}

int
main(int argc, char **argv)
{
	g_autoptr(GResolver) resolver = NULL;

	uc_tls_init();
	g_test_init(&argc, &argv, NULL);
	resolver = g_object_new(UC_TYPE_HTTP_TEST_RESOLVER, NULL);
	g_resolver_set_default(resolver);
	uc_http_test_add("/download/whole", uc_http_test_download_whole);
	uc_http_test_add("/download/resumed", uc_http_test_download_resumed);
	uc_http_test_add("/download/no-range", uc_http_test_download_no_range);
	uc_http_test_add("/download/redirected", uc_http_test_download_redirected);
	uc_http_test_add("/download/other-host", uc_http_test_download_other_host);
	uc_http_test_add("/download/changed", uc_http_test_download_changed);
	uc_http_test_add("/download/flushed", uc_http_test_download_flushed);
	uc_http_test_add("/download/slow", uc_http_test_download_slow);
	return g_test_run();
}
