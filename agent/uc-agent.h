/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "uc-clock.h"
#include "uc-config.h"
#include "uc-sources.h"

#define UC_TYPE_AGENT (uc_agent_get_type())
G_DECLARE_FINAL_TYPE(UcAgent, uc_agent, UC, AGENT, GObject)

UcAgent *
uc_agent_new(GDBusConnection *connection, UcConfig *config, const UcClock *clock, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_start(UcAgent *self);
UcRoom *
uc_agent_get_room(UcAgent *self);
UcSources *
uc_agent_get_sources(UcAgent *self);

gboolean
uc_agent_check_step(UcAgent *self,
		    const gchar *endpoint,
		    const gchar *step,
		    gboolean forced,
		    gboolean *allowed_out,
		    gchar **reason_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_answer_prompt(UcAgent *self, gboolean accept, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_input_prompt(UcAgent *self);
GVariant *
uc_agent_get_prompt(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
GVariant *
uc_agent_get_withdrawn(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_check_async(UcAgent *self, GAsyncReadyCallback callback, gpointer user_data);
void
uc_agent_install_async(UcAgent *self,
		       const gchar *endpoint,
		       const gchar *version,
		       gboolean force,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
const gchar *
uc_agent_find_file(UcAgent *self, const gchar *endpoint, const gchar *file, GError **error);
void
uc_agent_install_file_async(UcAgent *self,
			    const gchar *endpoint,
			    gint fd,
			    gboolean force,
			    GAsyncReadyCallback callback,
			    gpointer user_data);
gboolean
uc_agent_cancel_install(UcAgent *self,
			const gchar *endpoint,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_set_service_async(UcAgent *self,
			   const gchar *internal_url,
			   const gchar *external_url,
			   GAsyncReadyCallback callback,
			   gpointer user_data);
void
uc_agent_sign_in_async(UcAgent *self,
		       const gchar *user,
		       gint secret_fd,
		       const gchar *internal_url,
		       const gchar *external_url,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
void
uc_agent_sign_out(UcAgent *self);
void
uc_agent_forget_service_async(UcAgent *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean
uc_agent_finish(UcAgent *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
