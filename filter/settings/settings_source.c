/*
 * settings_source.c - reads assay.conf and what it includes into one text. Called by settings.c;
 * settings_tree.c parses the text.
 *
 * @include is carried out here and not by libconfig, since libconfig 1.5 ends the process where an
 * include names a folder, and puts the include folder in front of absolute paths. Numbers are
 * looked at here too: libconfig takes 4294968296 for 1000.
 */
#include "settings/settings_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/full_io.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"

enum {
	TEXT_MAX = 1 << 20,
	LINES_MAX = 65000, /* libconfig counts lines in 16 bits */
	INCLUDES_DEEP = 10,
	SHOWN_OF_A_LINE = 60
};

enum state {
	CODE,
	LINE_COMMENT,
	BLOCK_COMMENT,
	QUOTED
};

struct reader {
	struct arena *arena;
	struct problem *problem;
	const char *folder; /* where relative includes start, with its slash */
	const char *asked;  /* "FILE:LINE: " of the include being carried out */
	char *room; /* TEXT_MAX + 1 octets for the file being read; there may be thousands */
	struct text text;
	struct settings_place *places;
	size_t line_count, line_room;
};

/* One file being read. */
struct settings_source_scan {
	const char *file;
	const char *at, *end;
	unsigned line;
	unsigned opened; /* line where the comment or text that we are in began */
	enum state state;
	bool in_name; /* the byte before belongs to a name or number */
};

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? "" : arena_copy(arena, path, (size_t)(slash - path) + 1);
}

/* What to do about it, by errno. */
static const char *advice(int error)
{
	switch (error) {
	case ENOENT:
		return "create it (`assay config --sample` prints one) or name another";
	case EACCES:
		return "let the user that reads it read the file and search its folders";
	default:
		return "mend that or name another file";
	}
}

static bool file_bytes(struct reader *reader, const char *path, const char **bytes, size_t *length)
{
	struct stat about;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool read_well = false;

	if (file < 0 || fstat(file, &about) != 0) {
		problem_say(reader->problem, "%ssettings file %s cannot be read: %s; %s",
		            reader->asked, path, strerror(errno), advice(errno));
	} else if (!S_ISREG(about.st_mode)) {
		problem_say(reader->problem,
		            "%ssettings file %s is not a file of text: %s; name a file",
		            reader->asked, path,
		            S_ISDIR(about.st_mode) ? "it is a folder" : "it is a device or a pipe");
	} else {
		read_well = full_io_read(file, reader->room, TEXT_MAX + 1, length);
		if (!read_well)
			problem_say(reader->problem, "settings file %s cannot be read: %s", path,
			            strerror(errno));
		else if (*length > TEXT_MAX)
			read_well =
			    problem_say(reader->problem, "settings file %s is larger than %d bytes",
			                path, TEXT_MAX);
		else
			*bytes = arena_copy(reader->arena, reader->room, *length);
	}
	if (file >= 0)
		close(file);
	return read_well;
}

static bool settings_source_complain(struct reader *reader, const struct settings_source_scan *scan,
                                     const char *text, const char *what)
{
	return problem_say(reader->problem, "%s:%u: %s%s", scan->file, scan->line, text, what);
}

static void settings_source_begin_line(struct reader *reader, const char *file, unsigned line)
{
	reader->places = arena_grow(reader->arena, reader->places, reader->line_count,
	                            &reader->line_room, 256, sizeof *reader->places);
	reader->places[reader->line_count++] = (struct settings_place){.file = file, .line = line};
}

static bool is_name_byte(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte) || byte == '_' || byte == '*' ||
	       byte == '-';
}

/* Looks at the number at scan->at: is it one that libconfig reads as it stands? */
static bool number_fits(struct reader *reader, const struct settings_source_scan *scan)
{
	char number[64];
	size_t length = 0;
	const char *start = scan->at;
	bool wide;
	long long value;

	while (start + length < scan->end && length + 1 < sizeof number &&
	       (is_name_byte(start[length]) || (length == 0 && start[0] == '+')))
		length++;
	if (start + length < scan->end && start[length] == '.')
		return true; /* a fraction: refused later, by its type */
	memcpy(number, start, length);
	number[length] = '\0';
	wide = length > 0 && number[length - 1] == 'L';
	errno = 0;
	value = strtoll(number, NULL, length > 1 && text_lower_byte(number[1]) == 'x' ? 16 : 10);
	if (errno == ERANGE || (!wide && (value > INT_MAX || value < INT_MIN)))
		return settings_source_complain(reader, scan, "a number is too large: ", number);
	return true;
}

static bool read_file(struct reader *reader, const char *path, unsigned depth);

/* At the start of a line of code: carries out an @include that may stand there. */
static bool include_here(struct reader *reader, struct settings_source_scan *scan, unsigned depth)
{
	static const char keyword[] = "@include";
	const char *at = scan->at, *open, *close;
	const char *path;

	while (at < scan->end && (*at == ' ' || *at == '\t'))
		at++;
	if ((size_t)(scan->end - at) < sizeof keyword ||
	    memcmp(at, keyword, sizeof keyword - 1) != 0)
		return true;
	open = at + sizeof keyword - 1;
	while (open < scan->end && (*open == ' ' || *open == '\t'))
		open++;
	close = open < scan->end && *open == '"'
	            ? memchr(open + 1, '"', (size_t)(scan->end - open - 1))
	            : NULL;
	if (close == NULL || memchr(open, '\n', (size_t)(close - open)) != NULL)
		return settings_source_complain(reader, scan, "write it as @include \"FILE\"", "");
	if (depth == INCLUDES_DEEP)
		return settings_source_complain(reader, scan, "includes are nested too deeply; ",
		                                "does a file include itself?");
	path = arena_copy(reader->arena, open + 1, (size_t)(close - open - 1));
	if (path[0] != '/')
		path = arena_format(reader->arena, "%s%s", reader->folder, path);
	reader->asked = arena_format(reader->arena, "%s:%u: ", scan->file, scan->line);
	reader->line_count--; /* the first line of the included file stands in the place of this one
	                       */
	if (!read_file(reader, path, depth + 1))
		return false;
	settings_source_begin_line(reader, scan->file,
	                           scan->line); /* the rest of the include's own line */
	scan->at = close + 1;
	return true;
}

/* In code: does a comment or a text begin here? */
static enum state begins(char byte, char next)
{
	if (byte == '#' || (byte == '/' && next == '/'))
		return LINE_COMMENT;
	if (byte == '/' && next == '*')
		return BLOCK_COMMENT;
	return byte == '"' ? QUOTED : CODE;
}

static bool number_begins(const struct settings_source_scan *scan, char byte, char next)
{
	return !scan->in_name &&
	       (text_is_digit(byte) || ((byte == '-' || byte == '+') && text_is_digit(next)));
}

/* How many bytes of code belong together here; 0 and a problem for a number that does not fit. */
static size_t step_code(struct reader *reader, struct settings_source_scan *scan, char byte,
                        char next)
{
	scan->state = begins(byte, next);
	scan->opened = scan->line;
	if (number_begins(scan, byte, next) && !number_fits(reader, scan))
		return 0;
	scan->in_name = is_name_byte(byte);
	return byte == '/' && scan->state != CODE ? 2 : 1;
}

/* Inside a comment or a text: the same, and whether it ends here. */
static size_t step_other(struct settings_source_scan *scan, char byte, char next)
{
	bool ends = (scan->state == LINE_COMMENT && byte == '\n') ||
	            (scan->state == BLOCK_COMMENT && byte == '*' && next == '/') ||
	            (scan->state == QUOTED && byte == '"');
	bool pair = (ends && scan->state == BLOCK_COMMENT) ||
	            (scan->state == QUOTED && byte == '\\' && next != '\0' && next != '\n');

	if (ends)
		scan->state = CODE;
	return pair ? 2 : 1;
}

/* libconfig lets a text run on over lines; no setting takes one, and the quote that is missing is
 * found at once. */
static size_t settings_source_step(struct reader *reader, struct settings_source_scan *scan)
{
	char byte = scan->at[0], next = scan->at + 1 < scan->end ? scan->at[1] : '\0';

	if (scan->state == CODE)
		return step_code(reader, scan, byte, next);
	if (scan->state == QUOTED && byte == '\n') {
		settings_source_complain(reader, scan, "a text in this line has no closing quote",
		                         "");
		return 0;
	}
	return step_other(scan, byte, next);
}

static bool copy_file(struct reader *reader, struct settings_source_scan *scan, unsigned depth)
{
	bool line_begins = true;

	settings_source_begin_line(reader, scan->file, 1);
	while (scan->at < scan->end) {
		size_t length;

		if (line_begins && scan->state == CODE && !include_here(reader, scan, depth))
			return false;
		if (scan->at == scan->end)
			break;
		length = settings_source_step(reader, scan);
		if (length == 0)
			return false;
		text_add_bytes(&reader->text, scan->at, length);
		line_begins = scan->at[length - 1] == '\n';
		scan->at += length;
		if (line_begins)
			settings_source_begin_line(reader, scan->file, ++scan->line);
	}
	text_add(&reader->text, "\n"); /* whatever follows the include begins a line */
	return true;
}

static bool ended_well(struct reader *reader, struct settings_source_scan *scan)
{
	scan->line = scan->opened;
	if (scan->state == QUOTED)
		return settings_source_complain(reader, scan,
		                                "a text in this line has no closing quote", "");
	if (scan->state == BLOCK_COMMENT)
		return settings_source_complain(reader, scan,
		                                "a comment begins here and has no closing */", "");
	if (reader->text.cut || reader->line_count > LINES_MAX)
		return settings_source_complain(reader, scan,
		                                "the settings with all includes are too long", "");
	return true;
}

static bool read_file(struct reader *reader, const char *path, unsigned depth)
{
	const char *bytes = NULL;
	size_t length;
	struct settings_source_scan scan = {
	    .file = arena_string(reader->arena, path), .line = 1, .opened = 1};

	if (!file_bytes(reader, path, &bytes, &length))
		return false;
	invariant(bytes != NULL);
	log_debug("settings: %s%s read, %zu octets", depth == 0 ? "" : reader->asked, path, length);
	if (memchr(bytes, '\0', length) != NULL)
		return settings_source_complain(reader, &scan,
		                                "the file holds a NUL byte; is it text?", "");
	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		bytes += 3, length -= 3; /* a byte order mark, as some editors leave it */
	scan.at = bytes;
	scan.end = bytes + length;
	return copy_file(reader, &scan, depth) && ended_well(reader, &scan);
}

const struct settings_source *settings_source_read(struct arena *arena, const char *path,
                                                   struct problem *problem)
{
	struct reader reader = {.arena = arena,
	                        .problem = problem,
	                        .folder = folder_of(arena, path),
	                        .asked = "",
	                        .room = arena_allocate(arena, TEXT_MAX + 1)};
	struct settings_source *source;

	text_begin(&reader.text, arena, TEXT_MAX);
	if (!read_file(&reader, path, 0))
		return NULL;
	log_debug("settings: %s and what it includes have %zu lines", path, reader.line_count);
	source = arena_allocate(arena, sizeof *source);
	source->text = reader.text.bytes;
	source->line_count = reader.line_count;
	source->places = reader.places;
	return source;
}

const struct settings_place *settings_source_place(const struct settings_source *source,
                                                   unsigned line)
{
	size_t index = line == 0 ? 0 : line - 1;

	return &source->places[index < source->line_count ? index : source->line_count - 1];
}

const char *settings_source_line(const struct settings_source *source, unsigned line,
                                 struct arena *arena)
{
	const char *at = source->text;
	char *shown;
	size_t length;

	while (line > 1 && strchr(at, '\n') != NULL) {
		at = strchr(at, '\n') + 1;
		line--;
	}
	at += strspn(at, " \t");
	length = strcspn(at, "\r\n");
	shown = arena_copy(arena, at, length < SHOWN_OF_A_LINE ? length : SHOWN_OF_A_LINE);
	for (char *byte = shown; *byte != '\0'; byte++)
		if ((unsigned char)*byte < ' ' || *byte == 0x7F)
			*byte = '?';
	return shown;
}
