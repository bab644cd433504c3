/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed Rich Text: a window of 4096 bytes that goes round, which begins
 * with the words that most such texts have, literals, and references into the
 * window.
 */
#include "base/buf.h"
#include "base/err.h"
#include "extractor/le.h"
#include "extractor/msg.h"

#define HEAD_SIZE 16u
#define WINDOW_SIZE 4096u
#define MAGIC_PACKED 0x75465A4Cu /* "LZFu" */
#define MAGIC_PLAIN 0x414C454Du	 /* "MELA" */

static const char common[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArial"
    "Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
#define COMMON_LEN (sizeof(common) - 1)
_Static_assert(COMMON_LEN == 207, "the window begins with 207 bytes");

/* The usual polynomial, but without the usual inversions. */
static uint32_t
checksum(const unsigned char *bytes, size_t len)
{
	static const uint32_t nibbles[16] = {0, 0x1DB71064, 0x3B6E20C8,
	    0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
	    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0,
	    0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		sum ^= bytes[i];
		sum = sum >> 4 ^ nibbles[sum & 15];
		sum = sum >> 4 ^ nibbles[sum & 15];
	}
	return sum;
}

static void
unpack(const unsigned char *at, const unsigned char *end, struct buf *out)
{
	char window[WINDOW_SIZE] = {0};
	unsigned write = COMMON_LEN, from, n, flags, bit;

	memcpy(window, common, COMMON_LEN);
	while (at < end && out->err == 0) {
		flags = *at++;
		for (bit = 0; bit < 8 && at < end; bit++, flags >>= 1) {
			if ((flags & 1) == 0) {
				(void)buf_putc(out, (char)*at); /* sticks */
				window[write] = (char)*at++;
				write = (write + 1) % WINDOW_SIZE;
				continue;
			}
			if (end - at < 2)
				return;
			from = (unsigned)at[0] << 4 | at[1] >> 4;
			n = (at[1] & 15u) + 2;
			at += 2;
			if (from == write)
				return; /* that is how it ends */
			for (; n > 0; n--) {
				(void)buf_putc(out, window[from]);
				window[write] = window[from];
				write = (write + 1) % WINDOW_SIZE;
				from = (from + 1) % WINDOW_SIZE;
			}
		}
	}
}

int
msg_rtf_unpack(const char *bytes, size_t len, struct buf *out)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t packed, before = out->len;
	uint32_t magic;

	if (len < HEAD_SIZE)
		return ERR_SYNTAX;
	/* The first number is the length of all that follows it. */
	packed = le32(bytes);
	packed = packed < HEAD_SIZE - 4 || packed > len - 4
	    ? len - HEAD_SIZE : packed - (HEAD_SIZE - 4);
	magic = le32(bytes + 8);
	if (magic == MAGIC_PLAIN) {
		(void)buf_put(out, bytes + HEAD_SIZE, packed);
		return out->err;
	}
	if (magic != MAGIC_PACKED)
		return ERR_SYNTAX;
	unpack(at + HEAD_SIZE, at + HEAD_SIZE + packed, out);
	if (out->err < 0)
		return out->err;
	/* Programs that write a wrong sum exist; then all that was promised
	 * must be there. */
	if (checksum(at + HEAD_SIZE, packed) != le32(bytes + 12) &&
	    out->len - before < le32(bytes + 4))
		return ERR_SYNTAX;
	return 0;
}
