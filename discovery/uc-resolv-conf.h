/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcResolvConf:
 * @name_servers: (element-type GInetSocketAddress): at most 8, in the order of the file
 * @domains: the search list, else the one domain, as they are written; may be empty
 *
 * What resolv.conf(5) says.
 */
typedef struct {
	GPtrArray *name_servers;
	GStrv domains;
} UcResolvConf;

UcResolvConf *
uc_resolv_conf_parse(GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcResolvConf *
uc_resolv_conf_load(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_resolv_conf_free(UcResolvConf *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcResolvConf, uc_resolv_conf_free)
