/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-name-server.h"
#include "uc-resolv-conf.h"

#define UC_RESOLV_CONF_BYTES  (64 * 1024)
#define UC_RESOLV_CONF_BLANKS " \t\r"

void
uc_resolv_conf_free(UcResolvConf *self)
{
	g_clear_pointer(&self->name_servers, g_ptr_array_unref);
	g_clear_pointer(&self->domains, g_strfreev);
	g_free(self);
}

static GStrv
uc_resolv_conf_split(const gchar *text)
{
	g_auto(GStrv) parts = g_strsplit_set(text, UC_RESOLV_CONF_BLANKS, -1);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; parts[i] != NULL; i++) {
		if (parts[i][0] != '\0')
			g_strv_builder_add(builder, parts[i]);
	}
	return g_strv_builder_end(builder);
}

/* one that we cannot use does not make the others useless */
static void
uc_resolv_conf_add_server(UcResolvConf *self, const gchar *text)
{
	GInetSocketAddress *server = NULL;

	if (self->name_servers->len < UC_LIMIT_NAME_SERVERS)
		server = uc_name_server_new(text, UC_NAME_SERVER_PORT);
	if (server != NULL)
		g_ptr_array_add(self->name_servers, server);
}

static void
uc_resolv_conf_parse_line(UcResolvConf *self, const gchar *line)
{
	g_auto(GStrv) words = NULL;

	if (line[0] == '#' || line[0] == ';')
		return;
	words = uc_resolv_conf_split(line);
	if (words[0] == NULL || words[1] == NULL)
		return;
	if (g_str_equal(words[0], "nameserver")) {
		uc_resolv_conf_add_server(self, words[1]);
	} else if (g_str_equal(words[0], "search")) {
		g_strfreev(self->domains);
		self->domains = g_strdupv(words + 1);
	} else if (g_str_equal(words[0], "domain")) {
		g_strfreev(self->domains);
		self->domains = g_strdupv((gchar *[]){words[1], NULL});
	}
}

/**
 * uc_resolv_conf_parse:
 * @bytes: the file, any bytes
 * @error: set to %UC_ERROR_LIMIT when it is longer than 64 KiB
 *
 * Reads `nameserver`, `search` and `domain` as resolv.conf(5) says: the last `search` or `domain`
 * line counts, and without a name server there is one on this machine. Lines that are not
 * understood are passed over.
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcResolvConf *
uc_resolv_conf_parse(GBytes *bytes, GError **error)
{
	g_autoptr(UcResolvConf) self = g_new0(UcResolvConf, 1);
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(bytes, &size_bytes);
	g_autofree gchar *text = NULL;
	g_auto(GStrv) lines = NULL;

	self->name_servers = g_ptr_array_new_with_free_func(g_object_unref);
	self->domains = g_new0(gchar *, 1);
	if (size_bytes > UC_RESOLV_CONF_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%" G_GSIZE_FORMAT " bytes, expected at most %d",
			    size_bytes,
			    UC_RESOLV_CONF_BYTES);
		return NULL;
	}
	text = g_strndup(data != NULL ? data : "", size_bytes);
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++)
		uc_resolv_conf_parse_line(self, lines[i]);
	if (self->name_servers->len == 0)
		uc_resolv_conf_add_server(self, "127.0.0.1");
	return g_steal_pointer(&self);
}

/* a file of /proc or a device could be endless */
static GBytes *
uc_resolv_conf_read(const gchar *path, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, error);
	g_autofree guint8 *data = NULL;
	gsize size_bytes = 0;

	if (stream == NULL)
		return NULL;
	data = g_malloc(UC_RESOLV_CONF_BYTES + 1);
	if (!g_input_stream_read_all(G_INPUT_STREAM(stream),
				     data,
				     UC_RESOLV_CONF_BYTES + 1,
				     &size_bytes,
				     NULL,
				     error))
		return NULL;
	return g_bytes_new(data, size_bytes);
}

/**
 * uc_resolv_conf_load:
 * @path: the file; that it is absent is the same as that it is empty
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcResolvConf *
uc_resolv_conf_load(const gchar *path, GError **error)
{
	g_autoptr(GError) error_read = NULL;
	g_autoptr(GBytes) bytes = uc_resolv_conf_read(path, &error_read);
	UcResolvConf *self = NULL;

	if (bytes == NULL && g_error_matches(error_read, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		bytes = g_bytes_new(NULL, 0);
	if (bytes == NULL) {
		g_set_error_literal(error, UC_ERROR, UC_ERROR_FAILED, error_read->message);
		return NULL;
	}
	self = uc_resolv_conf_parse(bytes, error);
	if (self == NULL)
		g_prefix_error(error, "%s: ", path);
	return self;
}
