/*
 * log.c - writes the log: to syslog or to standard error, one line a call.
 *
 * Every part of the daemon and the operator's command call it, from any thread. A line is made
 * whole first and goes out in one write, so that lines of different threads never mix.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

enum {
	LINE_LENGTH_MAX = 16384 /* octets of text in a line; more is cut */
};

static const char *const target_names[] = {"syslog", "stderr", NULL};
static const char *const level_names[] = {"error", "warning", "info", "debug", NULL};
static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

static atomic_int chosen_target = LOG_TARGET_STDERR;
static atomic_int chosen_level = LOG_LEVEL_INFO;
static atomic_bool debug_forced;

static const struct setting rows[] = {
    {.name = "target",
     .type = SETTING_WORD,
     .offset = offsetof(struct log_settings, target),
     .standard = "\"syslog\"",
     .names = target_names,
     .help = "Where the log goes: syslog (facility mail) or stderr"},
    {.name = "level",
     .type = SETTING_WORD,
     .offset = offsetof(struct log_settings, level),
     .standard = "\"info\"",
     .names = level_names,
     .help = "The least important lines that are kept: error, warning, info (one line a message) "
             "or debug (the way of each message)"},
    {.name = "trace",
     .type = SETTING_STRINGS,
     .offset = offsetof(struct log_settings, trace),
     .standard = "[ ]",
     .help = "Clients (addresses or networks) and author domains (DOMAIN, or *.DOMAIN for all "
             "below it) whose messages are logged as at level debug, whatever the level is"},
    {.name = NULL},
};

const struct setting_group log_settings_group = {
    .name = "log",
    .rows = rows,
    .size = sizeof(struct log_settings),
};

void log_open(const struct log_settings *settings)
{
	if (atomic_load(&debug_forced))
		return;
	if (settings->target == LOG_TARGET_SYSLOG)
		openlog(program_invocation_short_name, LOG_PID | LOG_NDELAY, LOG_MAIL);
	atomic_store(&chosen_level, settings->level);
	atomic_store(&chosen_target, settings->target);
}

void log_force_debug(void)
{
	atomic_store(&chosen_target, LOG_TARGET_STDERR);
	atomic_store(&chosen_level, LOG_LEVEL_DEBUG);
	atomic_store(&debug_forced, true);
}

bool log_is_debug(void)
{
	return atomic_load_explicit(&chosen_level, memory_order_relaxed) >= LOG_LEVEL_DEBUG;
}

bool log_is_info(void)
{
	return atomic_load_explicit(&chosen_level, memory_order_relaxed) >= LOG_LEVEL_INFO;
}

bool log_goes_to_stderr(void)
{
	return atomic_load(&chosen_target) == LOG_TARGET_STDERR;
}

bool log_has_reader(const struct log_settings *settings, bool foreground, struct problem *problem)
{
	return foreground || settings->target == LOG_TARGET_SYSLOG ||
	       problem_say(
	           problem,
	           "with log.target = \"stderr\" the daemon has to stay in the foreground: add -f");
}

/* Copies `from`; octets that are not shown as a character (text.h) become \xNN. `to` has room for
 * four times as much. Returns the end. */
static char *escape(char *to, const char *from)
{
	static const char digits[] = "0123456789abcdef";

	while (*from != '\0') {
		size_t shown = text_shown_length(from);
		unsigned char octet = (unsigned char)*from;

		if (shown > 0) {
			memcpy(to, from, shown);
			to += shown;
			from += shown;
			continue;
		}
		from++;
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digits[octet >> 4];
		*to++ = digits[octet & 15];
	}
	*to = '\0';
	return to;
}

static void write_line(const char *line, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDERR_FILENO, line, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		line += written;
		length -= (size_t)written;
	}
}

static void write_text(enum log_level level, const char *text)
{
	size_t lead_max = strlen(program_invocation_short_name) + 32;
	char *line = malloc(lead_max + 4 * strlen(text) + 2);
	char *end;

	if (line == NULL)
		return;
	invariant(level <= LOG_LEVEL_DEBUG);
	if (atomic_load(&chosen_target) == LOG_TARGET_SYSLOG) {
		escape(line, text);
		syslog(priorities[level] | LOG_MAIL, "%s", line);
	} else {
		end = line + snprintf(line, lead_max, "%s: %s: ", program_invocation_short_name,
		                      level_names[level]);
		end = escape(end, text);
		*end++ = '\n';
		write_line(line, (size_t)(end - line));
	}
	free(line);
}

/* Writes a line of that level, whether the level is chosen or not. */
static void __attribute__((format(printf, 2, 0)))
log_write(enum log_level level, const char *format, va_list arguments)
{
	int saved = errno;
	char *text;

	if (vasprintf(&text, format, arguments) >= 0) {
		if (strlen(text) > LINE_LENGTH_MAX)
			memcpy(text + LINE_LENGTH_MAX - 3, "...", sizeof "...");
		write_text(level, text);
		free(text);
	}
	errno = saved;
}

static void __attribute__((format(printf, 2, 0)))
log_say(enum log_level level, const char *format, va_list arguments)
{
	if ((int)level <= atomic_load(&chosen_level))
		log_write(level, format, arguments);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_say(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_say(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_say(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_debug_line(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_say(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}

void log_trace(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}

bool log_traces_client(const struct log_settings *settings, const struct address *client)
{
	struct network network;

	for (size_t i = 0; i < settings->trace.count; i++)
		if (network_parse(settings->trace.items[i], &network) &&
		    address_in_network(client, &network.address, network.bits))
			return true;
	return false;
}

bool log_traces_author(const struct log_settings *settings, const char *domain)
{
	struct network network;

	for (size_t i = 0; i < settings->trace.count; i++)
		if (!network_parse(settings->trace.items[i], &network) &&
		    domain_matches(settings->trace.items[i], domain))
			return true;
	return false;
}

bool log_traces_authors(const struct log_settings *settings)
{
	struct network network;

	for (size_t i = 0; i < settings->trace.count; i++)
		if (!network_parse(settings->trace.items[i], &network))
			return true;
	return false;
}
