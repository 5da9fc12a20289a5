/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-failed.h"

/* The images that were started once and fell back: a group of the state's keyfile. */

#define FU_UC_ENDPOINT_FAILED_GROUP "Failed"
#define FU_UC_ENDPOINT_FAILED_KEY   "Sha256"
#define FU_UC_ENDPOINT_FAILED_MAX   16

/**
 * fu_uc_endpoint_failed_new:
 *
 * Returns: (transfer full) (element-type utf8): at most 16 SHA-256, the oldest first; none yet
 **/
GPtrArray *
fu_uc_endpoint_failed_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

gboolean
fu_uc_endpoint_failed_contains(GPtrArray *self, const gchar *sha256)
{
	return g_ptr_array_find_with_equal_func(self, sha256, g_str_equal, NULL);
}

void
fu_uc_endpoint_failed_remove(GPtrArray *self, const gchar *sha256)
{
	guint idx = 0;

	if (g_ptr_array_find_with_equal_func(self, sha256, g_str_equal, &idx))
		g_ptr_array_remove_index(self, idx);
}

/**
 * fu_uc_endpoint_failed_add:
 * @self: images that fell back
 * @sha256: one more, or one of them again
 *
 * The oldest of too many is forgotten.
 **/
void
fu_uc_endpoint_failed_add(GPtrArray *self, const gchar *sha256)
{
	fu_uc_endpoint_failed_remove(self, sha256);
	if (self->len >= FU_UC_ENDPOINT_FAILED_MAX)
		g_ptr_array_remove_index(self, 0);
	g_ptr_array_add(self, g_strdup(sha256));
}

/**
 * fu_uc_endpoint_failed_load:
 * @self: images that fell back, to which those are added
 * @keyfile: a state
 **/
void
fu_uc_endpoint_failed_load(GPtrArray *self, GKeyFile *keyfile)
{
	g_auto(GStrv) found = g_key_file_get_string_list(keyfile,
							 FU_UC_ENDPOINT_FAILED_GROUP,
							 FU_UC_ENDPOINT_FAILED_KEY,
							 NULL,
							 NULL);

	for (guint i = 0; found != NULL && found[i] != NULL; i++)
		fu_uc_endpoint_failed_add(self, found[i]);
}

/**
 * fu_uc_endpoint_failed_store:
 * @self: images that fell back
 * @keyfile: a state
 **/
void
fu_uc_endpoint_failed_store(GPtrArray *self, GKeyFile *keyfile)
{
	if (self->len > 0)
		g_key_file_set_string_list(keyfile,
					   FU_UC_ENDPOINT_FAILED_GROUP,
					   FU_UC_ENDPOINT_FAILED_KEY,
					   (const gchar *const *)self->pdata,
					   self->len);
}
