/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A simulation as a picture: what is downloaded in each hour (bars, their scale on the left), how
 * many are done by then (line, its scale on the right), and how often the service is asked.
 */

#include <string.h>

#include "uc-simulate.h"

#define UC_SVG_WIDTH  960
#define UC_SVG_HEIGHT 320
#define UC_SVG_MARGIN 60
#define UC_SVG_BARS   "#3584e4"
#define UC_SVG_LINE   "#1b7a50"
#define UC_SVG_TEXT   "#3d3846"
#define UC_SVG_GRID   "#deddda"
/* a label for each of so many pieces at most */
#define UC_SVG_LABELS_MAX 7

typedef struct {
	JsonArray *hours; /* not owned */
	gdouble step;	  /* width of an hour */
	gint64 max_bytes;
	gint64 max_check_ins;
	gint64 done; /* in all */
} UcSvg;

static gint64
uc_svg_get(const UcSvg *self, guint index, const gchar *member)
{
	return json_object_get_int_member(json_array_get_object_element(self->hours, index),
					  member);
}

static const gchar *
uc_svg_number(gchar *buffer, gdouble value)
{
	return g_ascii_formatd(buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.1f", value);
}

static gdouble
uc_svg_y(gint64 value, gint64 max)
{
	gdouble share = max > 0 ? (gdouble)value / (gdouble)max : 0;

	return UC_SVG_HEIGHT - UC_SVG_MARGIN - share * (UC_SVG_HEIGHT - 2 * UC_SVG_MARGIN);
}

static void
uc_svg_text(GString *out,
	    gdouble x,
	    gdouble y,
	    const gchar *anchor,
	    const gchar *fill,
	    const gchar *text)
{
	gchar x_text[G_ASCII_DTOSTR_BUF_SIZE];
	gchar y_text[G_ASCII_DTOSTR_BUF_SIZE];
	g_autofree gchar *escaped = g_markup_escape_text(text, -1);

	g_string_append_printf(out,
			       "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n",
			       uc_svg_number(x_text, x),
			       uc_svg_number(y_text, y),
			       anchor,
			       fill,
			       escaped);
}

static void
uc_svg_bars(const UcSvg *self, GString *out)
{
	gchar numbers[4][G_ASCII_DTOSTR_BUF_SIZE];

	for (guint i = 0; i < json_array_get_length(self->hours); i++) {
		gint64 size_bytes = uc_svg_get(self, i, "size_bytes");
		gdouble y = uc_svg_y(size_bytes, self->max_bytes);

		if (size_bytes == 0)
			continue;
		g_string_append_printf(
		    out,
		    "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"" UC_SVG_BARS
		    "\"/>\n",
		    uc_svg_number(numbers[0], UC_SVG_MARGIN + i * self->step),
		    uc_svg_number(numbers[1], y),
		    uc_svg_number(numbers[2], self->step),
		    uc_svg_number(numbers[3], UC_SVG_HEIGHT - UC_SVG_MARGIN - y));
	}
}

static void
uc_svg_line(const UcSvg *self, GString *out)
{
	gchar x[G_ASCII_DTOSTR_BUF_SIZE];
	gchar y[G_ASCII_DTOSTR_BUF_SIZE];
	gint64 done = 0;

	g_string_append(out,
			"<polyline fill=\"none\" stroke=\"" UC_SVG_LINE
			"\" stroke-width=\"2\" points=\"");
	for (guint i = 0; i < json_array_get_length(self->hours); i++) {
		done += uc_svg_get(self, i, "updated");
		g_string_append_printf(out,
				       "%s,%s ",
				       uc_svg_number(x, UC_SVG_MARGIN + (i + 1) * self->step),
				       uc_svg_number(y, uc_svg_y(done, self->done)));
	}
	g_string_append(out, "\"/>\n");
}

static void
uc_svg_rule(GString *out, gdouble x_from, gdouble y_from, gdouble x_to, gdouble y_to)
{
	gchar numbers[4][G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out,
			       "<path d=\"M%s %sL%s %s\" stroke=\"" UC_SVG_GRID "\"/>\n",
			       uc_svg_number(numbers[0], x_from),
			       uc_svg_number(numbers[1], y_from),
			       uc_svg_number(numbers[2], x_to),
			       uc_svg_number(numbers[3], y_to));
}

/* `2026-11-22 05:14` of `2026-11-22T05:14:43Z` */
static gchar *
uc_svg_short_time(const gchar *time)
{
	gchar *text = g_strndup(time, strlen("2026-11-22T05:14"));

	g_strdelimit(text, "T", ' ');
	return text;
}

static void
uc_svg_days(const UcSvg *self, GString *out)
{
	guint count = json_array_get_length(self->hours);
	guint days = count / (24 * UC_SVG_LABELS_MAX) + 1; /* so many for each label */

	for (guint i = 0; i < count; i += 24 * days) {
		JsonObject *hour = json_array_get_object_element(self->hours, i);
		g_autofree gchar *text =
		    uc_svg_short_time(json_object_get_string_member(hour, "start"));
		gdouble x = UC_SVG_MARGIN + i * self->step;

		uc_svg_rule(out, x, UC_SVG_MARGIN, x, UC_SVG_HEIGHT - UC_SVG_MARGIN + 8);
		uc_svg_text(out, x, UC_SVG_HEIGHT - UC_SVG_MARGIN + 22, "start", UC_SVG_TEXT, text);
	}
}

static void
uc_svg_scale(GString *out, gint64 value, const gchar *unit, gboolean left, gdouble y)
{
	g_autofree gchar *text = g_strdup_printf("%" G_GINT64_FORMAT "%s", value, unit);

	uc_svg_text(out,
		    left ? UC_SVG_MARGIN - 6 : UC_SVG_WIDTH - UC_SVG_MARGIN + 6,
		    y + 4,
		    left ? "end" : "start",
		    left ? UC_SVG_BARS : UC_SVG_LINE,
		    text);
}

static void
uc_svg_scales(const UcSvg *self, GString *out)
{
	for (guint i = 0; i <= 2; i++) {
		gdouble y = uc_svg_y(i, 2);

		uc_svg_rule(out, UC_SVG_MARGIN, y, UC_SVG_WIDTH - UC_SVG_MARGIN, y);
		uc_svg_scale(out, self->max_bytes / 1000000 * i / 2, " MB", TRUE, y);
		uc_svg_scale(out, self->done * i / 2, "", FALSE, y);
	}
}

static void
uc_svg_captions(const UcSvg *self, GString *out)
{
	g_autofree gchar *megabytes =
	    g_strdup_printf("Downloaded in an hour (bars): at most %" G_GINT64_FORMAT " MB",
			    self->max_bytes / 1000000);
	g_autofree gchar *check_ins =
	    g_strdup_printf("%" G_GINT64_FORMAT " check-ins in an hour", self->max_check_ins);
	g_autofree gchar *endpoints =
	    g_strdup_printf("Endpoints updated (line): %" G_GINT64_FORMAT " in the end",
			    self->done);

	uc_svg_text(out, UC_SVG_MARGIN, UC_SVG_MARGIN / 2, "start", UC_SVG_BARS, megabytes);
	uc_svg_text(out, UC_SVG_WIDTH / 2, UC_SVG_MARGIN / 2, "middle", UC_SVG_TEXT, check_ins);
	uc_svg_text(out,
		    UC_SVG_WIDTH - UC_SVG_MARGIN,
		    UC_SVG_MARGIN / 2,
		    "end",
		    UC_SVG_LINE,
		    endpoints);
	uc_svg_text(out, UC_SVG_WIDTH / 2, UC_SVG_HEIGHT - 12, "middle", UC_SVG_TEXT, "Time (UTC)");
}

/**
 * uc_simulate_to_svg:
 * @result: of uc_simulate()
 *
 * Returns: (transfer full): a picture
 */
GBytes *
uc_simulate_to_svg(JsonObject *result)
{
	UcSvg self = {json_object_get_array_member(result, "hours")};
	guint count = json_array_get_length(self.hours);
	GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

	for (guint i = 0; i < count; i++) {
		self.max_bytes = MAX(self.max_bytes, uc_svg_get(&self, i, "size_bytes"));
		self.max_check_ins = MAX(self.max_check_ins, uc_svg_get(&self, i, "check_ins"));
		self.done += uc_svg_get(&self, i, "updated");
	}
	self.step = (gdouble)(UC_SVG_WIDTH - 2 * UC_SVG_MARGIN) / MAX(count, 1);
	g_string_append_printf(out,
			       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
			       "height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
			       "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
			       UC_SVG_WIDTH,
			       UC_SVG_HEIGHT);
	uc_svg_days(&self, out);
	uc_svg_scales(&self, out);
	uc_svg_bars(&self, out);
	uc_svg_line(&self, out);
	uc_svg_captions(&self, out);
	g_string_append(out, "</svg>\n");
	return g_string_free_to_bytes(out);
}
