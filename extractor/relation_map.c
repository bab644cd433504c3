/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "extractor/ooxml.h"
#include "extractor/relation_map.h"

void
relation_map_init(struct relation_map *map)
{
	buf_init(&map->words, RELATION_MAP_BYTES_MAX);
	buf_init(&map->list, RELATION_MAP_MAX * sizeof(struct relation));
	map->next = 0;
}

void
relation_map_fini(struct relation_map *map)
{
	buf_fini(&map->words);
	buf_fini(&map->list);
}

static size_t
keep(struct relation_map *map, const char *word)
{
	size_t at = map->words.len;

	(void)buf_put(&map->words, word, strlen(word) + 1); /* sticks */
	return at;
}

static int
keep_relation(void *arg, const char *id, const char *type, const char *target,
    bool is_external)
{
	struct relation_map *map = arg;
	struct relation relation;

	if (is_external)
		return 0;
	relation.id = keep(map, id);
	relation.type = keep(map, type);
	relation.target = keep(map, target);
	if (buf_put(&map->list, &relation, sizeof(relation)) < 0)
		return map->list.err;
	return map->words.err;
}

int
relation_map_load(struct relation_map *map, struct package *package,
    const char *part, struct err_note *note)
{
	int err;

	buf_clear(&map->words);
	buf_clear(&map->list);
	map->next = 0;
	err = ooxml_relations_each(package, part, keep_relation, map, note);
	if (err == ERR_TOO_BIG && map->list.err + map->words.err < 0)
		return err_set(note, err,
		    "a part of the document has more than %u relations",
		    RELATION_MAP_MAX);
	return err;
}

static const struct relation *
relation_at(const struct relation_map *map, size_t i)
{
	const void *list = map->list.data;

	return (const struct relation *)list + i;
}

static size_t
count(const struct relation_map *map)
{
	return map->list.len / sizeof(struct relation);
}

const char *
relation_map_find(struct relation_map *map, const char *id)
{
	const struct relation *relation;
	size_t i, at, n = count(map);

	/* They are mostly asked for in their order. */
	for (i = 0; i < n; i++) {
		at = (map->next + i) % n;
		relation = relation_at(map, at);
		if (strcmp(map->words.data + relation->id, id) != 0)
			continue;
		map->next = at + 1;
		return map->words.data + relation->target;
	}
	return NULL;
}

const char *
relation_map_at(const struct relation_map *map, size_t i,
    const char **ret_type)
{
	const struct relation *relation;

	if (i >= count(map))
		return NULL;
	relation = relation_at(map, i);
	*ret_type = map->words.data + relation->type;
	return map->words.data + relation->target;
}

const char *
relation_map_type(const struct relation_map *map, const char *type)
{
	const char *target, *its;
	size_t i;

	for (i = 0; (target = relation_map_at(map, i, &its)) != NULL; i++)
		if (strcmp(its, type) == 0)
			return target;
	return NULL;
}
