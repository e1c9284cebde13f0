/*
 * web.c - `assay web`: a page to look at. The arguments, the rights, the servers.
 *
 * Several servers accept from one socket, each with a thread (monitoring/http.h), so that one page
 * that waits for the DNS holds up nobody else.
 */
#include "tool/web/web.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "monitoring/listener.h"
#include "settings/settings.h"
#include "tool/common/tool.h"
#include "tool/report/report_user.h"
#include "tool/web/web_ahead.h"
#include "tool/web/web_cache.h"

enum {
	SERVERS = 4
};

struct web_arguments {
	const char *settings, *listen, *store; /* NULL: not given */
};

/* All that runs. */
struct web_running {
	struct web_site site;
	struct web_server servers[SERVERS];
	struct http *http[SERVERS];
	struct arena *arena;
};

static bool read_options(int argc, char **argv, struct web_arguments *arguments)
{
	int letter;

	*arguments = (struct web_arguments){.settings = NULL};
	while ((letter = tool_next_option(&tool_web, argc, argv)) != -1) {
		if (letter == 'c')
			arguments->settings = optarg;
		else if (letter == 'l')
			arguments->listen = optarg;
		else if (letter == 's')
			arguments->store = optarg;
		else
			return false;
	}
	return true;
}

/* A listening socket, or -1 after a message. */
static int web_open_socket(const char *listen, const struct settings *settings, struct arena *arena)
{
	struct listen_address place;
	struct problem problem;
	int file;

	if (!listen_address_read(listen, arena, &place)) {
		tool_complain(0,
		              "cannot serve the page on \"%s\": write unix:/PATH, "
		              "inet:PORT@ADDRESS or inet6:PORT@[ADDRESS]",
		              listen);
		return -1;
	}
	if (!listen_address_is_local(&place) && settings->web.trusted_proxy.count == 0) {
		tool_complain(
		    0,
		    "%s lets other hosts read the page, which asks nobody for a password: "
		    "name the web server that does in web.trusted_proxy, or serve it on "
		    "127.0.0.1",
		    listen);
		return -1;
	}
	file = listener_open(&place, &problem);
	if (file < 0)
		tool_complain(0,
		              "cannot serve the page on %s: %s; choose another address with "
		              "web.listen or --listen",
		              listen, problem.message);
	return file;
}

static void end_servers(struct web_running *running)
{
	for (size_t i = 0; i < SERVERS; i++) {
		http_stop(running->http[i]);
		arena_free(running->servers[i].arena);
	}
}

static bool start_servers(struct web_running *running, int socket, struct problem *problem)
{
	for (size_t i = 0; i < SERVERS; i++) {
		int copy = fcntl(socket, F_DUPFD_CLOEXEC, 0);

		running->servers[i] = (struct web_server){&running->site, arena_new()};
		if (copy < 0)
			return problem_say(problem, "no file is left for the HTTP server");
		running->http[i] = http_start(copy, web_answer, &running->servers[i], problem);
		if (running->http[i] == NULL)
			return false;
	}
	return true;
}

/* Until somebody ends the program. */
static int serve(struct web_running *running, int socket, const char *listen)
{
	struct web_ahead *ahead = NULL;
	struct problem problem;
	sigset_t ends;
	int signal, status = EX_OK;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (start_servers(running, socket, &problem)) {
		ahead = web_ahead_start(&running->site);
		printf("The page is served on %s\n", listen);
		fflush(stdout);
		sigwait(&ends, &signal);
		log_debug("web: signal %d ends the page", signal);
	} else {
		status = tool_complain(EX_OSERR, "cannot serve the page: %s", problem.message);
	}
	web_ahead_stop(ahead);
	end_servers(running);
	return status;
}

/* A socket's file that was made here. */
static void remove_socket(const char *listen, struct arena *arena)
{
	struct listen_address place;

	if (listen_address_read(listen, arena, &place) && place.path != NULL)
		unlink(place.path);
}

/* The socket is opened with the rights that the program was started with. */
static int run_site(struct web_running *running, const struct settings *settings,
                    const char *listen)
{
	struct problem problem, ignored;
	int socket = web_open_socket(listen, settings, running->arena), status;

	if (socket < 0)
		return EX_CONFIG;
	if (!report_user_become_owner(running->site.store, &problem)) {
		status = tool_complain(EX_NOINPUT, "%s", problem.message);
	} else if ((running->site.resolver = resolver_open(&settings->resolver, &problem)) ==
	           NULL) {
		status = tool_complain(EX_OSERR, "%s", problem.message);
	} else {
		running->site.suffixes = public_suffix_open(&ignored);
		running->site.cache = web_cache_new();
		web_assets_load(running->site.assets, running->arena);
		status = running->site.cache == NULL
		             ? tool_complain(EX_OSERR, "no memory to serve the page")
		             : serve(running, socket, listen);
	}
	close(socket);
	remove_socket(listen, running->arena);
	web_cache_free(running->site.cache);
	public_suffix_close(running->site.suffixes);
	resolver_close(running->site.resolver);
	return status;
}

static int web_run(int argc, char **argv)
{
	struct web_running running = {.arena = NULL};
	struct web_arguments arguments;
	struct settings *settings;
	struct problem problem;
	int status;

	if (!read_options(argc, argv, &arguments))
		return EX_USAGE;
	if (optind < argc)
		return tool_misuse("web", "unexpected argument \"%.60s\"", argv[optind]);
	settings = settings_read_keyless(tool_settings_path(arguments.settings), &problem);
	if (settings == NULL)
		return tool_complain(EX_CONFIG, "%s", problem.message);
	running.site.settings = settings;
	running.site.store = arguments.store != NULL ? arguments.store : settings->reports.store;
	running.arena = arena_new();
	tool_log_warnings();
	if (running.site.store[0] == '\0')
		status = tool_complain(EX_CONFIG, "reports.store is empty: no reports are kept");
	else
		status =
		    run_site(&running, settings,
		             arguments.listen != NULL ? arguments.listen : settings->web.listen);
	arena_free(running.arena);
	settings_release(settings);
	return status;
}

static const char *const usage[] = {"web [-c FILE] [--listen PLACE] [--store FILE]", NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE", "read the settings from FILE instead of the standard file"},
    {"--listen", 'l', "PLACE",
     "serve there instead of web.listen: unix:/PATH, inet:PORT@ADDRESS or "
     "inet6:PORT@[ADDRESS]; an address that other hosts reach needs web.trusted_proxy"},
    {"--store", 's', "FILE", "the report store, instead of reports.store"},
    {.name = NULL},
};

const struct tool_command tool_web = {
    .name = "web",
    .run = web_run,
    .summary = "a page to look at: who sends as your domains, and what to do about it",
    .usage = usage,
    .about = "Serves a web page about what others reported of your domains, what this server "
             "reports to others, and how it fares, until it is ended. It reads the report store "
             "and changes nothing. Nobody is asked for a password: on the standard address, only "
             "this host reaches the page; for more, let a web server stand before it.\nRoot's "
             "rights are given up once the socket is open.",
    .options = options,
    .statuses = "0 ended by SIGTERM or SIGINT, 64 usage, 66 no store, 71 the system lacks "
                "something, 78 errors in the settings, or an address that cannot be served",
};
