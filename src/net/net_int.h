/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_int: what the files of net share.
 */
#ifndef NET_NET_INT_H
#define NET_NET_INT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct err_note;

#define NET_HOST_SIZE 256

/* Who an address leads to. */
struct net_host {
	char name[NET_HOST_SIZE]; /* as in a policy: no brackets, no dot at
				     the end, lower case */
	char where[NET_HOST_SIZE + 16]; /* for people: with the port, if one
					   is written */
};

/* net_url_check(), and whom it leads to. */
int net_url_host(const char *url, struct net_host *ret_host,
    struct err_note *note);

#endif
