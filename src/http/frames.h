/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames: the server's end of a WebSocket (RFC 6455), from the handshake on.
 *
 * Floor 5, pure but for the bytes that io moves.  Texts go out, whole and one
 * at a time.  Of what comes in, control frames are answered; a message is
 * refused (1003), as nobody here takes any, and so is what the RFC does not
 * allow (1002, 1007).  Nothing that a peer sends makes it keep more than some
 * KiB.  One thread at a time.
 */
#ifndef HTTP_FRAMES_H
#define HTTP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frames;

/* Of a close frame's reason, without the code before it. */
#define FRAMES_REASON_BYTES_MAX 123u
/* What is still read, and forgotten, of a peer that was refused, so that the
 * refusal is not lost with the connection. */
#define FRAMES_DISCARD_BYTES 262144u

/* Codes that this server sends. */
enum frames_code {
	FRAMES_NORMAL = 1000,
	FRAMES_GOING_AWAY = 1001,
	FRAMES_PROTOCOL = 1002,
	FRAMES_UNSUPPORTED = 1003,
	FRAMES_NO_CODE = 1005, /* never sent: the peer gave none */
	FRAMES_BAD_TEXT = 1007,
	FRAMES_POLICY = 1008,
	FRAMES_INTERNAL = 1011,
};

struct frames_io {
	/* Up to len bytes; 0: none just now; negative: there is no peer any
	 * more. */
	ptrdiff_t (*read)(void *arg, void *bytes, size_t len);
	/* `goes_on`: more comes at once. */
	ptrdiff_t (*write)(void *arg, const void *bytes, size_t len,
	    bool goes_on);
};

/* Keeps io and arg; returns owned (frames_free); NULL: no memory. */
struct frames *frames_new(const struct frames_io *io, void *arg);
void frames_free(struct frames *frames);

/* Send text, valid UTF-8, which is taken (mem_free).  Only when nothing else
 * is on its way (frames_wants_write()), and not after a close. */
void frames_text(struct frames *frames, char **text, size_t len);
/* Ask for a sign of life. */
void frames_ping(struct frames *frames);
/* Close, after what is being sent; the first call counts.  reason: UTF-8, cut
 * to FRAMES_REASON_BYTES_MAX. */
void frames_close(struct frames *frames, enum frames_code code,
    const char *reason);

/* Read, or write, until io has no more, or takes no more. */
void frames_read(struct frames *frames);
void frames_write(struct frames *frames);

/* Is there anything left to write? */
bool frames_wants_write(const struct frames *frames);
/* Has a close been asked for, by either side? */
bool frames_is_closing(const struct frames *frames);
/* Has ours been written, and will the peer's not be waited for? */
bool frames_is_refused(const struct frames *frames);
/* Nothing is left to say: both have closed, or the peer is not there. */
bool frames_is_over(const struct frames *frames);
/* Frames that came whole; what the peer does not send does not raise it. */
uint64_t frames_heard(const struct frames *frames);
/* The code that was or will be sent, 0: none. */
unsigned frames_code_sent(const struct frames *frames);

#endif
