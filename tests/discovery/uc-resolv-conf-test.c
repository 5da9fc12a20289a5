/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-resolv-conf.h"

static UcResolvConf *
uc_resolv_conf_test_parse(const gchar *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	UcResolvConf *conf = uc_resolv_conf_parse(bytes, &error);

	g_assert_no_error(error);
	return conf;
}

static void
uc_resolv_conf_test_too_long(void)
{
	g_autofree gchar *text = g_strnfill(64 * 1024 + 1, '\n');
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	g_autoptr(UcResolvConf) conf = uc_resolv_conf_parse(bytes, &error);
	g_autoptr(UcResolvConf) endless = NULL;

	g_assert_null(conf);
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	endless = uc_resolv_conf_load("/dev/zero", &error);
	g_assert_null(endless);
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
}

static void
uc_resolv_conf_test_parsed(void)
{
	static const struct {
		const gchar *text;
		const gchar *domains;
		const gchar *servers;
	} table[] = {
	    {"", "", "127.0.0.1:53"},
	    {"nameserver\nsearch\ndomain \n", "", "127.0.0.1:53"},
	    {"# nameserver 192.0.2.1\n;search a.example\n", "", "127.0.0.1:53"},
	    {"nameserver fe80::1%nowhere\nnameserver here", "", "127.0.0.1:53"},
	    {"nameserver fe80::1%lo", "", "[fe80::1%1]:53"},
	    {"nameserver 192.0.2.1\nnameserver 2001:db8::1\n", "", "192.0.2.1:53 [2001:db8::1]:53"},
	    {"search a.example b.example\r\n", "a.example b.example", "127.0.0.1:53"},
	    {"search\ta.example  b.example", "a.example b.example", "127.0.0.1:53"},
	    {"domain a.example b.example", "a.example", "127.0.0.1:53"},
	    {"domain a.example\nsearch b.example\n", "b.example", "127.0.0.1:53"},
	    {"search b.example\ndomain a.example\n", "a.example", "127.0.0.1:53"},
	    {"options ndots:2\nsortlist x\nsearch \xff\xfe", "\xff\xfe", "127.0.0.1:53"},
	    {"nameserver ::1\nnameserver ::2\nnameserver ::3\nnameserver ::4\nnameserver ::5\n"
	     "nameserver ::6\nnameserver ::7\nnameserver ::8\nnameserver ::9\n",
	     "",
	     "[::1]:53 [::2]:53 [::3]:53 [::4]:53 [::5]:53 [::6]:53 [::7]:53 [::8]:53"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(UcResolvConf) conf = uc_resolv_conf_test_parse(table[i].text);
		g_autofree gchar *domains = g_strjoinv(" ", conf->domains);
		g_autoptr(GString) servers = g_string_new(NULL);

		for (guint j = 0; j < conf->name_servers->len; j++) {
			g_autofree gchar *text = g_socket_connectable_to_string(
			    g_ptr_array_index(conf->name_servers, j));

			g_string_append_printf(servers, "%s%s", j > 0 ? " " : "", text);
		}
		g_assert_cmpstr(domains, ==, table[i].domains);
		g_assert_cmpstr(servers->str, ==, table[i].servers);
	}
}

static void
uc_resolv_conf_test_absent(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcResolvConf) conf = uc_resolv_conf_load("/nonexistent/resolv.conf", &error);
	g_autoptr(UcResolvConf) dir = NULL;

	g_assert_no_error(error);
	g_assert_cmpuint(conf->name_servers->len, ==, 1);
	dir = uc_resolv_conf_load("/", &error);
	g_assert_null(dir);
	g_assert_error(error, UC_ERROR, UC_ERROR_FAILED);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/resolv-conf/too-long", uc_resolv_conf_test_too_long);
	g_test_add_func("/resolv-conf/parsed", uc_resolv_conf_test_parsed);
	g_test_add_func("/resolv-conf/absent", uc_resolv_conf_test_absent);
	return g_test_run();
}
