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

struct key_check_checking {
	const struct key_asked *asked;
	struct resolver *resolver;
	struct key_print print;
	struct problem *problem;
	bool to_do, unanswered;
};

/* A retired key's record may be gone or revoked; the day is what counts. */
static bool is_to_do(const struct key_file *file, const struct key_published *published)
{
	if (file->problem != NULL)
		return true;
	return file->state != KEY_RETIRED &&
	       (published->state != KEY_PUBLISHED || published->testing) &&
	       published->state != KEY_UNKNOWN;
}

static void advise(const struct key_check_checking *checking, const struct key_file *file,
                   const struct key_published *published, struct arena *arena)
{
	if (checking->print.json || file->private == NULL || file->state == KEY_RETIRED)
		return;
	if (published->state == KEY_PUBLISHED && file->state == KEY_PENDING)
		printf("      ready to sign: assay key retire %s\n", file->domain);
	if (published->state != KEY_PUBLISHED && published->state != KEY_UNKNOWN) {
		puts("      publish:");
		key_text_publish(file, arena, stdout);
	}
}

static void check_files(struct key_check_checking *checking, const struct key_files *files,
                        struct arena *arena)
{
	struct query_session *query_session = query_session_open(
	    checking->resolver, NULL, checking->asked->settings->limits.message_ms, arena);
	const struct services *services = query_session_services(query_session);

	for (size_t i = 0; i < files->count; i++)
		services_prefetch(services, key_text_name(&files->items[i], arena), RECORD_TXT);
	for (size_t i = 0; i < files->count; i++) {
		const struct key_file *file = &files->items[i];
		struct key_published published = key_published(services, file, arena);

		checking->to_do = checking->to_do || is_to_do(file, &published);
		checking->unanswered = checking->unanswered ||
		                       (published.state == KEY_UNKNOWN && file->private != NULL);
		key_print_file(&checking->print, file, &published, arena);
		advise(checking, file, &published, arena);
	}
}

static bool check_place(const struct key_place *place, void *with)
{
	struct key_check_checking *checking = with;
	struct arena *arena = arena_new();
	struct key_files files;
	bool good =
	    key_file_list(place, checking->asked->settings->user, arena, &files, checking->problem);

	if (good)
		check_files(checking, &files, arena);
	checking->print.domain = place->domain;
	arena_free(arena);
	return good;
}

int key_check(const struct key_asked *asked)
{
	struct problem problem;
	struct key_check_checking checking = {
	    .asked = asked, .print = {.json = asked->json}, .problem = &problem};
	bool good;

	checking.resolver = resolver_open(&asked->settings->resolver, &problem);
	if (checking.resolver == NULL)
		return tool_complain(EX_UNAVAILABLE, "%s", problem.message);
	good = key_place_each(asked, check_place, &checking, &problem);
	resolver_close(checking.resolver);
	if (!good)
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	key_print_end(&checking.print, asked->domain);
	if (checking.to_do || checking.print.lines == 0)
		return EXIT_TO_DO;
	return checking.unanswered ? EX_TEMPFAIL : EX_OK;
}
