/*
 * monitoring.c - what main.c calls to have the daemon watched (monitoring.h): the thread that looks
 * (sampler.c) and the pages that are served (pages.c, http.h) where the setting "metrics.listen"
 * says. The main thread alone comes here.
 */
#include "monitoring/monitoring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitoring/http.h"
#include "monitoring/listener.h"
#include "monitoring/pages.h"
#include "monitoring/process.h"
#include "monitoring/sampler.h"
#include "settings/settings_active.h"

static struct {
	struct facts_source source;
	struct http *http;
	struct pages *pages;
	char *listen; /* where it is served, or was meant to be; NULL: nowhere */
	char *path;   /* of a UNIX socket, to be removed; or NULL */
	int socket;   /* opened as root, or -1 */
} watching = {.socket = -1};

static void warn(const char *listen, const struct problem *problem)
{
	log_warning(
	    "metrics are not served on \"%s\" (setting \"metrics.listen\"): %s; choose another "
	    "address, or \"\" for none (mail goes on)",
	    listen, problem->message);
}

void monitoring_prepare(const struct settings *settings)
{
	struct arena *arena = arena_new();
	struct problem problem;
	struct listen_address place;

	if (listen_address_read(settings->metrics.listen, arena, &place) &&
	    listener_needs_root(&place)) {
		watching.socket = listener_open(&place, &problem);
		if (watching.socket < 0)
			warn(settings->metrics.listen, &problem);
	}
	arena_free(arena);
}

/* The socket that was opened as root counts once. */
static int take_socket(const struct listen_address *place, struct problem *problem)
{
	int socket = watching.socket;

	watching.socket = -1;
	return socket >= 0 ? socket : listener_open(place, problem);
}

static void monitoring_serve(const char *listen, const struct listen_address *place)
{
	struct problem problem;
	int socket = take_socket(place, &problem);

	if (socket >= 0) {
		watching.path = place->path == NULL ? NULL : strdup(place->path);
		watching.http = http_start(socket, pages_answer, watching.pages, &problem);
	}
	if (watching.http == NULL) {
		warn(listen, &problem);
		return;
	}
	log_info("metrics are served on %s", listen);
	if (!listen_address_is_local(place))
		log_warning("metrics.listen = \"%s\" lets other hosts read how much mail comes and "
		            "what becomes of it: let a firewall say which",
		            listen);
}

static void monitoring_begin(const char *listen)
{
	struct arena *arena = arena_new();
	struct listen_address place;

	watching.listen = strdup(listen);
	if (watching.pages == NULL)
		watching.pages = pages_new(&watching.source);
	if (watching.listen != NULL && watching.pages != NULL &&
	    listen_address_read(listen, arena, &place))
		monitoring_serve(listen, &place);
	arena_free(arena);
}

static void end(void)
{
	http_stop(watching.http);
	if (watching.path != NULL)
		unlink(watching.path);
	free(watching.path);
	free(watching.listen);
	watching.http = NULL;
	watching.path = watching.listen = NULL;
}

void monitoring_start(struct shared *shared, const char *settings_file)
{
	struct settings *settings = settings_active_ref();

	watching.source =
	    (struct facts_source){shared, settings_file, process_started(), sampler_start(shared)};
	if (watching.source.watch == NULL)
		log_warning(
		    "no thread can be made that watches; metrics about reports and keys stay 0");
	monitoring_begin(settings->metrics.listen);
	settings_release(settings);
}

/* Two sockets may clash (127.0.0.1 and 0.0.0.0), so the former goes first. */
void monitoring_reload(void)
{
	struct settings *settings = settings_active_ref();
	const char *listen = settings->metrics.listen;

	if (watching.listen == NULL || watching.http == NULL ||
	    strcmp(watching.listen, listen) != 0) {
		end();
		monitoring_begin(listen);
	}
	settings_release(settings);
	sampler_wake(watching.source.watch);
}

void monitoring_stop(void)
{
	end();
	pages_free(watching.pages);
	watching.pages = NULL;
	sampler_stop(watching.source.watch);
	watching.source.watch = NULL;
}
