/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native_cursor: where a list goes on, as an opaque text.
 *
 * Floor 6, pure.  It names the list and the last row shown (not a number of
 * rows), so that it stays right while the list changes; it is the same after
 * a restart.  Layout, base64url without padding of 22 bytes, numbers most
 * significant byte first:
 *
 *	0	version, 1
 *	1	list, a letter
 *	2..9	scope: row of what the list is of, 0 none
 *	10..17	position: the last row shown
 *	18..21	check: XXH32 of the bytes before
 */
#ifndef API_NATIVE_NATIVE_CURSOR_H
#define API_NATIVE_NATIVE_CURSOR_H

#include <stdint.h>

#define NATIVE_CURSOR_SIZE 31 /* 30 characters and a zero */

struct native_cursor {
	char list; /* 'b' bases, 'j' jobs, 'i' items, 'd' documents... */
	int64_t scope;
	int64_t position;
};

void native_cursor_format(const struct native_cursor *cursor,
    char out[NATIVE_CURSOR_SIZE]);

/* The position of a cursor of that list and scope; ERR_SYNTAX for any other
 * text. */
int native_cursor_parse(const char *text, char list, int64_t scope,
    int64_t *ret_position);

#endif
