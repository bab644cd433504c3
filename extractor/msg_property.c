/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "extractor/codepage.h"
#include "extractor/le.h"
#include "extractor/mail.h"
#include "extractor/msg.h"
#include "extractor/ole.h"

#define TYPE_TEXT_8 0x001Eu
#define TYPE_TEXT_16 0x001Fu
#define TYPE_BYTES 0x0102u

#define FIXED_SIZE 16u
#define FIXED_MAX (64 * KIB)
#define TEXT_MAX(out) \
	(2 * (out)->max < MAIL_BODY_MAX ? 2 * (out)->max : MAIL_BODY_MAX)

/* Between 1601 and 1970, in seconds. */
#define FILETIME_EPOCH 11644473600

void
msg_path(const char *folder, enum msg_property property, unsigned type,
    char out[MSG_PATH_MAX])
{
	(void)snprintf(out, MSG_PATH_MAX, "%s%s__substg1.0_%04X%04X", folder,
	    *folder == '\0' ? "" : "/", (unsigned)property, type);
}

static int
load(const struct msg *msg, const char *folder, enum msg_property property,
    unsigned type, struct buf *out)
{
	char path[MSG_PATH_MAX];

	msg_path(folder, property, type, path);
	return ole_load(msg->ole, path, out->max, out, NULL);
}

int
msg_bytes(const struct msg *msg, const char *folder,
    enum msg_property property, struct buf *out)
{
	return load(msg, folder, property, TYPE_BYTES, out);
}

int
msg_text(const struct msg *msg, const char *folder,
    enum msg_property property, struct buf *out)
{
	struct buf bytes;
	int err;

	buf_init(&bytes, TEXT_MAX(out));
	err = load(msg, folder, property, TYPE_TEXT_16, &bytes);
	if (err == 0) {
		err = codepage_put(CODEPAGE_UTF_16LE, buf_text(&bytes),
		    bytes.len, true, out);
	} else if (err == ERR_NOT_FOUND) {
		err = load(msg, folder, property, TYPE_TEXT_8, &bytes);
		if (err == 0 && msg->codepage != 0)
			err = codepage_put(msg->codepage, buf_text(&bytes),
			    bytes.len, true, out);
		else if (err == 0)
			mail_decode_text(buf_text(&bytes),
			    strnlen(buf_text(&bytes), bytes.len), NULL, out);
	}
	buf_fini(&bytes);
	return err < 0 ? err : out->err;
}

bool
msg_words(const struct msg *msg, const char *folder,
    enum msg_property property, struct buf *out)
{
	size_t before = out->len;
	struct buf text;

	buf_init(&text, out->max);
	if (msg_text(msg, folder, property, &text) == 0)
		mail_words(buf_text(&text), text.len, NULL, out);
	buf_fini(&text);
	return out->len > before;
}

/*
 * The stream of those of a fixed size: a head of 32 bytes in a message, of 24
 * in a message inside of another, of 8 elsewhere; then 16 bytes for each, with
 * type, number, flags and value.
 */
bool
msg_number(const struct msg *msg, const char *folder,
    enum msg_property property, uint64_t *ret_value)
{
	char path[MSG_PATH_MAX];
	struct buf bytes;
	const char *at;
	size_t i, head;
	bool is_found = false;

	(void)snprintf(path, sizeof(path), "%s%s__properties_version1.0",
	    folder, *folder == '\0' ? "" : "/");
	buf_init(&bytes, FIXED_MAX);
	if (ole_load(msg->ole, path, FIXED_MAX, &bytes, NULL) < 0)
		goto out;
	head = *folder != '\0' ? 8 : bytes.len % FIXED_SIZE == 8 ? 24 : 32;
	for (i = head; i + FIXED_SIZE <= bytes.len && !is_found;
	     i += FIXED_SIZE) {
		at = bytes.data + i;
		if (le16(at + 2) != (unsigned)property)
			continue;
		is_found = true;
		/* Of short values the rest is not always zero. */
		switch (le16(at)) {
		case 0x0002: /* 16 bits */
		case 0x000B: /* yes or no */
			*ret_value = le16(at + 8);
			break;
		case 0x0003: /* 32 bits */
			*ret_value = le32(at + 8);
			break;
		default:
			*ret_value = le64(at + 8);
			break;
		}
	}
out:
	buf_fini(&bytes);
	return is_found;
}

bool
msg_time(const struct msg *msg, const char *folder,
    enum msg_property property, int64_t *ret_seconds)
{
	uint64_t value;

	/* In tenths of a microsecond; what is no time is far from all. */
	if (!msg_number(msg, folder, property, &value) || value == 0 ||
	    value > INT64_MAX)
		return false;
	*ret_seconds = (int64_t)(value / 10000000) - FILETIME_EPOCH;
	return *ret_seconds > -FILETIME_EPOCH / 4;
}
