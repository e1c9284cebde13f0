/*
 * scheduler.c - starts the sender of reports. main.c starts and stops it; report/schedule.c knows
 * when.
 */
#include "daemon/scheduler.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/thread.h"
#include "report/schedule.h"
#include "report/sender.h"
#include "settings/settings_active.h"

enum {
	TICK_S = 2,
	FIRST_S = 3,      /* after the daemon's start at the earliest ... */
	FIRST_MAX_S = 60, /* ... and so much later at the most */
	LOWEST_PRIORITY = 19
};

static struct {
	pthread_t thread;
	pthread_mutex_t lock; /* of stop and wake */
	pthread_cond_t wake;
	bool running, stop;
	const char *settings;
	char tool[PATH_MAX];
	pid_t sender; /* 0: none under way */
} scheduler = {.lock = PTHREAD_MUTEX_INITIALIZER};

static long random_below(long limit)
{
	unsigned random = 0;

	if (limit <= 0 || getrandom(&random, sizeof random, 0) < 0)
		return 0;
	return (long)(random % (unsigned long)limit);
}

/* The tool of the same version: beside this program, else where it is installed. */
static void find_tool(void)
{
	ssize_t length =
	    readlink("/proc/self/exe", scheduler.tool, sizeof scheduler.tool - sizeof "/assay");
	char *slash;

	scheduler.tool[length < 0 ? 0 : length] = '\0';
	slash = strrchr(scheduler.tool, '/');
	if (slash != NULL)
		memcpy(slash, "/assay", sizeof "/assay");
	if (slash == NULL || access(scheduler.tool, X_OK) != 0)
		snprintf(scheduler.tool, sizeof scheduler.tool, "%s", ASSAY_TOOL);
}

static bool is_wanted(void)
{
	struct settings *settings = settings_active_ref();
	const struct report_settings *reports = &settings->reports;
	bool wanted = reports->automatic && reports->email[0] != '\0' && reports->store[0] != '\0';

	settings_release(settings);
	return wanted;
}

/* In the child: keeps nothing of the daemon's, above all not the socket of the mail servers. */
static _Noreturn void become_sender(char **arguments)
{
	sigset_t none;

	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execv(arguments[0], arguments);
	_exit(EX_OSFILE);
}

static void start_sender(void)
{
	char words[4][16] = {"report", "send", "--scheduled", "-c"};
	char *settings = strdup(scheduler.settings);
	char *all[] = {scheduler.tool, words[0], words[1], words[2], words[3], settings, NULL};

	if (settings == NULL)
		return;
	scheduler.sender = fork();
	if (scheduler.sender == 0)
		become_sender(all);
	log_debug("reports: %s report send --scheduled is process %ld", scheduler.tool,
	          (long)scheduler.sender);
	if (scheduler.sender < 0) {
		log_warning("no process can be made to send reports; the next try is in an hour");
		scheduler.sender = 0;
	}
	free(settings);
}

/* EX_TEMPFAIL: something is left for later, which it has logged itself. */
static void reap_sender(void)
{
	int status = EX_OK;

	/* -1: it is gone without a status, because the daemon was started with SIGCHLD ignored */
	if (scheduler.sender == 0 || waitpid(scheduler.sender, &status, WNOHANG) == 0)
		return;
	log_debug("reports: process %ld of the sender ended with wait status %d",
	          (long)scheduler.sender, status);
	scheduler.sender = 0;
	if (WIFSIGNALED(status))
		log_warning("sending reports was ended by signal %d; the next run goes on with it",
		            WTERMSIG(status));
	else if (WEXITSTATUS(status) == EX_OSFILE)
		log_warning("%s cannot be run to send reports: install it, or set "
		            "reports.automatic = false",
		            scheduler.tool);
	else if (WEXITSTATUS(status) != EX_OK && WEXITSTATUS(status) != EX_TEMPFAIL)
		log_warning(
		    "sending reports ended with status %d; to see why: %s report send -c %s",
		    WEXITSTATUS(status), scheduler.tool, scheduler.settings);
}

/* Jitter: many hosts start their hour at the same time, and their reports should not all arrive at
 * once. */
static struct schedule new_schedule(void)
{
	struct settings *settings = settings_active_ref();
	long jitter = settings->reports.jitter_minutes * 60;
	long max = jitter < FIRST_MAX_S ? jitter : FIRST_MAX_S;

	settings_release(settings);
	return (struct schedule){.delay =
	                             SENDER_SETTLE_S + random_below(jitter < 3000 ? jitter : 3000),
	                         .first = clock_monotonic_seconds() + FIRST_S + random_below(max)};
}

/* False: it is to stop. */
static bool tick(void)
{
	struct timespec until = clock_deadline_after(TICK_S * 1000);
	bool stop;

	pthread_mutex_lock(&scheduler.lock);
	while (!scheduler.stop &&
	       pthread_cond_timedwait(&scheduler.wake, &scheduler.lock, &until) == 0)
		;
	stop = scheduler.stop;
	pthread_mutex_unlock(&scheduler.lock);
	return !stop;
}

static void *schedule(void *unused)
{
	struct schedule plan = new_schedule();

	log_debug("reports: sent %ld s after each full hour, first in %ld s", (long)plan.delay,
	          (long)(plan.first - clock_monotonic_seconds()));
	while (tick()) {
		reap_sender();
		if (!schedule_due(&plan, time(NULL), clock_monotonic_seconds()))
			continue;
		if (scheduler.sender != 0)
			log_debug("reports: process %ld of the hour before still sends",
			          (long)scheduler.sender);
		else if (!is_wanted())
			log_debug("reports: nothing is sent, by reports.automatic, email or store");
		else
			start_sender();
	}
	return unused;
}

bool scheduler_start(const char *settings)
{
	invariant(settings != NULL && !scheduler.running);
	scheduler.settings = settings;
	find_tool();
	clock_condition_init(&scheduler.wake);
	scheduler.running = thread_start(&scheduler.thread, schedule, NULL);
	return scheduler.running;
}

void scheduler_stop(void)
{
	if (!scheduler.running)
		return;
	pthread_mutex_lock(&scheduler.lock);
	scheduler.stop = true;
	pthread_cond_signal(&scheduler.wake);
	pthread_mutex_unlock(&scheduler.lock);
	pthread_join(scheduler.thread, NULL);
	scheduler.running = false;
	if (scheduler.sender != 0)
		log_debug("stop: process %ld of the sender goes on by itself",
		          (long)scheduler.sender);
}
