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

#include <stddef.h>

struct err_note;

struct embed_text {
	const char *text; /* valid UTF-8, not terminated */
	size_t len;
};

struct embedder {
	const char *name; /* "lexical": stored with what it made */
	size_t dimensions;
	/*
	 * Embed count texts; vectors has room for count * dimensions floats,
	 * row by row.  0, a TRANSIENT error (try again later) or a PERMANENT
	 * one (these texts will never do).
	 */
	int (*run)(struct embedder *self, const struct embed_text *texts,
	    size_t count, float *vectors, struct err_note *note);
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
