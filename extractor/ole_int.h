/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ole_int: what ole.c lets ole_pack.c see of a compound file.
 */
#ifndef EXTRACTOR_OLE_INT_H
#define EXTRACTOR_OLE_INT_H

#include <stdint.h>

#include "extractor/ole.h"

#define OLE_NOBODY UINT32_MAX

enum { OLE_STORAGE = 1, OLE_STREAM = 2, OLE_ROOT = 5 };

struct ole_entry {
	char name[OLE_NAME_SIZE];
	uint8_t type;
	uint32_t left, right, child;
	uint32_t parent; /* OLE_NOBODY: nothing leads there */
	uint32_t start;	 /* sector */
	uint64_t size;
	unsigned char class[16];
};

/* Sectors in the order of a stream. */
struct ole_chain {
	uint32_t *sectors;
	uint32_t count;
};

struct ole {
	struct input *input;
	unsigned shift, mini_shift; /* of sector sizes */
	uint32_t mini_below; /* shorter streams are in the mini stream */
	uint32_t sectors;    /* in the file, the last one may be cut */
	uint32_t *next;	     /* of each sector */
	uint32_t *mini_next;
	uint32_t mini_sectors;
	struct ole_chain mini; /* the mini stream's own */
	struct ole_entry *entries;
	uint32_t entry_count;
	uint32_t *order; /* of those that have a parent, by that and name */
	uint32_t order_count;
};

/* The entry at path, or OLE_NOBODY. */
uint32_t ole_entry_find(const struct ole *ole, const char *path);

/* The place in order where the entries of that folder begin. */
uint32_t ole_entry_first(const struct ole *ole, uint32_t folder);

/* As ole_stream_open(), for the entry of that number. */
int ole_entry_open(struct ole *ole, uint32_t entry,
    struct ole_stream **ret_stream);

#endif
