/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The boundary: whatever strings come in as domains, a recording name server sees exactly the
 * three names below each permitted domain and nothing else. What is permitted is decided here once
 * more, from the text of the public suffix list, sharing no code with the product.
 */

#include <libpsl.h>
#include <string.h>

#include "fake-dns.h"
#include "uc-discovery.h"
#include "uc-limits.h"

#define BOUNDARY_SEED	 20261121
#define BOUNDARY_HOSTILE 24000
#define BOUNDARY_NAMES	 3 /* A and AAAA of one name, SRV of another */

typedef struct {
	GHashTable *rules; /* of the public suffix list, A-labels, "*." and "!" in front */
	FakeDns *dns;
	gchar *server;
	GPtrArray *batch; /* of gchar */
	guint inputs;
	guint refused;
	guint permitted;
	guint packets;
} Boundary;

static gchar *
boundary_to_ascii(const gchar *text)
{
	g_autofree gchar *ascii = g_hostname_to_ascii(text);

	return ascii != NULL ? g_ascii_strdown(ascii, -1) : NULL;
}

static GPtrArray *
boundary_load_rules(Boundary *self)
{
	GPtrArray *rules = g_ptr_array_new_with_free_func(g_free);
	g_autofree gchar *dir = g_path_get_dirname(psl_dist_filename());
	g_autofree gchar *path = g_build_filename(dir, "public_suffix_list.dat", NULL);
	g_autofree gchar *text = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) error = NULL;

	/* Debian's package `publicsuffix` */
	g_file_get_contents(path, &text, NULL, &error);
	g_assert_no_error(error);
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		const gchar *rule = g_strstrip(lines[i]);
		g_autofree gchar *bare = NULL;

		if (rule[0] == '\0' || g_str_has_prefix(rule, "//"))
			continue;
		g_ptr_array_add(rules, g_strdup(rule));
		bare = boundary_to_ascii(rule + strspn(rule, "*.!"));
		g_assert_nonnull(bare);
		g_hash_table_add(self->rules,
				 g_strdup_printf("%.*s%s", (int)strspn(rule, "*.!"), rule, bare));
	}
	return rules;
}

static gboolean
boundary_has_rule(const Boundary *self, const gchar *prefix, const gchar *name)
{
	g_autofree gchar *rule = g_strconcat(prefix, name, NULL);

	return g_hash_table_contains(self->rules, rule);
}

/* https://publicsuffix.org/list/: a rule, or a label in the place of the star, without exception */
static gboolean
boundary_is_public_suffix(const Boundary *self, const gchar *name)
{
	const gchar *parent = strchr(name, '.');

	if (parent == NULL)
		return TRUE;
	if (boundary_has_rule(self, "!", name))
		return FALSE;
	/* what a star rule is about is no place for an organisation either */
	return boundary_has_rule(self, "", name) || boundary_has_rule(self, "*.", parent + 1) ||
	       boundary_has_rule(self, "*.", name);
}

static gboolean
boundary_is_special(const gchar *name)
{
	static const gchar *const tops[] =
	    {"local", "localhost", "invalid", "onion", "alt", "arpa", NULL};
	const gchar *top = strrchr(name, '.');

	top = top != NULL ? top + 1 : name;
	return g_strv_contains(tops, top) ||
	       g_regex_match_simple("^([0-9]*|0x[0-9a-f]*)$", top, 0, 0);
}

/* (transfer full) (nullable): the domain that may be asked for @text */
static gchar *
boundary_permit(const Boundary *self, const gchar *text)
{
	g_autofree gchar *name = NULL;
	g_autofree gchar *unicode = NULL;

	if (!g_utf8_validate(text, -1, NULL) || strlen(text) > UC_LIMIT_STRING_BYTES)
		return NULL;
	name = boundary_to_ascii(text);
	if (name == NULL)
		return NULL;
	if (g_str_has_suffix(name, "."))
		name[strlen(name) - 1] = '\0';
	unicode = g_hostname_to_unicode(name);
	if (unicode == NULL || strlen(name) > 237 ||
	    !g_regex_match_simple("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+"
				  "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
				  name,
				  G_REGEX_DOLLAR_ENDONLY,
				  0) ||
	    boundary_is_special(name) || boundary_is_public_suffix(self, name))
		return NULL;
	return g_steal_pointer(&name);
}

static void
boundary_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	*(GAsyncResult **)user_data = g_object_ref(result);
}

static void
boundary_discover(Boundary *self)
{
	gchar *servers[] = {self->server, NULL};
	gchar *domains[UC_LIMIT_DISCOVERY_DOMAINS + 1] = {NULL};
	UcDiscoveryOptions options = {
	    .domains = domains,
	    .name_servers = servers,
	    .timeout_ms = 20000,
	};
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(UcDiscovery) discovery = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < self->batch->len; i++)
		domains[i] = g_ptr_array_index(self->batch, i);
	uc_discovery_run_async(&options, NULL, boundary_done_cb, &result);
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	discovery = uc_discovery_run_finish(result, &error);
	g_assert_no_error(error);
}

/* libpsl takes some names below top-level domains that do not exist for public suffixes */
static gboolean
boundary_has_known_top(const Boundary *self, const gchar *domain)
{
	const gchar *top = strrchr(domain, '.') + 1;

	return boundary_has_rule(self, "", top) || boundary_has_rule(self, "*.", top);
}

/* (transfer full) (element-type utf8 guint): how often each domain was asked about */
static GHashTable *
boundary_count_packets(Boundary *self)
{
	GPtrArray *queries = fake_dns_get_queries(self->dns);
	GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < queries->len; i++) {
		const gchar *name = g_ptr_array_index(queries, i);
		const gchar *domain = name;
		guint count = 0;

		if (g_str_has_prefix(name, "ucupdates-r2."))
			domain = name + strlen("ucupdates-r2.");
		else if (g_str_has_prefix(name, "_ucupdates._tcp."))
			domain = name + strlen("_ucupdates._tcp.");
		else
			g_error("'%s' was asked for", name);
		count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, domain));
		g_hash_table_insert(counts, (gpointer)domain, GUINT_TO_POINTER(count + 1));
	}
	self->packets += queries->len;
	return counts;
}

static void
boundary_check_packets(Boundary *self, GHashTable *permitted)
{
	g_autoptr(GHashTable) counts = boundary_count_packets(self);
	GHashTableIter iter;
	gpointer domain = NULL;
	gpointer count = NULL;

	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &domain, &count)) {
		if (!g_hash_table_contains(permitted, domain))
			g_error("'%s' was asked about, which is not permitted", (gchar *)domain);
		g_assert_cmpuint(GPOINTER_TO_UINT(count), ==, BOUNDARY_NAMES);
	}
	/* refusing everything would be easy */
	g_hash_table_iter_init(&iter, permitted);
	while (g_hash_table_iter_next(&iter, &domain, NULL)) {
		if (!g_hash_table_contains(counts, domain) && boundary_has_known_top(self, domain))
			g_error("'%s' was not asked about", (gchar *)domain);
	}
}

static void
boundary_flush(Boundary *self)
{
	g_autoptr(GHashTable) permitted =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < self->batch->len; i++) {
		gchar *domain = boundary_permit(self, g_ptr_array_index(self->batch, i));

		if (domain == NULL) {
			self->refused++;
			continue;
		}
		self->permitted++;
		g_hash_table_add(permitted, domain);
	}
	self->inputs += self->batch->len;
	g_ptr_array_set_size(fake_dns_get_queries(self->dns), 0);
	if (self->batch->len > 0)
		boundary_discover(self);
	boundary_check_packets(self, permitted);
	g_ptr_array_set_size(self->batch, 0);
}

static void
boundary_try(Boundary *self, gchar *text)
{
	g_ptr_array_add(self->batch, text);
	if (self->batch->len == UC_LIMIT_DISCOVERY_DOMAINS)
		boundary_flush(self);
}

static Boundary *
boundary_new(void)
{
	Boundary *self = g_new0(Boundary, 1);
	g_autoptr(GInetSocketAddress) address = NULL;

	self->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->batch = g_ptr_array_new_with_free_func(g_free);
	self->dns = fake_dns_new();
	address = fake_dns_get_address(self->dns);
	self->server = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
	return self;
}

static void
boundary_free(Boundary *self)
{
	boundary_flush(self);
	g_print("# %u inputs: %u refused, %u permitted, %u packets, 0 outside\n",
		self->inputs,
		self->refused,
		self->permitted,
		self->packets);
	g_hash_table_unref(self->rules);
	g_ptr_array_unref(self->batch);
	fake_dns_free(self->dns);
	g_free(self->server);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Boundary, boundary_free)

/* the oracle itself must know the well-known cases */
static void
boundary_test_oracle(void)
{
	static const gchar *const refused[] = {"co.uk",
					       "CO.UK",
					       "co.uk.",
					       "GITHUB.IO",
					       "github.io.",
					       "ck",
					       "anything.ck",
					       "x.compute.amazonaws.com",
					       "uk",
					       "公司.cn",
					       "xn--55qx5d.cn",
					       "a..b",
					       "",
					       ".",
					       "x.local",
					       "1.2.3.4",
					       "0x7f.1",
					       "a.home.arpa",
					       NULL};
	static const gchar *const permitted[] = {"www.ck", "a.co.uk", "A.CO.UK.", "a.b.ck", NULL};
	g_autoptr(Boundary) self = boundary_new();
	g_autoptr(GPtrArray) rules = boundary_load_rules(self);

	g_assert_cmpuint(rules->len, >, 5000);
	for (guint i = 0; refused[i] != NULL; i++) {
		g_assert_null(boundary_permit(self, refused[i]));
		boundary_try(self, g_strdup(refused[i]));
	}
	for (guint i = 0; permitted[i] != NULL; i++) {
		g_autofree gchar *domain = boundary_permit(self, permitted[i]);

		g_assert_nonnull(domain);
		boundary_try(self, g_strdup(permitted[i]));
	}
}

/* every rule, as it is, shouted, with a dot, and one and two labels below it */
static void
boundary_test_public_suffixes(void)
{
	g_autoptr(Boundary) self = boundary_new();
	g_autoptr(GPtrArray) rules = boundary_load_rules(self);

	for (guint i = 0; i < rules->len; i++) {
		const gchar *rule = g_ptr_array_index(rules, i);
		const gchar *bare = rule + strspn(rule, "*.!");
		g_autofree gchar *shouted = g_utf8_strup(bare, -1);

		boundary_try(self, g_strdup(bare));
		boundary_try(self, g_strconcat(shouted, ".", NULL));
		boundary_try(self, g_strconcat("owner.", bare, NULL));
		if (rule[0] == '*')
			boundary_try(self, g_strconcat("room.owner.", bare, NULL));
	}
}

static const gchar *
boundary_pick(GRand *rand, const gchar *const *table, guint count)
{
	return table[g_rand_int_range(rand, 0, (gint)count)];
}

/* (transfer full): labels, separators and tops that parsers disagree about */
static gchar *
boundary_make_hostile(GRand *rand, GPtrArray *rules)
{
	static const gchar *const labels[] = {
	    "a",	 "co",		 "CO",	   "xn--",   "xn--a",
	    "xn--zca",	 "ucupdates-r2", "_tcp",   "-",	     "-a",
	    "a-",	 "a--b",	 "*",	   "0",	     "127",
	    "0x7f",	 "%2e",		 "a b",	   "a\tb",   "a\nb",
	    "a\\.b",	 "a\\046b",	 "ﬁ",	   "ß",	     "İ",
	    "ⅷ",	 "\u00ad",	 "\u200d", "\u202e", "\xff\xfe",
	    "\xc0\xae",	 "\xed\xa0\x80", "a@b",	   "a:53",   "a/b",
	    "[::1]",	 "wpad",	 "isatap", "公司",   "ｃｏ",
	    "www",	 "\x01",	 "$(id)",  "';--",   "",
	    "localhost", "corp",	 "ck",	   "city"};
	static const gchar *const dots[] =
	    {".", ".", ".", ".", ".", "..", "。", "．", "｡", "\\.", ". "};
	static const gchar *const tops[] = {
	    "co.uk",	 "CO.UK",   "co.uk.",	   "uk",	   "com",   "COM.",
	    "local",	 "LOCAL",   "arpa",	   "home.arpa",	   "onion", "alt",
	    "localhost", "invalid", "example",	   "room.example", "1",	    "0x1f",
	    "255.255",	 "ck",	    "kawasaki.jp", "GITHUB.IO."};
	GString *text = g_string_new(NULL);
	guint count = (guint)g_rand_int_range(rand, 0, 5);

	for (guint i = 0; i < count; i++) {
		g_string_append(text, boundary_pick(rand, labels, G_N_ELEMENTS(labels)));
		g_string_append(text, boundary_pick(rand, dots, G_N_ELEMENTS(dots)));
	}
	if (g_rand_boolean(rand))
		g_string_append(text, boundary_pick(rand, tops, G_N_ELEMENTS(tops)));
	else
		g_string_append(
		    text,
		    g_ptr_array_index(rules, g_rand_int_range(rand, 0, (gint)rules->len)));
	if (g_rand_int_range(rand, 0, 8) == 0)
		g_string_append(text, boundary_pick(rand, dots, G_N_ELEMENTS(dots)));
	if (g_rand_int_range(rand, 0, 50) == 0)
		for (guint i = 0; i < 120; i++)
			g_string_prepend(text, "a.");
	/* one octet becomes any other */
	if (text->len > 0 && g_rand_int_range(rand, 0, 4) == 0)
		text->str[g_rand_int_range(rand, 0, (gint)text->len)] =
		    (gchar)g_rand_int_range(rand, 1, 256);
	return g_string_free(text, FALSE);
}

static void
boundary_test_hostile(void)
{
	g_autoptr(Boundary) self = boundary_new();
	g_autoptr(GPtrArray) rules = boundary_load_rules(self);
	g_autoptr(GRand) rand = g_rand_new_with_seed(BOUNDARY_SEED);

	for (guint i = 0; i < BOUNDARY_HOSTILE; i++)
		boundary_try(self, boundary_make_hostile(rand, rules));
}

/* what the answers name must not lead outside either */
static void
boundary_test_hostile_answers(void)
{
	static const gchar *const targets[] = {"example",
					       "evil.example",
					       "xroom.example",
					       "co.uk",
					       "ucupdates-r2.co.uk",
					       "room.example.com",
					       "1.2.3.4"};
	g_autoptr(Boundary) self = boundary_new();

	for (guint i = 0; i < G_N_ELEMENTS(targets); i++)
		fake_dns_add_srv(self->dns, "_ucupdates._tcp.room.example", 0, 0, 443, targets[i]);
	fake_dns_add_cname(self->dns, "ucupdates-r2.room.example", UC_DNS_TYPE_A, "evil.example");
	boundary_try(self, g_strdup("room.example"));
	boundary_flush(self);
}

int
main(int argc, char **argv)
{
	g_setenv("UCUPDATES_SYSCONFDIR", "/nonexistent", TRUE);
	g_setenv("UCUPDATES_VENDORDIR", "/nonexistent", TRUE);
	g_setenv("UCUPDATES_RESOLV_CONF", "/nonexistent", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/boundary/oracle", boundary_test_oracle);
	g_test_add_func("/boundary/hostile", boundary_test_hostile);
	g_test_add_func("/boundary/hostile-answers", boundary_test_hostile_answers);
	g_test_add_func("/boundary/public-suffixes", boundary_test_public_suffixes);
	return g_test_run();
}
