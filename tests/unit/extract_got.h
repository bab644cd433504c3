/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_got: what the tests of the extractor share: a file of given bytes,
 * a run over it, and what came out.
 */
#ifndef UNIT_EXTRACT_GOT_H
#define UNIT_EXTRACT_GOT_H

#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/extract.h"
#include "extract/wire.h"
#include "model/block.h"

/* What a run gave: blocks as lines, "h1|text", with \n inside as it is, and
 * properties and members among them. */
struct got {
	struct buf text;
	struct extract_result result;
	size_t blocks, bytes, member_bytes;
	int stop_after; /* blocks; 0: never */
	int stop_with;
};

static inline int
collect(void *arg, const struct block *block)
{
	static const char kinds[] = "?phltcv";
	struct got *got = arg;

	assert_true(utf8_is_valid(block->text, block->len));
	assert_true(block->len <= BLOCK_BYTES_MAX);
	(void)buf_putc(&got->text, kinds[block->kind]);
	if (block->level > 0)
		(void)buf_printf(&got->text, "%u", block->level);
	if (block->is_continued)
		(void)buf_putc(&got->text, '+');
	if (block->page > 0)
		(void)buf_printf(&got->text, "@%u", block->page);
	(void)buf_putc(&got->text, '|');
	(void)buf_put(&got->text, block->text, block->len);
	(void)buf_putc(&got->text, '\n');
	got->blocks++;
	got->bytes += block->len;
	if (got->stop_after > 0 && (int)got->blocks >= got->stop_after)
		return got->stop_with;
	return 0;
}

/* "k|author|words" */
static inline int
collect_property(void *arg, enum property property, const char *words)
{
	struct got *got = arg;

	(void)buf_printf(&got->text, "k|%s|%s\n", property_name(property),
	    words);
	return 0;
}

/* "m|name|the first 60 bytes in ASCII|how many|code" */
static inline int
collect_member(void *arg, const char *name)
{
	struct got *got = arg;

	(void)buf_printf(&got->text, "m|%s|", name);
	got->member_bytes = 0;
	return 0;
}

static inline int
collect_member_bytes(void *arg, const void *bytes, size_t len)
{
	const unsigned char *c = bytes;
	struct got *got = arg;
	size_t i;

	for (i = 0; i < len && got->member_bytes + i < 60; i++)
		(void)buf_putc(&got->text, c[i] >= ' ' && c[i] < 0x7F
			? (char)c[i]
			: '.');
	got->member_bytes += len;
	return 0;
}

static inline int
collect_member_end(void *arg, enum item_code code, const char *message)
{
	struct got *got = arg;

	assert_int_equal(code == ITEM_CODE_NONE, message[0] == '\0');
	(void)buf_printf(&got->text, "|%zu|%s\n", got->member_bytes,
	    item_code_name(code));
	return 0;
}

static const struct extract_sink collect_all = {collect, collect_property,
    collect_member, collect_member_bytes, collect_member_end};

static inline int
file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

static inline int
run_with(struct extractor *extractor, const struct extract_limits *limits,
    const char *name, const void *bytes, size_t len, struct got *got)
{
	struct err_note note = {{0}};
	int fd = file_of(bytes, len), err;
	int stop_after = got->stop_after, stop_with = got->stop_with;

	memset(got, 0, sizeof(*got));
	got->stop_after = stop_after;
	got->stop_with = stop_with;
	buf_init(&got->text, 512 * MIB);
	err = extractor_run(extractor, fd, name, limits, NULL, &collect_all,
	    got, &got->result, &note);
	(void)close(fd);
	if (err == 0)
		assert_int_equal(got->bytes, got->result.text_bytes);
	return err;
}

#endif
