/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"
#include "uc-rules.h"

/* of the database: an array of the packages that are halted in what is published */
#define UC_PUBLISH_META_HALTS "published_halts"

/**
 * UcPublishPlan:
 * @rules: what `rules.d/` says
 * @packages: (element-type UcPackage): all of them
 * @pins: (element-type UcPin): the versions that models are to run
 * @devices: (element-type UcTestDevice): who gets what is pending
 *
 * All that a publication is made from, as it was at one moment.
 */
typedef struct {
	UcRules *rules;
	GPtrArray *packages;
	GPtrArray *pins;
	GPtrArray *devices;
} UcPublishPlan;

UcPublishPlan *
uc_publish_plan_new(UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_publish_plan_free(UcPublishPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPublishPlan, uc_publish_plan_free)

GStrv
uc_publish_plan_list_unknown(const UcPublishPlan *self,
			     UcDatabase *database,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_publish_plan_offers(const UcPackage *package, gboolean testing);
gboolean
uc_publish_plan_halt(const UcPublishPlan *self,
		     UcDatabase *database,
		     gint64 now_secs,
		     guint *halted_out,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_publish_plan_record(const UcPublishPlan *self,
		       JsonObject *sections,
		       UcDatabase *database,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_publish_plan_rehearse(const UcPublishPlan *self,
			 JsonObject *sections,
			 UcDatabase *database,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
