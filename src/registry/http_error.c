/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a transfer ended, in words: libcurl's codes become errnos, and whether it is worth to try
 * again. Its own words are used where they say more than ours: the names of hosts, and what is
 * wrong with a certificate.
 */
#include "registry/http_error.h"

#include <fcntl.h>
#include <string.h>

#define MAX_BYTES ((size_t)4 << 20)

static const struct {
	CURLcode code;
	int no;
	bool may_pass; /* another time it may be otherwise */
	bool has_no_peer;
	const char *words; /* NULL: libcurl's */
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, EHOSTUNREACH, true, false, NULL },
	{ CURLE_COULDNT_RESOLVE_PROXY, EHOSTUNREACH, false, false, NULL },
	{ CURLE_COULDNT_CONNECT, ECONNREFUSED, true, true, NULL },
	{ CURLE_OPERATION_TIMEDOUT, ETIMEDOUT, true, false, "nothing came for too long" },
	{ CURLE_PARTIAL_FILE, EIO, true, false, "the connection ended before the content did" },
	{ CURLE_GOT_NOTHING, EIO, true, true, "the connection ended without an answer" },
	{ CURLE_SEND_ERROR, EIO, true, true, NULL },
	{ CURLE_RECV_ERROR, EIO, true, true, NULL },
	{ CURLE_HTTP2, EIO, true, false, NULL },
	{ CURLE_HTTP2_STREAM, EIO, true, false, NULL },
	{ CURLE_SSL_CONNECT_ERROR, EPROTO, true, true, NULL },
	{ CURLE_PEER_FAILED_VERIFICATION, EKEYREJECTED, false, false, NULL },
	{ CURLE_SSL_CERTPROBLEM, EKEYREJECTED, false, false, NULL },
	{ CURLE_URL_MALFORMAT, EINVAL, false, false, "that is no address" },
	{ CURLE_WEIRD_SERVER_REPLY, EPROTO, false, true, "the answer is no HTTP" },
	{ CURLE_UNSUPPORTED_PROTOCOL, EPROTO, false, false, "the answer is no HTTP" },
};

#define N_FAILURES (sizeof(failures) / sizeof(failures[0]))

static size_t find_failure(CURLcode code)
{
	size_t i = 0;

	while (i < N_FAILURES && failures[i].code != code)
		i++;
	return i;
}

int transfer_url_length(const char *url)
{
	return (int)strcspn(url, "?#");
}

bool transfer_has_no_peer(const struct transfer *transfer)
{
	size_t i = find_failure(transfer->curl->code);

	return transfer->status == 0 && i < N_FAILURES && failures[i].has_no_peer;
}

static int describe_ending(const struct transfer *transfer, struct err *err)
{
	switch (transfer->curl->ending) {
	case ENDING_HEADERS:
		return err_set(err, ERR_SYSTEM, EFBIG, "the headers of the answer don't end");
	case ENDING_TOO_BIG:
		return err_set(err, ERR_SYSTEM, EFBIG, "the answer is longer than %zu bytes",
			       transfer->max_bytes);
	case ENDING_READ:
		return err_set(err, ERR_SYSTEM, EIO, "what is to be sent can't be read to its end");
	case ENDING_CALLER:
		return err_set(err, ERR_SYSTEM, ECANCELED, "interrupted");
	case ENDING_NONE:
	case ENDING_ENOUGH:
		break;
	}
	return 0;
}

static int describe(const struct transfer *transfer, bool *ret_again, struct err *err)
{
	const struct curl_state *curl = transfer->curl;
	size_t i = find_failure(curl->code);
	const char *words = i < N_FAILURES ? failures[i].words : NULL;

	*ret_again = i < N_FAILURES && failures[i].may_pass;
	if (!words)
		words = *curl->words ? curl->words : curl_easy_strerror(curl->code);
	(void)err_set(err, ERR_SYSTEM, i < N_FAILURES ? failures[i].no : EIO, "%s", words);
	if (curl->code == CURLE_PEER_FAILED_VERIFICATION)
		(void)err_hint(err, "put the certificate of its authority into "
				    "/etc/containers/certs.d/HOST[:PORT]/ca.crt");
	return -err->no;
}

int transfer_outcome(const struct transfer *transfer, bool *ret_again, struct err *err)
{
	const struct curl_state *curl = transfer->curl;
	int r;

	*ret_again = false;
	if (curl->code == CURLE_OK || curl->ending == ENDING_ENOUGH)
		return 0;
	r = describe_ending(transfer, err);
	if (r == 0)
		r = describe(transfer, ret_again, err);
	return err_wrap(err, "%.*s", transfer_url_length(transfer->url), transfer->url);
}

void http_add_system_authorities(CURL *easy, struct buf *out)
{
	auto_close int fd = -1;
	struct err ignored;
	char *path = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CAINFO, &path) != CURLE_OK || !path)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && buf_read_fd(out, fd, MAX_BYTES, path, &ignored) == 0)
		buf_puts(out, "\n");
}
