/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chunker is an outline, a semantic or a plain text, by the rule's method;
 * what any of them gives out gets its children here.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/children.h"
#include "text/chunk.h"
#include "text/outline.h"
#include "text/plain.h"
#include "text/semantic.h"

#define OUTLINE_CHARS_MIN 64u
#define CHARS_MAX 8000u

struct chunker {
	struct chunk_rule rule;
	chunk_fn *fn;
	void *arg;
	/* One of the three. */
	struct outline *outline;
	struct semantic *semantic;
	struct plain *plain;
	struct children children;
	struct err_note note;
};

const struct chunk_rule chunk_rule_default = {
	.cut = {.method = CHUNK_STRUCTURE, .chars_max = 1200},
};

static const char *const method_names[CHUNK_METHOD_COUNT] = {
	[CHUNK_STRUCTURE] = "structure",
	[CHUNK_SEPARATOR] = "separator",
	[CHUNK_RECURSIVE] = "recursive",
	[CHUNK_WHOLE] = "whole",
	[CHUNK_FIXED] = "fixed",
	[CHUNK_SEMANTIC] = "semantic",
};

const char *
chunk_method_name(enum chunk_method method)
{
	ASSERT((unsigned)method < CHUNK_METHOD_COUNT);
	return method_names[method];
}

int
chunk_method_parse(const char *name, enum chunk_method *ret_method)
{
	size_t i;

	for (i = 0; i < CHUNK_METHOD_COUNT; i++) {
		if (strcmp(name, method_names[i]) == 0) {
			*ret_method = (enum chunk_method)i;
			return 0;
		}
	}
	return ERR_NOT_FOUND;
}

static bool
is_separator_valid(const char separator[CHUNK_SEPARATOR_BYTES_MAX + 1])
{
	size_t len = strnlen(separator, CHUNK_SEPARATOR_BYTES_MAX + 1);

	return len > 0 && len <= CHUNK_SEPARATOR_BYTES_MAX &&
	    utf8_is_valid(separator, len);
}

bool
chunk_method_is_plain(enum chunk_method method)
{
	return method != CHUNK_STRUCTURE && method != CHUNK_SEMANTIC;
}

static bool
is_cut_valid(const struct chunk_cut *cut)
{
	switch (cut->method) {
	case CHUNK_STRUCTURE:
	case CHUNK_SEMANTIC:
	case CHUNK_FIXED:
		return cut->chars_max >= (cut->method == CHUNK_FIXED
			? 1 : OUTLINE_CHARS_MIN) &&
		    cut->chars_max <= CHARS_MAX &&
		    cut->overlap_chars <= cut->chars_max / 2 &&
		    (cut->method != CHUNK_SEMANTIC ||
			(cut->threshold >= 0.0 && cut->threshold <= 1.0));
	case CHUNK_SEPARATOR:
	case CHUNK_RECURSIVE:
		return cut->chars_max >= 1 && cut->chars_max <= CHARS_MAX &&
		    cut->overlap_chars <= cut->chars_max &&
		    (cut->method == CHUNK_RECURSIVE ||
			is_separator_valid(cut->separator));
	case CHUNK_WHOLE:
		return true;
	case CHUNK_METHOD_COUNT:
		break;
	}
	return false;
}

bool
chunk_rule_is_valid(const struct chunk_rule *rule)
{
	if (!is_cut_valid(&rule->cut))
		return false;
	return rule->child.chars_max == 0 ||
	    (rule->child.method != CHUNK_WHOLE &&
		rule->child.method != CHUNK_SEMANTIC &&
		is_cut_valid(&rule->child));
}

static int
on_chunk(void *arg, const struct chunk *chunk)
{
	struct chunker *chunker = arg;
	struct chunk with = *chunk;
	int err;

	if (chunker->rule.child.chars_max == 0)
		return chunker->fn(chunker->arg, chunk);
	err = children_cut(&chunker->children, chunk->text, chunk->len,
	    &chunker->note);
	if (err < 0)
		return err;
	with.children = chunker->children.list;
	with.child_count = chunker->children.count;
	return chunker->fn(chunker->arg, &with);
}

struct chunker *
chunker_new(const struct chunk_rule *rule, chunk_fn *fn, void *arg)
{
	struct chunker *chunker;
	int err = 0;

	ASSERT(chunk_rule_is_valid(rule));
	chunker = mem_zalloc(sizeof(*chunker));
	if (chunker == NULL)
		return NULL;
	chunker->rule = *rule;
	chunker->fn = fn;
	chunker->arg = arg;
	if (rule->cut.method == CHUNK_STRUCTURE)
		chunker->outline = outline_new(&chunker->rule.cut, on_chunk,
		    chunker);
	else if (rule->cut.method == CHUNK_SEMANTIC)
		chunker->semantic = semantic_new(&chunker->rule.cut, on_chunk,
		    chunker);
	else
		chunker->plain = plain_new(&chunker->rule, on_chunk, chunker,
		    &chunker->note);
	if (rule->child.chars_max > 0)
		err = children_init(&chunker->children, &rule->child);
	if (err < 0 || (chunker->outline == NULL &&
			   chunker->semantic == NULL &&
			   chunker->plain == NULL)) {
		chunker_free(chunker);
		return NULL;
	}
	return chunker;
}

void
chunker_free(struct chunker *chunker)
{
	if (chunker == NULL)
		return;
	outline_free(chunker->outline);
	semantic_free(chunker->semantic);
	plain_free(chunker->plain);
	children_fini(&chunker->children);
	mem_free(chunker);
}

void
chunker_set_form(struct chunker *chunker, enum chunk_form form)
{
	if (chunker->plain != NULL)
		plain_set_form(chunker->plain, form);
}

int
chunker_set_embed(struct chunker *chunker, size_t dimensions,
    chunk_embed_fn *fn, void *arg)
{
	return chunker->semantic == NULL ? 0
		: semantic_set_embed(chunker->semantic, dimensions, fn, arg);
}

/* Where there are no words, there was one limit only. */
static int
explain(struct chunker *chunker, int err)
{
	if (err == ERR_TOO_BIG && chunker->note.text[0] == '\0')
		return err_set(&chunker->note, err,
		    "the document has more than %u segments", SEGMENTS_MAX);
	return err;
}

int
chunker_add(struct chunker *chunker, const struct block *block)
{
	if (chunker->plain != NULL)
		return explain(chunker, plain_add(chunker->plain, block));
	return explain(chunker, chunker->outline != NULL
		? outline_add(chunker->outline, block)
		: semantic_add(chunker->semantic, block));
}

int
chunker_end(struct chunker *chunker)
{
	if (chunker->plain != NULL)
		return explain(chunker, plain_end(chunker->plain));
	return explain(chunker, chunker->outline != NULL
		? outline_end(chunker->outline)
		: semantic_end(chunker->semantic));
}

const char *
chunker_words(const struct chunker *chunker)
{
	return chunker->note.text;
}
