/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record is a head of 8 bytes (version and instance, type, length) and its
 * bytes, which are records again when the version is 15.
 */
#include "base/err.h"
#include "extractor/ppt.h"

#define PPT_HEAD 8u
#define PPT_CONTAINER 15u

void
ppt_walk_begin(struct ppt_walk *walk, struct ppt *ppt, uint64_t at,
    uint64_t end)
{
	walk->ppt = ppt;
	walk->at = at;
	walk->depth = 1;
	walk->ends[0] = end;
}

int
ppt_record_at(struct ppt *ppt, uint64_t at, struct ppt_record *record)
{
	const unsigned char *head;
	int err;

	err = office_view(&ppt->window, at, PPT_HEAD, &head);
	if (err < 0)
		return err;
	record->version = head[0] & 15u;
	record->instance = le16(head) >> 4;
	record->type = le16(head + 2);
	record->len = le32(head + 4);
	record->at = at + PPT_HEAD;
	record->depth = 0;
	return record->len > ppt->window.size - record->at ? ERR_SYNTAX : 0;
}

int
ppt_walk_enter(struct ppt_walk *walk, const struct ppt_record *record)
{
	if (walk->depth == PPT_DEPTH_MAX)
		return err_set(walk->ppt->note, ERR_TOO_BIG,
		    "records are nested too deeply");
	walk->ends[walk->depth++] = record->at + record->len;
	walk->at = record->at;
	return 0;
}

int
ppt_walk_next(struct ppt_walk *walk, struct ppt_record *record)
{
	int err;

	/* Less than a head at the end is padding. */
	while (walk->depth > 0 &&
	    (walk->at > walk->ends[walk->depth - 1] ||
		walk->ends[walk->depth - 1] - walk->at < PPT_HEAD))
		walk->at = walk->ends[--walk->depth];
	if (walk->depth == 0)
		return 0;
	err = ppt_record_at(walk->ppt, walk->at, record);
	if (err < 0)
		return err;
	record->depth = walk->depth;
	if (record->at + record->len > walk->ends[walk->depth - 1])
		return ERR_SYNTAX;
	if (record->version == PPT_CONTAINER ||
	    record->type == PPT_SHAPE_TEXT || record->type == PPT_SHAPE_DATA) {
		err = ppt_walk_enter(walk, record);
		return err < 0 ? err : 1;
	}
	walk->at = record->at + record->len;
	return 1;
}

void
ppt_walk_skip(struct ppt_walk *walk, const struct ppt_record *record)
{
	walk->depth = record->depth;
	walk->at = record->at + record->len;
}

int
ppt_spend(struct ppt *ppt, uint64_t bytes)
{
	/* Directories and slides have places of their own. */
	if (bytes > ppt->window.size - ppt->walked)
		return err_set(ppt->note, ERR_SYNTAX,
		    "parts of the presentation lie upon each other");
	ppt->walked += bytes;
	return 0;
}
