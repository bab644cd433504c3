/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/flow.h"

#define FLOW_TEXT_MAX (64 * MIB)
#define FLOW_SPILL_AT (2 * BLOCK_BYTES_MAX)
#define FLOW_CELL_MAX (64 * KIB) /* a longer one is no table's */
#define FLOW_ROW_MAX MIB
#define FLOW_CELLS_MAX 1024u
#define FLOW_ASIDE_MAX (16 * MIB)

/* In front of each block that waits. */
struct record {
	uint32_t len;
	uint8_t kind, level;
};

void
flow_init(struct flow *flow, struct emit *emit)
{
	memset(flow, 0, sizeof(*flow));
	flow->emit = emit;
	buf_init(&flow->text, FLOW_TEXT_MAX);
	buf_init(&flow->aside, FLOW_TEXT_MAX);
	buf_init(&flow->cells, FLOW_TEXT_MAX);
	markup_table_init(&flow->table);
}

void
flow_fini(struct flow *flow)
{
	buf_fini(&flow->text);
	buf_fini(&flow->aside);
	buf_fini(&flow->cells);
	markup_table_fini(&flow->table);
}

static int
keep_error(struct flow *flow, int err)
{
	if (err < 0 && flow->emit->err == 0)
		flow->emit->err = err;
	return flow->emit->err;
}

static char *
open_text(struct flow *flow, size_t *ret_len)
{
	size_t at = flow->levels[flow->depth].text_at;

	*ret_len = flow->text.len - at;
	return flow->text.data == NULL ? NULL : flow->text.data + at;
}

static void
drop_text(struct flow *flow)
{
	flow->text.len = flow->levels[flow->depth].text_at;
}

static bool
is_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\n' && text[i] != '\t')
			return false;
	return true;
}

bool
flow_has_text(const struct flow *flow)
{
	return flow->text.len > flow->levels[flow->depth].text_at ||
	    (flow->depth == 0 && flow->is_spilled);
}

/* A very long paragraph leaves in parts. */
static int
spill(struct flow *flow)
{
	if (!flow->is_spilled)
		(void)emit_open(flow->emit, BLOCK_PARAGRAPH, 0); /* sticks */
	flow->is_spilled = true;
	(void)emit_put(flow->emit, flow->text.data, flow->text.len);
	drop_text(flow);
	return flow->emit->err;
}

int
flow_put(struct flow *flow, const char *text, size_t len, bool is_bold)
{
	if (!is_bold && flow->depth == 0 && !flow->has_plain &&
	    !is_blank(text, len))
		flow->has_plain = true;
	if (buf_put(&flow->text, text, len) < 0)
		return keep_error(flow, flow->text.err);
	if (flow->depth == 0 && flow->cell_count == 0 && !flow->is_in_table &&
	    flow->text.len >= FLOW_SPILL_AT)
		return spill(flow);
	return flow->emit->err;
}

/* ---- what waits --------------------------------------------------------- */

static int
wait_block(struct flow *flow, enum block_kind kind, unsigned level,
    const char *text, size_t len)
{
	struct record record = {
	    .len = (uint32_t)len,
	    .kind = (uint8_t)kind,
	    .level = (uint8_t)level,
	};

	if (is_blank(text, len))
		return flow->emit->err;
	(void)buf_put(&flow->aside, &record, sizeof(record));
	(void)buf_put(&flow->aside, text, len);
	return keep_error(flow, flow->aside.err);
}

static int
send_waiting(struct flow *flow)
{
	struct record record;
	size_t at = 0;

	while (at < flow->aside.len) {
		ASSERT(flow->aside.len - at >= sizeof(record));
		memcpy(&record, flow->aside.data + at, sizeof(record));
		at += sizeof(record);
		ASSERT(flow->aside.len - at >= record.len);
		(void)emit_block(flow->emit, (enum block_kind)record.kind,
		    record.level, flow->aside.data + at, record.len);
		at += record.len;
	}
	buf_clear(&flow->aside);
	return flow->emit->err;
}

/* When nothing is open that it would split. */
static int
send_when_whole(struct flow *flow)
{
	if (flow->depth > 0 || flow->aside.len == 0)
		return flow->emit->err;
	if ((flow->cell_count > 0 || flow_has_text(flow)) &&
	    flow->aside.len < FLOW_ASIDE_MAX)
		return flow->emit->err;
	return send_waiting(flow);
}

/* ---- tables ------------------------------------------------------------- */

static int
emit_row(struct flow *flow, bool is_header)
{
	const char *cell = buf_text(&flow->cells);
	unsigned i;
	size_t len;

	(void)markup_row_begin(&flow->table, flow->emit); /* errors stick */
	for (i = 0; i < flow->cell_count; i++) {
		len = strlen(cell);
		(void)buf_put(&flow->table.cell, cell, len);
		(void)markup_cell_end(&flow->table, flow->emit, is_header);
		cell += len + 1;
	}
	buf_clear(&flow->cells);
	flow->cell_count = 0;
	flow->has_plain = false;
	flow->has_rows = true;
	return markup_row_end(&flow->table, flow->emit);
}

static int
close_table(struct flow *flow)
{
	if (flow->cell_count > 0)
		(void)emit_row(flow, false); /* errors stick */
	if (flow->is_in_table)
		(void)markup_table_end(&flow->table, flow->emit);
	flow->is_in_table = flow->has_rows = false;
	return flow->emit->err;
}

static void
open_table(struct flow *flow)
{
	if (!flow->is_in_table)
		markup_table_begin(&flow->table);
	flow->is_in_table = true;
}

int
flow_cell(struct flow *flow)
{
	size_t len, i;
	char *text;

	if (flow->depth > 0)
		return flow_put(flow, "; ", 2, false);
	if (flow->is_spilled)
		return flow_paragraph(flow, BLOCK_PARAGRAPH, 0, false);
	text = open_text(flow, &len);
	open_table(flow);
	if (len > FLOW_CELL_MAX) {
		(void)close_table(flow); /* errors stick */
		(void)emit_block(flow->emit, BLOCK_PARAGRAPH, 0, text, len);
		len = 0;
	}
	for (i = 0; i < len; i++)
		ASSERT(text[i] != '\0');
	(void)buf_put(&flow->cells, len == 0 ? "" : text, len);
	(void)buf_put(&flow->cells, "", 1);
	(void)keep_error(flow, flow->cells.err);
	drop_text(flow);
	flow->cell_len = 0;
	flow->cell_count++;
	if (flow->cell_count >= FLOW_CELLS_MAX ||
	    flow->cells.len >= FLOW_ROW_MAX)
		(void)emit_row(flow, false);
	return flow->emit->err;
}

int
flow_row(struct flow *flow, bool is_header)
{
	size_t len;
	char *text;

	text = open_text(flow, &len);
	if (flow->depth > 0) {
		while (len > 0 && (text[len - 1] == ' ' ||
			text[len - 1] == ';'))
			len--;
		(void)wait_block(flow, BLOCK_TABLE_ROW, 0, text, len);
		drop_text(flow);
		return flow->emit->err;
	}
	if (!is_blank(text, len))
		(void)flow_cell(flow); /* errors stick */
	if (flow->cell_count == 0)
		return flow->emit->err;
	(void)emit_row(flow, is_header || (!flow->has_rows &&
		!flow->has_plain && flow->cell_count > 1 &&
		!is_blank(flow->cells.data,
		    strlen(flow->cells.data))));
	return send_when_whole(flow);
}

int
flow_inner_cell(struct flow *flow)
{
	return flow_put(flow, " ", 1, true);
}

int
flow_inner_row(struct flow *flow)
{
	return flow_put(flow, "\n", 1, true);
}

/* ---- paragraphs --------------------------------------------------------- */

/* Lists that somebody, or a program, typed: a bullet and a tabulator. */
static const char *const bullets[] = {"\u2022\t", "\u00B7\t", "\u25AA\t",
    "\u25CF\t", "\u25E6\t", "\u2013\t", "\u25A0\t"};

/* What stands in front of a paragraph and is no part of it. */
static void
trim_start(char **text, size_t *len, enum block_kind *kind, unsigned *level)
{
	size_t i, n;

	while (*len >= 2 && memcmp(*text, "\u00A0", 2) == 0) {
		*text += 2;
		*len -= 2;
	}
	for (i = 0; *kind == BLOCK_PARAGRAPH &&
	     i < sizeof(bullets) / sizeof(bullets[0]); i++) {
		n = strlen(bullets[i]);
		if (*len <= n || memcmp(*text, bullets[i], n) != 0)
			continue;
		*text += n;
		*len -= n;
		*kind = BLOCK_LIST_ITEM;
		*level = 1;
	}
}

int
flow_paragraph(struct flow *flow, enum block_kind kind, unsigned level,
    bool is_in_table)
{
	size_t len;
	char *text;

	if (kind == BLOCK_HEADING && level > SECTION_DEPTH_MAX)
		level = SECTION_DEPTH_MAX;
	text = open_text(flow, &len);
	if (flow->depth > 0) {
		trim_start(&text, &len, &kind, &level);
		(void)wait_block(flow, kind, level, text, len);
		drop_text(flow);
		return flow->emit->err;
	}
	if (is_in_table && !flow->is_spilled && len < FLOW_ROW_MAX) {
		open_table(flow);
		(void)flow_put(flow, "\n", 1, true); /* errors stick */
		flow->cell_len = flow->text.len;
		return flow->emit->err;
	}
	(void)close_table(flow);
	if (flow->cell_len > 0) { /* of a cell that has no end */
		(void)emit_block(flow->emit, BLOCK_PARAGRAPH, 0, text,
		    flow->cell_len);
		text += flow->cell_len;
		len -= flow->cell_len;
		flow->cell_len = 0;
	}
	if (flow->is_spilled) {
		(void)emit_put(flow->emit, text, len);
		(void)emit_close(flow->emit);
	} else if (len > 0) {
		trim_start(&text, &len, &kind, &level);
		(void)emit_block(flow->emit, kind, level, text, len);
	}
	flow->is_spilled = flow->has_plain = false;
	drop_text(flow);
	return send_when_whole(flow);
}

/* ---- asides ------------------------------------------------------------- */

void
flow_aside_begin(struct flow *flow, bool is_once)
{
	struct flow_level *level;

	if (flow->depth + 1 == FLOW_DEPTH_MAX) {
		flow->depth_flat++;
		return;
	}
	level = &flow->levels[++flow->depth];
	level->text_at = flow->text.len;
	level->aside_at = flow->aside.len;
	level->is_once = is_once;
}

static uint64_t
hash(const char *bytes, size_t len)
{
	uint64_t h = 0xCBF29CE484222325u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)bytes[i]) * 0x100000001B3u;
	return h;
}

static bool
was_seen(struct flow *flow, const char *bytes, size_t len)
{
	uint64_t h = hash(bytes, len);
	unsigned i;

	for (i = 0; i < flow->seen_count; i++)
		if (flow->seen[i] == h)
			return true;
	if (flow->seen_count < FLOW_SEEN_MAX)
		flow->seen[flow->seen_count++] = h;
	return false;
}

int
flow_aside_end(struct flow *flow)
{
	const struct flow_level *level = &flow->levels[flow->depth];

	(void)flow_paragraph(flow, BLOCK_PARAGRAPH, 0, false); /* sticks */
	if (flow->depth_flat > 0) {
		flow->depth_flat--;
		return flow->emit->err;
	}
	if (flow->depth == 0)
		return flow->emit->err;
	if (level->is_once && flow->aside.len > level->aside_at &&
	    was_seen(flow, flow->aside.data + level->aside_at,
		flow->aside.len - level->aside_at))
		flow->aside.len = level->aside_at;
	flow->depth--;
	return send_when_whole(flow);
}

int
flow_end(struct flow *flow)
{
	while (flow->depth_flat > 0 || flow->depth > 0)
		(void)flow_aside_end(flow); /* errors stick */
	if (flow->cell_count > 0)
		(void)flow_row(flow, false);
	return flow_paragraph(flow, BLOCK_PARAGRAPH, 0, false);
}
