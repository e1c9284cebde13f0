/*
 * run_dkim.c - splits a raw message into fields and body as the session's stages do and plays them
 * to policy_dkim.
 */
#include "run_dkim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void run_dkim_open(struct run_dkim *run)
{
	struct problem problem;

	*run = (struct run_dkim){.settings = malloc(sizeof *run->settings), .chunk = 65535};
	if (run->settings == NULL)
		abort();
	*run->settings = (struct dkim_settings){1024, 10, BODY_LENGTH_DISTRUST, true};
	if (!policy_dkim.open(run->settings, &run->state, &problem)) {
		fprintf(stderr, "%s\n", problem.message);
		exit(2);
	}
}

void run_dkim_close(struct run_dkim *run)
{
	policy_dkim.close(run->state);
	free(run->settings);
}

/* Every line end of a field becomes CRLF, the last one goes. A CR without LF stays, as with a mail
 * server. */
static char *with_line_ends(struct arena *arena, const char *at, const char *end)
{
	char *copy = arena_allocate(arena, (size_t)(end - at) * 2 + 1);
	size_t length = 0;

	for (; at < end; at++) {
		if (*at == '\n' && (length == 0 || copy[length - 1] != '\r'))
			copy[length++] = '\r';
		copy[length++] = *at;
	}
	if (length >= 2 && copy[length - 1] == '\n')
		copy[length - 2] = '\0';
	return copy;
}

/* The end of the line at `at`, its line end included. */
static const char *line_after(const char *at, const char *end)
{
	const char *feed = memchr(at, '\n', (size_t)(end - at));

	return feed == NULL ? end : feed + 1;
}

const char *run_dkim_split(struct arena *arena, struct message *message, const char *at,
                           const char *end)
{
	struct header *fields;
	size_t lines = 1;

	for (const char *byte = at; byte < end; byte++)
		lines += *byte == '\n';
	fields = arena_allocate(arena, lines * sizeof *fields);
	message->headers = fields;
	while (at < end && *at != '\r' && *at != '\n') {
		const char *next = line_after(at, end);
		const char *colon = memchr(at, ':', (size_t)(next - at));

		while (next < end && (*next == ' ' || *next == '\t'))
			next = line_after(next, end);
		if (colon != NULL) {
			struct header *field = &fields[message->header_count];

			field->name = arena_copy(arena, at, (size_t)(colon - at));
			field->value = with_line_ends(arena, colon + 1, next);
			message->header_count++;
		}
		at = next;
	}
	return at < end ? line_after(at, end) : end;
}

struct dkim_finding run_dkim(struct run_dkim *run, struct arena *arena,
                             const struct services *services, const char *raw, size_t length)
{
	struct message message = {.header_cut = run->header_cut};
	const char *end = raw + length;
	const char *body = run_dkim_split(arena, &message, raw, end);
	struct findings findings = {.judged = true};
	void *work = policy_dkim.begin(run->state, &message, services, arena);

	for (size_t i = 0; i < message.header_count; i++)
		policy_dkim.header(work, &message.headers[i]);
	policy_dkim.end_of_headers(work);
	run->body_wanted = true;
	while (body < end && run->body_wanted) {
		size_t piece =
		    (size_t)(end - body) < run->chunk ? (size_t)(end - body) : run->chunk;

		run->body_wanted = policy_dkim.body(work, (const unsigned char *)body, piece);
		body += piece;
	}
	policy_dkim.judge(work, &findings);
	for (size_t i = 0; i < findings.dkim.count; i++)
		if (findings.dkim.signatures[i].second_opinion != NULL) {
			fprintf(stderr, "signature %zu: we find %s, %s\n", i + 1,
			        result_names[findings.dkim.signatures[i].result],
			        findings.dkim.signatures[i].second_opinion);
			abort();
		}
	return findings.dkim;
}
