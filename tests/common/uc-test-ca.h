/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-ca.h"
#include "uc-x509.h"

#define UC_TEST_NOW_SECS (g_get_real_time() / G_USEC_PER_SEC)

static inline UcX509 *
uc_test_new_ca(const gchar *name)
{
	return uc_x509_new_ca(name, UC_TEST_NOW_SECS - 3600, UC_TEST_NOW_SECS + 3600, NULL);
}

static inline UcX509 *
uc_test_new_signer(UcX509 *ca)
{
	return uc_x509_issue(ca,
			     UC_X509_SIGNING,
			     "signer",
			     NULL,
			     UC_TEST_NOW_SECS - 3600,
			     UC_TEST_NOW_SECS + 3600,
			     NULL);
}
