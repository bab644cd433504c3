/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem: memory, with sizes that are checked and failures that can be ordered.
 *
 * Floor 0.  Everything the program allocates itself comes from here; the
 * libraries' own allocations do not.  All functions may be called from any
 * thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* size bytes, or NULL.  A size of 0 gives a pointer that can be freed. */
void *mem_alloc(size_t size) __attribute__((__malloc__, warn_unused_result));
void *mem_zalloc(size_t size) __attribute__((__malloc__, warn_unused_result));

/* count * size bytes, NULL also when the product overflows; not zeroed. */
void *mem_array(size_t count, size_t size)
    __attribute__((__malloc__, warn_unused_result));

/* Resize to count * size bytes; on NULL the old block is still there. */
void *mem_resize(void *block, size_t count, size_t size)
    __attribute__((warn_unused_result));

void mem_free(void *block);

/* A hint, which may be worth nothing: size bytes at block will be read from
 * one end to the other, again and again. */
void mem_read_through(void *block, size_t size);

/* A copy of text, or of its first len bytes, terminated; returns owned
 * (mem_free) or NULL. */
char *mem_strdup(const char *text) __attribute__((warn_unused_result));
char *mem_strndup(const char *text, size_t len)
    __attribute__((warn_unused_result));

/*
 * For fault tests: let the nth allocation from now fail (1 is the next one),
 * once; 0 lets none fail.  mem_count() is how many were made since.
 */
void mem_fail_at(unsigned long nth);
unsigned long mem_count(void);

#endif
