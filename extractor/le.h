/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * le: little-endian numbers in bytes, which need not be aligned.
 */
#ifndef EXTRACTOR_LE_H
#define EXTRACTOR_LE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t
le16(const void *bytes)
{
	uint16_t n;

	memcpy(&n, bytes, sizeof(n));
	return le16toh(n);
}

static inline uint32_t
le32(const void *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof(n));
	return le32toh(n);
}

static inline uint64_t
le64(const void *bytes)
{
	uint64_t n;

	memcpy(&n, bytes, sizeof(n));
	return le64toh(n);
}

#endif
