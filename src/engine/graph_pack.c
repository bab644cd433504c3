/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A head; then for each entity a fixed part and its strings, terminated: key,
 * name, type, and alias and description where the fixed part says that there
 * are any; then for each relation a fixed part and its label.  Nothing is
 * aligned, so all of it is copied out.
 */
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "engine/graph_pack.h"
#include "store/store_graph.h"

struct pack_head {
	uint32_t mentions, relations;
};

struct pack_mention {
	uint32_t weight;
	uint8_t has_alias, has_description;
};

struct pack_relation {
	uint32_t subject, object, weight;
};

static void
put_text(struct buf *out, const char *text)
{
	if (text != NULL)
		(void)buf_put(out, text, strlen(text) + 1);
}

int
graph_pack(const struct graph *graph, struct buf *out)
{
	const struct pack_head head = {graph->entity_count,
	    graph->relation_count};
	const struct graph_relation *r;
	const struct graph_entity *e;
	struct pack_relation relation;
	struct pack_mention mention;
	uint32_t i;

	(void)buf_put(out, &head, sizeof(head));
	for (i = 0; i < head.mentions; i++) {
		e = &graph->entities[i];
		memset(&mention, 0, sizeof(mention));
		/* A model may name what stands nowhere in the text. */
		mention.weight = e->mention_count == 0 ? 1
						       : e->mention_count;
		mention.has_alias = e->alias_key != NULL;
		mention.has_description = e->description != NULL;
		(void)buf_put(out, &mention, sizeof(mention));
		put_text(out, e->key);
		put_text(out, e->name);
		put_text(out, e->type_name);
		put_text(out, e->alias_key);
		put_text(out, e->description);
	}
	for (i = 0; i < head.relations; i++) {
		r = &graph->relations[i];
		relation = (struct pack_relation){r->subject, r->object,
		    r->weight == 0 ? 1 : r->weight};
		(void)buf_put(out, &relation, sizeof(relation));
		put_text(out, r->label);
	}
	return out->err;
}

/* ---- back ---------------------------------------------------------------- */

struct reader {
	const char *at, *end;
	int err;
};

static void
get(struct reader *reader, void *to, size_t size)
{
	if ((size_t)(reader->end - reader->at) < size) {
		reader->err = ERR_CORRUPT;
		memset(to, 0, size);
		return;
	}
	memcpy(to, reader->at, size);
	reader->at += size;
}

static const char *
get_text(struct reader *reader, bool is_there)
{
	const char *text = reader->at, *zero;

	if (!is_there)
		return NULL;
	zero = memchr(text, '\0', (size_t)(reader->end - text));
	if (zero == NULL) {
		reader->err = ERR_CORRUPT;
		return "";
	}
	reader->at = zero + 1;
	return text;
}

static struct mention
get_mention(struct reader *reader)
{
	struct pack_mention fixed;
	struct mention mention;

	get(reader, &fixed, sizeof(fixed));
	mention.weight = fixed.weight;
	mention.key = get_text(reader, true);
	mention.name = get_text(reader, true);
	mention.type = get_text(reader, true);
	mention.alias_key = get_text(reader, fixed.has_alias != 0);
	mention.description = get_text(reader, fixed.has_description != 0);
	return mention;
}

static struct relation
get_relation(struct reader *reader, uint32_t mentions)
{
	struct pack_relation fixed;
	struct relation relation;

	get(reader, &fixed, sizeof(fixed));
	if (fixed.subject >= mentions || fixed.object >= mentions)
		reader->err = ERR_CORRUPT;
	relation.subject = fixed.subject;
	relation.object = fixed.object;
	relation.weight = fixed.weight;
	relation.label = get_text(reader, true);
	return relation;
}

int
graph_pack_size(const char *bytes, size_t len,
    struct graph_pack_size *ret_size)
{
	struct reader reader = {bytes, bytes + len, 0};
	struct pack_head head;
	uint32_t i;

	get(&reader, &head, sizeof(head));
	if (head.mentions > GRAPH_ENTITIES_MAX ||
	    head.relations > GRAPH_RELATIONS_MAX)
		return ERR_CORRUPT;
	for (i = 0; reader.err == 0 && i < head.mentions; i++)
		(void)get_mention(&reader);
	for (i = 0; reader.err == 0 && i < head.relations; i++)
		(void)get_relation(&reader, head.mentions);
	if (reader.err == 0 && reader.at != reader.end)
		reader.err = ERR_CORRUPT;
	if (reader.err == 0)
		*ret_size = (struct graph_pack_size){head.mentions,
		    head.relations};
	return reader.err;
}

void
graph_unpack(const char *bytes, size_t len, struct mention *mentions,
    struct relation *relations, struct segment_graph *ret_graph)
{
	struct reader reader = {bytes, bytes + len, 0};
	struct pack_head head;
	uint32_t i;

	get(&reader, &head, sizeof(head));
	for (i = 0; i < head.mentions; i++)
		mentions[i] = get_mention(&reader);
	for (i = 0; i < head.relations; i++)
		relations[i] = get_relation(&reader, head.mentions);
	ASSERT(reader.err == 0 && reader.at == reader.end);
	*ret_graph = (struct segment_graph){.mentions = mentions,
	    .mention_count = head.mentions, .relations = relations,
	    .relation_count = head.relations};
}
