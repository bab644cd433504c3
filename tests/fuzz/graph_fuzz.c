/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_fuzz: a text whose graph is made by rules, and what a chat model
 * answers when it is asked for one.
 *
 * The first byte of an input says which of them the rest is: a text, a title
 * of up to 32 bytes with a text, or an answer.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "graph/chat_graph.h"
#include "graph/graph.h"

#define TITLE_BYTES_MAX 32u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_entity(const struct graph_entity *entity, size_t text_len)
{
	char key[GRAPH_KEY_BYTES_MAX];
	uint32_t i;

	ASSERT(strlen(entity->name) > 0);
	ASSERT(graph_key(entity->name, strlen(entity->name), key) ==
	    strlen(entity->key));
	ASSERT(memcmp(key, entity->key, strlen(entity->key)) == 0);
	ASSERT(utf8_is_valid(entity->key, strlen(entity->key)));
	ASSERT(entity->type >= GRAPH_PERSON && entity->type < GRAPH_TYPE_END);
	ASSERT(entity->type_name != NULL);
	for (i = 0; i < entity->mention_count; i++) {
		ASSERT(entity->mentions[i].start < entity->mentions[i].end);
		ASSERT(entity->mentions[i].end <= text_len);
	}
}

static void
check_graph(const struct graph *graph, size_t text_len)
{
	const struct graph_relation *relation;
	uint32_t i;

	ASSERT(graph->entity_count <= GRAPH_ENTITIES_MAX);
	ASSERT(graph->relation_count <= GRAPH_RELATIONS_MAX);
	for (i = 0; i < graph->entity_count; i++)
		check_entity(&graph->entities[i], text_len);
	for (i = 0; i < graph->relation_count; i++) {
		relation = &graph->relations[i];
		ASSERT(relation->subject < graph->entity_count);
		ASSERT(relation->object < graph->entity_count);
		ASSERT(relation->subject != relation->object);
		ASSERT(relation->weight > 0 && relation->label[0] != '\0');
		ASSERT(utf8_is_valid(relation->label,
		    strlen(relation->label)));
		ASSERT(strlen(relation->label) <= GRAPH_LABEL_BYTES_MAX);
		ASSERT(relation->evidence.start <= relation->evidence.end);
		ASSERT(relation->evidence.end <= text_len);
	}
}

static void
try_text(const char *text, size_t len, size_t title_len)
{
	static struct graph_extractor *extractor;
	const struct graph_source source = {
		.title = text, .title_len = title_len,
		.text = text + title_len, .text_len = len - title_len };
	struct graph graph;

	if (!utf8_is_valid(text, title_len) ||
	    !utf8_is_valid(text + title_len, len - title_len))
		return;
	if (extractor == NULL)
		extractor = graph_extractor_new();
	ASSERT(extractor != NULL);
	ASSERT(graph_extract(extractor, &source, &graph) == 0);
	check_graph(&graph, len - title_len);
	graph_fini(&graph);
}

static void
try_answer(const char *answer, size_t len)
{
	static const char text[] = "Ada met Charles in London.";
	struct err_note note = {""};
	struct graph graph;
	size_t dropped;
	int err;

	err = chat_graph_read(answer, len, text, strlen(text), &graph,
	    &dropped, &note);
	ASSERT(err == 0 || (err == ERR_UPSTREAM && note.text[0] != '\0'));
	if (err < 0)
		return;
	check_graph(&graph, strlen(text));
	graph_fini(&graph);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	/* Of its own size, so that one byte too far is seen. */
	text = mem_alloc(size - 1);
	ASSERT(text != NULL);
	memcpy(text, data + 1, size - 1);
	if (data[0] % 4 == 3)
		try_answer(text, size - 1);
	else
		try_text(text, size - 1, data[0] % 4 != 2 ? 0 :
			size - 1 < TITLE_BYTES_MAX ? 0 : TITLE_BYTES_MAX);
	mem_free(text);
	return 0;
}
