/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion_shells: the parts of the scripts that differ.
 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/completion.h"

/* ---- bash ------------------------------------------------------------- */

static void
flag_print(void *arg, const char *name, char letter, const char *value,
    const char *meaning)
{
	(void)letter;
	(void)value;
	(void)meaning;
	(void)fprintf(arg, " --%s", name);
}

static const char bash_start[] =
    "# bash completion for tidemark; made by: tidemark completion bash\n"
    "# shellcheck shell=bash disable=SC2034\n"
    "\n"
    "# Names of bases or jobs, as the server has them.  They are compared and\n"
    "# quoted here: compgen would run what is in them.\n"
    "_tidemark_names() {\n"
    "\tlocal name want=${cur//\\\\/}\n"
    "\twhile IFS= read -r name; do\n"
    "\t\t[[ $name == \"$want\"* ]] || continue\n"
    "\t\tCOMPREPLY+=(\"$(printf %q \"$name\")\")\n"
    "\tdone < <(timeout 2 tidemark \"$1\" --names 2>/dev/null)\n"
    "}\n";

static const char bash_end[] =
    "\n"
    "_tidemark_words() {\n"
    "\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "_tidemark_reply() {\n"
    "\tcase $kind in\n"
    "\tfile) compopt -o filenames 2>/dev/null\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
    "\tdir) compopt -o filenames 2>/dev/null\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
    "\tbases|jobs) _tidemark_names \"$kind\" ;;\n"
    "\tcommand) _tidemark_words \"$_tidemark_commands\" ;;\n"
    "\t=*) _tidemark_words \"${kind#=}\" ;;\n"
    "\tesac\n"
    "}\n"
    "\n"
    "_tidemark() {\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tlocal command=${COMP_WORDS[1]} place=1 i kind options\n"
    "\tCOMPREPLY=()\n"
    "\t# bash takes --option=value for three words.\n"
    "\tif [[ $cur == = ]]; then\n"
    "\t\tcur=\n"
    "\telif [[ $prev == = ]]; then\n"
    "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "\tfi\n"
    "\tif ((COMP_CWORD == 1)); then\n"
    "\t\tkind=command\n"
    "\t\t_tidemark_reply\n"
    "\t\treturn\n"
    "\tfi\n"
    "\t_tidemark_value \"$command\" \"$prev\"\n"
    "\tif [[ -z $kind && $cur == -* ]]; then\n"
    "\t\t_tidemark_options \"$command\"\n"
    "\t\tkind==$options\n"
    "\telif [[ -z $kind ]]; then\n"
    "\t\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
    "\t\t\t_tidemark_value \"$command\" \"${COMP_WORDS[i]}\"\n"
    "\t\t\tif [[ -n $kind ]]; then\n"
    "\t\t\t\t[[ ${COMP_WORDS[i+1]} == = ]] && ((i++))\n"
    "\t\t\t\t((i++))\n"
    "\t\t\telif [[ ${COMP_WORDS[i]} != -?* ]]; then\n"
    "\t\t\t\t((place++))\n"
    "\t\t\tfi\n"
    "\t\tdone\n"
    "\t\t_tidemark_place \"$command\" \"$place\"\n"
    "\tfi\n"
    "\t_tidemark_reply\n"
    "}\n"
    "complete -F _tidemark tidemark\n";

void
completion_bash(FILE *out)
{
	const struct command *command;
	size_t i;

	(void)fputs(bash_start, out);
	completion_tables(out);
	(void)fputs("\n_tidemark_options() {\n\tcase $1 in\n", out);
	for (i = 0; (command = command_at(i)) != NULL; i++) {
		(void)fprintf(out, "\t%s) options='", command->name);
		completion_options(command, flag_print, out);
		(void)fputs("' ;;\n", out);
	}
	(void)fputs("\t*) options= ;;\n\tesac\n}\n", out);
	(void)fputs("\n_tidemark_commands='", out);
	for (i = 0; (command = command_at(i)) != NULL; i++)
		(void)fprintf(out, "%s%s", i == 0 ? "" : " ", command->name);
	(void)fputs("'\n", out);
	(void)fputs(bash_end, out);
}

/* ---- zsh -------------------------------------------------------------- */

/* In what _describe reads, ':' ends the word. */
static void
described_print(FILE *out, const char *dashes, const char *name,
    const char *meaning)
{
	(void)fprintf(out, " '%s%s:", dashes, name);
	completion_quote(out, meaning, "'\\''");
	(void)fputc('\'', out);
}

static void
zsh_option_print(void *arg, const char *name, char letter, const char *value,
    const char *meaning)
{
	(void)letter;
	(void)value;
	described_print(arg, "--", name, meaning);
}

static const char zsh_end[] =
    "\n"
    "_tidemark_reply() {\n"
    "\tlocal -a found\n"
    "\tcase $kind in\n"
    "\tfile) _files ;;\n"
    "\tdir) _files -/ ;;\n"
    "\tbases|jobs)\n"
    "\t\tfound=(${(f)\"$(timeout 2 tidemark $kind --names 2>/dev/null)\"})\n"
    "\t\tfound=(${found:#})\n"
    "\t\tcompadd -a found ;;\n"
    "\tcommand) _tidemark_commands ;;\n"
    "\t'='*) found=(${=kind#=}); compadd -a found ;;\n"
    "\tesac\n"
    "}\n"
    "\n"
    "_tidemark() {\n"
    "\tlocal cur=$words[CURRENT] prev=$words[CURRENT-1] command=$words[2]\n"
    "\tlocal kind place=1 i\n"
    "\tif ((CURRENT == 2)); then\n"
    "\t\t_tidemark_commands\n"
    "\t\treturn\n"
    "\tfi\n"
    "\tif [[ $cur == --*=* ]]; then\n"
    "\t\tprev=${cur%%=*}\n"
    "\t\tcompset -P '*='\n"
    "\tfi\n"
    "\t_tidemark_value \"$command\" \"$prev\"\n"
    "\tif [[ -z $kind && $cur == -* ]]; then\n"
    "\t\t_tidemark_options \"$command\"\n"
    "\t\treturn\n"
    "\telif [[ -z $kind ]]; then\n"
    "\t\tfor ((i = 3; i < CURRENT; i++)); do\n"
    "\t\t\t_tidemark_value \"$command\" \"$words[i]\"\n"
    "\t\t\tif [[ -n $kind ]]; then\n"
    "\t\t\t\t((i++))\n"
    "\t\t\telif [[ $words[i] != -?* ]]; then\n"
    "\t\t\t\t((place++))\n"
    "\t\t\tfi\n"
    "\t\tdone\n"
    "\t\t_tidemark_place \"$command\" \"$place\"\n"
    "\tfi\n"
    "\t_tidemark_reply\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _tidemark ]]; then\n"
    "\t_tidemark \"$@\"\n"
    "else\n"
    "\tcompdef _tidemark tidemark\n"
    "fi\n";

void
completion_zsh(FILE *out)
{
	const struct command *command;
	size_t i;

	(void)fputs("#compdef tidemark\n"
		    "# zsh completion for tidemark; made by: tidemark "
		    "completion zsh\n",
	    out);
	completion_tables(out);
	(void)fputs("\n_tidemark_commands() {\n\tlocal -a found\n\tfound=(",
	    out);
	for (i = 0; (command = command_at(i)) != NULL; i++)
		described_print(out, "", command->name, command->summary);
	(void)fputs(")\n\t_describe command found\n}\n"
		    "\n_tidemark_options() {\n\tlocal -a found\n"
		    "\tcase $1 in\n",
	    out);
	for (i = 0; (command = command_at(i)) != NULL; i++) {
		(void)fprintf(out, "\t%s) found=(", command->name);
		completion_options(command, zsh_option_print, out);
		(void)fputs(") ;;\n", out);
	}
	(void)fputs("\tesac\n\t_describe option found\n}\n", out);
	(void)fputs(zsh_end, out);
}

/* ---- fish ------------------------------------------------------------- */

struct fish {
	FILE *out;
	const struct command *command;
};

static void
fish_kind_print(FILE *out, const struct kind *kind)
{
	const struct command *command;
	size_t i;

	switch (kind->is) {
	case KIND_NONE:
		(void)fputs(" -x", out);
		break;
	case KIND_FILE:
		(void)fputs(" -r -F", out);
		break;
	case KIND_DIR:
		(void)fputs(" -x -a '(__fish_complete_directories)'", out);
		break;
	case KIND_BASE:
		(void)fputs(" -x -a '(__tidemark_names bases)'", out);
		break;
	case KIND_JOB:
		(void)fputs(" -x -a '(__tidemark_names jobs)'", out);
		break;
	case KIND_COMMAND:
		(void)fputs(" -x -a '", out);
		for (i = 0; (command = command_at(i)) != NULL; i++)
			(void)fprintf(out, "%s%s", i == 0 ? "" : " ",
			    command->name);
		(void)fputc('\'', out);
		break;
	case KIND_WORDS:
		(void)fprintf(out, " -x -a '%s'", kind->words);
		break;
	}
}

static void
fish_option_print(void *arg, const char *name, char letter, const char *value,
    const char *meaning)
{
	const struct fish *fish = arg;
	struct kind kind = completion_kind(value);

	(void)fprintf(fish->out,
	    "complete -c tidemark -n '__tidemark_is %s' -l %s",
	    fish->command->name, name);
	if (letter != 0)
		(void)fprintf(fish->out, " -s %c", letter);
	if (value[0] != '\0')
		fish_kind_print(fish->out, &kind);
	(void)fputs(" -d '", fish->out);
	completion_quote(fish->out, meaning, "\\'");
	(void)fputs("'\n", fish->out);
}

static const char fish_start[] =
    "# fish completion for tidemark; made by: tidemark completion fish\n"
    "\n"
    "function __tidemark_names\n"
    "\ttimeout 2 tidemark $argv[1] --names 2>/dev/null\n"
    "end\n"
    "\n"
    "# Is this the command, and, with a number, is its word of that place\n"
    "# asked for?\n"
    "function __tidemark_is\n"
    "\tset -l words (commandline -opc | string match -v -- '-*')\n"
    "\ttest (count $words) -gt 1; and test \"$words[2]\" = $argv[1]; or "
    "return 1\n"
    "\ttest (count $argv) -eq 1; or test (count $words) -eq (math $argv[2] "
    "+ 1)\n"
    "end\n"
    "\n"
    "complete -c tidemark -f\n";

void
completion_fish(FILE *out)
{
	const struct command *command;
	struct kind kind;
	struct fish fish = {.out = out};
	bool repeats;
	size_t i, j;

	(void)fputs(fish_start, out);
	for (i = 0; (command = command_at(i)) != NULL; i++) {
		fish.command = command;
		(void)fprintf(out,
		    "complete -c tidemark -n __fish_use_subcommand -a %s "
		    "-d '",
		    command->name);
		completion_quote(out, command->summary, "\\'");
		(void)fputs("'\n", out);
		completion_options(command, fish_option_print, &fish);
		for (j = 0; completion_place(command, j, &kind, &repeats);
		    j++) {
			if (kind.is == KIND_NONE)
				continue;
			(void)fprintf(out,
			    "complete -c tidemark -n '__tidemark_is %s",
			    command->name);
			if (!repeats)
				(void)fprintf(out, " %zu", j + 1);
			(void)fputc('\'', out);
			fish_kind_print(out, &kind);
			(void)fputc('\n', out);
		}
	}
}
