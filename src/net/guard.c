/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be told of an address before anybody connects to it.  It saves its
 * owner a wait for the refusal, and is not what keeps private addresses safe:
 * that is the look at each connection (hear.c).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/err.h"
#include "net/address.h"
#include "net/net.h"
#include "net/net_int.h"

static bool
is_allowed(const struct net_policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->host_count; i++)
		if (strcasecmp(policy->hosts[i], name) == 0)
			return true;
	return policy->allows_any;
}

/* NULL: it is a name, or a public address. */
static const char *
kind_of(const char *name)
{
	static const char local[] = "localhost";
	size_t len = strlen(name), tail = sizeof(local) - 1;
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	/* Also "127.1" and "0x7f000001": resolvers take these for numbers. */
	if (inet_aton(name, &v4.sin_addr) == 1)
		return address_kind((const struct sockaddr *)&v4,
		    sizeof(v4));
	if (inet_pton(AF_INET6, name, &v6.sin6_addr) == 1)
		return address_kind((const struct sockaddr *)&v6,
		    sizeof(v6));
	if (strchr(name, ':') != NULL)
		return "link-local"; /* with a zone behind it */
	if (len >= tail && strcmp(name + len - tail, local) == 0 &&
	    (len == tail || name[len - tail - 1] == '.'))
		return "loopback";
	return NULL;
}

int
net_url_guard(const char *url, const struct net_policy *policy,
    struct err_note *note)
{
	struct net_host host;
	const char *kind;
	int err;

	err = net_url_host(url, &host, note);
	if (err < 0 || is_allowed(policy, host.name))
		return err;
	if (strncasecmp(url, "https://", strlen("https://")) != 0)
		return err_set(note, ERR_FORBIDDEN,
		    "the address must begin with https://");
	kind = kind_of(host.name);
	return kind == NULL
	    ? 0
	    : err_set(note, ERR_FORBIDDEN,
		  "%s is a %s address, and is not allowed", host.name, kind);
}
