/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Makes the cab that endpoints get: the members of the imported one and a jcat with the
 * organisation's signature, not compressed, so that fwupd streams it. Members go through files,
 * never through memory.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <libgcab.h>

#include "uc-cab-reader.h"
#include "uc-cab-writer.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-import.h"
#include "uc-signature.h"

#define UC_CAB_WRITER_JCAT_SUFFIX    ".jcat"
#define UC_CAB_WRITER_JCAT_NAME	     "firmware.jcat"
#define UC_CAB_WRITER_JCAT_MAX_BYTES (1024 * 1024)

typedef struct {
	const gchar *dir;
	GPtrArray *members;
	GPtrArray *payloads; /* (element-type UcCabMember), not owned */
	const gchar *jcat_name;
	GBytes *jcat; /* (nullable): what the cab had */
} UcCabWriter;

static gboolean
uc_cab_writer_find_payloads(UcCabWriter *self, const gchar *const *names, GError **error)
{
	for (guint i = 0; names[i] != NULL; i++) {
		UcCabMember *member = uc_cab_reader_find(self->members, names[i]);

		if (member != NULL) {
			g_ptr_array_add(self->payloads, member);
			continue;
		}
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the cab has lost its payload '%s'; import the package again",
			    names[i]);
		return FALSE;
	}
	return TRUE;
}

static gboolean
uc_cab_writer_find_jcat(UcCabWriter *self, GError **error)
{
	self->jcat_name = UC_CAB_WRITER_JCAT_NAME;
	for (guint i = 0; i < self->members->len; i++) {
		const UcCabMember *member = g_ptr_array_index(self->members, i);

		if (g_str_has_suffix(member->name, UC_CAB_WRITER_JCAT_SUFFIX) &&
		    member->size_bytes <= UC_CAB_WRITER_JCAT_MAX_BYTES) {
			g_autofree gchar *path = g_build_filename(self->dir, member->name, NULL);
			gchar *text = NULL;
			gsize size_bytes = 0;

			if (!g_file_get_contents(path, &text, &size_bytes, error))
				return FALSE;
			self->jcat = g_bytes_new_take(text, size_bytes);
			self->jcat_name = member->name;
			return TRUE;
		}
	}
	return TRUE;
}

static gboolean
uc_cab_writer_add(GCabFolder *folder, const gchar *name, GCabFile *file, GError **error)
{
	g_autoptr(GDateTime) time = g_date_time_new_utc(2020, 1, 1, 0, 0, 0);

	/* reproducible: neither time nor owner of the machine that published */
	gcab_file_set_attributes(file, GCAB_FILE_ATTRIBUTE_ARCH);
	if (!gcab_folder_add_file(folder, file, FALSE, NULL, error))
		return FALSE;
	gcab_file_set_date_time(file, time);
	return TRUE;
}

static gboolean
uc_cab_writer_fill(UcCabWriter *self, GCabFolder *folder, GBytes *jcat, GError **error)
{
	g_autoptr(GCabFile) signature = gcab_file_new_with_bytes(self->jcat_name, jcat);

	if (!uc_cab_writer_add(folder, self->jcat_name, signature, error))
		return FALSE;
	for (guint i = 0; i < self->members->len; i++) {
		const UcCabMember *member = g_ptr_array_index(self->members, i);
		g_autofree gchar *path = g_build_filename(self->dir, member->name, NULL);
		g_autoptr(GFile) file = g_file_new_for_path(path);
		g_autoptr(GCabFile) cab_file = NULL;

		if (g_str_equal(member->name, self->jcat_name))
			continue;
		cab_file = gcab_file_new_with_file(member->name, file);
		if (!uc_cab_writer_add(folder, member->name, cab_file, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_cab_writer_write(UcCabWriter *self, GBytes *jcat, const gchar *to, GError **error)
{
	g_autoptr(GCabCabinet) cabinet = gcab_cabinet_new();
	g_autoptr(GCabFolder) folder = gcab_folder_new(GCAB_COMPRESSION_NONE);
	g_autoptr(GFile) file = g_file_new_for_path(to);
	g_autoptr(GFileOutputStream) stream = NULL;

	if (!uc_cab_writer_fill(self, folder, jcat, error) ||
	    !gcab_cabinet_add_folder(cabinet, folder, error))
		return FALSE;
	stream = g_file_replace(file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
	return stream != NULL &&
	       gcab_cabinet_write_simple(cabinet,
					 G_OUTPUT_STREAM(stream),
					 NULL,
					 NULL,
					 NULL,
					 error) &&
	       g_output_stream_close(G_OUTPUT_STREAM(stream), NULL, error);
}

static gboolean
uc_cab_writer_run(UcCabWriter *self,
		  const gchar *from,
		  const gchar *to,
		  const gchar *anchors_dir,
		  UcX509 *key,
		  GError **error)
{
	g_autofree gchar *part = g_build_filename(self->dir, ".signed.cab", NULL);
	g_autoptr(GBytes) jcat = NULL;

	(void)g_remove(to);
	if (self->jcat != NULL)
		jcat = g_bytes_ref(self->jcat);
	for (guint i = 0; i < self->payloads->len; i++) {
		const UcCabMember *payload = g_ptr_array_index(self->payloads, i);
		GBytes *signed_jcat = NULL;

		if (uc_signature_covers_payload(jcat, payload->name, payload->sha256, anchors_dir))
			continue;
		signed_jcat =
		    uc_signature_for_payload(jcat, payload->name, payload->sha256, key, error);
		if (signed_jcat == NULL)
			return FALSE;
		g_clear_pointer(&jcat, g_bytes_unref);
		jcat = signed_jcat;
	}
	if (jcat == self->jcat)
		return uc_file_link(from, to, error);
	return uc_cab_writer_write(self, jcat, part, error) && uc_file_sync(part, error) &&
	       uc_file_rename(part, to, error);
}

/**
 * uc_cab_writer_sign:
 * @from: an imported cab
 * @to: the cab to make; replaced if it is there
 * @staging: an empty directory on the same file system, the caller's to remove
 * @payload_names: the members that are installed
 * @anchors_dir: the CAs that endpoints trust for payloads
 * @key: certificate and key of the `payload` purpose
 * @error: set to %UC_ERROR_INVALID or an error of this machine
 *
 * A cab that the endpoints trust already is taken as it is. Otherwise the signature is added to
 * those that the vendor made.
 */
gboolean
uc_cab_writer_sign(const gchar *from,
		   const gchar *to,
		   const gchar *staging,
		   const gchar *const *payload_names,
		   const gchar *anchors_dir,
		   UcX509 *key,
		   GError **error)
{
	g_autoptr(GPtrArray) members = NULL;
	g_autoptr(GPtrArray) payloads = g_ptr_array_new();
	UcCabWriter self = {.dir = staging};
	gboolean done = FALSE;

	members = uc_cab_reader_extract(from, staging, UC_IMPORT_UNPACKED_MAX_BYTES, error);
	if (members == NULL)
		return FALSE;
	self.members = members;
	self.payloads = payloads;
	done = uc_cab_writer_find_payloads(&self, payload_names, error) &&
	       uc_cab_writer_find_jcat(&self, error) &&
	       uc_cab_writer_run(&self, from, to, anchors_dir, key, error);
	g_clear_pointer(&self.jcat, g_bytes_unref);
	return done;
}
