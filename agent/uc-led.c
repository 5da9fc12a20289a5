/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An LED of the kernel (Documentation/leds/leds-class.rst). Only its `trigger` and `brightness` are
 * written, which are always there, so that a udev rule can give both to the agent's group once; the
 * kernel blinks by itself, and nobody is woken for it.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-led.h"
#include "uc-paths.h"

#define UC_LED_NAME_BYTES_MAX 63 /* LED_MAX_NAME_SIZE without the zero */

/**
 * uc_led_is_name:
 *
 * Returns: whether an entry of `/sys/class/leds` can have that name
 */
gboolean
uc_led_is_name(const gchar *name)
{
	gsize length = strlen(name);

	return length > 0 && length <= UC_LED_NAME_BYTES_MAX && name[0] != '.' &&
	       strchr(name, '/') == NULL && g_utf8_validate(name, -1, NULL);
}

static gboolean
uc_led_write(const gchar *directory, const gchar *attribute, const gchar *text, GError **error)
{
	g_autofree gchar *path = g_build_filename(directory, attribute, NULL);
	g_autofree gchar *line = g_strconcat(text, "\n", NULL);
	gint fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	gssize written = fd >= 0 ? write(fd, line, strlen(line)) : -1;
	gint saved = errno;

	if (fd >= 0)
		(void)close(fd);
	if (written == (gssize)strlen(line))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot write '%s' to %s: %s",
		    text,
		    path,
		    g_strerror(saved));
	return FALSE;
}

/* as bright as it can be; what cannot be read is an LED that knows on and off only */
static gchar *
uc_led_get_brightness(const gchar *directory)
{
	g_autofree gchar *path = g_build_filename(directory, "max_brightness", NULL);
	gchar *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("1");
	return g_strstrip(text);
}

/**
 * uc_led_set:
 * @name: one that uc_led_is_name() accepts
 * @error: set to %UC_ERROR_FAILED with the file
 *
 * A kernel without the trigger that blinks lets it shine instead.
 */
gboolean
uc_led_set(const gchar *name, UcLedState state, GError **error)
{
	static const gchar *const triggers[] = {"none", "none", "heartbeat", "timer"};
	g_autofree gchar *class = uc_path_sysfs("class/leds");
	g_autofree gchar *directory = g_build_filename(class, name, NULL);
	g_autofree gchar *brightness = uc_led_get_brightness(directory);
	const gchar *trigger = triggers[state];

	G_STATIC_ASSERT(G_N_ELEMENTS(triggers) == UC_LED_LAST);
	if (!g_str_equal(trigger, "none") && uc_led_write(directory, "trigger", trigger, NULL))
		return TRUE;
	return uc_led_write(directory, "trigger", "none", error) &&
	       uc_led_write(directory, "brightness", state == UC_LED_OFF ? "0" : brightness, error);
}
