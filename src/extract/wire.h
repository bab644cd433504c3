/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: what the server and its extractor child say to each other, byte for
 * byte (docs/formats/extractor.md).
 *
 * Floor 3, definitions only: the child includes it as well.  All numbers are
 * little-endian.  The child's side of the stream is untrusted.
 */
#ifndef EXTRACT_WIRE_H
#define EXTRACT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define WIRE_MAGIC 0x314B4454u /* "TDK1" */
#define WIRE_VERSION 3u

/* The descriptor on which the child finds its end of the socket. */
#define WIRE_FD 3

#define WIRE_TITLE_MAX 255u
#define WIRE_MEDIA_TYPE_MAX 79u
#define WIRE_LANGUAGE_MAX 15u
#define WIRE_MESSAGE_MAX 255u

/* The status of a child that ended because memory ran out. */
#define WIRE_EXIT_MEMORY 40

/* Server to child: one request, name_len bytes of name behind it, and the
 * file's descriptor as SCM_RIGHTS with the first byte. */
struct wire_request {
	uint32_t magic;
	uint16_t version;
	uint16_t name_len; /* at most NAME_BYTES_MAX */
	uint32_t id;	   /* comes back in every frame of the answer */
	uint32_t cpu_seconds_max;
	uint64_t text_bytes_max;
	uint64_t file_bytes; /* its size: the child cannot ask */
	uint64_t member_bytes_max; /* of all members together */
	uint32_t members_max;
	uint32_t flags; /* WIRE_READ_...; others 0 */
};

/* The file is plain text, whatever its name and its look say. */
#define WIRE_READ_TEXT 1u
/* What is plain text comes as it is, in blocks of BLOCK_VERBATIM. */
#define WIRE_READ_VERBATIM 2u
#define WIRE_READ_ALL (WIRE_READ_TEXT | WIRE_READ_VERBATIM)

/* Append, never renumber. */
enum wire_type {
	WIRE_HELLO = 1, /* once, before the first request */
	WIRE_BLOCK = 2,
	WIRE_META = 3, /* at most once in an answer */
	WIRE_END = 4,  /* the last of an answer */
	WIRE_PROPERTY = 5,
	WIRE_MEMBER = 6, /* a document inside the document begins */
	WIRE_MEMBER_BYTES = 7,
	WIRE_MEMBER_END = 8,
	WIRE_ALIVE = 9, /* without payload: at work, with nothing to say */
	WIRE_TYPE_COUNT
};

#define WIRE_FLAG_CONTINUED 1u

/* Child to server: a frame, len bytes of payload behind it. */
struct wire_frame {
	uint32_t len; /* at most BLOCK_BYTES_MAX */
	uint8_t type;
	uint8_t kind;  /* enum block_kind in a block, enum property in a
			  property, else 0 */
	uint8_t level; /* of a block, else 0 */
	uint8_t flags; /* of a block, else 0 */
	uint32_t page; /* of a block, else 0 */
	uint32_t id;   /* of the request; 0 in a hello */
};

/* What of the sandbox is in force. */
#define WIRE_SANDBOX_SECCOMP 1u
#define WIRE_SANDBOX_LANDLOCK 2u
#define WIRE_SANDBOX_RLIMITS 4u
#define WIRE_SANDBOX_NO_NEW_PRIVS 8u
#define WIRE_SANDBOX_NEEDED                                                   \
	(WIRE_SANDBOX_SECCOMP | WIRE_SANDBOX_RLIMITS |                        \
	    WIRE_SANDBOX_NO_NEW_PRIVS)

/* What it can do that depends on the machine. */
#define WIRE_FEATURE_OCR 1u

struct wire_hello {
	uint32_t magic;
	uint16_t version;
	uint16_t features;
	uint32_t sandbox;
};

/* Followed by title, media type and language, not terminated. */
struct wire_meta {
	uint32_t pages;
	uint32_t pages_bare; /* of them without text, but with a picture */
	uint16_t title_len;
	uint16_t media_type_len;
	uint16_t language_len;
	uint16_t reserved; /* 0 */
};

/* Followed by the message, not terminated. */
struct wire_end {
	uint32_t code; /* enum item_code */
	uint16_t message_len;
	uint16_t reserved;   /* 0 */
	uint64_t text_bytes; /* of all blocks: checked by the server */
};

/* Followed by the message, not terminated. */
struct wire_member_end {
	uint32_t code; /* enum item_code: why its bytes are not all there */
	uint16_t message_len;
	uint16_t reserved; /* 0 */
	uint64_t bytes;	   /* of all WIRE_MEMBER_BYTES: checked */
};

_Static_assert(sizeof(struct wire_request) == 48, "layout");
_Static_assert(offsetof(struct wire_request, name_len) == 6, "layout");
_Static_assert(offsetof(struct wire_request, text_bytes_max) == 16, "layout");
_Static_assert(offsetof(struct wire_request, flags) == 44, "layout");
_Static_assert(sizeof(struct wire_frame) == 16, "layout");
_Static_assert(offsetof(struct wire_frame, type) == 4, "layout");
_Static_assert(offsetof(struct wire_frame, page) == 8, "layout");
_Static_assert(sizeof(struct wire_hello) == 12, "layout");
_Static_assert(sizeof(struct wire_meta) == 16, "layout");
_Static_assert(sizeof(struct wire_member_end) == 16, "layout");
_Static_assert(sizeof(struct wire_end) == 16, "layout");
_Static_assert(offsetof(struct wire_end, text_bytes) == 8, "layout");

#define WIRE_FRAME_MAX (sizeof(struct wire_frame) + (size_t)BLOCK_BYTES_MAX)

#endif
