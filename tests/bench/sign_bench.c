/*
 * sign_bench.c - what signing costs: the figures behind tests/bench/sign.
 *
 * usage: sign_bench inside KEY BODY SECONDS     policy_sign over messages with a body of so many
 * octets sign_bench bare KEY SECONDS            the key alone sign_bench daemon SOCKET BODY SECONDS
 * CONNECTIONS messages to an assayd that signs for example.org sign_bench memory KEY COUNT so many
 * signatures, and resident memory on the way
 *
 * Prints "signatures per second" or "kB resident".
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "policy.h"
#include "settings/keys.h"

enum {
	PACKET_MAX = 65535
};

static const struct header fields[] = {
    {"Received", " from client.example.org by mx.example.net; Sun, 22 Nov 2026 10:00:00 +0000"},
    {"From", " Anna Example <anna@example.org>"},
    {"To", " Reader <reader@example.net>"},
    {"Subject", " What signing costs, measured again"},
    {"Date", " Sun, 22 Nov 2026 10:00:00 +0000"},
    {"Message-ID", " <20261122100000.1@example.org>"},
    {"MIME-Version", " 1.0"},
    {"Content-Type", " text/plain; charset=utf-8"},
};
enum {
	FIELDS = sizeof fields / sizeof fields[0]
};

static double seconds_of(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double now(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* As `openssl speed` counts: others on the same core do not matter. */
static double processor_time(void)
{
	return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* Lines of text of 76 octets. */
static unsigned char *make_body(size_t length)
{
	unsigned char *body = malloc(length + 1);

	if (body == NULL)
		exit(1);
	for (size_t i = 0; i < length; i++)
		body[i] = (unsigned char)(i % 78 == 76   ? '\r'
		                          : i % 78 == 77 ? '\n'
		                                         : "some words "[i % 11]);
	if (length >= 2)
		memcpy(body + length - 2, "\r\n", 2);
	return body;
}

static void *open_policy(const char *key, struct arena *arena)
{
	struct sign_entry *entry = arena_allocate(arena, sizeof *entry);
	struct sign_settings *settings = arena_allocate(arena, sizeof *settings);
	int *line = arena_allocate(arena, sizeof *line);
	struct problem problem;
	void *state;

	*entry = (struct sign_entry){
	    .domain = "example.org", .keys = key, .selector = "", .sign_as = ""};
	settings->entries = (struct setting_list){.count = 1, .items = entry, .lines = line};
	if (!keys_load(settings, arena, &problem) ||
	    !policy_sign.open(settings, &state, &problem)) {
		fprintf(stderr, "sign_bench: %s\n", problem.message);
		exit(1);
	}
	return state;
}

static void sign_once(void *state, struct arena *arena, const unsigned char *body, size_t length)
{
	const struct message message = {.outbound = true,
	                                .received = 1795341600,
	                                .header_count = FIELDS,
	                                .headers = fields,
	                                .mail_from = ""};
	struct findings findings = {.judged = false};
	void *work = policy_sign.begin(state, &message, NULL, arena);

	for (size_t i = 0; i < FIELDS; i++)
		policy_sign.header(work, &fields[i]);
	policy_sign.end_of_headers(work);
	for (size_t at = 0; at < length; at += PACKET_MAX)
		policy_sign.body(work, body + at,
		                 length - at < PACKET_MAX ? length - at : PACKET_MAX);
	policy_sign.judge(work, &findings);
	if (findings.sign.count != 1) {
		fprintf(stderr, "sign_bench: not signed: %s\n", findings.sign.reason);
		exit(1);
	}
	arena_reset(arena);
}

static int inside(const char *key, size_t length, double seconds)
{
	struct arena *lasting = arena_new(), *arena = arena_new();
	void *state = open_policy(key, lasting);
	unsigned char *body = make_body(length);
	double began = processor_time(), until = began + seconds;
	long count = 0;

	do {
		sign_once(state, arena, body, length);
		count++;
	} while (processor_time() < until);
	printf("%.1f\n", (double)count / (processor_time() - began));
	free(body);
	arena_free(arena);
	return 0;
}

/* The key alone, over a hash that is there: what `openssl speed` measures, by the clock of
 * inside(). */
static int bare(const char *path, double seconds)
{
	static const unsigned char hash[CRYPTO_HASH] = {1};
	unsigned char signature[CRYPTO_SIGNATURE_MAX];
	struct problem problem;
	struct crypto_private *key = keys_read(path, &problem);
	double began = processor_time(), until = began + seconds;
	size_t length;
	long count = 0;

	if (key == NULL) {
		fprintf(stderr, "sign_bench: %s\n", problem.message);
		return 1;
	}
	do {
		if (!crypto_private_sign(key, hash, signature, &length))
			return 1;
		count++;
	} while (processor_time() < until);
	printf("%.1f\n", (double)count / (processor_time() - began));
	crypto_private_free(key);
	return 0;
}

static long resident_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	if (file != NULL) {
		if (fscanf(file, "%ld %ld", &size, &resident) != 2)
			resident = 0;
		fclose(file);
	}
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int memory(const char *key, long wanted)
{
	struct arena *lasting = arena_new(), *arena = arena_new();
	void *state = open_policy(key, lasting);
	unsigned char *body = make_body(2048);

	for (long count = 1; count <= wanted; count++) {
		sign_once(state, arena, body, 2048);
		if (count == wanted / 100 || count % (wanted / 5) == 0)
			printf("%ld signatures: %ld kB resident\n", count, resident_kb());
	}
	free(body);
	arena_free(arena);
	return 0;
}

/* The milter protocol, as far as one message after the other needs it
 * ---------------------------------------------------------------------------- */

struct packets {
	unsigned char *bytes;
	size_t length;
};

static void put(struct packets *packets, char command, const void *data, size_t length)
{
	uint32_t size = htonl((uint32_t)length + 1);

	packets->bytes = realloc(packets->bytes, packets->length + length + 5);
	if (packets->bytes == NULL)
		exit(1);
	memcpy(packets->bytes + packets->length, &size, 4);
	packets->bytes[packets->length + 4] = (unsigned char)command;
	if (length > 0)
		memcpy(packets->bytes + packets->length + 5, data, length);
	packets->length += length + 5;
}

static void send_all(int file, const struct packets *packets)
{
	for (size_t done = 0; done < packets->length;) {
		ssize_t sent = write(file, packets->bytes + done, packets->length - done);

		if (sent <= 0)
			exit(1);
		done += (size_t)sent;
	}
}

static void receive(int file, void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t got = read(file, (char *)bytes + done, length - done);

		if (got <= 0) {
			fputs("sign_bench: assayd hung up\n", stderr);
			exit(1);
		}
		done += (size_t)got;
	}
}

/* The next packet's command; inserted fields count as signatures. */
static char receive_one(int file, long *signatures)
{
	static _Thread_local char data[PACKET_MAX + 1];
	uint32_t size;

	receive(file, &size, sizeof size);
	size = ntohl(size);
	if (size == 0 || size > sizeof data)
		exit(1);
	receive(file, data, size);
	*signatures += data[0] == 'i';
	return data[0];
}

static void begin_message(struct packets *packets)
{
	put(packets, 'D', "M{auth_authen}\0anna", sizeof "M{auth_authen}\0anna");
	put(packets, 'M', "<anna@example.org>", sizeof "<anna@example.org>");
}

/* What follows the answer to MAIL; pieces of a body are answered one by one. */
static void rest_of_message(struct packets *packets)
{
	put(packets, 'R', "<reader@example.net>", sizeof "<reader@example.net>");
	for (size_t i = 0; i < FIELDS; i++) {
		char line[512];
		int name = snprintf(line, sizeof line, "%s", fields[i].name);
		int value = snprintf(line + name + 1, sizeof line - (size_t)name - 1, "%s",
		                     fields[i].value);

		put(packets, 'L', line, (size_t)(name + value + 2));
	}
	put(packets, 'N', NULL, 0);
}

static int connect_to(const char *path)
{
	static const uint32_t offer[] = {6, 511, (1u << 21) - 1};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int file = socket(AF_UNIX, SOCK_STREAM, 0);
	struct packets packets = {NULL, 0};
	uint32_t words[3];
	long ignored = 0;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (file < 0 || connect(file, (struct sockaddr *)&address, sizeof address) != 0) {
		perror("sign_bench: connect");
		exit(1);
	}
	for (size_t i = 0; i < 3; i++)
		words[i] = htonl(offer[i]);
	put(&packets, 'O', words, sizeof words);
	send_all(file, &packets);
	receive_one(file, &ignored);
	packets.length = 0;
	put(&packets, 'C', "client.example.org\04\022\147192.0.2.9",
	    sizeof "client.example.org\0"
	           "4\022\147192.0.2.9");
	put(&packets, 'H', "client.example.org", sizeof "client.example.org");
	send_all(file, &packets);
	free(packets.bytes);
	return file;
}

struct load {
	const char *socket;
	const unsigned char *body;
	size_t length;
	double until;
	atomic_long signatures;
};

static void one_message(int file, const struct load *load, const struct packets *begin,
                        const struct packets *rest, long *signatures)
{
	static const unsigned char end[] = {0, 0, 0, 1, 'E'};

	send_all(file, begin);
	receive_one(file, signatures);
	send_all(file, rest);
	for (size_t at = 0; at < load->length; at += PACKET_MAX) {
		struct packets piece = {NULL, 0};

		put(&piece, 'B', load->body + at,
		    load->length - at < PACKET_MAX ? load->length - at : PACKET_MAX);
		send_all(file, &piece);
		free(piece.bytes);
		receive_one(file, signatures);
	}
	send_all(file, &(const struct packets){(unsigned char *)(uintptr_t)end, sizeof end});
	while (strchr("acrt", receive_one(file, signatures)) == NULL)
		;
}

static void *send_messages(void *with)
{
	struct load *load = with;
	struct packets begin = {NULL, 0}, rest = {NULL, 0};
	int file = connect_to(load->socket);
	long signatures = 0;

	begin_message(&begin);
	rest_of_message(&rest);
	while (now() < load->until)
		one_message(file, load, &begin, &rest, &signatures);
	atomic_fetch_add(&load->signatures, signatures);
	close(file);
	free(begin.bytes);
	free(rest.bytes);
	return NULL;
}

static int through_daemon(const char *path, size_t length, double seconds, size_t connections)
{
	double began = now();
	unsigned char *body = make_body(length);
	struct load load = {
	    .socket = path, .body = body, .length = length, .until = began + seconds};
	pthread_t threads[64];

	if (connections > 64)
		connections = 64;
	for (size_t i = 0; i < connections; i++)
		if (pthread_create(&threads[i], NULL, send_messages, &load) != 0)
			return 1;
	for (size_t i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	printf("%.1f\n", (double)atomic_load(&load.signatures) / (now() - began));
	free(body);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "inside") == 0)
		return inside(argv[2], (size_t)atol(argv[3]), atof(argv[4]));
	if (argc == 4 && strcmp(argv[1], "bare") == 0)
		return bare(argv[2], atof(argv[3]));
	if (argc == 4 && strcmp(argv[1], "memory") == 0)
		return memory(argv[2], atol(argv[3]));
	if (argc == 6 && strcmp(argv[1], "daemon") == 0)
		return through_daemon(argv[2], (size_t)atol(argv[3]), atof(argv[4]),
		                      (size_t)atol(argv[5]));
	fputs("usage: sign_bench inside KEY BODY SECONDS | bare KEY SECONDS | memory KEY COUNT | "
	      "daemon SOCKET BODY SECONDS CONNECTIONS\n",
	      stderr);
	return 64;
}
