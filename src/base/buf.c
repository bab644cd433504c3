/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define BUF_FIRST 256

void
buf_init(struct buf *buf, size_t max)
{
	memset(buf, 0, sizeof(*buf));
	buf->max = max;
}

void
buf_fini(struct buf *buf)
{
	mem_free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->err = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

int
buf_reserve(struct buf *buf, size_t more)
{
	size_t size;
	char *data;

	if (buf->err < 0)
		return buf->err;
	if (more > buf->max || buf->len > buf->max - more)
		return buf->err = ERR_TOO_BIG;
	if (buf->size > buf->len + more)
		return 0;
	size = buf->size == 0 ? BUF_FIRST : buf->size * 2;
	if (size < buf->len + more + 1)
		size = buf->len + more + 1;
	data = mem_resize(buf->data, size, 1);
	if (data == NULL)
		return buf->err = ERR_NOMEM;
	buf->data = data;
	buf->size = size;
	buf->data[buf->len] = '\0'; /* a first block has none yet */
	return 0;
}

int
buf_put(struct buf *buf, const void *bytes, size_t len)
{
	if (buf_reserve(buf, len) < 0)
		return buf->err;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int
buf_puts(struct buf *buf, const char *text)
{
	return buf_put(buf, text, strlen(text));
}

int
buf_putc(struct buf *buf, char c)
{
	return buf_put(buf, &c, 1);
}

int
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return buf->err = ERR_INVALID;
	if (buf_reserve(buf, (size_t)len) < 0)
		return buf->err;
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
	return 0;
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data == NULL ? "" : buf->data;
}

char *
buf_take(struct buf *buf)
{
	char *data;

	if (buf->err < 0 || buf_put(buf, "", 0) < 0)
		return NULL;
	data = buf->data;
	buf->data = NULL;
	buf->len = buf->size = 0;
	return data;
}
