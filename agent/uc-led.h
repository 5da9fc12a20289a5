/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcLedState:
 * @UC_LED_OFF: nothing that people have to know
 * @UC_LED_RESTART: on: the update counts from the next restart
 * @UC_LED_FAILED: beats like a heart: the version that is on offer failed here
 * @UC_LED_UPDATING: blinks: do not switch off now
 *
 * What an endpoint's LED says; of endpoints that share one, the last here is shown.
 */
typedef enum { UC_LED_OFF, UC_LED_RESTART, UC_LED_FAILED, UC_LED_UPDATING, UC_LED_LAST } UcLedState;

gboolean
uc_led_is_name(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_led_set(const gchar *name, UcLedState state, GError **error) G_GNUC_WARN_UNUSED_RESULT;
