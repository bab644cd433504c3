/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

#define LARGE_PAGE ((size_t)2 << 20)

/* Both are only moved by fault tests; production pays one relaxed load. */
static atomic_ulong mem_fail_nth;
static atomic_ulong mem_made;

static int
mem_must_fail(void)
{
	unsigned long nth;

	nth = atomic_load_explicit(&mem_fail_nth, memory_order_relaxed);
	if (nth == 0)
		return 0;
	return atomic_fetch_add(&mem_made, 1) + 1 == nth;
}

void *
mem_alloc(size_t size)
{
	if (mem_must_fail())
		return NULL;
	return malloc(size == 0 ? 1 : size);
}

void *
mem_zalloc(size_t size)
{
	if (mem_must_fail())
		return NULL;
	return calloc(1, size == 0 ? 1 : size);
}

void *
mem_array(size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return mem_alloc(count * size);
}

void *
mem_resize(void *block, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	if (mem_must_fail())
		return NULL;
	return realloc(block, count * size == 0 ? 1 : count * size);
}

/* Large pages spare the processor most of its walks through page tables.  Only
 * whole ones within the block: nothing else shares them. */
void
mem_read_through(void *block, size_t size)
{
	const uintptr_t begin = (uintptr_t)block;
	uintptr_t from = (begin + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
	uintptr_t to = (begin + size) / LARGE_PAGE * LARGE_PAGE;

	if (from < to)
		(void)madvise((char *)block + (from - begin), to - from,
		    MADV_HUGEPAGE); /* a hint */
}

void
mem_free(void *block)
{
	free(block);
}

char *
mem_strndup(const char *text, size_t len)
{
	char *copy;

	copy = mem_alloc(len + 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_strdup(const char *text)
{
	return mem_strndup(text, strlen(text));
}

void
mem_fail_at(unsigned long nth)
{
	atomic_store(&mem_made, 0);
	atomic_store(&mem_fail_nth, nth);
}

unsigned long
mem_count(void)
{
	return atomic_load(&mem_made);
}
