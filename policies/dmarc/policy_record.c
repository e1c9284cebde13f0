/*
 * policy_record.c - reads a DMARC Policy Record (RFC 9989 4.7, 4.8). Called by tree_walk.c for each
 * TXT found; its struct is what discovery, the decision and the aggregate report use.
 *
 * The grammar is applied strictly: a tag that violates it counts as missing, and `error` says so.
 * Only an invalid p, sp or np has further consequences (4.10.1).
 */
#include "dmarc/policy_record.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/report_uri.h"

enum {
	TEXT_SHOWN = 4096, /* octets of the record that are kept to be shown */
	VALUE_SHOWN = 40,  /* octets of a bad value quoted in `error` */
	ERROR_MAX = 500,   /* octets of `error` */
	FO_MAX = 64        /* octets of an fo value */
};

enum tag {
	TAG_P,
	TAG_SP,
	TAG_NP,
	TAG_ADKIM,
	TAG_ASPF,
	TAG_FO,
	TAG_RUA,
	TAG_RUF,
	TAG_PSD,
	TAG_T,
	TAG_COUNT
};

const char *const psd_names[] = {[PSD_UNKNOWN] = "u", [PSD_YES] = "y", [PSD_NO] = "n", NULL};

static const char *const tag_names[] = {"p",  "sp",  "np",  "adkim", "aspf",
                                        "fo", "rua", "ruf", "psd",   "t"};

struct policy_record_reading {
	struct arena *arena;
	struct policy_record *record;
	bool seen[TAG_COUNT];
	bool bad_request; /* p, sp or np has an invalid value */
	bool bad_piece;   /* something between semicolons is not a tag */
	bool report_uri;  /* rua has a valid URI of any scheme */
	size_t at;        /* offset of the tag that is read */
	struct text error;
};

/* A piece of the record. */
struct policy_record_span {
	const char *bytes;
	size_t length;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static struct policy_record_span trim(struct policy_record_span span)
{
	while (span.length > 0 && is_blank(span.bytes[0])) {
		span.bytes++;
		span.length--;
	}
	while (span.length > 0 && is_blank(span.bytes[span.length - 1]))
		span.length--;
	return span;
}

static void policy_record_error(struct policy_record_reading *reading, const char *problem,
                                const char *value, const char *consequence)
{
	if (reading->error.cut)
		return;
	if (reading->error.length > 0)
		text_add(&reading->error, "; ");
	else
		reading->record->error_at = reading->at;
	text_add(&reading->error, problem);
	if (value != NULL)
		text_add_format(&reading->error, " \"%s\"",
		                text_excerpt(reading->arena, value, VALUE_SHOWN));
	text_add_format(&reading->error, " %s", consequence);
}

/* The index of the value in `names`; -1, with an error added, if it is not one of them. */
static int keyword(struct policy_record_reading *reading, enum tag tag, const char *const *names,
                   const char *value, const char *consequence)
{
	int word = text_word(names, value);

	if (word < 0)
		policy_record_error(reading,
		                    arena_format(reading->arena, "invalid %s", tag_names[tag]),
		                    value, consequence);
	return word;
}

static bool read_mode(struct policy_record_reading *reading, enum tag tag, const char *value)
{
	static const char *const modes[] = {"r", "s", NULL};

	return keyword(reading, tag, modes, value, "taken as r") == 1;
}

static void read_request(struct policy_record_reading *reading, enum tag tag, const char *value,
                         bool *has, enum request *request)
{
	int word = keyword(reading, tag, request_names, value, "ignored");

	*has = word >= 0;
	if (*has)
		*request = (enum request)word;
	else
		reading->bad_request = true;
}

static void read_psd(struct policy_record_reading *reading, const char *value)
{
	int word = keyword(reading, TAG_PSD, psd_names, value, "taken as u");

	reading->record->psd = word < 0 ? PSD_UNKNOWN : (enum psd)word;
}

static void read_test_mode(struct policy_record_reading *reading, const char *value)
{
	static const char *const names[] = {"n", "y", NULL};

	reading->record->test_mode = keyword(reading, TAG_T, names, value, "taken as n") == 1;
}

/* A list of 0, 1, d and s between colons, each once, 0 and 1 not together. NULL if it is not. */
static const char *failure_options(struct arena *arena, const char *value)
{
	struct text options;
	bool wanted = true;

	text_begin(&options, arena, FO_MAX);
	if (strlen(value) > FO_MAX)
		return NULL;
	for (; *value != '\0'; value++) {
		char option = text_lower_byte(*value);

		if (is_blank(option))
			continue;
		if ((option == ':') == wanted)
			return NULL;
		if (option != ':' &&
		    (strchr("01ds", option) == NULL || strchr(options.bytes, option) != NULL))
			return NULL;
		text_add_bytes(&options, &option, 1);
		wanted = option == ':';
	}
	if (wanted || (strchr(options.bytes, '0') != NULL && strchr(options.bytes, '1') != NULL))
		return NULL;
	return options.bytes;
}

static void read_failure_options(struct policy_record_reading *reading, const char *value)
{
	const char *options = failure_options(reading->arena, value);

	if (options != NULL)
		reading->record->fo = options;
	else
		policy_record_error(reading, "invalid fo", value, "taken as 0");
}

static struct report_uris read_uris(struct policy_record_reading *reading, enum tag tag,
                                    const char *value)
{
	struct report_uris uris = report_uri_list(reading->arena, value);

	if (uris.malformed > 0)
		policy_record_error(reading,
		                    arena_format(reading->arena, "%zu malformed URI in %s",
		                                 uris.malformed, tag_names[tag]),
		                    NULL, "ignored");
	if (uris.beyond > 0)
		policy_record_error(reading,
		                    arena_format(reading->arena, "%zu URI too many in %s",
		                                 uris.beyond, tag_names[tag]),
		                    NULL, "ignored");
	return uris;
}

static void read_rua(struct policy_record_reading *reading, const char *value)
{
	struct report_uris uris = read_uris(reading, TAG_RUA, value);

	reading->record->rua = uris.mailto;
	reading->record->rua_limits = uris.limits;
	reading->report_uri = uris.mailto.count + uris.foreign > 0;
}

static void read_tag(struct policy_record_reading *reading, enum tag tag, const char *value)
{
	struct policy_record *record = reading->record;

	switch (tag) {
	case TAG_P:
		read_request(reading, tag, value, &record->has_p, &record->p);
		break;
	case TAG_SP:
		read_request(reading, tag, value, &record->has_sp, &record->sp);
		break;
	case TAG_NP:
		read_request(reading, tag, value, &record->has_np, &record->np);
		break;
	case TAG_ADKIM:
		record->strict_dkim = read_mode(reading, tag, value);
		break;
	case TAG_ASPF:
		record->strict_spf = read_mode(reading, tag, value);
		break;
	case TAG_FO:
		read_failure_options(reading, value);
		break;
	case TAG_RUA:
		read_rua(reading, value);
		break;
	case TAG_RUF:
		record->ruf = read_uris(reading, tag, value).mailto;
		break;
	case TAG_PSD:
		read_psd(reading, value);
		break;
	default:
		read_test_mode(reading, value);
	}
}

/* dmarc-tag = 1*ALPHA *WSP "=" *WSP 1*dmarc-value; the value has only printable octets and the tabs
 * that *WSP allows inside lists (dmarc-urilist, dmarc-fo). */
static bool split_tag(struct policy_record_span piece, struct policy_record_span *name,
                      struct policy_record_span *value)
{
	const char *equals = memchr(piece.bytes, '=', piece.length);

	if (equals == NULL)
		return false;
	*name = trim((struct policy_record_span){piece.bytes, (size_t)(equals - piece.bytes)});
	*value = trim((struct policy_record_span){
	    equals + 1, piece.length - (size_t)(equals + 1 - piece.bytes)});
	for (size_t i = 0; i < name->length; i++)
		if (!text_is_letter(name->bytes[i]))
			return false;
	for (size_t i = 0; i < value->length; i++)
		if (!is_blank(value->bytes[i]) &&
		    (value->bytes[i] < 0x20 || value->bytes[i] > 0x7E))
			return false;
	return name->length > 0 && value->length > 0;
}

/* ABNF strings are case-insensitive (RFC 5234 2.3). -1 for an unknown tag, which is ignored. */
static int find_tag(struct policy_record_span name)
{
	for (int tag = 0; tag < TAG_COUNT; tag++)
		if (strlen(tag_names[tag]) == name.length &&
		    text_same_bytes(tag_names[tag], name.bytes, name.length))
			return tag;
	return -1;
}

static void report_bad_piece(struct policy_record_reading *reading, struct policy_record_span piece)
{
	size_t shown = piece.length < VALUE_SHOWN + 1 ? piece.length : VALUE_SHOWN + 1;

	if (!reading->error.cut)
		policy_record_error(
		    reading, "no tag:", arena_copy(reading->arena, piece.bytes, shown), "ignored");
}

static void report_duplicate(struct policy_record_reading *reading, enum tag tag)
{
	if (!reading->error.cut)
		policy_record_error(reading,
		                    arena_format(reading->arena, "%s given again:", tag_names[tag]),
		                    NULL, "first one taken");
}

static void read_piece(struct policy_record_reading *reading, struct policy_record_span piece)
{
	struct policy_record_span name, value;
	int tag;

	if (!split_tag(piece, &name, &value)) {
		reading->bad_piece = true;
		report_bad_piece(reading, piece);
		return;
	}
	tag = find_tag(name);
	if (tag < 0)
		return;
	if (reading->seen[tag]) {
		report_duplicate(reading, (enum tag)tag);
		return;
	}
	invariant(tag < TAG_COUNT);
	reading->seen[tag] = true;
	read_tag(reading, (enum tag)tag, arena_copy(reading->arena, value.bytes, value.length));
}

/* The defaults of 4.7, and 4.10.1 for broken records. */
static void complete(struct policy_record_reading *reading)
{
	struct policy_record *record = reading->record;

	if (!reading->seen[TAG_P])
		policy_record_error(reading, "p missing,", NULL, "taken as none");
	if (!record->has_sp)
		record->sp = record->p;
	if (!record->has_np)
		record->np = record->sp;
	record->broken = !record->has_p || reading->bad_request;
	record->unusable = record->broken && !reading->report_uri;
	record->empty = !reading->seen[TAG_P] && !reading->seen[TAG_RUA] && !reading->bad_request &&
	                !reading->bad_piece;
	if (record->broken)
		policy_record_error(
		    reading, record->unusable ? "without valid rua" : "with valid rua", NULL,
		    record->unusable ? "the record is not applied" : "the policy counts as none");
	if (reading->error.length > 0)
		record->error = reading->error.bytes;
}

/* dmarc-version = "v" *WSP "=" *WSP %s"DMARC1"; what follows it, or false. */
static bool policy_record_skip_version(struct policy_record_span *rest)
{
	static const char version[] = "DMARC1";
	const char *at = rest->bytes, *end = at + rest->length;

	if (at == end || text_lower_byte(*at++) != 'v')
		return false;
	while (at < end && is_blank(*at))
		at++;
	if (at == end || *at++ != '=')
		return false;
	while (at < end && is_blank(*at))
		at++;
	if ((size_t)(end - at) < sizeof version - 1 || memcmp(at, version, sizeof version - 1) != 0)
		return false;
	at += sizeof version - 1;
	*rest = trim((struct policy_record_span){at, (size_t)(end - at)});
	return rest->length == 0 || rest->bytes[0] == ';';
}

/* The next piece between semicolons. `rest` is empty or begins with one; false at the end. */
static bool next_piece(struct policy_record_span *rest, struct policy_record_span *piece)
{
	const char *begin = rest->bytes + 1;
	const char *next;
	size_t length;

	if (rest->length == 0)
		return false;
	invariant(rest->bytes[0] == ';');
	next = memchr(begin, ';', rest->length - 1);
	length = next == NULL ? rest->length - 1 : (size_t)(next - begin);
	*piece = trim((struct policy_record_span){begin, length});
	*rest = (struct policy_record_span){begin + length, rest->length - 1 - length};
	return true;
}

bool policy_record_peek(const char *text, size_t length, enum psd *psd)
{
	struct policy_record_span rest = {text, length};
	struct policy_record_span piece, name, value;

	*psd = PSD_UNKNOWN;
	if (!policy_record_skip_version(&rest))
		return false;
	while (next_piece(&rest, &piece)) {
		if (!split_tag(piece, &name, &value) || find_tag(name) != TAG_PSD)
			continue;
		if (value.length == 1 && text_lower_byte(value.bytes[0]) == 'y')
			*psd = PSD_YES;
		if (value.length == 1 && text_lower_byte(value.bytes[0]) == 'n')
			*psd = PSD_NO;
		break;
	}
	return true;
}

const struct policy_record *policy_record_read(struct arena *arena, const char *text, size_t length)
{
	struct policy_record_span rest = {text, length}, piece;
	struct policy_record_reading reading = {.arena = arena};
	size_t shown = length < TEXT_SHOWN ? length : TEXT_SHOWN;

	if (!policy_record_skip_version(&rest))
		return NULL;
	reading.record = arena_allocate(arena, sizeof *reading.record);
	reading.record->text = arena_copy(arena, text, shown);
	reading.record->fo = "0";
	text_begin(&reading.error, arena, ERROR_MAX);
	while (next_piece(&rest, &piece)) {
		reading.at = (size_t)(piece.bytes - text);
		if (piece.length > 0)
			read_piece(&reading, piece);
	}
	reading.at = length;
	complete(&reading);
	return reading.record;
}
