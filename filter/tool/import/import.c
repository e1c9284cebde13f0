/*
 * import.c - `assay import`: settings of OpenDKIM or dkimpy-milter, OpenDMARC and the SPF policy
 * daemon become an assay.conf. Input files are never changed.
 */
#include "tool/import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/invariant.h"
#include "settings/settings.h"
#include "tool/common/tool.h"
#include "tool/import/import_draft.h"

enum {
	INPUTS_MAX = 32
};

/* A file named on the command line. */
struct input {
	const char *path;
	int program; /* enum import_program, or -1: by its content */
};

struct import_arguments {
	const char *output, *keys, *user;
	const char *settings; /* existing ones; NULL: the standard file, if it exists */
	bool json;
	size_t count;
	struct input files[INPUTS_MAX];
};

static int import_complain(int status, const char *text)
{
	fprintf(stderr, "assay: %s\n", text);
	return status;
}

static bool add_file(struct import_arguments *arguments, const char *path, int program)
{
	invariant(program < IMPORT_PROGRAMS && arguments->count <= INPUTS_MAX);
	if (arguments->count == INPUTS_MAX) {
		tool_misuse("import", "it takes %d files at most", INPUTS_MAX);
		return false;
	}
	arguments->files[arguments->count++] = (struct input){path, program};
	return true;
}

static bool import_read_options(int argc, char **argv, struct import_arguments *arguments)
{
	static const char letters[] = "DYMP"; /* in the order of enum import_program */
	static const struct tool_target targets[] = {
	    TOOL_TARGET('o', struct import_arguments, output),
	    TOOL_TARGET('k', struct import_arguments, keys),
	    TOOL_TARGET('u', struct import_arguments, user),
	    TOOL_TARGET('c', struct import_arguments, settings),
	    TOOL_TARGET('j', struct import_arguments, json),
	    {.letter = '\0'}};
	int letter;

	*arguments = (struct import_arguments){.output = NULL};
	while ((letter = tool_read_options(&tool_import, argc, argv, targets, arguments)) != -1)
		if (letter == '?' ||
		    !add_file(arguments, optarg, (int)(strchr(letters, letter) - letters)))
			return false;
	for (int i = optind; i < argc; i++)
		if (!add_file(arguments, argv[i], -1))
			return false;
	if (arguments->count == 0)
		tool_misuse("import", "name the files to import");
	else if (arguments->keys != NULL && arguments->keys[0] != '/')
		tool_misuse("import", "the folder of --keys has to begin with /");
	return arguments->count > 0 && (arguments->keys == NULL || arguments->keys[0] == '/');
}

/* Reads a file into the options of its program. */
static bool import_read_input(struct arena *arena, const struct input *input,
                              struct import_options *options, struct problem *problem)
{
	enum import_program program =
	    input->program < 0 ? IMPORT_OPENDKIM : (enum import_program)input->program;
	const char *bytes;
	size_t length;

	if (!import_file_read(arena, input->path, IMPORT_FILE_MAX, true, &bytes, &length, problem))
		return false;
	if (input->program < 0 &&
	    !import_options_recognize(input->path, bytes, length, arena, &program, problem))
		return false;
	if (options[program].file != NULL)
		return problem_say(problem, "%s and %s are both files of %s; import one of them",
		                   options[program].file, input->path,
		                   import_program_names[program]);
	if (program <= IMPORT_DKIMPY &&
	    options[IMPORT_OPENDKIM + IMPORT_DKIMPY - program].file != NULL)
		return problem_say(
		    problem, "opendkim and dkimpy-milter both sign; import one of %s and %s",
		    options[IMPORT_OPENDKIM + IMPORT_DKIMPY - program].file, input->path);
	options[program].program = program;
	return import_options_read(arena, input->path, bytes, length, &options[program], problem);
}

static void omit_invalid(struct import_work *work, const struct import_option *option)
{
	if (option->wrong != NULL)
		import_work_missed(work, option, "%s", option->wrong);
	else if (option->known == NULL)
		import_work_missed(work, option, "%s has no such option%s",
		                   import_program_names[work->options->program],
		                   work->options->program == IMPORT_POLICYD ||
		                           work->options->program == IMPORT_DKIMPY
		                       ? ", and passes over it"
		                       : ", and does not start with it");
	else
		import_work_needless(work, option,
		                     "it stands there again further down, where it counts");
}

static void carry(struct import_work *work, const struct import_option *option)
{
	if (option->wrong != NULL || option->known == NULL || option->overruled)
		omit_invalid(work, option);
	else
		import_work_carry(work, option);
}

static const char *base_of(const struct import_work *work)
{
	const struct import_option *base = import_work_option(work, "BaseDirectory");

	return base == NULL || base->value[0] != '/' ? "/" : base->value;
}

static void carry_all(struct import_work *work, const struct import_options *options)
{
	if (options->file == NULL)
		return;
	work->options = options;
	work->base = base_of(work);
	if (options->program <= IMPORT_DKIMPY)
		import_sign(work);
	else if (options->program == IMPORT_OPENDMARC)
		import_opendmarc_enforce(work);
	else
		import_policyd_refusals(work);
	for (size_t i = 0; i < options->count; i++)
		carry(work, &options->items[i]);
}

/* A site without OpenDMARC has not refused mail because of DMARC. */
static void set_monitor_by_default(struct import_work *work)
{
	if (import_draft_has(work->draft, "dmarc.enforce"))
		return;
	import_draft_text(work->draft, "dmarc.enforce", "monitor",
	                  import_draft_absent(work, "(no opendmarc.conf)", ""),
	                  "nothing is refused or held because of DMARC, as before; \"published\" "
	                  "does what the domain owners ask for");
}

/* Replaces the path of the temporary file in the message with that of the output. */
static bool explain_problem(const struct import_arguments *arguments, const char *path, long bytes,
                            const struct problem *why, struct problem *problem)
{
	bool large = bytes > IMPORT_FILE_MAX / 2 && arguments->keys == NULL;
	const char *name = arguments->output == NULL ? "assay.conf" : arguments->output;
	const char *at = strstr(why->message, path);
	int before = at == NULL ? 0 : (int)(at - why->message);

	return problem_say(problem, "the settings that were made do not work: %.*s%s%s%s", before,
	                   why->message, at == NULL ? "" : name,
	                   at == NULL ? why->message : at + strlen(path),
	                   large ? "; with --keys FOLDER domains that have a key each become one "
	                           "entry of sign together"
	                         : "");
}

/* Can assayd read the draft? */
static bool reads_well(const struct import_draft *draft, const struct import_arguments *arguments,
                       struct problem *problem)
{
	char path[64];
	struct problem why;
	struct settings *settings;
	long bytes;
	int file = memfd_create("assay.conf", MFD_CLOEXEC);
	FILE *to = file < 0 ? NULL : fdopen(file, "w");

	if (to == NULL)
		return problem_say(problem, "the settings cannot be checked: %s", strerror(errno));
	import_draft_write(draft, to);
	fflush(to);
	bytes = ftell(to);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	settings = settings_read(path, &why);
	fclose(to);
	if (settings == NULL)
		return explain_problem(arguments, path, bytes, &why, problem);
	settings_release(settings);
	return true;
}

/* The group of the user of assayd, who has to read the settings; only root can set it. */
static gid_t group_of(const struct import_arguments *arguments)
{
	const struct passwd *account =
	    geteuid() == 0 ? getpwnam(arguments->user == NULL ? "assay" : arguments->user) : NULL;

	return account == NULL ? getegid() : account->pw_gid;
}

/* Sets group and mode of a file that was created for its owner alone. */
static bool set_mode(int file)
{
	const struct import_openness *openness = import_file_openness();

	return fchown(file, (uid_t)-1, openness->group) == 0 &&
	       fchmod(file, openness->group_may_read ? 0640 : 0600) == 0;
}

static void warn_closed(struct arena *arena, const char *path)
{
	const struct import_openness *openness = import_file_openness();
	const char *output = import_draft_clean(arena, path, PATH_MAX);

	if (!openness->group_may_read)
		fprintf(stderr,
		        "assay: %s is for its owner alone, since lines of %s, which is closed, may "
		        "stand in it; look it over, then let assayd read it: chmod 640 %s\n",
		        output, import_draft_clean(arena, openness->closed, PATH_MAX), output);
}

/* Writes the draft and closes the file. */
static bool import_fill(const struct import_draft *draft, int file)
{
	FILE *to = set_mode(file) ? fdopen(file, "w") : NULL;
	int error = errno;
	bool good;

	if (to == NULL) {
		close(file);
		errno = error;
		return false;
	}
	import_draft_write(draft, to);
	good = ferror(to) == 0;
	return fclose(to) == 0 && good;
}

static bool write_file(const struct import_draft *draft, const char *path, struct problem *problem)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (file >= 0 && import_fill(draft, file))
		return true;
	error = errno;
	if (file >= 0)
		unlink(path);
	return problem_say(problem, "%s cannot be written: %s%s", path, strerror(error),
	                   error == EEXIST ? "; name another file, or move that one away" : "");
}

/* The settings go to standard output or to a file; the list to standard error or output. */
static int write_out(const struct import_draft *draft, const struct import_arguments *arguments)
{
	FILE *list = arguments->output == NULL && !arguments->json ? stderr : stdout;
	struct problem problem;
	bool well = reads_well(draft, arguments, &problem);

	if (!well)
		import_complain(0, problem.message);
	if (arguments->output != NULL && !write_file(draft, arguments->output, &problem))
		return import_complain(EX_CANTCREAT, problem.message);
	if (arguments->output != NULL)
		warn_closed(draft->arena, arguments->output);
	if (arguments->output == NULL && !arguments->json)
		import_draft_write(draft, stdout);
	if (arguments->json)
		import_draft_json(draft, list);
	else
		import_draft_report(draft, list, "");
	return well ? EX_OK : EX_CONFIG;
}

static int import(struct arena *arena, const struct import_arguments *arguments)
{
	struct import_options options[IMPORT_PROGRAMS] = {{.file = NULL}};
	struct import_work work = {.arena = arena,
	                           .options = options,
	                           .draft = import_draft_new(arena),
	                           .keys_folder = arguments->keys,
	                           .user = arguments->user};
	struct problem problem;

	import_file_begin(group_of(arguments));
	for (size_t i = 0; i < arguments->count; i++)
		if (!import_read_input(arena, &arguments->files[i], options, &problem))
			return import_complain(
			    EX_DATAERR,
			    import_draft_clean(arena, problem.message, sizeof problem.message));
	if (!import_own(&work, arguments->settings, &problem))
		return import_complain(
		    EX_DATAERR, import_draft_clean(arena, problem.message, sizeof problem.message));
	for (size_t i = 0; i < IMPORT_PROGRAMS; i++)
		carry_all(&work, &options[i]);
	set_monitor_by_default(&work);
	import_draft_drop_ours(work.draft);
	return write_out(work.draft, arguments);
}

static int import_run(int argc, char **argv)
{
	struct arena *arena;
	struct import_arguments arguments;
	int status;

	if (!import_read_options(argc, argv, &arguments))
		return EX_USAGE;
	arena = arena_new();
	status = import(arena, &arguments);
	arena_free(arena);
	return status;
}

static const char *const usage[] = {
    "import [--output FILE] [--keys FOLDER] [--user USER] [-c FILE] [--json] FILE...", NULL};

static const struct tool_option options[] = {
    {"--output", 'o', "FILE",
     "writes the settings to a file, which may not be there yet, and not to standard output; it is "
     "no more open than the most closed file that was read, and never open to all"},
    {"--keys", 'k', "FOLDER",
     "copies the keys to FOLDER/DOMAIN/SELECTOR.pem for the user of assayd; without it they are "
     "used where they are"},
    {"--user", 'u', "USER",
     "the user that assayd will run as, who gets the copies (default assay)"},
    {"-c", 'c', "FILE",
     "settings that assayd has already (default " ASSAY_SETTINGS
     ", where it is there): where it listens and who sends the reports stays as it is there"},
    {"--json", 'j', NULL, "prints the list of what was not carried over as JSON"},
    {"--opendkim", 'D', "FILE", "a file of OpenDKIM, whatever it looks like"},
    {"--dkimpy-milter", 'Y', "FILE", "a file of dkimpy-milter, whatever it looks like"},
    {"--opendmarc", 'M', "FILE", "a file of OpenDMARC, whatever it looks like"},
    {"--policyd-spf", 'P', "FILE", "a file of policyd-spf or pyspf-milter, whatever it looks like"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_import = {
    .name = "import",
    .run = import_run,
    .summary = "settings of OpenDKIM, dkimpy-milter, OpenDMARC and policyd-spf as an assay.conf",
    .usage = usage,
    .about =
        "Reads opendkim.conf or dkimpy-milter.conf, opendmarc.conf and policyd-spf.conf as their "
        "own programs do, and writes one assay.conf in which a comment says of each setting where "
        "it came from.\nWhat could not be carried over is listed with the reason and what to do "
        "instead: on standard error, on standard output where the settings go to a file, and at "
        "the end of the settings. Nothing that was given is changed.",
    .options = options,
    .statuses = "0 done, 64 usage, 65 a file cannot be read, 73 the output cannot be written, 78 "
                "the settings do not work",
};
