/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/utf8.h"
#include "model/block.h"
#include "text/section.h"

#define SECTION_SEPARATOR '\x1F'

_Static_assert(SECTION_DEPTH_MAX * (SECTION_TITLE_MAX + 1) <
	SECTION_BYTES_MAX, "a whole section path fits");

void
section_set(struct section *section, const struct block *heading)
{
	size_t len, i, used = 0;
	unsigned level;
	char *title;

	level = heading->level < 1 ? 1 : heading->level;
	if (level > SECTION_DEPTH_MAX)
		level = SECTION_DEPTH_MAX;
	for (i = level; i < SECTION_DEPTH_MAX; i++)
		section->titles[i][0] = '\0';
	title = section->titles[level - 1];
	len = utf8_floor(heading->text, heading->len, SECTION_TITLE_MAX);
	for (i = 0; i < len; i++)
		title[i] = (unsigned char)heading->text[i] < ' ' ?
		    ' ' : heading->text[i];
	title[len] = '\0';
	section->level = level;
	for (i = 0; i < level; i++) {
		len = strlen(section->titles[i]);
		if (len == 0)
			continue;
		if (used > 0)
			section->path[used++] = SECTION_SEPARATOR;
		memcpy(section->path + used, section->titles[i], len);
		used += len;
	}
	section->path[used] = '\0';
}
