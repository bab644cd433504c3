/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to the options of libcurl.  What it could do beyond HTTP and
 * must not is turned off here.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/limits.h"
#include "net/net_int.h"

static bool
is_token(const char *text)
{
	static const char tchar[] = "!#$%&'*+-.^_`|~0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz";

	return text[0] != '\0' && text[strspn(text, tchar)] == '\0';
}

static int
header_add(struct transfer *transfer, const char *line)
{
	struct curl_slist *more;

	more = curl_slist_append(transfer->headers, line);
	if (more == NULL)
		return ERR_NOMEM;
	transfer->headers = more;
	return 0;
}

static int
header_put(struct transfer *transfer, const struct net_header *header)
{
	struct buf line;
	const char *c;
	int err;

	for (c = header->value; *c != '\0'; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			break;
	if (!is_token(header->name) || header->value[0] == '\0' || *c != '\0')
		return err_set(transfer->note, ERR_INVALID,
		    "a header cannot be sent as it is");
	buf_init(&line, NET_HEADER_BYTES_MAX);
	err = buf_printf(&line, "%s: %s", header->name, header->value);
	if (err == ERR_TOO_BIG)
		err = err_set(transfer->note, ERR_INVALID,
		    "a header is longer than %llu bytes",
		    NET_HEADER_BYTES_MAX);
	if (err == 0)
		err = header_add(transfer, buf_text(&line));
	buf_fini(&line);
	return err;
}

static int
headers_make(struct transfer *transfer)
{
	const struct net_request *request = transfer->request;
	bool has_type = false;
	size_t i;
	int err = 0;

	if (request->header_count > NET_HEADERS_MAX)
		return err_set(transfer->note, ERR_INVALID,
		    "more than %u headers", NET_HEADERS_MAX);
	for (i = 0; i < request->header_count && err == 0; i++) {
		if (strcasecmp(request->headers[i].name, "content-type") == 0)
			has_type = true;
		err = header_put(transfer, &request->headers[i]);
	}
	/* libcurl's own additions: a pause of a second before large bodies,
	 * and the type of a form. */
	if (err == 0)
		err = header_add(transfer, "Expect:");
	if (err == 0 && !has_type)
		err = header_add(transfer, "Content-Type:");
	return err;
}

static void
method_set(CURL *easy, const struct net_request *request)
{
	const char *method = request->method;

	if (method == NULL)
		method = request->body != NULL ? "POST" : "GET";
	if (request->body != NULL || strcmp(method, "POST") == 0) {
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)(request->body == NULL ? 0 :
						       request->body_len));
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
		    request->body == NULL ? "" : request->body);
	}
	if (strcmp(method, "HEAD") == 0)
		(void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (strcmp(method, "GET") != 0 || request->body != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void
options_set(struct transfer *transfer)
{
	CURL *easy = transfer->client->easy;

	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	(void)curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!transfer->client->uses_env_proxy)
		(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "tidemark");
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A resolver that hangs is left to itself when we break off. */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)transfer->limits.connect_ms);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
	    (long)transfer->limits.total_ms);
	(void)curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)transfer->limits.bytes_max);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION,
	    transfer_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, transfer_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static unsigned
limit_or(unsigned limit, unsigned fallback)
{
	return limit == 0 ? fallback : limit;
}

int
transfer_setup(struct transfer *transfer)
{
	const struct net_request *request = transfer->request;
	struct net_client *client = transfer->client;
	CURLcode code;
	size_t i;
	int err;

	transfer->limits = (struct net_limits){
	    .connect_ms = limit_or(request->limits.connect_ms,
		NET_CONNECT_MS),
	    .total_ms = limit_or(request->limits.total_ms, NET_TOTAL_MS),
	    .stall_ms = limit_or(request->limits.stall_ms, NET_STALL_MS),
	    .bytes_max = request->limits.bytes_max == 0 ?
		NET_BODY_BYTES_MAX :
		request->limits.bytes_max,
	};
	if (request->wanted_count > NET_WANTED_MAX)
		return err_set(transfer->note, ERR_INVALID,
		    "more than %u headers of an answer", NET_WANTED_MAX);
	if (request->method != NULL && !is_token(request->method))
		return err_set(transfer->note, ERR_INVALID,
		    "the method is no word that HTTP knows");
	err = net_url_host(request->url, &transfer->host, transfer->note);
	if (err < 0)
		return err;
	for (i = 0; i < client->host_count; i++)
		if (strcasecmp(client->hosts[i], transfer->host.name) == 0)
			transfer->is_host_allowed = true;
	err = headers_make(transfer);
	if (err < 0)
		return err;
	curl_easy_reset(client->easy);
	code = curl_easy_setopt(client->easy, CURLOPT_URL, request->url);
	if (code != CURLE_OK)
		return ERR_NOMEM;
	(void)curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER,
	    transfer->headers);
	options_set(transfer);
	(void)curl_easy_setopt(client->easy, CURLOPT_PATH_AS_IS,
	    (long)request->is_path_literal);
	method_set(client->easy, request);
	buf_init(&transfer->answer->body, transfer->limits.bytes_max);
	transfer_forget(transfer);
	return 0;
}
