/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame: line after line through a pen that knows how much of the line is
 * left.  Colour takes no room and is taken back at the end of each text, so
 * that a line that is cut leaves none behind.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cmd/frame.h"
#include "cmd/job_view.h"
#include "cmd/term.h"

#define BAR_MIN 10u
#define BAR_MAX 30u
#define STACK_MAX 120u /* a longer bar says no more */
#define HEAD_LINES 3u  /* words, stacked bar, its counts */
#define WORDS_BYTES_MAX (4 * KIB)
#define NAME_COLUMNS 10 /* "extracting", "finalizing" */
/* Behind a stage's bar: with words and time, or with two numbers. */
#define STAGE_WIDE 66u
#define STAGE_TAIL 38u
#define STAGE_TAIL_SHORT 13u

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define BLUE "\033[34m"
#define MAGENTA "\033[35m"
#define PLAIN "\033[0m"

/* One line that is being written. */
struct pen {
	struct buf *out;
	const struct face *face;
	size_t left; /* columns */
};

static struct pen
pen_start(struct buf *out, const struct face *face)
{
	return (struct pen){
	    .out = out, .face = face, .left = face->width - 1};
}

static void
pen_line(struct pen *pen)
{
	(void)buf_putc(pen->out, '\n');
	pen->left = pen->face->width - 1;
}

/* As much of clean text as there is room for; color may be "". */
static void
pen_put(struct pen *pen, const char *color, const char *text)
{
	size_t len = strlen(text), fit = text_fit(text, len, pen->left);
	bool has_color = pen->face->has_color && color[0] != '\0' && fit > 0;

	if (has_color)
		(void)buf_puts(pen->out, color);
	(void)buf_put(pen->out, text, fit);
	if (has_color)
		(void)buf_puts(pen->out, PLAIN);
	pen->left -= text_width(text, fit);
	/* What comes after a text that was cut would be read as its end. */
	if (fit < len)
		pen->left = 0;
}

/* All of clean text with gap before it, or none of it. */
static void
pen_piece(struct pen *pen, const char *gap, const char *color,
    const char *text)
{
	if (text[0] == '\0')
		return;
	if (strlen(gap) + text_width(text, strlen(text)) > pen->left) {
		pen->left = 0;
		return;
	}
	pen_put(pen, "", gap);
	pen_put(pen, color, text);
}

static void
pen_repeat(struct pen *pen, const char *color, const char *glyph, size_t n)
{
	bool has_color;
	size_t i;

	if (n > pen->left)
		n = pen->left;
	has_color = pen->face->has_color && color[0] != '\0';
	if (n == 0)
		return;
	if (has_color)
		(void)buf_puts(pen->out, color);
	for (i = 0; i < n; i++)
		(void)buf_puts(pen->out, glyph);
	if (has_color)
		(void)buf_puts(pen->out, PLAIN);
	pen->left -= n;
}

/* ---- the stacked bar -------------------------------------------------- */

/* The parts in the order in which a document goes through them, backwards. */
static const struct part {
	const char *word;
	size_t offset; /* of its counter */
	const char *color;
	const char *ascii, *utf8;
} parts[] = {
    {"completed", offsetof(struct counts, completed), GREEN, "#",
	"\xE2\x96\x88"},
    {"skipped", offsetof(struct counts, skipped), BLUE, "=", "\xE2\x96\x93"},
    {"failed", offsetof(struct counts, failed), RED, "!", "!"},
    {"cancelled", offsetof(struct counts, cancelled), MAGENTA, "x", "x"},
    {"in work", offsetof(struct counts, processing), YELLOW, "+",
	"\xE2\x96\x92"},
    {"queued", offsetof(struct counts, queued), DIM, "-", "\xE2\x96\x91"},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static uint64_t
part_count(const struct part *part, const struct counts *counts)
{
	return *(const uint64_t *)(const void *)(
	    (const char *)counts + part->offset);
}

static const char *
part_glyph(const struct part *part, const struct face *face)
{
	return face->is_utf8 ? part->utf8 : part->ascii;
}

/*
 * Columns for each part: its share, rounded down, but one at least for what
 * is there; the longest part gives and takes what is over.
 */
static void
shares(const struct counts *counts, size_t width, size_t out[PARTS])
{
	size_t i, longest = 0, used = 0;
	uint64_t count;

	for (i = 0; i < PARTS; i++) {
		count = part_count(&parts[i], counts);
		out[i] = counts->total == 0 ?
		    0 :
		    (size_t)((double)count / (double)counts->total *
			(double)width);
		if (out[i] > width)
			out[i] = width;
		if (out[i] == 0 && count > 0)
			out[i] = 1;
		used += out[i];
		if (out[i] > out[longest])
			longest = i;
	}
	if (used <= width)
		out[longest] += counts->total == 0 ? 0 : width - used;
	else
		out[longest] -= used - width < out[longest] ?
		    used - width :
		    out[longest];
}

static void
stack_put(struct pen *pen, const struct counts *counts)
{
	size_t width = pen->left > STACK_MAX ? STACK_MAX : pen->left;
	size_t columns[PARTS], i;

	shares(counts, width, columns);
	for (i = 0; i < PARTS; i++)
		pen_repeat(pen, parts[i].color,
		    part_glyph(&parts[i], pen->face), columns[i]);
	pen_line(pen);
}

/* The counts, each with the character that the bar shows it by. */
static void
counts_put(struct pen *pen, const struct counts *counts)
{
	char text[64];
	const char *gap = "";
	uint64_t count;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		count = part_count(&parts[i], counts);
		if (count == 0 && i > 0)
			continue;
		(void)snprintf(text, sizeof(text), "%s %llu %s",
		    part_glyph(&parts[i], pen->face),
		    (unsigned long long)count, parts[i].word);
		pen_piece(pen, gap, parts[i].color, text);
		gap = "   ";
	}
}

static void
head_put(struct pen *pen, const struct job_view *view)
{
	struct buf text;
	char percent[32];

	buf_init(&text, WORDS_BYTES_MAX);
	text_clean(&text, view->base, strlen(view->base));
	if (view->jobs > 1)
		(void)buf_printf(&text, " (%u jobs)", view->jobs);
	(void)buf_puts(&text, ": ");
	job_view_state(view, &text);
	pen_put(pen, BOLD, buf_text(&text));
	(void)snprintf(percent, sizeof(percent), "%.1f %%", view->percent);
	pen_piece(pen, "  ", "", percent);
	buf_clear(&text);
	job_view_pace(view, &text);
	pen_piece(pen, "  ", "", buf_text(&text));
	buf_clear(&text);
	job_view_left(view, &text);
	pen_piece(pen, "  ", "", buf_text(&text));
	buf_fini(&text);
	pen_line(pen);
	stack_put(pen, &view->counts);
	counts_put(pen, &view->counts);
}

/* ---- stages ----------------------------------------------------------- */

/* How many documents will pass a stage: all, but those that ended otherwise;
 * some of these have passed it before they did. */
static double
stage_total(const struct job_view *view, const struct stage_view *stage)
{
	const struct counts *counts = &view->counts;
	uint64_t out = counts->skipped + counts->failed + counts->cancelled;
	uint64_t total = counts->total > out ? counts->total - out : 0;

	if (total < stage->done + stage->items)
		total = stage->done + stage->items;
	return total == 0 ? 1 : (double)total;
}

static void
stage_bar_put(struct pen *pen, const struct job_view *view,
    const struct stage_view *stage, size_t width)
{
	bool is_utf8 = pen->face->is_utf8;
	double total = stage_total(view, stage);
	size_t done = (size_t)((double)stage->done / total * (double)width);
	size_t now = (size_t)((double)stage->items / total * (double)width);

	if (width == 0)
		return;
	done = done > width ? width : done;
	if (now == 0 && stage->items > 0)
		now = 1;
	if (now > width - done)
		now = width - done;
	/* Somebody is in it, so it is not over. */
	if (now == 0 && stage->items > 0) {
		done--;
		now = 1;
	}
	pen_repeat(pen, GREEN, is_utf8 ? "\xE2\x96\x88" : "#", done);
	pen_repeat(pen, YELLOW, is_utf8 ? "\xE2\x96\x92" : "+", now);
	pen_repeat(pen, DIM, is_utf8 ? "\xE2\x96\x91" : "-",
	    width - done - now);
}

static void
stage_put(struct pen *pen, const struct job_view *view,
    const struct stage_view *stage)
{
	bool is_wide = pen->face->width >= STAGE_WIDE;
	size_t tail = is_wide ? STAGE_TAIL : STAGE_TAIL_SHORT;
	struct buf text, took;
	size_t width;

	buf_init(&text, WORDS_BYTES_MAX);
	buf_init(&took, WORDS_BYTES_MAX);
	pen_line(pen);
	text_clean(&text, stage->name, strlen(stage->name));
	(void)buf_printf(&took, "  %-*s  ", NAME_COLUMNS, buf_text(&text));
	pen_put(pen, stage->items > 0 ? BOLD : "", buf_text(&took));
	width = pen->left > tail ? pen->left - tail : 0;
	stage_bar_put(pen, view, stage, width > STACK_MAX ? STACK_MAX : width);
	buf_clear(&text);
	buf_clear(&took);
	/* One unit as long as it is short: digits that run are no news. */
	if (stage->seconds >= 9.95)
		seconds_put(&took, stage->seconds);
	else if (stage->seconds >= 0.05)
		(void)buf_printf(&took, "%.1f s", stage->seconds);
	if (is_wide)
		(void)buf_printf(&text, "%9llu passed %4llu in it %10s",
		    (unsigned long long)stage->done,
		    (unsigned long long)stage->items, buf_text(&took));
	else
		(void)buf_printf(&text, "%8llu %4llu",
		    (unsigned long long)stage->done,
		    (unsigned long long)stage->items);
	pen_put(pen, "", buf_text(&text));
	buf_fini(&took);
	buf_fini(&text);
}

/* Where there is no room for all, those that are busy. */
static void
stages_put(struct pen *pen, const struct job_view *view, size_t *lines)
{
	bool is_all = *lines >= view->stage_count;
	size_t i;

	for (i = 0; i < view->stage_count && *lines > 0; i++) {
		if (!is_all && view->stages[i].items == 0)
			continue;
		stage_put(pen, view, &view->stages[i]);
		--*lines;
	}
}

/* ---- waits and failures ----------------------------------------------- */

static const char *
wait_words(const char *name)
{
	static const struct {
		const char *name, *words;
	} rows[] = {
#define WAIT(name, words) {name, words},
#include "cmd/wait_tbl.h"
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].words;
	return NULL;
}

static void
wait_put(struct pen *pen, const struct job_view *view, size_t *lines)
{
	const char *words = wait_words(view->waiting_for);
	struct buf text;

	if (view->waiting_for[0] == '\0' || *lines == 0 ||
	    job_view_is_final(view) ||
	    (strcmp(view->waiting_for, "worker") == 0 &&
		view->stage[0] != '\0'))
		return;
	buf_init(&text, WORDS_BYTES_MAX);
	if (words != NULL) {
		(void)buf_puts(&text, words);
	} else {
		(void)buf_puts(&text, "waits for ");
		text_clean(&text, view->waiting_for,
		    strlen(view->waiting_for));
	}
	pen_line(pen);
	pen_put(pen, "", "  ");
	pen_put(pen, YELLOW, buf_text(&text));
	buf_fini(&text);
	--*lines;
}

static void
failures_put(struct pen *pen, const struct failures *failures, size_t lines)
{
	const struct failure *row;
	struct buf text;
	size_t i;

	buf_init(&text, WORDS_BYTES_MAX);
	for (i = 0; i < failures->count && i < lines; i++) {
		row = &failures->rows[i];
		pen_line(pen);
		pen_put(pen, RED, "  failed ");
		buf_clear(&text);
		text_clean(&text, row->name, strlen(row->name));
		(void)buf_puts(&text, ": ");
		text_clean(&text, row->code, strlen(row->code));
		if (row->message[0] != '\0') {
			(void)buf_puts(&text, ": ");
			text_clean(&text, row->message,
			    strlen(row->message));
		}
		pen_put(pen, "", buf_text(&text));
	}
	buf_fini(&text);
}

void
frame_put(struct buf *out, const struct job_view *view,
    const struct failures *failures, const struct face *face)
{
	struct pen pen = pen_start(out, face);
	size_t lines;

	if (face->width < FRAME_WIDTH_MIN ||
	    face->height < FRAME_HEIGHT_MIN) {
		frame_bar_put(out, view, face);
		return;
	}
	/* One line stays free: a full screen would scroll. */
	lines = face->height - 1 - HEAD_LINES;
	head_put(&pen, view);
	stages_put(&pen, view, &lines);
	wait_put(&pen, view, &lines);
	failures_put(&pen, failures, lines);
}

/* ---- the one line ----------------------------------------------------- */

static void
bar_words_put(struct buf *words, const struct job_view *view)
{
	(void)buf_printf(words, "%llu/%llu",
	    (unsigned long long)job_view_ended(view),
	    (unsigned long long)view->counts.total);
	if (view->counts.failed > 0)
		(void)buf_printf(words, ", %llu failed",
		    (unsigned long long)view->counts.failed);
	if (view->counts.skipped > 0)
		(void)buf_printf(words, ", %llu skipped",
		    (unsigned long long)view->counts.skipped);
	if (view->state != JOB_RUNNING) {
		(void)buf_puts(words, ", ");
		job_view_state(view, words);
	}
	job_view_parts(view, words);
}

/*
 * Percent and bar come first; then the words as far as they fit, cut between
 * two of them.  The bar's width goes by the terminal's alone: words that come
 * and go must not make it jump.
 */
void
frame_bar_put(struct buf *out, const struct job_view *view,
    const struct face *face)
{
	const char *color = view->counts.failed > 0 ? RED : GREEN;
	size_t bar = face->width / 4, full, fit;
	struct pen pen = pen_start(out, face);
	struct buf words;
	char percent[32];
	const char *text;

	bar = bar < BAR_MIN ? BAR_MIN : bar > BAR_MAX ? BAR_MAX : bar;
	full = (size_t)(view->percent / 100 * (double)bar);
	full = full > bar ? bar : full;
	(void)snprintf(percent, sizeof(percent), "%3d %% [",
	    (int)view->percent);
	pen_put(&pen, "", percent);
	pen_repeat(&pen, color, "#", full);
	pen_repeat(&pen, "", "-", bar - full);
	pen_put(&pen, "", "] ");

	buf_init(&words, WORDS_BYTES_MAX);
	bar_words_put(&words, view);
	text = buf_text(&words);
	fit = words.len;
	while (fit > 0 && text_width(text, fit) > pen.left)
		for (fit--; fit > 0 && text[fit] != ','; fit--)
			;
	(void)buf_put(out, text, fit);
	buf_fini(&words);
}

void
frame_words_put(struct buf *out, const char *words, const struct face *face)
{
	struct pen pen = pen_start(out, face);
	struct buf text;

	buf_init(&text, WORDS_BYTES_MAX);
	text_clean(&text, words, strlen(words));
	pen_put(&pen, "", buf_text(&text));
	buf_fini(&text);
}
