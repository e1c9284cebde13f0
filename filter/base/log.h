/*
 * log.h - the log: to syslog (facility mail) or standard error, one sentence a call.
 *
 * Callers make outside text safe with text_printable() first; what still holds a control byte is
 * escaped here. Safe from any thread. Warnings and errors say what to do.
 */
#ifndef ASSAY_LOG_H
#define ASSAY_LOG_H

#include "base/problem.h"
#include "base/setting.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

enum log_target {
	LOG_TARGET_SYSLOG,
	LOG_TARGET_STDERR
};

struct log_settings {
	int target;           /* enum log_target */
	int level;            /* enum log_level */
	struct strings trace; /* clients and author domains whose messages are logged as at level
	                         debug: addresses, networks, DOMAIN or *.DOMAIN in internal form */
};
extern const struct setting_group log_settings_group; /* "log" */

/* Before log_open(), everything goes to standard error at level info. May be called again (reload).
 */
void log_open(const struct log_settings *settings);

/* assayd -d: everything goes to standard error at level debug, whatever settings say. */
void log_force_debug(void);

/* Would anybody read the log? A daemon in the background has no standard error. */
bool log_has_reader(const struct log_settings *settings, bool foreground, struct problem *problem);

/* Does whoever started the program see the log? */
bool log_goes_to_stderr(void);

/* Is the level debug? Cheap: one load. */
bool log_is_debug(void);

/* Is it at least info? Whoever makes a long line asks first. */
bool log_is_info(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* At level debug alone; otherwise not even the arguments are looked at. */
#define log_debug(...) (log_is_debug() ? log_debug_line(__VA_ARGS__) : (void)0)
void log_debug_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* At level debug whatever the level is: what log.trace asks for. */
void log_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Is this client, or this author domain in internal form, in log.trace? Is any author domain? */
bool log_traces_client(const struct log_settings *settings, const struct address *client);
bool log_traces_author(const struct log_settings *settings, const char *domain);
bool log_traces_authors(const struct log_settings *settings);

#endif
