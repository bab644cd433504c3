/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address: is this an address of the public internet?  Floor 2, pure.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stddef.h>

struct sockaddr;

/*
 * NULL when the address is a public one, else one word for what it is:
 * "loopback", "private", "link-local", "multicast", "unspecified" or
 * "reserved".  Forms of IPv6 that lead to an IPv4 address are judged by that
 * one.  len: bytes of address; what is too short for its family, and any
 * family but IPv4 and IPv6, is "reserved".
 */
const char *address_kind(const struct sockaddr *address, size_t len);

#endif
