/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/resource.h>
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
 * Prints the plugin's wall and CPU seconds and the plain ones, a line for each run. A first run of
 * both is not counted, and they take turns in who comes first. SLOT is the one that the plugin
 * fills too. */

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

static gdouble
share_cpu_secs(void)
{
	struct rusage usage = {0};

	g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
	return (gdouble)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (gdouble)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

/* wall and CPU seconds of one of both, which leaves the slot with the size that it had */
static void
share_measure(gboolean plugin, gchar **argv, goffset slot_size, gdouble *wall_out, gdouble *cpu_out)
{
	gint64 start_usec = g_get_monotonic_time();
	gdouble start_cpu_secs = share_cpu_secs();

	if (plugin)
		share_plugin(argv[1], argv[2]);
	else
		share_plain(argv[2], argv[3]);
	*cpu_out = share_cpu_secs() - start_cpu_secs;
	*wall_out = (gdouble)(g_get_monotonic_time() - start_usec) / G_USEC_PER_SEC;
	g_assert_cmpint(truncate(argv[3], slot_size), ==, 0);
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
	for (guint64 i = 0; i <= runs; i++) {
		gdouble wall[2];
		gdouble cpu[2];
		guint first = i % 2;

		share_measure(first == 0, argv, st.st_size, &wall[first], &cpu[first]);
		share_measure(first != 0, argv, st.st_size, &wall[!first], &cpu[!first]);
		if (i > 0)
			g_print("%.3f %.3f %.3f %.3f\n", wall[0], cpu[0], wall[1], cpu[1]);
	}
	return 0;
}
