/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the two halves of the transfers, registry/http.c and registry/http_error.c, have of each
 * other. */

#include "registry/http.h"

#include <curl/curl.h>

/* Why one of our callbacks ended a transfer. */
enum ending {
	ENDING_NONE,
	ENDING_HEADERS, /* there were too many */
	ENDING_TOO_BIG, /* the body of a success is longer than allowed */
	ENDING_ENOUGH,  /* that of a failure is; the rest does not matter */
	ENDING_READ,    /* what was to be sent could not be read */
	ENDING_CALLER,  /* it said so */
};

struct curl_state {
	CURL *easy;
	struct curl_slist *headers, *next_headers;
	struct buf authorities;
	size_t header_bytes;
	enum ending ending;
	bool is_active; /* it is in the multi handle */
	CURLcode code;
	char words[CURL_ERROR_SIZE];
};

/* libcurl takes one list of authorities, so the system's have to come with a server's own. */
void http_add_system_authorities(CURL *easy, struct buf *out);
