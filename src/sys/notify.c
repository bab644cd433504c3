/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two variables and one datagram: a library for that (libsystemd) would be the
 * largest that the server is linked with.  The protocol is part of systemd's
 * promise of stable interfaces.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "sys/notify.h"

#define WATCHDOG_US_MAX 86400000000LL

/* A path, or behind an '@' a name that is in no file system. */
static int
address_make(const char *name, struct sockaddr_un *address, socklen_t *len)
{
	size_t bytes = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || bytes < 2 ||
	    bytes >= sizeof(address->sun_path))
		return ERR_INVALID;
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, name, bytes);
	/* A path has its end with it, a name has none: zeros are part of it. */
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	else
		(*len)++;
	return 0;
}

int
notify_send(const char *assignments)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	size_t bytes = strlen(assignments);
	socklen_t len;
	ssize_t sent;
	int fd;

	if (name == NULL || name[0] == '\0')
		return 0;
	if (address_make(name, &address, &len) < 0)
		return ERR_INVALID;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_from_errno(errno);
	do
		sent = sendto(fd, assignments, bytes, MSG_NOSIGNAL,
		    (const struct sockaddr *)&address, len);
	while (sent < 0 && errno == EINTR);
	(void)close(fd);
	return sent == (ssize_t)bytes ? 1 : ERR_IO;
}

static int64_t
number_of(const char *name, int64_t max)
{
	const char *text = getenv(name);
	char *end;
	long long number;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	number = strtoll(text, &end, 10);
	return errno != 0 || *end != '\0' || number > max ? 0 : number;
}

int64_t
notify_watchdog_us(void)
{
	/* Said to another process, it was inherited by mistake. */
	if (getenv("WATCHDOG_PID") != NULL &&
	    number_of("WATCHDOG_PID", INT32_MAX) != getpid())
		return 0;
	return number_of("WATCHDOG_USEC", WATCHDOG_US_MAX);
}
