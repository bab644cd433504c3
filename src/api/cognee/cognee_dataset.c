/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/cognee/cognee_dataset.h"
#include "http/http.h"
#include "store/store.h"

struct found {
	struct cognee_dataset *dataset;
	cognee_dataset_fn *fn; /* NULL: it is only taken */
	void *arg;
};

static int
found_take(void *arg, const struct base *base)
{
	struct found *found = arg;
	struct cognee_dataset *dataset = found->dataset;

	dataset->id = base->id;
	dataset->account_id = base->account_id;
	dataset->uuid = base->uuid;
	uuid_format(&base->uuid, dataset->text);
	memcpy(dataset->name, base->name, sizeof(base->name));
	dataset->created_us = base->created_us;
	dataset->updated_us = base->updated_us;
	return found->fn == NULL ? 0 : found->fn(found->arg, dataset);
}

/* What is the same of all that belong to the caller's account. */
static int
own_init(struct http_request *request, struct store *reader,
    struct cognee_dataset *dataset)
{
	struct account account;
	int err;

	memset(dataset, 0, sizeof(*dataset));
	err = store_account_get(reader, request->caller.account_id, &account);
	dataset->owner = account.uuid;
	dataset->rights = COGNEE_ALL_RIGHTS;
	return err;
}

/* By uuid or, where that is NULL, by name. */
static int
own_find(struct http_request *request, struct store *reader,
    const struct uuid *uuid, const char *name,
    struct cognee_dataset *ret_dataset)
{
	struct found found = {.dataset = ret_dataset};
	int err;

	err = own_init(request, reader, ret_dataset);
	return err < 0 ? err
		       : store_base_find(reader, request->caller.account_id,
			     uuid, name, found_take, &found);
}

int
cognee_dataset_find(struct http_request *request, struct store *reader,
    const struct uuid *uuid, unsigned rights,
    struct cognee_dataset *ret_dataset)
{
	struct cognee_dataset dataset;
	int err;

	err = own_find(request, reader, uuid, NULL, &dataset);
	if (err == 0 && (dataset.rights & rights) != rights)
		err = ERR_NOT_FOUND;
	if (err == 0)
		*ret_dataset = dataset;
	return err;
}

int
cognee_dataset_named(struct http_request *request, struct store *reader,
    const char *name, struct cognee_dataset *ret_dataset)
{
	struct cognee_dataset dataset;
	int err;

	err = own_find(request, reader, NULL, name, &dataset);
	if (err == 0)
		*ret_dataset = dataset;
	return err;
}

int
cognee_datasets_each(struct http_request *request, struct store *reader,
    unsigned rights, cognee_dataset_fn *fn, void *arg)
{
	struct cognee_dataset dataset;
	struct found found = {.dataset = &dataset, .fn = fn, .arg = arg};
	int err;

	err = own_init(request, reader, &dataset);
	if (err < 0 || (dataset.rights & rights) != rights)
		return err;
	return store_bases_each(reader, request->caller.account_id, 0,
	    INT32_MAX, found_take, &found);
}
