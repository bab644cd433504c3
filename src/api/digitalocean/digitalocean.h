/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean: DigitalOcean's knowledge bases and indexing jobs.  Floor 6.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_H
#define API_DIGITALOCEAN_DIGITALOCEAN_H

struct http_dialect;

extern const struct http_dialect digitalocean_dialect;

#endif
