/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "http/http_int.h"

#define LISTEN_BACKLOG 511
#define HOST_MAX 64u

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "HOST:PORT" or "[HOST]:PORT". */
static int
split(const char *text, char host[HOST_MAX], unsigned *ret_port)
{
	const char *colon = strrchr(text, ':'), *at;
	unsigned port = 0;
	size_t len;

	if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) > 5)
		return ERR_SYNTAX;
	for (at = colon + 1; *at >= '0' && *at <= '9'; at++)
		port = port * 10 + (unsigned)(*at - '0');
	if (*at != '\0' || port > 65535)
		return ERR_SYNTAX;
	len = (size_t)(colon - text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= HOST_MAX)
		return ERR_SYNTAX;
	memcpy(host, text, len);
	host[len] = '\0';
	*ret_port = port;
	return 0;
}

/* Numbers and "localhost" only: no name service is asked. */
static int
parse(const char *text, union address *ret_address, socklen_t *ret_len)
{
	char host[HOST_MAX];
	unsigned port;
	int err;

	err = split(text, host, &port);
	if (err < 0)
		return err;
	memset(ret_address, 0, sizeof(*ret_address));
	if (strcmp(host, "localhost") == 0)
		memcpy(host, "127.0.0.1", sizeof("127.0.0.1"));
	if (inet_pton(AF_INET, host, &ret_address->v4.sin_addr) == 1) {
		ret_address->v4.sin_family = AF_INET;
		ret_address->v4.sin_port = htons((uint16_t)port);
		*ret_len = sizeof(ret_address->v4);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &ret_address->v6.sin6_addr) == 1) {
		ret_address->v6.sin6_family = AF_INET6;
		ret_address->v6.sin6_port = htons((uint16_t)port);
		*ret_len = sizeof(ret_address->v6);
		return 0;
	}
	return ERR_SYNTAX;
}

int
listen_open(const char *text, unsigned *ret_port, struct err_note *note)
{
	union address address;
	socklen_t len;
	int fd = -1, on = 1, err;

	if (parse(text, &address, &len) < 0)
		return err_set(note, ERR_INVALID, "%s is no HOST:PORT of "
		    "numbers", text);
	fd = socket(address.any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(note, err_from_errno(errno), "socket: %s",
		    strerror(errno));
	/* Inherited by the connections. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, &address.any, len) < 0 ||
	    listen(fd, LISTEN_BACKLOG) < 0 ||
	    getsockname(fd, &address.any, &len) < 0) {
		err = errno == EADDRINUSE ? ERR_BUSY : err_from_errno(errno);
		(void)err_set(note, err, "%s: %s", text, strerror(errno));
		(void)close(fd);
		return err;
	}
	*ret_port = ntohs(address.any.sa_family == AF_INET
	    ? address.v4.sin_port : address.v6.sin6_port);
	return fd;
}
