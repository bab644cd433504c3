/* SPDX-License-Identifier: Apache-2.0 */
/* Names of documents that only their content's coming tells. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/outcome.h"
#include "engine/writer.h"
#include "store/store_undo.h"

struct naming {
	char *listed; /* owned */
	bool is_listed; /* the document is called so */
	struct document_change change;
	char by[sizeof(((struct api_key *)NULL)->label)];
};

static int
naming_item(void *arg, const struct item_row *row)
{
	struct naming *naming = arg;

	naming->listed = mem_strdup(row->name);
	return naming->listed == NULL ? ERR_NOMEM : 0;
}

static int
naming_document(void *arg, const struct document *document)
{
	struct naming *naming = arg;

	naming->is_listed = strcmp(document->name, naming->listed) == 0;
	naming->change.disabled_us = document->disabled_us;
	naming->change.is_archived = document->is_archived;
	(void)snprintf(naming->by, sizeof(naming->by), "%s",
	    document->disabled_by == NULL ? "" : document->disabled_by);
	naming->change.disabled_by = naming->by;
	return 0;
}

int
outcome_rename(struct write_tx *tx, const struct job *job,
    const struct item *item, const char *name)
{
	struct naming naming = {.change = {.name = name}};
	int err;

	err = store_item_get(tx_store(tx), item->id, naming_item, &naming);
	if (err == 0)
		err = store_document_get(tx_store(tx), item->document_id,
		    naming_document, &naming);
	if (err == 0 && naming.is_listed)
		err = store_document_change(tx_store(tx), item->document_id,
		    &naming.change, tx_now_us(tx));
	if (err == 0 && naming.is_listed && job->keeps_replaced)
		err = store_replaced_settle(tx_store(tx), job->id,
		    item->document_id);
	mem_free(naming.listed);
	return err;
}
