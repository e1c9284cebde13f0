/*
 * scheduler.c - starts the programs of a table: the sender of reports, and the reader of those that
 * others sent. main.c starts and stops it.
 *
 * A job is a command of assay that does all there is to do and ends, one process of it at a time.
 * Which work there is, only the store and the folder of captured mail say: a start too many does no
 * harm, and a process that was killed is followed by another.
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
#include "received/capture_folder.h"
#include "report/schedule.h"
#include "report/sender.h"
#include "settings/settings_active.h"

enum {
	TICK_S = 2,
	FIRST_S = 3,         /* after the daemon's start at the earliest ... */
	FIRST_MAX_S = 60,    /* ... and so much later at the most */
	READER_S = 10,       /* between two readers, at least ... */
	READER_AGAIN_S = 30, /* ... where the last one left something ... */
	READER_MAX_S = 480,  /* ... and doubled each time, up to this at least */
	ARGUMENTS_MAX = 6,   /* "report", the job's words, "-c" */
	WORD_MAX = 16,       /* octets of such a word with its NUL */
	LOWEST_PRIORITY = 19
};

/* A row of the table: what to run, and when. */
struct scheduler_job {
	const char *words[4]; /* of the command, after "assay report"; NULL behind the last */
	const char *purpose;  /* "sending reports" */
	const char *instead;  /* what to do where assay cannot be run */
	bool (*due)(void);
	bool (*wanted)(const struct settings *settings);
};

static bool sender_due(void), sender_wanted(const struct settings *settings);
static bool reader_due(void), reader_wanted(const struct settings *settings);

enum {
	SENDER,
	READER,
	JOBS
};
static const struct scheduler_job scheduler_jobs[JOBS] = {
    [SENDER] = {{"send", "--scheduled"},
                "sending reports",
                "set reports.automatic = false",
                sender_due,
                sender_wanted},
    [READER] = {{"read", "--captured"},
                "reading reports of others",
                "empty received.addresses",
                reader_due,
                reader_wanted},
};

static struct {
	pthread_t thread;
	pthread_mutex_t lock; /* of stop and wake */
	pthread_cond_t wake;
	bool running, stop;
	const char *settings;
	struct capture_folder *captures;
	char tool[PATH_MAX];
	/* of the thread alone */
	pid_t process[JOBS]; /* 0: none under way */
	struct schedule plan;
	time_t reader_next; /* of clock_monotonic_seconds() */
	time_t reader_wait; /* seconds, after the last one */
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

static bool sender_due(void)
{
	return schedule_due(&scheduler.plan, time(NULL), clock_monotonic_seconds());
}

static bool sender_wanted(const struct settings *settings)
{
	const struct report_settings *reports = &settings->reports;

	return reports->automatic && reports->email[0] != '\0' && reports->store[0] != '\0';
}

/* There is something to read, and the last reader has not just ended. */
static bool reader_due(void)
{
	struct capture_folder_counts counts;

	if (scheduler.captures == NULL)
		return false;
	capture_folder_measure(scheduler.captures);
	capture_folder_count(scheduler.captures, &counts);
	return counts.waiting > 0 && clock_monotonic_seconds() >= scheduler.reader_next;
}

/* What was kept is read even if received.addresses is empty by now. */
static bool reader_wanted(const struct settings *settings)
{
	return settings->reports.store[0] != '\0';
}

static bool is_wanted(const struct scheduler_job *job)
{
	struct settings *settings = settings_active_ref();
	bool wanted = job->wanted(settings);

	settings_release(settings);
	return wanted;
}

/* In the child: keeps nothing of the daemon's, above all not the socket of the mail servers. */
static _Noreturn void become_tool(char **arguments)
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

/* The arguments of a process: words of ours, and the path of the settings. */
struct scheduler_command {
	char words[ARGUMENTS_MAX][WORD_MAX];
	char *all[ARGUMENTS_MAX + 3];
	size_t count;
};

static void command_add(struct scheduler_command *command, const char *word)
{
	invariant(command->count < ARGUMENTS_MAX && strlen(word) < WORD_MAX);
	command->all[command->count + 1] = strcpy(command->words[command->count], word);
	command->count++;
}

static void start_job(size_t number)
{
	const struct scheduler_job *job = &scheduler_jobs[number];
	struct scheduler_command command = {.all = {scheduler.tool}};
	char *settings = strdup(scheduler.settings);

	if (settings == NULL)
		return;
	command_add(&command, "report");
	for (size_t i = 0; job->words[i] != NULL; i++)
		command_add(&command, job->words[i]);
	command_add(&command, "-c");
	command.all[command.count + 1] = settings;
	scheduler.process[number] = fork();
	if (scheduler.process[number] == 0)
		become_tool(command.all);
	log_debug("reports: %s report %s is process %ld", scheduler.tool, job->words[0],
	          (long)scheduler.process[number]);
	if (scheduler.process[number] < 0) {
		log_warning("no process can be made for %s; it is tried again", job->purpose);
		scheduler.process[number] = 0;
	}
	free(settings);
}

/* EX_TEMPFAIL: something is left for later, which it has logged itself. */
static void report_end(const struct scheduler_job *job, int status)
{
	if (WIFSIGNALED(status))
		log_warning("%s was ended by signal %d; the next run goes on with it", job->purpose,
		            WTERMSIG(status));
	else if (WEXITSTATUS(status) == EX_OSFILE)
		log_warning("%s cannot be run for %s: install it, or %s", scheduler.tool,
		            job->purpose, job->instead);
	else if (WEXITSTATUS(status) != EX_OK && WEXITSTATUS(status) != EX_TEMPFAIL)
		log_warning("%s ended with status %d; to see why: %s report %s -c %s", job->purpose,
		            WEXITSTATUS(status), scheduler.tool, job->words[0], scheduler.settings);
}

/* After a run that left something, or failed, the next waits longer, and longer each time. */
static void plan_reader(int status)
{
	bool failed = WIFEXITED(status) && WEXITSTATUS(status) != EX_OK;

	if (!failed)
		scheduler.reader_wait = READER_S;
	else if (scheduler.reader_wait < READER_AGAIN_S)
		scheduler.reader_wait = READER_AGAIN_S;
	else if (scheduler.reader_wait < READER_MAX_S)
		scheduler.reader_wait *= 2;
	scheduler.reader_next = clock_monotonic_seconds() + scheduler.reader_wait;
}

static void reap_job(size_t number)
{
	int status = EX_OK;

	/* -1: it is gone without a status, because the daemon was started with SIGCHLD ignored */
	if (scheduler.process[number] == 0 ||
	    waitpid(scheduler.process[number], &status, WNOHANG) == 0)
		return;
	log_debug("reports: process %ld for %s ended with wait status %d",
	          (long)scheduler.process[number], scheduler_jobs[number].purpose, status);
	scheduler.process[number] = 0;
	report_end(&scheduler_jobs[number], status);
	if (number == READER)
		plan_reader(status);
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

static void run_job(size_t number)
{
	const struct scheduler_job *job = &scheduler_jobs[number];

	reap_job(number);
	if (!job->due())
		return;
	if (scheduler.process[number] == 0 && is_wanted(job))
		start_job(number);
	else if (number == SENDER)
		log_debug("reports: nothing is sent now, %s",
		          scheduler.process[number] != 0
		              ? "the process of the hour before still sends"
		              : "by reports.automatic, email or store");
}

static void *schedule(void *unused)
{
	log_debug("reports: sent %ld s after each full hour, first in %ld s",
	          (long)scheduler.plan.delay,
	          (long)(scheduler.plan.first - clock_monotonic_seconds()));
	while (tick())
		for (size_t number = 0; number < JOBS; number++)
			run_job(number);
	return unused;
}

bool scheduler_start(const char *settings, struct capture_folder *captures)
{
	invariant(settings != NULL && !scheduler.running);
	scheduler.settings = settings;
	scheduler.captures = captures;
	scheduler.plan = new_schedule();
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
	for (size_t number = 0; number < JOBS; number++)
		if (scheduler.process[number] != 0)
			log_debug("stop: process %ld for %s goes on by itself",
			          (long)scheduler.process[number], scheduler_jobs[number].purpose);
}
