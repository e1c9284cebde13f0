/*
 * key_list.c - `assay key list [DOMAIN]`, the existing keys and what each does, and `assay key
 * check [DOMAIN]`, which also compares each with the DNS and says what is to be published.
 */
#include <sysexits.h>

#include "base/invariant.h"
#include "dns/query_session.h"
#include "tool/common/tool.h"
#include "tool/key/key_print.h"

enum {
	EXIT_TO_DO = 1
};

struct key_list_context {
	const struct key_arguments *arguments;
	struct resolver *resolver; /* NULL: the DNS is not asked */
	struct key_print print;
	struct problem *problem;
	bool to_do, unanswered, unreadable;
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

static void advise(const struct key_list_context *context, const struct key_file *file,
                   const struct key_published *published, struct arena *arena)
{
	if (context->print.json || file->private == NULL || file->state == KEY_RETIRED)
		return;
	if (published->state == KEY_PUBLISHED && file->state == KEY_PENDING)
		printf("      ready to sign: assay key retire %s\n", file->domain);
	if (published->state != KEY_PUBLISHED && published->state != KEY_UNKNOWN) {
		puts("      publish:");
		key_text_publish(file, arena, stdout);
	}
}

static void check_files(struct key_list_context *context, const struct key_files *files,
                        struct arena *arena)
{
	struct query_session *query_session = query_session_open(
	    context->resolver, NULL, context->arguments->settings->limits.message_ms, arena);
	const struct services *services = query_session_services(query_session);

	for (size_t i = 0; i < files->count; i++)
		services_prefetch(services, key_text_name(&files->items[i], arena), RECORD_TXT);
	for (size_t i = 0; i < files->count; i++) {
		const struct key_file *file = &files->items[i];
		struct key_published published = key_published(services, file, arena);

		context->to_do = context->to_do || is_to_do(file, &published);
		context->unanswered = context->unanswered ||
		                      (published.state == KEY_UNKNOWN && file->private != NULL);
		key_print_file(&context->print, file, &published, arena);
		advise(context, file, &published, arena);
	}
}

static void list_files(struct key_list_context *context, const struct key_files *files,
                       struct arena *arena)
{
	for (size_t i = 0; i < files->count; i++) {
		context->unreadable = context->unreadable || files->items[i].private == NULL;
		key_print_file(&context->print, &files->items[i], NULL, arena);
	}
}

static bool list_place(const struct key_place *place, void *context)
{
	struct key_list_context *list = context;
	struct arena *arena = arena_new();
	struct key_files files;
	bool good =
	    key_file_list(place, list->arguments->settings->user, arena, &files, list->problem);

	if (good && list->resolver != NULL)
		check_files(list, &files, arena);
	else if (good)
		list_files(list, &files, arena);
	list->print.domain = place->domain;
	arena_free(arena);
	return good;
}

/* EX_OK, or the status after a message. */
static int list_all(struct key_list_context *context)
{
	const struct key_arguments *arguments = context->arguments;

	invariant(context->print.lines == 0);
	context->print.json = arguments->json;
	if (!key_place_each(arguments, list_place, context, context->problem))
		return tool_complain(EX_NOINPUT, "%s", context->problem->message);
	key_print_end(&context->print, arguments->domain);
	return EX_OK;
}

int key_list(const struct key_arguments *arguments)
{
	struct problem problem;
	struct key_list_context context = {.arguments = arguments, .problem = &problem};
	int status = list_all(&context);

	return context.unreadable ? EX_NOINPUT : status;
}

int key_list_check(const struct key_arguments *arguments)
{
	struct problem problem;
	struct key_list_context context = {.arguments = arguments, .problem = &problem};
	int status;

	context.resolver = resolver_open(&arguments->settings->resolver, &problem);
	if (context.resolver == NULL)
		return tool_complain(EX_UNAVAILABLE, "%s", problem.message);
	status = list_all(&context);
	resolver_close(context.resolver);
	if (status == EX_OK && (context.to_do || context.print.lines == 0))
		return EXIT_TO_DO;
	return status == EX_OK && context.unanswered ? EX_TEMPFAIL : status;
}
