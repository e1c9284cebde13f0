/*
 * monitoring.c - starts, reloads and stops monitoring (monitoring.h): the thread that samples
 * (sampler.c), and the pages (pages.c, http.h) at the address of the setting "metrics.listen".
 * Called by main.c, on the main thread alone.
 */
#include "monitoring/monitoring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
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
	char *listen; /* the address, also if it could not be served; NULL: none */
	char *path;   /* of a UNIX socket, to be removed at the end; or NULL */
	int socket;   /* opened as root and not used yet, or -1 */
} monitoring = {.socket = -1};

static void warn_not_served(const char *listen, const struct problem *problem)
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
		monitoring.socket = listener_open(&place, &problem);
		if (monitoring.socket < 0)
			warn_not_served(settings->metrics.listen, &problem);
		else
			log_debug("metrics: the socket was opened as root");
	}
	arena_free(arena);
}

/* The socket that was opened as root, the first time; then a new one. */
static int listening_socket(const struct listen_address *place, struct problem *problem)
{
	int socket = monitoring.socket;

	monitoring.socket = -1;
	return socket >= 0 ? socket : listener_open(place, problem);
}

static void monitoring_serve(const char *listen, const struct listen_address *place)
{
	struct problem problem;
	int socket = listening_socket(place, &problem);

	if (socket >= 0) {
		monitoring.path = place->path == NULL ? NULL : strdup(place->path);
		monitoring.http = http_start(socket, pages_answer, monitoring.pages, &problem);
	}
	if (monitoring.http == NULL) {
		warn_not_served(listen, &problem);
		return;
	}
	log_info("metrics are served on %s", listen);
	if (!listen_address_is_local(place))
		log_warning("metrics.listen = \"%s\" lets other hosts read how much mail comes and "
		            "what happens to it: restrict them with a firewall",
		            listen);
}

static void monitoring_begin(const char *listen)
{
	struct arena *arena = arena_new();
	struct listen_address place;

	monitoring.listen = strdup(listen);
	if (monitoring.pages == NULL)
		monitoring.pages = pages_new(&monitoring.source);
	if (monitoring.listen != NULL && monitoring.pages != NULL &&
	    listen_address_read(listen, arena, &place))
		monitoring_serve(listen, &place);
	arena_free(arena);
}

static void stop_serving(void)
{
	http_stop(monitoring.http);
	if (monitoring.path != NULL)
		unlink(monitoring.path);
	free(monitoring.path);
	free(monitoring.listen);
	monitoring.http = NULL;
	monitoring.path = monitoring.listen = NULL;
}

void monitoring_start(struct shared *shared, const char *settings_file)
{
	struct settings *settings = settings_active_ref();

	invariant(shared->resolver != NULL && shared->metrics != NULL);
	monitoring.source =
	    (struct facts_source){shared, settings_file, process_started(), sampler_start(shared)};
	if (monitoring.source.sampler == NULL)
		log_warning(
		    "no thread can be started to sample metrics; those of reports and keys stay 0");
	monitoring_begin(settings->metrics.listen);
	settings_release(settings);
}

/* The old socket is closed first: both may need the same port (127.0.0.1 and 0.0.0.0). */
void monitoring_reload(void)
{
	struct settings *settings = settings_active_ref();
	const char *listen = settings->metrics.listen;

	if (monitoring.listen == NULL || monitoring.http == NULL ||
	    strcmp(monitoring.listen, listen) != 0) {
		log_debug("metrics: serving starts anew, on \"%s\"", listen);
		stop_serving();
		monitoring_begin(listen);
	}
	settings_release(settings);
	sampler_wake(monitoring.source.sampler);
}

void monitoring_stop(void)
{
	stop_serving();
	pages_free(monitoring.pages);
	monitoring.pages = NULL;
	sampler_stop(monitoring.source.sampler);
	monitoring.source.sampler = NULL;
}
