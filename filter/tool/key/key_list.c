/*
 * key_list.c - `assay key list [DOMAIN]`, the existing keys and what each does; `assay key check
 * [DOMAIN]`, which also compares each with the DNS and says what is to be published; `assay key dns
 * DOMAIN [SELECTOR]`, the records that publish them.
 */
#include <string.h>
#include <sysexits.h>

#include "base/invariant.h"
#include "dns/query_session.h"
#include "tool/common/fields_json.h"
#include "tool/common/tool.h"
#include "tool/key/key.h"

enum {
	EXIT_TO_DO = 1
};

/* The list while it is printed. */
struct key_print {
	bool json;
	size_t lines;
	const char *domain; /* of the line before */
};

struct key_list_context {
	const struct key_arguments *arguments;
	struct resolver *resolver; /* NULL: the DNS is not asked */
	struct key_print print;
	struct problem *problem;
	bool to_do, unanswered, unreadable;
};

struct view {
	struct key_file file;
	struct key_published published;
	const char *kind, *name, *record, *dns;
	unsigned bits;
};

#define FILE_FIELD(member) FIELD_AS(#member, FIELD_TEXT, struct view, file.member)

static const struct field rows[] = {
    {FILE_FIELD(domain)},
    {FILE_FIELD(selector)},
    {FIELD_AS("file", FIELD_TEXT, struct view, file.path)},
    {FIELD_AS("state", FIELD_NAME, struct view, file.state), .names = key_file_names},
    {FILE_FIELD(until)},
    {FIELD(FIELD_TEXT, struct view, kind)},
    {FIELD(FIELD_NUMBER, struct view, bits)},
    {FILE_FIELD(problem)},
    {FIELD(FIELD_TEXT, struct view, name)},
    {FIELD(FIELD_TEXT, struct view, record)},
    {FIELD(FIELD_TEXT, struct view, dns)},
    {FIELD_AS("dns_words", FIELD_TEXT, struct view, published.text)},
    {FIELD_AS("testing", FIELD_FLAG, struct view, published.testing)},
    {FIELD_AS("secure", FIELD_FLAG, struct view, published.secure)},
    FIELD_END};

static void print_json(const struct key_print *print, const struct key_file *file,
                       const struct key_published *published, struct arena *arena)
{
	const struct fields_json writer = {.arena = arena};
	struct view view = {.file = *file,
	                    .name = key_text_name(file, arena),
	                    .record = key_text_value(file, arena)};

	if (file->private != NULL) {
		view.kind = crypto_kind_names[crypto_private_kind(file->private)];
		view.bits = crypto_private_bits(file->private);
	}
	if (published != NULL) {
		view.published = *published;
		view.dns = key_published_names[published->state];
	}
	printf("%s\n  %s", print->lines == 0 ? "{\"keys\": [" : ",",
	       fields_json_line(&writer, rows, &view));
}

static void print_line(struct key_print *print, const struct key_file *file,
                       const struct key_published *published, struct arena *arena)
{
	invariant(file->state <= KEY_RETIRED);
	if (print->domain == NULL || strcmp(print->domain, file->domain) != 0)
		printf("%s\n", file->domain);
	printf("  %-16s  %-10s  %s%s%s", file->selector, key_text_kind(file->private, arena),
	       key_file_names[file->state], file->until == NULL ? "" : " until ",
	       file->until == NULL ? "" : file->until);
	if (published == NULL)
		printf("  %s\n", file->path);
	else
		printf("  %s: %s\n", key_published_names[published->state], published->text);
	if (file->problem != NULL && (published == NULL || file->private != NULL))
		printf("      %s\n", file->problem);
}

static void key_print_file(struct key_print *print, const struct key_file *file,
                           const struct key_published *published, struct arena *arena)
{
	if (print->json)
		print_json(print, file, published, arena);
	else
		print_line(print, file, published, arena);
	print->domain = file->domain;
	print->lines++;
}

static void key_print_end(struct key_print *print, const char *domain)
{
	if (print->json)
		puts(print->lines == 0 ? "{\"keys\": []}" : "\n]}");
	else if (print->lines == 0)
		printf("There are no keys; make some with: assay key new %s\n",
		       domain == NULL ? "DOMAIN" : domain);
}

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

int key_dns(const struct key_arguments *arguments)
{
	struct key_place place = key_place_find(arguments);
	struct key_files files;
	struct problem problem;
	size_t printed = 0;
	int status = EX_OK;

	if (!key_file_list(&place, arguments->settings->user, arguments->arena, &files, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	for (size_t i = 0; i < files.count; i++) {
		const struct key_file *file = &files.items[i];

		if (arguments->selector != NULL && strcmp(arguments->selector, file->selector) != 0)
			continue;
		printed++;
		if (file->private == NULL) {
			status = tool_complain(EX_NOINPUT, "%s", file->problem);
			continue;
		}
		if (file->state == KEY_RETIRED)
			printf("; retired: the record may go after %s\n", file->until);
		key_text_publish(file, arguments->arena, stdout);
	}
	if (printed == 0)
		return tool_complain(EX_NOINPUT,
		                     "%s holds no such key; make one with: assay key new %s",
		                     place.path, arguments->domain);
	return status;
}
