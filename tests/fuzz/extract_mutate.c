/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "tests/fuzz/extract_mutate.h"

#define MUTATE_DEPTH_MAX 3u
#define MUTATE_MAX (1 * MIB)

/* One for each depth: a package may lie in another. */
static struct pieces taken[MUTATE_DEPTH_MAX];
static struct buf joined[MUTATE_DEPTH_MAX];

size_t
dice_roll(struct dice *dice, size_t sides)
{
	ASSERT(sides > 0);
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (size_t)(dice->state % sides);
}

void
pieces_init(struct pieces *pieces)
{
	size_t i;

	pieces->count = 0;
	for (i = 0; i < PIECES_MAX; i++)
		buf_init(&pieces->piece[i].bytes, PIECE_BYTES_MAX);
}

void
pieces_clear(struct pieces *pieces)
{
	pieces->count = 0;
	memset(pieces->class, 0, sizeof(pieces->class));
}

struct piece *
pieces_add(struct pieces *pieces, const char *name, unsigned parent,
    bool is_folder)
{
	struct piece *piece = &pieces->piece[pieces->count];
	size_t len = strlen(name);

	if (pieces->count == PIECES_MAX || len >= sizeof(piece->name))
		return NULL;
	pieces->count++;
	memcpy(piece->name, name, len + 1);
	piece->parent = parent;
	piece->is_folder = is_folder;
	memset(piece->class, 0, sizeof(piece->class));
	buf_clear(&piece->bytes);
	return piece;
}

size_t
mutate_name_len(const uint8_t *data, size_t len)
{
	const uint8_t *end;

	if (len == 0 || data[0] != '@')
		return 0;
	if (len > NAME_BYTES_MAX)
		len = NAME_BYTES_MAX;
	end = memchr(data, '\n', len);
	return end == NULL ? 0 : (size_t)(end - data) + 1;
}

static bool
begins(const struct buf *bytes, const char *with, size_t len)
{
	return bytes->len >= len && memcmp(bytes->data, with, len) == 0;
}

/* As libFuzzer does it, whatever they are. */
static void
mutate_bytes(struct buf *bytes)
{
	size_t room = bytes->len * 2 + 64;

	if (room > PIECE_BYTES_MAX)
		room = PIECE_BYTES_MAX;
	if (room < bytes->len || buf_reserve(bytes, room - bytes->len) < 0)
		return;
	bytes->len = LLVMFuzzerMutate((uint8_t *)bytes->data, bytes->len,
	    room);
	bytes->data[bytes->len] = '\0';
}

static void mutate(struct buf *bytes, struct dice *dice, unsigned depth);

/* Of a few pieces that chance picks, one with something in it. */
static struct piece *
pick(struct pieces *pieces, struct dice *dice)
{
	struct piece *piece = NULL;
	unsigned i;

	for (i = 0; i < 8; i++) {
		piece = &pieces->piece[dice_roll(dice, pieces->count)];
		if (!piece->is_folder && piece->bytes.len > 0)
			break;
	}
	return piece;
}

static void
copy_bytes(const struct piece *from, struct piece *to)
{
	if (from == to)
		return;
	buf_clear(&to->bytes);
	(void)buf_put(&to->bytes, buf_text(&from->bytes), from->bytes.len);
}

static void
mutate_pieces(struct pieces *pieces, struct dice *dice, unsigned depth)
{
	struct piece *piece = pick(pieces, dice), *other;

	if (piece->is_folder)
		return;
	switch (dice_roll(dice, 48)) {
	case 0: /* a part that others speak of is missing */
		(void)snprintf(piece->name, sizeof(piece->name), "lost");
		break;
	case 1: /* or is something else */
		copy_bytes(pick(pieces, dice), piece);
		break;
	case 2: /* or there twice */
		other = pieces_add(pieces, piece->name, piece->parent, false);
		if (other != NULL)
			copy_bytes(piece, other);
		break;
	default:
		mutate(&piece->bytes, dice, depth + 1);
		break;
	}
}

/* 16 bits each of type and length, then so many bytes. */
static bool
looks_like_records(const struct buf *bytes)
{
	return begins(bytes, "\x09\x08\x10\0", 4) ||
	    begins(bytes, "\x09\x08\x08\0", 4);
}

static void
mutate_container(struct buf *bytes, struct dice *dice, unsigned depth,
    bool is_package)
{
	struct pieces *pieces = &taken[depth];
	struct buf *out = &joined[depth];
	const uint8_t *from = (const uint8_t *)bytes->data;
	size_t rounds = 1 + dice_roll(dice, 3), i;
	bool is_split;

	is_split = is_package ? package_split(from, bytes->len, pieces)
			      : compound_split(from, bytes->len, pieces);
	if (!is_split || pieces->count == 0) {
		mutate_bytes(bytes);
		return;
	}
	for (i = 0; i < rounds; i++)
		mutate_pieces(pieces, dice, depth);
	if (is_package ? !package_join(pieces, out)
		       : !compound_join(pieces, out))
		return;
	if (out->len > bytes->max)
		return;
	buf_clear(bytes);
	(void)buf_put(bytes, out->data, out->len);
}

static void
mutate(struct buf *bytes, struct dice *dice, unsigned depth)
{
	bool is_package = begins(bytes, "PK\3\4", 4);
	bool is_compound = begins(bytes, "\xD0\xCF\x11\xE0", 4);
	size_t i;

	if ((is_package || is_compound) && depth < MUTATE_DEPTH_MAX &&
	    dice_roll(dice, 16) != 0) {
		mutate_container(bytes, dice, depth, is_package);
		return;
	}
	if (looks_like_records(bytes) && dice_roll(dice, 3) != 0 &&
	    records_mutate(bytes, dice))
		return;
	for (i = 0; i < bytes->len && bytes->data[i] != '<' && i < 64; i++)
		continue;
	if (i < bytes->len && bytes->data[i] == '<' &&
	    dice_roll(dice, 4) != 0 && xml_mutate(bytes, dice))
		return;
	mutate_bytes(bytes);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
    unsigned int seed)
{
	static struct buf bytes;
	struct dice dice = {.state = 0x9E3779B97F4A7C15u ^ seed};
	size_t line = mutate_name_len(data, size), i;

	if (bytes.max == 0) {
		buf_init(&bytes, MUTATE_MAX);
		for (i = 0; i < MUTATE_DEPTH_MAX; i++) {
			pieces_init(&taken[i]);
			buf_init(&joined[i], MUTATE_MAX);
		}
	}
	if (size == line || dice_roll(&dice, 64) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	buf_clear(&bytes);
	if (buf_put(&bytes, data + line, size - line) < 0)
		return LLVMFuzzerMutate(data, size, max_size);
	mutate(&bytes, &dice, 0);
	/* It has grown too much: of texts the beginning will do. */
	if (line + bytes.len > max_size) {
		if (begins(&bytes, "PK\3\4", 4) ||
		    begins(&bytes, "\xD0\xCF\x11\xE0", 4))
			return LLVMFuzzerMutate(data, size, max_size);
		bytes.len = max_size - line;
	}
	memcpy(data + line, bytes.data, bytes.len);
	return line + bytes.len;
}
