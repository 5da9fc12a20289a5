/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "fu-uc-bind-firmware.h"
#include "fu-uc-bind-payload.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-sha256.h"

/* The plugin's own share of an install, without daemon and engine, beside plain read, hash, write,
 * flush and verify of the same bytes.
 *
 *   share ENDPOINT-FILE IMAGE SLOT RUNS
 *
 * Prints the seconds of both, a line for each run. SLOT is the one that the plugin fills too. */

#define SHARE_PIECE_SIZE (1024 * 1024) /* bytes */

static void
share_plugin(const gchar *conf, const gchar *image_path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(FuUcEndpointConfig) config = fu_uc_endpoint_config_new_from_file(conf, &error);
	g_autoptr(FuUcEndpointInstaller) installer = NULL;
	g_autoptr(GFile) file = g_file_new_for_path(image_path);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, NULL);
	g_autoptr(FuFirmware) firmware = fu_uc_bind_firmware_new();
	g_autoptr(FuFirmware) payload = NULL;
	g_autoptr(GInputStream) payload_stream = NULL;
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	FuUcEndpointImage image = {.version = "2.0.0"};

	g_assert_no_error(error);
	installer = fu_uc_endpoint_installer_new(config, &error);
	g_assert_no_error(error);
	g_assert_true(fu_uc_endpoint_installer_setup(installer, "1.0.0", &error));
	g_assert_true(fu_firmware_parse_stream(firmware,
					       G_INPUT_STREAM(stream),
					       0x0,
					       FU_FIRMWARE_PARSE_FLAG_NO_SEARCH,
					       &error));
	payload = fu_firmware_get_image_by_id(firmware, "application", &error);
	g_assert_no_error(error);
	g_assert_true(fu_uc_bind_payload_check_installed(FU_UC_BIND_PAYLOAD(payload), &error));
	payload_stream = fu_uc_bind_payload_open(FU_UC_BIND_PAYLOAD(payload), &error);
	g_assert_no_error(error);
	image.stream = payload_stream;
	image.size = fu_uc_bind_payload_get_installed_size(FU_UC_BIND_PAYLOAD(payload));
	image.sha256 = fu_uc_bind_payload_get_sha256(FU_UC_BIND_PAYLOAD(payload));
	g_assert_true(fu_uc_endpoint_installer_write(installer, &image, progress, &error));
}

/* reads all, hashes it, and writes it where there is somewhere to */
static gchar *
share_copy(gint from, gint to)
{
	g_autofree guint8 *buf = g_malloc(SHARE_PIECE_SIZE);
	g_autoptr(FuUcSha256) sum = fu_uc_sha256_new();
	gssize len;

	while ((len = read(from, buf, SHARE_PIECE_SIZE)) > 0) {
		fu_uc_sha256_update(sum, buf, (gsize)len);
		if (to >= 0)
			g_assert_cmpint(write(to, buf, (gsize)len), ==, len);
	}
	g_assert_cmpint(len, ==, 0);
	return fu_uc_sha256_get_string(sum);
}

static void
share_plain(const gchar *image_path, const gchar *slot)
{
	gint from = g_open(image_path, O_RDONLY, 0);
	gint to = g_open(slot, O_RDWR, 0);
	gint back = -1;
	struct stat st = {0};
	g_autofree gchar *sha256 = NULL;
	g_autofree gchar *found = NULL;

	g_assert_cmpint(from, >=, 0);
	g_assert_cmpint(to, >=, 0);
	g_assert_cmpint(fstat(from, &st), ==, 0);
	sha256 = share_copy(from, to);
	g_assert_cmpint(fdatasync(to), ==, 0);
	(void)posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
	g_assert_cmpint(ftruncate(to, st.st_size), ==, 0);
	back = g_open(slot, O_RDONLY, 0);
	found = share_copy(back, -1);
	g_assert_cmpstr(found, ==, sha256);
	(void)g_close(from, NULL);
	(void)g_close(to, NULL);
	(void)g_close(back, NULL);
}

int
main(int argc, char **argv)
{
	guint64 runs = argc == 5 ? g_ascii_strtoull(argv[4], NULL, 10) : 0;
	struct stat st = {0};

	if (runs == 0) {
		g_printerr("usage: share ENDPOINT-FILE IMAGE SLOT RUNS\n");
		return 2;
	}
	g_assert_cmpint(stat(argv[3], &st), ==, 0);
	for (guint64 i = 0; i < runs; i++) {
		gint64 start_usec = g_get_monotonic_time();
		gint64 middle_usec;
		gint64 end_usec;

		share_plugin(argv[1], argv[2]);
		middle_usec = g_get_monotonic_time();
		share_plain(argv[2], argv[3]);
		end_usec = g_get_monotonic_time();
		g_assert_cmpint(truncate(argv[3], st.st_size), ==, 0);
		g_print("%.3f %.3f\n",
			(gdouble)(middle_usec - start_usec) / G_USEC_PER_SEC,
			(gdouble)(end_usec - middle_usec) / G_USEC_PER_SEC);
	}
	return 0;
}
