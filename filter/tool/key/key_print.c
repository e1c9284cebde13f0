/*
 * key_print.c - one line a key. Called by key_list.c and key_check.c.
 */
#include "tool/key/key_print.h"

#include <stdlib.h>
#include <string.h>

#include "report/json_text.h"

enum {
	LINE_MOST = 64 * 1024
};

static void add_or_null(struct text *line, const char *name, const char *value)
{
	text_add(line, line->length == 1 ? "" : ", ");
	if (value != NULL) {
		json_text_add_member(line, name, value);
		return;
	}
	json_text_add(line, name);
	text_add(line, ":null");
}

static void print_json(const struct key_print *print, const struct key_file *file,
                       const struct key_published *published, struct arena *arena)
{
	bool readable = file->private != NULL;
	struct text line;

	text_begin(&line, arena, LINE_MOST);
	text_add(&line, "{");
	add_or_null(&line, "domain", file->domain);
	add_or_null(&line, "selector", file->selector);
	add_or_null(&line, "file", file->path);
	add_or_null(&line, "state", key_file_words[file->state]);
	add_or_null(&line, "until", file->until);
	add_or_null(&line, "kind", readable ? crypto_kind_words[crypto_private_kind(file->private)] : NULL);
	text_add_format(&line, ", \"bits\":%u", readable ? crypto_private_bits(file->private) : 0);
	add_or_null(&line, "problem", file->problem);
	add_or_null(&line, "name", key_text_name(file, arena));
	add_or_null(&line, "record", key_text_value(file, arena));
	add_or_null(&line, "dns", published == NULL ? NULL : key_published_words[published->state]);
	add_or_null(&line, "dns_words", published == NULL ? NULL : published->words);
	text_add_format(&line, ", \"testing\":%s, \"secure\":%s}",
	                published != NULL && published->testing ? "true" : "false",
	                published != NULL && published->secure ? "true" : "false");
	printf("%s\n  %s", print->lines == 0 ? "{\"keys\": [" : ",", line.bytes);
}

static void print_line(struct key_print *print, const struct key_file *file,
                       const struct key_published *published, struct arena *arena)
{
	if (print->domain == NULL || strcmp(print->domain, file->domain) != 0)
		printf("%s\n", file->domain);
	printf("  %-16s  %-10s  %s%s%s", file->selector, key_text_kind(file->private, arena),
	       key_file_words[file->state], file->until == NULL ? "" : " until ",
	       file->until == NULL ? "" : file->until);
	if (published == NULL)
		printf("  %s\n", file->path);
	else
		printf("  %s: %s\n", key_published_words[published->state], published->words);
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
