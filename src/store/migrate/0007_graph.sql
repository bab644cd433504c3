-- SPDX-License-Identifier: Apache-2.0
--
-- 0007: what texts name and how that is linked; contents that are kept before
-- they are indexed; what others may do with a base; what clients keep of
-- conversations.

-- A thing that segments of the base name: known by its key (graph/graph.h).
CREATE TABLE entity (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	base_id INTEGER NOT NULL,
	key TEXT NOT NULL,
	name TEXT NOT NULL, -- as it was shown first
	UNIQUE (base_id, key)
) STRICT;

-- Both belong to their segment, and are what its revision is.
CREATE TABLE mention (
	segment_id INTEGER NOT NULL,
	entity_id INTEGER NOT NULL,
	weight INTEGER NOT NULL, -- how often
	type TEXT NOT NULL,
	alias_key TEXT, -- of a short form that the text says it has
	description TEXT, -- a model's
	base_id INTEGER NOT NULL, -- of both
	PRIMARY KEY (segment_id, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_entity ON mention (entity_id, segment_id);
CREATE INDEX mention_alias ON mention (base_id, alias_key, entity_id)
	WHERE alias_key IS NOT NULL;
CREATE TABLE relation (
	segment_id INTEGER NOT NULL,
	subject_id INTEGER NOT NULL,
	object_id INTEGER NOT NULL,
	label TEXT NOT NULL,
	weight INTEGER NOT NULL,
	PRIMARY KEY (segment_id, subject_id, object_id, label)
) STRICT, WITHOUT ROWID;
-- Who made the graph of its segments: 1 rules, 2 a model; 0 it has none.
ALTER TABLE revision ADD COLUMN graph INTEGER NOT NULL DEFAULT 0;
CREATE INDEX revision_graph ON revision (base_id, graph, document_id)
	WHERE state = 2 AND graph <> 0;

-- Since when its newest content is kept without being indexed; 0: it is not.
ALTER TABLE document ADD COLUMN held_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX document_held ON document (base_id, held_us) WHERE held_us <> 0;
ALTER TABLE replaced ADD COLUMN held_us INTEGER NOT NULL DEFAULT 0;
-- Those of a base that have not ended.
CREATE INDEX job_live_base ON job (base_id, id) WHERE state < 6;
-- The newest job of a kind.
CREATE INDEX job_kind ON job (base_id, kind, id);

-- Users who are meant together: kind 1 a tenant, 2 a role within one.  Users
-- are known by their accounts, which one without a password has as well.
CREATE TABLE user_group (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	kind INTEGER NOT NULL,
	name TEXT NOT NULL,
	owner_id INTEGER NOT NULL, -- the account that made it
	tenant_id INTEGER NOT NULL, -- of a role; 0: it is a tenant
	created_us INTEGER NOT NULL
) STRICT;
-- Names are nobody else's business: they are unique for their owner.
CREATE UNIQUE INDEX user_group_name
	ON user_group (owner_id, tenant_id, name);
CREATE INDEX user_group_tenant ON user_group (tenant_id, id)
	WHERE tenant_id <> 0;
CREATE TABLE group_user (
	group_id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	PRIMARY KEY (group_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_user_account ON group_user (account_id, group_id);
-- The tenant that its user works in now; 0 none.
ALTER TABLE account ADD COLUMN tenant_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX account_tenant ON account (tenant_id) WHERE tenant_id <> 0;
CREATE INDEX api_key_account ON api_key (account_id);

-- What a user or a group (by its uuid) may do with a base of another account:
-- bits 1 read, 2 write, 4 delete, 8 share.
CREATE TABLE base_grant (
	base_id INTEGER NOT NULL,
	principal BLOB NOT NULL,
	rights INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	PRIMARY KEY (base_id, principal)
) STRICT, WITHOUT ROWID;
CREATE INDEX base_grant_principal ON base_grant (principal, base_id);

-- What clients keep of a conversation, by the name they gave it.
CREATE TABLE memo (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL,
	base_uuid BLOB, -- of the base it is about; NULL: of none
	session TEXT NOT NULL,
	kind TEXT NOT NULL, -- the client's word for what it is
	text TEXT NOT NULL, -- what it is found by
	body TEXT NOT NULL, -- a JSON object
	created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX memo_session ON memo (account_id, session, id);
CREATE INDEX memo_account ON memo (account_id, id);
CREATE INDEX memo_base ON memo (base_uuid) WHERE base_uuid IS NOT NULL;

-- Questions that were asked, and what was answered.
CREATE TABLE asked (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL, -- who asked
	base_uuid BLOB, -- of the one base that was asked; NULL: several
	is_answer INTEGER NOT NULL,
	text TEXT NOT NULL,
	created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX asked_account ON asked (account_id, id);
CREATE INDEX asked_base ON asked (base_uuid, is_answer)
	WHERE base_uuid IS NOT NULL;
