/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket_fuzz: what a stranger sends over a WebSocket, in pieces of any size,
 * to an end that sends texts and pings meanwhile and is not always let.
 *
 * The first byte of an input says how large the pieces are and what is said;
 * the rest is what comes.  What is sent must be frames that a client can read.
 */
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/frames.h"

#define TURNS_MAX 100000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	const uint8_t *in;
	size_t in_len, in_at;
	size_t piece; /* read and written at once; 0: all */
	unsigned turn;
	bool is_ended; /* the peer goes when it has said all */

	/* What was written: a client's state. */
	uint8_t head[10];
	size_t head_len, need, left;
	unsigned opcode, close_code;
	uint8_t payload[125];
	size_t payload_len;
	bool is_closed;
	size_t texts, pings, pongs;
};

static ptrdiff_t
fuzz_read(void *arg, void *bytes, size_t len)
{
	struct world *world = arg;
	size_t left = world->in_len - world->in_at;

	if (left == 0)
		return world->is_ended ? -1 : 0;
	/* Now and then there is nothing yet. */
	if (world->piece != 0 && world->turn++ % 3 == 2)
		return 0;
	len = len < left ? len : left;
	if (world->piece != 0 && len > world->piece)
		len = world->piece;
	memcpy(bytes, world->in + world->in_at, len);
	world->in_at += len;
	return (ptrdiff_t)len;
}

static void
client_end(struct world *world)
{
	const char *reason = (const char *)world->payload + 2;

	switch (world->opcode) {
	case 0x1:
		world->texts++;
		break;
	case 0x8:
		world->is_closed = true;
		ASSERT(world->payload_len != 1);
		if (world->payload_len == 0)
			break;
		world->close_code = (unsigned)world->payload[0] << 8 |
		    world->payload[1];
		ASSERT(utf8_is_valid(reason, world->payload_len - 2));
		break;
	case 0x9:
		world->pings++;
		break;
	default:
		ASSERT(world->opcode == 0xA);
		world->pongs++;
	}
	world->head_len = world->need = 0;
}

/* The client takes one byte. */
static void
client_take(struct world *world, uint8_t byte)
{
	size_t i;

	ASSERT(!world->is_closed); /* nothing comes behind a close */
	if (world->need == 0 || world->head_len < world->need) {
		world->head[world->head_len++] = byte;
		if (world->head_len == 1) {
			ASSERT((byte & 0xF0) == 0x80);
			world->opcode = byte & 0x0F;
			world->need = 2;
		} else if (world->head_len == 2) {
			ASSERT((byte & 0x80) == 0); /* not masked */
			world->need = byte == 127 ? 10 : byte == 126 ? 4 : 2;
			world->left = byte;
		}
		if (world->head_len < world->need || world->head_len < 2)
			return;
		for (i = 2; i < world->need; i++)
			world->left = (i == 2 ? 0 : world->left << 8) |
			    world->head[i];
		ASSERT(world->opcode < 8 || world->left <= 125);
		world->payload_len = 0;
	} else {
		if (world->opcode >= 8)
			world->payload[world->payload_len++] = byte;
		world->left--;
	}
	if (world->left == 0)
		client_end(world);
}

static ptrdiff_t
fuzz_write(void *arg, const void *bytes, size_t len, bool goes_on)
{
	struct world *world = arg;
	size_t i;

	(void)goes_on;
	if (world->piece != 0 && world->turn++ % 3 == 1)
		return 0;
	if (world->piece != 0 && len > world->piece)
		len = world->piece;
	for (i = 0; i < len; i++)
		client_take(world, ((const uint8_t *)bytes)[i]);
	return (ptrdiff_t)len;
}

/* Say something, if it may be said. */
static void
speak(struct frames *frames, unsigned what)
{
	char *text;
	size_t len = what % 7 * 100;

	if (frames_is_closing(frames) || frames_wants_write(frames))
		return;
	if (what % 5 == 0)
		frames_ping(frames);
	text = mem_alloc(len + 1);
	ASSERT(text != NULL);
	memset(text, 'x', len);
	frames_text(frames, &text, len);
	ASSERT(text == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct frames_io io = {.read = fuzz_read,
	    .write = fuzz_write};
	struct world world = {.turn = 0};
	struct frames *frames;
	unsigned turn;

	if (size == 0)
		return 0;
	world.in = data + 1;
	world.in_len = size - 1;
	world.piece = data[0] % 8;
	world.is_ended = (data[0] & 8) != 0;
	frames = frames_new(&io, &world);
	ASSERT(frames != NULL);
	for (turn = 0; turn < TURNS_MAX && !frames_is_over(frames) &&
	    !frames_is_refused(frames); turn++) {
		if ((data[0] & 16) != 0)
			speak(frames, turn);
		if ((data[0] & 32) != 0 && turn == 7)
			frames_close(frames, FRAMES_NORMAL, "done");
		frames_read(frames);
		frames_write(frames);
		if (world.in_at == world.in_len &&
		    !frames_wants_write(frames) && !world.is_ended)
			break;
	}
	/* It comes to an end, whatever was sent. */
	ASSERT(turn < TURNS_MAX);
	ASSERT(world.close_code == 0 ||
	    world.close_code == frames_code_sent(frames));
	ASSERT(!world.is_closed || frames_is_closing(frames));
	frames_free(frames);
	return 0;
}
