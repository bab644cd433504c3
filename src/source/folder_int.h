/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder_int: what the files of the walk share.
 */
#ifndef SOURCE_FOLDER_INT_H
#define SOURCE_FOLDER_INT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err_note;

/* The names in one folder. */
struct listing {
	struct buf bytes; /* the names, each with its zero */
	uint32_t *names;  /* where each begins in bytes; sorted */
	size_t count, size;
};

void listing_init(struct listing *listing);
void listing_fini(struct listing *listing);

/*
 * Add all names in the open folder fd (borrowed) but . and .. , and sort them.
 * 0, and in *ret_errno what reading failed with, after which the names are
 * not all; ERR_TOO_BIG: more than can be sorted; ERR_NOMEM, ERR_CANCELLED
 * (stop, which may be NULL, was true).
 */
int listing_read(struct listing *listing, int fd, const atomic_bool *stop,
    int *ret_errno);

/* Does what fd has open lie below one of the roots?  Asks the kernel, since
 * names may have changed: 0, or ERR_FORBIDDEN. */
int folder_check_fd(const char *const *roots, size_t root_count, int fd,
    struct err_note *note);

#endif
