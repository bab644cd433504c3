/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/err.h"
#include "model/source.h"

static const char *const kind_names[SOURCE_KIND_COUNT] = {
    [SOURCE_UPLOAD] = "upload",
    [SOURCE_S3] = "s3",
    [SOURCE_WEB] = "web",
    [SOURCE_LINKS] = "links",
    [SOURCE_ABSENT] = "absent",
};

_Static_assert(SOURCE_KIND_COUNT == 6, "a kind without a name");

const char *
source_kind_name(enum source_kind kind)
{
	return kind_names[kind];
}

int
source_kind_parse(long long stored, enum source_kind *ret_kind)
{
	if (stored < SOURCE_UPLOAD || stored >= SOURCE_KIND_COUNT)
		return ERR_CORRUPT;
	*ret_kind = (enum source_kind)stored;
	return 0;
}

/* Unsigned arithmetic wraps, so that adding (uint64_t)-1 takes one away. */
static void
count_one(struct share *share, const struct item *item, int sign)
{
	uint64_t one = (uint64_t)(int64_t)sign;

	counts_add(&share->counts, item->state, one);
	share->bytes_total += one * item->bytes;
	if (item->state == ITEM_COMPLETED)
		share->bytes_completed += one * item->bytes;
	if (item->state == ITEM_SKIPPED && item->code == ITEM_CODE_UNCHANGED)
		share->unchanged += one;
	if (item->state == ITEM_SKIPPED &&
	    item->code == ITEM_CODE_EMPTY_CONTENT)
		share->empty += one;
}

void
share_count(struct share *share, const struct item *from,
    const struct item *to)
{
	if (from != NULL)
		count_one(share, from, -1);
	count_one(share, to, 1);
}

void
share_sum(struct share *sum, const struct share *share)
{
	sum->counts.total += share->counts.total;
	sum->counts.queued += share->counts.queued;
	sum->counts.processing += share->counts.processing;
	sum->counts.completed += share->counts.completed;
	sum->counts.failed += share->counts.failed;
	sum->counts.skipped += share->counts.skipped;
	sum->counts.cancelled += share->counts.cancelled;
	sum->removed += share->removed;
	sum->unchanged += share->unchanged;
	sum->empty += share->empty;
	sum->bytes_total += share->bytes_total;
	sum->bytes_completed += share->bytes_completed;
	sum->characters += share->characters;
}

static bool
is_open(const struct share *share)
{
	return share->counts.queued + share->counts.processing > 0;
}

bool
share_is_done(const struct share *share)
{
	return share->scan >= SCAN_DONE && !is_open(share);
}

void
share_settle(struct share *share, bool is_cancelled, int64_t now_us)
{
	bool is_over;

	/* Items of a retry are there without a scan. */
	if (share->started_us == 0 &&
	    (share->scan != SCAN_WAITING || share->counts.total > 0))
		share->started_us = now_us;
	is_over = share_is_done(share) || (is_cancelled && !is_open(share));
	if (is_over && share->finished_us == 0)
		share->finished_us = now_us;
	share_check(share);
}

void
share_check(const struct share *share)
{
	const struct counts *c = &share->counts;

	ASSERT(c->total == c->queued + c->processing + c->completed +
		c->failed + c->skipped + c->cancelled);
	ASSERT(share->unchanged + share->empty <= c->skipped);
	ASSERT(share->bytes_completed <= share->bytes_total);
	if (share->finished_us != 0)
		ASSERT(!is_open(share));
}
