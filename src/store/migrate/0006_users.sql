-- SPDX-License-Identifier: Apache-2.0
--
-- 0006: users, and sessions that were ended before their time.

-- A user has an account, whose uuid is the user's as well: what belongs to
-- the account is the user's.  password: as src/sys/password.h makes it.
-- generation: of the user's tokens; one of another generation is worth
-- nothing.
CREATE TABLE user (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL UNIQUE REFERENCES account (id),
	email TEXT NOT NULL UNIQUE,
	password TEXT NOT NULL,
	is_active INTEGER NOT NULL,
	is_superuser INTEGER NOT NULL,
	is_verified INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL
) STRICT;

-- Its token would be good until until_us.
CREATE TABLE ended_session (
	uuid BLOB PRIMARY KEY,
	until_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_session_until ON ended_session (until_us);
