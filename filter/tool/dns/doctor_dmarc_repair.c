/*
 * doctor_dmarc_repair.c - broken DMARC records, texts that were meant to be one, and how to repair
 * them. Called by doctor_dmarc.c and doctor_dmarc_record.c.
 */
#include "tool/dns/doctor_dmarc.h"

#include <string.h>

#include "base/text.h"

enum {
	REPAIRED_MAX = 2000
};

static const char *const versions[] = {
    "v=dmarc1", "v = dmarc1", "v= dmarc1", "v =dmarc1", "v=dmarc 1", "v:dmarc1", "v=dmarc",
    "v=dmark1", "v=damrc1",   "dmarc=1",   "vdmarc1",   "dmarc1",    NULL};
static const char after_version[] = ".:,; ";

static const char *const tags[] = {"p",   "sp",  "np", "adkim", "aspf", "fo", "rua",
                                   "ruf", "psd", "t",  "pct",   "rf",   "ri", NULL};

static const struct {
	const char *typo, *tag;
} typos[] = {
    {"policy", "p"},    {"pol", "p"},      {"subdomain", "sp"}, {"subpolicy", "sp"},
    {"rau", "rua"},     {"ura", "rua"},    {"rfu", "ruf"},      {"fur", "ruf"},
    {"dkim", "adkim"},  {"spf", "aspf"},   {"adikm", "adkim"},  {"akdim", "adkim"},
    {"asfp", "aspf"},   {"apsf", "aspf"},  {"test", "t"},       {"report", "rua"},
    {"reports", "rua"}, {"mailto", "rua"}, {"ps", "sp"},        {"percent", "pct"},
};

const char *doctor_dmarc_repair_tag(const char *name)
{
	for (size_t i = 0; i < sizeof typos / sizeof typos[0]; i++)
		if (text_same(name, typos[i].typo))
			return typos[i].tag;
	return NULL;
}

/* The tag (or typo of one) that begins here with its "=", or NULL; *length is that of the name with
 * the "=".
 */
static const char *tag_at(struct arena *arena, const char *at, size_t *length)
{
	size_t letters = 0;
	const char *name;
	int known;

	while (text_is_letter(at[letters]))
		letters++;
	*length = letters + strspn(at + letters, " ");
	if (letters == 0 || letters > 12 || at[*length] != '=')
		return NULL;
	++*length;
	name = arena_copy(arena, at, letters);
	known = text_word(tags, name);
	return known >= 0 ? tags[known] : doctor_dmarc_repair_tag(name);
}

const char *doctor_dmarc_repair_run_on(struct arena *arena, const char *value, const char **tag)
{
	for (const char *at = value; *at != '\0'; at++) {
		size_t length;

		*tag =
		    at > value && strchr(" ,", at[-1]) != NULL ? tag_at(arena, at, &length) : NULL;
		if (*tag != NULL)
			return at;
	}
	return NULL;
}

/* A value goes to the next semicolon or the next tag. */
static size_t value_length(struct arena *arena, const char *value)
{
	size_t length = 0, unused;

	while (value[length] != '\0' && value[length] != ';' &&
	       !(length > 0 && strchr(" ,", value[length - 1]) != NULL &&
	         tag_at(arena, value + length, &unused) != NULL))
		length++;
	while (length > 0 && strchr(" ,.", value[length - 1]) != NULL)
		length--;
	return length;
}

static bool add_tag(struct arena *arena, struct text *line, const char **rest)
{
	size_t length;
	const char *tag = tag_at(arena, *rest, &length);

	if (tag == NULL)
		return false;
	*rest += length;
	*rest += strspn(*rest, " ");
	length = value_length(arena, *rest);
	if (text_word((const char *const[]){"pct", "rf", "ri", NULL}, tag) < 0) {
		text_add_format(line, "; %s=", tag);
		if ((strcmp(tag, "rua") == 0 || strcmp(tag, "ruf") == 0) &&
		    memchr(*rest, ':', length) == NULL)
			text_add(line, "mailto:");
		text_add_bytes(line, *rest, length);
	}
	*rest += length;
	*rest += strspn(*rest, " ;,.");
	return true;
}

const char *doctor_dmarc_repair(struct doctor *doctor, const char *text, size_t length)
{
	const char *cleaned, *rest = doctor_spf_repair_begin(doctor->arena, text, length, versions,
	                                                     after_version, &cleaned);
	const struct policy_record *record;
	struct text line;

	if (rest == NULL)
		return NULL;
	text_begin(&line, doctor->arena, REPAIRED_MAX);
	text_add(&line, "v=DMARC1");
	while (*rest != '\0')
		if (!add_tag(doctor->arena, &line, &rest))
			return NULL;
	record = line.cut ? NULL : policy_record_read(doctor->arena, line.bytes, line.length);
	return record == NULL || record->error != NULL ? NULL : line.bytes;
}

bool doctor_dmarc_repair_is_near(struct doctor *doctor, const char *text, size_t length)
{
	const char *cleaned, *rest = doctor_spf_repair_begin(doctor->arena, text, length, versions,
	                                                     after_version, &cleaned);

	return cleaned != NULL && (rest != NULL || (strncasecmp(cleaned, "p=", 2) == 0 &&
	                                            strcasestr(cleaned, "rua=") != NULL));
}
