/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-service-settings.h"
#include "uc-service.h"

typedef struct _UcServiceAccess UcServiceAccess;

UcServiceAccess *
uc_service_access_new(const UcServiceSettings *settings) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_access_free(UcServiceAccess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServiceAccess, uc_service_access_free)

gboolean
uc_service_access_is_empty(const UcServiceAccess *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_access_use_password(const UcServiceAccess *self, UcService *service);
void
uc_service_access_offer_certificate(const UcServiceAccess *self, UcService *service);
UcClientCertificate *
uc_service_access_get_certificate(const UcServiceAccess *self);
