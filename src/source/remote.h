/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote: a document that lies somewhere else, as a listing tells of it.
 *
 * Floor 3.  The counterpart of struct folder_entry for sources that are asked
 * over the network.
 */
#ifndef SOURCE_REMOTE_H
#define SOURCE_REMOTE_H

#include <stdint.h>

#include "base/limits.h"
#include "model/item_code.h"

#define REMOTE_TAG_SIZE (REMOTE_TAG_BYTES_MAX + 1)

struct remote_entry {
	const char *uri;  /* ASCII, at most URI_BYTES_MAX; the same one in each
			     listing, and no other entry's in this one */
	const char *name; /* below where the source begins, as UTF-8: other
			     bytes are percent-encoded */
	uint64_t bytes;	  /* 0 when the listing does not say */
	int64_t mtime_us; /* 0 when it does not say */
	/* Another one when the content is another one, and the same as long
	 * as it is; at most REMOTE_TAG_BYTES_MAX; "": not known. */
	const char *etag;
	/* Not ITEM_CODE_NONE: it cannot be read; message, a part of a
	 * sentence, says why. */
	enum item_code code;
	const char *message;
};

/* entry is valid during the call; a negative return ends the listing. */
typedef int remote_entry_fn(void *arg, const struct remote_entry *entry);

#endif
