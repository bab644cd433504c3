/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean: makes a block's text fit to be read and indexed.
 *
 * Floor 2, pure.  Control characters, byte order marks, zero-width and soft
 * hyphens go; runs of spaces become one and edges are trimmed (not in code,
 * where only line ends are); line breaks are unified; words split by a hyphen
 * at a line's end are joined; ligatures of the presentation forms are spelled
 * out; text is composed (NFC) where it is not ASCII.  ASCII takes a fast path.
 *
 * In prose (all kinds but code) a line break is a space; a hyphen at a line's
 * end goes when lower-case letters stand on both sides.  Bidirectional
 * controls and tag characters, which hide words from the reader's eye, go.
 * Zero-width joiners stay between characters that are not ASCII.  Where the
 * text goes on in another block (is_continued, or a block so long that the
 * next may be) the edge keeps one blank, so that the pieces can be glued.
 */
#ifndef TEXT_CLEAN_H
#define TEXT_CLEAN_H

struct block;
struct buf;

/*
 * Put the cleaned text of block at the end of out (which may stay empty).
 * Returns 0, the error of out, or ERR_NOMEM.  What is put out is valid UTF-8
 * whatever came in.
 */
int clean_block(const struct block *block, struct buf *out);

#endif
