/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory: when memory runs out, the process ends.
 *
 * The libraries that read documents ask for memory in thousands of places,
 * and few of them were ever tried when there was none: what they do then
 * reaches from half a document without a word to wild pointers.  These are
 * the C library's own functions but for that: the process ends with a status
 * that tells the server why, and the document fails with the right words.
 *
 * Sanitizers bring their own allocator, which ends the process as well.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "extract/wire.h"

#if defined(__GLIBC__) && !defined(SANITIZED)

/* Exported for those who replace the functions and call the originals. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);

/* Not a word: there is no memory to say it with, and the status tells. */
static _Noreturn __attribute__((cold, noinline)) void
memory_end(void)
{
	_exit(WIRE_EXIT_MEMORY);
}

void *
malloc(size_t size)
{
	void *block = __libc_malloc(size);

	if (__builtin_expect(block == NULL, 0))
		memory_end();
	return block;
}

void *
calloc(size_t count, size_t size)
{
	void *block = __libc_calloc(count, size);

	if (__builtin_expect(block == NULL, 0))
		memory_end();
	return block;
}

/* A size of 0 frees the block: NULL is no failure then. */
void *
realloc(void *block, size_t size)
{
	void *moved = __libc_realloc(block, size);

	if (__builtin_expect(moved == NULL && size != 0, 0))
		memory_end();
	return moved;
}

void *
memalign(size_t alignment, size_t size)
{
	void *block = __libc_memalign(alignment, size);

	if (__builtin_expect(block == NULL, 0))
		memory_end();
	return block;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int
posix_memalign(void **ret_block, size_t alignment, size_t size)
{
	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
		return EINVAL;
	*ret_block = memalign(alignment, size);
	return 0;
}

#endif
