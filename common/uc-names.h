/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The fixed names of DESIGN.md, "Contracts". */

#define UC_DBUS_NAME	  "org.ucupdates.Agent"
#define UC_DBUS_PATH	  "/org/ucupdates/Agent"
#define UC_DBUS_INTERFACE "org.ucupdates.Agent1"

#define UC_LOGIND_NAME	  "org.freedesktop.login1"
#define UC_LOGIND_PATH	  "/org/freedesktop/login1"
#define UC_LOGIND_MANAGER "org.freedesktop.login1.Manager"

#define UC_DNS_LABEL		 "ucupdates-r2"
#define UC_DNS_OLD_LABEL	 "ucupdates" /* before R2 */
#define UC_DNS_SRV_PREFIX	 "_ucupdates._tcp"
#define UC_WELL_KNOWN_PATH	 "/.well-known/ucupdates.json"
#define UC_WELL_KNOWN_KEYS_PATH	 "/.well-known/ucupdates-keys.json"
#define UC_WELL_KNOWN_TRUST_PATH "/.well-known/ucupdates-trust.json"
#define UC_HTTPS_PORT		 443

#define UC_REMOTE_ID	     "ucupdates"
#define UC_REMOTE_TESTING_ID "ucupdates-testing"

#define UC_DOCUMENT_SERVICE "service-description"
#define UC_DOCUMENT_POLICY  "policy"
#define UC_DOCUMENT_KEYS    "keys"
#define UC_DOCUMENT_TRUST   "trust"
