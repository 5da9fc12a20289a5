/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Publishing: a complete new tree beside the old one, everything in it on the disk, then one
 * rename of a symbolic link. Serial and signing time are in the database before that rename, so
 * that they grow also when the machine stops in between.
 */

#include <gio/gio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "uc-audit.h"
#include "uc-catalog-cache.h"
#include "uc-catalog.h"
#include "uc-compress.h"
#include "uc-endpoint-ca.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-inventory-forget.h"
#include "uc-names.h"
#include "uc-passed-on.h"
#include "uc-policy-compile.h"
#include "uc-publish-cab.h"
#include "uc-publish-document.h"
#include "uc-publish-keys.h"
#include "uc-publish-plan.h"
#include "uc-publish-trust.h"
#include "uc-publish-ucs.h"
#include "uc-publish.h"
#include "uc-signature.h"

#define UC_PUBLISH_CLOCK_WAIT_SECS 2
#define UC_PUBLISH_CLOCK_STEP_MS   20

/* the compressions of the metadata; the first one is what the agent asks for */
static const gchar *const uc_publish_suffixes[] = {"zst", "xz", "gz"};

typedef struct {
	UcMirror *mirror; /* not owned */
	UcPublishPlan *plan;
	JsonObject *sections; /* of policy.json */
	UcCatalogCache *catalog;
	GBytes *xml; /* (nullable): the metadata that is in @packed */
	GBytes *packed[G_N_ELEMENTS(uc_publish_suffixes)];
	UcPublished result;
	gchar *tree; /* its name */
	gchar *dir;  /* its path */
} UcPublish;

static void
uc_publish_free(UcPublish *self)
{
	g_clear_pointer(&self->plan, uc_publish_plan_free);
	g_clear_pointer(&self->sections, json_object_unref);
	g_clear_pointer(&self->catalog, uc_catalog_cache_free);
	g_clear_pointer(&self->xml, g_bytes_unref);
	for (guint i = 0; i < G_N_ELEMENTS(self->packed); i++)
		g_clear_pointer(&self->packed[i], g_bytes_unref);
	g_free(self->tree);
	g_free(self->dir);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPublish, uc_publish_free)

/* the clock that GnuTLS signs by; that of g_get_real_time() is up to a tick ahead of it, and so in
 * another second when one turns */
static gint64
uc_publish_get_now(void)
{
	return (gint64)time(NULL);
}

static gboolean
uc_publish_fail_clock(gint64 now_secs, gint64 signed_secs, GError **error)
{
	g_autoptr(GDateTime) last = g_date_time_new_from_unix_utc(signed_secs);
	g_autofree gchar *text = last != NULL ? g_date_time_format_iso8601(last) : NULL;

	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_CLOCK,
		    "this machine's clock is %" G_GINT64_FORMAT " s behind the last publication, "
		    "signed at %s, and endpoints would refuse what is signed now; set the clock. "
		    "If it was wrong then and is right now, wait until that time, or 'key revoke "
		    "metadata --recovery=DIR' and 'publish' let endpoints begin anew",
		    signed_secs - now_secs,
		    text != NULL ? text : "?");
	return FALSE;
}

/* fwupd ignores metadata signed in the same second as the last, and refuses an older one */
static gboolean
uc_publish_wait_for_clock(UcPublish *self, GError **error)
{
	gint64 signed_secs = 0;
	gint64 now_secs = uc_publish_get_now();

	if (!uc_database_get_meta_int(self->mirror->database, "signed_secs", &signed_secs, error))
		return FALSE;
	if (now_secs + UC_PUBLISH_CLOCK_WAIT_SECS < signed_secs)
		return uc_publish_fail_clock(now_secs, signed_secs, error);
	while ((now_secs = uc_publish_get_now()) <= signed_secs)
		g_usleep(UC_PUBLISH_CLOCK_STEP_MS * 1000);
	self->result.issued_secs = now_secs;
	self->result.expires_secs = now_secs + (gint64)self->plan->rules->expire_days * 86400;
	return TRUE;
}

static gboolean
uc_publish_set_serial(UcPublish *self, GError **error)
{
	gint64 last = 0;

	if (!uc_database_get_meta_int(self->mirror->database, "serial", &last, error))
		return FALSE;
	self->result.serial = uc_publish_document_next_serial(last, self->result.issued_secs);
	self->tree =
	    g_strdup_printf(UC_PUBLISH_TREE_PREFIX "%" G_GINT64_FORMAT, self->result.serial);
	self->dir = uc_mirror_path(self->mirror, self->tree, NULL);
	return TRUE;
}

static gboolean
uc_publish_make_dirs(UcPublish *self, GError **error)
{
	static const gchar *const names[] = {"", ".well-known", "testing", "cabs"};

	if (!uc_mirror_remove_tree(self->dir, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree gchar *path = g_build_filename(self->dir, names[i], NULL);

		if (!uc_file_make_dir(path, 0755, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_publish_put_cabs(UcPublish *self, GError **error)
{
	for (guint i = 0; i < self->plan->packages->len; i++) {
		UcPackage *package = g_ptr_array_index(self->plan->packages, i);

		if (!uc_publish_plan_offers(package, TRUE))
			continue;
		if (!uc_publish_ucs_is_package(package) &&
		    !uc_publish_cab(self->mirror, package, self->dir, error)) {
			g_prefix_error(error, "package %.12s: ", package->sha256);
			return FALSE;
		}
		if (package->state == UC_PACKAGE_PENDING)
			self->result.pending++;
		else
			self->result.approved++;
	}
	return TRUE;
}

static gboolean
uc_publish_open_catalog(UcPublish *self, GError **error)
{
	g_autoptr(GPtrArray) packages = g_ptr_array_new();
	g_autofree gchar *url =
	    uc_publish_document_internal_url(self->mirror->organisation, self->plan->rules);
	g_autofree gchar *cabs_url = g_strconcat(url, UC_PUBLISH_CABS_PATH, NULL);

	self->catalog = uc_catalog_cache_new(self->mirror, cabs_url);
	for (guint i = 0; i < self->plan->packages->len; i++) {
		UcPackage *package = g_ptr_array_index(self->plan->packages, i);

		if (uc_publish_plan_offers(package, TRUE) && !uc_publish_ucs_is_package(package))
			g_ptr_array_add(packages, package);
	}
	return uc_catalog_cache_fill(self->catalog, packages, error);
}

static GBytes *
uc_publish_build_catalog(UcPublish *self, gboolean testing, GError **error)
{
	g_autoptr(UcCatalog) catalog = uc_catalog_new(self->mirror->organisation);

	for (guint i = 0; i < self->plan->packages->len; i++) {
		const UcPackage *package = g_ptr_array_index(self->plan->packages, i);
		const gchar *component = NULL;

		if (!uc_publish_plan_offers(package, testing) || uc_publish_ucs_is_package(package))
			continue;
		component = uc_catalog_cache_get(self->catalog, package, error);
		if (component == NULL) {
			g_prefix_error(error, "package %.12s: ", package->sha256);
			return NULL;
		}
		uc_catalog_append(catalog, component);
	}
	return uc_catalog_end(g_steal_pointer(&catalog));
}

static gboolean
uc_publish_put_file(UcPublish *self, const gchar *name, GBytes *bytes, GError **error)
{
	g_autofree gchar *path = g_build_filename(self->dir, name, NULL);

	return uc_file_write(path, bytes, error);
}

/* where nothing is pending both remotes have the same metadata, and compressing takes the time */
static gboolean
uc_publish_pack(UcPublish *self, GBytes *xml, GError **error)
{
	gsize count = G_N_ELEMENTS(uc_publish_suffixes);

	if (self->xml != NULL && g_bytes_equal(self->xml, xml))
		return TRUE;
	g_clear_pointer(&self->xml, g_bytes_unref);
	for (gsize i = 0; i < count; i++)
		g_clear_pointer(&self->packed[i], g_bytes_unref);
	if (!uc_compress_all(xml, uc_publish_suffixes, count, self->packed, error))
		return FALSE;
	self->xml = g_bytes_ref(xml);
	return TRUE;
}

static GBytes *
uc_publish_put_packed(UcPublish *self,
		      const gchar *prefix,
		      guint index,
		      UcX509 *key,
		      GError **error)
{
	g_autofree gchar *base = g_strdup_printf("firmware.xml.%s", uc_publish_suffixes[index]);
	g_autofree gchar *path = g_strconcat(prefix, base, NULL);
	g_autofree gchar *signature_path = g_strconcat(path, ".jcat", NULL);
	g_autoptr(GBytes) signature =
	    uc_signature_for_metadata(base, self->packed[index], key, error);

	if (signature == NULL || !uc_publish_put_file(self, path, self->packed[index], error) ||
	    !uc_publish_put_file(self, signature_path, signature, error))
		return NULL;
	return g_steal_pointer(&signature);
}

static gboolean
uc_publish_put_remote(UcPublish *self, UcPublishRemote *remote, gboolean testing, GError **error)
{
	g_autoptr(UcX509) key = uc_mirror_load_key(self->mirror, UC_ANCHOR_METADATA, error);
	const gchar *prefix = testing ? "testing/" : "";
	g_autoptr(GBytes) xml = NULL;

	if (key == NULL)
		return FALSE;
	xml = uc_publish_build_catalog(self, testing, error);
	if (xml == NULL || !uc_publish_pack(self, xml, error))
		return FALSE;
	remote->id = testing ? UC_REMOTE_TESTING_ID : UC_REMOTE_ID;
	remote->metadata_path =
	    g_strdup_printf("%sfirmware.xml.%s", prefix, uc_publish_suffixes[0]);
	remote->metadata = g_bytes_ref(self->packed[0]);
	remote->signature_path = g_strdup_printf("%s.jcat", remote->metadata_path);
	remote->signature = uc_publish_put_packed(self, prefix, 0, key, error);
	if (remote->signature == NULL)
		return FALSE;
	for (guint i = 1; i < G_N_ELEMENTS(uc_publish_suffixes); i++) {
		g_autoptr(GBytes) signature = uc_publish_put_packed(self, prefix, i, key, error);

		if (signature == NULL)
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_publish_put_document(UcPublish *self,
			const gchar *name,
			JsonObject *body,
			GBytes **envelope_out,
			GError **error)
{
	g_autoptr(UcX509) key = uc_mirror_load_key(self->mirror, UC_ANCHOR_DOCUMENTS, error);
	g_autoptr(GBytes) envelope = NULL;

	if (key == NULL)
		return FALSE;
	envelope = uc_document_sign(body, key->certificate, key->key, error);
	if (envelope == NULL || !uc_publish_put_file(self, name, envelope, error))
		return FALSE;
	if (envelope_out != NULL)
		*envelope_out = g_steal_pointer(&envelope);
	return TRUE;
}

static gboolean
uc_publish_put_trust(UcPublish *self, GError **error)
{
	g_autoptr(JsonObject) body =
	    uc_publish_document_new(UC_DOCUMENT_TRUST, self->mirror->organisation, &self->result);

	return uc_publish_trust_add(self->mirror->root, body, error) &&
	       uc_publish_put_document(self, UC_WELL_KNOWN_TRUST_PATH + 1, body, NULL, error);
}

static gboolean
uc_publish_put_documents(UcPublish *self, const UcPublishRemote *remotes, GError **error)
{
	const gchar *organisation = self->mirror->organisation;
	g_autoptr(JsonObject) policy = NULL;
	g_autoptr(JsonObject) description = NULL;
	g_autoptr(GBytes) envelope = NULL;

	self->sections = uc_policy_compile(self->plan, self->mirror->database, error);
	if (self->sections == NULL)
		return FALSE;
	policy = uc_publish_document_policy(organisation, &self->result, self->sections);
	if (!uc_publish_put_document(self, "policy.json", policy, &envelope, error) ||
	    !uc_publish_put_trust(self, error))
		return FALSE;
	description = uc_publish_document_description(organisation,
						      &self->result,
						      self->plan->rules,
						      envelope,
						      remotes);
	return uc_publish_put_document(self,
				       ".well-known/ucupdates.json",
				       description,
				       NULL,
				       error);
}

/* what phones with UC Software read */
static gboolean
uc_publish_put_phones(UcPublish *self, GError **error)
{
	const UcRules *rules = self->plan->rules;
	g_autofree gchar *url =
	    rules->phone_url != NULL
		? g_strdup(rules->phone_url)
		: uc_publish_document_internal_url(self->mirror->organisation, rules);

	return uc_publish_ucs(self->mirror, self->plan, self->dir, url, error);
}

static gboolean
uc_publish_write_tree(UcPublish *self, GError **error)
{
	g_auto(UcPublishRemotes) remotes = {0};
	static const gchar *const names[] = {".well-known", "testing", "cabs", NULL};

	if (self->plan->rules->enrolment != UC_RULES_ENROLMENT_NONE &&
	    !uc_endpoint_ca_ensure(self->mirror, uc_publish_get_now(), error))
		return FALSE;
	if (!uc_publish_make_dirs(self, error) ||
	    !uc_publish_keys(self->mirror,
			     self->dir,
			     self->result.issued_secs,
			     &self->result.expiry,
			     error) ||
	    !uc_publish_put_cabs(self, error) || !uc_publish_open_catalog(self, error) ||
	    !uc_publish_put_remote(self, &remotes.items[0], FALSE, error) ||
	    !uc_publish_put_remote(self, &remotes.items[1], TRUE, error) ||
	    !uc_publish_put_documents(self, remotes.items, error) ||
	    !uc_publish_put_phones(self, error) ||
	    !uc_passed_on_publish(self->mirror, self->dir, error))
		return FALSE;
	for (guint i = 0; names[i] != NULL; i++) {
		g_autofree gchar *path = g_build_filename(self->dir, names[i], NULL);

		if (!uc_file_sync_dir(path, error))
			return FALSE;
	}
	return uc_file_sync_dir(self->dir, error) && uc_file_sync_dir(self->mirror->root, error);
}

static gboolean
uc_publish_record(UcPublish *self, GError **error)
{
	UcDatabase *database = self->mirror->database;
	g_autofree gchar *serial = g_strdup_printf("%" G_GINT64_FORMAT, self->result.serial);
	g_autofree gchar *secs = g_strdup_printf("%" G_GINT64_FORMAT, uc_publish_get_now());
	g_autofree gchar *expires = g_strdup_printf("%" G_GINT64_FORMAT, self->result.expires_secs);
	g_autofree gchar *url =
	    uc_publish_document_internal_url(self->mirror->organisation, self->plan->rules);
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);

	if (transaction == NULL || !uc_database_set_meta(database, "serial", serial, error) ||
	    !uc_database_set_meta(database, "signed_secs", secs, error) ||
	    !uc_database_set_meta(database, UC_PUBLISH_META_EXPIRES, expires, error) ||
	    !uc_database_set_meta(database, "internal_url", url, error) ||
	    !uc_database_set_meta(
		database,
		"external_url",
		self->plan->rules->external_url != NULL ? self->plan->rules->external_url : "",
		error) ||
	    !uc_publish_plan_record(self->plan, self->sections, database, error) ||
	    !uc_catalog_cache_record(self->catalog, error) ||
	    !uc_audit_add(database, "publish", serial, self->result.issued_secs, error))
		return FALSE;
	return uc_transaction_commit(transaction, error);
}

static gboolean
uc_publish_switch(UcPublish *self, GError **error)
{
	g_autofree gchar *public = uc_mirror_path(self->mirror, "public", NULL);

	return uc_file_replace_link(self->tree, public, error);
}

/* every tree but the one before and the new one; a failure only leaves them there */
static void
uc_publish_remove_old(UcPublish *self, const gchar *previous)
{
	g_autoptr(GDir) dir = g_dir_open(self->mirror->root, 0, NULL);
	const gchar *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *path = uc_mirror_path(self->mirror, name, NULL);
		g_autoptr(GError) error = NULL;

		if (!g_str_has_prefix(name, UC_PUBLISH_TREE_PREFIX) ||
		    g_str_equal(name, self->tree) || g_strcmp0(name, previous) == 0)
			continue;
		if (!uc_mirror_remove_tree(path, &error))
			g_warning("cannot remove %s: %s", path, error->message);
	}
}

/* the tree is public already: a failure only keeps them until the next publication */
static void
uc_publish_forget_unseen(UcPublish *self)
{
	gint64 days = (gint64)self->plan->rules->retention_days;
	gint64 before_secs = self->result.issued_secs - days * 86400;
	g_autoptr(GError) error = NULL;

	if (days > 0 && !uc_inventory_forget_unseen(self->mirror->database, before_secs, &error))
		g_warning("cannot forget endpoints that were not seen: %s", error->message);
}

static UcPublish *
uc_publish_new(UcMirror *mirror, GError **error)
{
	g_autoptr(UcPublish) self = g_new0(UcPublish, 1);

	self->mirror = mirror;
	self->plan = uc_publish_plan_new(mirror, error);
	return self->plan != NULL ? g_steal_pointer(&self) : NULL;
}

/* what is halted stays halted, whatever becomes of this publication */
static gboolean
uc_publish_halt(UcPublish *self, GError **error)
{
	UcDatabase *database = self->mirror->database;
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);

	return transaction != NULL &&
	       uc_publish_plan_halt(self->plan,
				    database,
				    uc_publish_get_now(),
				    &self->result.halted,
				    error) &&
	       uc_transaction_commit(transaction, error);
}

/**
 * uc_publish:
 * @mirror: a mirror
 * @published_out: (out): what was published
 * @error: set to %UC_ERROR_INVALID (a rule), %UC_ERROR_CLOCK, %UC_ERROR_TEMPORARY (another command
 *   is at work) or an error of this machine; what was public before is public still
 *
 * Writes, signs and switches to a new tree. Keeps the one before.
 */
gboolean
uc_publish(UcMirror *mirror, UcPublished *published_out, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	g_autofree gchar *public = uc_mirror_path(mirror, "public", NULL);
	g_autofree gchar *previous = g_file_read_link(public, NULL);
	g_autoptr(UcPublish) self = NULL;

	if (lock == NULL || !uc_publish_cab_look_again(mirror, error))
		return FALSE;
	self = uc_publish_new(mirror, error);
	if (self == NULL || !uc_publish_halt(self, error) ||
	    !uc_publish_wait_for_clock(self, error) || !uc_publish_set_serial(self, error) ||
	    !uc_publish_write_tree(self, error) || !uc_publish_record(self, error) ||
	    !uc_publish_switch(self, error))
		return FALSE;
	uc_publish_remove_old(self, previous);
	uc_publish_forget_unseen(self);
	*published_out = self->result;
	return TRUE;
}

/**
 * uc_publish_check:
 * @mirror: a mirror
 * @error: set to %UC_ERROR_INVALID with file, group, key, value and range
 *
 * Changes nothing.
 *
 * Returns: (transfer full): the models for which there are rules and nothing else, or %NULL if the
 *   rules could not be published
 */
GStrv
uc_publish_check(UcMirror *mirror, GError **error)
{
	g_autoptr(UcPublish) self = uc_publish_new(mirror, error);
	g_autoptr(JsonObject) sections = NULL;

	if (self == NULL)
		return NULL;
	sections = uc_policy_compile(self->plan, mirror->database, error);
	return sections != NULL ? uc_publish_plan_list_unknown(self->plan, mirror->database, error)
				: NULL;
}
