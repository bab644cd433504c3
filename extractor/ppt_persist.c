/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/ole.h"
#include "extractor/ppt.h"

#define PPT_TOKEN_ENCRYPTED 0xF3D1C4DFu

/* The stream that says where the latest edit is: UINT64_MAX when it does not.
 * ERR_FORBIDDEN when it says that all is encrypted. */
static int
current_edit(struct ppt *ppt, const char *folder, uint64_t *ret_edit)
{
	struct ole_stream *stream = NULL;
	unsigned char head[20];
	char path[64];
	long n;
	int err;

	*ret_edit = UINT64_MAX;
	(void)snprintf(path, sizeof(path), "%sCurrent User", folder);
	err = ole_stream_open(ppt->ole, path, &stream);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	n = ole_stream_read_at(stream, 0, head, sizeof(head));
	ole_stream_close(stream);
	if (n < (long)sizeof(head) || le16(head + 2) != PPT_CURRENT_USER)
		return n < 0 ? (int)n : 0;
	if (le32(head + 12) == PPT_TOKEN_ENCRYPTED)
		return ERR_FORBIDDEN;
	*ret_edit = le32(head + 16);
	return 0;
}

/* Without that stream: the last of those at the top.  What is no record any
 * more ends the search. */
static int
last_edit(struct ppt *ppt, uint64_t *ret_edit, uint64_t *ret_document)
{
	struct ppt_walk walk;
	struct ppt_record record;
	int err;

	ppt_walk_begin(&walk, ppt, 0, ppt->window.size);
	while ((err = ppt_walk_next(&walk, &record)) > 0) {
		ppt_walk_skip(&walk, &record);
		if (record.type == PPT_EDIT_ATOM)
			*ret_edit = record.at - 8;
		if (record.type == PPT_DOCUMENT)
			*ret_document = record.at - 8;
	}
	return err == ERR_SYNTAX ? 0 : err;
}

/* Entries of 20 bits of id and 12 of a count, with as many offsets. */
static int
read_directory(struct ppt *ppt, uint64_t at)
{
	struct ppt_record record;
	const unsigned char *bytes;
	uint32_t id, count;
	uint64_t pos, end;
	int err;

	err = ppt_record_at(ppt, at, &record);
	if (err < 0 || record.type != PPT_PERSIST_LIST)
		return err < 0 ? err : ERR_SYNTAX;
	err = ppt_spend(ppt, record.len);
	if (err < 0)
		return err;
	end = record.at + record.len;
	for (pos = record.at; end - pos >= 4;) {
		err = office_view(&ppt->window, pos, 4, &bytes);
		if (err < 0)
			return err;
		id = le32(bytes) & (PPT_PERSIST_IDS - 1);
		count = le32(bytes) >> 20;
		pos += 4;
		for (; count > 0 && end - pos >= 4; count--, id++, pos += 4) {
			err = office_view(&ppt->window, pos, 4, &bytes);
			if (err < 0)
				return err;
			if (id < PPT_PERSIST_IDS && ppt->persist[id] == 0)
				ppt->persist[id] = le32(bytes) + 1;
		}
	}
	return 0;
}

bool
ppt_persist_find(struct ppt *ppt, uint32_t id, unsigned type,
    struct ppt_record *ret_record)
{
	return id < PPT_PERSIST_IDS && ppt->persist[id] != 0 &&
	    ppt_record_at(ppt, ppt->persist[id] - 1, ret_record) == 0 &&
	    ret_record->type == type;
}

/* From the latest edit back to the first.  Each stands before the one that
 * came after it: that is what ends a chain of a hostile file. */
static int
read_edits(struct ppt *ppt, uint64_t edit, uint32_t *ret_document,
    uint32_t *ret_crypt)
{
	const unsigned char *bytes;
	struct ppt_record record;
	uint64_t before;
	bool is_first = true;
	int err;

	for (;;) {
		err = ppt_record_at(ppt, edit, &record);
		if (err < 0 || record.type != PPT_EDIT_ATOM ||
		    record.len < 28)
			return err < 0 ? err : ERR_SYNTAX;
		err = office_view(&ppt->window, record.at,
		    record.len < 32 ? 28 : 32, &bytes);
		if (err < 0)
			return err;
		if (is_first) {
			*ret_document = le32(bytes + 16);
			*ret_crypt = record.len < 32 ? 0 : le32(bytes + 28);
		}
		is_first = false;
		before = le32(bytes + 8);
		err = read_directory(ppt, le32(bytes + 12));
		if (err < 0)
			return err;
		if (before == 0 || before >= edit)
			return 0;
		edit = before;
	}
}

int
ppt_persist(struct ppt *ppt, const char *folder, uint64_t *ret_document)
{
	uint64_t edit, last = UINT64_MAX, document = UINT64_MAX;
	uint32_t document_id = 0, crypt_id = 0;
	struct ppt_record record;
	int err;

	ppt->persist = mem_zalloc(PPT_PERSIST_IDS * sizeof(uint32_t));
	if (ppt->persist == NULL)
		return ERR_NOMEM;
	err = current_edit(ppt, folder, &edit);
	if (err < 0)
		goto out;
	err = edit == UINT64_MAX ? ERR_SYNTAX
				 : read_edits(ppt, edit, &document_id,
				       &crypt_id);
	if (err == ERR_SYNTAX ||
	    (err == 0 && !ppt_persist_find(ppt, document_id, PPT_DOCUMENT,
			     &record))) {
		/* What was found of older edits stays: it fills gaps. */
		err = last_edit(ppt, &last, &document);
		if (err == 0 && last != UINT64_MAX && last != edit)
			err = read_edits(ppt, last, &document_id, &crypt_id);
		if (err == ERR_SYNTAX)
			err = 0;
	}
	if (err == 0 && crypt_id != 0 &&
	    ppt_persist_find(ppt, crypt_id, PPT_CRYPT_SESSION, &record))
		err = ERR_FORBIDDEN;
	if (ppt_persist_find(ppt, document_id, PPT_DOCUMENT, &record))
		document = record.at - 8;
	*ret_document = document;
out:
	if (err == ERR_FORBIDDEN)
		return err_set(ppt->note, err,
		    "the document needs a password to be read");
	return err;
}
