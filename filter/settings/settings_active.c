/*
 * settings_active.c - the settings that new connections get. main.c sets and reloads them, milter.c
 * takes them.
 */
#include "settings/settings_active.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct settings *current;
static struct settings_active_state state;

void settings_active_set(struct settings *settings)
{
	struct settings *before;
	unsigned long generation;
	time_t loaded, now = time(NULL);

	invariant(settings != NULL);
	pthread_mutex_lock(&lock);
	invariant(settings != current);
	before = current;
	current = settings;
	generation = ++state.generation;
	loaded = state.loaded;
	state.loaded = now;
	pthread_mutex_unlock(&lock);
	log_debug("settings: snapshot %lu is in force for new connections", generation);
	if (before == NULL)
		return;
	log_debug("settings: snapshot %lu was in force for %lld s", generation - 1,
	          (long long)(now - loaded));
	settings_release(before);
}

struct settings *settings_active_ref(void)
{
	struct settings *settings;

	pthread_mutex_lock(&lock);
	invariant(current != NULL);
	settings = settings_hold(current);
	pthread_mutex_unlock(&lock);
	return settings;
}

void settings_active_status(struct settings_active_state *status)
{
	pthread_mutex_lock(&lock);
	*status = state;
	pthread_mutex_unlock(&lock);
}

static void note_failure(const struct problem *why)
{
	pthread_mutex_lock(&lock);
	state.failed = time(NULL);
	state.why = *why;
	pthread_mutex_unlock(&lock);
}

static void name_if_changed(const char *setting, const char *before, const char *after)
{
	if (strcmp(before, after) != 0)
		log_warning(
		    "setting \"%s\" changed from \"%s\" to \"%s\": restart assayd for it to count",
		    setting, before, after);
}

static void name_number_if_changed(const char *setting, long before, long after)
{
	char former[24], latter[24];

	snprintf(former, sizeof former, "%ld", before);
	snprintf(latter, sizeof latter, "%ld", after);
	name_if_changed(setting, former, latter);
}

static bool same_resolver(const struct resolver_settings *before,
                          const struct resolver_settings *after)
{
	if (before->servers.count != after->servers.count)
		return false;
	for (size_t i = 0; i < before->servers.count; i++)
		if (strcmp(before->servers.items[i], after->servers.items[i]) != 0)
			return false;
	return before->timeout_ms == after->timeout_ms &&
	       before->cache_entries == after->cache_entries && before->dnssec == after->dnssec &&
	       strcmp(before->trust_anchor, after->trust_anchor) == 0 &&
	       before->in_flight == after->in_flight;
}

static void name_what_needs_a_restart(const struct settings *before, const struct settings *after)
{
	name_if_changed("listen", before->listen, after->listen);
	name_if_changed("user", before->user, after->user);
	name_if_changed("pid_file", before->pid_file, after->pid_file);
	name_if_changed("socket.mode", before->socket.mode, after->socket.mode);
	name_if_changed("socket.group", before->socket.group, after->socket.group);
	name_if_changed("reports.store", before->reports.store, after->reports.store);
	name_number_if_changed("reports.waiting", before->reports.waiting, after->reports.waiting);
	name_number_if_changed("reports.period_hours", before->reports.period_hours,
	                       after->reports.period_hours);
	if (!same_resolver(&before->resolver, &after->resolver))
		log_warning("settings of \"resolver\" changed: restart assayd for them to count");
}

void settings_active_reload(const char *path, bool foreground)
{
	struct problem problem;
	struct settings *before, *after = settings_read(path, &problem);

	if (after != NULL && !log_has_reader(&after->log, foreground, &problem)) {
		settings_release(after);
		after = NULL;
	}
	if (after == NULL) {
		note_failure(&problem);
		log_error("the settings were not reloaded, the former ones stay: %s",
		          problem.message);
		return;
	}
	before = settings_active_ref();
	name_what_needs_a_restart(before, after);
	settings_release(before);
	log_open(&after->log);
	settings_active_set(after);
	log_info("settings read again from %s; new connections get them", path);
}
