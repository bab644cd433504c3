/* SPDX-License-Identifier: Apache-2.0 */
/* Settings, the data folder, and what is around it. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd/backup_file.h"
#include "cmd/cmd.h"
#include "cmd/doctor.h"
#include "cmd/doctor_place.h"
#include "cmd/owner.h"
#include "engine/backup.h"
#include "store/store_backup.h"
#include "sys/clock.h"

#define FREE_LOW (256 * MIB)  /* a writer that is at work fills it soon */
#define FREE_NONE (16 * MIB)
#define CLOCK_SLACK_S 60
#define YEAR_2024_S 1704067200 /* no certificate of today is valid before */

/* ---- settings -------------------------------------------------------- */

/* Is there a line "..._key = something" in the file? */
static bool
has_secrets(const char *path)
{
	static const char *const names[] = {"api_key", "chat_key",
	    "embedding_key", "rerank_key"};
	char rest[DOCTOR_LINE_SIZE];
	size_t i, at;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!doctor_line(path, names[i], rest) || rest[0] != '=')
			continue;
		at = 1 + strspn(rest + 1, " \t");
		if (rest[at] != '\0')
			return true;
	}
	return false;
}

static void
secret_file(struct doctor *doctor, const char *what, const char *path)
{
	struct stat st;

	if (path[0] == '\0')
		return;
	if (stat(path, &st) < 0)
		doctor_say(doctor, VERDICT_FAIL, "name a file that is there",
		    "%s: %s: %s", what, path, strerror(errno));
	else if ((st.st_mode & 077) != 0)
		doctor_say(doctor, VERDICT_WARN, "chmod 600 it",
		    "%s: others may read %s (mode %04o)", what, path,
		    (unsigned)st.st_mode & 07777);
}

static void
config_file(struct doctor *doctor)
{
	struct stat st;

	if (doctor->config[0] == '\0')
		return;
	/* A group of one's own, as Debian's services have it, is fine. */
	if (stat(doctor->config, &st) == 0 && (st.st_mode & 007) != 0 &&
	    has_secrets(doctor->config))
		doctor_say(doctor, VERDICT_FAIL, "chmod 640 it, or put the "
		    "keys into files of their own (..._key_file)",
		    "everybody may read the keys in %s", doctor->config);
}

/* Where what is usual lies, when what was set cannot be read. */
static char *
usual_env(const char *name)
{
	return strcmp(name, "HOME") == 0 || strcmp(name, "TIDEMARK_DATA") == 0
	    ? getenv(name)
	    : NULL;
}

void
doctor_config(struct doctor *doctor)
{
	char data[URI_BYTES_MAX + 8], config[URI_BYTES_MAX + 16];
	const struct args *args = doctor->args;
	struct err_note note = {0};
	char *argv[2];
	int argc = 0, err;

	if (args->data != NULL) {
		(void)snprintf(data, sizeof(data), "--data=%s", args->data);
		argv[argc++] = data;
	}
	if (args->config != NULL) {
		(void)snprintf(config, sizeof(config), "--config=%s",
		    args->config);
		argv[argc++] = config;
	}
	err = settings_read(argc, argv, getenv, &doctor->settings, &note);
	if (err < 0) {
		doctor_say(doctor, VERDICT_FAIL,
		    "set it right; tidemark help serve has all settings",
		    "%s", err_words(&note, err));
		doctor->settings = (struct settings){0};
		/* The rest is looked at with what is usual. */
		err = settings_read(args->data != NULL ? 1 : 0, argv,
		    usual_env, &doctor->settings, &note);
		doctor->config = "";
		doctor->data = err < 0 ? "" : doctor->settings.data;
		return;
	}
	doctor->has_settings = true;
	doctor->data = doctor->settings.data;
	doctor->config = doctor->settings.config;
	config_file(doctor);
	secret_file(doctor, "chat_key_file", doctor->settings.chat_key_file);
	secret_file(doctor, "embedding_key_file",
	    doctor->settings.embedding_key_file);
	secret_file(doctor, "rerank_key_file",
	    doctor->settings.rerank_key_file);
	if (doctor->counts[VERDICT_WARN] + doctor->counts[VERDICT_FAIL] == 0)
		doctor_say(doctor, VERDICT_OK, NULL, "%s",
		    doctor->config[0] == '\0'
		    ? "flags and environment, no file" : doctor->config);
}

/* ---- the folder ------------------------------------------------------ */

static const char *
user_name(uid_t uid, char out[32])
{
	const struct passwd *user = getpwuid(uid);

	if (user != NULL)
		(void)snprintf(out, 32, "%.31s", user->pw_name);
	else
		(void)snprintf(out, 32, "%u", (unsigned)uid);
	return out;
}

void
doctor_folder(struct doctor *doctor)
{
	struct err_note note = {0};
	char name[32], me[32];

	if (stat(doctor->data, &doctor->folder) < 0) {
		if (errno == ENOENT)
			doctor_say(doctor, VERDICT_WARN, "the first start of "
			    "tidemark serve makes it", "%s is not there",
			    doctor->data);
		else
			doctor_say(doctor, VERDICT_FAIL, "run this as the "
			    "server's user, or as root", "%s: %s",
			    doctor->data, strerror(errno));
		return;
	}
	(void)user_name(doctor->folder.st_uid, name);
	if (!S_ISDIR(doctor->folder.st_mode)) {
		doctor_say(doctor, VERDICT_FAIL, "name a folder",
		    "%s is not a folder", doctor->data);
		return;
	}
	doctor->has_folder = true;
	if (restore_check_done(doctor->data, &note) < 0)
		doctor_say(doctor, VERDICT_FAIL,
		    "tidemark help restore tells how", "%s", note.text);
	/* What is opened below must not leave files of root's. */
	if (owner_become(doctor->data, &note) < 0)
		doctor_say(doctor, VERDICT_WARN, "run this as that user",
		    "%s", note.text);
	if (access(doctor->data, R_OK | W_OK | X_OK) < 0 ||
	    (geteuid() != doctor->folder.st_uid && geteuid() != 0))
		doctor_say(doctor, VERDICT_FAIL, "run this as its owner, or "
		    "give it to the server's user (chown -R)",
		    "%s is %s's, and this is %s", doctor->data, name,
		    user_name(geteuid(), me));
	if ((doctor->folder.st_mode & 077) != 0)
		doctor_say(doctor, VERDICT_WARN, "chmod 700 it",
		    "others may enter %s (mode %04o)", doctor->data,
		    (unsigned)doctor->folder.st_mode & 07777);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%s, for %s alone",
		    doctor->data, name);
}

void
doctor_keys(struct doctor *doctor)
{
	static const char *const names[] = {"api-key", "secret-key",
	    "local-token", "tidemark.db"};
	char path[URI_BYTES_MAX];
	struct stat st;
	unsigned wrong = 0;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!doctor->has_folder ||
		    doctor_path(doctor, names[i], path) < 0 ||
		    lstat(path, &st) < 0)
			continue;
		if ((st.st_mode & 077) != 0 || !S_ISREG(st.st_mode)) {
			doctor_say(doctor, VERDICT_FAIL, "chmod 600 it, and "
			    "make new keys if others could reach the folder",
			    "others may read %s (mode %04o)", path,
			    (unsigned)st.st_mode & 07777);
			wrong++;
		} else if (st.st_uid != doctor->folder.st_uid) {
			doctor_say(doctor, VERDICT_FAIL,
			    "chown it to the folder's owner",
			    "%s is another user's than the folder", path);
			wrong++;
		}
	}
	if (doctor->has_folder && doctor_path(doctor, "secret-key", path) ==
	    0 && access(path, F_OK) < 0 && doctor_path(doctor, "tidemark.db",
	    path) == 0 && access(path, F_OK) == 0) {
		doctor_say(doctor, VERDICT_FAIL, "bring it back from a "
		    "backup; without it a start makes a new one, and secrets "
		    "of sources and webhooks must be given again",
		    "secret-key is not there");
		wrong++;
	}
	if (doctor->has_folder && wrong == 0)
		doctor_say(doctor, VERDICT_OK, NULL, "for their owner alone");
}

/* ---- the place ------------------------------------------------------- */

void
doctor_place(struct doctor *doctor)
{
	const struct place *place;
	struct statfs fs;

	if (!doctor->has_folder || statfs(doctor->data, &fs) < 0)
		return;
	place = place_find((unsigned long)fs.f_type);
	if (place == NULL)
		doctor_say(doctor, VERDICT_OK, NULL, "a local one (0x%lx)",
		    (unsigned long)fs.f_type);
	else
		doctor_say(doctor, place->is_wrong ? VERDICT_FAIL
						   : VERDICT_WARN,
		    place->remedy, "%s: %s", place->name, place->why);
}

/* The kernel lists locks by the file's device and number; of flock() too. */
static long
lock_holder(const char *path)
{
	unsigned long major = 0, minor = 0, inode = 0;
	char line[DOCTOR_LINE_SIZE];
	long pid, found = 0;
	struct stat st;
	FILE *file;

	if (stat(path, &st) < 0)
		return 0;
	file = fopen("/proc/locks", "re");
	while (file != NULL && found == 0 &&
	    fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %lx:%lx:%lu", &pid,
		    &major, &minor, &inode) == 4 && inode == st.st_ino &&
		    major == major(st.st_dev) && minor == minor(st.st_dev))
			found = pid;
	if (file != NULL)
		(void)fclose(file); /* only read */
	return found;
}

void
doctor_lock(struct doctor *doctor)
{
	char path[URI_BYTES_MAX], proc[64], command[DOCTOR_LINE_SIZE];
	struct err_note note = {0};
	int err;

	/* Looking must not make what is not there. */
	if (!doctor->has_folder || doctor_path(doctor, "lock", path) < 0 ||
	    access(path, F_OK) < 0)
		return;
	err = store_lock(doctor->data, &doctor->lock, &note);
	if (err == 0) {
		doctor_say(doctor, VERDICT_OK, NULL, "nobody works on it");
		return;
	}
	if (err != ERR_BUSY) {
		doctor_say(doctor, VERDICT_FAIL, "run this as its owner",
		    "%s", err_words(&note, err));
		return;
	}
	doctor->is_served = true;
	doctor->server_pid = lock_holder(path);
	(void)snprintf(proc, sizeof(proc), "/proc/%ld/comm",
	    doctor->server_pid);
	if (doctor->server_pid == 0 || !doctor_line(proc, "", command))
		doctor_say(doctor, VERDICT_OK, NULL, "a process works on it");
	else
		doctor_say(doctor, VERDICT_OK, NULL,
		    "process %ld (%s) works on it", doctor->server_pid,
		    command);
}

void
doctor_space(struct doctor *doctor)
{
	char spare[BYTES_TEXT_SIZE], copy[BYTES_TEXT_SIZE];
	char path[URI_BYTES_MAX];
	uint64_t free_bytes;
	struct statvfs fs;
	struct stat st;

	if (!doctor->has_folder || statvfs(doctor->data, &fs) < 0)
		return;
	if (doctor_path(doctor, "tidemark.db", path) == 0 &&
	    stat(path, &st) == 0)
		doctor->store_bytes = (uint64_t)st.st_size;
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	bytes_format(free_bytes, spare);
	bytes_format(doctor->store_bytes, copy);
	if (free_bytes < FREE_NONE)
		doctor_say(doctor, VERDICT_FAIL, "make room: jobs wait for "
		    "it", "%s are free", spare);
	else if (free_bytes < FREE_LOW)
		doctor_say(doctor, VERDICT_WARN, "make room soon",
		    "%s are free", spare);
	else if (free_bytes < doctor->store_bytes + BACKUP_RESERVE_BYTES)
		doctor_say(doctor, VERDICT_WARN, "make room, or back up with "
		    "the server stopped (--data), which needs none",
		    "%s are free; a backup needs a second copy of the store, "
		    "%s", spare, copy);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%s are free; the store "
		    "has %s", spare, copy);
	if (fs.f_files > 0 && fs.f_favail < 1000)
		doctor_say(doctor, VERDICT_WARN, "remove small files",
		    "room for %llu more files",
		    (unsigned long long)fs.f_favail);
}

/* ---- the clock ------------------------------------------------------- */

void
doctor_clock(struct doctor *doctor)
{
	int64_t now_s = clock_wall_us() / 1000000, ahead_s = 0;
	char path[URI_BYTES_MAX];
	struct stat st;

	if (now_s < YEAR_2024_S) {
		doctor_say(doctor, VERDICT_FAIL, "set it (NTP)", "it shows "
		    "a year before 2024: no service's certificate is valid");
		return;
	}
	if (doctor->has_folder &&
	    doctor_path(doctor, "tidemark.db", path) == 0 &&
	    stat(path, &st) == 0)
		ahead_s = st.st_mtim.tv_sec - now_s;
	if (ahead_s > CLOCK_SLACK_S)
		doctor_say(doctor, VERDICT_WARN, "set it right (NTP); times "
		    "shown meanwhile may be wrong",
		    "the store was written %lld s in the future: the clock "
		    "was set back", (long long)ahead_s);
	else
		doctor_say(doctor, VERDICT_OK, NULL,
		    "not behind what was stored");
}
