/*
 * key_print.c - one line a key. Called by key_list.c.
 */
#include "tool/key/key_print.h"

#include <string.h>

#include "base/invariant.h"
#include "tool/common/fields_json.h"

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

void key_print_file(struct key_print *print, const struct key_file *file,
                    const struct key_published *published, struct arena *arena)
{
	if (print->json)
		print_json(print, file, published, arena);
	else
		print_line(print, file, published, arena);
	print->domain = file->domain;
	print->lines++;
}

void key_print_end(struct key_print *print, const char *domain)
{
	if (print->json)
		puts(print->lines == 0 ? "{\"keys\": []}" : "\n]}");
	else if (print->lines == 0)
		printf("There are no keys; make some with: assay key new %s\n",
		       domain == NULL ? "DOMAIN" : domain);
}

void key_print_reload(void)
{
	puts("Then let assayd read its keys again: systemctl reload assay (or kill -USR1 its "
	     "process).");
}
