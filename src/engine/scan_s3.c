/* SPDX-License-Identifier: Apache-2.0 */
/* Listing a bucket; its objects are fetched by the workers (fetch.c). */
#include "base/err.h"
#include "engine/remote.h"
#include "engine/scan_source.h"
#include "engine/source_copy.h"

/* The client's own tries are a part of waiting for the source. */
static int
list_wait(void *arg, int64_t us, const atomic_bool *stop)
{
	scanner_rest(arg, us, true);
	return stop != NULL && atomic_load(stop) ? ERR_CANCELLED : 0;
}

static int
list_entry(void *arg, const struct remote_entry *entry)
{
	struct listing *listing = arg;
	struct found found;
	int err;

	err = listing_found(listing, entry, &found);
	return err < 0 ? err : scan_put(listing->scan, &found);
}

/* The one object must be there, and be no folder's marker. */
static int
object_look(struct listing *listing, struct s3_client *client,
    struct err_note *note)
{
	int err;

	err = s3_look(client, &listing->scan->scanner->stop, list_entry,
	    listing, note);
	return err == 0 && !listing->has_any
	    ? err_set(note, ERR_NOT_FOUND, "there is no such object in the "
		  "bucket \"%s\"", listing->source->config.bucket)
	    : err;
}

int
s3_source_list(struct listing *listing, struct err_note *note)
{
	struct scanner *scanner = listing->scan->scanner;
	struct s3_client *client = NULL;
	int err;

	err = remote_s3_open(scanner->engine, listing->source, list_wait,
	    scanner, &client, note);
	if (err == 0 && listing->source->config.is_object)
		err = object_look(listing, client, note);
	else if (err == 0)
		err = s3_list(client, &scanner->stop, list_entry, listing,
		    note);
	s3_client_free(client);
	return err;
}
