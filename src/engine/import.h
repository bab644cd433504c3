/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import: jobs over sources of their own.
 *
 * Floor 4.  A caller names places for this one job: buckets, or documents by
 * their URLs.  The sources are made with the job, are not listed among the
 * base's, and their secrets are wiped in the transaction that ends it.  Any
 * number of such jobs may run over a base at once.
 *
 * A document's address is what the listing calls it and nothing else, so the
 * next job that comes across the same object finds the same document.  What
 * has vanished from the place stays in the base.
 */
#ifndef ENGINE_IMPORT_H
#define ENGINE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/sources.h"

/*
 * Kinds and configs beside those of engine/sources.h, of imports alone:
 *
 *   s3      {"provider": "r2", "account": "...", "jurisdiction": "eu", ...}:
 *	     its endpoint follows from the account, unless the operator's
 *	     settings name one; addresses are "r2://bucket/key".  "is_object":
 *	     true takes the prefix as one object's key, which must be there.
 *   links   {"urls": ["https://...", ...]}, 1 to LINKS_MAX: each is one
 *	     document; one that cannot be fetched fails by itself
 *   absent  {"message": "..."}: nothing that this server can reach; the
 *	     source fails with UNSUPPORTED_SOURCE and that sentence
 */
#define LINKS_MAX 1000u

struct import_request {
	const struct source_request *sources;
	size_t source_count;    /* 1 to SOURCES_MAX */
	/*
	 * So many documents are found, of all sources together, in the order
	 * of their listings; then the job is complete.  Each counts, whatever
	 * becomes of it (unchanged, of a type that nobody reads, failed), but
	 * not what is inside of it: so the job never has more to do than that,
	 * and asked again finds the same ones.  0: all there are.
	 */
	uint64_t documents_max;
	bool is_forced; /* index again what is unchanged */
	const char *metadata; /* of each document, a JSON object; NULL: what
				 is there keeps its own */
};

/*
 * Everything that engine_source_add() refuses is refused here, too, with
 * "sources[N]" before the words when there are several; that a place cannot be
 * reached is the job's to tell:
 *
 *   SOURCE_ACCESS_DENIED  the keys do not open it, or it has an address that
 *			   nobody may connect to
 *   SOURCE_NOT_FOUND	   no such bucket, object or page
 *   FETCH_FAILED	   it does not answer, after some tries
 *   INVALID_SETTINGS	   it answers that the request is wrong (the region)
 *   UNSUPPORTED_SOURCE	   it is absent
 *
 * for the job when it is a whole source (the job FAILED when nothing of any
 * could be looked at), for an item when it is one document.
 *
 * Such a job's items can be tried again (engine_job_retry()) while its sources
 * need no keys: else that is ERR_INVALID, with words.
 */
int engine_job_import(struct engine *engine,
    const struct job_request *request, const struct import_request *import,
    struct job *ret_job, struct err_note *note);

#endif
