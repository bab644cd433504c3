/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of documents that come term by term: a table of the terms, each with
 * the chain of its postings, which come in order of documents as they are.
 * Words that are other than their terms stand in the same table when they were
 * asked for; they have no postings.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "index/part_code.h"
#include "index/part_int.h"

#define NONE UINT32_MAX
#define SLOTS_MIN 1024u

struct posting {
	uint32_t doc, frequency, next;
};

struct entry {
	uint64_t hash;
	size_t name; /* where in names */
	uint8_t len;
	uint8_t set; /* of words; 0: it is a term */
	uint8_t own; /* a term that is a word of that set as it stands */
	uint8_t unused;
	uint32_t count;
	uint32_t first, last; /* of postings; of a word: its term */
};

_Static_assert(sizeof(struct entry) == 32, "two are a cache line");

struct part_builder {
	struct entry *entries;
	struct posting *postings;
	uint32_t *slots; /* of entries, by hash: number + 1 */
	char *names;
	uint8_t *lengths;
	int64_t *ids;
	uint32_t *stamps;
	size_t entry_count, entry_size, posting_count, posting_size,
	    slot_count, names_len, names_size, doc_count, doc_size;
	uint32_t length; /* of the last document */
	uint64_t length_sum;
};

struct part_builder *
part_builder_new(void)
{
	return mem_zalloc(sizeof(struct part_builder));
}

void
part_builder_free(struct part_builder *builder)
{
	if (builder == NULL)
		return;
	mem_free(builder->entries);
	mem_free(builder->postings);
	mem_free(builder->slots);
	mem_free(builder->names);
	mem_free(builder->lengths);
	mem_free(builder->ids);
	mem_free(builder->stamps);
	mem_free(builder);
}

void
part_builder_clear(struct part_builder *builder)
{
	if (builder->slots != NULL)
		memset(builder->slots, 0,
		    builder->slot_count * sizeof(*builder->slots));
	builder->entry_count = builder->posting_count = 0;
	builder->names_len = builder->doc_count = 0;
	builder->length = 0;
	builder->length_sum = 0;
}

size_t
part_builder_docs(const struct part_builder *builder)
{
	return builder->doc_count;
}

/* Room for `more` behind count; *block and *size change. */
static int
grow(void *block, size_t *size, size_t count, size_t more, size_t each)
{
	void **at = block, *larger;
	size_t wanted = *size == 0 ? 256 : *size;

	if (more <= *size - count)
		return 0;
	while (wanted - count < more)
		wanted *= 2;
	larger = mem_resize(*at, wanted, each);
	if (larger == NULL)
		return ERR_NOMEM;
	*at = larger;
	*size = wanted;
	return 0;
}

/* ---- documents ---------------------------------------------------------- */

static int
grow_docs(struct part_builder *builder)
{
	size_t size = builder->doc_size, same = size, also = size;
	size_t count = builder->doc_count;
	int err;

	err = grow(&builder->ids, &size, count, 1, sizeof(int64_t));
	if (err == 0)
		err = grow(&builder->stamps, &same, count, 1,
		    sizeof(uint32_t));
	if (err == 0)
		err = grow(&builder->lengths, &also, count, 1, 1);
	/* Where one failed the others are larger than is known. */
	if (err == 0)
		builder->doc_size = size;
	return err;
}

int
part_builder_doc(struct part_builder *builder, int64_t id, uint32_t stamp)
{
	size_t n = builder->doc_count;
	int err;

	if (n > 0 && builder->ids[n - 1] >= id)
		return ERR_INVALID;
	if (n == PART_DOCS_MAX)
		return ERR_TOO_BIG;
	err = grow_docs(builder);
	if (err < 0)
		return err;
	builder->ids[n] = id;
	builder->stamps[n] = stamp;
	builder->lengths[n] = 0;
	builder->length = 0;
	builder->doc_count++;
	return 0;
}

/* ---- terms -------------------------------------------------------------- */

static int
grow_slots(struct part_builder *builder)
{
	size_t count = builder->slot_count == 0 ? SLOTS_MIN
						: builder->slot_count * 2;
	uint32_t *slots;
	size_t i, at;

	if (builder->slot_count > builder->entry_count * 2 + 1)
		return 0;
	slots = mem_array(count, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	memset(slots, 0, count * sizeof(*slots));
	for (i = 0; i < builder->entry_count; i++) {
		at = builder->entries[i].hash & (count - 1);
		while (slots[at] != 0)
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	mem_free(builder->slots);
	builder->slots = slots;
	builder->slot_count = count;
	return 0;
}

static int
entry_new(struct part_builder *builder, unsigned set, const char *term,
    size_t len, uint64_t hash, size_t slot, uint32_t *ret_entry)
{
	struct entry *entry;
	int err;

	if (builder->entry_count == NONE - 1)
		return ERR_TOO_BIG;
	err = grow(&builder->entries, &builder->entry_size,
	    builder->entry_count, 1, sizeof(*builder->entries));
	if (err == 0)
		err = grow(&builder->names, &builder->names_size,
		    builder->names_len, len, 1);
	if (err < 0)
		return err;
	memcpy(builder->names + builder->names_len, term, len);
	entry = &builder->entries[builder->entry_count];
	*entry = (struct entry){.hash = hash, .name = builder->names_len,
	    .len = (uint8_t)len, .set = (uint8_t)set, .first = NONE,
	    .last = NONE};
	builder->names_len += len;
	*ret_entry = (uint32_t)builder->entry_count++;
	builder->slots[slot] = *ret_entry + 1;
	return 0;
}

/* Where it is, or the empty slot where it belongs. */
static size_t
slot_find(const struct part_builder *builder, unsigned set, const char *term,
    size_t len, uint64_t hash)
{
	const struct entry *entry;
	size_t at;

	at = hash & (builder->slot_count - 1);
	while (builder->slots[at] != 0) {
		entry = &builder->entries[builder->slots[at] - 1];
		if (entry->hash == hash && entry->len == len &&
		    (entry->set == set || (set != 0 && entry->own == set)) &&
		    memcmp(builder->names + entry->name, term, len) == 0)
			break;
		at = (at + 1) & (builder->slot_count - 1);
	}
	return at;
}

static int
entry_find(struct part_builder *builder, unsigned set, const char *term,
    size_t len, uint64_t hash, uint32_t *ret_entry)
{
	size_t at;
	int err;

	err = grow_slots(builder);
	if (err < 0)
		return err;
	at = slot_find(builder, set, term, len, hash);
	if (builder->slots[at] != 0) {
		*ret_entry = builder->slots[at] - 1;
		return 0;
	}
	return entry_new(builder, set, term, len, hash, at, ret_entry);
}

static int
posting_add(struct part_builder *builder, struct entry *entry,
    uint32_t doc, uint32_t weight)
{
	struct posting *last = entry->last == NONE
	    ? NULL : &builder->postings[entry->last];
	int err;

	if (last != NULL && last->doc == doc) {
		last->frequency = last->frequency > PART_FREQUENCY_MAX - weight
		    ? PART_FREQUENCY_MAX : last->frequency + weight;
		return 0;
	}
	if (builder->posting_count == NONE - 1)
		return ERR_TOO_BIG;
	err = grow(&builder->postings, &builder->posting_size,
	    builder->posting_count, 1, sizeof(*builder->postings));
	if (err < 0)
		return err;
	if (entry->last == NONE)
		entry->first = (uint32_t)builder->posting_count;
	else
		builder->postings[entry->last].next =
		    (uint32_t)builder->posting_count;
	entry->last = (uint32_t)builder->posting_count++;
	entry->count++;
	builder->postings[entry->last] = (struct posting){doc, weight, NONE};
	return 0;
}

/* The last document holds the term of that number. */
static int
entry_hold(struct part_builder *builder, uint32_t entry, uint32_t weight)
{
	uint32_t doc = (uint32_t)builder->doc_count - 1;
	int err;

	err = posting_add(builder, &builder->entries[entry], doc, weight);
	if (err < 0)
		return err;
	builder->length_sum += weight;
	builder->length = builder->length > LENGTH_MAX - weight
	    ? LENGTH_MAX : builder->length + weight;
	builder->lengths[doc] = length_code(builder->length);
	return 0;
}

static int
check_term(const struct part_builder *builder, size_t len, uint32_t weight)
{
	if (builder->doc_count == 0 || weight == 0)
		return ERR_INVALID;
	return len > PART_TERM_BYTES_MAX || weight > PART_FREQUENCY_MAX
	    ? ERR_TOO_BIG : 0;
}

int
part_builder_term(struct part_builder *builder, const char *term, size_t len,
    uint32_t weight)
{
	uint32_t entry = 0;
	int err;

	err = check_term(builder, len, weight);
	if (err == 0)
		err = entry_find(builder, 0, term, len,
		    XXH3_64bits(term, len), &entry);
	return err < 0 ? err : entry_hold(builder, entry, weight);
}

/* A word whose term is not known yet. */
static int
word_learn(struct part_builder *builder, unsigned set, const char *word,
    size_t len, uint64_t hash, part_term_fn *fn, void *arg,
    uint32_t *ret_entry)
{
	char term[PART_TERM_BYTES_MAX];
	size_t term_len = 0;
	uint32_t entry = 0, alias = 0;
	int err;

	err = fn(arg, word, len, term, &term_len);
	if (err == 0)
		err = entry_find(builder, 0, term, term_len,
		    XXH3_64bits(term, term_len), &entry);
	if (err < 0)
		return err;
	*ret_entry = entry;
	if (builder->entries[entry].own == 0 && term_len == len &&
	    memcmp(term, word, len) == 0) {
		builder->entries[entry].own = (uint8_t)set;
		return 0;
	}
	err = entry_find(builder, set, word, len, hash, &alias);
	if (err == 0)
		builder->entries[alias].first = entry;
	return err;
}

int
part_builder_word(struct part_builder *builder, unsigned set,
    const char *word, size_t len, uint32_t weight, part_term_fn *fn,
    void *arg)
{
	uint64_t hash = XXH3_64bits(word, len);
	uint32_t entry = 0;
	size_t at;
	int err;

	err = check_term(builder, len, weight);
	if (err == 0 && (set == 0 || set > UINT8_MAX))
		err = ERR_INVALID;
	if (err == 0)
		err = grow_slots(builder);
	if (err < 0)
		return err;
	at = slot_find(builder, set, word, len, hash);
	if (builder->slots[at] == 0) {
		err = word_learn(builder, set, word, len, hash, fn, arg,
		    &entry);
	} else {
		entry = builder->slots[at] - 1;
		if (builder->entries[entry].set != 0)
			entry = builder->entries[entry].first;
	}
	return err < 0 ? err : entry_hold(builder, entry, weight);
}

/* ---- the part ----------------------------------------------------------- */


static int
entry_compare(const void *a, const void *b, void *arg)
{
	const struct entry *left = *(const struct entry *const *)a;
	const struct entry *right = *(const struct entry *const *)b;
	const char *names = arg;
	size_t len = left->len < right->len ? left->len : right->len;
	int order = memcmp(names + left->name, names + right->name, len);

	return order != 0 ? order
			  : (left->len > right->len) -
		(left->len < right->len);
}

static int
put_entries(const struct part_builder *builder, struct part_writer *writer,
    const struct entry **entries, uint32_t *docs, uint32_t *frequencies)
{
	const struct posting *posting;
	size_t i, count = 0;
	uint32_t at, n;
	int err = 0;

	for (i = 0; i < builder->entry_count; i++)
		if (builder->entries[i].count > 0)
			entries[count++] = &builder->entries[i];
	qsort_r(entries, count, sizeof(*entries), entry_compare,
	    builder->names);
	for (i = 0; err == 0 && i < count; i++) {
		n = 0;
		for (at = entries[i]->first; at != NONE; at = posting->next) {
			posting = &builder->postings[at];
			docs[n] = posting->doc;
			frequencies[n++] = posting->frequency;
		}
		err = part_writer_term(writer,
		    builder->names + entries[i]->name, entries[i]->len, docs,
		    frequencies, n);
	}
	return err;
}

static int
put_to_buf(void *arg, const void *bytes, size_t len)
{
	return buf_put(arg, bytes, len);
}

int
part_builder_end(struct part_builder *builder, struct buf *out)
{
	struct part_docs docs = {.lengths = builder->lengths,
	    .ids = builder->ids, .stamps = builder->stamps,
	    .count = (uint32_t)builder->doc_count,
	    .length_sum = builder->length_sum};
	const struct entry **entries;
	struct part_writer writer;
	uint32_t *numbers;
	int err = ERR_NOMEM;

	part_writer_init(&writer, put_to_buf, out);
	entries = mem_array(builder->entry_count + 1, sizeof(*entries));
	numbers = mem_array(2 * builder->doc_count + 1, sizeof(*numbers));
	if (entries != NULL && numbers != NULL)
		err = part_writer_docs(&writer, &docs);
	if (err == 0)
		err = put_entries(builder, &writer, entries, numbers,
		    numbers + builder->doc_count);
	if (err == 0)
		err = part_writer_end(&writer);
	part_writer_fini(&writer);
	mem_free(entries);
	mem_free(numbers);
	return err;
}
