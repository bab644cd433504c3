/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record is two bytes of type, two of length and its bytes.  What does not
 * fit goes on in CONTINUE records; a text says anew at the start of each
 * whether its characters have one byte or two.
 */
#include "base/err.h"
#include "extractor/codepage.h"
#include "extractor/xls.h"

#define XLS_HEAD 4u

/* Bits of the byte in front of a text's characters. */
#define XLS_TEXT_WIDE 0x01u
#define XLS_TEXT_PHONETIC 0x04u
#define XLS_TEXT_RICH 0x08u

void
xls_seek(struct xls_records *records, uint64_t offset)
{
	records->at = records->next = offset;
	records->type = records->len = 0;
	records->bytes = NULL;
}

unsigned
xls_peek(struct xls_records *records)
{
	const unsigned char *head;

	if (office_view(&records->window, records->next, 2, &head) < 0)
		return 0;
	return le16(head);
}

int
xls_next(struct xls_records *records)
{
	struct office_window *window = &records->window;
	const unsigned char *head;
	int err;

	/* Zeros fill the last sector; Crystal Reports also writes them behind
	 * records that are longer than their length says. */
	do {
		records->at = records->next;
		if (records->at > window->size ||
		    window->size - records->at < XLS_HEAD)
			return 0;
		err = office_view(window, records->at, XLS_HEAD, &head);
		if (err < 0)
			return err;
		records->type = le16(head);
		records->len = le16(head + 2);
		records->next = records->at + XLS_HEAD;
	} while (records->type == 0 && records->len == 0);
	err = office_view(window, records->at, XLS_HEAD + records->len, &head);
	if (err < 0)
		return err;
	records->bytes = head + XLS_HEAD;
	records->next = records->at + XLS_HEAD + records->len;
	return 1;
}

/* ---- what goes on in further records ------------------------------------- */

void
xls_flow_begin(struct xls_flow *flow, struct xls_records *records,
    unsigned pos)
{
	flow->records = records;
	flow->pos = pos < records->len ? pos : records->len;
}

/* Have at least one byte: 1, or 0 where the last record ends. */
static int
flow_has(struct xls_flow *flow)
{
	struct xls_records *records = flow->records;
	int err;

	while (flow->pos >= records->len) {
		if (xls_peek(records) != XLS_CONTINUE)
			return 0;
		err = xls_next(records);
		if (err <= 0)
			return err;
		flow->pos = 0;
	}
	return 1;
}

int
xls_flow_bytes(struct xls_flow *flow, void *to, uint32_t len)
{
	unsigned char *bytes = to;
	unsigned n;
	int has;

	while (len > 0) {
		has = flow_has(flow);
		if (has <= 0)
			return has < 0 ? has : ERR_SYNTAX;
		n = flow->records->len - flow->pos;
		if (n > len)
			n = len;
		if (bytes != NULL) {
			memcpy(bytes, flow->records->bytes + flow->pos, n);
			bytes += n;
		}
		flow->pos += n;
		len -= n;
	}
	return 0;
}

int
xls_flow_text(struct xls_flow *flow, uint32_t count, bool is_wide,
    struct buf *out)
{
	struct xls_records *records = flow->records;
	const unsigned char *from;
	unsigned high = 0, n;
	int has;

	while (count > 0 && out->err == 0) {
		if (flow->pos >= records->len) {
			has = flow_has(flow);
			if (has <= 0)
				return has < 0 ? has : ERR_SYNTAX;
			is_wide = (records->bytes[0] & XLS_TEXT_WIDE) != 0;
			flow->pos = 1;
		}
		from = records->bytes + flow->pos;
		n = records->len - flow->pos;
		if (is_wide) {
			n = n / 2 < count ? n / 2 : count;
			office_put_utf16(out, from, n, &high);
			flow->pos += 2 * n;
			if (n == 0)
				flow->pos = records->len; /* half of one */
		} else {
			n = n < count ? n : count;
			office_put_latin(out, from, n);
			flow->pos += n;
		}
		count -= n;
	}
	return out->err;
}

int
xls_flow_string(struct xls_flow *flow, unsigned count_size, struct buf *out)
{
	unsigned char head[4] = {0};
	uint32_t count, extra = 0;
	unsigned flags;
	int err;

	err = xls_flow_bytes(flow, head, count_size);
	if (err < 0)
		return err;
	count = count_size == 1 ? head[0] : le16(head);
	err = xls_flow_bytes(flow, head, 1);
	if (err < 0)
		return count == 0 && err == ERR_SYNTAX ? 0 : err;
	flags = head[0];
	if (flags & XLS_TEXT_RICH) {
		err = xls_flow_bytes(flow, head, 2);
		extra = 4 * le16(head);
	}
	if (err == 0 && flags & XLS_TEXT_PHONETIC) {
		err = xls_flow_bytes(flow, head, 4);
		if (err == 0 && le32(head) > UINT32_MAX - extra)
			err = ERR_SYNTAX;
		extra += le32(head);
	}
	if (err == 0)
		err = xls_flow_text(flow, count, flags & XLS_TEXT_WIDE, out);
	if (err == 0)
		err = xls_flow_bytes(flow, NULL, extra);
	return err;
}

int
xls_string(struct xls *xls, unsigned pos, unsigned count_size,
    struct buf *out)
{
	struct xls_records *records = &xls->records;
	struct xls_flow flow;
	unsigned char head[2] = {0};
	uint32_t count, n;
	int err;

	xls_flow_begin(&flow, records, pos);
	if (xls->is_8)
		return xls_flow_string(&flow, count_size, out);
	err = xls_flow_bytes(&flow, head, count_size);
	if (err < 0)
		return err;
	for (count = le16(head); count > 0 && err == 0; count -= n) {
		err = flow_has(&flow);
		if (err <= 0)
			return err < 0 ? err : ERR_SYNTAX;
		n = records->len - flow.pos;
		n = n < count ? n : count;
		err = codepage_put(xls->codepage, records->bytes + flow.pos, n,
		    false, out);
		flow.pos += n;
	}
	return err;
}
