/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel allows.  Beside a server that runs, its own limits are looked
 * at, which systemd may have set; else those of this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/backup_file.h"
#include "cmd/doctor.h"
#include "cmd/host.h"
#include "extract/extract.h"

#define FILES_OWN 256u	  /* pools, planners, couriers, the store's own */
#define FILES_WORKER 8u	  /* of one worker and its child */
#define MEMORY_OWN (256 * MIB)
#define MEMORY_WORKER (64 * MIB) /* of a usual document */
#define SELF_TEST_BYTES 8192u

/* ---- limits ---------------------------------------------------------- */

static const char *
proc_path(const struct doctor *doctor, const char *name, char out[64])
{
	if (doctor->server_pid != 0)
		(void)snprintf(out, 64, "/proc/%ld/%s", doctor->server_pid,
		    name);
	else
		(void)snprintf(out, 64, "/proc/self/%s", name);
	return out;
}

/* The soft limit that a line of /proc/PID/limits tells; unlimited is
 * UINT64_MAX, and so is what cannot be read. */
static uint64_t
limit_of(const struct doctor *doctor, const char *name)
{
	char path[64], line[DOCTOR_LINE_SIZE];

	if (!doctor_line(proc_path(doctor, "limits", path), name, line) ||
	    line[0] < '0' || line[0] > '9')
		return UINT64_MAX;
	return strtoull(line, NULL, 10);
}

static unsigned
worker_count(const struct doctor *doctor)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (doctor->settings.workers > 0)
		return (unsigned)doctor->settings.workers;
	return processors > 0 ? (unsigned)processors : 1;
}

void
doctor_files(struct doctor *doctor)
{
	uint64_t allowed = limit_of(doctor, "Max open files");
	uint64_t least = FILES_OWN + FILES_WORKER * worker_count(doctor);
	uint64_t wanted = least + HTTP_CONNECTIONS_MAX;

	if (allowed < least)
		doctor_say(doctor, VERDICT_FAIL, "raise it: ulimit -n 4096, "
		    "or LimitNOFILE=4096 in the unit",
		    "%llu are allowed, and %llu are wanted without a single "
		    "client", (unsigned long long)allowed,
		    (unsigned long long)least);
	else if (allowed < wanted)
		doctor_say(doctor, VERDICT_WARN, "raise it: ulimit -n 4096, "
		    "or LimitNOFILE=4096 in the unit",
		    "%llu are allowed; %u connections at once want %llu",
		    (unsigned long long)allowed, HTTP_CONNECTIONS_MAX,
		    (unsigned long long)wanted);
	else if (allowed == UINT64_MAX)
		doctor_say(doctor, VERDICT_OK, NULL, "without a limit");
	else
		doctor_say(doctor, VERDICT_OK, NULL,
		    "%llu are allowed, %llu wanted",
		    (unsigned long long)allowed, (unsigned long long)wanted);
}

/* Of the control group: memory.max, of version 2. */
static uint64_t
group_memory(const struct doctor *doctor)
{
	char path[64], group[DOCTOR_LINE_SIZE], line[DOCTOR_LINE_SIZE];
	char file[DOCTOR_LINE_SIZE + 64];

	if (!doctor_line(proc_path(doctor, "cgroup", path), "0::", group))
		return UINT64_MAX;
	(void)snprintf(file, sizeof(file), "/sys/fs/cgroup%s/memory.max",
	    group);
	if (!doctor_line(file, "", line) || line[0] < '0' || line[0] > '9')
		return UINT64_MAX;
	return strtoull(line, NULL, 10);
}

static uint64_t
machine_memory(void)
{
	char line[DOCTOR_LINE_SIZE];

	return doctor_line("/proc/meminfo", "MemTotal:", line)
	    ? strtoull(line, NULL, 10) * 1024
	    : UINT64_MAX;
}

void
doctor_memory(struct doctor *doctor)
{
	uint64_t vectors = doctor->has_settings
	    ? doctor->settings.vector_memory : VECTOR_MEMORY_DEFAULT;
	uint64_t least = MEMORY_OWN + MEMORY_WORKER * worker_count(doctor);
	const struct {
		uint64_t bytes;
		const char *what;
	} limits[] = {
	    {machine_memory(), "the machine has"},
	    {group_memory(doctor), "the control group allows"},
	    {limit_of(doctor, "Max address space"),
		"the limit of address space is"},
	};
	char text[BYTES_TEXT_SIZE], want[BYTES_TEXT_SIZE];
	size_t i, low = 0;

	for (i = 1; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].bytes < limits[low].bytes)
			low = i;
	bytes_format(limits[low].bytes, text);
	bytes_format(least + vectors, want);
	if (limits[low].bytes < least)
		doctor_say(doctor, VERDICT_FAIL,
		    "give it more, or set fewer workers", "%s %s",
		    limits[low].what, text);
	else if (limits[low].bytes < least + vectors)
		doctor_say(doctor, VERDICT_WARN, "set vector_memory or "
		    "workers lower, or give it more", "%s %s; workers and "
		    "vector_memory may take %s", limits[low].what, text,
		    want);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%s %s, settings may "
		    "take %s", limits[low].what, text, want);
}

/* ---- the extractor --------------------------------------------------- */

/* Run it with --self-test; its exit status, or an error. */
static int
self_test(const char *program, char out[SELF_TEST_BYTES])
{
	int fds[2], status = 0;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_from_errno(errno);
	pid = fork();
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)dup2(fds[1], STDERR_FILENO);
		(void)execl(program, program, "--self-test", (char *)NULL);
		_exit(127);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		(void)close(fds[0]);
		return ERR_BUSY;
	}
	/* What does not fit is read, too, so that it comes to its end. */
	do {
		char rest[256];
		bool fits = len + 1 < SELF_TEST_BYTES;

		got = fits ? read(fds[0], out + len,
				 SELF_TEST_BYTES - 1 - len)
			   : read(fds[0], rest, sizeof(rest));
		if (got > 0 && fits)
			len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	out[len] = '\0';
	(void)close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Lines of the self-test that tell of something that was not refused. */
static unsigned
self_test_tell(struct doctor *doctor, char *text)
{
	unsigned count = 0;
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0' || strstr(line, "refused") != NULL)
			continue;
		doctor_say(doctor, VERDICT_FAIL, "run a kernel of 5.13 or "
		    "later with seccomp and Landlock; in a container, one "
		    "that lets seccomp filters be set", "%.200s", line);
		count++;
	}
	return count;
}

void
doctor_sandbox(struct doctor *doctor)
{
	char text[SELF_TEST_BYTES] = "";
	struct err_note note = {0};
	char *program = NULL;
	unsigned told;
	int err;

	if (doctor->settings.extractor == NULL)
		return;
	err = host_extractor(&doctor->settings, &program, &note);
	if (err < 0) {
		doctor_say(doctor, VERDICT_FAIL, "install it beside "
		    "tidemark, or name it with extractor=", "%s",
		    err_words(&note, err));
		return;
	}
	err = self_test(program, text);
	if (err == 0) {
		doctor_say(doctor, VERDICT_OK, NULL,
		    "%s: all that it must refuse is refused", program);
	} else {
		told = err > 0 ? self_test_tell(doctor, text) : 0;
		doctor_say(doctor, VERDICT_FAIL, "run it with --self-test",
		    "%s: %s", program, err < 0 ? err_text(err)
			: told > 0 ? "its sandbox has holes"
				   : "its self-test ended early");
	}
	mem_free(program);
}

void
doctor_ocr(struct doctor *doctor)
{
	struct extractor *extractor = NULL;
	struct err_note note = {0};
	char *program = NULL;
	int err;

	if (!doctor->has_settings || !doctor->settings.ocr)
		return;
	err = host_extractor(&doctor->settings, &program, &note);
	if (err < 0)
		return; /* said already */
	extractor = extractor_new_ocr(program,
	    doctor->settings.ocr_languages);
	err = extractor == NULL ? ERR_NOMEM
				: extractor_probe(extractor, &note);
	if (err < 0)
		doctor_say(doctor, VERDICT_FAIL, "see the line on the "
		    "sandbox", "%s", err_words(&note, err));
	else if (!extractor_has_ocr(extractor))
		doctor_say(doctor, VERDICT_FAIL, "install libtesseract5, "
		    "liblept5 and tesseract-ocr-LANG for each, or set ocr=no",
		    "Tesseract is not there, or not for %s: pictures are "
		    "skipped", doctor->settings.ocr_languages);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "Tesseract reads %s",
		    doctor->settings.ocr_languages);
	extractor_close(extractor);
	mem_free(program);
}
