/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_hardware_id_new_model(const gchar *vendor,
			 const gchar *model,
			 const gchar *level) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_hardware_id_new_part(const gchar *vendor, const gchar *part_number) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_hardware_id_to_guid(const gchar *instance_id, const gchar *locale) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_hardware_id_list_guids(const gchar *vendor,
			  const gchar *model,
			  const gchar *level,
			  const gchar *part_number,
			  const gchar *locale) G_GNUC_WARN_UNUSED_RESULT;
