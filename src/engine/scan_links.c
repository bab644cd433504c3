/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that were named by their URLs: items at once, without asking for
 * them.  The workers fetch them (fetch_link.c). */
#include <jansson.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/scan_source.h"
#include "engine/source_copy.h"
#include "source/web_link.h"

static int
link_put(struct listing *listing, const char *url)
{
	char name[WEB_LINK_NAME_SIZE];
	struct remote_entry entry = {.uri = url, .name = name, .etag = ""};
	struct found found;
	int err;

	err = web_link_name(url, "", name);
	if (err == 0)
		err = listing_found(listing, &entry, &found);
	return err < 0 ? err : scan_put(listing->scan, &found);
}

int
links_source_list(struct listing *listing, struct err_note *note)
{
	const json_t *urls = listing->source->config.urls;
	size_t i;
	int err = 0;

	(void)note;
	for (i = 0; err == 0 && i < json_array_size(urls); i++)
		err = link_put(listing, json_string_value(
		    json_array_get(urls, i)));
	return err;
}
