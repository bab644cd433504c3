/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed_fake: a test double that fails when it is told to.
 *
 * Floor 3.  Its vectors are random looking, of unit length, and depend on the
 * text's bytes alone.  Any thread may call any function.
 */
#ifndef EMBED_EMBED_FAKE_H
#define EMBED_EMBED_FAKE_H

#include <stddef.h>

struct embedder;

/* Returns owned (embedder->close); NULL: no memory. */
struct embedder *embed_fake_new(size_t dimensions);

/* Let the next runs fail with err, TRANSIENT or PERMANENT as its row in
 * base/err_tbl.h says. */
void embed_fake_fail(struct embedder *fake, unsigned runs, int err);

/* Let every run fail with err that has a text with these words in it: a
 * poison document.  Keeps words; NULL ends it. */
void embed_fake_refuse(struct embedder *fake, const char *words, int err);

/* How often run was called, and for how many texts it succeeded. */
unsigned long embed_fake_runs(const struct embedder *fake);
unsigned long embed_fake_texts(const struct embedder *fake);

#endif
