/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON as D-Bus has it: `a{sv}` for an object */

#include "uc-bus-value.h"

/**
 * uc_bus_value_from_object:
 *
 * Returns: (transfer floating): an `a{sv}` in as little memory as it has on the bus; empty for what
 * D-Bus cannot say, which is warned about
 */
GVariant *
uc_bus_value_from_object(JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);
	g_autoptr(GError) error = NULL;
	GVariant *variant = json_gvariant_deserialize(node, "a{sv}", &error);

	if (variant == NULL) {
		/* for what GLib takes for a mistake of ours there is none */
		g_warning("cannot tell it over D-Bus: %s",
			  error != NULL ? error->message : "no D-Bus value");
		return g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0);
	}
	/* as bytes, no longer as a tree of values */
	(void)g_variant_get_data(variant);
	return variant;
}

/**
 * uc_bus_value_from_array:
 * @array: (element-type JsonObject)
 *
 * Returns: (transfer floating): an `aa{sv}`
 */
GVariant *
uc_bus_value_from_array(JsonArray *array)
{
	g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));

	for (guint i = 0; i < json_array_get_length(array); i++)
		g_variant_builder_add_value(
		    &builder,
		    uc_bus_value_from_object(json_array_get_object_element(array, i)));
	return g_variant_builder_end(&builder);
}
