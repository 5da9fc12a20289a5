/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Phones with Polycom's UC Software: which model a part number is, spelt as the per-model elements
 * of a master configuration are. Phones that are not listed get the default of that file.
 */

#include "uc-ucs-model.h"

static const struct {
	const gchar *part_number;
	const gchar *model;
} uc_ucs_models[] = {
    {"2345-12360-001", "SPIP321"},  {"2345-12365-001", "SPIP331"},  {"2345-12375-001", "SPIP335"},
    {"2345-12450-001", "SPIP450"},  {"2345-12500-001", "SPIP550"},  {"2345-12560-001", "SPIP560"},
    {"2345-12600-001", "SPIP650"},  {"2345-12670-001", "SPIP670"},  {"2345-17960-001", "VVX1500"},
    {"3111-30900-001", "SSIP5000"}, {"3111-40000-001", "SSIP7000"}, {"3111-40250-001", "VVX101"},
    {"3111-40450-001", "VVX201"},   {"3111-44500-001", "VVX500"},   {"3111-44600-001", "VVX600"},
    {"3111-46135-002", "VVX300"},   {"3111-46157-002", "VVX400"},   {"3111-46161-001", "VVX310"},
    {"3111-46162-001", "VVX410"},   {"3111-48300-001", "VVX301"},   {"3111-48350-001", "VVX311"},
    {"3111-48400-001", "VVX401"},   {"3111-48450-001", "VVX411"},   {"3111-48500-001", "VVX501"},
    {"3111-48600-001", "VVX601"},   {"3111-48810-001", "VVX150"},   {"3111-48820-001", "VVX250"},
};

/**
 * uc_ucs_model_for_part:
 * @part_number: `NNNN-NNNNN-NNN`
 *
 * Returns: (transfer none) (nullable): the model, such as `VVX500`
 */
const gchar *
uc_ucs_model_for_part(const gchar *part_number)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_ucs_models); i++) {
		if (g_str_equal(uc_ucs_models[i].part_number, part_number))
			return uc_ucs_models[i].model;
	}
	return NULL;
}

/**
 * uc_ucs_model_has:
 * @vendor: in any case
 * @model: in any case
 *
 * Returns: whether that is a phone with UC Software, which reads no policy.json
 */
gboolean
uc_ucs_model_has(const gchar *vendor, const gchar *model)
{
	if (g_ascii_strcasecmp(vendor, UC_UCS_VENDOR) != 0)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(uc_ucs_models); i++) {
		if (g_ascii_strcasecmp(uc_ucs_models[i].model, model) == 0)
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_ucs_model_clean:
 * @text: a model as a phone writes it, `VVX_500`
 *
 * Returns: (transfer full): as the master configuration has it, `VVX500`
 */
gchar *
uc_ucs_model_clean(const gchar *text)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const gchar *p = text; *p != '\0'; p++) {
		if (g_ascii_isalnum(*p))
			g_string_append_c(out, *p);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
