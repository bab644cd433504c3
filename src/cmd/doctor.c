/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/doctor.h"
#include "cmd/owner.h"
#include "cmd/term.h"
#include "store/store_backup.h"

#define NAME_COLUMNS 18

static const struct {
	const char *name;
	void (*run)(struct doctor *doctor);
} checks[] = {
#define CHECK(function, name, about) {name, doctor_##function},
#include "cmd/doctor_tbl.h"
};

static const char *const verdicts[] = {
    [VERDICT_OK] = "ok",
    [VERDICT_WARN] = "warn",
    [VERDICT_FAIL] = "FAIL",
};

static void
line_print(const struct doctor *doctor, enum verdict verdict,
    const char *detail, const char *remedy)
{
	static const char *const colors[] = {
	    [VERDICT_OK] = "\033[32m",
	    [VERDICT_WARN] = "\033[33m",
	    [VERDICT_FAIL] = "\033[1;31m",
	};
	bool is_colored = term_has_color(stdout);

	(void)printf("%s%-4s%s  %-*s  ", is_colored ? colors[verdict] : "",
	    verdicts[verdict], is_colored ? "\033[0m" : "", NAME_COLUMNS,
	    doctor->check);
	text_print(stdout, detail);
	if (remedy != NULL) {
		(void)fputs(" -> ", stdout);
		text_print(stdout, remedy);
	}
	(void)putchar('\n');
	(void)fflush(stdout);
}

void
doctor_say(struct doctor *doctor, enum verdict verdict, const char *remedy,
    const char *format, ...)
{
	char detail[1024];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(detail, sizeof(detail), format, list);
	va_end(list);
	doctor->counts[verdict]++;
	if (doctor->rows == NULL)
		line_print(doctor, verdict, detail, remedy);
	else
		(void)json_array_append_new(doctor->rows,
		    json_pack("{s:s, s:s, s:s, s:s?}", "check",
			doctor->check, "state", verdicts[verdict], "detail",
			detail, "remedy", remedy));
}

int
doctor_path(const struct doctor *doctor, const char *name,
    char out[URI_BYTES_MAX])
{
	int len = snprintf(out, URI_BYTES_MAX, "%s/%s", doctor->data, name);

	return len < 0 || (size_t)len >= URI_BYTES_MAX ? ERR_TOO_BIG : 0;
}

bool
doctor_line(const char *path, const char *name, char out[DOCTOR_LINE_SIZE])
{
	char line[DOCTOR_LINE_SIZE];
	bool is_found = false;
	FILE *file;
	size_t at;

	file = fopen(path, "re");
	while (file != NULL && !is_found &&
	    fgets(line, sizeof(line), file) != NULL) {
		at = strlen(name);
		if (strncmp(line, name, at) != 0)
			continue;
		at += strspn(line + at, " \t");
		line[at + strcspn(line + at, "\n")] = '\0';
		(void)snprintf(out, DOCTOR_LINE_SIZE, "%s", line + at);
		is_found = true;
	}
	if (file != NULL)
		(void)fclose(file); /* only read */
	return is_found;
}

static void
end_print(const struct doctor *doctor)
{
	unsigned fails = doctor->counts[VERDICT_FAIL];
	unsigned warns = doctor->counts[VERDICT_WARN];
	json_t *json;

	if (doctor->rows != NULL) {
		json = json_pack("{s:b, s:O}", "ok", fails == 0, "checks",
		    doctor->rows);
		json_print(json);
		json_decref(json);
		return;
	}
	if (fails == 0 && warns == 0)
		(void)puts("all is well");
	else
		(void)printf("%u %s, %u warning%s\n", fails,
		    fails == 1 ? "failure" : "failures", warns,
		    warns == 1 ? "" : "s");
}

int
cmd_doctor(const struct args *args)
{
	struct doctor doctor = {.args = args, .lock = -1};
	size_t i;

	log_set_level(LOG_ERROR);
	if (args_has(args, OPT(JSON))) {
		doctor.rows = json_array();
		if (doctor.rows == NULL)
			return cmd_error("doctor", ERR_NOMEM, NULL);
	}
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		doctor.check = checks[i].name;
		checks[i].run(&doctor);
	}
	end_print(&doctor);
	store_image_close(doctor.image);
	if (doctor.lock >= 0)
		(void)close(doctor.lock); /* gives it back */
	owner_return();
	settings_fini(&doctor.settings);
	json_decref(doctor.rows);
	return doctor.counts[VERDICT_FAIL] > 0 ? CMD_FAILED : CMD_DONE;
}
