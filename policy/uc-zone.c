/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A time zone: the table of a TZif file and the rule behind its end (RFC 8536). GTimeZone of GLib
 * 2.74 will not do: it knows nothing after 2037, maps different wall times of a missing hour to
 * one instant and takes the second pass of a doubled hour. Wall times are converted as PEP 495 says
 * for fold=0. Nothing here reads a file or a clock.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-zone-rule.h"
#include "uc-zone.h"

#define UC_ZONE_HEADER_BYTES 44
#define UC_ZONE_TYPES_MAX    256
#define UC_ZONE_OFFSET_MAX   93600 /* 26 h, RFC 8536, 3.2 allows 25:59:59 */

struct _UcZone {
	gint64 *changes; /* instants, ascending */
	gint64 *walls;	 /* the wall time until which the offset before holds, fold=0 */
	gint64 *offsets; /* from that change on */
	gsize n_changes;
	gint64 first_secs; /* the offset before the first change */
	UcZoneRule rule;
	gboolean has_rule;
};

typedef struct {
	guint32 isut;
	guint32 isstd;
	guint32 leap;
	guint32 time;
	guint32 type;
	guint32 text;
} UcZoneCounts;

static guint32
uc_zone_read_32(const guint8 *data)
{
	return (guint32)data[0] << 24 | (guint32)data[1] << 16 | (guint32)data[2] << 8 | data[3];
}

static gint64
uc_zone_read_64(const guint8 *data)
{
	return (gint64)((guint64)uc_zone_read_32(data) << 32 | uc_zone_read_32(data + 4));
}

void
uc_zone_free(UcZone *self)
{
	g_free(self->changes);
	g_free(self->walls);
	g_free(self->offsets);
	g_free(self);
}

static gsize
uc_zone_get_block_bytes(const UcZoneCounts *counts, gsize time_bytes)
{
	return counts->time * (time_bytes + 1) + counts->type * 6 + counts->text +
	       counts->leap * (time_bytes + 4) + counts->isstd + counts->isut;
}

static gboolean
uc_zone_read_counts(const guint8 *data, gsize size_bytes, UcZoneCounts *counts)
{
	if (size_bytes < UC_ZONE_HEADER_BYTES || memcmp(data, "TZif", 4) != 0 || data[4] < '2')
		return FALSE;
	counts->isut = uc_zone_read_32(data + 20);
	counts->isstd = uc_zone_read_32(data + 24);
	counts->leap = uc_zone_read_32(data + 28);
	counts->time = uc_zone_read_32(data + 32);
	counts->type = uc_zone_read_32(data + 36);
	counts->text = uc_zone_read_32(data + 40);
	return counts->isut <= UC_ZONE_TYPES_MAX && counts->isstd <= UC_ZONE_TYPES_MAX &&
	       counts->leap <= UC_ZONE_MAX_TRANSITIONS && counts->time <= UC_ZONE_MAX_TRANSITIONS &&
	       counts->type <= UC_ZONE_TYPES_MAX && counts->text <= UC_ZONE_MAX_BYTES;
}

/* @data has all of uc_zone_get_block_bytes() */
static gboolean
uc_zone_read_table(UcZone *self, const guint8 *data, const UcZoneCounts *counts)
{
	const guint8 *indexes = data + counts->time * 8;
	const guint8 *types = indexes + counts->time;
	gint64 before_secs = 0;

	if (counts->type == 0)
		return FALSE;
	for (guint32 i = 0; i < counts->type; i++) {
		gint32 offset = (gint32)uc_zone_read_32(types + i * 6);

		if (offset < -UC_ZONE_OFFSET_MAX || offset > UC_ZONE_OFFSET_MAX)
			return FALSE;
	}
	self->n_changes = counts->time;
	self->changes = g_new(gint64, counts->time + 1);
	self->walls = g_new(gint64, counts->time + 1);
	self->offsets = g_new(gint64, counts->time + 1);
	self->first_secs = (gint32)uc_zone_read_32(types);
	before_secs = self->first_secs;
	for (guint32 i = 0; i < counts->time; i++) {
		gint64 at_secs = uc_zone_read_64(data + i * 8);

		if (indexes[i] >= counts->type || ABS(at_secs / 2) > G_MAXINT64 / 4 ||
		    (i > 0 && at_secs <= self->changes[i - 1]))
			return FALSE;
		self->changes[i] = at_secs;
		self->offsets[i] = (gint32)uc_zone_read_32(types + indexes[i] * 6);
		self->walls[i] = at_secs + MAX(before_secs, self->offsets[i]);
		before_secs = self->offsets[i];
	}
	return TRUE;
}

static gboolean
uc_zone_read_footer(UcZone *self, const guint8 *data, gsize size_bytes)
{
	g_autofree gchar *rule = NULL;

	if (size_bytes < 2 || size_bytes > 256 || data[0] != '\n' || data[size_bytes - 1] != '\n' ||
	    memchr(data, '\0', size_bytes) != NULL)
		return FALSE;
	self->has_rule = size_bytes > 2;
	if (!self->has_rule)
		return TRUE;
	rule = g_strndup((const gchar *)data + 1, size_bytes - 2);
	return uc_zone_rule_parse(&self->rule, rule);
}

static gboolean
uc_zone_read(UcZone *self, const guint8 *data, gsize size_bytes)
{
	UcZoneCounts counts = {0};
	gsize block_bytes = 0;

	/* the first block has times of 32 bits and is there for old readers only */
	if (!uc_zone_read_counts(data, size_bytes, &counts))
		return FALSE;
	block_bytes = UC_ZONE_HEADER_BYTES + uc_zone_get_block_bytes(&counts, 4);
	if (size_bytes < block_bytes ||
	    !uc_zone_read_counts(data + block_bytes, size_bytes - block_bytes, &counts))
		return FALSE;
	data += block_bytes + UC_ZONE_HEADER_BYTES;
	size_bytes -= block_bytes + UC_ZONE_HEADER_BYTES;
	block_bytes = uc_zone_get_block_bytes(&counts, 8);
	return size_bytes >= block_bytes && uc_zone_read_table(self, data, &counts) &&
	       uc_zone_read_footer(self, data + block_bytes, size_bytes - block_bytes);
}

/**
 * uc_zone_new_from_bytes:
 * @bytes: a TZif file of version 2 or newer, up to %UC_ZONE_MAX_BYTES
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the zone, or %NULL
 */
UcZone *
uc_zone_new_from_bytes(GBytes *bytes, GError **error)
{
	g_autoptr(UcZone) self = g_new0(UcZone, 1);
	gsize size_bytes = 0;
	const guint8 *data = g_bytes_get_data(bytes, &size_bytes);

	if (size_bytes > UC_ZONE_MAX_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "a time zone of %" G_GSIZE_FORMAT " bytes, expected up to %d",
			    size_bytes,
			    UC_ZONE_MAX_BYTES);
		return NULL;
	}
	if (uc_zone_read(self, data, size_bytes))
		return g_steal_pointer(&self);
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "no time zone file of version 2 or newer (RFC 8536)");
	return NULL;
}

/**
 * uc_zone_new_from_rule:
 * @rule: such as `CET-1CEST,M3.5.0,M10.5.0/3` or `UTC0`
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: (transfer full): the zone, or %NULL
 */
UcZone *
uc_zone_new_from_rule(const gchar *rule, GError **error)
{
	g_autoptr(UcZone) self = g_new0(UcZone, 1);

	self->has_rule = TRUE;
	if (uc_zone_rule_parse(&self->rule, rule))
		return g_steal_pointer(&self);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "'%s' is no time zone rule such as CET-1CEST,M3.5.0,M10.5.0/3",
		    rule);
	return NULL;
}

/* how many of @values are not after @secs */
static gsize
uc_zone_count(const gint64 *values, gsize n_values, gint64 secs)
{
	gsize low = 0;

	while (low < n_values) {
		gsize middle = low + (n_values - low) / 2;

		if (values[middle] <= secs)
			low = middle + 1;
		else
			n_values = middle;
	}
	return low;
}

/**
 * uc_zone_get_offset:
 * @unix_secs: an instant, seconds since the Unix epoch
 *
 * Returns: seconds east of UTC
 */
gint64
uc_zone_get_offset(const UcZone *self, gint64 unix_secs)
{
	gsize count = uc_zone_count(self->changes, self->n_changes, unix_secs);

	if (count == self->n_changes && self->has_rule)
		return uc_zone_rule_get_offset(&self->rule, unix_secs);
	return count > 0 ? self->offsets[count - 1] : self->first_secs;
}

/**
 * uc_zone_wall_to_unix:
 * @wall_secs: a wall time, counted as if it were seconds of UTC since the Unix epoch
 *
 * PEP 495 with fold=0: what a change skips or repeats counts with the offset from before it.
 *
 * Returns: the instant, in seconds since the Unix epoch
 */
gint64
uc_zone_wall_to_unix(const UcZone *self, gint64 wall_secs)
{
	gsize count = uc_zone_count(self->walls, self->n_changes, wall_secs);

	if (count == self->n_changes && self->has_rule)
		return wall_secs - uc_zone_rule_get_wall_offset(&self->rule, wall_secs);
	return wall_secs - (count > 0 ? self->offsets[count - 1] : self->first_secs);
}
