/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datasets of the caller's own, and those that others share with it.  This is
 * the door: what is behind it works for the account that a dataset belongs to.
 */
#include <string.h>

#include "api/cognee/cognee_dataset.h"
#include "http/http.h"
#include "store/store_grant.h"

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

static void
granted_take(const struct granted *granted,
    struct cognee_dataset *ret_dataset)
{
	ret_dataset->id = granted->id;
	ret_dataset->account_id = granted->account_id;
	ret_dataset->owner = granted->owner;
	ret_dataset->uuid = granted->uuid;
	uuid_format(&granted->uuid, ret_dataset->text);
	memcpy(ret_dataset->name, granted->name, sizeof(granted->name));
	ret_dataset->created_us = granted->created_us;
	ret_dataset->updated_us = granted->updated_us;
	ret_dataset->rights = granted->rights;
}

int
cognee_dataset_find(struct http_request *request, struct store *reader,
    const struct uuid *uuid, unsigned rights,
    struct cognee_dataset *ret_dataset)
{
	struct granted granted;
	int err;

	err = store_granted_find(reader, request->caller.account_id, uuid,
	    &granted);
	if (err == 0 && (granted.rights & rights) != rights)
		err = ERR_NOT_FOUND;
	if (err == 0)
		granted_take(&granted, ret_dataset);
	return err;
}

int
cognee_dataset_named(struct http_request *request, struct store *reader,
    const char *name, struct cognee_dataset *ret_dataset)
{
	struct cognee_dataset dataset;
	struct found found = {.dataset = &dataset};
	int err;

	err = own_init(request, reader, &dataset);
	if (err == 0)
		err = store_base_find(reader, request->caller.account_id, NULL,
		    name, found_take, &found);
	if (err == 0)
		*ret_dataset = dataset;
	return err;
}

struct shared {
	cognee_dataset_fn *fn;
	void *arg;
	unsigned rights;
};

static int
shared_take(void *arg, const struct granted *granted)
{
	const struct shared *shared = arg;
	struct cognee_dataset dataset;

	if ((granted->rights & shared->rights) != shared->rights)
		return 0;
	granted_take(granted, &dataset);
	return shared->fn(shared->arg, &dataset);
}

int
cognee_datasets_each(struct http_request *request, struct store *reader,
    unsigned rights, cognee_dataset_fn *fn, void *arg)
{
	struct cognee_dataset dataset;
	struct found found = {.dataset = &dataset, .fn = fn, .arg = arg};
	struct shared shared = {fn, arg, rights};
	int err;

	err = own_init(request, reader, &dataset);
	if (err == 0)
		err = store_bases_each(reader, request->caller.account_id, 0,
		    INT32_MAX, found_take, &found);
	return err != 0 ? err
			: store_granted_each(reader,
			      request->caller.account_id, shared_take,
			      &shared);
}

int
cognee_datasets_granted(struct store *reader, const struct uuid *principal,
    unsigned rights, cognee_dataset_fn *fn, void *arg)
{
	struct shared shared = {fn, arg, rights};

	return store_granted_to(reader, principal, shared_take, &shared);
}
