/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-backoff.h"
#include "uc-error.h"

#define UC_BACKOFF_FIRST_SECS 5

/**
 * uc_backoff_get_wait_secs:
 * @failures: so many went before this one
 * @max_secs: the longest wait, 1 to 86400
 * @error: (nullable): why it failed; what the server said about the next attempt is in it
 *
 * Full jitter: some moment up to a bound that doubles, so that a thousand endpoints do not come
 * back in the same second. What a server asked for (`Retry-After`, RFC 9110, section 10.2.3) is
 * waited out before that, but all together never longer than @max_secs: no server puts updates off
 * for ever.
 *
 * Returns: 1 to @max_secs seconds
 */
gint64
uc_backoff_get_wait_secs(guint failures, gint64 max_secs, const GError *error)
{
	gint64 bound_secs = UC_BACKOFF_FIRST_SECS;
	gint64 asked_secs = error != NULL ? uc_error_get_retry_after_secs(error) : 0;

	for (guint i = 0; i < failures && bound_secs < max_secs; i++)
		bound_secs *= 2;
	bound_secs = CLAMP(bound_secs, 1, max_secs);
	return MIN(asked_secs + g_random_int_range(1, (gint32)bound_secs + 1), max_secs);
}

/**
 * uc_backoff_is_over:
 * @retry_secs: not to be tried before, seconds since the Unix epoch; 0 for at once
 * @max_secs: the longest wait there is
 * @now_secs: the present, seconds since the Unix epoch
 *
 * A clock that ran ahead when the wait began, and was set back since, would make it last for years.
 *
 * Returns: whether to try it now
 */
gboolean
uc_backoff_is_over(gint64 retry_secs, gint64 max_secs, gint64 now_secs)
{
	return retry_secs <= now_secs || retry_secs - now_secs > max_secs;
}
