/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes (sprm): a number and an operand.  Since Word 97 the number has two
 * bytes and says how long the operand is; before it had one, and the lengths
 * stand in a table here.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/doc.h"
#include "extractor/le.h"
#include "extractor/ole.h"

enum {
	PARAGRAPH_LIST_LEVEL = 0x260A,
	PARAGRAPH_LIST = 0x460B,
	PARAGRAPH_IN_TABLE = 0x2416,
	PARAGRAPH_ROW_END = 0x2417,
	PARAGRAPH_OUTLINE = 0x2640,
	PARAGRAPH_HUGE = 0x6646,
	PARAGRAPH_HUGE_OLD = 0x6645,
	PARAGRAPH_TABLE_DEPTH = 0x6649,
	PARAGRAPH_INNER_CELL = 0x244B,
	PARAGRAPH_INNER_ROW_END = 0x244C,
	PARAGRAPH_TABS = 0xC615,
	TABLE_HEADER = 0x3404,
	TABLE_DEFINITION = 0xD608,
	TABLE_DEFINITION_OLD = 0xD606,
	CHARACTER_DELETED = 0x0800,
	CHARACTER_SYMBOL = 0x6A09,
	CHARACTER_PLAIN = 0x2A33,
	CHARACTER_BOLD = 0x0835,
	CHARACTER_HIDDEN = 0x083C,
	CHARACTER_SPECIAL = 0x0855,
	CHARACTER_FONT = 0x4A4F,
	CHARACTER_FONT_OLD = 0x4A3D,
};

/* The same by the numbers of Word 6. */
static const struct {
	uint8_t old;
	uint16_t now;
} old_changes[] = {
    {13, PARAGRAPH_LIST_LEVEL},
    {24, PARAGRAPH_IN_TABLE}, {25, PARAGRAPH_ROW_END},
    {65, CHARACTER_DELETED}, {74, CHARACTER_SYMBOL}, {83, CHARACTER_PLAIN},
    {85, CHARACTER_BOLD}, {92, CHARACTER_HIDDEN}, {93, CHARACTER_FONT},
    {117, CHARACTER_SPECIAL}, {186, TABLE_HEADER},
};

/* How long the operands of Word 6 are, a digit for each number: V has its
 * length in its first byte, W in its first two, C is a dozen. */
static const char old_lengths[] =
    "112V11111111V11V2222422V1122212222222122" /* 0 */
    "2222122222111111111111111111124123411111" /* 40 */
    "2V111111111112132212121V1222V22111111111" /* 80 */
    "C222211111111111331122112211221111222211" /* 120 */
    "221122222222111111111122211CV2WV45424221" /* 160 */
    "4" /* 200 */;

struct change {
	unsigned number;
	const unsigned char *operand;
	size_t len;
};

static size_t
operand_length_old(unsigned number, const unsigned char *operand, size_t len)
{
	char kind = number < sizeof(old_lengths) - 1 ? old_lengths[number]
						      : '1';

	switch (kind) {
	case 'V':
		return len < 1 ? 1 : 1u + operand[0];
	case 'W':
		return len < 2 ? 2 : 1u + le16(operand);
	case 'C':
		return 12;
	default:
		return (size_t)(kind - '0');
	}
}

static size_t
operand_length(unsigned number, const unsigned char *operand, size_t len)
{
	static const uint8_t lengths[8] = {1, 1, 2, 4, 2, 2, 0, 3};
	size_t deleted;

	if (number >> 13 != 6)
		return lengths[number >> 13];
	if (number == TABLE_DEFINITION || number == TABLE_DEFINITION_OLD)
		return len < 2 ? 2 : 1u + le16(operand);
	if (len < 1)
		return 1;
	if (number != PARAGRAPH_TABS || operand[0] != 255)
		return 1u + operand[0];
	/* Too many tabulators for a byte: they are counted. */
	if (len < 2)
		return 2;
	deleted = 2 + 4u * operand[1];
	return len <= deleted ? len + 1 : deleted + 1 + 3u * operand[deleted];
}

/* The change at *at; false at the end, or where the list is damaged. */
static bool
next_change(const struct doc *doc, const unsigned char *changes, size_t len,
    size_t *at, struct change *ret_change)
{
	size_t head = doc->is_old ? 1 : 2, i;
	struct change change;

	if (len - *at < head)
		return false;
	change.number = doc->is_old ? changes[*at] : le16(changes + *at);
	change.operand = changes + *at + head;
	*at += head;
	if (doc->is_old) {
		change.len = operand_length_old(change.number, change.operand,
		    len - *at);
		for (i = 0; i < sizeof(old_changes) / sizeof(old_changes[0]);
		     i++)
			if (old_changes[i].old == change.number)
				break;
		if (i < sizeof(old_changes) / sizeof(old_changes[0]))
			change.number = old_changes[i].now;
	} else {
		change.len = operand_length(change.number, change.operand,
		    len - *at);
	}
	if (change.len == 0 || change.len > len - *at)
		return false;
	*at += change.len;
	*ret_change = change;
	return true;
}

/* Changes that are too many for a page stand in the stream Data. */
static void
change_huge(struct doc *doc, uint32_t at, struct doc_paragraph *paragraph)
{
	unsigned char head[2];
	size_t len;
	long n;

	if (doc->data == NULL || doc->huge.len > 0 ||
	    ole_stream_read_at(doc->data, at, head, sizeof(head)) !=
		(long)sizeof(head))
		return;
	len = le16(head);
	if (len == 0 || buf_reserve(&doc->huge, len) < 0)
		return;
	n = ole_stream_read_at(doc->data, (uint64_t)at + 2, doc->huge.data,
	    len);
	if (n > 0) {
		doc->huge.len = (size_t)n; /* and none of these in it */
		doc_change_paragraph(doc,
		    (const unsigned char *)doc->huge.data, (size_t)n,
		    paragraph);
	}
	doc->huge.len = 0;
}

static void
change_paragraph(struct doc *doc, const struct change *change,
    struct doc_paragraph *paragraph)
{
	const unsigned char *operand = change->operand;

	switch (change->number) {
	case PARAGRAPH_LIST_LEVEL:
		paragraph->list_level = operand[0] < 9 ? operand[0] : 8;
		if (doc->is_old) { /* 10 is a bullet, 11 continues */
			paragraph->is_list = operand[0] > 0;
			paragraph->list_level = 0;
		}
		break;
	case PARAGRAPH_LIST:
		paragraph->is_list = le16(operand) != 0;
		break;
	case PARAGRAPH_IN_TABLE:
		paragraph->is_in_table = operand[0] != 0;
		break;
	case PARAGRAPH_ROW_END:
		paragraph->is_row_end = operand[0] != 0;
		break;
	case PARAGRAPH_TABLE_DEPTH:
		paragraph->is_in_table = le32(operand) != 0;
		break;
	case PARAGRAPH_INNER_CELL:
		paragraph->is_inner_cell = operand[0] != 0;
		break;
	case PARAGRAPH_INNER_ROW_END:
		paragraph->is_inner_row_end = operand[0] != 0;
		break;
	case PARAGRAPH_OUTLINE:
		paragraph->outline = operand[0] < DOC_BODY ? operand[0]
							   : DOC_BODY;
		break;
	case TABLE_HEADER:
		paragraph->is_header = operand[0] != 0;
		break;
	case PARAGRAPH_HUGE:
	case PARAGRAPH_HUGE_OLD:
		change_huge(doc, le32(operand), paragraph);
		break;
	default:
		break;
	}
}

void
doc_change_paragraph(struct doc *doc, const unsigned char *changes,
    size_t len, struct doc_paragraph *paragraph)
{
	struct change change;
	size_t at = 0;

	while (next_change(doc, changes, len, &at, &change))
		change_paragraph(doc, &change, paragraph);
}

/* Switches may say "as the style has it", or the opposite of that. */
static bool
toggle(unsigned char operand, bool of_style)
{
	return operand == 0x80 ? of_style
	    : operand == 0x81  ? !of_style
			       : operand != 0;
}

void
doc_change_character(const struct doc *doc, const unsigned char *changes,
    size_t len, const struct doc_character *style,
    struct doc_character *character)
{
	const unsigned char *operand;
	struct change change;
	size_t at = 0;

	while (next_change(doc, changes, len, &at, &change)) {
		operand = change.operand;
		switch (change.number) {
		case CHARACTER_DELETED:
			character->is_deleted = operand[0] != 0;
			break;
		case CHARACTER_BOLD:
			character->is_bold = toggle(operand[0],
			    style->is_bold);
			break;
		case CHARACTER_HIDDEN:
			character->is_hidden = toggle(operand[0],
			    style->is_hidden);
			break;
		case CHARACTER_SPECIAL:
			character->is_special = operand[0] != 0;
			break;
		case CHARACTER_FONT:
		case CHARACTER_FONT_OLD:
			character->font = le16(operand);
			break;
		case CHARACTER_SYMBOL:
			/* The old one has its length in front. */
			character->font = le16(operand + doc->is_old);
			character->symbol = doc->is_old
			    ? (uint16_t)(0xF000 | operand[3])
			    : le16(operand + 2);
			break;
		case CHARACTER_PLAIN:
			*character = *style;
			break;
		default:
			break;
		}
	}
}
