/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net: one easy handle, driven through a multi handle that keeps the
 * connections, because only its poll can look at `stop` while it waits.
 *
 * A client has one policy for as long as it lives: a connection that is kept
 * is used again without another look at its address, which is right only
 * when the answer would be the same.
 *
 * libcurl calls back into struct transfer; the first error found there
 * stands, whatever code libcurl makes of it.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/net.h"
#include "net/net_int.h"
#include "sys/clock.h"

#define TICK_MS 100
#define ADDRESS_SIZE 64

struct net_client {
	CURL *easy;
	CURLM *multi;
	char **hosts;
	size_t host_count;
	bool allows_any, uses_env_proxy;
};

struct transfer {
	struct net_client *client;
	const struct net_request *request;
	struct net_limits limits; /* none is 0 */
	struct net_host host;
	bool is_host_allowed;
	bool is_opened; /* a socket, to an address that is allowed */
	const char *refused; /* the kind of an address that is not */
	char refused_address[ADDRESS_SIZE];
	struct net_answer *answer;
	net_bytes_fn *fn; /* NULL: into answer->body */
	void *arg;
	uint64_t head_bytes, body_bytes;
	int64_t moved_us; /* when a byte was seen to move */
	uint64_t moved;	  /* bytes by then */
	struct curl_slist *headers;
	struct err_note *note;
	int err;
};

/* ---- clients ---------------------------------------------------------- */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static bool global_is_ready; /* written once, before anybody reads it */

static void
global_init(void)
{
	global_is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static int
hosts_copy(struct net_client *client, const struct net_policy *policy)
{
	size_t i;

	client->hosts = mem_array(policy->host_count, sizeof(char *));
	if (client->hosts == NULL)
		return ERR_NOMEM;
	for (i = 0; i < policy->host_count; i++) {
		client->hosts[i] = mem_strdup(policy->hosts[i]);
		if (client->hosts[i] == NULL)
			return ERR_NOMEM;
		client->host_count++;
	}
	return 0;
}

int
net_client_new(const struct net_policy *policy,
    struct net_client **ret_client, struct err_note *note)
{
	struct net_client *client;
	int err;

	if (policy->uses_env_proxy && !policy->allows_any)
		return err_set(note, ERR_INVALID,
		    "whom a proxy connects to cannot be restricted here");
	if (policy->host_count > NET_HOSTS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u allowed hosts", NET_HOSTS_MAX);
	(void)pthread_once(&global_once, global_init);
	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return ERR_NOMEM;
	client->allows_any = policy->allows_any;
	client->uses_env_proxy = policy->uses_env_proxy;
	err = hosts_copy(client, policy);
	if (err < 0)
		goto out;
	if (global_is_ready) {
		client->easy = curl_easy_init();
		client->multi = curl_multi_init();
	}
	if (client->easy == NULL || client->multi == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	*ret_client = client;
	client = NULL;
out:
	net_client_free(client);
	return err;
}

void
net_client_free(struct net_client *client)
{
	size_t i;

	if (client == NULL)
		return;
	curl_easy_cleanup(client->easy);
	if (client->multi != NULL)
		(void)curl_multi_cleanup(client->multi);
	for (i = 0; i < client->host_count; i++)
		mem_free(client->hosts[i]);
	mem_free(client->hosts);
	mem_free(client);
}

void
net_answer_fini(struct net_answer *answer)
{
	buf_fini(&answer->body);
}

/* ---- what libcurl asks ------------------------------------------------ */

/* Keep the first error; its words are only written once, too. */
static void
transfer_fail(struct transfer *transfer, int err, const char *words)
{
	if (transfer->err < 0)
		return;
	transfer->err = words == NULL ?
	    err :
	    err_set(transfer->note, err, "%s: %s", transfer->host.where,
		words);
}

static void
address_text(const struct curl_sockaddr *address, char out[ADDRESS_SIZE])
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	out[0] = '\0';
	if (address->family == AF_INET && address->addrlen >= sizeof(in)) {
		memcpy(&in, &address->addr, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, out, ADDRESS_SIZE);
	} else if (address->family == AF_INET6 &&
	    address->addrlen >= sizeof(in6)) {
		memcpy(&in6, (const void *)&address->addr, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, out, ADDRESS_SIZE);
	}
}

/* The address is the one that connect() gets next. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;
	const char *kind;
	int fd;

	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	if (!transfer->client->allows_any && !transfer->is_host_allowed) {
		kind = address_kind((const struct sockaddr *)&address->addr,
		    address->addrlen);
		if (kind != NULL) {
			transfer->refused = kind;
			address_text(address, transfer->refused_address);
			return CURL_SOCKET_BAD;
		}
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	transfer->is_opened = true;
	return fd;
}

/* Is line this header?  Then its value without blanks, ended by value_len. */
static const char *
header_value(const char *line, size_t len, const char *name,
    size_t *ret_value_len)
{
	size_t at = strlen(name);

	if (len <= at || strncasecmp(line, name, at) != 0 || line[at] != ':')
		return NULL;
	at++;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (len > at && strchr(" \t\r\n", line[len - 1]) != NULL)
		len--;
	*ret_value_len = len - at;
	return line + at;
}

/* What is longer than any honest value of these counts as not said. */
static void
header_keep(const char *value, size_t len, char out[NET_TYPE_SIZE])
{
	size_t i;

	out[0] = '\0';
	if (len >= NET_TYPE_SIZE)
		return;
	for (i = 0; i < len; i++)
		if (value[i] < 0x20 || value[i] == 0x7f)
			return;
	memcpy(out, value, len);
	out[len] = '\0';
}

static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	struct net_answer *answer = transfer->answer;
	size_t len = size * count, value_len;
	char text[NET_TYPE_SIZE];
	const char *value;

	transfer->head_bytes += len;
	if (transfer->head_bytes > NET_HEAD_BYTES_MAX) {
		transfer_fail(transfer, ERR_TOO_BIG,
		    "the head of its answer is too long");
		return 0;
	}
	/* 100 Continue and the like come first, with headers of their own. */
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0) {
		answer->content_type[0] = '\0';
		answer->retry_after_s = -1;
	}
	value = header_value(line, len, "content-type", &value_len);
	if (value != NULL)
		header_keep(value, value_len, answer->content_type);
	value = header_value(line, len, "retry-after", &value_len);
	if (value != NULL) {
		header_keep(value, value_len, text);
		answer->retry_after_s = net_retry_after(text,
		    clock_wall_us() / 1000000);
	}
	return len;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;
	long status = 0;
	int err;

	transfer->body_bytes += len;
	if (transfer->body_bytes > transfer->limits.bytes_max) {
		transfer_fail(transfer, ERR_TOO_BIG,
		    "its answer is over the limit");
		return 0;
	}
	if (transfer->answer->status == 0) {
		(void)curl_easy_getinfo(transfer->client->easy,
		    CURLINFO_RESPONSE_CODE, &status);
		transfer->answer->status = (unsigned)status;
	}
	err = transfer->fn == NULL ?
	    buf_put(&transfer->answer->body, bytes, len) :
	    transfer->fn(transfer->arg, transfer->answer, bytes, len);
	if (err < 0) {
		transfer_fail(transfer, err, NULL);
		return 0;
	}
	return len;
}

/* ---- setting up ------------------------------------------------------- */

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
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static unsigned
limit_or(unsigned limit, unsigned fallback)
{
	return limit == 0 ? fallback : limit;
}

static int
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
	method_set(client->easy, request);
	buf_init(&transfer->answer->body, transfer->limits.bytes_max);
	transfer->answer->retry_after_s = -1;
	return 0;
}

/* ---- running ---------------------------------------------------------- */

static int
transfer_check(struct transfer *transfer)
{
	curl_off_t up = 0;
	uint64_t moved;
	int64_t now;

	if (transfer->request->stop != NULL &&
	    atomic_load(transfer->request->stop))
		return err_set(transfer->note, ERR_CANCELLED,
		    "%s: the request was broken off", transfer->host.where);
	(void)curl_easy_getinfo(transfer->client->easy, CURLINFO_SIZE_UPLOAD_T,
	    &up);
	moved = transfer->head_bytes + transfer->body_bytes + (uint64_t)up;
	now = clock_mono_us();
	if (moved != transfer->moved) {
		transfer->moved = moved;
		transfer->moved_us = now;
	} else if (now - transfer->moved_us >
	    (int64_t)transfer->limits.stall_ms * 1000) {
		return err_set(transfer->note, ERR_TIMEOUT,
		    "%s: nothing came for %u ms", transfer->host.where,
		    transfer->limits.stall_ms);
	}
	return 0;
}

static int
transfer_wait(struct transfer *transfer, CURLcode *ret_code)
{
	CURLM *multi = transfer->client->multi;
	CURLMsg *message;
	int running = 1, left, err;

	transfer->moved_us = clock_mono_us();
	for (;;) {
		err = transfer_check(transfer);
		if (err < 0)
			return err;
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return ERR_NOMEM;
		if (running == 0)
			break;
		if (curl_multi_poll(multi, NULL, 0, TICK_MS, NULL) !=
		    CURLM_OK)
			return ERR_NOMEM;
	}
	message = curl_multi_info_read(multi, &left);
	ASSERT(message != NULL && message->msg == CURLMSG_DONE);
	*ret_code = message->data.result;
	return 0;
}

static int
timeout_explain(struct transfer *transfer)
{
	curl_off_t ready_us = 0;

	(void)curl_easy_getinfo(transfer->client->easy,
	    CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	return ready_us == 0 ?
	    err_set(transfer->note, ERR_TIMEOUT,
		"%s: no connection within %u ms", transfer->host.where,
		transfer->limits.connect_ms < transfer->limits.total_ms ?
		    transfer->limits.connect_ms :
		    transfer->limits.total_ms) :
	    err_set(transfer->note, ERR_TIMEOUT,
		"%s: no whole answer within %u ms", transfer->host.where,
		transfer->limits.total_ms);
}

static int
cause_explain(struct transfer *transfer, CURLcode code)
{
	static const struct {
		CURLcode code;
		int err;
		const char *text;
	} causes[] = {
#define CAUSE(name, row_err, row_text)                                        \
	{.code = CURLE_##name, .err = ERR_##row_err, .text = row_text},
#include "net/cause_tbl.h"
	};
	long errnum = 0;
	size_t i;

	(void)curl_easy_getinfo(transfer->client->easy, CURLINFO_OS_ERRNO,
	    &errnum);
	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].code != code)
			continue;
		if (code == CURLE_COULDNT_CONNECT && errnum != 0)
			return err_set(transfer->note, causes[i].err,
			    "%s: %s: %s", transfer->host.where,
			    causes[i].text, strerrordesc_np((int)errnum));
		return err_set(transfer->note, causes[i].err, "%s: %s",
		    transfer->host.where, causes[i].text);
	}
	return err_set(transfer->note, ERR_UPSTREAM,
	    "%s: the request failed (libcurl %d)", transfer->host.where,
	    (int)code);
}

static int
transfer_judge(struct transfer *transfer, CURLcode code)
{
	long status = 0;

	if (transfer->err < 0)
		return transfer->err;
	if (code != CURLE_OK && transfer->refused != NULL &&
	    !transfer->is_opened)
		return err_set(transfer->note, ERR_FORBIDDEN,
		    "%s: it is at %s, a %s address, which is not allowed",
		    transfer->host.where, transfer->refused_address,
		    transfer->refused);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return timeout_explain(transfer);
	if (code == CURLE_FILESIZE_EXCEEDED) {
		transfer_fail(transfer, ERR_TOO_BIG,
		    "its answer is over the limit");
		return transfer->err;
	}
	if (code != CURLE_OK)
		return cause_explain(transfer, code);
	(void)curl_easy_getinfo(transfer->client->easy,
	    CURLINFO_RESPONSE_CODE, &status);
	transfer->answer->status = (unsigned)status;
	return 0;
}

int
net_stream(struct net_client *client, const struct net_request *request,
    net_bytes_fn *fn, void *arg, struct net_answer *ret_answer,
    struct err_note *note)
{
	struct net_answer answer = {0};
	struct transfer transfer = {.client = client,
	    .request = request,
	    .answer = &answer,
	    .fn = fn,
	    .arg = arg,
	    .note = note};
	CURLcode code = CURLE_OK;
	int err;

	err = transfer_setup(&transfer);
	if (err < 0)
		goto out;
	if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK) {
		err = ERR_NOMEM;
		goto out;
	}
	err = transfer_wait(&transfer, &code);
	if (err == 0)
		err = transfer_judge(&transfer, code);
	(void)curl_multi_remove_handle(client->multi, client->easy);
	if (err < 0)
		goto out;
	*ret_answer = answer;
	answer = (struct net_answer){0};
out:
	/* It points into this frame. */
	curl_easy_reset(client->easy);
	curl_slist_free_all(transfer.headers);
	net_answer_fini(&answer);
	return err;
}

int
net_run(struct net_client *client, const struct net_request *request,
    struct net_answer *ret_answer, struct err_note *note)
{
	return net_stream(client, request, NULL, NULL, ret_answer, note);
}

/* ---- Retry-After ------------------------------------------------------ */

int64_t
net_retry_after(const char *value, int64_t now_s)
{
	const int64_t most = NET_RETRY_SECONDS_MAX;
	int64_t seconds = 0;
	size_t i;

	if (value[0] >= '0' && value[0] <= '9') {
		for (i = 0; value[i] >= '0' && value[i] <= '9'; i++)
			if (seconds <= most)
				seconds = seconds * 10 + (value[i] - '0');
		if (value[i] != '\0')
			return -1;
		return seconds > most ? most : seconds;
	}
	/* libcurl's parser takes much more than the three forms of a date in
	 * HTTP, each of which begins with the day's name. */
	if (strchr("MTWFS", value[0]) == NULL || value[0] == '\0')
		return -1;
	seconds = curl_getdate(value, NULL);
	if (seconds < 0)
		return -1;
	seconds -= now_s;
	return seconds < 0 ? 0 : seconds > most ? most : seconds;
}
