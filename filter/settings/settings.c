/*
 * settings.c - assay.conf: reads it into a snapshot, counts who holds it, and closes it after the
 * last.
 *
 * The way of a settings file: settings_source.c (text and includes), settings_tree.c (libconfig),
 * settings_fill.c with settings_check.c (rows and bounds), and here the policies are opened with
 * what came out. Called by main.c at start and at a reload, and by the operator's command.
 */
#include "settings/settings.h"

#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/log.h"
#include "settings/keys.h"
#include "settings/settings_check.h"
#include "settings/settings_fill.h"
#include "settings/settings_rows.h"

struct settings_private {
	struct arena *arena;
	atomic_size_t holders;
};

const char *settings_standard_path(void)
{
	return ASSAY_SETTINGS;
}

typedef bool keys_function(struct sign_settings *settings, struct arena *arena,
                           struct problem *problem);

/* The name that getaddrinfo() finds for this host, or the one that it calls itself. */
static const char *host_name(struct arena *arena)
{
	const struct addrinfo wanted = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *name = NULL;
	char own[DOMAIN_MAX + 1] = "";

	if (gethostname(own, sizeof own - 1) != 0)
		own[0] = '\0';
	if (own[0] != '\0' && strchr(own, '.') == NULL &&
	    getaddrinfo(own, NULL, &wanted, &found) == 0) {
		if (found->ai_canonname != NULL && strchr(found->ai_canonname, '.') != NULL)
			name = domain_normalize(arena, found->ai_canonname,
			                        strlen(found->ai_canonname));
		freeaddrinfo(found);
	}
	return name != NULL ? name : domain_normalize(arena, own, strlen(own));
}

static bool set_authserv_id(struct settings *settings, struct arena *arena, struct problem *problem)
{
	const char *given = settings->authserv_id;

	settings->authserv_id_by_host = given[0] == '\0';
	settings->authserv_id =
	    given[0] == '\0' ? host_name(arena) : domain_normalize(arena, given, strlen(given));
	log_debug("settings: authserv_id is %s, by %s",
	          settings->authserv_id == NULL ? "missing" : settings->authserv_id,
	          given[0] == '\0' ? "the name of this host" : "the setting");
	if (settings->authserv_id != NULL)
		return true;
	return problem_say(problem,
	                   "%s: this host does not have a domain name; set \"authserv_id\"",
	                   settings->path);
}

/* Each policy gets the struct of its group, wherever that lies in struct settings. */
static bool open_policies(struct settings *settings, struct problem *problem)
{
	const void *groups[POLICY_MAX] = {NULL};

	for (size_t i = 0; i < POLICY_MAX && policy_list[i] != NULL; i++)
		for (const struct setting *row = settings_rows.rows; row->name != NULL; row++)
			if (row->group != NULL && row->group == policy_list[i]->settings)
				groups[i] = (const unsigned char *)settings + row->offset;
	return policies_open(&settings->policies, groups, problem);
}

static bool read_into(struct settings *settings, struct arena *arena, struct arena *scratch,
                      keys_function *keys, struct problem *problem)
{
	struct settings_places *places = settings_places_new(arena);
	const struct settings_source *source;
	const struct settings_value *given = NULL;

	if (settings->path != NULL) {
		source = settings_source_read(scratch, settings->path, problem);
		given = source == NULL ? NULL : settings_tree_read(scratch, source, problem);
		if (given == NULL)
			return false;
	} else {
		settings->path = "built-in settings";
	}
	settings->decision = (struct decision_settings){
	    .spf = &settings->spf, .dmarc = &settings->dmarc, .quarantine = &settings->quarantine};
	settings->places = places;
	return settings_fill(&settings_rows, given, settings, places, arena, scratch, problem) &&
	       settings_check_together(settings, problem) &&
	       set_authserv_id(settings, arena, problem) && keys(&settings->sign, arena, problem) &&
	       open_policies(settings, problem);
}

static void free_settings(struct settings *settings)
{
	signing_table_free(settings->sign.table);
	arena_free(settings->private->arena);
}

static struct settings *read_snapshot(const char *path, keys_function *keys,
                                      struct problem *problem)
{
	struct arena *arena = arena_new(), *scratch = arena_new();
	struct settings *settings = arena_allocate(arena, sizeof *settings);
	bool good;

	settings->path = arena_string(arena, path);
	settings->private = arena_allocate(arena, sizeof *settings->private);
	settings->private->arena = arena;
	atomic_init(&settings->private->holders, 1);
	good = read_into(settings, arena, scratch, keys, problem);
	arena_free(scratch);
	if (good) {
		log_debug("settings: %s is usable: rules %zu, \"sign\" %zu, policies %zu",
		          settings->path, settings->rules.count, settings->sign.entries.count,
		          settings->policies.count);
		return settings;
	}
	log_debug("settings: %s is not used: %s", settings->path, problem->message);
	free_settings(settings);
	return NULL;
}

struct settings *settings_read(const char *path, struct problem *problem)
{
	return read_snapshot(path, keys_load, problem);
}

struct settings *settings_read_keyless(const char *path, struct problem *problem)
{
	return read_snapshot(path, keys_names, problem);
}

struct settings *settings_hold(struct settings *settings)
{
	size_t before =
	    atomic_fetch_add_explicit(&settings->private->holders, 1, memory_order_relaxed);

	invariant(before > 0);
	return settings;
}

void settings_release(struct settings *settings)
{
	/* the last holder has to see all that the others did with the policies before it closes
	 * them */
	size_t before =
	    atomic_fetch_sub_explicit(&settings->private->holders, 1, memory_order_acq_rel);

	invariant(before > 0);
	if (before != 1)
		return;
	log_debug("settings: a snapshot of %s is closed, no connection has it any more",
	          settings->path);
	policies_close(&settings->policies);
	free_settings(settings);
}
