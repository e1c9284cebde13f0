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

static void print_group(FILE *to, const struct setting_group *group, const void *from, int depth);

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

static void print_list(FILE *to, const struct setting_group *group, const struct setting_list *list,
                       int depth)
{
	invariant(group != NULL);
	fputs("(", to);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i == 0 ? " {\n" : ", {\n", to);
		print_group(to, group, (const unsigned char *)list->items + i * group->size,
		            depth + 1);
		indent(to, depth);
		fputs("}", to);
	}
	fputs(" )", to);
}

static void print_value(FILE *to, const struct setting *row, const void *from, int depth)
{
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
		print_group(to, row->group, from, depth + 1);
		indent(to, depth);
		fputs("}", to);
		break;
	case SETTING_LIST:
		print_list(to, row->group, from, depth);
		break;
	}
}

static void print_group(FILE *to, const struct setting_group *group, const void *from, int depth)
{
	invariant(group != NULL);
	for (const struct setting *row = group->rows; row->name != NULL; row++) {
		indent(to, depth);
		fprintf(to, row->group == NULL ? "%s = " : "%s: ", row->name);
		print_value(to, row, (const unsigned char *)from + row->offset, depth);
		fputs(";\n", to);
	}
}

void settings_print(const struct settings *settings, FILE *to)
{
	print_group(to, &settings_rows, settings, 0);
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
	char *text = NULL;
	size_t length;
	FILE *to;
	bool same;

	if (row == NULL || row->standard == NULL)
		return false;
	to = open_memstream(&text, &length);
	if (to == NULL)
		return false;
	print_value(to, row, value, 0);
	same = fclose(to) == 0 && strcmp(text, row->standard) == 0;
	free(text);
	return same;
}
