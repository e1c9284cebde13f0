/*
 * received_view.c - see received_view.h.
 *
 * A domain is examined again and again until it asks the DNS nothing more; only then the names that
 * were looked up are kept.
 */
#include "tool/report/received_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "dns/rounds.h"
#include "received/geo.h"
#include "settings/settings.h"
#include "tool/common/tool.h"

enum {
	DOMAIN_MS = 5000, /* that the lookups for one domain may take, */
	VIEW_MS = 15000   /* and for all of them */
};

/* A name to keep. */
struct looked_up {
	const char *address, *name;
};

struct received_view {
	const struct received_view_request *request;
	struct store_query *query;
	struct resolver *resolver; /* NULL: nothing is looked up */
	struct public_suffix_list *suffixes;
	struct geo *geo;
	struct arena *arena;
	struct timespec begin;

	/* while a domain is examined */
	size_t line_count, line_room;
	struct source_line *lines;
	size_t looked_count, looked_room;
	struct looked_up *looked;
};

static const struct answer *no_lookup(void *context, const char *name, enum record_type type)
{
	static const struct answer answer = {.status = LOOKUP_FAILED, .why = "not asked"};

	(void)context;
	(void)name;
	(void)type;
	return &answer;
}

static void no_prefetch(void *context, const char *name, enum record_type type,
                        prefetched_function *then, void *then_context)
{
	(void)context;
	(void)name;
	(void)type;
	(void)then;
	(void)then_context;
}

static time_t view_now(void *context)
{
	(void)context;
	return time(NULL);
}

static const struct services without_dns = {
    .lookup = no_lookup, .prefetch = no_prefetch, .now = view_now};

struct received_view *received_view_open(const struct received_view_request *request,
                                         struct problem *problem)
{
	struct received_view *view = calloc(1, sizeof *view);
	struct problem ignored;

	if (view == NULL) {
		problem_say(problem, "no memory to read the report store");
		return NULL;
	}
	view->request = request;
	view->arena = arena_new();
	clock_gettime(CLOCK_MONOTONIC, &view->begin);
	view->resolver = request->resolver;
	view->suffixes =
	    request->suffixes != NULL ? request->suffixes : public_suffix_open(&ignored);
	view->query = store_query_open(request->store, problem);
	if (view->query != NULL && request->settings->received.geo[0] != '\0' &&
	    (view->geo = geo_open(request->settings->received.geo, &ignored)) == NULL)
		tool_complain(0, "%s", ignored.message);
	if (view->query != NULL && !request->no_dns && view->resolver == NULL)
		view->resolver = resolver_open(&request->settings->resolver, problem);
	if (view->query != NULL && (request->no_dns || view->resolver != NULL))
		return view;
	received_view_close(view);
	return NULL;
}

void received_view_close(struct received_view *view)
{
	if (view == NULL)
		return;
	arena_free(view->arena);
	if (view->request->resolver == NULL)
		resolver_close(view->resolver);
	if (view->request->suffixes == NULL)
		public_suffix_close(view->suffixes);
	geo_close(view->geo);
	store_query_close(view->query);
	free(view);
}

struct arena *received_view_arena(struct received_view *view)
{
	return view->arena;
}

struct store_query *received_view_query(struct received_view *view)
{
	return view->query;
}

static void take_line(const struct received_source_row *row, void *context)
{
	struct received_view *view = context;

	view->lines = arena_grow(view->arena, view->lines, view->line_count, &view->line_room, 256,
	                         sizeof *view->lines);
	view->lines[view->line_count++] =
	    (struct source_line){.address = arena_string(view->arena, row->source),
	                         .signer = arena_string(view->arena, row->signer),
	                         .spf_domain = arena_string(view->arena, row->spf_domain),
	                         .spf_result = arena_string(view->arena, row->spf_result),
	                         .first = row->first,
	                         .last = row->last,
	                         .numbers = row->numbers};
}

static const char *stored_name(void *context, const char *address)
{
	struct received_view *view = context;

	for (size_t i = 0; i < view->looked_count; i++)
		if (strcmp(view->looked[i].address, address) == 0)
			return view->looked[i].name;
	return store_received_query_name(store_query_store(view->query), address,
	                                 view->request->now, view->arena);
}

static void note_name(void *context, const char *address, const char *name)
{
	struct received_view *view = context;

	view->looked = arena_grow(view->arena, view->looked, view->looked_count, &view->looked_room,
	                          64, sizeof *view->looked);
	view->looked[view->looked_count++] =
	    (struct looked_up){arena_string(view->arena, address), arena_string(view->arena, name)};
}

static const char *network_name(void *context, const struct address *address)
{
	struct received_view *view = context;

	return geo_name(view->geo, address, view->arena);
}

/* Whoever may not write to the store sees the names all the same. */
static void keep_names(struct received_view *view)
{
	const char *path = view->request->store;
	struct problem ignored;
	struct store *store;
	bool good = true;

	if (view->looked_count == 0 || view->request->resolver != NULL || access(path, W_OK) != 0 ||
	    store_open(path, &store, &ignored) != STORE_DONE)
		return;
	for (size_t i = 0; good && i < view->looked_count; i++)
		good = store_received_query_keep_name(store, view->looked[i].address,
		                                      view->looked[i].name, view->request->now,
		                                      &ignored);
	store_close(store);
}

static long time_left(const struct received_view *view)
{
	long left = VIEW_MS - (long)(clock_monotonic_since(&view->begin) * 1000);

	return left < 1 ? 1 : left < DOMAIN_MS ? left : DOMAIN_MS;
}

static struct sources *examine_in_rounds(struct received_view *view, struct source_site *site)
{
	struct rounds *rounds = rounds_begin(view->resolver, view->arena);
	struct arena *arena = arena_new();

	arena_on_release(view->arena, (void (*)(void *))arena_free, arena);
	rounds_limit(rounds, time_left(view));
	site->services = rounds_services(rounds);
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		arena_reset(arena);
		sources_examine(site, view->lines, view->line_count, arena);
		if (!rounds_ask(rounds))
			break;
	}
	site->keep = note_name;
	arena_reset(arena);
	return sources_examine(site, view->lines, view->line_count, arena);
}

const struct sources *received_view_sources(struct received_view *view, const char *domain,
                                            struct problem *problem)
{
	const struct settings *settings = view->request->settings;
	const struct received_question question = {domain, view->request->range};
	struct source_site site = {.domain = domain,
	                           .ours = &settings->networks.ours,
	                           .known = &settings->received.known,
	                           .suffixes = view->suffixes,
	                           .services = &without_dns,
	                           .ask_names = view->resolver != NULL,
	                           .receiver = settings->authserv_id,
	                           .name = stored_name,
	                           .network = view->geo == NULL ? NULL : network_name,
	                           .context = view};
	struct sources *sources;

	invariant(domain != NULL);
	view->lines = NULL;
	view->line_count = view->line_room = 0;
	view->looked_count = 0;
	if (!store_received_query_sources(view->query, &question, take_line, view, problem))
		return NULL;
	if (view->resolver == NULL || view->request->no_dns)
		return sources_examine(&site, view->lines, view->line_count, view->arena);
	if (view->request->resolver == NULL)
		tool_show_progress("asking the DNS ...");
	sources = examine_in_rounds(view, &site);
	if (view->request->resolver == NULL)
		tool_show_progress(NULL);
	keep_names(view);
	return sources;
}

struct taking {
	struct arena *arena;
	void *list;
};

static void take_day(const struct received_day *day, void *context)
{
	const struct taking *taking = context;
	struct received_days *days = taking->list;

	days->items = arena_grow(taking->arena, days->items, days->count, &days->room, 64,
	                         sizeof *days->items);
	days->items[days->count] = *day;
	days->items[days->count++].domain = arena_string(taking->arena, day->domain);
}

bool received_view_domains(struct received_view *view, const char *domain,
                           struct received_days *domains, struct problem *problem)
{
	const struct received_question question = {domain, view->request->range};
	struct taking taking = {view->arena, domains};

	return store_received_query_domains(view->query, &question, take_day, &taking, problem);
}

bool received_view_days(struct received_view *view, const char *domain, struct received_days *days,
                        struct problem *problem)
{
	const struct received_question question = {domain, view->request->range};
	struct taking taking = {view->arena, days};

	return store_received_query_days(view->query, &question, take_day, &taking, problem);
}

static void take_tls(const struct received_tls_row *row, void *context)
{
	const struct taking *taking = context;
	struct received_tls *tls = taking->list;
	struct received_tls_row *taken;

	tls->items =
	    arena_grow(taking->arena, tls->items, tls->count, &tls->room, 64, sizeof *tls->items);
	taken = &tls->items[tls->count++];
	*taken = *row;
	taken->domain = arena_string(taking->arena, row->domain);
	taken->mx = arena_string(taking->arena, row->mx);
	taken->type = arena_string(taking->arena, row->type);
	taken->reason = arena_string(taking->arena, row->reason);
}

bool received_view_tls(struct received_view *view, const char *domain, struct received_tls *tls,
                       struct problem *problem)
{
	const struct received_question question = {domain, view->request->range};
	struct taking taking = {view->arena, tls};

	return store_received_query_tls(view->query, &question, take_tls, &taking, problem);
}

static void take_reporter(const struct received_reporter *reporter, void *context)
{
	const struct taking *taking = context;
	struct received_reporters *reporters = taking->list;

	reporters->items = arena_grow(taking->arena, reporters->items, reporters->count,
	                              &reporters->room, 64, sizeof *reporters->items);
	reporters->items[reporters->count] = *reporter;
	reporters->items[reporters->count++].reporter =
	    arena_string(taking->arena, reporter->reporter);
}

bool received_view_reporters(struct received_view *view, const char *domain,
                             struct received_reporters *reporters, struct problem *problem)
{
	const struct received_question question = {domain, view->request->range};
	struct taking taking = {view->arena, reporters};

	return store_received_query_reporters(view->query, &question, take_reporter, &taking,
	                                      problem);
}
