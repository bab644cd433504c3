/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libcurl asks and tells while a transfer runs: a socket for an address,
 * the lines of the head, the bytes of the body.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/limits.h"
#include "net/address.h"
#include "net/net_int.h"
#include "sys/clock.h"

/* ---- sockets ---------------------------------------------------------- */

static void
address_text(const struct curl_sockaddr *address, char out[NET_ADDRESS_SIZE])
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	out[0] = '\0';
	if (address->family == AF_INET && address->addrlen >= sizeof(in)) {
		memcpy(&in, &address->addr, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, out, NET_ADDRESS_SIZE);
	} else if (address->family == AF_INET6 &&
	    address->addrlen >= sizeof(in6)) {
		memcpy(&in6, (const void *)&address->addr, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, out,
		    NET_ADDRESS_SIZE);
	}
}

/* The address is the one that connect() gets next. */
curl_socket_t
transfer_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
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

/* ---- heads and bodies -------------------------------------------------- */

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
header_keep(const char *value, size_t len, char *out, size_t size)
{
	size_t i;

	out[0] = '\0';
	if (len >= size)
		return;
	for (i = 0; i < len; i++)
		if (value[i] < 0x20 || value[i] == 0x7f)
			return;
	memcpy(out, value, len);
	out[len] = '\0';
}

void
transfer_forget(struct transfer *transfer)
{
	const struct net_request *request = transfer->request;
	size_t i;

	transfer->answer->content_type[0] = '\0';
	transfer->answer->retry_after_s = -1;
	for (i = 0; i < request->wanted_count; i++)
		request->wanted[i].value[0] = '\0';
}

static void
wanted_keep(const struct net_request *request, const char *line, size_t len)
{
	const struct net_wanted *wanted;
	const char *value;
	size_t i, value_len;

	for (i = 0; i < request->wanted_count; i++) {
		wanted = &request->wanted[i];
		value = header_value(line, len, wanted->name, &value_len);
		if (value != NULL)
			header_keep(value, value_len, wanted->value,
			    wanted->size);
	}
}

size_t
transfer_header(char *line, size_t size, size_t count, void *arg)
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
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
		transfer_forget(transfer);
	wanted_keep(transfer->request, line, len);
	value = header_value(line, len, "content-type", &value_len);
	if (value != NULL)
		header_keep(value, value_len, answer->content_type,
		    sizeof(answer->content_type));
	value = header_value(line, len, "retry-after", &value_len);
	if (value != NULL) {
		header_keep(value, value_len, text, sizeof(text));
		answer->retry_after_s = net_retry_after(text,
		    clock_wall_us() / 1000000);
	}
	return len;
}

size_t
transfer_body(char *bytes, size_t size, size_t count, void *arg)
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
