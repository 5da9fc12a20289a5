/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcAnchor:
 * @UC_ANCHOR_TLS: CAs of the service's TLS certificate
 * @UC_ANCHOR_DOCUMENTS: CAs of description and policy
 * @UC_ANCHOR_PAYLOAD: CAs of cab payloads, for fwupd
 * @UC_ANCHOR_METADATA: CAs of remote metadata, for fwupd
 *
 * What an anchor is for (DESIGN.md, decision 7). Each purpose has a directory of its own below
 * `trust.d/` with one PEM certificate to a file.
 */
typedef enum {
	UC_ANCHOR_TLS,
	UC_ANCHOR_DOCUMENTS,
	UC_ANCHOR_PAYLOAD,
	UC_ANCHOR_METADATA,
	UC_ANCHOR_LAST
} UcAnchor;

const gchar *
uc_anchor_to_string(UcAnchor anchor);

gchar *
uc_path_sysconf(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_vendor(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_state(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_plugin_state(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_run(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_timesync(void) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_dev(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_sysfs(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_procfs(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_resolv_conf(void) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_path_anchors(UcAnchor anchor) G_GNUC_WARN_UNUSED_RESULT;
