/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-record.h"

/* What is known of one image that was put into a slot: a group of the state's keyfile. */

/**
 * fu_uc_endpoint_record_copy:
 * @self: a record
 *
 * Returns: (transfer full): the same
 **/
FuUcEndpointRecord *
fu_uc_endpoint_record_copy(const FuUcEndpointRecord *self)
{
	FuUcEndpointRecord *copy = g_new0(FuUcEndpointRecord, 1);
	copy->sha256 = g_strdup(self->sha256);
	copy->size = self->size;
	copy->version = g_strdup(self->version);
	copy->slot = g_strdup(self->slot);
	copy->boot_id = g_strdup(self->boot_id);
	copy->forced = self->forced;
	return copy;
}

void
fu_uc_endpoint_record_free(FuUcEndpointRecord *self)
{
	g_free(self->sha256);
	g_free(self->version);
	g_free(self->slot);
	g_free(self->boot_id);
	g_free(self);
}

/**
 * fu_uc_endpoint_record_load:
 * @keyfile: a state
 * @group: the name of a group, which need not be there
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if there is no whole one
 **/
FuUcEndpointRecord *
fu_uc_endpoint_record_load(GKeyFile *keyfile, const gchar *group)
{
	g_autoptr(FuUcEndpointRecord) self = g_new0(FuUcEndpointRecord, 1);

	self->sha256 = g_key_file_get_string(keyfile, group, "Sha256", NULL);
	self->size = g_key_file_get_uint64(keyfile, group, "Size", NULL);
	self->version = g_key_file_get_string(keyfile, group, "Version", NULL);
	self->slot = g_key_file_get_string(keyfile, group, "Slot", NULL);
	self->boot_id = g_key_file_get_string(keyfile, group, "BootId", NULL);
	self->forced = g_key_file_get_boolean(keyfile, group, "Forced", NULL);
	if (self->sha256 == NULL || self->version == NULL || self->slot == NULL || self->size == 0)
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * fu_uc_endpoint_record_store:
 * @self: (nullable): a record, or %NULL for none
 * @keyfile: a state
 * @group: the name of a group
 **/
void
fu_uc_endpoint_record_store(const FuUcEndpointRecord *self, GKeyFile *keyfile, const gchar *group)
{
	if (self == NULL)
		return;
	g_key_file_set_string(keyfile, group, "Sha256", self->sha256);
	g_key_file_set_uint64(keyfile, group, "Size", self->size);
	g_key_file_set_string(keyfile, group, "Version", self->version);
	g_key_file_set_string(keyfile, group, "Slot", self->slot);
	if (self->boot_id != NULL)
		g_key_file_set_string(keyfile, group, "BootId", self->boot_id);
	g_key_file_set_boolean(keyfile, group, "Forced", self->forced);
}
