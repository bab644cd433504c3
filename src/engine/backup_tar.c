/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head, as POSIX has it; numbers are octal texts:
 *
 *	  0 name 100	100 mode 8	108 uid 8	116 gid 8
 *	124 size 12	136 mtime 12	148 checksum 8	156 type 1
 *	157 link 100	257 "ustar\0"	263 "00"	265 user 32
 *	297 group 32	329 major 8	337 minor 8	345 prefix 155
 *
 * The checksum is the sum of all bytes, its own field taken as blanks.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "engine/backup_tar.h"

#define CHECKSUM_AT 148u
#define MODE 0600u
#define PAX_NAME "PaxHeaders/size"
#define PAX_BODY_MAX 64u /* "29 size=1152921504606846976\n" */
#define ID_MAX 07777777u /* that the field holds; else 0 is said */

_Static_assert(TAR_RECORD % TAR_BLOCK == 0, "a record is whole blocks");

uint64_t
tar_padding(uint64_t bytes)
{
	return (TAR_BLOCK - bytes % TAR_BLOCK) % TAR_BLOCK;
}

uint64_t
tar_head_bytes(uint64_t member_bytes)
{
	return member_bytes > TAR_PLAIN_SIZE_MAX ? 3ULL * TAR_BLOCK
						 : TAR_BLOCK;
}

/* ---- writing ------------------------------------------------------------ */

static void
field_put(char *block, size_t at, int digits, uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%0*llo", digits,
	    (unsigned long long)value);
	ASSERT(strlen(text) == (size_t)digits);
	memcpy(block + at, text, (size_t)digits);
}

static unsigned
checksum_of(const uint8_t block[TAR_BLOCK])
{
	unsigned sum = 8u * ' ';
	size_t i;

	for (i = 0; i < TAR_BLOCK; i++)
		if (i < CHECKSUM_AT || i >= CHECKSUM_AT + 8)
			sum += block[i];
	return sum;
}

static int
block_put(struct buf *out, const struct tar_member *member, char type)
{
	char block[TAR_BLOCK] = "";

	ASSERT(member->bytes <= TAR_PLAIN_SIZE_MAX);
	memcpy(block, member->name, strlen(member->name));
	field_put(block, 100, 7, MODE);
	field_put(block, 108, 7, member->uid > ID_MAX ? 0 : member->uid);
	field_put(block, 116, 7, member->gid > ID_MAX ? 0 : member->gid);
	field_put(block, 124, 11, member->bytes);
	field_put(block, 136, 11,
	    member->mtime_s < 0 ? 0 : (uint64_t)member->mtime_s);
	block[156] = type;
	memcpy(block + 257, "ustar\00000", 8);
	field_put(block, CHECKSUM_AT, 6, checksum_of((uint8_t *)block));
	block[CHECKSUM_AT + 7] = ' ';
	return buf_put(out, block, sizeof(block));
}

/* "LEN size=N\n", LEN that of the whole line. */
static int
pax_put(struct buf *out, const struct tar_member *member)
{
	struct tar_member head = *member;
	char line[PAX_BODY_MAX], block[TAR_BLOCK] = "";
	int len;

	len = snprintf(line, sizeof(line), " size=%llu\n",
	    (unsigned long long)member->bytes);
	/* Sizes that need it have so many digits that LEN has two. */
	len = snprintf(block, sizeof(block), "%d%s", len + 2, line);
	ASSERT(len >= 10 && (size_t)len < PAX_BODY_MAX);
	(void)snprintf(head.name, sizeof(head.name), PAX_NAME);
	head.bytes = (uint64_t)len;
	(void)block_put(out, &head, 'x');
	return buf_put(out, block, sizeof(block));
}

int
tar_put_head(struct buf *out, const struct tar_member *member)
{
	struct tar_member head = *member;

	if (head.bytes > TAR_SIZE_MAX)
		return ERR_TOO_BIG;
	if (head.bytes > TAR_PLAIN_SIZE_MAX) {
		(void)pax_put(out, member);
		/* Who does not know pax reads this; it must fit. */
		head.bytes = TAR_PLAIN_SIZE_MAX;
	}
	return block_put(out, &head, '0');
}

/* ---- reading ------------------------------------------------------------ */

/* A field of octal digits, ended by a blank or a zero, or by its end. */
static int
field_get(const uint8_t *block, size_t at, size_t size, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		if (block[at + i] == ' ' || block[at + i] == '\0')
			break;
		if (block[at + i] < '0' || block[at + i] > '7')
			return ERR_SYNTAX;
		value = value << 3 | (uint64_t)(block[at + i] - '0');
	}
	if (i == 0)
		return ERR_SYNTAX;
	*ret_value = value;
	return 0;
}

static bool
is_zero(const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

int
tar_read_head(const uint8_t block[TAR_BLOCK], struct tar_member *ret_member,
    struct err_note *note)
{
	struct tar_member member = {.uid = 0};
	uint64_t sum = 0, mtime = 0;
	const uint8_t *end;

	if (is_zero(block, TAR_BLOCK))
		return TAR_END;
	if (memcmp(block + 257, "ustar\00000", 8) != 0 ||
	    field_get(block, CHECKSUM_AT, 8, &sum) < 0 ||
	    sum != checksum_of(block))
		return err_set(note, ERR_SYNTAX,
		    "it is no tar file, or a damaged one");
	end = memchr(block, 0, TAR_NAME_SIZE);
	if (end == NULL || end == block || !is_zero(block + 345, 155) ||
	    !is_zero(block + 157, 100) || (block[156] != '0' &&
	    block[156] != 'x'))
		return err_set(note, ERR_SYNTAX, "it holds something else "
		    "than plain files with short names");
	if (field_get(block, 124, 12, &member.bytes) < 0 ||
	    field_get(block, 136, 12, &mtime) < 0)
		return err_set(note, ERR_SYNTAX,
		    "the size of a member is not a number");
	memcpy(member.name, block, (size_t)(end - block));
	member.mtime_s = (int64_t)mtime;
	*ret_member = member;
	return block[156] == 'x' ? TAR_SIZE : TAR_FILE;
}

int
tar_read_size(const char *body, uint64_t len, uint64_t *ret_bytes,
    struct err_note *note)
{
	char again[PAX_BODY_MAX];
	unsigned long long bytes = 0;
	unsigned lead = 0;
	int got;

	if (len == 0 || len >= sizeof(again))
		return err_set(note, ERR_SYNTAX,
		    "it holds a pax head that tells more than a size");
	memcpy(again, body, (size_t)len);
	again[len] = '\0';
	got = sscanf(again, "%2u size=%19llu\n", &lead, &bytes);
	(void)snprintf(again, sizeof(again), "%u size=%llu\n", lead, bytes);
	/* What it says must be said as we say it: nothing is guessed. */
	if (got != 2 || lead != len || strlen(again) != len ||
	    memcmp(again, body, (size_t)len) != 0 || bytes > TAR_SIZE_MAX)
		return err_set(note, ERR_SYNTAX,
		    "it holds a pax head that tells more than a size");
	*ret_bytes = bytes;
	return 0;
}
