/*
 * settings_print.c - the effective settings as an assay.conf that reads back to the same. Called by
 * `assay config`.
 */
#include "settings/settings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "settings/settings_rows.h"

/* With `changed_only`, settings at their default are left out. */
struct settings_printing {
	FILE *to;
	bool changed_only;
};

static void print_group(const struct settings_printing *printing, const struct setting_group *group,
                        const void *from, const void *standard, int depth);

static void indent(FILE *to, int depth)
{
	for (int i = 0; i < depth; i++)
		fputc('\t', to);
}

static void print_text(FILE *to, const char *text)
{
	fputc('"', to);
	for (const char *byte = text; *byte != '\0'; byte++) {
		if (*byte == '"' || *byte == '\\')
			fputc('\\', to);
		fputc(*byte, to);
	}
	fputc('"', to);
}

static void print_strings(FILE *to, const struct strings *strings)
{
	fputs("[", to);
	for (size_t i = 0; i < strings->count; i++) {
		fputs(i == 0 ? " " : ", ", to);
		print_text(to, strings->items[i]);
	}
	fputs(" ]", to);
}

static void print_networks(FILE *to, const struct networks *networks)
{
	fputs("[", to);
	for (size_t i = 0; i < networks->count; i++) {
		char address[ADDRESS_TEXT];

		fprintf(to, "%s \"%s/%u\"", i == 0 ? "" : ",",
		        address_print(&networks->items[i].address, address),
		        networks->items[i].bits);
	}
	fputs(" ]", to);
}

static void print_number(FILE *to, long number)
{
	fprintf(to, "%ld%s", number, number > INT_MAX || number < INT_MIN ? "L" : "");
}

static void print_list(const struct settings_printing *printing, const struct setting_group *group,
                       const struct setting_list *list, int depth)
{
	invariant(group != NULL && (list->items != NULL || list->count == 0));
	fputs("(", printing->to);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i == 0 ? " {\n" : ", {\n", printing->to);
		print_group(printing, group, (const unsigned char *)list->items + i * group->size,
		            NULL, depth + 1);
		indent(printing->to, depth);
		fputs("}", printing->to);
	}
	fputs(" )", printing->to);
}

/* `standard` is where the default value is; NULL where only the row tells it, in lists. */
static void print_value(const struct settings_printing *printing, const struct setting *row,
                        const void *from, const void *standard, int depth)
{
	FILE *to = printing->to;

	switch (row->type) {
	case SETTING_FLAG:
		fputs(*(const bool *)from ? "true" : "false", to);
		break;
	case SETTING_NUMBER:
		print_number(to, *(const long *)from);
		break;
	case SETTING_STRING:
		print_text(to, *(const char *const *)from);
		break;
	case SETTING_WORD:
		invariant(*(const int *)from >= 0 && row->names != NULL);
		print_text(to, row->names[*(const int *)from]);
		break;
	case SETTING_STRINGS:
		print_strings(to, from);
		break;
	case SETTING_NETWORKS:
		print_networks(to, from);
		break;
	case SETTING_GROUP:
		fputs("{\n", to);
		print_group(printing, row->group, from, standard, depth + 1);
		indent(to, depth);
		fputs("}", to);
		break;
	case SETTING_LIST:
		print_list(printing, row->group, from, depth);
		break;
	}
}

/* The value as it is printed; the caller frees it. NULL without memory. */
static char *value_text(const struct setting *row, const void *from)
{
	struct settings_printing printing = {.changed_only = false};
	char *text = NULL;
	size_t length;

	printing.to = open_memstream(&text, &length);
	if (printing.to == NULL)
		return NULL;
	print_value(&printing, row, from, NULL, 0);
	if (fclose(printing.to) == 0)
		return text;
	free(text);
	return NULL;
}

/* Where memory is short it counts as changed. */
static bool is_changed(const struct setting *row, const void *from, const void *standard)
{
	char *text = value_text(row, from);
	char *other = standard == NULL ? NULL : value_text(row, standard);
	const char *usual = standard == NULL ? row->standard : other;
	bool same = text != NULL && usual != NULL && strcmp(text, usual) == 0;

	free(text);
	free(other);
	return !same;
}

static void print_group(const struct settings_printing *printing, const struct setting_group *group,
                        const void *from, const void *standard, int depth)
{
	invariant(group != NULL);
	for (const struct setting *row = group->rows; row->name != NULL; row++) {
		const void *value = (const unsigned char *)from + row->offset;
		const void *usual =
		    standard == NULL ? NULL : (const unsigned char *)standard + row->offset;

		if (printing->changed_only && !is_changed(row, value, usual))
			continue;
		indent(printing->to, depth);
		fprintf(printing->to, row->group == NULL ? "%s = " : "%s: ", row->name);
		print_value(printing, row, value, usual, depth);
		fputs(";\n", printing->to);
	}
}

void settings_print(const struct settings *settings, FILE *to)
{
	const struct settings_printing printing = {.to = to};

	print_group(&printing, &settings_rows, settings, NULL, 0);
}

void settings_print_changed(const struct settings *settings, const struct settings *standard,
                            FILE *to)
{
	const struct settings_printing printing = {.to = to, .changed_only = true};

	print_group(&printing, &settings_rows, settings, standard, 0);
}

/* The row of a full name outside of lists, and where its value is; NULL where there is none. */
static const struct setting *find_row(const struct setting_group *group, const char *name,
                                      const void **value)
{
	for (const struct setting *row = group->rows; row->name != NULL; row++) {
		size_t length = strlen(row->name);

		if (strncmp(name, row->name, length) != 0 ||
		    (name[length] != '\0' && name[length] != '.'))
			continue;
		*value = (const unsigned char *)*value + row->offset;
		if (name[length] == '\0')
			return row;
		return row->type == SETTING_GROUP ? find_row(row->group, name + length + 1, value)
		                                  : NULL;
	}
	return NULL;
}

bool settings_print_is_standard(const struct settings *settings, const char *name)
{
	const void *value = settings;
	const struct setting *row = find_row(&settings_rows, name, &value);

	return row != NULL && row->standard != NULL && !is_changed(row, value, NULL);
}
