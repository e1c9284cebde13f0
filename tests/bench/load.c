/*
 * load.c - a load generator for milters: hands in messages as Postfix does and tells how long they
 * take.
 *
 *     tests/bench/load [OPTION...] MESSAGE...
 *
 *     --milter ADDRESS      unix:PATH or inet:PORT@HOST; repeat it for several in a row: the fields
 * that one adds reach the next, a message that one refuses goes no further
 *     --connections N       at once (8)
 *     --messages N          in all (10000)
 *     --seconds N           begins no more messages after that time
 *     --per-connection N    messages before a new connection, as with a new SMTP session (0: kept
 * for ever)
 *     --client ADDRESS, --client-name NAME, --helo NAME, --sender ADDRESS, --recipient ADDRESS
 *     --json                for programs
 *
 * Messages are taken in turn. A thread a connection, blocking sockets: the filter under test
 * decides the pace. A message's time goes from the begin of its MAIL to the last answer to its end.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "load_link.h"
#include "load_message.h"
#include "load_tally.h"

enum {
	MILTERS_MAX = 8,
	LOST_MAX = 20 /* times in a row, then a thread gives up */
};

static struct {
	const char *milters[MILTERS_MAX];
	size_t milter_count;
	size_t connections, messages, per_connection;
	double seconds;
	const char *client, *client_name, *helo, *sender, *recipient;
	bool json;
	struct load_message **originals;
	size_t original_count;
} options = {.connections = 8,
             .messages = 10000,
             .client = "192.0.2.10",
             .client_name = "mail.example.org",
             .helo = "mail.example.org",
             .sender = "anna@example.org",
             .recipient = "reader@example.net"};

static atomic_size_t begun;
static double deadline;

struct worker {
	pthread_t thread;
	struct load_link *links; /* one for each milter */
	bool open;
	size_t on_connection, lost_in_a_row;
	struct load_message message;
	struct load_tally tally;
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Milters' wishes
 * ----------------------------------------------------------------------------------------------
 */

static void on_insert(void *context, uint32_t index, const char *name, const char *value)
{
	struct worker *worker = context;

	load_message_insert(&worker->message, index, name, value);
	load_tally_inserted(&worker->tally, name, value);
}

static void on_add(void *context, const char *name, const char *value)
{
	on_insert(context, UINT32_MAX, name, value);
}

static void on_change(void *context, uint32_t index, const char *name, const char *value)
{
	struct worker *worker = context;

	load_message_change(&worker->message, index, name, value);
	worker->tally.changed++;
}

static void on_other(void *context, char command, const char *text)
{
	struct worker *worker = context;

	(void)text;
	worker->tally.quarantined += command == 'q';
}

/* A connection and a message
 * ----------------------------------------------------------------------------------------------
 */

static void close_links(struct worker *worker)
{
	for (size_t i = 0; i < options.milter_count && worker->open; i++)
		load_link_close(&worker->links[i]);
	worker->open = false;
}

static bool open_links(struct worker *worker)
{
	const struct load_macro macros[] = {{"j", "mx.example.net"},
	                                    {"{daemon_name}", "mx.example.net"},
	                                    {"{daemon_addr}", "127.0.0.1"},
	                                    {"v", "Postfix 3.7.11"},
	                                    {"_", options.client_name},
	                                    {"{client_addr}", options.client},
	                                    {NULL, NULL}};
	char data[512];
	size_t length = (size_t)snprintf(data, sizeof data, "%s%c4%c%c%s", options.client_name, 0,
	                                 0x92, 0x10, options.client) +
	                1;
	bool good = length < sizeof data;

	for (size_t i = 0; i < options.milter_count; i++)
		good = load_link_open(&worker->links[i], options.milters[i]) && good;
	worker->open = true;
	worker->on_connection = 0;
	for (size_t i = 0; i < options.milter_count && good; i++)
		good = load_link_step(&worker->links[i], &load_connect, macros, data, length,
		                      NULL) == 'c' &&
		       load_link_step(&worker->links[i], &load_helo, macros, options.helo,
		                      strlen(options.helo) + 1, NULL) == 'c';
	return good;
}

/* MAIL, RCPT or DATA goes to every milter before the next step comes, as smtpd(8) does it. */
static char envelope_step(struct worker *worker, const struct load_step *step,
                          const struct load_macro *macros, const char *address)
{
	char data[512];
	int length = address == NULL ? 0 : snprintf(data, sizeof data, "<%s>", address) + 1;

	for (size_t i = 0; i < options.milter_count; i++) {
		char answer =
		    load_link_step(&worker->links[i], step, macros, data, (size_t)length, NULL);

		if (answer != 'c')
			return answer;
	}
	return 'c';
}

/* The content goes to one milter after the other, as cleanup(8) does it. */
static char content(struct worker *worker, struct load_link *link, const struct load_macro *macros)
{
	const struct load_wishes wishes = {worker, on_insert, on_add, on_change, on_other};
	const struct load_message *message = &worker->message;
	char answer = 'c';

	for (size_t i = 0; i < message->count && answer == 'c'; i++)
		answer = load_link_field(link, macros, message->fields[i].name,
		                         message->fields[i].value);
	if (answer == 'c')
		answer = load_link_step(link, &load_end_of_headers, macros, "", 0, NULL);
	if (answer == 'c')
		answer = load_link_step(link, &load_body, macros, message->body,
		                        message->body_length, NULL);
	if (answer == 'c')
		answer = load_link_step(link, &load_end_of_message, macros, "", 0, &wishes);
	return answer;
}

static char one_message(struct worker *worker, size_t number)
{
	char queue_id[24];
	const struct load_macro macros[] = {{"i", queue_id},
	                                    {"{mail_addr}", options.sender},
	                                    {"{mail_host}", "example.net"},
	                                    {"{mail_mailer}", "smtp"},
	                                    {"{rcpt_addr}", options.recipient},
	                                    {"{rcpt_host}", "example.net"},
	                                    {"{rcpt_mailer}", "virtual"},
	                                    {NULL, NULL}};
	char answer;

	snprintf(queue_id, sizeof queue_id, "4L%010zX", number);
	for (size_t i = 0; i < options.milter_count; i++)
		load_link_begin(&worker->links[i]);
	load_message_reset(&worker->message, options.originals[number % options.original_count]);
	/* Postfix has no queue id before the first recipient is accepted. */
	answer = envelope_step(worker, &load_mail, macros + 1, options.sender);
	if (answer == 'c')
		answer = envelope_step(worker, &load_rcpt, macros + 1, options.recipient);
	if (answer == 'c')
		answer = envelope_step(worker, &load_data, macros, NULL);
	for (size_t i = 0; i < options.milter_count && answer == 'c'; i++) {
		answer = content(worker, &worker->links[i], macros);
		if (answer == 'y')
			load_tally_reply(&worker->tally, worker->links[i].reply);
	}
	return answer;
}

static void work_once(struct worker *worker, size_t number)
{
	double from = seconds();
	char answer = 0;

	if (options.per_connection > 0 && worker->on_connection >= options.per_connection)
		close_links(worker);
	if (worker->open || open_links(worker))
		answer = one_message(worker, number);
	worker->on_connection++;
	load_tally_answer(&worker->tally, answer, seconds() - from);
	worker->lost_in_a_row = answer == 0 ? worker->lost_in_a_row + 1 : 0;
	if (answer != 'c')
		close_links(worker);
}

static void *work(void *with)
{
	struct worker *worker = with;

	while (worker->lost_in_a_row < LOST_MAX) {
		size_t number = atomic_fetch_add(&begun, 1);

		if (number >= options.messages || seconds() > deadline)
			break;
		work_once(worker, number);
	}
	close_links(worker);
	return NULL;
}

/* Options, and all of it
 * ----------------------------------------------------------------------------------------------
 */

static void usage(void)
{
	fprintf(stderr,
	        "usage: load --milter ADDRESS [OPTION...] MESSAGE...   (see the head of load.c)\n");
	exit(EX_USAGE);
}

static void take_option(int option, const char *value)
{
	switch (option) {
	case 'm':
		if (options.milter_count == MILTERS_MAX)
			usage();
		options.milters[options.milter_count++] = value;
		break;
	case 'c':
		options.connections = strtoul(value, NULL, 10);
		break;
	case 'n':
		options.messages = strtoul(value, NULL, 10);
		break;
	case 's':
		options.seconds = strtod(value, NULL);
		break;
	case 'p':
		options.per_connection = strtoul(value, NULL, 10);
		break;
	case 'a':
		options.client = value;
		break;
	case 'N':
		options.client_name = value;
		break;
	case 'h':
		options.helo = value;
		break;
	case 'f':
		options.sender = value;
		break;
	case 'r':
		options.recipient = value;
		break;
	case 'j':
		options.json = true;
		break;
	default:
		usage();
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option known[] = {{"milter", required_argument, NULL, 'm'},
	                                      {"connections", required_argument, NULL, 'c'},
	                                      {"messages", required_argument, NULL, 'n'},
	                                      {"seconds", required_argument, NULL, 's'},
	                                      {"per-connection", required_argument, NULL, 'p'},
	                                      {"client", required_argument, NULL, 'a'},
	                                      {"client-name", required_argument, NULL, 'N'},
	                                      {"helo", required_argument, NULL, 'h'},
	                                      {"sender", required_argument, NULL, 'f'},
	                                      {"recipient", required_argument, NULL, 'r'},
	                                      {"json", no_argument, NULL, 'j'},
	                                      {NULL, 0, NULL, 0}};

	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
		take_option(option, optarg);
	if (options.milter_count == 0 || options.connections == 0 || options.messages == 0 ||
	    optind == argc)
		usage();
	options.original_count = (size_t)(argc - optind);
	options.originals = calloc(options.original_count, sizeof(struct load_message *));
	for (size_t i = 0; options.originals != NULL && i < options.original_count; i++) {
		options.originals[i] = load_message_read(argv[optind + (int)i]);
		if (options.originals[i] == NULL)
			exit(EX_NOINPUT);
	}
}

static struct worker *start(size_t count)
{
	struct worker *workers = calloc(count, sizeof *workers);

	for (size_t i = 0; workers != NULL && i < count; i++) {
		workers[i].links = calloc(options.milter_count, sizeof *workers[i].links);
		if (workers[i].links == NULL ||
		    pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
			perror("load");
			exit(EX_OSERR);
		}
	}
	return workers;
}

int main(int argc, char **argv)
{
	static struct load_tally all;
	struct worker *workers;
	double from;

	read_options(argc, argv);
	from = seconds();
	deadline = options.seconds > 0 ? from + options.seconds : 1e300;
	workers = start(options.connections);
	if (workers == NULL)
		return EX_OSERR;
	for (size_t i = 0; i < options.connections; i++) {
		pthread_join(workers[i].thread, NULL);
		load_tally_join(&all, &workers[i].tally);
		free(workers[i].links);
	}
	free(workers);
	load_tally_print(&all, seconds() - from, options.json);
	return all.answers[LOAD_LOST] == 0 ? 0 : EX_UNAVAILABLE;
}
