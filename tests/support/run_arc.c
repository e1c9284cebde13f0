/*
 * run_arc.c - plays a message to the policies that verify signatures, as evaluate.c does.
 */
#include "run_arc.h"

#include "evaluate.h"

void run_arc_open(struct run_arc *run)
{
	run_dkim_open(&run->dkim);
	run->settings = (struct arc_settings){.maximum_sets = 20};
}

void run_arc_close(struct run_arc *run)
{
	run_dkim_close(&run->dkim);
}

struct findings run_arc_message(struct run_arc *run, struct arena *arena,
                                const struct services *services, const struct message *message,
                                const char *body, size_t length)
{
	const struct policies policies = {
	    .count = 2, .opened = {{&policy_dkim, run->dkim.state}, {&policy_arc, &run->settings}}};
	struct evaluation *evaluation = evaluate_begin(&policies, message, services, arena);
	const char *end = body + length;

	for (size_t i = 0; i < message->header_count; i++)
		evaluate_header(evaluation, &message->headers[i]);
	evaluate_end_of_headers(evaluation);
	run->dkim.body_wanted = true;
	while (body < end && run->dkim.body_wanted) {
		size_t left = (size_t)(end - body);
		size_t piece = left < run->dkim.chunk ? left : run->dkim.chunk;

		run->dkim.body_wanted =
		    evaluate_body(evaluation, (const unsigned char *)body, piece);
		body += piece;
	}
	return *evaluate_judge(evaluation);
}

struct findings run_arc(struct run_arc *run, struct arena *arena, const struct services *services,
                        const char *raw, size_t length)
{
	struct message message = {.header_cut = run->dkim.header_cut};
	const char *end = raw + length;
	const char *body = run_dkim_split(arena, &message, raw, end);

	return run_arc_message(run, arena, services, &message, body, (size_t)(end - body));
}
