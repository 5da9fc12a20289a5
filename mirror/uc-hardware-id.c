/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Instance ids and the GUIDs that fwupd makes of them (DESIGN.md, decision 5):
 * `UC\VEN_<vendor>&MODEL_<model>`, the same with `&HW_<level>`, `UC\VEN_<vendor>&PN_<part number>`;
 * and each of them with `&LOCALE_<locale>`.
 */

#include <string.h>

#include "uc-hardware-id.h"

/* bytes of a locale, what is longer is none; RFC 5646, section 4.4.1 */
#define UC_HARDWARE_ID_LOCALE_MAX 35

/* 6ba7b810-9dad-11d1-80b4-00c04fd430c8, RFC 4122 appendix C */
static const guint8 uc_hardware_id_namespace_dns[16] = {0x6b,
							0xa7,
							0xb8,
							0x10,
							0x9d,
							0xad,
							0x11,
							0xd1,
							0x80,
							0xb4,
							0x00,
							0xc0,
							0x4f,
							0xd4,
							0x30,
							0xc8};

/* lower case, and each run of what fwupd does not take in a value becomes one '-' */
static gchar *
uc_hardware_id_clean(const gchar *value)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const gchar *p = value; *p != '\0'; p++) {
		if (g_ascii_isprint(*p) && strchr(" _&/\\-(),", *p) == NULL)
			g_string_append_c(out, g_ascii_tolower(*p));
		else if (out->len > 0 && out->str[out->len - 1] != '-')
			g_string_append_c(out, '-');
	}
	if (out->len > 0 && out->str[out->len - 1] == '-')
		g_string_truncate(out, out->len - 1);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/**
 * uc_hardware_id_new_model:
 * @vendor: as the endpoint or the image has it
 * @model: as the endpoint or the image has it
 * @level: (nullable): hardware level, or %NULL for all of them
 *
 * Returns: (transfer full): the instance id
 */
gchar *
uc_hardware_id_new_model(const gchar *vendor, const gchar *model, const gchar *level)
{
	g_autofree gchar *clean_vendor = uc_hardware_id_clean(vendor);
	g_autofree gchar *clean_model = uc_hardware_id_clean(model);
	g_autofree gchar *clean_level = level != NULL ? uc_hardware_id_clean(level) : NULL;

	if (clean_level == NULL)
		return g_strdup_printf("UC\\VEN_%s&MODEL_%s", clean_vendor, clean_model);
	return g_strdup_printf("UC\\VEN_%s&MODEL_%s&HW_%s", clean_vendor, clean_model, clean_level);
}

/**
 * uc_hardware_id_new_part:
 *
 * Returns: (transfer full): the instance id of a part number
 */
gchar *
uc_hardware_id_new_part(const gchar *vendor, const gchar *part_number)
{
	g_autofree gchar *clean_vendor = uc_hardware_id_clean(vendor);
	g_autofree gchar *clean_part = uc_hardware_id_clean(part_number);

	return g_strdup_printf("UC\\VEN_%s&PN_%s", clean_vendor, clean_part);
}

/* (transfer full): the instance id of what is for that locale only */
static gchar *
uc_hardware_id_add_locale(const gchar *instance_id, const gchar *locale)
{
	g_autofree gchar *tag = g_strndup(locale, strcspn(locale, ".@"));
	g_autofree gchar *clean = uc_hardware_id_clean(tag);

	return g_strdup_printf("%s&LOCALE_%s", instance_id, clean);
}

/**
 * uc_hardware_id_to_guid:
 * @instance_id: an instance id
 * @locale: (nullable): a tag of BCP 47 or a name of POSIX, for what is for that locale only
 *
 * Returns: (transfer full): its GUID, a version 5 UUID in the DNS namespace, in lower case
 */
gchar *
uc_hardware_id_to_guid(const gchar *instance_id, const gchar *locale)
{
	g_autofree gchar *localised =
	    locale != NULL ? uc_hardware_id_add_locale(instance_id, locale) : NULL;
	const gchar *id = localised != NULL ? localised : instance_id;
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
	g_autoptr(GString) out = g_string_new(NULL);
	guint8 digest[20];
	gsize digest_bytes = sizeof(digest);

	g_checksum_update(sum, uc_hardware_id_namespace_dns, sizeof(uc_hardware_id_namespace_dns));
	g_checksum_update(sum, (const guchar *)id, (gssize)strlen(id));
	g_checksum_get_digest(sum, digest, &digest_bytes);
	digest[6] = (digest[6] & 0x0f) | 0x50;
	digest[8] = (digest[8] & 0x3f) | 0x80;
	for (guint i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			g_string_append_c(out, '-');
		g_string_append_printf(out, "%02x", digest[i]);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* @locale: also for that, and for all that it begins with: `de` and `de-at` */
static void
uc_hardware_id_take_guids(GStrvBuilder *builder, gchar *instance_id, const gchar *locale)
{
	g_autofree gchar *owned = instance_id;
	g_autofree gchar *guid = uc_hardware_id_to_guid(owned, NULL);
	gsize length = strlen(locale) <= UC_HARDWARE_ID_LOCALE_MAX ? strcspn(locale, ".@") : 0;

	g_strv_builder_add(builder, guid);
	for (gsize i = 1; i <= length; i++) {
		if (i == length || locale[i] == '-' || locale[i] == '_') {
			g_autofree gchar *range = g_strndup(locale, i);
			g_autofree gchar *localised = uc_hardware_id_to_guid(owned, range);

			g_strv_builder_add(builder, localised);
		}
	}
}

/**
 * uc_hardware_id_list_guids:
 * @vendor: of an endpoint
 * @model: its model
 * @level: its hardware level, or an empty string
 * @part_number: its part number, or an empty string
 * @locale: its locale, or an empty string
 *
 * Returns: (transfer full): all GUIDs that this endpoint has
 */
GStrv
uc_hardware_id_list_guids(const gchar *vendor,
			  const gchar *model,
			  const gchar *level,
			  const gchar *part_number,
			  const gchar *locale)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	uc_hardware_id_take_guids(builder, uc_hardware_id_new_model(vendor, model, NULL), locale);
	if (level[0] != '\0')
		uc_hardware_id_take_guids(builder,
					  uc_hardware_id_new_model(vendor, model, level),
					  locale);
	if (part_number[0] != '\0')
		uc_hardware_id_take_guids(builder,
					  uc_hardware_id_new_part(vendor, part_number),
					  locale);
	return g_strv_builder_end(builder);
}
