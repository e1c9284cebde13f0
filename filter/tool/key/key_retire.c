/*
 * key_retire.c - `assay key retire DOMAIN [SELECTOR]`, the second half of a rotation: keys that
 * wait begin to sign once the DNS has them, and older ones of the same kind stop; their records
 * stay for mail that is still under way. With a selector only that key stops.
 */
#include <string.h>
#include <sysexits.h>

#include "base/invariant.h"
#include "base/text.h"
#include "dns/query_session.h"
#include "tool/common/tool.h"
#include "tool/key/key.h"

enum {
	EXIT_TO_DO = 1,
	DAYS_KEPT = 7
};

struct context {
	const struct key_arguments *arguments;
	const struct key_files *files;
	const struct services *services; /* NULL: --without-dns */
	const char *until;
};

/* "/keys/20261122r" + ending */
static const char *renamed(const struct key_file *file, const char *ending, struct arena *arena)
{
	const char *slash = strrchr(file->path, '/');

	invariant(slash != NULL);
	return arena_format(arena, "%.*s/%s.%s", (int)(slash - file->path), file->path,
	                    file->selector, ending);
}

static bool is_published(const struct context *context, const struct key_file *file,
                         const char **why)
{
	struct key_published published;

	*why = file->problem;
	if (file->private == NULL)
		return false;
	if (context->services == NULL)
		return true;
	published = key_published(context->services, file, context->arguments->arena);
	*why = published.text;
	return published.state == KEY_PUBLISHED;
}

static bool same_kind(const struct key_file *one, const struct key_file *other)
{
	return one->private != NULL && other->private != NULL &&
	       crypto_private_kind(one->private) == crypto_private_kind(other->private);
}

/* Is a new key of this kind waiting? */
static bool is_replaced(const struct context *context, const struct key_file *file)
{
	for (size_t i = 0; i < context->files->count; i++)
		if (context->files->items[i].state == KEY_PENDING &&
		    same_kind(file, &context->files->items[i]))
			return true;
	return false;
}

static int retire_key(const struct context *context, const struct key_file *file)
{
	struct arena *arena = context->arguments->arena;
	struct problem problem;
	const char *to = renamed(file, arena_format(arena, "retired-%s", context->until), arena);

	invariant(file->state == KEY_SIGNS);
	if (!key_file_rename(file->path, to, &problem))
		return tool_complain(EX_CANTCREAT, "%s", problem.message);
	printf("%s has stopped signing. Its record %s has to stay until %s; after that day the "
	       "record may go, and %s too.\n",
	       file->selector, key_text_name(file, arena), context->until, to);
	return EX_OK;
}

/* All that wait, or none: a domain is never half rotated. */
static int pending_ready(const struct context *context)
{
	size_t waiting = 0;
	const char *why;

	for (size_t i = 0; i < context->files->count; i++) {
		const struct key_file *file = &context->files->items[i];

		if (file->state != KEY_PENDING)
			continue;
		waiting++;
		if (!is_published(context, file, &why))
			return tool_complain(EXIT_TO_DO,
			                     "%s does not sign yet, nothing was changed: %s. What "
			                     "to publish: assay key dns %s %s",
			                     file->selector, why, file->domain, file->selector);
	}
	if (waiting == 0)
		return tool_complain(
		    EXIT_TO_DO, "no new key of %s waits; make new ones first: assay key new %s",
		    context->arguments->domain, context->arguments->domain);
	return EX_OK;
}

/* New ones first: meanwhile both sign, which does no harm. */
static int key_retire_rotate(const struct context *context)
{
	struct arena *arena = context->arguments->arena;
	int status = pending_ready(context);
	struct problem problem;

	for (size_t i = 0; status == EX_OK && i < context->files->count; i++) {
		const struct key_file *file = &context->files->items[i];

		if (file->state != KEY_PENDING)
			continue;
		if (!key_file_rename(file->path, renamed(file, "pem", arena), &problem))
			return tool_complain(EX_CANTCREAT, "%s", problem.message);
		printf("%s signs from the next reload on.\n", file->selector);
	}
	for (size_t i = 0; status == EX_OK && i < context->files->count; i++) {
		const struct key_file *file = &context->files->items[i];

		if (file->state == KEY_SIGNS && is_replaced(context, file))
			status = retire_key(context, file);
	}
	return status;
}

static int retire_selected(const struct context *context)
{
	const char *selector = context->arguments->selector, *why;
	const struct key_file *selected = NULL;
	bool another = false;

	for (size_t i = 0; i < context->files->count; i++) {
		const struct key_file *file = &context->files->items[i];

		if (file->state != KEY_SIGNS)
			continue;
		if (strcmp(file->selector, selector) == 0)
			selected = file;
		else
			another = another || is_published(context, file, &why);
	}
	if (selected == NULL)
		return tool_complain(EXIT_TO_DO, "no key %s of %s signs", selector,
		                     context->arguments->domain);
	if (!another)
		return tool_complain(EXIT_TO_DO,
		                     "%s would be left without a key that signs and that the DNS "
		                     "has; nothing was changed",
		                     context->arguments->domain);
	return retire_key(context, selected);
}

int key_retire(const struct key_arguments *arguments)
{
	struct key_place place = key_place_find(arguments);
	struct key_files files;
	struct context context = {arguments, &files, NULL,
	                          key_text_day(arguments->arena, DAYS_KEPT, true)};
	struct resolver *resolver = NULL;
	struct problem problem;
	struct arena *arena;
	int status;

	if (place.one_file)
		return tool_complain(EX_CONFIG, "%s is one key file; a rotation needs a folder",
		                     place.path);
	if (!key_file_list(&place, arguments->settings->user, arguments->arena, &files, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	if (!arguments->without_dns &&
	    (resolver = resolver_open(&arguments->settings->resolver, &problem)) == NULL)
		return tool_complain(EX_UNAVAILABLE, "%s", problem.message);
	arena = arena_new();
	if (resolver != NULL)
		context.services = query_session_services(query_session_open(
		    resolver, NULL, arguments->settings->limits.message_ms, arena));
	status =
	    arguments->selector == NULL ? key_retire_rotate(&context) : retire_selected(&context);
	arena_free(arena);
	resolver_close(resolver);
	if (status == EX_OK)
		key_text_reload();
	return status;
}
