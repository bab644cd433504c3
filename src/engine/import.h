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
	size_t source_count;    /* 1 or more */
	uint64_t documents_max; /* of all of them together; 0: all there are */
	bool is_forced; /* index again what is unchanged */
	const char *metadata; /* of each document, a JSON object; NULL: what
				 is there keeps its own */
};

/* Everything that engine_source_add() refuses is refused here, too; that a
 * place cannot be reached is the job's to tell. */
int engine_job_import(struct engine *engine,
    const struct job_request *request, const struct import_request *import,
    struct job *ret_job, struct err_note *note);

#endif
