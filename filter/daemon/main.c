/*
 * main.c - assayd: from the command line to serving, and back out.
 *
 * The order matters: settings, log, socket, background, privileges dropped, store and resolver
 * (with their threads), then serving, and being watched. The main thread waits for signals;
 * libmilter runs on another.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/privileges.h"
#include "crypto/crypto.h"
#include "daemon/background.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/scheduler.h"
#include "daemon/signals.h"
#include "daemon/version.h"
#include "milter.h"
#include "monitoring/monitoring.h"
#include "received/capture_folder.h"
#include "review/review.h"
#include "session/slots.h"
#include "settings/settings_active.h"

enum {
	FILES_WANTED = 65536
};

static struct slots slots;
static struct shared shared = {.slots = &slots};

/*
 * glibc makes up to eight heaps for each processor, and each keeps the memory of its busiest
 * moment: with a thread for every connection, resident memory would grow for days. Fewer than four
 * are slower.
 */
static void bound_heaps(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	mallopt(M_ARENA_MAX, processors < 2 ? 4 : (int)processors * 4);
}

/* Each connection and each query under way takes a file descriptor. A daemon started by hand
 * usually inherits a limit of 1024; the service sets this one. */
static void allow_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	if (files.rlim_cur < FILES_WANTED) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	log_debug("start: at most %lu files can be open", (unsigned long)files.rlim_cur);
}

/* Whoever starts the daemon by hand sees why it does not run, wherever the log goes. */
static int main_give_up(int status, const struct problem *problem)
{
	log_error("%s", problem->message);
	if (!log_goes_to_stderr())
		fprintf(stderr, "assayd: %s\n", problem->message);
	listen_remove();
	background_remove_pid();
	return status;
}

/* Scripts may send a signal once the socket exists: signals are held back until the daemon serves.
 */
static bool open_socket(const struct settings *settings, const struct identity *identity,
                        struct problem *problem)
{
	if (!signals_prepare())
		return problem_say(problem, "no pipe can be made for signals");
	return listen_prepare(settings->listen, settings->socket.mode, identity, problem) &&
	       milter_open(settings->listen, &shared, problem) &&
	       listen_permit(settings->listen, identity, problem);
}

static bool become_daemon(const struct settings *settings, const struct options *options,
                          const struct identity *identity, struct problem *problem)
{
	const char *store = settings->reports.store;

	if (store[0] != '\0' && !privileges_make_folder(store, identity, problem))
		return false;
	if (!log_has_reader(&settings->log, options->foreground, problem))
		return false;
	if (!options->foreground && !background_enter(problem))
		return false;
	return background_write_pid(settings->pid_file, problem) &&
	       privileges_drop(identity, problem);
}

/* What is odd about the settings. Errors are reported by whatever fails because of them. */
static void log_review(const struct settings *settings)
{
	struct arena *arena = arena_new();
	struct review review = review_settings(settings, &review_machine_self, arena);

	for (size_t i = 0; i < review.count; i++) {
		const struct review_finding *finding = &review.items[i];

		if (finding->level == REVIEW_WARNING && finding->line > 0)
			log_warning("%s:%u: %s", finding->file, finding->line, finding->text);
		else if (finding->level == REVIEW_WARNING)
			log_warning("%s: %s", finding->file, finding->text);
		else
			log_debug("start: an error for assayd -t, %s: %s", finding->file,
			          finding->text);
	}
	arena_free(arena);
}

/* -t */
static int main_check(const struct settings *settings)
{
	struct arena *arena = arena_new();
	struct review review = review_settings(settings, &review_machine, arena);
	int status = review.errors > 0 ? EX_CONFIG : EX_OK;

	review_print(&review, stderr);
	arena_free(arena);
	if (status == EX_OK)
		printf("%s: syntax OK\n", settings->path);
	return status;
}

static bool open_services(const struct settings *settings, struct problem *problem)
{
	shared.metrics = metrics_new();
	if (shared.metrics == NULL)
		return problem_say(problem, "no memory for the metrics");
	shared.resolver = resolver_open(&settings->resolver, problem);
	if (shared.resolver == NULL)
		return false;
	if (settings->reports.store[0] == '\0') {
		log_debug("start: reports.store is empty, no rows for reports are kept");
		return true;
	}
	shared.captures = capture_folder_open(settings->reports.store);
	if (shared.captures == NULL)
		return problem_say(problem, "no memory for the folder of copies of mail");
	shared.recorder = recorder_open(&settings->reports, problem);
	return shared.recorder != NULL;
}

static void *main_serve(void *unused)
{
	if (!milter_run())
		log_error("libmilter stopped serving by itself; restart assayd");
	signals_say(SIGNAL_ENDED);
	return unused;
}

/*
 * Waits until no message is under way, at most so long. A message leaves the count just before
 * libmilter sends its answer; the grace lets the answer out.
 */
static bool drain(long seconds)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

	atomic_store(&shared.stopping, true);
	log_debug("stop: %ld messages are under way, at most %ld s to finish", slots_taken(&slots),
	          seconds);
	for (long waited = 0; waited < seconds * 50 && slots_taken(shared.slots) > 0; waited++)
		nanosleep(&pause, NULL);
	for (int grace = 0; grace < 10; grace++)
		nanosleep(&pause, NULL);
	return slots_taken(shared.slots) == 0;
}

/*
 * Sessions that idle keep their settings and go with the process, as libmilter's threads do: while
 * `stopping` is set no message begins that could miss what is closed here.
 */
static int main_leave(int status)
{
	struct settings *settings = settings_active_ref();
	long max = settings->limits.stop_seconds;
	bool drained;

	settings_release(settings);
	notify_stopping();
	scheduler_stop();
	drained = drain(max);
	log_debug("stop: %ld messages and %ld connections are left", slots_taken(&slots),
	          (long)atomic_load(&shared.connections));
	if (!drained)
		log_warning("%ld messages were still under way after %ld s; the mail server will "
		            "bring them again",
		            slots_taken(shared.slots), max);
	if (shared.recorder != NULL && !recorder_flush(shared.recorder, 5000))
		log_warning(
		    "not all report rows are in the store yet; the next start brings them in");
	listen_remove();
	background_remove_pid();
	monitoring_stop();
	log_info("stopped");
	if (!drained)
		_exit(status);
	recorder_close(shared.recorder);
	capture_folder_close(shared.captures);
	resolver_close(shared.resolver);
	return status;
}

static int main_run(const struct options *options)
{
	invariant(shared.resolver != NULL && shared.metrics != NULL && shared.slots != NULL);
	if (!scheduler_start(options->settings, shared.captures))
		log_warning(
		    "no thread can be made that sends and reads reports; assay report send and "
		    "assay report read --captured do it by hand");
	monitoring_start(&shared, options->settings);
	signals_accept();
	background_ready();
	notify_ready();
	log_debug("start: complete, signals are accepted");
	for (;;) {
		switch (signals_wait()) {
		case SIGNAL_RELOAD:
			log_debug("signal: HUP or USR1, the settings are read again");
			notify_reloading();
			settings_active_reload(options->settings, options->foreground);
			monitoring_reload();
			notify_ready();
			break;
		case SIGNAL_STOP:
			log_debug("signal: TERM or INT, the daemon stops");
			return main_leave(EX_OK);
		case SIGNAL_ENDED:
			return main_leave(EX_SOFTWARE);
		}
	}
}

static int main_start(struct settings *settings, const struct options *options)
{
	struct problem problem;
	struct identity identity;
	pthread_t server;

	log_open(&settings->log);
	log_debug("start: process %ld, settings of %s", (long)getpid(), settings->path);
	allow_files();
	settings_active_set(settings);
	if (!privileges_find(settings->user, settings->socket.group, &identity, &problem))
		return main_give_up(EX_NOUSER, &problem);
	if (!open_socket(settings, &identity, &problem))
		return main_give_up(EX_UNAVAILABLE, &problem);
	monitoring_prepare(settings);
	if (!become_daemon(settings, options, &identity, &problem))
		return main_give_up(EX_OSERR, &problem);
	log_review(settings);
	if (!open_services(settings, &problem))
		return main_give_up(EX_UNAVAILABLE, &problem);
	log_info("assayd %s judges mail as %s on %s", VERSION, settings->authserv_id,
	         settings->listen);
	if (pthread_create(&server, NULL, main_serve, NULL) != 0) {
		log_error("no thread can be made: raise TasksMax of the service");
		return main_leave(EX_OSERR);
	}
	return main_run(options);
}

int main(int argc, char **argv)
{
	struct options options;
	struct problem problem;
	struct settings *settings;
	int status;

	bound_heaps();
	crypto_open();
	if (!options_read(argc, argv, &options))
		return EX_USAGE;
	if (options.help) {
		options_help();
		return EX_OK;
	}
	if (options.version) {
		version_print("assayd", stdout);
		printf("  libmilter %s\n", milter_version());
		return EX_OK;
	}
	if (options.debug)
		log_force_debug();
	settings = settings_read(options.settings, &problem);
	if (settings == NULL) {
		fprintf(stderr, "assayd: %s\n", problem.message);
		return EX_CONFIG;
	}
	if (!options.only_check)
		return main_start(settings, &options);
	status = main_check(settings);
	settings_release(settings);
	return status;
}
