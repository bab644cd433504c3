/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/client.h"
#include "cmd/reasons.h"
#include "cmd/term.h"
#include "model/item_code.h"

/* A later server may have codes that this program does not know: they share
 * the row ITEM_CODE_NONE. */
struct reason {
	enum item_code code;
	uint64_t count;
	struct {
		char *name, *message; /* owned */
	} files[REASON_FILES_SHOWN];
	size_t file_count;
};

struct reasons {
	struct reason rows[ITEM_CODE_COUNT];
	uint64_t count, items_max;
	bool is_cut; /* there were more than items_max */
};

int
reasons_new(uint64_t items_max, struct reasons **ret_reasons)
{
	struct reasons *reasons = mem_zalloc(sizeof(*reasons));
	int code;

	if (reasons == NULL)
		return ERR_NOMEM;
	reasons->items_max = items_max;
	for (code = 0; code < ITEM_CODE_COUNT; code++)
		reasons->rows[code].code = (enum item_code)code;
	*ret_reasons = reasons;
	return 0;
}

void
reasons_free(struct reasons *reasons)
{
	size_t i, j;

	if (reasons == NULL)
		return;
	for (i = 0; i < ITEM_CODE_COUNT; i++)
		for (j = 0; j < reasons->rows[i].file_count; j++) {
			mem_free(reasons->rows[i].files[j].name);
			mem_free(reasons->rows[i].files[j].message);
		}
	mem_free(reasons);
}

bool
reasons_add(void *arg, const json_t *item)
{
	struct reasons *reasons = arg;
	const json_t *error = json_object_get(item, "error");
	struct reason *row =
	    &reasons->rows[item_code_find(json_text(error, "code"))];
	size_t n = row->file_count;

	if (reasons->count == reasons->items_max) {
		reasons->is_cut = true;
		return false;
	}
	reasons->count++;
	row->count++;
	if (n == REASON_FILES_SHOWN)
		return true;
	row->files[n].name = mem_strdup(json_text(item, "name"));
	row->files[n].message = mem_strdup(json_text(error, "message"));
	row->file_count++;
	return true;
}

static int
by_count(const void *a, const void *b)
{
	const struct reason *const *x = a, *const *y = b;

	if ((*x)->count != (*y)->count)
		return (*x)->count > (*y)->count ? -1 : 1;
	return (*x)->code < (*y)->code ? -1 : 1;
}

/* The rows that have something, the most frequent first. */
static size_t
rows_sort(const struct reasons *reasons,
    const struct reason *sorted[ITEM_CODE_COUNT])
{
	size_t i, count = 0;

	for (i = 0; i < ITEM_CODE_COUNT; i++)
		if (reasons->rows[i].count > 0)
			sorted[count++] = &reasons->rows[i];
	qsort(sorted, count, sizeof(sorted[0]), by_count);
	return count;
}

static void
files_print(const struct reason *row, FILE *out)
{
	const char *name, *message;
	size_t i;

	for (i = 0; i < row->file_count; i++) {
		name = row->files[i].name;
		message = row->files[i].message;
		if (name == NULL || message == NULL)
			continue; /* no memory for it */
		(void)fputs("    ", out);
		text_print(out, name);
		/* Most messages begin with the name and say it all. */
		if (message[0] != '\0' &&
		    strcmp(message, item_code_text(row->code)) != 0) {
			(void)fputs(": ", out);
			text_print(out, message);
		}
		(void)fputc('\n', out);
	}
	if (row->count > row->file_count)
		(void)fprintf(out, "    and %llu more\n",
		    (unsigned long long)(row->count - row->file_count));
}

void
reasons_print_failed(const struct reasons *reasons, FILE *out)
{
	const struct reason *sorted[ITEM_CODE_COUNT], *row;
	size_t i, count = rows_sort(reasons, sorted);

	for (i = 0; i < count; i++) {
		row = sorted[i];
		(void)fprintf(out, "\n%llu failed: %s",
		    (unsigned long long)row->count,
		    row->code == ITEM_CODE_NONE ? "other reasons" :
						  item_code_name(row->code));
		if (row->code != ITEM_CODE_NONE)
			(void)fprintf(out, "\n  %s\n  what to do: %s",
			    item_code_text(row->code),
			    item_code_advice(row->code));
		(void)fputc('\n', out);
		files_print(row, out);
	}
	if (reasons->is_cut)
		(void)fprintf(out, "\nonly the first %llu were looked at\n",
		    (unsigned long long)reasons->items_max);
}

void
reasons_print_skipped(const struct reasons *reasons, FILE *out)
{
	const struct reason *sorted[ITEM_CODE_COUNT];
	size_t i, count = rows_sort(reasons, sorted);

	(void)fputs(count > 0 ? "\n" : "", out);
	for (i = 0; i < count; i++) {
		(void)fprintf(out, "%llu skipped: %s: %s\n",
		    (unsigned long long)sorted[i]->count,
		    sorted[i]->code == ITEM_CODE_NONE ?
			"other reasons" :
			item_code_name(sorted[i]->code),
		    item_code_text(sorted[i]->code));
		/* Unchanged ones are no news, whatever they are called. */
		if (sorted[i]->code != ITEM_CODE_UNCHANGED)
			files_print(sorted[i], out);
	}
	if (reasons->is_cut)
		(void)fprintf(out, "only the first %llu were looked at\n",
		    (unsigned long long)reasons->items_max);
}
