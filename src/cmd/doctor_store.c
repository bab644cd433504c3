/* SPDX-License-Identifier: Apache-2.0 */
/* The store and the uploads that it refers to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd/backup_file.h"
#include "cmd/cmd.h"
#include "cmd/doctor.h"
#include "store/store_backup.h"
#include "sys/sha256.h"

#define LOG_LARGE (1 * GIB)
#define LOG_FACTOR 2	   /* times the store */
#define LOG_SMALL (64 * MIB) /* however small the store is */
#define FREE_SHARE 4	   /* a quarter of the pages */
#define FREE_LEAST (64 * MIB)
#define SAMPLE 1000u	   /* uploads looked at without --thorough */
#define NAMED 3u	   /* of those that are missing */

static void
store_waste(struct doctor *doctor, const struct store_facts *facts)
{
	uint64_t spare = facts->free_pages * facts->page_bytes;
	char text[BYTES_TEXT_SIZE];

	if (spare < FREE_LEAST ||
	    facts->free_pages < facts->pages / FREE_SHARE)
		return;
	bytes_format(spare, text);
	doctor_say(doctor, VERDICT_WARN, "they are filled again by what is "
	    "indexed; to give them back, stop the server and run sqlite3 "
	    "DIR/tidemark.db VACUUM", "%s of it are free pages", text);
}

static void
store_check(struct doctor *doctor)
{
	struct err_note note = {0};
	struct store_facts facts;
	char text[BYTES_TEXT_SIZE];
	int err;

	err = store_image_check(doctor->image, &note);
	if (err == 0)
		err = store_image_facts(doctor->image, &facts, &note);
	if (err < 0) {
		doctor_say(doctor, err == ERR_BUSY ? VERDICT_WARN
						   : VERDICT_FAIL,
		    "keep a copy of the folder, restore the last backup "
		    "(tidemark help restore), index again what is newer",
		    "%s", err_words(&note, err));
		return;
	}
	doctor->has_store = true;
	bytes_format(facts.pages * facts.page_bytes, text);
	if (facts.schema < store_schema_version())
		doctor_say(doctor, VERDICT_WARN, "back it up; the next start "
		    "of this program's server migrates it",
		    "whole, %s, of schema %d; this program has %d", text,
		    facts.schema, store_schema_version());
	else
		doctor_say(doctor, VERDICT_OK, NULL, "whole, %s, schema %d; "
		    "bases: %llu, documents: %llu", text, facts.schema,
		    (unsigned long long)facts.bases,
		    (unsigned long long)facts.documents);
	store_waste(doctor, &facts);
}

void
doctor_store(struct doctor *doctor)
{
	char path[URI_BYTES_MAX], log[URI_BYTES_MAX];
	struct err_note note = {0};
	bool is_live;
	int err;

	if (!doctor->has_folder ||
	    doctor_path(doctor, "tidemark.db", path) < 0 ||
	    doctor_path(doctor, "tidemark.db-wal", log) < 0)
		return;
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		doctor_say(doctor, VERDICT_WARN, "the first start of "
		    "tidemark serve makes it", "there is none yet");
		return;
	}
	/* Of a file that nobody writes to, and that has no log, SQLite needs
	 * nothing beside it: so nothing is made. */
	is_live = doctor->lock < 0 || access(log, F_OK) == 0;
	err = store_image_open(path, is_live, &doctor->image, &note);
	if (err < 0) {
		doctor_say(doctor, VERDICT_FAIL, err == ERR_UNSUPPORTED
		    ? "run the version that wrote it, or a newer one"
		    : "restore the last backup: tidemark help restore",
		    "%s", err_words(&note, err));
		return;
	}
	store_check(doctor);
}

void
doctor_log(struct doctor *doctor)
{
	char path[URI_BYTES_MAX], text[BYTES_TEXT_SIZE];
	struct stat st;
	uint64_t bytes;

	if (!doctor->has_store ||
	    doctor_path(doctor, "tidemark.db-wal", path) < 0 ||
	    stat(path, &st) < 0)
		return;
	bytes = (uint64_t)st.st_size;
	bytes_format(bytes, text);
	if (bytes > LOG_LARGE ||
	    (bytes > LOG_SMALL && bytes > LOG_FACTOR * doctor->store_bytes))
		doctor_say(doctor, VERDICT_WARN, "a reader may be holding "
		    "it: a restart of the server puts it into the store",
		    "%s", text);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%s", text);
}

/* ---- uploads --------------------------------------------------------- */

struct uploads {
	uint64_t looked, missing, damaged, left;
};

static bool
is_whole(int fd, const uint8_t wanted[HASH_SIZE])
{
	uint8_t hash[SHA256_SIZE];
	uint64_t bytes;

	return sha256_of_fd(fd, hash, &bytes) == 0 &&
	    memcmp(hash, wanted, sizeof(hash)) == 0;
}

static void
upload_look(struct doctor *doctor, const uint8_t hash[HASH_SIZE],
    struct uploads *uploads)
{
	char hex[SHA256_TEXT_SIZE], name[96], path[URI_BYTES_MAX];
	bool is_thorough = args_has(doctor->args, OPT(THOROUGH));
	int fd;

	sha256_format(hash, hex);
	(void)snprintf(name, sizeof(name), "blobs/%.2s/%s", hex, hex + 2);
	if (doctor_path(doctor, name, path) < 0)
		return;
	uploads->looked++;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && uploads->missing++ < NAMED)
		doctor_say(doctor, VERDICT_FAIL, "bring it back from a "
		    "backup, or upload the document again", "%s: %s", name,
		    strerror(errno));
	if (fd >= 0 && is_thorough && !is_whole(fd, hash) &&
	    uploads->damaged++ < NAMED)
		doctor_say(doctor, VERDICT_FAIL, "move it away and upload "
		    "the document again", "%s is not what its name says",
		    name);
	if (fd >= 0)
		(void)close(fd); /* only read */
}

void
doctor_uploads(struct doctor *doctor)
{
	bool is_thorough = args_has(doctor->args, OPT(THOROUGH));
	struct uploads uploads = {.looked = 0};
	uint8_t hash[HASH_SIZE];
	uint64_t wrong;
	int got;

	if (!doctor->has_store)
		return;
	while ((got = store_image_blob_next(doctor->image, hash)) > 0)
		if (is_thorough || uploads.looked < SAMPLE)
			upload_look(doctor, hash, &uploads);
		else
			uploads.left++;
	wrong = uploads.missing + uploads.damaged;
	if (got < 0)
		doctor_say(doctor, VERDICT_FAIL, "restore the last backup",
		    "the list of them cannot be read: %s", err_text(got));
	else if (wrong > 0)
		doctor_say(doctor, VERDICT_FAIL,
		    "what is indexed of them is still found",
		    "%llu of %llu are missing or damaged",
		    (unsigned long long)wrong,
		    (unsigned long long)uploads.looked);
	else if (uploads.left > 0)
		doctor_say(doctor, VERDICT_OK, NULL, "%llu are there; %llu "
		    "more were not looked at (--thorough does)",
		    (unsigned long long)uploads.looked,
		    (unsigned long long)uploads.left);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%llu are there%s",
		    (unsigned long long)uploads.looked,
		    is_thorough ? ", each as its name says" : "");
}
