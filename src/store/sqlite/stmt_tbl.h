/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stmt_tbl: every statement with fixed text, prepared once per connection at
 * its first use.  has_part() is in sqlite_part.c, STANDING_SQL in
 * store/standing.h.
 */
/* clang-format off */
STMT(META_GET,         "SELECT value FROM meta WHERE name = ?1")
STMT(META_SET,         "UPDATE meta SET value = ?2 WHERE name = ?1")

STMT(ACCOUNT_ADD,      "INSERT INTO account (uuid, name, created_us, organization, environment)"
                       " VALUES (?1, ?2, ?3, ?4, ?5)")
#define ACCOUNT_COLUMNS "id, uuid, organization, environment, name, created_us"
STMT(ACCOUNT_GET,      "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = ?1")
STMT(ACCOUNT_OF,       "SELECT " ACCOUNT_COLUMNS " FROM account WHERE organization = ?1"
                       " AND environment = ?2")
STMT(ACCOUNT_FIRST,    "SELECT id, uuid FROM account ORDER BY id LIMIT 1")
STMT(ACCOUNT_FIND,     "SELECT " ACCOUNT_COLUMNS " FROM account WHERE uuid = ?1")
#define USER_COLUMNS   "id, uuid, account_id, email, password, is_active, is_superuser, is_verified," \
                       " generation, created_us, updated_us, (SELECT g.uuid FROM account a" \
                       " JOIN user_group g ON g.id = a.tenant_id WHERE a.id = user.account_id)"
STMT(USER_ADD,         "INSERT INTO user (uuid, account_id, email, password, is_active,"
                       " is_superuser, is_verified, generation, created_us, updated_us)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)")
STMT(USER_SAVE,        "UPDATE user SET email = ?2, password = ?3, is_active = ?4,"
                       " is_superuser = ?5, is_verified = ?6, generation = ?7,"
                       " updated_us = ?8 WHERE id = ?1")
STMT(USER_DELETE,      "DELETE FROM user WHERE id = ?1")
STMT(USER_GET,         "SELECT " USER_COLUMNS " FROM user WHERE uuid = ?1")
STMT(USER_BY_EMAIL,    "SELECT " USER_COLUMNS " FROM user WHERE email = ?1")
STMT(USERS,            "SELECT " USER_COLUMNS " FROM user WHERE id > ?1 ORDER BY id LIMIT ?2")
STMT(ORGANIZATION_HAS_BASES, "SELECT 1 FROM account o JOIN account a ON"
                       " a.organization = o.organization JOIN base b ON b.account_id = a.id"
                       " WHERE o.id = ?1 LIMIT 1")
/* What belongs to the accounts of an organization alone. */
#define ORGANIZATION   "(SELECT id FROM account WHERE organization = ?1)"
STMT(ORGANIZATION_KEYS, "DELETE FROM api_key WHERE account_id IN " ORGANIZATION)
STMT(ORGANIZATION_TAGS, "DELETE FROM tag WHERE account_id IN " ORGANIZATION)
STMT(ORGANIZATION_REQUESTS, "DELETE FROM request_key WHERE account_id IN " ORGANIZATION)
/* An account that is no user's any more, and that nothing is left of.  The
 * first one is the operator's. */
#define ACCOUNT_IS_IDLE "NOT EXISTS (SELECT 1 FROM user WHERE uuid = account.organization)" \
                       " AND account.organization <> (SELECT f.organization FROM account f" \
                       " WHERE f.id = (SELECT min(id) FROM account))" \
                       " AND NOT EXISTS (SELECT 1 FROM api_key WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM base WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM job WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM tag WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM object WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM webhook WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM event WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM memo WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM asked WHERE account_id = account.id)" \
                       " AND NOT EXISTS (SELECT 1 FROM request_key WHERE account_id = account.id)"
STMT(ACCOUNTS_DELETE,  "DELETE FROM account WHERE organization = ?1 AND " ACCOUNT_IS_IDLE)
STMT(ACCOUNTS_LOOK,    "SELECT account.id, " ACCOUNT_IS_IDLE " FROM account WHERE account.id > ?1"
                       " ORDER BY account.id LIMIT ?2")
STMT(ACCOUNTS_HAVE,    "SELECT 1 FROM account WHERE account.id > 0 AND " ACCOUNT_IS_IDLE
                       " LIMIT 1")
STMT(ACCOUNT_DELETE,   "DELETE FROM account WHERE id = ?1")
STMT(SESSION_END,      "INSERT OR IGNORE INTO ended_session (uuid, until_us) VALUES (?1, ?2)")
STMT(SESSIONS_ENDED,   "SELECT uuid, until_us FROM ended_session WHERE until_us > ?1")
STMT(SESSIONS_FORGET,  "DELETE FROM ended_session WHERE until_us <= ?1")
STMT(KEY_ADD,          "INSERT INTO api_key (uuid, account_id, hash, label, prefix, created_us)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
STMT(KEY_REVOKE,       "UPDATE api_key SET revoked_us = ?3 WHERE uuid = ?2 AND revoked_us = 0"
                       " AND account_id IN (SELECT a.id FROM account o JOIN account a"
                       " ON a.organization = o.organization WHERE o.id = ?1)")
STMT(KEYS,             "SELECT k.id, k.uuid, k.account_id, k.hash, k.label, k.prefix, k.created_us,"
                       " k.revoked_us, a.environment FROM api_key k JOIN account a"
                       " ON a.id = k.account_id WHERE ?1 = 0 OR a.organization ="
                       " (SELECT organization FROM account WHERE id = ?1) ORDER BY k.id")

#define BASE_COLUMNS   "id, uuid, account_id, name, description, settings, created_us," \
                       " updated_us, documents, segments, characters, embedding_model," \
                       " embedding_dimensions, embedder_id, wanted_id," \
                       " (SELECT e.name FROM embedder e WHERE e.id = embedder_id)," \
                       " (SELECT e.name FROM embedder e WHERE e.id = wanted_id)"
STMT(BASE_ADD,         "INSERT INTO base (uuid, account_id, name, description, settings,"
                       " created_us, updated_us, embedding_model, embedding_dimensions,"
                       " embedder_id, wanted_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9,"
                       " ?10)")
STMT(BASES_ALL,        "SELECT " BASE_COLUMNS " FROM base WHERE id > ?1 AND account_id <> 0"
                       " ORDER BY id LIMIT ?2")
/* Models of bases; see store_model.h. */
STMT(BASE_EMBEDDERS,   "SELECT embedder_id, wanted_id FROM base WHERE id = ?1")
STMT(ACCOUNT_EMBEDS,   "SELECT 1 FROM base WHERE account_id = ?1"
                       " AND ?2 IN (embedder_id, wanted_id) LIMIT 1")
STMT(BASE_MODEL,       "UPDATE base SET embedding_model = ?2, embedding_dimensions = ?3,"
                       " wanted_id = ?4, updated_us = ?5 WHERE id = ?1")
STMT(BASE_ANSWER,      "UPDATE base SET embedder_id = ?2 WHERE id = ?1")
STMT(WASTE_ADD,        "INSERT INTO vector_waste (base_id, embedder_id, after_id)"
                       " VALUES (?1, ?2, 0) ON CONFLICT (base_id, embedder_id)"
                       " DO UPDATE SET after_id = 0")
STMT(WASTE_DROP,       "DELETE FROM vector_waste WHERE base_id = ?1 AND embedder_id = ?2")
STMT(BASE_DELETE_WASTE, "DELETE FROM vector_waste WHERE base_id = ?1")
STMT(WASTE_FIRST,      "SELECT base_id, embedder_id, after_id FROM vector_waste"
                       " WHERE base_id > 0 LIMIT 1")
STMT(WASTE_MOVE,       "UPDATE vector_waste SET after_id = ?3 WHERE base_id = ?1"
                       " AND embedder_id = ?2")
STMT(WASTE_END,        "SELECT min(coalesce((SELECT segment_id FROM vector WHERE base_id = ?1"
                       " AND segment_id > ?2 ORDER BY segment_id LIMIT 1 OFFSET ?3), ?4),"
                       " coalesce((SELECT segment_id FROM child_vector WHERE base_id = ?1"
                       " AND segment_id > ?2 ORDER BY segment_id LIMIT 1 OFFSET ?3), ?4))")
#define WASTE_SPAN     " WHERE base_id = ?1 AND segment_id > ?2 AND segment_id <= ?3" \
                       " AND embedder_id = ?4"
STMT(WASTE_UNCLAIM,    "UPDATE revision SET embedder_id = iif(embedder_id = ?4, 0, embedder_id),"
                       " other_id = iif(other_id = ?4, 0, other_id)"
                       " WHERE ?4 IN (embedder_id, other_id) AND id IN"
                       " (SELECT revision_id FROM vector" WASTE_SPAN
                       " UNION ALL SELECT revision_id FROM child_vector" WASTE_SPAN ")")
STMT(WASTE_VECTORS,    "DELETE FROM vector" WASTE_SPAN)
STMT(WASTE_CHILD_VECTORS, "DELETE FROM child_vector" WASTE_SPAN)
/* Who has not all vectors of embedder ?2, and (for a walk) no item of job ?4
 * that is open or failed. */
#define UNEMBEDDED     " FROM document d JOIN revision r ON r.id = d.revision_id" \
                       " WHERE d.base_id = ?1 AND r.has_vectors <> 0" \
                       " AND r.embedder_id <> ?2 AND r.other_id <> ?2"
STMT(BASE_LACKS,       "SELECT 1" UNEMBEDDED " LIMIT 1")
STMT(DOCUMENTS_UNEMBEDDED, "SELECT d.id, d.uri, d.name, d.bytes" UNEMBEDDED " AND d.id > ?3"
                       " AND NOT EXISTS (SELECT 1 FROM item i WHERE i.document_id = d.id"
                       " AND i.document_id <> 0 AND i.job_id = ?4"
                       " AND (i.state < 9 OR i.state = 10)) ORDER BY d.id LIMIT ?5")
STMT(REVISION_EMBEDDERS, "SELECT r.base_id, r.has_vectors, r.embedder_id, r.other_id"
                       " FROM revision r WHERE r.id = ?1 AND r.state IN (2, 4)")
/* The slot that does not say by what the base answers. */
STMT(REVISION_CLAIM,   "UPDATE revision SET embedder_id = iif(other_id = ?3, other_id, embedder_id),"
                       " other_id = ?2 WHERE id = ?1 AND embedder_id <> ?2 AND other_id <> ?2")
/* A segment of it has vectors of what the base answers by alone. */
#define ANSWERING      "(SELECT b.embedder_id FROM base b WHERE b.id = revision.base_id)"
STMT(REVISION_UNCLAIM, "UPDATE revision SET embedder_id = iif(" ANSWERING
                       " IN (embedder_id, other_id), " ANSWERING ", 0), other_id = 0"
                       " WHERE id = ?1")
#define TEXT_LACKS     " AND s.disabled_us = 0 AND iif(c.id IS NULL," \
                       " NOT EXISTS (SELECT 1 FROM vector v WHERE v.base_id = ?2" \
                       " AND v.segment_id = s.id AND v.embedder_id = ?3)," \
                       " NOT EXISTS (SELECT 1 FROM child_vector w WHERE w.base_id = ?2" \
                       " AND w.segment_id = s.id AND w.child_id = c.id AND w.embedder_id = ?3))"
STMT(REVISION_LACKS,   "SELECT count(*) FROM segment s WHERE s.revision_id = ?1"
                       " AND s.disabled_us = 0 AND iif(EXISTS (SELECT 1 FROM child c"
                       " WHERE c.segment_id = s.id), EXISTS (SELECT 1 FROM child c"
                       " WHERE c.segment_id = s.id AND NOT EXISTS (SELECT 1 FROM child_vector w"
                       " WHERE w.base_id = ?2 AND w.segment_id = s.id AND w.child_id = c.id"
                       " AND w.embedder_id = ?3)), NOT EXISTS (SELECT 1 FROM vector v"
                       " WHERE v.base_id = ?2 AND v.segment_id = s.id AND v.embedder_id = ?3))")
STMT(TEXTS_UNEMBEDDED, "SELECT s.id, coalesce(c.id, 0), s.ordinal, coalesce(c.text, s.text)"
                       " FROM segment s LEFT JOIN child c ON c.segment_id = s.id"
                       " WHERE s.revision_id = ?1" TEXT_LACKS " AND s.ordinal >= ?4"
                       " AND (s.ordinal > ?4 OR coalesce(c.id, 0) > ?5)"
                       " ORDER BY s.ordinal, c.ordinal")
STMT(SEGMENT_TEXT_IS,  "SELECT 1 FROM segment s WHERE s.id = ?1 AND s.revision_id = ?2"
                       " AND s.disabled_us = 0 AND s.text = ?3 AND NOT EXISTS"
                       " (SELECT 1 FROM child c WHERE c.segment_id = s.id)")
STMT(CHILD_TEXT_IS,    "SELECT 1 FROM child c JOIN segment s ON s.id = c.segment_id"
                       " WHERE c.id = ?4 AND s.id = ?1 AND s.revision_id = ?2"
                       " AND s.disabled_us = 0 AND c.text = ?3")
STMT(BASE_SAVE,        "UPDATE base SET name = ?2, description = ?3, settings = ?4,"
                       " updated_us = ?5 WHERE id = ?1")
STMT(BASE_BY_UUID,     "SELECT " BASE_COLUMNS " FROM base WHERE uuid = ?2"
                       " AND (?1 = 0 OR account_id = ?1)")
STMT(BASE_BY_NAME,     "SELECT " BASE_COLUMNS " FROM base WHERE account_id = ?1 AND name = ?2")
STMT(BASES,            "SELECT " BASE_COLUMNS " FROM base WHERE account_id = ?1 AND id > ?2"
                       " ORDER BY id LIMIT ?3")
/* The tags that are asked for are a JSON array of their rows. */
#define BASE_PAGE      " FROM base b WHERE b.account_id = ?1" \
                       " AND (?2 IS NULL OR has_part(b.name, ?2))" \
                       " AND NOT EXISTS (SELECT 1 FROM json_each(?3) t WHERE NOT EXISTS" \
                       " (SELECT 1 FROM base_tag g WHERE g.base_id = b.id" \
                       " AND g.tag_id = t.value))"
STMT(BASES_PAGE,       "SELECT " BASE_COLUMNS BASE_PAGE " ORDER BY b.id DESC LIMIT ?5 OFFSET ?4")
STMT(BASES_COUNT,      "SELECT count(*)" BASE_PAGE)
STMT(BASE_POSITION,    "UPDATE base SET positions = positions + 1 WHERE id = ?1")
STMT(BASE_GROW,        "UPDATE base SET documents = documents + ?2, segments = segments + ?3,"
                       " characters = characters + ?4, generation = ?5 WHERE id = ?1")
STMT(BASE_GENERATION,  "SELECT generation FROM base WHERE id = ?1")
STMT(BASE_DELETE_CHILDREN, "DELETE FROM child WHERE segment_id IN (SELECT s.id FROM revision r"
                       " JOIN segment s ON s.revision_id = r.id WHERE r.base_id = ?1)")
STMT(BASE_DELETE_RELATIONS, "DELETE FROM relation WHERE segment_id IN (SELECT m.segment_id"
                       " FROM entity e JOIN mention m ON m.entity_id = e.id WHERE e.base_id = ?1)")
STMT(BASE_DELETE_MENTIONS, "DELETE FROM mention WHERE entity_id IN"
                       " (SELECT id FROM entity WHERE base_id = ?1)")
STMT(BASE_DELETE_ENTITIES, "DELETE FROM entity WHERE base_id = ?1")
STMT(BASE_DELETE_CHILD_VECTORS, "DELETE FROM child_vector WHERE base_id = ?1")
STMT(BASE_DELETE_MEMOS, "DELETE FROM memo WHERE base_uuid = (SELECT uuid FROM base WHERE id = ?1)")
STMT(BASE_DELETE_ASKED, "DELETE FROM asked WHERE base_uuid = (SELECT uuid FROM base WHERE id = ?1)")
STMT(BASE_DELETE_TAGS, "DELETE FROM base_tag WHERE base_id = ?1")
STMT(BASE_DELETE_SEGMENTS, "DELETE FROM segment WHERE revision_id IN"
                       " (SELECT id FROM revision WHERE base_id = ?1)")
STMT(BASE_DELETE_VECTORS, "DELETE FROM vector WHERE base_id = ?1")
STMT(BASE_DELETE_REVISIONS, "DELETE FROM revision WHERE base_id = ?1")
STMT(BASE_DELETE_DOCUMENTS, "DELETE FROM document WHERE base_id = ?1")
STMT(BASE_DELETE_ITEMS, "DELETE FROM item WHERE job_id IN (SELECT id FROM job WHERE base_id = ?1)")
STMT(BASE_DELETE_SHARES, "DELETE FROM share WHERE job_id IN (SELECT id FROM job"
                       " WHERE base_id = ?1)")
STMT(BASE_DELETE_SCHEDULES, "DELETE FROM schedule WHERE base_id = ?1")
STMT(BASE_DELETE_SOURCES, "DELETE FROM source WHERE base_id = ?1")
STMT(BASE_DELETE_REPLACED, "DELETE FROM replaced WHERE job_id IN (SELECT id FROM job"
                       " WHERE base_id = ?1)")
STMT(BASE_DELETE_JOBS, "DELETE FROM job WHERE base_id = ?1")
STMT(BASE_DELETE,      "DELETE FROM base WHERE id = ?1")

/* Moving a base to account ?2.  A name that the new account's requests have
 * already stays theirs. */
STMT(BASE_MOVE,        "UPDATE base SET account_id = ?2 WHERE id = ?1")
STMT(BASE_MOVE_OBJECTS, "INSERT OR IGNORE INTO object (account_id, key, name, hash, bytes,"
                       " created_us) SELECT ?2, o.key, o.name, o.hash, o.bytes, o.created_us"
                       " FROM base b JOIN source s ON s.base_id = b.id JOIN object o"
                       " ON o.account_id = b.account_id AND o.key = s.key WHERE b.id = ?1")
STMT(BASE_MOVE_REQUESTS, "UPDATE OR IGNORE request_key SET account_id = ?2 WHERE job_id IN"
                       " (SELECT id FROM job WHERE base_id = ?1)")
STMT(BASE_MOVE_LEFT,   "DELETE FROM request_key WHERE account_id <> ?2 AND job_id IN"
                       " (SELECT id FROM job WHERE base_id = ?1)")
STMT(BASE_MOVE_JOBS,   "UPDATE job SET account_id = ?2 WHERE base_id = ?1")

#define JOB_COLUMNS    "j.id, j.uuid, j.account_id, j.base_id, b.uuid, b.name, j.batch, j.kind," \
                       " j.dialect, j.attempt, j.created_us, j.state, j.scan, j.is_paused," \
                       " j.is_finalized, j.total, j.queued, j.processing, j.completed, j.failed," \
                       " j.skipped, j.cancelled, j.removed, j.unchanged, j.empty, j.bytes_total," \
                       " j.bytes_done, j.bytes_completed, j.segments_total," \
                       " j.segments_completed, j.characters, j.stages, j.percent_hundredths," \
                       " j.code, j.message, j.cancelled_by, j.started_us, j.updated_us," \
                       " j.finished_us, j.cancelled_us, j.rev, j.generation, j.paused_us," \
                       " j.form, j.keeps_replaced, j.undone_us, j.embedding_tokens"
#define JOB_FROM       " FROM job j JOIN base b ON b.id = j.base_id "
STMT(JOB_ADD,          "INSERT INTO job (uuid, account_id, base_id, batch, kind, dialect, source,"
                       " attempt, created_us, state, scan, is_paused, is_finalized, total, queued,"
                       " processing, completed, failed, skipped, cancelled, removed, unchanged,"
                       " empty, bytes_total, bytes_done, bytes_completed, segments_total,"
                       " segments_completed, characters, stages, percent_hundredths, code,"
                       " message, cancelled_by, started_us, updated_us, finished_us, cancelled_us,"
                       " rev, generation, form, keeps_replaced, standing)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, 0, 0, 0, 0, 0, 0, 0,"
                       " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, x'', 0, 0, '', '', 0, 0, 0, 0, 0, 0, ?11, ?12,"
                       " ?10)")
STMT(JOB_SAVE,         "UPDATE job SET state = ?2, scan = ?3, is_paused = ?4, is_finalized = ?5,"
                       " total = ?6, queued = ?7, processing = ?8, completed = ?9, failed = ?10,"
                       " skipped = ?11, cancelled = ?12, removed = ?13, unchanged = ?14,"
                       " empty = ?15, bytes_total = ?16, bytes_done = ?17, bytes_completed = ?18,"
                       " segments_total = ?19, segments_completed = ?20, characters = ?21,"
                       " stages = ?22, percent_hundredths = ?23, code = ?24, message = ?25,"
                       " cancelled_by = ?26, started_us = ?27, updated_us = ?28,"
                       " finished_us = ?29, cancelled_us = ?30, rev = ?31, generation = ?32,"
                       " paused_us = ?33, undone_us = ?34, embedding_tokens = ?35,"
                       " standing = CASE WHEN ?2 = 4 AND ?27 = 0 THEN 1"
                       " WHEN ?2 = 7 AND ?9 + ?14 = 0 THEN 9 ELSE ?2 END WHERE id = ?1")
STMT(JOB_BY_UUID,      "SELECT " JOB_COLUMNS JOB_FROM "WHERE j.uuid = ?2"
                       " AND (?1 = 0 OR j.account_id = ?1)")
STMT(JOB_BY_BATCH,     "SELECT " JOB_COLUMNS " FROM job j INDEXED BY job_batch"
                       " JOIN base b ON b.id = j.base_id WHERE j.batch = ?2 AND j.base_id = ?1"
                       " ORDER BY j.id DESC LIMIT 1")
/* One look into an index for each kind: of some there may be very many.  Jobs
 * that embed again (8) bring nothing to the index. */
STMT(JOB_NEWEST_BUT,   "SELECT " JOB_COLUMNS JOB_FROM "WHERE j.id = (SELECT max((SELECT max(k.id)"
                       " FROM job k WHERE k.base_id = ?1 AND k.kind = v.column1))"
                       " FROM (VALUES (1), (2), (3), (4), (5), (6), (7)) v WHERE v.column1 <> ?2)")
/* Of each kind the newest; of these the one that ended last. */
STMT(JOB_ENDED_LAST,   "SELECT " JOB_COLUMNS JOB_FROM "WHERE j.id = (SELECT n.id"
                       " FROM (VALUES (1), (2), (3), (4), (5), (6), (7)) v JOIN job n ON n.id ="
                       " (SELECT max(k.id) FROM job k WHERE k.base_id = ?1"
                       " AND k.kind = v.column1) WHERE v.column1 <> ?2"
                       " ORDER BY n.finished_us DESC, n.id DESC LIMIT 1)")
STMT(JOB_RUNNING,      "SELECT " JOB_COLUMNS " FROM job j INDEXED BY job_live_base"
                       " JOIN base b ON b.id = j.base_id WHERE j.base_id = ?1 AND j.state < 6"
                       " AND j.kind NOT IN (?2, 8) ORDER BY j.started_us = 0, j.id LIMIT 1")
STMT(JOB_NEXT,         "SELECT " JOB_COLUMNS " FROM job j INDEXED BY job_live_base"
                       " JOIN base b ON b.id = j.base_id WHERE j.base_id = ?1 AND j.state < 6"
                       " AND j.kind = ?2 AND j.id > ?3 ORDER BY j.id LIMIT 1")
STMT(JOB_SOURCE,       "SELECT source FROM job WHERE id = ?1")
/* Picked and counted from an index alone; of what is on the page the rest is
 * read. */
#define JOBS_PICKED(picks) \
                       " FROM job k INDEXED BY " picks " AND k.account_id = ?1" \
                       " AND (?2 = 0 OR k.id < ?2) AND (?3 = 0" \
                       " OR (1 << iif(?7, k.standing, k.state)) & ?3)"
#define JOBS_OF_ACCOUNT JOBS_PICKED("job_account WHERE 1")
#define JOBS_OF_ONE_BASE JOBS_PICKED("job_base WHERE k.base_id = ?6")
#define JOBS_OF_PAGE(where) \
                       "SELECT " JOB_COLUMNS " FROM (SELECT k.id AS picked" where \
                       " ORDER BY k.id DESC LIMIT ?4 OFFSET ?5) page" \
                       " JOIN job j ON j.id = page.picked JOIN base b ON b.id = j.base_id" \
                       " ORDER BY j.id DESC"
STMT(JOBS,             JOBS_OF_PAGE(JOBS_OF_ACCOUNT))
STMT(JOBS_COUNT,       "SELECT count(*)" JOBS_OF_ACCOUNT)
STMT(JOBS_OF_BASE,     JOBS_OF_PAGE(JOBS_OF_ONE_BASE))
STMT(JOBS_COUNT_OF_BASE, "SELECT count(*)" JOBS_OF_ONE_BASE)
STMT(JOBS_LIVE,        "SELECT " JOB_COLUMNS JOB_FROM "WHERE j.state < 6 ORDER BY j.id")
/* What has changed lately is little, all jobs of an account are many. */
STMT(JOBS_CHANGED,     "SELECT " JOB_COLUMNS " FROM job j INDEXED BY job_rev"
                       " JOIN base b ON b.id = j.base_id"
                       " WHERE j.rev > ?2 AND j.account_id = ?1 ORDER BY j.rev LIMIT ?3")

#define ITEM_COLUMNS   "i.id, i.job_id, i.seq, i.document_id, i.uri, i.name, i.blob," \
                       " i.metadata, i.bytes, i.mtime_us, i.queued_us, i.state, i.stage," \
                       " i.attempt, i.interruptions, i.waiting_for, i.due_us, i.bytes_done," \
                       " i.segments_total, i.segments_completed, i.code, i.error_stage," \
                       " i.message, i.steps, i.finished_us, i.updated_us, i.rev, j.uuid, b.uuid,"\
                       " i.parent_id, i.root_id, i.depth, i.source_id, i.etag"
#define ITEM_FROM      " FROM item i JOIN job j ON j.id = i.job_id" \
                       " JOIN base b ON b.id = j.base_id "
STMT(ITEM_ADD,         "INSERT INTO item (job_id, seq, document_id, uri, name, blob, metadata,"
                       " bytes, mtime_us, queued_us, state, stage, attempt, interruptions,"
                       " waiting_for, due_us, bytes_done, segments_total, segments_completed,"
                       " code, error_stage, message, steps, finished_us, updated_us, rev,"
                       " parent_id, root_id, depth, source_id, etag)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
                       " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,"
                       " ?28, ?29, ?30, coalesce(?31, ''))")
STMT(ITEM_SAVE,        "UPDATE item SET state = ?2, stage = ?3, attempt = ?4, interruptions = ?5,"
                       " waiting_for = ?6, due_us = ?7, bytes_done = ?8, segments_total = ?9,"
                       " segments_completed = ?10, code = ?11, error_stage = ?12, message = ?13,"
                       " steps = ?14, finished_us = ?15, updated_us = ?16, rev = ?17,"
                       " bytes = ?20, mtime_us = ?21"
                       " WHERE id = ?1 AND state = ?18 AND attempt = ?19")
STMT(ITEM_GET,         "SELECT " ITEM_COLUMNS ITEM_FROM "WHERE i.id = ?1")
STMT(ITEMS,            "SELECT " ITEM_COLUMNS ITEM_FROM "WHERE i.job_id = ?1 AND i.seq > ?2"
                       " AND (?3 = 0 OR (1 << i.state) & ?3)"
                       " AND (?4 IS NULL OR instr(lower(i.name), lower(?4)) > 0)"
                       " ORDER BY i.seq LIMIT ?5 OFFSET ?6")
/* The same by states, without a name: each state has an index in order of seq,
 * so that rows that are left out are not read; of several the indexes are
 * merged, which takes ten times as long for each of those. */
#define ITEMS_STATE(name, state) \
                       "SELECT seq FROM item INDEXED BY item_" #name " WHERE job_id = ?1" \
                       " AND state = " #state " AND seq > ?2 AND (?3 >> " #state ") & 1 "
#define ITEMS_BUSY_SEQ "SELECT seq FROM item INDEXED BY item_busy WHERE job_id = ?1" \
                       " AND state > 1 AND state < 9 AND seq > ?2 AND ?3 & 508" \
                       " AND (?3 >> state) & 1 "
#define ITEMS_BY(seqs) "SELECT " ITEM_COLUMNS ITEM_FROM "WHERE i.job_id = ?1 AND i.seq IN (" \
                       seqs "ORDER BY seq LIMIT ?4 OFFSET ?5) ORDER BY i.seq"
STMT(ITEMS_QUEUED,     ITEMS_BY(ITEMS_STATE(queued, 1)))
STMT(ITEMS_BUSY,       ITEMS_BY(ITEMS_BUSY_SEQ))
STMT(ITEMS_COMPLETED,  ITEMS_BY(ITEMS_STATE(completed, 9)))
STMT(ITEMS_FAILED,     ITEMS_BY(ITEMS_STATE(failed, 10)))
STMT(ITEMS_SKIPPED,    ITEMS_BY(ITEMS_STATE(skipped, 11)))
STMT(ITEMS_CANCELLED,  ITEMS_BY(ITEMS_STATE(cancelled, 12)))
STMT(ITEMS_IN,         ITEMS_BY(ITEMS_STATE(queued, 1) "UNION ALL " ITEMS_BUSY_SEQ
                       "UNION ALL " ITEMS_STATE(completed, 9) "UNION ALL "
                       ITEMS_STATE(failed, 10) "UNION ALL " ITEMS_STATE(skipped, 11)
                       "UNION ALL " ITEMS_STATE(cancelled, 12)))
#undef ITEMS_STATE
#undef ITEMS_BUSY_SEQ
#undef ITEMS_BY
STMT(ITEMS_OPEN,       "SELECT " ITEM_COLUMNS " FROM item i INDEXED BY item_open"
                       " JOIN job j ON j.id = i.job_id JOIN base b ON b.id = j.base_id"
                       " WHERE i.job_id = ?1 AND i.seq > ?2 AND i.state < 9"
                       " ORDER BY i.seq LIMIT ?3")
/* Those that only embed it again have nothing to do with its content. */
STMT(ITEMS_OF_DOCUMENT, "SELECT " ITEM_COLUMNS ITEM_FROM "WHERE i.document_id = ?1"
                       " AND i.document_id <> 0 AND i.state < 9 AND j.kind <> 8"
                       " ORDER BY i.job_id LIMIT ?2")
STMT(ITEMS_CHANGED,    "SELECT " ITEM_COLUMNS " FROM item i INDEXED BY item_rev"
                       " JOIN job j ON j.id = i.job_id JOIN base b ON b.id = j.base_id"
                       " WHERE i.rev > ?3 AND j.account_id = ?1"
                       " AND (?2 = 0 OR i.job_id = ?2) ORDER BY i.rev LIMIT ?4")
STMT(ITEM_UNREAD,      "SELECT 1 FROM item WHERE job_id = ?1 AND uri = ?2 AND document_id = 0"
                       " LIMIT 1")
STMT(ITEM_OF,          "SELECT blob FROM item WHERE job_id = ?1 AND document_id = ?2"
                       " AND document_id <> 0 ORDER BY id DESC LIMIT 1")
STMT(ITEM_MEMBERS,     "SELECT count(*), coalesce(sum(bytes), 0) FROM item"
                       " WHERE job_id = ?1 AND root_id = ?2 AND root_id <> 0"
                       " AND parent_id <> ?3")
STMT(ITEM_OF_DOCUMENT, "UPDATE document SET item_id = ?2, held_us = 0 WHERE id = ?1")
STMT(ITEM_TAG,         "UPDATE item SET etag = ?2 WHERE id = ?1")
/* Failed items of the account, the newest first; of them those that count. */
#define FAILED_ITEMS   " (SELECT x.id FROM job k INDEXED BY job_failed CROSS JOIN item x" \
                       " INDEXED BY item_failed ON x.job_id = k.id AND x.state = 10" \
                       " WHERE k.account_id = ?1 AND k.failed > 0" \
                       " ORDER BY k.id DESC, x.seq DESC LIMIT ?2) page"
#define FAILURE_IS     " (EXISTS (SELECT 1 FROM document d WHERE d.id = i.document_id" \
                       " AND d.item_id = i.id) OR (i.document_id = 0 AND NOT EXISTS" \
                       " (SELECT 1 FROM job n WHERE n.base_id = j.base_id AND n.id > j.id)))"
STMT(FAILURES_COUNT,   "SELECT coalesce(sum(" FAILURE_IS "), 0), count(*) FROM" FAILED_ITEMS
                       " CROSS JOIN item i ON i.id = page.id JOIN job j ON j.id = i.job_id")
STMT(FAILURES,         "SELECT " ITEM_COLUMNS " FROM" FAILED_ITEMS
                       " CROSS JOIN item i ON i.id = page.id JOIN job j ON j.id = i.job_id"
                       " JOIN base b ON b.id = j.base_id WHERE" FAILURE_IS
                       " LIMIT ?3")
#undef FAILED_ITEMS
#undef FAILURE_IS
STMT(ACCOUNT_SUMS,     "SELECT count(*), coalesce(sum(documents), 0), coalesce(sum(segments), 0),"
                       " (SELECT count(*) FROM job INDEXED BY job_live WHERE state < 6"
                       " AND account_id = ?1) FROM base WHERE account_id = ?1")
STMT(STORE_BYTES,      "SELECT c.page_count * s.page_size FROM pragma_page_count() c,"
                       " pragma_page_size() s")
/* What listings found; members came out of that. */
STMT(ITEMS_FOUND,      "SELECT count(*) FROM item WHERE job_id = ?1 AND parent_id = 0")

/* What the caller gave goes before what the document says of itself. */
#define DOCUMENT_COLUMNS "d.id, d.base_id, b.uuid, d.uri, d.name," \
                       " CASE WHEN coalesce(r.properties, '{}') = '{}' THEN d.metadata" \
                       " ELSE json_patch(r.properties, d.metadata) END, d.bytes," \
                       " d.mtime_us, d.revision_id, d.hash, r.segments, r.characters, r.title," \
                       " r.media_type, r.language, r.keyphrases, r.summary, r.pages," \
                       " d.created_us, d.updated_us, d.indexed_us, d.item_id, i.state, i.code," \
                       " d.seen_job, coalesce(r.rule, 0), d.parent_id, i.stage, d.settings," \
                       " d.position, d.disabled_us, d.disabled_by, d.is_archived, j.is_paused," \
                       " r.has_vectors, d.source_id, d.etag, d.metadata, d.held_us"
#define DOCUMENT_FROM  " FROM document d JOIN base b ON b.id = d.base_id" \
                       " LEFT JOIN revision r ON r.id = d.revision_id" \
                       " LEFT JOIN item i ON i.id = d.item_id" \
                       " LEFT JOIN job j ON j.id = i.job_id "
STMT(DOCUMENT_ID,      "SELECT id FROM document WHERE base_id = ?1 AND uri = ?2")
STMT(DOCUMENT_ADD,     "INSERT INTO document (base_id, uri, name, metadata, seen_job, parent_id,"
                       " created_us, updated_us, position) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7,"
                       " (SELECT positions FROM base WHERE id = ?1))")
STMT(DOCUMENT_SEEN,    "UPDATE document SET name = ?2, metadata = ?3, seen_job = ?4,"
                       " parent_id = ?5 WHERE id = ?1")
STMT(DOCUMENT_FIND,    "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM "WHERE d.base_id = ?1 AND d.uri = ?2")
STMT(DOCUMENT_GET,     "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM "WHERE d.id = ?1")
#define DOCUMENTS_SIFT "WHERE d.base_id = ?1 AND (?3 = 0 OR (1 << i.state) & ?3)" \
                       " AND (?4 IS NULL OR instr(lower(d.name), lower(?4)) > 0)"
#define DOCUMENTS_OF   " AND d.parent_id = ?6 AND d.parent_id <> 0"
#define DOCUMENTS_OUT  " AND (?6 = 0 OR d.parent_id = 0)"
STMT(DOCUMENTS,        "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM DOCUMENTS_SIFT DOCUMENTS_OUT
                       " AND d.id > ?2 ORDER BY d.id LIMIT ?5")
STMT(DOCUMENTS_DOWN,   "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM DOCUMENTS_SIFT DOCUMENTS_OUT
                       " AND d.id < ?2 ORDER BY d.id DESC LIMIT ?5")
STMT(DOCUMENTS_INSIDE, "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM DOCUMENTS_SIFT DOCUMENTS_OF
                       " AND d.id > ?2 ORDER BY d.id LIMIT ?5")
STMT(DOCUMENTS_INSIDE_DOWN, "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM DOCUMENTS_SIFT DOCUMENTS_OF
                       " AND d.id < ?2 ORDER BY d.id DESC LIMIT ?5")
STMT(DOCUMENTS_FOUND,  "SELECT d.id, r.id, d.name, d.uri, r.title, r.keyphrases FROM document d"
                       " JOIN revision r ON r.id = d.revision_id WHERE d.base_id = ?1"
                       " AND d.disabled_us = 0 AND d.is_archived = 0 ORDER BY d.id")
STMT(DOCUMENTS_UNSEEN, "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM "WHERE d.base_id = ?1 AND d.id > ?2"
                       " AND d.seen_job <> ?3 AND d.parent_id = 0"
                       " AND substr(d.uri, 1, length(?4)) = ?4"
                       " ORDER BY d.id LIMIT ?5")
STMT(DOCUMENT_MEMBERS, "SELECT d.id FROM document d WHERE d.parent_id = ?1"
                       " AND d.parent_id <> 0 AND (?2 = 0 OR (d.seen_job < ?2"
                       " AND NOT EXISTS (SELECT 1 FROM item i WHERE i.document_id = d.id"
                       " AND i.document_id <> 0 AND i.job_id = ?2)))"
                       " ORDER BY d.id LIMIT ?3")
STMT(DOCUMENT_ENDED,   "WITH RECURSIVE inside (id, item_id) AS ("
                       "SELECT id, item_id FROM document WHERE parent_id = ?1"
                       " AND parent_id <> 0 UNION ALL SELECT d.id, d.item_id FROM inside"
                       " JOIN document d ON d.parent_id = inside.id AND d.parent_id <> 0)"
                       " SELECT 1 FROM inside JOIN item i ON i.id = inside.item_id"
                       " WHERE i.state IN (10, 12) AND (1 << i.code) & ?2 LIMIT 1")
STMT(DOCUMENT_BY_HASH, "SELECT id FROM document WHERE base_id = ?1 AND hash = ?2 AND id <> ?3"
                       " LIMIT 1")
STMT(DOCUMENT_TOUCH,   "UPDATE document SET bytes = ?2, mtime_us = ?3, seen_job = ?4 WHERE id = ?1")
STMT(DOCUMENT_PUBLISH, "UPDATE document SET revision_id = ?2, hash = ?3, bytes = ?4, mtime_us = ?5,"
                       " updated_us = ?6, indexed_us = ?6,"
                       " etag = coalesce((SELECT i.etag FROM item i WHERE i.id = ?7), '')"
                       " WHERE id = ?1")
STMT(DOCUMENT_RETAG,   "UPDATE document SET etag = coalesce((SELECT i.etag FROM item i"
                       " WHERE i.id = ?2), '') WHERE id = ?1")
STMT(DOCUMENT_UNREAD,  "UPDATE document SET unread_rule = ?2 WHERE id = ?1")
STMT(DOCUMENT_LAST,    "SELECT d.unread_rule, i.code, i.bytes, i.mtime_us, i.etag, i.message"
                       " FROM document d JOIN item i ON i.id = d.item_id WHERE d.id = ?1")
STMT(DOCUMENT_HOLD,    "UPDATE document SET held_us = ?2 WHERE id = ?1")
STMT(DOCUMENT_ADDRESS, "UPDATE document SET uri = ?2 WHERE id = ?1")
STMT(DOCUMENT_AT,      "SELECT o.id FROM document d JOIN document o ON o.base_id = d.base_id"
                       " AND o.uri = ?2 WHERE d.id = ?1 AND o.id <> ?1")
STMT(DOCUMENT_FORGET,  "UPDATE document SET revision_id = 0, hash = NULL, etag = '', bytes = 0,"
                       " mtime_us = 0, indexed_us = 0, unread_rule = 0, held_us = ?2 WHERE id = ?1")
STMT(DOCUMENTS_HELD,   "SELECT max(held_us) FROM document INDEXED BY document_held"
                       " WHERE base_id = ?1 AND held_us <> 0")
/* rule -1: changed by hand. */
STMT(DOCUMENTS_KEPT,   "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM "WHERE d.base_id = ?1 AND d.id > ?3"
                       " AND d.parent_id = 0 AND (d.source_id = 0 OR d.held_us <> 0)"
                       " AND (d.held_us <> 0 OR i.state IN (10, 12) OR d.settings <> '{}'"
                       " OR (d.revision_id = 0 AND i.code = 10)"
                       " OR (d.revision_id <> 0 AND r.rule NOT IN (?2, -1))"
                       " OR EXISTS (SELECT 1 FROM document m WHERE m.parent_id = d.id"
                       " AND m.parent_id <> 0)) ORDER BY d.id LIMIT ?4")
STMT(DOCUMENT_ORIGIN,  "UPDATE document SET source_id = ?2 WHERE id = ?1")
STMT(SOURCE_DOCUMENTS, "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM "WHERE d.source_id = ?1"
                       " AND d.source_id <> 0 AND d.id > ?3 AND d.parent_id = 0"
                       " AND (?2 = 0 OR d.seen_job <> ?2) ORDER BY d.id LIMIT ?4")
STMT(DOCUMENT_LIVE,    "SELECT d.revision_id, d.base_id, coalesce(r.segments, 0),"
                       " coalesce(r.characters, 0), coalesce(r.has_vectors, 0),"
                       " d.disabled_us <> 0 OR d.is_archived <> 0, coalesce(r.stems, 0)"
                       " FROM document d LEFT JOIN revision r ON r.id = d.revision_id WHERE d.id = ?1")
STMT(DOCUMENT_EDITED,  "UPDATE document SET hash = NULL, updated_us = max(updated_us, ?2)"
                       " WHERE id = ?1")
STMT(DOCUMENT_CHANGE,  "UPDATE document SET name = coalesce(?2, name),"
                       " metadata = coalesce(?3, metadata), settings = coalesce(?4, settings),"
                       " disabled_us = ?5, disabled_by = coalesce(?6, ''), is_archived = ?7,"
                       " updated_us = ?8 WHERE id = ?1")
STMT(DOCUMENT_BY_NAME, "SELECT " DOCUMENT_COLUMNS DOCUMENT_FROM "WHERE d.base_id = ?1"
                       " AND d.name = ?2 AND d.disabled_us = 0 AND d.is_archived = 0"
                       " ORDER BY d.id DESC LIMIT 1")
/* Without standings they are picked and counted from indexes alone.  Only what
 * is on the page is joined with all that it says, not what comes before it. */
#define DOCUMENTS_NAMED " FROM document d WHERE d.base_id = ?1" \
                       " AND (?2 IS NULL OR instr(d.name, ?2) > 0)"
#define DOCUMENTS_STANDING " FROM document d LEFT JOIN item i ON i.id = d.item_id" \
                       " WHERE d.base_id = ?1 AND (?2 IS NULL OR instr(d.name, ?2) > 0)" \
                       " AND (1 << " STANDING_SQL ") & ?3"
#define DOCUMENTS_ORDER " ORDER BY d.created_us DESC, d.id DESC"
#define DOCUMENTS_PICKED(from) \
                       "SELECT " DOCUMENT_COLUMNS " FROM (SELECT d.id AS picked" from \
                       DOCUMENTS_ORDER " LIMIT ?5 OFFSET ?4) page" \
                       " JOIN document d ON d.id = page.picked JOIN base b ON b.id = d.base_id" \
                       " LEFT JOIN revision r ON r.id = d.revision_id" \
                       " LEFT JOIN item i ON i.id = d.item_id" \
                       " LEFT JOIN job j ON j.id = i.job_id" DOCUMENTS_ORDER
STMT(DOCUMENTS_PAGE,   DOCUMENTS_PICKED(DOCUMENTS_NAMED))
STMT(DOCUMENTS_PAGE_STANDING, DOCUMENTS_PICKED(DOCUMENTS_STANDING))
STMT(DOCUMENTS_COUNT,  "SELECT count(*)" DOCUMENTS_NAMED)
STMT(DOCUMENTS_COUNT_STANDING, "SELECT count(*)" DOCUMENTS_STANDING)
STMT(DOCUMENTS_SPAN,   "SELECT " DOCUMENT_COLUMNS " FROM (SELECT d.id AS picked FROM document d"
                       " INDEXED BY document_base WHERE d.base_id = ?1"
                       " AND (?2 = 0 OR d.revision_id <> 0) ORDER BY d.id LIMIT ?4 OFFSET ?3) page"
                       " JOIN document d ON d.id = page.picked JOIN base b ON b.id = d.base_id"
                       " LEFT JOIN revision r ON r.id = d.revision_id"
                       " LEFT JOIN item i ON i.id = d.item_id"
                       " LEFT JOIN job j ON j.id = i.job_id ORDER BY page.picked")
STMT(DOCUMENTS_LAST,   "SELECT id FROM document INDEXED BY document_base WHERE base_id = ?1"
                       " AND id < ?2 ORDER BY id DESC LIMIT ?3")
STMT(BASE_CHARACTERS,  "SELECT characters FROM base WHERE id = ?1")
STMT(DOCUMENT_DELETE,  "DELETE FROM document WHERE id = ?1")

STMT(REVISION_ADD,     "INSERT INTO revision (document_id, base_id, state, hash, rule, stored,"
                       " segments, characters, title, media_type, language, keyphrases, summary,"
                       " pages, has_vectors, stems, embedder_id) VALUES (?1, ?2, 1, ?3, ?4, 0, 0, 0,"
                       " '', '', '', '[]', '', 0, ?5, ?6, ?7)")
STMT(REVISION_BUILDING, "SELECT id, stored, has_vectors, stems FROM revision WHERE document_id = ?1 AND state = 1"
                       " AND state <> 3 AND state <> 5 AND hash = ?2 AND rule = ?3"
                       " AND embedder_id = ?4")
STMT(REVISION_STORED,  "UPDATE revision SET stored = stored + ?2 WHERE id = ?1 AND state = 1"
                       " AND stored = ?3")
STMT(REVISION_PUBLISH, "UPDATE revision SET state = ?11, segments = stored, characters = ?2,"
                       " title = ?3, media_type = ?4, language = ?5, keyphrases = ?6,"
                       " summary = ?7, pages = ?8, properties = ?10, graph = ?12"
                       " WHERE id = ?1 AND state = 1 AND stored = ?9")
STMT(REVISIONS_ALIVE,  "SELECT id, state FROM revision WHERE document_id = ?1"
                       " AND state <> 3 AND state <> 5")
STMT(REVISIONS_KEPT_OF, "SELECT id, state FROM revision WHERE document_id = ?1 AND state = 5")
STMT(REVISION_KEEP,    "UPDATE revision SET state = 5 WHERE id = ?1 AND state IN (2, 4)")
STMT(REVISION_REVIVE,  "UPDATE revision SET state = ?2 WHERE id = ?1 AND state = 5")
STMT(REVISION_LET_GO,  "UPDATE revision SET state = 3 WHERE id = ?1 AND state = 5")
STMT(REVISION_KILL,    "UPDATE revision SET state = 3 WHERE id = ?1")
STMT(REVISION_DEAD,    "SELECT id, base_id FROM revision INDEXED BY revision_hidden"
                       " WHERE state = 3 AND state <> 2 ORDER BY id LIMIT 1")
STMT(REVISION_DEAD_COUNT, "SELECT COUNT(*) FROM (SELECT 1 FROM revision INDEXED BY revision_hidden"
                       " WHERE state = 3 AND state <> 2 LIMIT ?1) AS page")
STMT(REVISION_DELETE,  "DELETE FROM revision WHERE id = ?1 AND state = 3")
/* Being built or dead, of all bases; switched off or kept, of one. */
STMT(REVISIONS_HIDDEN, "SELECT id FROM revision INDEXED BY revision_hidden"
                       " WHERE state IN (1, 3) AND state <> 2")
STMT(REVISIONS_KEPT,   "SELECT id FROM revision INDEXED BY revision_kept WHERE base_id = ?1"
                       " AND state = 5 ORDER BY id")
STMT(REVISIONS_OFF,    "SELECT id FROM revision INDEXED BY revision_off WHERE base_id = ?1"
                       " AND state = 4 ORDER BY id")
STMT(REVISION_SWITCH,  "UPDATE revision SET state = ?2 WHERE id = ?1 AND state IN (2, 4)"
                       " AND state <> ?2")
/* rule -1: no content has it (docs/formats/store.md). */
STMT(REVISION_EDITED,  "UPDATE revision SET segments = segments + ?2, stored = stored + ?2,"
                       " characters = ?3, rule = -1 WHERE id = ?1 AND state IN (2, 4)")

#define SEGMENT_COLUMNS "s.id, s.revision_id, r.document_id, s.ordinal, s.page_start," \
                       " s.page_end, s.chars, s.section, s.text, s.answer, s.keywords," \
                       " s.disabled_us, s.disabled_by, s.created_us, s.updated_us"
#define SEGMENT_LIVE   " FROM segment s JOIN revision r ON r.id = s.revision_id" \
                       " WHERE s.id = ?1 AND r.state IN (2, 4)"
STMT(SEGMENT_ADD,      "INSERT INTO segment (revision_id, ordinal, page_start, page_end, chars,"
                       " section, text, answer, keywords, disabled_us, disabled_by, created_us,"
                       " updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                       " coalesce(?11, ''), ?12, ?13)")
STMT(SEGMENT_REPLACE,  "UPDATE segment SET chars = ?2, text = ?3, answer = ?4, keywords = ?5,"
                       " disabled_us = ?6, disabled_by = coalesce(?7, ''), updated_us = ?8,"
                       " stamp = stamp + 1"
                       " WHERE id = ?1")
STMT(SEGMENTS,         "SELECT " SEGMENT_COLUMNS " FROM document d JOIN revision r"
                       " ON r.id = d.revision_id JOIN segment s ON s.revision_id = r.id"
                       " WHERE d.id = ?1 AND s.ordinal >= ?2 ORDER BY s.ordinal LIMIT ?3")
#define SEGMENT_PAGE   " FROM document d JOIN revision r ON r.id = d.revision_id" \
                       " JOIN segment s ON s.revision_id = r.id WHERE d.id = ?1" \
                       " AND (?2 IS NULL OR has_part(s.text, ?2))" \
                       " AND (?3 = 0 OR (1 << (s.disabled_us <> 0)) & ?3)"
STMT(SEGMENTS_PAGE,    "SELECT " SEGMENT_COLUMNS SEGMENT_PAGE
                       " ORDER BY s.ordinal LIMIT ?5 OFFSET ?4")
STMT(SEGMENTS_COUNT,   "SELECT count(*)" SEGMENT_PAGE)
STMT(SEGMENT_GET,      "SELECT " SEGMENT_COLUMNS SEGMENT_LIVE)
/* What a change by hand must know of what was there. */
STMT(SEGMENT_OLD,      "SELECT s.section, s.stamp, s.chars, s.disabled_us,"
                       " r.document_id, r.id" SEGMENT_LIVE)
STMT(SEGMENT_SAYS,     "SELECT 1 FROM segment WHERE id = ?1 AND text = ?2 AND answer IS ?3")
STMT(SEGMENT_LAST,     "SELECT coalesce(max(ordinal), -1), count(*) FROM segment"
                       " WHERE revision_id = ?1")
STMT(SEGMENTS_OF,      "SELECT id FROM segment"
                       " WHERE revision_id = ?1 LIMIT ?2")
STMT(SEGMENT_DELETE,   "DELETE FROM segment WHERE id = ?1")
STMT(SEGMENT_IS_FOUND, "SELECT r.id FROM segment s JOIN revision r ON r.id = s.revision_id"
                       " WHERE s.id = ?1 AND s.stamp = ?2 AND s.disabled_us = 0"
                       " AND r.state = 2")
STMT(KEYWORDS,         "SELECT group_concat(value, char(10)) FROM json_each(?1)")
STMT(VECTOR_ADD,       "INSERT OR REPLACE INTO vector (base_id, segment_id, revision_id, value,"
                       " embedder_id) VALUES (?1, ?2, ?3, ?4, ?5)")
STMT(VECTOR_DELETE,    "DELETE FROM vector WHERE base_id = ?1 AND segment_id = ?2")
STMT(VECTORS,          "SELECT segment_id, 0, revision_id, value, embedder_id FROM vector"
                       " WHERE base_id = ?1")
STMT(VECTORS_AFTER,    "SELECT segment_id, 0, revision_id, value, embedder_id FROM vector"
                       " WHERE base_id = ?1 AND segment_id > ?2 ORDER BY segment_id")
STMT(CHILD_VECTORS_AFTER, "SELECT segment_id, child_id, revision_id, value, embedder_id"
                       " FROM child_vector WHERE base_id = ?1 AND segment_id > ?2"
                       " ORDER BY segment_id")
STMT(VECTOR_CHANGE_ADD, "INSERT INTO vector_change (base_id, segment_id, revision_id)"
                       " VALUES (?1, ?2, ?3)")
STMT(VECTOR_CHANGE_TRIM, "DELETE FROM vector_change WHERE id <= ?1")
STMT(VECTOR_CHANGE_LAST, "SELECT max(id) FROM vector_change")
STMT(VECTOR_CHANGES,   "SELECT segment_id, revision_id FROM vector_change WHERE base_id = ?1"
                       " AND id > ?2 ORDER BY id")
STMT(EMBEDDER_ADD,     "INSERT INTO embedder (name, dimensions) VALUES (?1, 0)"
                       " ON CONFLICT (name) DO NOTHING")
STMT(EMBEDDER_FIND,    "SELECT id, dimensions FROM embedder WHERE name = ?1")
STMT(EMBEDDER_GET,     "SELECT name, dimensions FROM embedder WHERE id = ?1")
STMT(EMBEDDER_LEARN,   "UPDATE embedder SET dimensions = ?2 WHERE id = ?1")

STMT(COPY_DOCUMENT,    "INSERT INTO document (base_id, uri, name, metadata, bytes, mtime_us, hash,"
                       " seen_job, created_us, updated_us, indexed_us, settings, position,"
                       " disabled_us, disabled_by, is_archived, etag, parent_id) VALUES (?1, ?2,"
                       " ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
                       " coalesce((SELECT id FROM document WHERE base_id = ?1 AND uri = ?17), 0))")
STMT(COPY_REVISION,    "INSERT INTO revision (document_id, base_id, state, hash, rule, stored,"
                       " segments, characters, title, media_type, language, keyphrases, summary,"
                       " pages, has_vectors, properties, graph, stems, embedder_id) VALUES (?1, ?2, ?3,"
                       " ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)")
STMT(COPY_LIVE,        "UPDATE document SET revision_id = ?2 WHERE id = ?1")
STMT(COPY_FINISH,      "UPDATE base SET account_id = ?2, name = ?3, positions = ?4 WHERE id = ?1")
STMT(COPY_POSITIONS,   "SELECT positions FROM base WHERE id = ?1")
STMT(REVISION_REST,    "SELECT hash, properties, graph, stems, embedder_id, other_id FROM revision"
                       " WHERE id = ?1")
STMT(VECTOR_OF,        "SELECT segment_id, 0, revision_id, value, embedder_id FROM vector"
                       " WHERE base_id = ?1 AND segment_id = ?2")
STMT(CHILD_VECTOR_OF,  "SELECT segment_id, child_id, revision_id, value, embedder_id FROM child_vector"
                       " WHERE base_id = ?1 AND segment_id = ?2 AND child_id = ?3")

#define CHILD_COLUMNS  "c.id, c.segment_id, c.ordinal, c.chars, c.is_custom, c.text," \
                       " c.created_us, c.updated_us"
#define CHILD_PAGE     " FROM segment s JOIN revision r ON r.id = s.revision_id" \
                       " JOIN child c ON c.segment_id = s.id WHERE s.id = ?1" \
                       " AND r.state IN (2, 4) AND (?2 IS NULL OR has_part(c.text, ?2))"
STMT(CHILD_ADD,        "INSERT INTO child (segment_id, ordinal, chars, is_custom, text, created_us,"
                       " updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
STMT(CHILD_REPLACE,    "UPDATE child SET chars = ?2, is_custom = ?3, text = ?4, updated_us = ?5"
                       " WHERE id = ?1")
STMT(CHILDREN_PAGE,    "SELECT " CHILD_COLUMNS CHILD_PAGE
                       " ORDER BY c.ordinal LIMIT ?4 OFFSET ?3")
STMT(CHILDREN_COUNT,   "SELECT count(*)" CHILD_PAGE)
STMT(CHILD_GET,        "SELECT " CHILD_COLUMNS " FROM child c JOIN segment s"
                       " ON s.id = c.segment_id JOIN revision r ON r.id = s.revision_id"
                       " WHERE c.id = ?1 AND r.state IN (2, 4)")
STMT(CHILD_LAST,       "SELECT coalesce(max(ordinal), -1), count(*) FROM child"
                       " WHERE segment_id = ?1")
STMT(CHILD_SEGMENT,    "SELECT segment_id FROM child WHERE id = ?1")
STMT(CHILD_DELETE,     "DELETE FROM child WHERE id = ?1")
STMT(CHILDREN_DELETE,  "DELETE FROM child WHERE segment_id = ?1")
STMT(CHILD_VECTOR_ADD, "INSERT OR REPLACE INTO child_vector (base_id, segment_id, revision_id, value,"
                       " embedder_id, child_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
STMT(CHILD_VECTOR_DELETE, "DELETE FROM child_vector WHERE base_id = ?1 AND segment_id = ?2"
                       " AND child_id = ?3")
STMT(CHILD_VECTORS_DELETE, "DELETE FROM child_vector WHERE base_id = ?1 AND segment_id = ?2")
STMT(CHILD_VECTORS,    "SELECT segment_id, child_id, revision_id, value, embedder_id FROM child_vector"
                       " WHERE base_id = ?1")
STMT(CHILD_VECTORS_OF, "SELECT segment_id, child_id, revision_id, value, embedder_id FROM child_vector"
                       " WHERE base_id = ?1 AND segment_id = ?2")

STMT(ENTITY_BY_KEY,    "SELECT id FROM entity WHERE base_id = ?1 AND key = ?2")
STMT(ENTITY_ADD,       "INSERT INTO entity (base_id, key, name) VALUES (?1, ?2, ?3)")
STMT(ENTITY_DROP,      "DELETE FROM entity WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM mention m"
                       " WHERE m.entity_id = ?1)")
STMT(MENTION_ADD,      "INSERT INTO mention (segment_id, entity_id, weight, type, alias_key,"
                       " description, base_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
STMT(MENTIONS_SOME,    "SELECT entity_id FROM mention WHERE segment_id = ?1 LIMIT ?2")
STMT(MENTION_DELETE,   "DELETE FROM mention WHERE segment_id = ?1 AND entity_id = ?2")
STMT(RELATION_ADD,     "INSERT INTO relation (segment_id, subject_id, object_id, label, weight)"
                       " VALUES (?1, ?2, ?3, ?4, ?5)")
STMT(RELATIONS_DELETE, "DELETE FROM relation WHERE segment_id = ?1")
STMT(GRAPH_ROWS,       "SELECT count(*) + (SELECT count(*) FROM relation WHERE segment_id = ?1)"
                       " FROM mention WHERE segment_id = ?1")
/* Whose graph a segment may have: of what base, made by whom. */
STMT(GRAPH_HOME,       "SELECT r.base_id, r.graph" SEGMENT_LIVE)

/* What readers see of graphs: of revisions that are live, not switched off,
 * and of segments that are on. */
#define GRAPH_SEGMENT  " CROSS JOIN segment s ON s.id = m.segment_id AND s.disabled_us = 0" \
                       " CROSS JOIN revision r ON r.id = s.revision_id AND r.state = 2"
#define GRAPH_MADE_BY(maker) "SELECT r.document_id AS of_document, s.id," \
                       " r.id AS of_revision, s.ordinal AS place FROM revision r INDEXED BY revision_graph" \
                       " CROSS JOIN segment s WHERE r.base_id = ?1 AND r.graph = " maker \
                       " AND r.state = 2 AND r.graph <> 0 AND s.revision_id = r.id" \
                       " AND s.disabled_us = 0"
STMT(GRAPH_SEGMENTS,   GRAPH_MADE_BY("1") " UNION ALL " GRAPH_MADE_BY("2")
                       " ORDER BY of_document, of_revision, place")
STMT(GRAPH_MADE,       "SELECT 1 FROM revision INDEXED BY revision_graph WHERE base_id = ?1"
                       " AND graph = ?2 AND state = 2 AND graph <> 0 LIMIT 1")
STMT(GRAPH_SEGMENT_ON, "SELECT r.document_id, s.id FROM segment s JOIN revision r"
                       " ON r.id = s.revision_id WHERE s.id = ?1 AND s.disabled_us = 0"
                       " AND r.state = 2")
#define MENTION_COLUMNS "m.entity_id, m.segment_id, e.key, e.name, m.type, m.alias_key," \
                       " m.description, m.weight"
STMT(MENTIONS_OF,      "SELECT " MENTION_COLUMNS " FROM mention m CROSS JOIN entity e"
                       " ON e.id = m.entity_id WHERE m.segment_id = ?1 ORDER BY m.entity_id")
STMT(RELATIONS_OF,     "SELECT segment_id, subject_id, object_id, label, weight FROM relation"
                       " WHERE segment_id = ?1 ORDER BY subject_id, object_id, label")
/* What is said of an entity is said by segments that mention it, so relations
 * need no indexes of their own, which would be written all over the place. */
STMT(RELATIONS_AT,     "SELECT l.segment_id, l.subject_id, l.object_id, l.label, l.weight"
                       " FROM mention m INDEXED BY mention_entity" GRAPH_SEGMENT
                       " CROSS JOIN relation l ON l.segment_id = m.segment_id"
                       " AND (l.subject_id = ?1 OR l.object_id = ?1)"
                       " WHERE m.entity_id = ?1 ORDER BY m.segment_id DESC LIMIT ?2")
STMT(MENTIONS_AT,      "SELECT " MENTION_COLUMNS ", r.document_id FROM mention m"
                       " INDEXED BY mention_entity CROSS JOIN entity e ON e.id = m.entity_id"
                       GRAPH_SEGMENT " WHERE m.entity_id = ?1 ORDER BY m.segment_id DESC LIMIT ?2")
#define ALIASES        "SELECT m.alias_key, m.entity_id FROM mention m INDEXED BY mention_alias" \
                       GRAPH_SEGMENT " WHERE m.base_id = ?1 AND m.alias_key IS NOT NULL"
STMT(ALIASES_OF,       ALIASES " AND m.alias_key = ?2 GROUP BY m.entity_id LIMIT ?3")
STMT(ALIASES_ALL,      ALIASES " GROUP BY m.alias_key, m.entity_id")
#define ENTITY_NAMED   " AND EXISTS (SELECT 1 FROM mention m" GRAPH_SEGMENT \
                       " WHERE m.entity_id = e.id)"
STMT(ENTITY_FIND,      "SELECT e.id, e.key, e.name FROM entity e WHERE e.base_id = ?1"
                       " AND e.key = ?2" ENTITY_NAMED)
STMT(ENTITY_GET,       "SELECT e.id, e.key, e.name FROM entity e WHERE e.id = ?1" ENTITY_NAMED)

/* What a document is, as it is kept, and brought back when it was deleted. */
#define DOCUMENT_WHOLE "base_id, uri, name, metadata, settings, parent_id, source_id, position," \
                       " seen_job, disabled_us, disabled_by, is_archived, created_us, updated_us," \
                       " item_id, revision_id, hash, etag, bytes, mtime_us, indexed_us, held_us"
#define DOCUMENT_WHOLE_COUNT 22
STMT(DOCUMENT_WHOLE,   "SELECT " DOCUMENT_WHOLE " FROM document WHERE id = ?1")
STMT(REPLACED_WHOLE,   "SELECT " DOCUMENT_WHOLE " FROM replaced WHERE job_id = ?1"
                       " AND document_id = ?2")
STMT(DOCUMENT_AGAIN,   "INSERT INTO document (id, " DOCUMENT_WHOLE ") VALUES (?1, ?2, ?3, ?4, ?5,"
                       " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
                       " ?21, ?22, ?23)")
STMT(REPLACED_NOTE,    "INSERT OR IGNORE INTO replaced (job_id, document_id, root_id, kind,"
                       " " DOCUMENT_WHOLE ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                       " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,"
                       " ?25, ?26)")
#define REPLACED_ONE   " WHERE job_id = ?1 AND document_id = ?2"
STMT(REPLACED_GET,     "SELECT kind, revision_id, own_revision_id FROM replaced" REPLACED_ONE)
/* What differs from what it was. */
#define REPLACED_LEFT(column) \
                       "new_" column " = (SELECT CASE WHEN d." column " <> replaced." column \
                       " THEN d." column " END FROM document d WHERE d.id = ?2)"
STMT(REPLACED_LEFT,    "UPDATE replaced SET " REPLACED_LEFT("name") ", " REPLACED_LEFT("metadata")
                       ", " REPLACED_LEFT("settings") ", " REPLACED_LEFT("source_id") REPLACED_ONE)
STMT(REPLACED_PUBLISHED, "UPDATE replaced SET own_revision_id = ?3" REPLACED_ONE)
STMT(REPLACED_CONTENT, "UPDATE replaced SET own_revision_id = ?3, (revision_id, hash, etag, bytes,"
                       " mtime_us, indexed_us) = (SELECT d.revision_id, d.hash, d.etag, d.bytes,"
                       " d.mtime_us, d.indexed_us FROM document d WHERE d.id = ?2)" REPLACED_ONE)
STMT(REPLACED_DELETED, "UPDATE replaced SET kind = 3" REPLACED_ONE)
STMT(REPLACED_DROP,    "DELETE FROM replaced" REPLACED_ONE)
/* The job came across it and left it as it was. */
#define REPLACED_IDLE  "(kind = 2 AND own_revision_id = 0 AND new_name IS NULL" \
                       " AND new_metadata IS NULL AND new_settings IS NULL)"
STMT(REPLACED_DROP_IDLE, "DELETE FROM replaced" REPLACED_ONE " AND " REPLACED_IDLE)
STMT(REPLACED_FORGET,  "DELETE FROM replaced WHERE document_id = ?1 AND outcome = 0")
/*
 * Has anybody changed the document since, by hand or by another job, or is a
 * job at work on it?  A deleted one comes back unless another has its address
 * (but for one that the job itself made in its place, and that will go), or
 * what it was in is gone and will not come back with it.
 */
#define REPLACED_TAKEN "EXISTS (SELECT 1 FROM document o WHERE o.base_id = p.base_id" \
                       " AND o.uri = p.uri AND NOT EXISTS (SELECT 1 FROM replaced m" \
                       " WHERE m.job_id = p.job_id AND m.document_id = o.id AND m.kind = 1" \
                       " AND m.outcome <> 2))"
#define REPLACED_ORPHAN "(p.parent_id <> 0 AND NOT EXISTS (SELECT 1 FROM document o" \
                       " WHERE o.id = p.parent_id) AND NOT EXISTS (SELECT 1 FROM replaced m" \
                       " WHERE m.job_id = p.job_id AND m.document_id = p.parent_id" \
                       " AND m.kind = 3 AND m.outcome = 0))"
#define REPLACED_SINCE "CASE WHEN p.kind = 3 THEN d.id IS NOT NULL OR " REPLACED_TAKEN \
                       " OR " REPLACED_ORPHAN \
                       " ELSE d.id IS NULL OR d.name <> coalesce(p.new_name, p.name)" \
                       " OR d.metadata <> coalesce(p.new_metadata, p.metadata)" \
                       " OR d.settings <> coalesce(p.new_settings, p.settings)" \
                       " OR (p.own_revision_id <> 0 AND (d.revision_id <> p.own_revision_id" \
                       " OR d.hash IS NULL)) OR (p.own_revision_id = 0 AND p.kind = 1" \
                       " AND d.revision_id <> 0) OR EXISTS (SELECT 1 FROM item i" \
                       " WHERE i.document_id = p.document_id AND i.document_id <> 0" \
                       " AND i.state < 9) END" \
                       " OR (p.revision_id <> 0 AND (p.own_revision_id <> 0 OR p.kind = 3)" \
                       " AND coalesce((SELECT r.state FROM revision r" \
                       " WHERE r.id = p.revision_id), 3) <> 5)"
#define REPLACED_FROM  " FROM replaced p LEFT JOIN document d ON d.id = p.document_id"
STMT(REPLACED_NEXT,    "SELECT p.document_id, p.root_id, p.kind, p.revision_id,"
                       " p.own_revision_id, " REPLACED_SINCE ", " REPLACED_IDLE REPLACED_FROM
                       " WHERE p.job_id = ?1 AND p.outcome = 0"
                       " ORDER BY p.root_id, p.document_id DESC LIMIT 1")
STMT(REPLACED_BEGUN,   "SELECT 1 FROM replaced WHERE job_id = ?1 AND outcome = 1 AND root_id = ?2"
                       " LIMIT 1")
STMT(REPLACED_SINCE,   "SELECT 1 FROM replaced p INDEXED BY replaced_order"
                       " LEFT JOIN document d ON d.id = p.document_id WHERE p.job_id = ?1 AND p.outcome = 0"
                       " AND p.root_id = ?2 AND (" REPLACED_SINCE ") LIMIT 1")
STMT(REPLACED_COUNT,   "SELECT count(*) FROM (SELECT 1 FROM replaced INDEXED BY replaced_order"
                       " WHERE job_id = ?1 AND outcome = 0 AND root_id = ?2 LIMIT ?3) page")
/* The revision that is kept for it alone. */
#define REPLACED_KEPT  "iif(own_revision_id <> 0 OR kind = 3, revision_id, 0)"
STMT(REPLACED_TREE,    "SELECT document_id, " REPLACED_KEPT " FROM replaced"
                       " INDEXED BY replaced_order WHERE job_id = ?1"
                       " AND outcome = 0 AND root_id = ?2 LIMIT ?3")
/* What is left of it tells what became of the document. */
STMT(REPLACED_DONE,    "UPDATE replaced SET outcome = ?3, metadata = '{}', settings = '{}',"
                       " hash = NULL, revision_id = 0, new_name = NULL, new_metadata = NULL,"
                       " new_settings = NULL" REPLACED_ONE)
STMT(UNDO_HEAD,        "UPDATE document SET (name, metadata, settings, source_id, item_id, held_us) ="
                       " (SELECT p.name, p.metadata, p.settings, CASE WHEN p.new_source_id ="
                       " document.source_id THEN p.source_id ELSE document.source_id END,"
                       " CASE WHEN (SELECT i.job_id FROM item i WHERE i.id = document.item_id)"
                       " = ?1 THEN p.item_id ELSE document.item_id END,"
                       " CASE WHEN (SELECT i.job_id FROM item i WHERE i.id = document.item_id)"
                       " = ?1 THEN p.held_us ELSE document.held_us END FROM replaced p"
                       " WHERE p.job_id = ?1 AND p.document_id = ?2), updated_us = ?3"
                       " WHERE id = ?2")
STMT(UNDO_CONTENT,     "UPDATE document SET (revision_id, hash, etag, bytes, mtime_us, indexed_us)"
                       " = (SELECT p.revision_id, p.hash, p.etag, p.bytes, p.mtime_us,"
                       " p.indexed_us FROM replaced p WHERE p.job_id = ?1 AND p.document_id = ?2)"
                       " WHERE id = ?2")
STMT(UNDONE,           "SELECT document_id, kind, outcome, uri, name FROM replaced"
                       " WHERE job_id = ?1 AND outcome <> 0 ORDER BY document_id")
STMT(UNDO_IS_LEFT,     "SELECT 1 FROM replaced WHERE job_id = ?1 AND outcome = 0 LIMIT 1")
STMT(JOBS_UNDONE,      "SELECT id FROM job INDEXED BY job_undone WHERE keeps_replaced = 1"
                       " AND undone_us <> 0 AND id > ?1 ORDER BY id LIMIT 1")
STMT(JOB_KEPT_OLD,     "SELECT id FROM job INDEXED BY job_kept WHERE keeps_replaced = 1"
                       " AND finished_us > 0 AND finished_us <= ?1 AND NOT (undone_us <> 0"
                       " AND EXISTS (SELECT 1 FROM replaced r WHERE r.job_id = job.id"
                       " AND r.outcome = 0)) ORDER BY finished_us LIMIT 1")
STMT(REPLACED_OF,      "SELECT document_id, " REPLACED_KEPT " FROM replaced WHERE job_id = ?1"
                       " LIMIT ?2")
STMT(JOB_KEEPS_NOTHING, "UPDATE job SET keeps_replaced = 0 WHERE id = ?1")

#define TAG_COLUMNS    "t.id, t.uuid, t.name, t.created_us," \
                       " (SELECT count(*) FROM base_tag n WHERE n.tag_id = t.id)"
STMT(TAG_ADD,          "INSERT INTO tag (uuid, account_id, name, created_us)"
                       " VALUES (?1, ?2, ?3, ?4)")
STMT(TAG_ID,           "SELECT id FROM tag WHERE uuid = ?2 AND account_id = ?1")
STMT(TAG_RENAME,       "UPDATE tag SET name = ?2 WHERE id = ?1")
STMT(TAG_DELETE,       "DELETE FROM tag WHERE id = ?1")
STMT(TAG_UNBIND_ALL,   "DELETE FROM base_tag WHERE tag_id = ?1")
STMT(TAGS,             "SELECT " TAG_COLUMNS " FROM tag t WHERE t.account_id = ?1 ORDER BY t.id")
STMT(TAGS_OF_BASE,     "SELECT " TAG_COLUMNS " FROM base_tag g JOIN tag t ON t.id = g.tag_id"
                       " WHERE g.base_id = ?2 AND t.account_id = ?1 ORDER BY g.tag_id")
STMT(TAG_IS_BOUND,     "SELECT 1 FROM base_tag WHERE base_id = ?1 AND tag_id = ?2")
STMT(TAG_BIND,         "INSERT INTO base_tag (base_id, tag_id) VALUES (?1, ?2)")
STMT(TAG_UNBIND,       "DELETE FROM base_tag WHERE base_id = ?1 AND tag_id = ?2")

#define GROUP_COLUMNS  "g.id, g.uuid, g.kind, g.name, g.owner_id, g.tenant_id, g.created_us"
STMT(GROUP_ADD,        "INSERT INTO user_group (uuid, kind, name, owner_id, tenant_id, created_us)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
STMT(GROUP_FIND,       "SELECT " GROUP_COLUMNS " FROM user_group g WHERE g.uuid = ?1")
STMT(GROUPS_OF,        "SELECT " GROUP_COLUMNS " FROM group_user m JOIN user_group g"
                       " ON g.id = m.group_id WHERE m.account_id = ?1 ORDER BY m.group_id")
STMT(GROUPS_COUNT,     "SELECT count(*) FROM group_user WHERE account_id = ?1")
STMT(ROLES_OF,         "SELECT " GROUP_COLUMNS " FROM user_group g WHERE g.tenant_id = ?1"
                       " AND g.tenant_id <> 0 ORDER BY g.id")
STMT(ROLES_IN,         "SELECT " GROUP_COLUMNS " FROM user_group g JOIN group_user m"
                       " ON m.group_id = g.id AND m.account_id = ?2 WHERE g.tenant_id = ?1"
                       " AND g.tenant_id <> 0 ORDER BY g.id")
STMT(GROUPS_OWNED,     "SELECT count(*) FROM user_group WHERE owner_id = ?1")
STMT(GROUP_OWNED,      "SELECT id FROM user_group WHERE owner_id = ?1 LIMIT 1")
STMT(GROUP_ROLE,       "SELECT id FROM user_group WHERE tenant_id = ?1 AND tenant_id <> 0 LIMIT 1")
STMT(GROUP_DELETE_GRANTS, "DELETE FROM base_grant WHERE principal = (SELECT uuid FROM user_group"
                       " WHERE id = ?1)")
STMT(GROUP_DELETE_USERS, "DELETE FROM group_user WHERE group_id = ?1")
STMT(GROUP_DELETE_CHOICES, "UPDATE account SET tenant_id = 0 WHERE tenant_id = ?1"
                       " AND tenant_id <> 0")
STMT(GROUP_DELETE,     "DELETE FROM user_group WHERE id = ?1")
STMT(GROUP_PUT,        "INSERT INTO group_user (group_id, account_id) VALUES (?1, ?2)")
STMT(GROUP_TAKE,       "DELETE FROM group_user WHERE group_id = ?1 AND account_id = ?2")
STMT(GROUP_LEAVE_ROLES, "DELETE FROM group_user WHERE account_id = ?2 AND group_id IN"
                       " (SELECT id FROM user_group WHERE tenant_id = ?1 AND tenant_id <> 0)")
STMT(GROUP_LEAVE,      "UPDATE account SET tenant_id = 0 WHERE id = ?2 AND tenant_id = ?1")
STMT(GROUP_LEAVE_ALL,  "DELETE FROM group_user WHERE account_id = ?1")
STMT(GROUP_HAS,        "SELECT 1 FROM group_user WHERE group_id = ?1 AND account_id = ?2")
STMT(GROUP_USERS,      "SELECT a.id, a.uuid, u.email FROM group_user m JOIN account a"
                       " ON a.id = m.account_id LEFT JOIN user u ON u.account_id = a.id"
                       " WHERE m.group_id = ?1 ORDER BY m.account_id")
STMT(GROUP_SIZE,       "SELECT count(*) FROM group_user WHERE group_id = ?1")
STMT(TENANT_GET,       "SELECT " GROUP_COLUMNS " FROM account a JOIN user_group g"
                       " ON g.id = a.tenant_id WHERE a.id = ?1")
STMT(TENANT_SET,       "UPDATE account SET tenant_id = ?2 WHERE id = ?1")

STMT(GRANT_SET,        "INSERT INTO base_grant (base_id, principal, rights, created_us)"
                       " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (base_id, principal)"
                       " DO UPDATE SET rights = excluded.rights")
STMT(GRANT_DELETE,     "DELETE FROM base_grant WHERE base_id = ?1 AND principal = ?2")
STMT(GRANT_GET,        "SELECT rights FROM base_grant WHERE base_id = ?1 AND principal = ?2")
STMT(GRANTS_ON,        "SELECT 1 FROM base_grant WHERE base_id = ?1 LIMIT ?2")
STMT(GRANTS_TO,        "SELECT 1 FROM base_grant WHERE principal = ?1 LIMIT ?2")
STMT(GRANTS_DELETE,    "DELETE FROM base_grant WHERE principal = (SELECT uuid FROM account"
                       " WHERE id = ?1)")
STMT(BASE_DELETE_GRANTS, "DELETE FROM base_grant WHERE base_id = ?1")
/* The account and the groups that it is in, by their uuids. */
#define PRINCIPALS     "(SELECT uuid FROM account WHERE id = ?1 UNION ALL SELECT g.uuid" \
                       " FROM group_user m JOIN user_group g ON g.id = m.group_id" \
                       " WHERE m.account_id = ?1)"
#define GRANTED_COLUMNS "b.id, b.uuid, b.account_id, a.uuid, b.name, b.created_us, b.updated_us"
STMT(GRANTED_BASE,     "SELECT " GRANTED_COLUMNS ", 0 FROM base b JOIN account a"
                       " ON a.id = b.account_id WHERE b.uuid = ?1")
STMT(GRANTED_RIGHTS,   "SELECT rights FROM base_grant WHERE base_id = ?2 AND principal IN "
                       PRINCIPALS)
/* Those of several principals are put in order. */
STMT(GRANTED_EACH,     "SELECT " GRANTED_COLUMNS ", t.rights FROM base_grant t CROSS JOIN base b"
                       " ON b.id = t.base_id JOIN account a ON a.id = b.account_id"
                       " WHERE t.principal IN " PRINCIPALS " AND b.account_id <> ?1"
                       " ORDER BY t.base_id")
STMT(GRANTED_TO,       "SELECT " GRANTED_COLUMNS ", t.rights FROM base_grant t CROSS JOIN base b"
                       " ON b.id = t.base_id JOIN account a ON a.id = b.account_id"
                       " WHERE t.principal = ?1 ORDER BY t.base_id")

STMT(SMALL_BLOB_HAS,   "SELECT 1 FROM small_blob WHERE hash = ?1")
STMT(SMALL_BLOB_PUT,   "INSERT INTO small_blob (hash, bytes) VALUES (?1, ?2)")
STMT(SMALL_BLOB_GET,   "SELECT bytes FROM small_blob WHERE hash = ?1")
/* A document that a job deleted may come back. */
STMT(SMALL_BLOBS_LOOK, "SELECT b.rowid, NOT EXISTS (SELECT 1 FROM item i JOIN document d"
                       " ON d.id = i.document_id WHERE i.blob = b.hash) AND NOT EXISTS"
                       " (SELECT 1 FROM item i JOIN replaced p ON p.document_id = i.document_id"
                       " WHERE i.blob = b.hash AND p.kind = 3 AND p.outcome = 0) AND NOT EXISTS"
                       " (SELECT 1 FROM object o WHERE o.hash = b.hash) FROM small_blob b"
                       " WHERE b.rowid > ?1 ORDER BY b.rowid LIMIT ?2")
STMT(SMALL_BLOBS_HAVE, "SELECT 1 FROM small_blob WHERE rowid > 0 LIMIT 1")
STMT(SMALL_BLOB_DELETE, "DELETE FROM small_blob WHERE rowid = ?1")
STMT(BLOB_IS_USED,     "SELECT 1 FROM item i JOIN document d ON d.id = i.document_id"
                       " WHERE i.blob = ?1 UNION ALL SELECT 1 FROM object WHERE hash = ?1"
                       " UNION ALL SELECT 1 FROM item i JOIN replaced p"
                       " ON p.document_id = i.document_id WHERE i.blob = ?1 AND p.kind = 3"
                       " AND p.outcome = 0 LIMIT 1")

#define SOURCE_COLUMNS "s.id, s.uuid, s.base_id, b.uuid, s.kind, s.name, s.config, s.secret," \
                       " s.settings, s.created_us, s.updated_us, s.job_id"
#define SOURCE_FROM    " FROM source s JOIN base b ON b.id = s.base_id "
/* Only an upload (1, see model/source.h) names an object. */
#define SOURCE_KEY(kind, config) \
                       "CASE WHEN " kind " = 1 AND json_valid(" config ")" \
                       " THEN json_extract(" config ", '$.key') END"
STMT(SOURCE_ADD,       "INSERT INTO source (uuid, base_id, kind, name, config, secret, settings,"
                       " created_us, updated_us, job_id, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                       " ?8, ?9, ?10, " SOURCE_KEY("?3", "?5") ")")
STMT(SOURCE_SAVE,      "UPDATE source SET name = ?2, config = ?3, secret = ?4, settings = ?5,"
                       " updated_us = ?6, key = " SOURCE_KEY("kind", "?3") " WHERE id = ?1")
STMT(SOURCE_DELETE,    "DELETE FROM source WHERE id = ?1")
STMT(SOURCE_GET,       "SELECT " SOURCE_COLUMNS SOURCE_FROM "WHERE s.id = ?1")
STMT(SOURCE_FIND,      "SELECT " SOURCE_COLUMNS SOURCE_FROM "WHERE s.uuid = ?2"
                       " AND s.base_id = ?1 AND s.job_id = 0")
STMT(SOURCES_PAGE,     "SELECT " SOURCE_COLUMNS SOURCE_FROM "WHERE s.base_id = ?1"
                       " AND s.job_id = 0 ORDER BY s.id LIMIT ?3 OFFSET ?2")
STMT(SOURCES_COUNT,    "SELECT count(*) FROM source WHERE base_id = ?1 AND job_id = 0")
/* Those of a single job. */
STMT(SOURCE_ADOPT,     "UPDATE source SET job_id = ?2 WHERE id = ?1 AND job_id <> 0")
STMT(SOURCES_KEYED,    "SELECT id FROM source WHERE job_id = ?1 AND job_id <> 0"
                       " AND length(secret) > 0")
STMT(SOURCE_FORGET,    "UPDATE source SET secret = x'', updated_us = ?2 WHERE id = ?1")
STMT(JOB_SOURCES_LOOK, "SELECT s.id, j.id IS NULL OR (j.state >= 6 AND j.failed = 0 AND NOT EXISTS"
                       " (SELECT 1 FROM document d WHERE d.source_id = s.id"
                       " AND d.source_id <> 0)) FROM source s LEFT JOIN job j ON j.id = s.job_id"
                       " WHERE s.id > ?1 AND s.job_id <> 0 ORDER BY s.id LIMIT ?2")
STMT(JOB_SOURCES_HAVE, "SELECT 1 FROM source WHERE job_id <> 0 AND job_id > 0 LIMIT 1")

STMT(REQUEST_FIND,     "SELECT r.hash, r.job_id, r.created_us, j.uuid FROM request_key r"
                       " JOIN job j ON j.id = r.job_id AND j.account_id = r.account_id"
                       " WHERE r.account_id = ?1 AND r.name = ?2 AND r.created_us >= ?3")
STMT(REQUEST_PUT,      "INSERT OR REPLACE INTO request_key (account_id, name, hash, job_id,"
                       " created_us) VALUES (?1, ?2, ?3, ?4, ?5)")
STMT(REQUESTS_COLLECT, "DELETE FROM request_key WHERE (account_id, name) IN (SELECT account_id,"
                       " name FROM request_key WHERE created_us < ?1 ORDER BY created_us LIMIT ?2)")
STMT(REQUESTS_HAVE,    "SELECT 1 FROM request_key WHERE created_us < ?1 LIMIT 1")

#define SHARE_COLUMNS  "job_id, source_id, source_uuid, scan, total, queued, processing," \
                       " completed, failed, skipped, cancelled, removed, unchanged, empty," \
                       " bytes_total, bytes_completed, characters, code, message, started_us," \
                       " finished_us"
STMT(SHARE_SAVE,       "INSERT OR REPLACE INTO share (" SHARE_COLUMNS ") VALUES (?1, ?2, ?3, ?4,"
                       " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
                       " ?20, ?21)")
STMT(SHARE_GET,        "SELECT " SHARE_COLUMNS " FROM share WHERE job_id = ?1 AND source_id = ?2")
STMT(SHARES,           "SELECT " SHARE_COLUMNS " FROM share WHERE job_id = ?1 ORDER BY source_id")
STMT(SHARE_NEWEST,     "SELECT " SHARE_COLUMNS " FROM share WHERE source_id = ?1"
                       " ORDER BY job_id DESC LIMIT 1")

#define SCHEDULE_COLUMNS "c.id, c.uuid, b.account_id, c.base_id, b.uuid, c.minute, c.days," \
                       " c.is_active, c.created_us, c.updated_us, c.ran_us, c.next_us," \
                       " c.dialect"
#define SCHEDULE_FROM  " FROM schedule c JOIN base b ON b.id = c.base_id "
STMT(SCHEDULE_ADD,     "INSERT INTO schedule (uuid, base_id, minute, days, is_active, created_us,"
                       " updated_us, ran_us, next_us, dialect) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                       " ?7, ?8, ?9, ?10)")
STMT(SCHEDULE_SAVE,    "UPDATE schedule SET minute = ?2, days = ?3, is_active = ?4,"
                       " updated_us = ?5, ran_us = ?6, next_us = ?7 WHERE id = ?1")
STMT(SCHEDULE_DELETE,  "DELETE FROM schedule WHERE id = ?1")
STMT(SCHEDULE_FIND,    "SELECT " SCHEDULE_COLUMNS SCHEDULE_FROM "WHERE c.uuid = ?2"
                       " AND b.account_id = ?1")
STMT(SCHEDULE_OF_BASE, "SELECT " SCHEDULE_COLUMNS SCHEDULE_FROM "WHERE c.base_id = ?1")
STMT(SCHEDULES_DUE,    "SELECT " SCHEDULE_COLUMNS SCHEDULE_FROM "WHERE c.is_active"
                       " AND c.next_us <= ?1 ORDER BY c.next_us, c.id")
STMT(SCHEDULE_NEXT,    "SELECT next_us FROM schedule WHERE is_active AND next_us > 0"
                       " ORDER BY next_us LIMIT 1")

STMT(OBJECT_PUT,       "INSERT OR REPLACE INTO object (account_id, key, name, hash, bytes,"
                       " created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
STMT(OBJECT_GET,       "SELECT account_id, key, name, hash, bytes, created_us FROM object"
                       " WHERE account_id = ?1 AND key = ?2")
STMT(OBJECTS_LOOK,     "SELECT o.rowid, o.created_us < ?3 AND NOT EXISTS (SELECT 1 FROM source s"
                       " JOIN base b ON b.id = s.base_id WHERE s.key = o.key"
                       " AND b.account_id = o.account_id) FROM object o"
                       " WHERE o.rowid > ?1 ORDER BY o.rowid LIMIT ?2")
STMT(OBJECTS_HAVE,     "SELECT 1 FROM object WHERE rowid > 0 LIMIT 1")
STMT(OBJECT_DELETE,    "DELETE FROM object WHERE rowid = ?1")

#define WEBHOOK_COLUMNS "id, uuid, account_id, dialect, url, description, secret, old_secret," \
                       " old_until_us, types, bases, is_silent, settings, stop, stopped_us," \
                       " succeeded_us, created_us, updated_us"
#define WEBHOOK_HAS_DUE "w.stop = 0 AND EXISTS (SELECT 1 FROM delivery d WHERE d.webhook_id = w.id" \
                       " AND d.state = 1 AND d.due_us <= ?1)"
STMT(WEBHOOK_ADD,      "INSERT INTO webhook (uuid, account_id, dialect, created_us, url, description,"
                       " secret, old_secret, old_until_us, types, bases, is_silent, settings, stop,"
                       " stopped_us, succeeded_us, updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                       " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)")
STMT(WEBHOOK_SAVE,     "UPDATE webhook SET url = ?2, description = ?3, secret = ?4, old_secret = ?5,"
                       " old_until_us = ?6, types = ?7, bases = ?8, is_silent = ?9, settings = ?10,"
                       " stop = ?11, stopped_us = ?12, succeeded_us = ?13, updated_us = ?14"
                       " WHERE id = ?1")
STMT(WEBHOOK_SUCCEEDED, "UPDATE webhook SET succeeded_us = ?2 WHERE id = ?1")
STMT(WEBHOOK_STOP,     "UPDATE webhook SET stop = ?2, stopped_us = ?3, updated_us = ?3"
                       " WHERE id = ?1 AND stop = 0")
STMT(WEBHOOK_DELETE,   "DELETE FROM webhook WHERE id = ?1")
STMT(WEBHOOK_FIND,     "SELECT " WEBHOOK_COLUMNS " FROM webhook WHERE uuid = ?2"
                       " AND account_id = ?1")
STMT(WEBHOOK_GET,      "SELECT " WEBHOOK_COLUMNS " FROM webhook WHERE id = ?1")
STMT(WEBHOOKS,         "SELECT " WEBHOOK_COLUMNS " FROM webhook WHERE account_id = ?1 ORDER BY id")
STMT(WEBHOOKS_COUNT,   "SELECT count(*) FROM webhook WHERE account_id = ?1")
STMT(WEBHOOKS_DUE,     "SELECT w.id FROM webhook w WHERE w.id > ?2 AND " WEBHOOK_HAS_DUE
                       " ORDER BY w.id LIMIT ?3")
STMT(WEBHOOKS_NEXT,    "SELECT min((SELECT min(d.due_us) FROM delivery d WHERE d.webhook_id = w.id"
                       " AND d.state = 1 AND d.due_us > ?1)) FROM webhook w WHERE w.id > 0"
                       " AND w.stop = 0")

#define EVENT_COLUMNS  "e.id, e.uuid, e.account_id, e.type, e.is_test, e.created_us, e.base_uuid," \
                       " e.base_name, e.kind, e.dialect, e.form, e.state, e.scan, e.total," \
                       " e.completed, e.failed, e.skipped, e.cancelled, e.unchanged, e.removed," \
                       " e.code, e.message, e.cancelled_by, e.job_created_us, e.started_us," \
                       " e.finished_us"
STMT(EVENT_ADD,        "INSERT INTO event (uuid, account_id, type, is_test, created_us, base_uuid,"
                       " base_name, kind, dialect, form, state, scan, total, completed, failed,"
                       " skipped, cancelled, unchanged, removed, code, message, cancelled_by,"
                       " job_created_us, started_us, finished_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                       " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,"
                       " ?22, ?23, ?24, ?25) ON CONFLICT (uuid) DO NOTHING")
STMT(EVENT_FIND,       "SELECT " EVENT_COLUMNS " FROM event e WHERE e.uuid = ?2"
                       " AND e.account_id = ?1")
/* All are read, so that a piece is no more than that. */
STMT(EVENTS_MISSED,    "SELECT " EVENT_COLUMNS ", e.is_test = 0 AND NOT EXISTS (SELECT 1"
                       " FROM delivery d WHERE d.webhook_id = ?2 AND d.event_id = e.id"
                       " AND d.state = 2) FROM event e WHERE e.account_id = ?1"
                       " AND (e.created_us, e.id) > (?4, ?5) AND e.created_us >= ?3"
                       " ORDER BY e.created_us, e.id LIMIT ?6")
STMT(EVENTS_OLD,       "SELECT id FROM event WHERE created_us < ?1 ORDER BY created_us LIMIT ?2")
STMT(EVENT_DELETE_ATTEMPTS, "DELETE FROM delivery_attempt WHERE delivery_id IN"
                       " (SELECT id FROM delivery WHERE event_id = ?1)")
STMT(EVENT_DELETE_DELIVERIES, "DELETE FROM delivery WHERE event_id = ?1")
STMT(EVENT_DELETE,     "DELETE FROM event WHERE id = ?1")

#define DELIVERY_COLUMNS "d.id, d.webhook_id, d.event_id, d.state, d.attempts, d.tries," \
                       " d.is_manual, d.due_us, d.created_us, d.finished_us"
#define DELIVERY_EVENT " FROM delivery d JOIN event e ON e.id = d.event_id "
STMT(DELIVERY_ADD,     "INSERT INTO delivery (webhook_id, event_id, created_us, state, attempts,"
                       " tries, is_manual, due_us, finished_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                       " ?7, ?8, ?9)")
STMT(DELIVERY_SAVE,    "UPDATE delivery SET state = ?2, attempts = ?3, tries = ?4, is_manual = ?5,"
                       " due_us = ?6, finished_us = ?7 WHERE id = ?1")
STMT(DELIVERY_GET,     "SELECT " DELIVERY_COLUMNS " FROM delivery d WHERE d.id = ?1")
STMT(DELIVERY_FIND,    "SELECT " DELIVERY_COLUMNS " FROM delivery d WHERE d.webhook_id = ?1"
                       " AND d.event_id = ?2")
STMT(DELIVERY_NEXT,    "SELECT " EVENT_COLUMNS ", " DELIVERY_COLUMNS DELIVERY_EVENT
                       "WHERE d.webhook_id = ?1 AND d.state = 1 AND d.due_us <= ?2"
                       " ORDER BY d.due_us, d.id LIMIT 1")
STMT(DELIVERIES_PAGE,  "SELECT " EVENT_COLUMNS ", " DELIVERY_COLUMNS DELIVERY_EVENT
                       "WHERE d.webhook_id = ?1 AND d.event_id < ?2"
                       " ORDER BY d.event_id DESC LIMIT ?3")
STMT(DELIVERIES_OF,    "SELECT id FROM delivery WHERE webhook_id = ?1 LIMIT ?2")
STMT(DELIVERY_DELETE,  "DELETE FROM delivery WHERE id = ?1")
STMT(DELIVERY_DELETE_ATTEMPTS, "DELETE FROM delivery_attempt WHERE delivery_id = ?1")
STMT(ATTEMPT_ADD,      "INSERT INTO delivery_attempt (delivery_id, seq, is_manual, began_us, took_us,"
                       " status, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
STMT(ATTEMPT_FORGET,   "DELETE FROM delivery_attempt WHERE delivery_id = ?1 AND seq <= ?2")
STMT(ATTEMPTS_PAGE,    "SELECT delivery_id, seq, is_manual, began_us, took_us, status, message"
                       " FROM delivery_attempt WHERE delivery_id = ?1 AND seq < ?2"
                       " ORDER BY seq DESC LIMIT ?3")

/* What clients keep of conversations, and what was asked. */
#define MEMO_COLUMNS   "id, uuid, account_id, base_uuid, session, kind, text, body, created_us"
STMT(MEMO_ADD,         "INSERT INTO memo (uuid, account_id, base_uuid, session, kind, text, body,"
                       " created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
STMT(MEMO_SAVE,        "UPDATE memo SET text = ?2, body = ?3 WHERE id = ?1")
STMT(MEMO_FIND,        "SELECT " MEMO_COLUMNS " FROM memo WHERE uuid = ?2 AND account_id = ?1")
STMT(MEMOS,            "SELECT " MEMO_COLUMNS " FROM memo WHERE account_id = ?1 AND id < ?2"
                       " ORDER BY id DESC LIMIT ?3")
STMT(MEMOS_OF_SESSION, "SELECT " MEMO_COLUMNS " FROM memo WHERE account_id = ?1 AND id < ?2"
                       " AND session = ?4 ORDER BY id DESC LIMIT ?3")
STMT(MEMOS_TRIM,       "DELETE FROM memo WHERE account_id = ?1 AND id <= (SELECT id FROM memo"
                       " WHERE account_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")
STMT(MEMOS_OF_ACCOUNT_DELETE, "DELETE FROM memo WHERE account_id = ?1")
STMT(ASKED_ADD,        "INSERT INTO asked (uuid, account_id, base_uuid, is_answer, text, created_us)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
STMT(ASKED,            "SELECT id, uuid, account_id, base_uuid, is_answer, text, created_us"
                       " FROM asked WHERE account_id = ?1 ORDER BY id LIMIT ?2")
STMT(ASKED_TRIM,       "DELETE FROM asked WHERE account_id = ?1 AND id <= (SELECT id FROM asked"
                       " WHERE account_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")
STMT(ASKED_OF_DOCUMENT_DELETE, "DELETE FROM asked WHERE is_answer = 1 AND base_uuid ="
                       " (SELECT b.uuid FROM document d JOIN base b ON b.id = d.base_id"
                       " WHERE d.id = ?1)")
STMT(ASKED_OF_ACCOUNT_DELETE, "DELETE FROM asked WHERE account_id = ?1")

STMT(AUDIT_DOCUMENTS,  "SELECT count(*), coalesce(sum(r.segments), 0),"
                       " coalesce(sum(r.characters), 0) FROM document d"
                       " JOIN revision r ON r.id = d.revision_id WHERE d.base_id = ?1")
STMT(AUDIT_SEGMENTS,   "SELECT count(*), coalesce(sum(s.disabled_us = 0), 0),"
                       " coalesce(sum(CASE WHEN s.disabled_us = 0 AND r.has_vectors"
                       " AND (SELECT b.embedder_id FROM base b WHERE b.id = ?1)"
                       " IN (r.embedder_id, r.other_id) THEN"
                       " max(1, (SELECT count(*) FROM child c WHERE c.segment_id = s.id))"
                       " ELSE 0 END), 0) FROM revision r JOIN segment s ON s.revision_id = r.id"
                       " WHERE r.base_id = ?1 AND r.state IN (2, 4)")
STMT(AUDIT_KEPT,       "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM replaced p"
                       " WHERE p.document_id = r.document_id AND p.outcome = 0"
                       " AND " REPLACED_KEPT " = r.id)), 0) FROM revision r"
                       " INDEXED BY revision_kept WHERE r.base_id = ?1 AND r.state = 5")
/* By the embedder that the base answers by, of revisions that have all. */
#define AUDIT_OF(vectors) "SELECT count(*) FROM base b JOIN " vectors " v ON v.base_id = b.id" \
                       " AND v.embedder_id = b.embedder_id JOIN revision r" \
                       " ON r.id = v.revision_id WHERE b.id = ?1 AND r.state IN (2, 4)" \
                       " AND b.embedder_id IN (r.embedder_id, r.other_id)"
STMT(AUDIT_VECTORS,    AUDIT_OF("vector"))
STMT(AUDIT_CHILD_VECTORS, AUDIT_OF("child_vector"))
/* Postings: those that are good whatever becomes of their revision but its
 * end, and those that an audit counts. */
#define POSTING        "SELECT 1 FROM segment s JOIN revision r ON r.id = s.revision_id" \
                       " WHERE s.id = ?1 AND s.stamp = ?2 AND s.disabled_us = 0 AND r.state "
STMT(POSTING_KEEPS,    POSTING "<> 3")
STMT(POSTING_COUNTS,   POSTING "IN (2, 4)")
STMT(SEGMENTS_POSTED,  "SELECT s.id, r.base_id, s.disabled_us = 0 AND r.state <> 3, s.stamp,"
                       " s.section, s.text, s.keywords, r.id, r.stems, r.language FROM segment s JOIN revision r"
                       " ON r.id = s.revision_id WHERE s.id > ?1 ORDER BY s.id LIMIT ?2")
STMT(SEGMENT_POSTED,   "SELECT s.section, s.text, s.keywords, r.stems FROM segment s"
                       " JOIN revision r ON r.id = s.revision_id WHERE s.id = ?1"
                       " AND s.disabled_us = 0 AND r.state = 2")
STMT(SEGMENT_TEXTS,    "SELECT text FROM segment WHERE revision_id = ?1 ORDER BY ordinal")
STMT(REVISION_STEMS,   "UPDATE revision SET stems = ?2 WHERE id = ?1")
STMT(REVISION_SAYS,    "SELECT language FROM revision WHERE id = ?1")
/* Tables that were full text before there were parts. */
STMT(OLD_INDEX,        "SELECT name FROM sqlite_schema WHERE type = 'table'"
                       " AND name GLOB 'fts_[0-9]*' AND sql LIKE 'CREATE VIRTUAL TABLE%' LIMIT 1")
/* Parts of full text; see store_index.h. */
#define PART_COLUMNS   "id, base_id, docs, bytes, first_id, last_id, lost, languages"
STMT(PART_ADD,         "INSERT INTO part (base_id, state, level, docs, bytes, first_id, last_id,"
                       " languages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
STMT(PART_PAGE_ADD,    "INSERT INTO part_page (id, bytes) VALUES (?1, ?2)")
STMT(PART_PAGE,        "SELECT bytes FROM part_page WHERE id = ?1")
STMT(PARTS,            "SELECT " PART_COLUMNS " FROM part WHERE base_id = ?1 AND state = 2"
                       " ORDER BY level DESC")
STMT(PARTS_OF_LEVEL,   "SELECT " PART_COLUMNS " FROM part WHERE base_id = ?1 AND state = 2"
                       " AND level = ?2 ORDER BY id LIMIT ?3")
STMT(PARTS_MANY,       "SELECT base_id FROM part WHERE state = 2 AND level >= ?1"
                       " GROUP BY base_id, level HAVING count(*) >= ?2 LIMIT 1")
STMT(PARTS_COUNT,      "SELECT count(*) FROM part WHERE base_id = ?1 AND state = 2")
STMT(PART_LOST,        "SELECT " PART_COLUMNS " FROM part INDEXED BY part_lost WHERE lost <> 0"
                       " LIMIT 1")
STMT(PART_LOST_OF,     "SELECT " PART_COLUMNS " FROM part INDEXED BY part_lost WHERE lost <> 0"
                       " AND base_id = ?1 LIMIT 1")
STMT(PARTS_LOSE,       "UPDATE part SET lost = lost + 1 WHERE base_id = ?1 AND state = 2"
                       " AND first_id <= ?3 AND last_id >= ?2")
STMT(PART_BEGIN,       "INSERT INTO part (base_id, state, level, docs, bytes, first_id, last_id,"
                       " languages) VALUES (?1, 1, -1, 0, 0, ?2, ?3, ?4)")
STMT(PART_IS,          "SELECT 1 FROM part WHERE id = ?1 AND state = ?2")
STMT(PART_HAS_LOST,    "SELECT lost FROM part WHERE id = ?1 AND state = 2")
STMT(PART_LOSES,       "UPDATE part SET lost = ?2 WHERE id = ?1")
STMT(PART_TURN,        "UPDATE part SET state = 2, level = ?2, docs = ?3, bytes = ?4, lost = ?5"
                       " WHERE id = ?1")
STMT(PART_WASTE,       "UPDATE part SET state = 3, lost = 0 WHERE id = ?1")
STMT(PARTS_WASTE,      "SELECT id FROM part INDEXED BY part_state WHERE state = 3"
                       " AND state <> 2 LIMIT 1")
STMT(PART_PAGES_SWEEP, "DELETE FROM part_page WHERE id IN (SELECT id FROM part_page"
                       " WHERE id >= ?1 AND id < ?2 LIMIT ?3)")
STMT(PART_PAGES_DELETE, "DELETE FROM part_page WHERE id BETWEEN ?1 AND ?2")
STMT(PART_DELETE,      "DELETE FROM part WHERE id = ?1")
STMT(BASE_DELETE_PART_PAGES, "DELETE FROM part_page WHERE id IN (SELECT g.id FROM part p"
                       " CROSS JOIN part_page g ON g.id >= p.id << 20 AND g.id < (p.id + 1) << 20"
                       " WHERE p.base_id = ?1)")
STMT(BASE_DELETE_PARTS, "DELETE FROM part WHERE base_id = ?1")
/* Mentions without segment or entity, relations of what their segment does not
 * mention, entities that nothing names. */
STMT(AUDIT_GRAPH,      "SELECT (SELECT count(*) FROM entity e CROSS JOIN mention m"
                       " ON m.entity_id = e.id WHERE e.base_id = ?1 AND NOT EXISTS"
                       " (SELECT 1 FROM segment s WHERE s.id = m.segment_id))"
                       " + (SELECT count(*) FROM revision r JOIN segment s ON s.revision_id = r.id"
                       " JOIN mention m ON m.segment_id = s.id WHERE r.base_id = ?1"
                       " AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.id = m.entity_id))"
                       " + (SELECT count(*) FROM revision r JOIN segment s ON s.revision_id = r.id"
                       " JOIN relation l ON l.segment_id = s.id WHERE r.base_id = ?1 AND NOT (EXISTS"
                       " (SELECT 1 FROM mention m WHERE m.segment_id = l.segment_id"
                       " AND m.entity_id = l.subject_id) AND EXISTS (SELECT 1 FROM mention m"
                       " WHERE m.segment_id = l.segment_id AND m.entity_id = l.object_id)))"
                       " + (SELECT count(*) FROM entity e WHERE e.base_id = ?1 AND NOT EXISTS"
                       " (SELECT 1 FROM mention m WHERE m.entity_id = e.id))")
/* clang-format on */
#undef STMT
