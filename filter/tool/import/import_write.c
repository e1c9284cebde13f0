/*
 * import_write.c - writes the draft: assay.conf with comments, the list of what is not in it, and
 * both as JSON. Called by import.c at the end.
 */
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/common/fields_json.h"
#include "tool/import/import_draft.h"

enum {
	WIDTH = 110
};

/* The settings that a draft can hold, as assay.conf groups them. */
static const char *const order[] = {
    "authserv_id",
    "listen",
    "socket.mode",
    "socket.group",
    "user",
    "log.level",
    "networks.ours",
    "networks.forwarders",
    "resolver.servers",
    "resolver.timeout_ms",
    "resolver.trust_anchor",
    "spf.fail",
    "spf.temperror",
    "spf.void_lookups",
    "spf.received_spf",
    "dkim.minimum_rsa_bits",
    "dkim.maximum_signatures",
    "dmarc.enforce",
    "dmarc.unusable_author",
    "quarantine.action",
    "reports.automatic",
    "reports.skip",
    "limits.header_bytes",
    "limits.message_ms",
    NULL,
};

/* Prints each line of `lines` after `before`, wrapped at blanks unless `before` is empty. */
static void print_lines(FILE *to, const char *before, const char *lines)
{
	while (lines != NULL && *lines != '\0') {
		size_t length = strcspn(lines, "\n");
		size_t part = length;

		if (part > WIDTH && before[0] != '\0') {
			part = WIDTH;
			while (part > WIDTH / 2 && lines[part] != ' ')
				part--;
			if (lines[part] != ' ')
				part = length;
		}
		fprintf(to, "%s%.*s\n", before, (int)part, lines);
		lines += part + (part < length || lines[part] == '\n');
	}
}

static void print_items(const struct import_draft *draft, const struct draft_setting *setting,
                        const char *indent, FILE *to)
{
	fprintf(to, "[%s", setting->item_count == 0 ? " " : "\n");
	for (size_t i = 0; i < setting->item_count; i++) {
		const struct draft_item *item = &setting->items[i];

		fprintf(to, "%s\t%s%s", indent, import_draft_quote(draft->arena, item->value),
		        i + 1 < setting->item_count ? "," : "");
		fprintf(to, "  // %s:%u%s%s\n", item->place.file, item->place.line,
		        item->text == NULL ? "" : ": ", item->text == NULL ? "" : item->text);
	}
	fprintf(to, "%s]", setting->item_count == 0 ? "" : indent);
}

static void print_setting(const struct import_draft *draft, const struct draft_setting *setting,
                          const char *name, const char *indent, FILE *to)
{
	char before[16];

	invariant(setting->is_list || setting->value != NULL);
	snprintf(before, sizeof before, "%s// ", indent);
	print_lines(to, before, setting->comments);
	fprintf(to, "%s%s = ", indent, name);
	if (setting->is_list)
		print_items(draft, setting, indent, to);
	else
		fputs(setting->value, to);
	fputs(";\n", to);
}

static void print_settings(const struct import_draft *draft, FILE *to)
{
	char group[32] = "";

	for (size_t i = 0; order[i] != NULL; i++) {
		const struct draft_setting *setting = import_draft_find(draft, order[i]);
		const char *dot = strchr(order[i], '.');
		int length = dot == NULL ? 0 : (int)(dot - order[i]);

		if (setting == NULL)
			continue;
		if (group[0] != '\0' && strncmp(group, order[i], strlen(group)) != 0) {
			fputs("};\n", to);
			group[0] = '\0';
		}
		if (dot != NULL && group[0] == '\0') {
			snprintf(group, sizeof group, "%.*s.", length, order[i]);
			fprintf(to, "\n%.*s: {\n", length, order[i]);
		} else if (dot == NULL) {
			fputs("\n", to);
		}
		print_setting(draft, setting, dot == NULL ? order[i] : dot + 1,
		              dot == NULL ? "" : "\t", to);
	}
	if (group[0] != '\0')
		fputs("};\n", to);
}

static void print_entry(const struct import_entry *entry, bool comma, FILE *to)
{
	const char *before = entry->unusable == NULL ? "\t\t" : "\t//\t";

	print_lines(to, "\t// ", entry->comments);
	if (entry->unusable != NULL)
		print_lines(to, "\t// Not usable: ", entry->unusable);
	fprintf(to, "%s{\n", entry->unusable == NULL ? "\t" : "\t// ");
	for (const char *line = entry->settings; *line != '\0'; line += strcspn(line, "\n") + 1)
		fprintf(to, "%s%.*s\n", before, (int)strcspn(line, "\n"), line);
	fprintf(to, "%s}%s\n", entry->unusable == NULL ? "\t" : "\t// ", comma ? "," : "");
}

static void print_list(const char *name, const struct draft_list *list, FILE *to)
{
	size_t last = list->count, unusable = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].unusable == NULL)
			last = i;
	if (list->count == 0)
		return;
	fprintf(to, "\n%s: (\n", name);
	print_lines(to, "\t// ", list->comments);
	for (size_t i = 0; i < list->count; i++) {
		bool usable = list->items[i].unusable == NULL;

		if (usable || ++unusable <= DRAFT_UNUSABLE_SHOWN)
			print_entry(&list->items[i], i < last && usable, to);
	}
	if (unusable > DRAFT_UNUSABLE_SHOWN)
		fprintf(to, "\t// and %zu more that are not usable\n",
		        unusable - DRAFT_UNUSABLE_SHOWN);
	fputs(");\n", to);
}

static void report_some(const struct import_draft *draft, enum import_loss loss, const char *title,
                        FILE *to, const char *before)
{
	size_t found = 0;

	for (size_t i = 0; i < draft->omission_count; i++) {
		const struct draft_omission *left = &draft->omissions[i];

		if (left->loss != loss)
			continue;
		if (++found == 1)
			fprintf(to, "%s%s\n", before, title);
		if (before[0] != '\0' && found > DRAFT_OMISSIONS_SHOWN)
			continue;
		print_lines(to, before,
		            arena_format(draft->arena, "  %s: %s: %s.",
		                         import_draft_place(draft->arena, left->place), left->text,
		                         left->why));
	}
	if (before[0] != '\0' && found > DRAFT_OMISSIONS_SHOWN)
		fprintf(to, "%s  and %zu more, which `assay import` prints.\n", before,
		        found - DRAFT_OMISSIONS_SHOWN);
}

void import_draft_write(const struct import_draft *draft, FILE *to)
{
	fputs("// assay.conf, made by `assay import`. Above each setting stands where it came "
	      "from; what does not\n// stand here is at Assay's default. At the end: what could "
	      "not be carried over.\n",
	      to);
	print_settings(draft, to);
	print_list("sign", &draft->sign, to);
	print_list("rules", &draft->rules, to);
	fputs("\n", to);
	import_draft_report(draft, to, "// ");
}

void import_draft_report(const struct import_draft *draft, FILE *to, const char *before)
{
	report_some(draft, IMPORT_MISSED, "Look at these: they work differently now:", to, before);
	report_some(draft, IMPORT_NEEDLESS, "Not carried over, and nothing is missing:", to,
	            before);
	if (draft->omission_count == 0)
		fprintf(to, "%sEverything was carried over.\n", before);
}

/* What is printed as JSON, in that shape. */
struct view {
	size_t left_count, settings, sign, rules;
	const struct draft_omission *left;
};

static const struct field left_rows[] = {
    {FIELD_AS("file", FIELD_TEXT, struct draft_omission, place.file)},
    {FIELD_AS("line", FIELD_NUMBER, struct draft_omission, place.line)},
    {FIELD_AS("option", FIELD_TEXT, struct draft_omission, text)},
    {FIELD_AS("missed", FIELD_FLAG, struct draft_omission, loss)},
    {FIELD(FIELD_TEXT, struct draft_omission, why)},
    FIELD_END};

static const struct field view_rows[] = {
    {FIELD(FIELD_LIST, struct view, left), FIELD_ITEMS(struct view, left, left_count, left_rows)},
    {FIELD(FIELD_NUMBER, struct view, settings)},
    {FIELD(FIELD_NUMBER, struct view, sign)},
    {FIELD(FIELD_NUMBER, struct view, rules)},
    FIELD_END};

void import_draft_json(const struct import_draft *draft, FILE *to)
{
	const struct fields_json writer = {.arena = draft->arena, .compact = true};
	const struct view view = {draft->omission_count, draft->setting_count, draft->sign.count,
	                          draft->rules.count, draft->omissions};

	fprintf(to, "%s\n", fields_json_line(&writer, view_rows, &view));
}
