/*
 * import_headers.c - SignHeaders, OmitHeaders and OversignHeaders of OpenDKIM become `headers` and
 * `oversign` of all entries of "sign". Called by import_sign.c.
 *
 * A list takes the place of OpenDKIM's own. With "*" in it, "+NAME" adds to that and "-NAME" takes
 * away; here this is done to Assay's list, which has all of OpenDKIM's. From is always signed.
 */
#include <string.h>

#include "base/text.h"
#include "sign/signed_fields.h"
#include "tool/import/import_sign.h"

enum {
	NAMES_MAX = 100, /* in one list */
	NAME_MAX_OCTETS = 70,
	SHOWN_MAX = 1000, /* octets of names that are shown */
	LIST_MAX = 8000   /* octets of one setting */
};

struct names {
	size_t count;
	const char *items[NAMES_MAX];
};

static bool has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (text_same(names->items[i], name))
			return true;
	return false;
}

static void import_headers_add(struct names *names, const char *name)
{
	if (names->count < NAMES_MAX && !has(names, name))
		names->items[names->count++] = name;
}

static bool is_delta(const struct import_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->items[i].key, "*") == 0)
			return true;
	return false;
}

/* In a delta, opendkim ignores names without a sign. */
static void read_names(struct arena *arena, const struct import_set *set, char sign,
                       struct names *names)
{
	bool delta = is_delta(set);

	for (size_t i = 0; i < set->count; i++) {
		const char *key = set->items[i].key;
		bool is_signed = key[0] == '+' || key[0] == '-';

		if (delta ? key[0] == sign : !is_signed && sign == '+')
			import_headers_add(
			    names, text_lower(arena, key + is_signed, strlen(key + is_signed)));
	}
}

/* False if it cannot be read, or does not exist. */
static bool read_option(struct import_work *work, const char *const *spellings,
                        const struct import_option **option, struct import_set *set)
{
	for (*option = NULL; *spellings != NULL && *option == NULL; spellings++)
		*option = import_work_option(work, *spellings);
	return *option != NULL && import_set_read(work, *option, set);
}

/* Keeps what can be signed and is not to be omitted; the list says what cannot. */
static void keep_signable(struct import_work *work, const struct import_option *option,
                          struct names *names, const struct names *omitted)
{
	struct text left;
	size_t kept = 0;

	text_begin(&left, work->arena, SHOWN_MAX);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];
		bool usable = signed_fields_is_name(name) && strchr(name, '*') == NULL &&
		              strlen(name) <= NAME_MAX_OCTETS;

		if (has(omitted, name))
			continue;
		if (usable && !signed_fields_is_unsound(name))
			names->items[kept++] = name;
		else if (strcmp(name, ".") != 0)
			text_add_format(&left, "%s%s", left.length == 0 ? "" : ", ", name);
	}
	if (names->count == NAMES_MAX)
		import_work_missed(work, option, "of more than %d names, only the first count",
		                   NAMES_MAX);
	names->count = kept;
	if (left.length > 0)
		import_work_missed(work, option,
		                   "not among those that Assay signs now, since they change on the "
		                   "way or are not names: %s",
		                   left.bytes);
}

static void write_names(struct import_work *work, struct text *settings, const char *setting,
                        const struct names *names)
{
	if (names->count == 0)
		return;
	text_add_format(settings, "%s = [ ", setting);
	for (size_t i = 0; i < names->count; i++)
		text_add_format(settings, "%s%s", i == 0 ? "" : ", ",
		                import_draft_quote(work->arena, names->items[i]));
	text_add(settings, " ];\n");
}

static void start_from_defaults(struct names *names)
{
	for (size_t i = 0; signed_fields_headers[i] != NULL; i++)
		import_headers_add(names, signed_fields_headers[i]);
}

static bool has_any(const struct names *names, const struct names *others)
{
	for (size_t i = 0; i < others->count; i++)
		if (has(names, others->items[i]))
			return true;
	return false;
}

static void write_signed(struct import_work *work, struct text *settings)
{
	static const char *const sign_names[] = {"SignHeaders", NULL};
	static const char *const omit_names[] = {"OmitHeaders", "OmitHeadersDB", NULL};
	const struct import_option *sign, *omit;
	struct import_set set;
	struct names names = {0}, omitted = {0};
	bool given, omits = read_option(work, omit_names, &omit, &set);

	if (omits)
		read_names(work->arena, &set, '+', &omitted);
	given = read_option(work, sign_names, &sign, &set);
	if (!given || is_delta(&set))
		start_from_defaults(&names);
	if (given) {
		read_names(work->arena, &set, '-', &omitted);
		read_names(work->arena, &set, '+', &names);
	} else if (!has_any(&names, &omitted)) {
		if (omits)
			import_work_needless(work, omit, "Assay does not sign these either");
		return;
	}
	keep_signable(work, given ? sign : omit, &names, &omitted);
	import_headers_add(&names, "from");
	write_names(work, settings, "headers", &names);
}

static void write_oversigned(struct import_work *work, struct text *settings)
{
	static const char *const spellings[] = {"OversignHeaders", "OversignHeader",
	                                        "AlwaysSignHeaders", NULL};
	static const struct names nothing;
	const struct import_option *option;
	struct import_set set;
	struct names names = {0};

	if (!read_option(work, spellings, &option, &set))
		return;
	read_names(work->arena, &set, '+', &names);
	keep_signable(work, option, &names, &nothing);
	write_names(work, settings, "oversign", &names);
}

const char *import_headers(struct import_work *work)
{
	struct text settings;

	text_begin(&settings, work->arena, 2 * LIST_MAX);
	write_signed(work, &settings);
	write_oversigned(work, &settings);
	return settings.cut ? "" : settings.bytes;
}
