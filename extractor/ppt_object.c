/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Embedded objects are compound files in records of the stream, packed by
 * zlib or as they are.
 */
#include <stdio.h>
#include <zlib.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/ole.h"
#include "extractor/ppt.h"
#include "extractor/sniff.h"

#define PPT_INFLATE_AT_ONCE (64 * KIB)

/* Data that are damaged end where they are: whether that is still a compound
 * file shows when it is opened. */
static int
inflate_object(const struct buf *packed, struct buf *out)
{
	z_stream zlib = {.next_in = (unsigned char *)packed->data + 4,
	    .avail_in = (uInt)(packed->len - 4)};
	int status, err = 0;

	buf_clear(out);
	if (inflateInit(&zlib) != Z_OK)
		return ERR_NOMEM;
	do {
		err = buf_reserve(out, PPT_INFLATE_AT_ONCE);
		if (err < 0)
			break;
		zlib.next_out = (unsigned char *)out->data + out->len;
		zlib.avail_out = (uInt)PPT_INFLATE_AT_ONCE;
		status = inflate(&zlib, Z_NO_FLUSH);
		out->len += PPT_INFLATE_AT_ONCE - zlib.avail_out;
	} while (status == Z_OK);
	(void)inflateEnd(&zlib);
	return err;
}

static int
send_whole(struct ppt *ppt, const struct buf *file, size_t number)
{
	char name[32];
	int err;

	(void)snprintf(name, sizeof(name), "object %zu", number);
	err = emit_member_begin(ppt->emit, name, strlen(name));
	if (err == 0)
		err = emit_member_bytes(ppt->emit, file->data, file->len);
	if (err == 0)
		err = emit_member_end(ppt->emit, ITEM_CODE_NONE, NULL);
	return err;
}

/* A document of Office is the compound file itself; of others it is only
 * what they are wrapped in. */
static int
send_object(struct ppt *ppt, const struct buf *file, size_t number)
{
	static const char *const inside[] = {"\001Ole10Native", "Package",
	    "CONTENTS", "EmbeddedOdf"};
	struct input input = {.fd = -1, .memory = file->data,
	    .size = file->len};
	struct ole *ole = NULL;
	enum format_id id;
	char media_type[128];
	size_t i;
	int err;

	err = ole_open(&input, &ole, NULL);
	if (err < 0)
		return err;
	err = ERR_NOT_FOUND;
	for (i = 0; err == ERR_NOT_FOUND &&
	     i < sizeof(inside) / sizeof(inside[0]); i++)
		if (ole_has(ole, inside[i]))
			err = ole_embedded(ole, inside[i], ppt->emit,
			    ppt->note);
	ole_close(ole);
	if (err != ERR_NOT_FOUND)
		return err;
	err = ole_tell(&input, &id, media_type, sizeof(media_type), NULL);
	return err < 0 ? err : send_whole(ppt, file, number);
}

static int
read_object(struct ppt *ppt, const struct ppt_record *record, size_t number)
{
	struct buf packed, file;
	int err;

	buf_init(&packed, PPT_OBJECT_MAX);
	buf_init(&file, PPT_OBJECT_MAX);
	err = office_load(&ppt->window, record->at, record->len, &packed);
	if (err == 0 && record->instance == 1 && packed.len > 4) {
		err = inflate_object(&packed, &file);
		ppt->unpacked += file.len;
		buf_fini(&packed);
	}
	if (err == 0)
		err = send_object(ppt, record->instance == 1 ? &file : &packed,
		    number);
	buf_fini(&packed);
	buf_fini(&file);
	return err;
}

int
ppt_objects(struct ppt *ppt)
{
	size_t count = ppt->objects.len / sizeof(uint32_t), i;
	struct ppt_record record;
	uint32_t persist;
	int err = 0;

	for (i = 0; i < count && err == 0; i++) {
		memcpy(&persist, ppt->objects.data + i * sizeof(persist),
		    sizeof(persist));
		if (!ppt_persist_find(ppt, persist, PPT_OBJECT_STORAGE,
			&record))
			continue;
		err = ppt_spend(ppt, record.len);
		if (err == 0)
			err = read_object(ppt, &record, i + 1);
		/* One that cannot be read does not make the slides so. */
		if (ppt->emit->err == 0 && err != ERR_NOMEM)
			err = 0;
		if (err == 0 && ppt->unpacked > UNPACK_FREE_BYTES &&
		    ppt->unpacked / UNPACK_RATIO_MAX > ppt->window.size)
			err = err_set(ppt->note, ERR_TOO_BIG,
			    "its embedded objects unpack to too much");
	}
	return err;
}
