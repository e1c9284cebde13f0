/*
 * doctor_spf_repair.c - repairs broken SPF records, and finds TXT records that were meant to be SPF
 * records. Called by doctor_spf.c and doctor_spf_tree.c.
 *
 * Usual mistakes are corrected: quotes, punctuation, wrong names of mechanisms, missing spaces. The
 * result is suggested only if spf_record.c accepts it.
 */
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/dns/doctor_spf.h"

enum {
	REPAIRED_MAX = 2000,
	TERMS_MAX = 200
};

static const char version[] = "v=spf1", after_version[] = ".;,: /";

/* Octets that word processors and web forms insert, and what replaces them. */
static const struct {
	const char *from, *to;
} strays[] = {
    {"\xE2\x80\x9C", ""},
    {"\xE2\x80\x9D", ""},
    {"\xE2\x80\x98", ""},
    {"\xE2\x80\x99", ""},
    {"\xE2\x80\x9E", ""},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x80\x94", "-"},
    {"\xC2\xA0", " "},
    {"\xE2\x80\x8B", ""},
    {"\"", ""},
    {"'", ""},
    {"\\", ""},
    {"\t", " "},
    {"\r", " "},
    {"\n", " "},
};

/* A copy without them, in one space between terms, without spaces at its ends. */
static char *clean_text(struct arena *arena, const char *text, size_t length)
{
	const char *end = text + length;
	struct text line;

	text_begin(&line, arena, REPAIRED_MAX);
	while (text < end) {
		const char octet[] = {*text, '\0'};
		const char *replacement = NULL;

		for (size_t i = 0; replacement == NULL && i < sizeof strays / sizeof strays[0];
		     i++) {
			size_t stray = strlen(strays[i].from);

			if (stray > (size_t)(end - text) ||
			    memcmp(text, strays[i].from, stray) != 0)
				continue;
			replacement = strays[i].to;
			text += stray - 1;
		}
		if (replacement == NULL)
			replacement = octet;
		if (strcmp(replacement, " ") != 0 ||
		    (line.length > 0 && line.bytes[line.length - 1] != ' '))
			text_add(&line, replacement);
		text++;
	}
	while (line.length > 0 && line.bytes[line.length - 1] == ' ')
		line.bytes[--line.length] = '\0';
	return line.cut ? NULL : line.bytes;
}

/* Mistakes for v=spf1. */
static const char *const versions[] = {"v = spf1", "v= spf1", "v =spf1", "v=spf1",  "spf=v1",
                                       "v=sfp1",   "v=psf1",  "v:spf1",  "v=spf 1", "v=spf",
                                       "vspf1",    "=spf1",   "spf1",    NULL};

const char *doctor_spf_repair_begin(struct arena *arena, const char *text, size_t length,
                                    const char *const *mistakes, const char *between,
                                    const char **cleaned)
{
	const char *clean = length > REPAIRED_MAX ? NULL : clean_text(arena, text, length);
	const char *after = NULL;

	*cleaned = clean;
	for (; clean != NULL && *mistakes != NULL; mistakes++) {
		size_t size = strlen(*mistakes);

		if (strlen(clean) >= size && text_same_bytes(clean, *mistakes, size) &&
		    (after == NULL || clean + size > after))
			after = clean + size;
	}
	return after == NULL ? NULL : after + strspn(after, between);
}

static const struct {
	const char *from, *to;
} names[] = {
    {"ipv4:", "ip4:"},
    {"ipv6:", "ip6:"},
    {"ip:", "ip4:"},
    {"ip4=", "ip4:"},
    {"ip6=", "ip6:"},
    {"ipv4=", "ip4:"},
    {"ipv6=", "ip6:"},
    {"ip4.", "ip4:"},
    {"include=", "include:"},
    {"includes:", "include:"},
    {"inlcude:", "include:"},
    {"inculde:", "include:"},
    {"incude:", "include:"},
    {"include;", "include:"},
    {"a=", "a:"},
    {"mx=", "mx:"},
    {"ptr=", "ptr:"},
    {"exists=", "exists:"},
    {"redirect:", "redirect="},
    {"exp:", "exp="},
};

static const char *const mechanisms[] = {
    "include:", "ip4:", "ip6:", "a:", "mx:", "exists:", "ptr:", "redirect=", "exp="};

/* Does a term begin here? Only names that cannot be the end of a domain name or an address. */
static bool begins_term(const char *at, size_t left)
{
	static const char *const long_names[] = {
	    "include:", "ip4:", "ip6:", "exists:", "redirect="};
	static const char *const ends[] = {"-all", "~all", "?all", "+all"};

	for (size_t i = 0; i < sizeof long_names / sizeof long_names[0]; i++)
		if (left > strlen(long_names[i]) &&
		    text_same_bytes(at, long_names[i], strlen(long_names[i])))
			return true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (left >= 4 && text_same_bytes(at, ends[i], 4) && (left == 4 || at[4] == ' '))
			return true;
	return false;
}

size_t doctor_spf_repair_seam(const char *text, size_t length)
{
	for (size_t at = sizeof version - 1; at < length; at++) {
		bool inside = text[at - 1] > ' ' && strchr("+-~?", text[at - 1]) == NULL;

		if (inside && begins_term(text + at, length - at))
			return at;
	}
	return 0;
}

/* "all" or "+all", which nobody should publish. */
static bool is_open(const char *term, size_t length)
{
	return (length == 3 && text_same_bytes(term, "all", 3)) ||
	       (length == 4 && text_same_bytes(term, "+all", 4));
}

/* Appends a term without punctuation at its end and with the right name. */
static void add_term(struct text *line, const char *term, size_t length)
{
	size_t sign = length > 0 && strchr("+-~?", term[0]) != NULL;

	while (length > 0 && strchr(";,.", term[length - 1]) != NULL)
		length--;
	if (length == 0)
		return;
	text_add(line, " ");
	if (is_open(term, length)) {
		text_add(line, "~all");
		return;
	}
	text_add_bytes(line, term, sign);
	term += sign;
	length -= sign;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t from = strlen(names[i].from);

		if (length <= from || !text_same_bytes(term, names[i].from, from))
			continue;
		text_add(line, names[i].to);
		text_add_bytes(line, term + from, length - from);
		return;
	}
	text_add_bytes(line, term, length);
}

static bool is_bare_name(const char *term, size_t length)
{
	return length > 0 && term[length - 1] == ':' && length <= strlen("redirect=");
}

/* The terms behind the version, separated where a space is missing, and joined where there is one
 * behind a colon. */
static void add_terms(struct text *line, const char *rest)
{
	size_t left = strlen(rest);

	for (size_t terms = 0; left > 0 && terms < TERMS_MAX; terms++) {
		size_t length = 0;

		while (length < left && rest[length] != ' ' &&
		       !(length > 1 && strchr("+-~?", rest[length - 1]) == NULL &&
		         begins_term(rest + length, left - length)))
			length++;
		if (is_bare_name(rest, length) && length < left) {
			text_add(line, " ");
			text_add_bytes(line, rest, length);
			rest += length + 1;
			left -= length + 1;
			length = strcspn(rest, " ");
			text_add_bytes(line, rest, length);
		} else {
			add_term(line, rest, length);
		}
		length += length < left && rest[length] == ' ';
		rest += length;
		left -= length;
	}
}

const char *doctor_spf_repair(struct doctor *doctor, const char *text, size_t length)
{
	const char *cleaned, *rest = doctor_spf_repair_begin(doctor->arena, text, length, versions,
	                                                     after_version, &cleaned);
	struct spf_record record;
	struct spf_fault fault;
	struct text line;

	invariant(text != NULL);
	if (rest == NULL)
		return NULL;
	text_begin(&line, doctor->arena, REPAIRED_MAX);
	text_add(&line, version);
	add_terms(&line, rest);
	if (line.cut || !spf_record_read(line.bytes, line.length, &record, &fault))
		return NULL;
	return line.length == length && memcmp(line.bytes, text, length) == 0 ? NULL : line.bytes;
}

static bool names_mechanism(const char *text)
{
	for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++)
		if (strcasestr(text, mechanisms[i]) != NULL)
			return true;
	return strcasestr(text, "all") != NULL || strcasestr(text, " mx") != NULL ||
	       strcasestr(text, " a") != NULL;
}

static void check_near(struct doctor *doctor, const char *domain, const struct record *record)
{
	const char *cleaned,
	    *rest = doctor_spf_repair_begin(doctor->arena, record->text, record->text_length,
	                                    versions, after_version, &cleaned);
	const struct answer alone = {.status = LOOKUP_FOUND, .count = 1, .records = record};
	const char *text, *repaired;
	size_t length;

	if (cleaned == NULL || spf_record_select(&alone, &text, &length) == 1)
		return;
	if (text_same_bytes(cleaned, "spf2.0/", strnlen(cleaned, 7))) {
		if (strlen(cleaned) > 7)
			doctor_report(doctor, SPF_SENDER_ID, domain, domain);
		return;
	}
	if (rest == NULL || !names_mechanism(cleaned))
		return;
	repaired = doctor_spf_repair(doctor, record->text, record->text_length);
	doctor_add(doctor, SPF_TYPO, domain, doctor_txt(doctor, domain, repaired),
	           DOCTOR_WORDS(domain, doctor_safe(doctor, record->text, record->text_length)));
}

void doctor_spf_repair_near(struct doctor *doctor, const char *domain, const struct answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		check_near(doctor, domain, &answer->records[i]);
}
