/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "uc-sha256.h"

#define UC_SHA256_CHUNK_BYTES (128 * 1024)

/* GnuTLS rather than GChecksum: it uses the processor's SHA instructions, which is several times
 * as fast on the images of hundreds of megabytes that pass through here. */
struct _UcSha256 {
	gnutls_hash_hd_t handle;
};

/**
 * uc_sha256_new:
 *
 * Returns: (transfer full): a running SHA-256
 */
UcSha256 *
uc_sha256_new(void)
{
	UcSha256 *self = g_new0(UcSha256, 1);
	gint rc = gnutls_hash_init(&self->handle, GNUTLS_DIG_SHA256);

	/* fails only when the library itself was built without SHA-256 or its self test failed */
	if (rc != GNUTLS_E_SUCCESS)
		g_error("cannot use SHA-256: %s", gnutls_strerror(rc));
	return self;
}

void
uc_sha256_update(UcSha256 *self, gconstpointer data, gsize size_bytes)
{
	gnutls_hash(self->handle, data, size_bytes);
}

/**
 * uc_sha256_to_bytes:
 * @self: a running SHA-256, which goes on unchanged
 * @digest_out: (out caller-allocates) (array fixed-size=32): the digest of what was added so far
 */
void
uc_sha256_to_bytes(UcSha256 *self, guint8 *digest_out)
{
	gnutls_hash_hd_t copy = gnutls_hash_copy(self->handle);

	gnutls_hash_deinit(copy, digest_out);
}

/**
 * uc_sha256_finish:
 * @self: a running SHA-256, which begins anew
 * @digest_out: (out caller-allocates) (array fixed-size=32): the digest of what was added
 */
void
uc_sha256_finish(UcSha256 *self, guint8 *digest_out)
{
	gnutls_hash_output(self->handle, digest_out);
}

/**
 * uc_sha256_to_hex:
 * @self: a running SHA-256, which goes on unchanged
 *
 * Returns: (transfer full): the 64 lower-case hexadecimal digits of what was added so far
 */
gchar *
uc_sha256_to_hex(UcSha256 *self)
{
	static const gchar digits[] = "0123456789abcdef";
	guint8 digest[UC_SHA256_BYTES];
	gchar *hex = g_malloc(UC_SHA256_HEX_CHARS + 1);

	uc_sha256_to_bytes(self, digest);
	for (guint i = 0; i < sizeof(digest); i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0xf];
	}
	hex[UC_SHA256_HEX_CHARS] = '\0';
	return hex;
}

void
uc_sha256_free(UcSha256 *self)
{
	gnutls_hash_deinit(self->handle, NULL);
	g_free(self);
}

gchar *
uc_sha256_for_bytes(GBytes *bytes)
{
	g_autoptr(UcSha256) self = uc_sha256_new();
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(bytes, &size_bytes);

	uc_sha256_update(self, data, size_bytes);
	return uc_sha256_to_hex(self);
}

/**
 * uc_sha256_add_file:
 * @self: a running SHA-256
 * @path: a file, read as a stream
 * @size_bytes_out: (out) (optional): how much was read
 * @error: set to `G_IO_ERROR` when it cannot be read
 *
 * Returns: %TRUE when all of the file was added
 */
gboolean
uc_sha256_add_file(UcSha256 *self, const gchar *path, guint64 *size_bytes_out, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, error);
	g_autofree guint8 *buffer = NULL;
	guint64 total_bytes = 0;
	gssize read_bytes = 0;

	if (stream == NULL)
		return FALSE;
	buffer = g_malloc(UC_SHA256_CHUNK_BYTES);
	while ((read_bytes = g_input_stream_read(G_INPUT_STREAM(stream),
						 buffer,
						 UC_SHA256_CHUNK_BYTES,
						 NULL,
						 error)) > 0) {
		uc_sha256_update(self, buffer, (gsize)read_bytes);
		total_bytes += (guint64)read_bytes;
	}
	if (read_bytes < 0)
		return FALSE;
	if (size_bytes_out != NULL)
		*size_bytes_out = total_bytes;
	return TRUE;
}

gchar *
uc_sha256_for_file(const gchar *path, guint64 *size_bytes_out, GError **error)
{
	g_autoptr(UcSha256) self = uc_sha256_new();

	if (!uc_sha256_add_file(self, path, size_bytes_out, error))
		return NULL;
	return uc_sha256_to_hex(self);
}

/**
 * uc_sha256_is_hex:
 * @text: (nullable): any text
 *
 * Returns: whether it is 64 lower-case hexadecimal digits
 */
gboolean
uc_sha256_is_hex(const gchar *text)
{
	return text != NULL && strlen(text) == UC_SHA256_HEX_CHARS &&
	       strspn(text, "0123456789abcdef") == UC_SHA256_HEX_CHARS;
}
