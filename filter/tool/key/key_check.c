/*
 * key_check.c - `assay key check [DOMAIN]`: compares each key with the DNS and says what is to be
 * published.
 */
#include <sysexits.h>

#include "dns/query_session.h"
#include "tool/common/tool.h"
#include "tool/key/key_print.h"

enum {
	EXIT_TO_DO = 1
};

struct key_check_context {
	const struct key_arguments *arguments;
	struct resolver *resolver;
	struct key_print print;
	struct problem *problem;
	bool to_do, unanswered;
};

/* The record of a retired key may be gone or revoked. */
static bool is_to_do(const struct key_file *file, const struct key_published *published)
{
	if (file->problem != NULL)
		return true;
	return file->state != KEY_RETIRED &&
	       (published->state != KEY_PUBLISHED || published->testing) &&
	       published->state != KEY_UNKNOWN;
}

static void advise(const struct key_check_context *check, const struct key_file *file,
                   const struct key_published *published, struct arena *arena)
{
	if (check->print.json || file->private == NULL || file->state == KEY_RETIRED)
		return;
	if (published->state == KEY_PUBLISHED && file->state == KEY_PENDING)
		printf("      ready to sign: assay key retire %s\n", file->domain);
	if (published->state != KEY_PUBLISHED && published->state != KEY_UNKNOWN) {
		puts("      publish:");
		key_text_publish(file, arena, stdout);
	}
}

static void check_files(struct key_check_context *check, const struct key_files *files,
                        struct arena *arena)
{
	struct query_session *query_session = query_session_open(
	    check->resolver, NULL, check->arguments->settings->limits.message_ms, arena);
	const struct services *services = query_session_services(query_session);

	for (size_t i = 0; i < files->count; i++)
		services_prefetch(services, key_text_name(&files->items[i], arena), RECORD_TXT);
	for (size_t i = 0; i < files->count; i++) {
		const struct key_file *file = &files->items[i];
		struct key_published published = key_published(services, file, arena);

		check->to_do = check->to_do || is_to_do(file, &published);
		check->unanswered =
		    check->unanswered || (published.state == KEY_UNKNOWN && file->private != NULL);
		key_print_file(&check->print, file, &published, arena);
		advise(check, file, &published, arena);
	}
}

static bool check_place(const struct key_place *place, void *context)
{
	struct key_check_context *check = context;
	struct arena *arena = arena_new();
	struct key_files files;
	bool good =
	    key_file_list(place, check->arguments->settings->user, arena, &files, check->problem);

	if (good)
		check_files(check, &files, arena);
	check->print.domain = place->domain;
	arena_free(arena);
	return good;
}

int key_check(const struct key_arguments *arguments)
{
	struct problem problem;
	struct key_check_context check = {
	    .arguments = arguments, .print = {.json = arguments->json}, .problem = &problem};
	bool good;

	check.resolver = resolver_open(&arguments->settings->resolver, &problem);
	if (check.resolver == NULL)
		return tool_complain(EX_UNAVAILABLE, "%s", problem.message);
	good = key_place_each(arguments, check_place, &check, &problem);
	resolver_close(check.resolver);
	if (!good)
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	key_print_end(&check.print, arguments->domain);
	if (check.to_do || check.print.lines == 0)
		return EXIT_TO_DO;
	return check.unanswered ? EX_TEMPFAIL : EX_OK;
}
