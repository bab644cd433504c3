/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How bytes become frames is wslay's business (wslay_frame_*); what a frame
 * means is dealt with here.  wslay has a layer for that as well, but it closes
 * without a code on what is malformed, answers each ping of a flood with a
 * pong of its own in a queue without end, and gathers messages.
 *
 * Going out there is at most one of each: the newest ping's pong, a ping, a
 * text, a close.  A frame that has been begun is finished first, then control
 * frames come before the text, and a close after it; only where the peer was
 * refused, a text that has not been begun is dropped.
 */
#include <string.h>

#include <wslay/wslay.h>

#include "base/assert.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/frames.h"

#define CONTROL_BYTES_MAX 125u
#define CODE_BYTES 2u

_Static_assert(FRAMES_REASON_BYTES_MAX + CODE_BYTES == CONTROL_BYTES_MAX,
    "a reason and its code fill a control frame");

/* A control frame's payload. */
struct control {
	uint8_t bytes[CONTROL_BYTES_MAX];
	size_t len;
	bool is_set;
};

struct frames {
	wslay_frame_context_ptr wslay;
	const struct frames_io *io;
	void *arg;
	bool is_gone; /* the peer */
	bool is_deaf; /* it was refused: what comes is not looked at */
	bool is_close_read, is_close_written;
	size_t discarded;
	uint64_t heard;
	unsigned code;

	/* Coming in: a frame that has not ended. */
	bool is_in;
	uint64_t in_left;
	struct control in;

	/* Going out; what is being written is in now. */
	struct control pong, ping, close, now;
	uint8_t opcode; /* being written; WSLAY_CONTINUATION_FRAME: none */
	char *text;
	size_t text_len, written; /* of what is being written */
};

/* ---- bytes -------------------------------------------------------------- */

static ssize_t
on_recv(uint8_t *bytes, size_t len, int flags, void *arg)
{
	struct frames *frames = arg;
	ptrdiff_t n;

	(void)flags;
	n = frames->io->read(frames->arg, bytes, len);
	if (n < 0)
		frames->is_gone = true;
	return n > 0 ? n : -1;
}

static ssize_t
on_send(const uint8_t *bytes, size_t len, int flags, void *arg)
{
	struct frames *frames = arg;
	ptrdiff_t n;

	n = frames->io->write(frames->arg, bytes, len,
	    (flags & WSLAY_MSG_MORE) != 0);
	if (n < 0)
		frames->is_gone = true;
	return n > 0 ? n : -1;
}

struct frames *
frames_new(const struct frames_io *io, void *arg)
{
	/* What a server sends is not masked. */
	static const struct wslay_frame_callbacks callbacks = {
	    .send_callback = on_send, .recv_callback = on_recv};
	struct frames *frames;

	frames = mem_zalloc(sizeof(*frames));
	if (frames == NULL)
		return NULL;
	if (wslay_frame_context_init(&frames->wslay, &callbacks, frames) !=
	    0) {
		mem_free(frames);
		return NULL;
	}
	frames->io = io;
	frames->arg = arg;
	return frames;
}

void
frames_free(struct frames *frames)
{
	if (frames == NULL)
		return;
	wslay_frame_context_free(frames->wslay);
	mem_free(frames->text);
	mem_free(frames);
}

/* ---- what is to be sent -------------------------------------------------- */

void
frames_text(struct frames *frames, char **text, size_t len)
{
	ASSERT(frames->text == NULL && !frames->close.is_set);
	frames->text = *text;
	frames->text_len = len;
	*text = NULL;
}

void
frames_ping(struct frames *frames)
{
	frames->ping.is_set = !frames->close.is_set;
}

/* A code of 0: a frame without one. */
static void
close_put(struct frames *frames, unsigned code, const char *reason,
    size_t len)
{
	struct control *out = &frames->close;

	if (out->is_set)
		return;
	out->is_set = true;
	frames->code = code == 0 ? FRAMES_NO_CODE : code;
	if (code == 0)
		return;
	out->bytes[0] = (uint8_t)(code >> 8);
	out->bytes[1] = (uint8_t)(code & 0xFF);
	memcpy(out->bytes + CODE_BYTES, reason, len);
	out->len = CODE_BYTES + len;
}

void
frames_close(struct frames *frames, enum frames_code code,
    const char *reason)
{
	size_t len = strlen(reason);

	close_put(frames, code, reason,
	    utf8_floor(reason, len, FRAMES_REASON_BYTES_MAX));
}

/* Nothing more is looked at of what the peer sends. */
static void
refuse(struct frames *frames, enum frames_code code, const char *reason)
{
	frames_close(frames, code, reason);
	frames->is_deaf = true;
	frames->ping.is_set = frames->pong.is_set = false;
	if (frames->opcode != WSLAY_TEXT_FRAME) {
		mem_free(frames->text);
		frames->text = NULL;
	}
}

/* ---- what comes --------------------------------------------------------- */

/* May a peer give that one (RFC 6455 7.4, and what was registered since)? */
static bool
code_is_good(unsigned code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 &&
	    code != 1005 && code != 1006) ||
	    (code >= 3000 && code <= 4999);
}

static void
take_close(struct frames *frames)
{
	const struct control *in = &frames->in;
	const char *reason = (const char *)in->bytes + CODE_BYTES;
	unsigned code;

	if (in->len == 0) {
		frames->is_close_read = true;
		close_put(frames, 0, "", 0);
		return;
	}
	code = in->len < CODE_BYTES
	    ? 0 : (unsigned)in->bytes[0] << 8 | in->bytes[1];
	if (!code_is_good(code)) {
		refuse(frames, FRAMES_PROTOCOL, "no such code of closing");
		return;
	}
	if (!utf8_is_valid(reason, in->len - CODE_BYTES)) {
		refuse(frames, FRAMES_BAD_TEXT, "the reason is not UTF-8");
		return;
	}
	frames->is_close_read = true;
	close_put(frames, code, "", 0);
}

/* A control frame that has come whole. */
static void
take_control(struct frames *frames, uint8_t opcode)
{
	frames->heard++;
	if (opcode == WSLAY_CONNECTION_CLOSE) {
		take_close(frames);
	} else if (opcode == WSLAY_PING && !frames->close.is_set) {
		/* Of several that were not answered yet, the last one is. */
		frames->pong = frames->in;
		frames->pong.is_set = true;
	}
}

/* The first bytes of a frame: may it be one?  wslay has seen to the length and
 * the end of control frames. */
static bool
frame_is_good(struct frames *frames, const struct wslay_frame_iocb *frame)
{
	if (frame->mask == 0)
		refuse(frames, FRAMES_PROTOCOL, "a client masks its frames");
	else if (frame->rsv != 0)
		refuse(frames, FRAMES_PROTOCOL, "no extension was agreed on");
	else if (frame->opcode == WSLAY_CONTINUATION_FRAME)
		refuse(frames, FRAMES_PROTOCOL, "there is nothing to go on "
		    "with");
	else if (frame->opcode == WSLAY_TEXT_FRAME ||
	    frame->opcode == WSLAY_BINARY_FRAME)
		refuse(frames, FRAMES_UNSUPPORTED, "no messages are taken "
		    "here");
	else if (frame->opcode != WSLAY_CONNECTION_CLOSE &&
	    frame->opcode != WSLAY_PING && frame->opcode != WSLAY_PONG)
		refuse(frames, FRAMES_PROTOCOL, "there is no such frame");
	else if (frame->fin == 0 ||
	    frame->payload_length > CONTROL_BYTES_MAX)
		refuse(frames, FRAMES_PROTOCOL, "a control frame is short and "
		    "whole");
	else
		return true;
	return false;
}

static void
take_frame(struct frames *frames, const struct wslay_frame_iocb *frame)
{
	struct control *in = &frames->in;

	if (!frames->is_in) {
		if (!frame_is_good(frames, frame))
			return;
		frames->is_in = true;
		frames->in_left = frame->payload_length;
		in->len = 0;
	}
	ASSERT(frame->data_length <= frames->in_left);
	if (frame->data_length > 0)
		memcpy(in->bytes + in->len, frame->data, frame->data_length);
	in->len += frame->data_length;
	frames->in_left -= frame->data_length;
	if (frames->in_left > 0)
		return;
	frames->is_in = false;
	take_control(frames, frame->opcode);
}

static void
discard(struct frames *frames)
{
	uint8_t bytes[4096];
	ptrdiff_t n;

	do {
		n = frames->io->read(frames->arg, bytes, sizeof(bytes));
		if (n > 0)
			frames->discarded += (size_t)n;
		if (n < 0 || frames->discarded > FRAMES_DISCARD_BYTES)
			frames->is_gone = true;
	} while (n > 0 && !frames->is_gone);
}

void
frames_read(struct frames *frames)
{
	struct wslay_frame_iocb frame;
	ssize_t n;

	while (!frames->is_gone && !frames->is_deaf &&
	    !frames->is_close_read) {
		memset(&frame, 0, sizeof(frame));
		n = wslay_frame_recv(frames->wslay, &frame);
		if (n == WSLAY_ERR_WANT_READ)
			break;
		if (n < 0)
			refuse(frames, FRAMES_PROTOCOL, "a malformed frame");
		else
			take_frame(frames, &frame);
	}
	if ((frames->is_deaf || frames->is_close_read) && !frames->is_gone)
		discard(frames);
}

/* ---- what goes ---------------------------------------------------------- */

/* Choose the next frame; false: there is none. */
static bool
frame_begin(struct frames *frames)
{
	struct control *from = NULL;

	frames->written = 0;
	if (frames->pong.is_set) {
		frames->opcode = WSLAY_PONG;
		from = &frames->pong;
	} else if (frames->ping.is_set) {
		frames->opcode = WSLAY_PING;
		from = &frames->ping;
	} else if (frames->text != NULL) {
		frames->opcode = WSLAY_TEXT_FRAME;
		return true;
	} else if (frames->close.is_set && !frames->is_close_written) {
		/* It stays set: nothing comes behind it. */
		frames->opcode = WSLAY_CONNECTION_CLOSE;
		frames->now = frames->close;
		return true;
	} else {
		return false;
	}
	frames->now = *from;
	from->is_set = false;
	return true;
}

static void
frame_end(struct frames *frames)
{
	if (frames->opcode == WSLAY_TEXT_FRAME) {
		mem_free(frames->text);
		frames->text = NULL;
	} else if (frames->opcode == WSLAY_CONNECTION_CLOSE) {
		frames->is_close_written = true;
	}
	frames->opcode = WSLAY_CONTINUATION_FRAME;
}

/* Write on; false: not all of it could be. */
static bool
frame_send(struct frames *frames)
{
	struct wslay_frame_iocb frame = {.fin = 1, .opcode = frames->opcode};
	const uint8_t *data = frames->now.bytes;
	size_t len = frames->now.len;
	ssize_t n;

	if (frames->opcode == WSLAY_TEXT_FRAME) {
		data = (const uint8_t *)frames->text;
		len = frames->text_len;
	}
	do {
		frame.payload_length = len;
		frame.data = data + frames->written;
		frame.data_length = len - frames->written;
		n = wslay_frame_send(frames->wslay, &frame);
		if (n < 0)
			return false;
		frames->written += (size_t)n;
	} while (frames->written < len && n > 0);
	return frames->written == len;
}

void
frames_write(struct frames *frames)
{
	while (!frames->is_gone) {
		if (frames->opcode == WSLAY_CONTINUATION_FRAME &&
		    !frame_begin(frames))
			break;
		if (!frame_send(frames))
			break;
		frame_end(frames);
	}
}

/* ---- how it stands ------------------------------------------------------ */

bool
frames_wants_write(const struct frames *frames)
{
	return !frames->is_gone &&
	    (frames->opcode != WSLAY_CONTINUATION_FRAME ||
	    frames->pong.is_set || frames->ping.is_set ||
	    frames->text != NULL ||
	    (frames->close.is_set && !frames->is_close_written));
}

bool
frames_is_closing(const struct frames *frames)
{
	return frames->close.is_set;
}

bool
frames_is_refused(const struct frames *frames)
{
	return frames->is_deaf && frames->is_close_written;
}

bool
frames_is_over(const struct frames *frames)
{
	return frames->is_gone ||
	    (frames->is_close_read && frames->is_close_written);
}

uint64_t
frames_heard(const struct frames *frames)
{
	return frames->heard;
}

unsigned
frames_code_sent(const struct frames *frames)
{
	return frames->code;
}
