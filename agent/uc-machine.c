/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-machine.h"
#include "uc-paths.h"
#include "uc-sha256.h"
#include "uc-state-file.h"

#define UC_MACHINE_HEX_CHARS 32

/* "uninitialized" for one, while the system starts the first time, is the same on all machines */
static gboolean
uc_machine_is_id(const gchar *text)
{
	return strlen(text) == UC_MACHINE_HEX_CHARS &&
	       strspn(text, "0123456789abcdef") == UC_MACHINE_HEX_CHARS &&
	       strspn(text, "0") < UC_MACHINE_HEX_CHARS;
}

static gchar *
uc_machine_read(const gchar *path)
{
	gchar *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	g_strstrip(text);
	if (text[0] != '\0')
		return text;
	g_free(text);
	return NULL;
}

/* (nullable): machine-id(5) */
static gchar *
uc_machine_read_system(const gchar *path)
{
	g_autofree gchar *text = uc_machine_read(path);

	if (text == NULL || uc_machine_is_id(text))
		return g_steal_pointer(&text);
	g_warning("%s is no machine id, expected 32 hexadecimal digits in lower case as of "
		  "systemd-machine-id-setup(1); it is passed over",
		  path);
	return NULL;
}

/* a machine without an id gets one of its own, which stays */
static gchar *
uc_machine_make(void)
{
	g_autofree gchar *path = uc_path_state("machine-id");
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = NULL;
	gchar *text = uc_machine_read(path);

	if (text != NULL)
		return text;
	text = g_uuid_string_random();
	bytes = g_bytes_new(text, strlen(text));
	if (!uc_state_file_write(path, bytes, &error))
		g_warning("%s", error->message);
	return text;
}

/**
 * uc_machine_get_id:
 * @path: %UC_MACHINE_ID_PATH; a text there that is no machine id is warned about and passed over
 *
 * machine-id(5) says that it must not be shown to anybody; what is shown is a hash of it that is
 * made for this purpose.
 *
 * Returns: (transfer full): 64 lower-case hexadecimal digits, the same for as long as the machine
 * is
 */
gchar *
uc_machine_get_id(const gchar *path)
{
	g_autofree gchar *id = uc_machine_read_system(path);
	g_autofree gchar *text = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (id == NULL)
		id = uc_machine_make();
	text = g_strconcat("org.ucupdates.Agent:", id, NULL);
	bytes = g_bytes_new(text, strlen(text));
	return uc_sha256_for_bytes(bytes);
}
