/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/embed_fake.h"

struct fake {
	struct embedder embedder;
	atomic_uint fail_runs;
	atomic_int fail_err;
	_Atomic(const char *) refused;
	atomic_int refuse_err;
	atomic_ulong runs, texts;
};

/* The embedder is the first member. */
static struct fake *
fake_of(struct embedder *self)
{
	return (struct fake *)self;
}

static bool
has_words(const struct embed_text *text, const char *words)
{
	size_t len = strlen(words), i;

	for (i = 0; i + len <= text->len; i++) {
		if (memcmp(text->text + i, words, len) == 0)
			return true;
	}
	return false;
}

/* Take one of the failures that were ordered. */
static bool
must_fail(struct fake *fake)
{
	unsigned left = atomic_load(&fake->fail_runs);

	while (left > 0) {
		if (atomic_compare_exchange_weak(&fake->fail_runs, &left,
			left - 1))
			return true;
	}
	return false;
}

static void
fake_vector(const struct embed_text *text, size_t dimensions, float *vector)
{
	uint64_t state = 0x9E3779B97F4A7C15ULL;
	double squares = 0, value;
	size_t i;

	for (i = 0; i < text->len; i++)
		state = (state ^ (unsigned char)text->text[i]) *
		    0x100000001B3ULL;
	state |= 1;
	for (i = 0; i < dimensions; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		value = (double)(int32_t)(state >> 32) / 2147483648.0;
		vector[i] = (float)value;
		squares += value * value;
	}
	if (squares == 0) {
		vector[0] = 1.0f;
		return;
	}
	for (i = 0; i < dimensions; i++)
		vector[i] = (float)(vector[i] / sqrt(squares));
}

static int
fake_run(struct embedder *self, const struct embed_text *texts, size_t count,
    float *vectors, struct err_note *note)
{
	struct fake *fake = fake_of(self);
	const char *refused = atomic_load(&fake->refused);
	size_t i;

	atomic_fetch_add(&fake->runs, 1);
	if (must_fail(fake))
		return err_set(note, atomic_load(&fake->fail_err),
		    "the fake embedder was told to fail");
	for (i = 0; refused != NULL && i < count; i++) {
		if (has_words(&texts[i], refused))
			return err_set(note, atomic_load(&fake->refuse_err),
			    "the fake embedder refuses text %zu", i);
	}
	for (i = 0; i < count; i++)
		fake_vector(&texts[i], self->dimensions,
		    vectors + i * self->dimensions);
	atomic_fetch_add(&fake->texts, count);
	return 0;
}

static void
fake_close(struct embedder *self)
{
	mem_free(self);
}

struct embedder *
embed_fake_new(size_t dimensions)
{
	struct fake *fake;

	ASSERT(dimensions > 0);
	fake = mem_zalloc(sizeof(*fake));
	if (fake == NULL)
		return NULL;
	fake->embedder.name = "fake";
	fake->embedder.dimensions = dimensions;
	fake->embedder.run = fake_run;
	fake->embedder.close = fake_close;
	return &fake->embedder;
}

void
embed_fake_fail(struct embedder *fake, unsigned runs, int err)
{
	ASSERT(err < 0);
	atomic_store(&fake_of(fake)->fail_err, err);
	atomic_store(&fake_of(fake)->fail_runs, runs);
}

void
embed_fake_refuse(struct embedder *fake, const char *words, int err)
{
	ASSERT(words == NULL || err < 0);
	atomic_store(&fake_of(fake)->refuse_err, err);
	atomic_store(&fake_of(fake)->refused, words);
}

unsigned long
embed_fake_runs(const struct embedder *fake)
{
	return atomic_load(&((const struct fake *)fake)->runs);
}

unsigned long
embed_fake_texts(const struct embedder *fake)
{
	return atomic_load(&((const struct fake *)fake)->texts);
}
