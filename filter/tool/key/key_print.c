/*
 * key_print.c - one line a key. Called by key_list.c.
 */
#include "tool/key/key_print.h"

#include <string.h>

#include "base/invariant.h"
#include "tool/common/tool_json.h"

enum {
	LINE_LENGTH_MAX = 64 * 1024
};

static void print_json(const struct key_print *print, const struct key_file *file,
                       const struct key_published *published, struct arena *arena)
{
	bool readable = file->private != NULL;
	struct tool_json line;

	tool_json_begin(&line, arena, LINE_LENGTH_MAX);
	tool_json_open(&line, NULL, "{");
	tool_json_text(&line, "domain", file->domain);
	tool_json_text(&line, "selector", file->selector);
	tool_json_text(&line, "file", file->path);
	tool_json_text(&line, "state", key_file_names[file->state]);
	tool_json_text(&line, "until", file->until);
	tool_json_text(&line, "kind",
	               readable ? crypto_kind_names[crypto_private_kind(file->private)] : NULL);
	tool_json_number(&line, "bits", readable ? crypto_private_bits(file->private) : 0);
	tool_json_text(&line, "problem", file->problem);
	tool_json_text(&line, "name", key_text_name(file, arena));
	tool_json_text(&line, "record", key_text_value(file, arena));
	tool_json_text(&line, "dns",
	               published == NULL ? NULL : key_published_names[published->state]);
	tool_json_text(&line, "dns_words", published == NULL ? NULL : published->text);
	tool_json_flag(&line, "testing", published != NULL && published->testing);
	tool_json_flag(&line, "secure", published != NULL && published->secure);
	tool_json_close(&line, "}");
	printf("%s\n  %s", print->lines == 0 ? "{\"keys\": [" : ",", line.text.bytes);
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
