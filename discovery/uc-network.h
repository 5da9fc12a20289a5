/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-link.h"
#include "uc-resolv-conf.h"

/**
 * UcNetwork:
 * @links: (element-type UcLink): what the system says about each network it is connected to
 * @has_stub: whether systemd-resolved's stub listens, which asks the right link by itself
 * @resolv_conf: what resolv.conf(5) says
 *
 * Where this machine is, as far as its own services know.
 */
typedef struct {
	GPtrArray *links;
	gboolean has_stub;
	UcResolvConf *resolv_conf;
} UcNetwork;

UcNetwork *
uc_network_new(GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_network_free(UcNetwork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcNetwork, uc_network_free)

void
uc_network_gather_async(gint64 deadline_usec,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data);
UcNetwork *
uc_network_gather_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void
uc_network_list_domains(const UcNetwork *self,
			gboolean use_vpn,
			const gchar *const *allowed,
			GPtrArray *list);
gchar *
uc_network_get_key(const UcNetwork *self) G_GNUC_WARN_UNUSED_RESULT;
const UcLink *
uc_network_find_link(const UcNetwork *self,
		     gboolean use_vpn,
		     const gchar *domain,
		     const gchar *interface);
