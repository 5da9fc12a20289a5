/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-address-order.h"
#include "uc-dns-answer.h"

GPtrArray *
uc_candidates_order_srv(GPtrArray *records, GRand *rand) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_candidates_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_candidates_add(GPtrArray *candidates,
		  const UcDnsAnswer *ipv6,
		  const UcDnsAnswer *ipv4,
		  guint16 port,
		  UcAddressSourceFunc find_source);
