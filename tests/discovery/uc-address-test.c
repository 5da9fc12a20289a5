/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-address.h"

static void
uc_address_test_faults(void)
{
	static const struct {
		const gchar *text;
		const gchar *fault; /* NULL: acceptable */
	} table[] = {
	    {"0.0.0.0", "unspecified"},
	    {"0.1.2.3", "unspecified"},
	    {"127.0.0.1", "loopback"},
	    {"127.255.255.254", "loopback"},
	    {"169.254.0.1", "link-local"},
	    {"224.0.0.1", "multicast"},
	    {"239.255.255.255", "multicast"},
	    {"255.255.255.255", "broadcast"},
	    {"::", "unspecified"},
	    {"::1", "loopback"},
	    {"::127.0.0.1", "loopback"},
	    {"::ffff:127.0.0.1", "loopback"},
	    {"::ffff:169.254.1.1", "link-local"},
	    {"::ffff:0.0.0.0", "unspecified"},
	    {"64:ff9b::127.0.0.1", "loopback"},
	    {"64:ff9b::224.0.0.1", "multicast"},
	    {"fe80::1", "link-local"},
	    {"febf::1", "link-local"},
	    {"ff02::1", "multicast"},
	    {"192.0.2.1", NULL},
	    {"10.0.0.1", NULL},
	    {"126.0.0.1", NULL},
	    {"169.253.0.1", NULL},
	    {"223.255.255.255", NULL},
	    {"2001:db8::1", NULL},
	    {"fd00::1", NULL},
	    {"fec0::1", NULL},
	    {"::ffff:192.0.2.1", NULL},
	    {"64:ff9b::192.0.2.1", NULL},
	    {"64:ff9b:1::7f00:1", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GInetAddress) address = g_inet_address_new_from_string(table[i].text);

		g_assert_nonnull(address);
		g_test_message("%s", table[i].text);
		g_assert_cmpstr(uc_address_find_fault(address), ==, table[i].fault);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/address/faults", uc_address_test_faults);
	return g_test_run();
}
