/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Files of the published tree over HTTP. The tree is found anew for every request, so that a
 * publication is seen at once; a response that has begun keeps its file. A body is read piece by
 * piece as the connection takes it, so that memory does not grow with a file or with its readers.
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-range.h"
#include "uc-server-file.h"

#define UC_SERVER_FILE_CHUNK_BYTES (128 * 1024)
#define UC_SERVER_FILE_PATH_BYTES  512

typedef struct {
	gint fd;
	guint64 size_bytes;
	guint64 offset;
	guint64 left_bytes;
	gchar *etag;
} UcServerFile;

static void
uc_server_file_free(UcServerFile *self)
{
	if (self->fd >= 0)
		close(self->fd);
	g_free(self->etag);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServerFile, uc_server_file_free)

/**
 * uc_server_file_is_path:
 * @path: path of a request
 *
 * Returns: whether it may name a published file: elements of letters, digits and `._-`, none of
 *   them hidden but `.well-known`
 */
gboolean
uc_server_file_is_path(const gchar *path)
{
	static const gchar allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-";
	g_auto(GStrv) parts = NULL;

	if (path[0] != '/' || path[1] == '\0' || strlen(path) > UC_SERVER_FILE_PATH_BYTES)
		return FALSE;
	parts = g_strsplit(path + 1, "/", -1);
	for (guint i = 0; parts[i] != NULL; i++) {
		if (parts[i][0] == '\0' || strspn(parts[i], allowed) != strlen(parts[i]) ||
		    (parts[i][0] == '.' && !(i == 0 && g_str_equal(parts[i], ".well-known"))))
			return FALSE;
	}
	return TRUE;
}

static UcServerFile *
uc_server_file_open(const gchar *public_dir, const gchar *path)
{
	g_autoptr(UcServerFile) self = g_new0(UcServerFile, 1);
	g_autofree gchar *full = g_build_filename(public_dir, path, NULL);
	struct stat info;

	self->fd = g_open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	if (self->fd < 0 || fstat(self->fd, &info) != 0 || !S_ISREG(info.st_mode))
		return NULL;
	self->size_bytes = (guint64)info.st_size;
	self->left_bytes = self->size_bytes;
	self->etag = g_strdup_printf("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER
				     "x-%" G_GINT64_MODIFIER "x\"",
				     (guint64)info.st_mtim.tv_sec,
				     (guint64)info.st_mtim.tv_nsec,
				     self->size_bytes);
	return g_steal_pointer(&self);
}

static const gchar *
uc_server_file_guess_type(const gchar *path)
{
	if (g_str_has_suffix(path, ".json"))
		return "application/json";
	if (g_str_has_suffix(path, ".cab"))
		return "application/vnd.ms-cab-compressed";
	if (g_str_has_suffix(path, ".xml") || g_str_has_suffix(path, ".cfg"))
		return "text/xml";
	if (g_str_has_suffix(path, ".zst"))
		return "application/zstd";
	return "application/octet-stream";
}

/* a cab's name is its hash, everything else is new after each publication */
static const gchar *
uc_server_file_guess_caching(const gchar *path)
{
	if (g_str_has_prefix(path, "/cabs/"))
		return "public, max-age=31536000, immutable";
	return "no-cache";
}

static gboolean
uc_server_file_is_known(const UcServerFile *self, SoupMessageHeaders *request)
{
	const gchar *header = soup_message_headers_get_list(request, "If-None-Match");
	g_auto(GStrv) tags = header != NULL ? g_strsplit(header, ",", 64) : NULL;

	for (guint i = 0; tags != NULL && tags[i] != NULL; i++) {
		const gchar *tag = g_strstrip(tags[i]);

		if (g_str_has_prefix(tag, "W/"))
			tag += 2;
		if (g_str_equal(tag, "*") || g_str_equal(tag, self->etag))
			return TRUE;
	}
	return FALSE;
}

static UcRangeResult
uc_server_file_choose_range(const UcServerFile *self,
			    SoupMessageHeaders *request,
			    guint64 *first_out,
			    guint64 *last_out)
{
	const gchar *range = soup_message_headers_get_list(request, "Range");
	const gchar *condition = soup_message_headers_get_one(request, "If-Range");

	if (condition != NULL && g_strcmp0(condition, self->etag) != 0)
		return UC_RANGE_WHOLE;
	return uc_range_parse(range, self->size_bytes, first_out, last_out);
}

static void
uc_server_file_send_more(SoupServerMessage *message, UcServerFile *self)
{
	SoupMessageBody *body = soup_server_message_get_response_body(message);
	g_autofree guint8 *buffer = NULL;
	gsize wanted = (gsize)MIN(self->left_bytes, UC_SERVER_FILE_CHUNK_BYTES);
	gssize read_bytes = 0;

	if (wanted == 0)
		return;
	buffer = g_malloc(wanted);
	do {
		read_bytes = pread(self->fd, buffer, wanted, (off_t)self->offset);
	} while (read_bytes < 0 && errno == EINTR);
	if (read_bytes <= 0) {
		/* the length was promised: the only honest end is a broken connection */
		GSocket *socket = soup_server_message_get_socket(message);

		g_warning("a published file cannot be read: %s", g_strerror(errno));
		if (socket != NULL)
			g_socket_shutdown(socket, TRUE, TRUE, NULL);
		return;
	}
	self->offset += (guint64)read_bytes;
	self->left_bytes -= (guint64)read_bytes;
	soup_message_body_append_take(body, g_steal_pointer(&buffer), (gsize)read_bytes);
	if (self->left_bytes == 0)
		soup_message_body_complete(body);
}

static void
uc_server_file_wrote_chunk_cb(SoupServerMessage *message, UcServerFile *self)
{
	uc_server_file_send_more(message, self);
}

static void
uc_server_file_closure_free(gpointer data, GClosure *closure)
{
	uc_server_file_free(data);
}

static void
uc_server_file_send(SoupServerMessage *message, UcServerFile *file)
{
	SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
	g_autoptr(UcServerFile) self = file;

	soup_message_headers_set_content_length(response, (goffset)self->left_bytes);
	if (g_str_equal(soup_server_message_get_method(message), "HEAD") || self->left_bytes == 0)
		return;
	soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
	uc_server_file_send_more(message, self);
	g_signal_connect_data(message,
			      "wrote-chunk",
			      G_CALLBACK(uc_server_file_wrote_chunk_cb),
			      g_steal_pointer(&self),
			      uc_server_file_closure_free,
			      0);
}

static void
uc_server_file_set_headers(SoupMessageHeaders *response,
			   const UcServerFile *self,
			   const gchar *path)
{
	soup_message_headers_replace(response, "ETag", self->etag);
	soup_message_headers_replace(response, "Accept-Ranges", "bytes");
	soup_message_headers_replace(response, "Cache-Control", uc_server_file_guess_caching(path));
	soup_message_headers_replace(response, "X-Content-Type-Options", "nosniff");
	soup_message_headers_set_content_type(response, uc_server_file_guess_type(path), NULL);
}

/**
 * uc_server_file_respond:
 * @message: a GET or HEAD request
 * @public_dir: the published tree, a symbolic link
 * @path: path of the request
 *
 * Answers with the file, a part of it, 304, 404 or 416.
 */
void
uc_server_file_respond(SoupServerMessage *message, const gchar *public_dir, const gchar *path)
{
	SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
	SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
	g_autoptr(UcServerFile) self = NULL;
	UcRangeResult range = UC_RANGE_WHOLE;
	guint64 first = 0;
	guint64 last = 0;

	if (uc_server_file_is_path(path))
		self = uc_server_file_open(public_dir, path);
	if (self == NULL) {
		soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, NULL);
		return;
	}
	uc_server_file_set_headers(response, self, path);
	if (uc_server_file_is_known(self, request)) {
		soup_server_message_set_status(message, SOUP_STATUS_NOT_MODIFIED, NULL);
		return;
	}
	range = uc_server_file_choose_range(self, request, &first, &last);
	if (range == UC_RANGE_UNSATISFIABLE) {
		g_autofree gchar *size =
		    g_strdup_printf("bytes */%" G_GUINT64_FORMAT, self->size_bytes);

		soup_message_headers_replace(response, "Content-Range", size);
		soup_server_message_set_status(message,
					       SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE,
					       NULL);
		return;
	}
	soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
	if (range == UC_RANGE_PART) {
		soup_server_message_set_status(message, SOUP_STATUS_PARTIAL_CONTENT, NULL);
		soup_message_headers_set_content_range(response,
						       (goffset)first,
						       (goffset)last,
						       (goffset)self->size_bytes);
		self->offset = first;
		self->left_bytes = last - first + 1;
	}
	uc_server_file_send(message, g_steal_pointer(&self));
}
