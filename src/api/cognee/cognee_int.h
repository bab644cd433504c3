/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_int: what the files of this folder share.
 */
#ifndef API_COGNEE_COGNEE_INT_H
#define API_COGNEE_COGNEE_INT_H

#include "http/http.h"

http_problem_fn cognee_problem;

/* GET /api/v1/datasets/status */
http_handler_fn cognee_get_status;
/* GET /api/v1/datasets/status/progress */
http_handler_fn cognee_get_progress;

/* /api/v1/datasets and what is in them (cognee_datasets.c, cognee_data.c) */
http_handler_fn cognee_datasets_list, cognee_datasets_create;
http_handler_fn cognee_datasets_delete, cognee_datasets_clear;
http_handler_fn cognee_data_list, cognee_data_counts, cognee_data_raw;
http_handler_fn cognee_data_delete, cognee_delete;

/* What brings data, and what becomes of them (cognee_add.c, cognee_cognify.c,
 * cognee_remember.c, cognee_forget.c, cognee_improve.c) */
http_handler_fn cognee_add, cognee_add_text, cognee_update, cognee_cognify;
http_handler_fn cognee_remember, cognee_forget, cognee_improve;
http_handler_fn cognee_memify;

/* GET /api/v1/cognify/subscribe/{run}: a WebSocket */
http_handler_fn cognee_subscribe;

/* GET /api/v1/activity/pipeline-runs, GET /health/detailed */
http_handler_fn cognee_activity_runs, cognee_health, cognee_health_detailed;

/* /api/v1/auth (cognee_auth.c, cognee_auth_tokens.c, cognee_auth_keys.c) */
http_handler_fn cognee_login, cognee_logout, cognee_who, cognee_register;
http_handler_fn cognee_forgot_password, cognee_reset_password;
http_handler_fn cognee_request_verify, cognee_verify;
http_handler_fn cognee_keys_list, cognee_keys_create, cognee_keys_delete;

/* /api/v1/users (cognee_users.c) */
http_handler_fn cognee_users_me, cognee_users_change_me;
http_handler_fn cognee_users_get, cognee_users_change, cognee_users_delete;
http_handler_fn cognee_users_find;

/* /api/v1/search, recall and remember/entry (cognee_search.c,
 * cognee_recall.c, cognee_memo.c) */
http_handler_fn cognee_search_ask, cognee_search_history, cognee_recall;
http_handler_fn cognee_memo_remember;

/* A dataset's graph (cognee_graph.c), /api/v1/visualize
 * (cognee_visualize.c) */
http_handler_fn cognee_graph_get, cognee_graph_summary;
http_handler_fn cognee_schema_get, cognee_schema_put;
http_handler_fn cognee_visualize, cognee_visualize_json;
http_handler_fn cognee_visualize_multi, cognee_visualize_semantic;
http_handler_fn cognee_visualize_brains, cognee_visualize_events;

/* /api/v1/permissions (cognee_permissions.c, _groups.c, _list.c) */
http_handler_fn cognee_permissions_give, cognee_permissions_take;
http_handler_fn cognee_principal_datasets;
http_handler_fn cognee_roles_create, cognee_roles_delete;
http_handler_fn cognee_role_users_add, cognee_role_users_remove;
http_handler_fn cognee_tenants_create, cognee_tenants_delete;
http_handler_fn cognee_tenants_select, cognee_tenants_mine;
http_handler_fn cognee_tenant_users_add, cognee_tenant_users_remove;
http_handler_fn cognee_tenant_roles, cognee_tenant_users;

/* ---- answers (cognee_error.c) ------------------------------------------- */

/* {"detail":"..."} with that status; returns 0, as handlers do. */
int cognee_detail(struct http_reply *reply, int status, const char *detail);
/* null, with that status. */
int cognee_null(struct http_reply *reply, int status);
/* 429 with Retry-After. */
int cognee_too_many(struct http_request *request, struct http_reply *reply,
    unsigned wait_s);

/* ---- users (cognee_users.c) ---------------------------------------------- */

struct user;

/* Of an account that nobody has a password for.  Others do not get it: what is
 * shared with that address would be theirs. */
#define COGNEE_DEFAULT_EMAIL "default_user@example.com"

/* UserRead. */
void cognee_write_user(struct jsonw *w, const struct user *user);
/* Who calls; an account without a user has one made up, whose id is 0.
 * UserRead is the same for both, and so is who owns datasets. */
int cognee_caller(struct http_request *request, struct user *ret_user);
/* The same of any account. */
int cognee_user_of(struct store *reader, const struct account *account,
    struct user *ret_user);
/* ERR_INVALID with the note that says why, of an email: a 400 of a single
 * entry.  Returns 1. */
int cognee_invalid_email(struct http_request *request,
    struct http_reply *reply, const char *email);
/* {"detail":{"code":...,"reason":...}}; returns 0. */
int cognee_bad_password(struct http_request *request,
    struct http_reply *reply, const char *code);

#endif
