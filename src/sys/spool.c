/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "sys/fs.h"
#include "sys/spool.h"

#define WINDOW_BYTES (64 * KIB)

void
spool_init(struct spool *spool, const char *folder, size_t memory_max)
{
	memset(spool, 0, sizeof(*spool));
	buf_init(&spool->memory, SIZE_MAX / 2);
	buf_init(&spool->window, SIZE_MAX / 2);
	spool->folder = folder;
	spool->memory_max = memory_max;
	spool->fd = -1;
}

void
spool_fini(struct spool *spool)
{
	spool_clear(spool);
	buf_fini(&spool->memory);
	buf_fini(&spool->window);
}

void
spool_clear(struct spool *spool)
{
	if (spool->fd >= 0)
		(void)close(spool->fd);
	spool->fd = -1;
	buf_clear(&spool->memory);
	buf_clear(&spool->window);
	spool->len = spool->flushed = spool->at = spool->window_at = 0;
}

static int
spool_flush(struct spool *spool)
{
	int err;

	if (spool->fd < 0) {
		spool->fd = fs_temporary(spool->folder);
		if (spool->fd < 0) {
			err = spool->fd;
			spool->fd = -1;
			return err;
		}
	}
	/* A full disk may have taken a part before: over it, not behind it. */
	if (lseek(spool->fd, (off_t)spool->flushed, SEEK_SET) < 0)
		return err_from_errno(errno);
	err = fs_write(spool->fd, spool->memory.data, spool->memory.len);
	if (err < 0)
		return err;
	spool->flushed += spool->memory.len;
	buf_clear(&spool->memory);
	return 0;
}

int
spool_put(struct spool *spool, const void *bytes, size_t len)
{
	int err;

	if (spool->memory.len > 0 &&
	    spool->memory.len + len > spool->memory_max) {
		err = spool_flush(spool);
		if (err < 0)
			return err;
	}
	err = buf_put(&spool->memory, bytes, len);
	if (err < 0)
		return err;
	spool->len += len;
	return 0;
}

void
spool_rewind(struct spool *spool)
{
	spool->at = 0;
	spool->window_at = 0;
	buf_clear(&spool->window);
}

static int
spool_fetch(struct spool *spool, size_t len)
{
	uint64_t left = spool->flushed - spool->at;
	size_t want = len > WINDOW_BYTES ? len : WINDOW_BYTES;
	int err;

	if (want > left)
		want = (size_t)left;
	buf_clear(&spool->window);
	err = buf_reserve(&spool->window, want);
	if (err < 0)
		return err;
	err = fs_read_at(spool->fd, spool->window.data, want, spool->at);
	if (err < 0)
		return err;
	spool->window.len = want;
	spool->window_at = spool->at;
	return 0;
}

int
spool_get(struct spool *spool, size_t len, const char **ret_bytes)
{
	uint64_t in_window;
	int err;

	if (len > spool->len - spool->at)
		return ERR_CLOSED;
	if (len == 0) { /* also when nothing was read or written yet */
		*ret_bytes = "";
		return 0;
	}
	if (spool->at >= spool->flushed) {
		*ret_bytes = spool->memory.data + (spool->at - spool->flushed);
		spool->at += len;
		return 0;
	}
	if (len > spool->flushed - spool->at)
		return ERR_INVALID; /* not written together */
	in_window = spool->at - spool->window_at;
	if (spool->window.len < in_window + len) {
		err = spool_fetch(spool, len);
		if (err < 0)
			return err;
		in_window = 0;
	}
	*ret_bytes = spool->window.data + in_window;
	spool->at += len;
	return 0;
}
