/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Every limit on what comes in from outside, in one place (DESIGN.md, decision 9). Sizes are in
 * bytes, times in the unit of the name.
 */

/* documents */
#define UC_LIMIT_ENVELOPE_BYTES	   (1024 * 1024) /* description, policy.json, keys.json */
#define UC_LIMIT_JSON_DEPTH	   32
#define UC_LIMIT_STRING_BYTES	   1024
#define UC_LIMIT_URL_BYTES	   2048
#define UC_LIMIT_DOMAINS	   64 /* in a description */
#define UC_LIMIT_REMOTES	   4
#define UC_LIMIT_ANCHORS	   8	     /* CAs of one purpose */
#define UC_LIMIT_FIRST_USE_SECS	   (10 * 60) /* on the boot clock, in the boot in which it began */
#define UC_LIMIT_REVOKED	   1024
#define UC_LIMIT_CERTIFICATE_BYTES (16 * 1024)
#define UC_LIMIT_KEY_PAIR_BYTES	   (64 * 1024)	 /* a chain of certificates, a private key, a PIN */
#define UC_LIMIT_LIFETIME_SECS	   (400 * 86400) /* issue to expiry of any document */
#define UC_LIMIT_CLOCK_SKEW_SECS   (5 * 60)	 /* an issue date may lie so far ahead */

/* discovery */
#define UC_LIMIT_DISCOVERY_DOMAINS 8
#define UC_LIMIT_ADDRESSES	   16
#define UC_LIMIT_NAME_SERVERS	   8
#define UC_LIMIT_DOMAIN_BYTES	   237 /* "ucupdates-r2." and 237 octets and the root fit 253 */
#define UC_LIMIT_LINKS		   64
#define UC_LIMIT_LEASE_BYTES	   (64 * 1024)
#define UC_LIMIT_SYSTEM_MS	   1000 /* for what NetworkManager and systemd-resolved say */
#define UC_LIMIT_TTL_MIN_SECS	   60
#define UC_LIMIT_TTL_MAX_SECS	   86400

/* transport */
#define UC_LIMIT_METADATA_BYTES	  (32 * 1024 * 1024)
#define UC_LIMIT_CAB_BYTES	  G_GINT64_CONSTANT(2147483648)
#define UC_LIMIT_REPLY_BYTES	  (256 * 1024) /* check-in and report replies */
#define UC_LIMIT_CONNECT_MS	  10000
#define UC_LIMIT_REQUEST_MS	  30000
#define UC_LIMIT_LAST_SERVICE_MS  5000 /* then DNS is asked */
#define UC_LIMIT_SPEED_BYTES_SEC  1024 /* a download slower than this ... */
#define UC_LIMIT_SPEED_SECS	  60   /* ... for so long is given up */
#define UC_LIMIT_RETRY_AFTER_SECS 86400
#define UC_LIMIT_REDIRECTS	  3
#define UC_LIMIT_INFORMATIONAL	  8 /* answers 1xx before the one that counts */

/* D-Bus */
#define UC_LIMIT_INHIBITORS    64
#define UC_LIMIT_WHO_BYTES     128
#define UC_LIMIT_WHY_BYTES     256
#define UC_LIMIT_CHECK_STEP_MS 2000
#define UC_LIMIT_SESSIONS      64   /* of logind */
#define UC_LIMIT_SECRET_BYTES  256  /* of somebody who signs in */
#define UC_LIMIT_SECRET_MS     5000 /* to read it from the descriptor */
#define UC_LIMIT_INPUT_DEVICES 64

/* agent and mirror */
#define UC_LIMIT_ENDPOINTS	1000 /* files; the plugin has the same, tests/plugins compares */
#define UC_LIMIT_HISTORY	200  /* and the last ones of each endpoint, but not more than ... */
#define UC_LIMIT_HISTORY_ALL	(UC_LIMIT_HISTORY + 2 * UC_LIMIT_ENDPOINTS)
#define UC_LIMIT_REPORTS_QUEUED (3 * UC_LIMIT_ENDPOINTS) /* staged, activated, success of each */
#define UC_LIMIT_REPORT_BYTES	(256 * 1024)

/* a check-in; a machine with more endpoints says them in parts, one after the other */
#define UC_LIMIT_CHECKIN_BYTES	    (64 * 1024)
#define UC_LIMIT_CHECKIN_ENDPOINTS  64
#define UC_LIMIT_CHECKIN_GUIDS	    64	   /* of an endpoint */
#define UC_LIMIT_CHECKIN_TEXT_BYTES 256	   /* of a string in it, and in what else has an identity */
#define UC_LIMIT_CHECKIN_MS	    120000 /* all parts together */

/* a request for a certificate: all endpoints of a machine, its files and what quirks add */
#define UC_LIMIT_ENROL_ENDPOINTS 1024
#define UC_LIMIT_ENROL_BYTES	 (256 * 1024) /* what nginx lets through in docs/deployment.md */

/* support bundle */
#define UC_LIMIT_BUNDLE_ITEMS	   (4 * UC_LIMIT_ENDPOINTS) /* three files of each, and others */
#define UC_LIMIT_BUNDLE_ITEM_BYTES (16 * 1024 * 1024)	    /* the end of what is longer */
