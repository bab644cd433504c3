/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_tar: the heads of members of a tar file (POSIX.1-2001, ustar; with a
 * pax head before members whose size ustar cannot say).
 *
 * Floor 4, pure.  Only what a backup holds: regular files with short names.
 * What others would put into a tar file, such as links, folders and sparse
 * files, is refused when it is read.
 */
#ifndef ENGINE_BACKUP_TAR_H
#define ENGINE_BACKUP_TAR_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err_note;

#define TAR_BLOCK 512u
#define TAR_RECORD (20u * TAR_BLOCK) /* the end is filled up to these */
#define TAR_NAME_SIZE 100u	     /* with its zero */
#define TAR_SIZE_MAX (1ULL << 60)
#define TAR_PLAIN_SIZE_MAX 077777777777ULL /* that ustar can say */

struct tar_member {
	char name[TAR_NAME_SIZE];
	uint64_t bytes;
	int64_t mtime_s;
	uint32_t uid, gid;
};

/* Append the member's head (one block, or three); mode 0600.  ERR_TOO_BIG,
 * ERR_NOMEM. */
int tar_put_head(struct buf *out, const struct tar_member *member);
/* How many bytes that is. */
uint64_t tar_head_bytes(uint64_t member_bytes);
/* Zeros that follow a member, or make an end. */
uint64_t tar_padding(uint64_t bytes);

enum tar_kind {
	TAR_FILE = 1,  /* *ret_member is set */
	TAR_SIZE = 2,  /* a pax head: its body tells the next one's size */
	TAR_END = 3,   /* a block of zeros */
};

/* What block says: a tar_kind.  ERR_SYNTAX with words: it is no head, or one
 * of something that a backup does not hold. */
int tar_read_head(const uint8_t block[TAR_BLOCK],
    struct tar_member *ret_member, struct err_note *note);
/* The body of a pax head, len bytes; ERR_SYNTAX: it says something else than
 * a size. */
int tar_read_size(const char *body, uint64_t len, uint64_t *ret_bytes,
    struct err_note *note);

#endif
