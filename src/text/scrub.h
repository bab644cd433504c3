/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scrub: cleans plain text before it is cut.
 *
 * Floor 2, pure.  Unlike clean.h, which makes a block fit to be read, this
 * leaves a text as its author has it but for what is named here.
 */
#ifndef TEXT_SCRUB_H
#define TEXT_SCRUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something that begins at a place in the text, and moves along with it. */
struct scrub_mark {
	size_t at;
	uint32_t page;
};

/*
 * Scrub the len bytes of valid UTF-8 at text, which only become fewer;
 * returns how many are left.  Moves the count marks, which are in order.
 *
 * Always: "<|" becomes "<", "|>" becomes ">", and control characters other
 * than tab, line feed and carriage return go, and U+FFFE.  squeezes_blanks:
 * three line feeds or more become two, then two blanks or more one space.
 * drops_addresses: mail addresses go, then http and https addresses up to the
 * next white space, but for those that are the target of a Markdown link or
 * image, and what is between its brackets.
 */
size_t scrub_text(char *text, size_t len, bool squeezes_blanks,
    bool drops_addresses, struct scrub_mark *marks, size_t count);

#endif
