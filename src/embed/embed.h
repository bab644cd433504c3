/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: the contract of whatever turns texts into vectors.
 *
 * Floor 3.  An embedder is a table of functions and its state.  Vectors are
 * of unit length (cosine is the dot product) and dimensions long.  One
 * embedder may be used by many threads at once.
 */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct embed_text {
	const char *text; /* valid UTF-8, not terminated */
	size_t len;
};

/* How one run is to be done, and how it went. */
struct embed_call {
	/* True breaks it off: ERR_CANCELLED; NULL: nobody does. */
	const atomic_bool *stop;
	/* Somebody waits for it: it goes ahead of others, and rather fails
	 * than takes long. */
	bool is_awaited;
	/* The texts are what is asked, not what is to be found: there are
	 * models that want to be told. */
	bool is_query;
	/*
	 * With a TRANSIENT error: would it have failed whatever the texts
	 * are?  Then there is no use in asking before wait_us have passed.
	 */
	bool is_outage;
	int64_t wait_us;
	/* With a PERMANENT error: the first text that will never do; count of
	 * them: that is not known. */
	size_t refused;
	/* What it counted is added here, also with an error. */
	uint64_t tokens;
};

/* What an embedder was asked since it was made; it may be elsewhere. */
struct embed_stats {
	uint64_t requests, failures, texts;
	uint64_t tokens; /* as it counts them */
	bool is_down;	 /* the last that was heard of it was no answer */
	/* Nobody is asked before, because of this; 0: it can be asked. */
	int64_t wait_us;
	struct err_note why;
};

struct embedder {
	const char *name; /* "lexical": stored with what it made */
	/* It knows how words are written, and not what they mean: what it says
	 * beside words counts less (search/fuse.h). */
	bool is_by_spelling;
	/* 0: only learn() can tell. */
	atomic_size_t dimensions;
	/* What is best given at once, as each run costs a way, and what it
	 * gave is lost when the next one fails; 0: no matter. */
	size_t texts_best, bytes_best;
	/*
	 * Embed count texts; vectors has room for count * dimensions floats,
	 * row by row.  0, a TRANSIENT error (try again later) or a PERMANENT
	 * one (these texts will never do).
	 */
	int (*run)(struct embedder *self, const struct embed_text *texts,
	    size_t count, float *vectors, struct err_note *note);
	/* The same for embedders that take long, are elsewhere or count, all
	 * of call set; NULL: it does not fail but for want of memory. */
	int (*ask)(struct embedder *self, struct embed_call *call,
	    const struct embed_text *texts, size_t count, float *vectors,
	    struct err_note *note);
	/* Set dimensions, where they are 0; NULL: they never are. */
	int (*learn)(struct embedder *self, struct embed_call *call,
	    struct err_note *note);
	/* NULL: there is nothing to tell. */
	void (*stats)(struct embedder *self, struct embed_stats *ret_stats);
	void (*close)(struct embedder *self);
};

/*
 * The embedder that needs no weights: hashed words and character trigrams,
 * signed (feature hashing: Weinberger et al., 2009), sublinear in frequency,
 * 256 dimensions.  It knows spelling, not meaning, and fails never.  Text
 * without any term, even "", gets a unit vector too, made from its bytes.  The
 * same text gives the same bits everywhere.  Returns owned (embedder->close);
 * NULL: no memory.
 */
struct embedder *embed_lexical_new(void);

#endif
