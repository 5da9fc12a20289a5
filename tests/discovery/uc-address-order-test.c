/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-address-order.h"

#define PAIRS 4

/* the examples of RFC 6724, section 10.2, as far as its rules count here, and a few more; each
 * destination with the source that the kernel would take, in the order that is expected */
static const struct {
	const gchar *pairs[PAIRS][2];
} uc_address_order_test_table[] = {
    {{{"2001:db8:1::1", "2001:db8::2"}, {"198.51.100.121", "169.254.13.78"}}},
    {{{"198.51.100.121", "198.51.100.117"}, {"2001:db8:1::1", "fe80::1"}}},
    {{{"2001:db8:1::1", "2001:db8::2"}, {"10.1.2.3", "10.1.2.4"}}},
    {{{"fe80::1", "fe80::2"}, {"2001:db8:1::1", "2001:db8::2"}}},
    {{{"2001:db8:1::1", "2001:db8:1::2"}, {"2001:db8:3ffe::1", "2001:db8:3f44::2"}}},
    {{{"2002:c633:6401::1", "2002:c633:6401::2"}, {"2001:db8:1::1", "fe80::2"}}},
    {{{"2001:db8:1::1", "2001:db8:1::2"}, {"2002:c633:6401::1", "2002:c633:6401::2"}}},
    /* no way at all comes last, whatever else speaks for it */
    {{{"198.51.100.1", "169.254.1.1"}, {"2001:db8::1", NULL}, {"10.0.0.1", NULL}}},
    /* another label than the source's: a unique local address reached from a global one */
    {{{"198.51.100.1", "10.0.0.2"}, {"fd00::1", "2001:db8::2"}}},
    /* equal ones stay as DNS has them, IPv4 also with a longer common prefix */
    {{{"198.51.100.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.3", "192.0.2.2"}}},
    /* behind 64 bits there is no prefix */
    {{{"2001:db8::ff00", "2001:db8::1"}, {"2001:db8::3", "2001:db8::1"}}},
};

static GInetAddress *
uc_address_order_test_find_source(GInetAddress *destination)
{
	g_autofree gchar *text = g_inet_address_to_string(destination);

	for (guint i = 0; i < G_N_ELEMENTS(uc_address_order_test_table); i++) {
		if (g_object_get_data(G_OBJECT(destination), "row") != GUINT_TO_POINTER(i))
			continue;
		for (guint j = 0; j < PAIRS; j++) {
			const gchar *const *pair = uc_address_order_test_table[i].pairs[j];

			if (g_strcmp0(pair[0], text) == 0)
				return pair[1] != NULL ? g_inet_address_new_from_string(pair[1])
						       : NULL;
		}
	}
	g_assert_not_reached();
}

static void
uc_address_order_test_row(guint row, gboolean backwards)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new();
	g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint j = 0; j < PAIRS; j++) {
		const gchar *text = uc_address_order_test_table[row].pairs[j][0];
		GInetAddress *address = NULL;

		if (text == NULL)
			continue;
		address = g_inet_address_new_from_string(text);
		g_object_set_data(G_OBJECT(address), "row", GUINT_TO_POINTER(row));
		g_ptr_array_add(owned, address);
		g_ptr_array_insert(addresses, backwards ? 0 : -1, address);
	}
	uc_address_order(addresses, uc_address_order_test_find_source);
	for (guint j = 0; j < addresses->len; j++) {
		g_autofree gchar *text = g_inet_address_to_string(g_ptr_array_index(addresses, j));

		g_test_message("row %u", row);
		g_assert_cmpstr(text, ==, uc_address_order_test_table[row].pairs[j][0]);
	}
}

static void
uc_address_order_test_rules(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_address_order_test_table); i++) {
		uc_address_order_test_row(i, FALSE);
		if (i < 8)
			uc_address_order_test_row(i, TRUE);
	}
}

static GInetAddress *
uc_address_order_test_find_own(GInetAddress *destination)
{
	g_autofree gchar *text = g_inet_address_to_string(destination);

	return g_inet_address_new_from_string(
	    g_str_has_prefix(text, "2001:db8:1:") ? "2001:db8:1::1" : "2001:db8:2::2");
}

/* rules 3 and 4: what the kernel says about the source of the first destination, which comes first
 * as long as nothing speaks against it; then whether it still does */
static void
uc_address_order_test_source_flags(void)
{
	static const struct {
		const gchar *one;
		const gchar *other;
		gboolean stays;
	} rows[] = {
	    {"80", "80", TRUE},
	    {"a0", "80", FALSE}, /* deprecated */
	    {"a0", "a0", TRUE},
	    {"a0", "20", TRUE},
	    {"01", "80", TRUE},	 /* a temporary one is as good */
	    {"80", "90", FALSE}, /* home */
	    {"a0", "10", FALSE},
	    {"20", "30", FALSE},
	    {"10", "30", TRUE}, /* deprecated comes before home */
	    {"zz", "80", TRUE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *table =
		    g_strdup_printf("00000000000000000000000000000001 01 80 10 80       lo\n"
				    "\n20010db800010000\n"
				    "20010db8000100000000000000000001 02 40 00 %s     eth0\n"
				    "20010db8000200000000000000000002 03 40 00 %s     eth1\n",
				    rows[i].one,
				    rows[i].other);
		g_autoptr(GInetAddress) one = g_inet_address_new_from_string("2001:db8:1::99");
		g_autoptr(GInetAddress) other = g_inet_address_new_from_string("2001:db8:2::99");
		g_autoptr(GPtrArray) addresses = g_ptr_array_new();

		g_ptr_array_add(addresses, one);
		g_ptr_array_add(addresses, other);
		uc_address_order_by(addresses, uc_address_order_test_find_own, table);
		g_test_message("row %u", i);
		g_assert_true((g_ptr_array_index(addresses, 0) == one) == rows[i].stays);
	}
}

static void
uc_address_order_test_nothing(void)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new();

	uc_address_order(addresses, uc_address_find_source);
	g_assert_cmpuint(addresses->len, ==, 0);
}

static void
uc_address_order_test_find_source_of_loopback(void)
{
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GInetAddress) source = uc_address_find_source(loopback);

	g_assert_nonnull(source);
	g_assert_true(g_inet_address_equal(source, loopback));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/address-order/nothing", uc_address_order_test_nothing);
	g_test_add_func("/address-order/rules", uc_address_order_test_rules);
	g_test_add_func("/address-order/source-flags", uc_address_order_test_source_flags);
	g_test_add_func("/address-order/find-source",
			uc_address_order_test_find_source_of_loopback);
	return g_test_run();
}
