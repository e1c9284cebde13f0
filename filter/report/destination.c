/*
 * destination.c - the destinations of a report. The sender asks for each entry of rua, just before
 * a report is handed over.
 */
#include "report/destination.h"

#include <stdint.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/policy_record.h"
#include "dmarc/report_uri.h"

enum {
	ENTRIES_MAX = 50,               /* of one rua that are asked about */
	LOCAL_MAX = 64,                 /* octets of a local part, RFC 5321 4.5.3.1.1 */
	QUOTED_MAX = 2 * LOCAL_MAX + 2, /* and of one in quotes */
	ADDRESSES_MAX = REPORT_URI_MAX * (QUOTED_MAX + 1 + DOMAIN_MAX + 2)
};

struct strings destination_entries(struct arena *arena, const char *rua)
{
	const char **entries = arena_allocate(arena, (strlen(rua) / 2 + 1) * sizeof *entries);
	struct strings list = {.items = entries};

	while (*rua != '\0') {
		size_t length = strcspn(rua, ",");

		if (length > 0)
			entries[list.count++] = arena_copy(arena, rua, length);
		rua += length + (rua[length] == ',');
	}
	return list;
}

static int hexadecimal(char digit)
{
	char lower = text_lower_byte(digit);

	return text_is_digit(digit)           ? digit - '0'
	       : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
	                                      : -1;
}

static size_t decode(const char *from, size_t length, char *to)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++) {
		if (from[i] == '%' && i + 2 < length && hexadecimal(from[i + 1]) >= 0 &&
		    hexadecimal(from[i + 2]) >= 0) {
			to[written++] =
			    (char)(hexadecimal(from[i + 1]) * 16 + hexadecimal(from[i + 2]));
			i += 2;
		} else {
			to[written++] = from[i];
		}
	}
	return written;
}

/* RFC 5322 3.2.3. */
static bool is_dot_atom(const char *bytes, size_t length)
{
	bool after_dot = true;

	for (size_t i = 0; i < length; i++) {
		bool dot = bytes[i] == '.';

		if (dot ? after_dot
		        : !text_is_letter(bytes[i]) && !text_is_digit(bytes[i]) &&
		              (bytes[i] == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", bytes[i]) == NULL))
			return false;
		after_dot = dot;
	}
	return !after_dot;
}

/* RFC 5321 4.1.2 Quoted-string. NULL where it holds what cannot be quoted. */
static const char *quote(struct arena *arena, const char *bytes, size_t length)
{
	struct text quoted;

	text_begin(&quoted, arena, QUOTED_MAX);
	text_add(&quoted, "\"");
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < ' ' || bytes[i] > '~')
			return NULL;
		if (bytes[i] == '"' || bytes[i] == '\\')
			text_add(&quoted, "\\");
		text_add_bytes(&quoted, &bytes[i], 1);
	}
	text_add(&quoted, "\"");
	return quoted.cut ? NULL : quoted.bytes;
}

const char *destination_address(struct arena *arena, const char *uri, const char **host)
{
	size_t scheme = strcspn(uri, ":"), length;
	const char *address = uri + scheme + 1, *at, *local;
	char decoded[3 * LOCAL_MAX];

	if (scheme != strlen("mailto") || !text_same_bytes(uri, "mailto", scheme) ||
	    uri[scheme] != ':')
		return NULL;
	length = strcspn(address, "?");
	at = memchr(address, '@', length);
	if (at == NULL || (size_t)(at - address) > sizeof decoded)
		return NULL;
	*host = domain_normalize(arena, at + 1, (size_t)(address + length - at - 1));
	length = decode(address, (size_t)(at - address), decoded);
	invariant(length <= (size_t)(at - address));
	if (*host == NULL || length == 0 || length > LOCAL_MAX)
		return NULL;
	local = is_dot_atom(decoded, length) ? arena_copy(arena, decoded, length)
	                                     : quote(arena, decoded, length);
	return local == NULL ? NULL : arena_format(arena, "%s@%s", local, *host);
}

/* An address ends at a comma outside quotes. */
size_t destination_first(const char *addresses)
{
	bool quoted = false;
	size_t length = 0;

	for (; addresses[length] != '\0' && (quoted || addresses[length] != ','); length++) {
		if (addresses[length] == '\\' && addresses[length + 1] != '\0')
			length++;
		else if (addresses[length] == '"')
			quoted = !quoted;
	}
	return length;
}

const char *destination_next(const char *addresses)
{
	addresses += destination_first(addresses);
	return addresses + strspn(addresses, ", ");
}

bool destination_skips_domain(const struct strings *skip, const char *domain, struct arena *arena)
{
	for (size_t i = 0; i < skip->count; i++) {
		const char *item = skip->items[i];
		const char *name =
		    strchr(item, '@') != NULL ? NULL : domain_normalize(arena, item, strlen(item));

		if (name != NULL && domain_within(domain, name))
			return true;
	}
	return false;
}

static bool skips_address(const struct strings *skip, const char *address)
{
	for (size_t i = 0; i < skip->count; i++)
		if (text_same(skip->items[i], address))
			return true;
	return false;
}

static struct destination refused(const char *why)
{
	return (struct destination){.outcome = DESTINATION_REFUSED, .addresses = "", .why = why};
}

/* The octets that "10m" stands for (RFC 7489 6.2: powers of 1024); SIZE_MAX where that is more than
 * any mail has. */
static size_t limit_of(const char *limit)
{
	static const char units[] = "kmgt";
	const char *digits = limit;
	const char *unit;
	uint64_t octets = 0;

	for (; text_is_digit(*digits); digits++)
		octets = octets > UINT32_MAX ? octets : octets * 10 + (uint64_t)(*digits - '0');
	unit = *digits == '\0' ? NULL : strchr(units, text_lower_byte(*digits));
	for (int i = 0; unit != NULL && i <= unit - units; i++)
		octets = octets > UINT64_MAX / 1024 ? UINT64_MAX : octets * 1024;
	return octets > SIZE_MAX ? SIZE_MAX : (size_t)octets;
}

/* The addresses that the destination's own record puts in the place of the one asked for; NULL
 * where one of them is of another host. */
static const char *redirected(const struct destination_question *question,
                              const struct policy_record *record, const char *host)
{
	struct text addresses;

	text_begin(&addresses, question->arena, ADDRESSES_MAX);
	for (size_t i = 0; i < record->rua.count; i++) {
		const char *new_host;
		const char *address =
		    destination_address(question->arena, record->rua.items[i], &new_host);

		if (address == NULL || !domain_equal(new_host, host) ||
		    skips_address(question->skip, address))
			return NULL;
		text_add_format(&addresses, "%s%s", i > 0 ? ", " : "", address);
	}
	return addresses.bytes;
}

/* RFC 9990 4, steps 3 to 5. */
static struct destination authorised(const struct destination_question *question,
                                     const struct answer *found, struct destination destination,
                                     const char *host)
{
	bool any = false;

	for (size_t i = 0; i < found->count; i++) {
		const struct record *text = &found->records[i];
		const struct policy_record *record =
		    policy_record_read(question->arena, text->text, text->text_length);

		any = any || record != NULL;
		if (record == NULL || record->rua.count == 0)
			continue;
		destination.addresses = redirected(question, record, host);
		if (destination.addresses == NULL)
			return refused(arena_format(
			    question->arena, "%s sends reports on %s to an address of another host",
			    host, question->policy_domain));
		return destination;
	}
	if (any)
		return destination;
	return refused(arena_format(
	    question->arena, "%s does not say that it takes reports on %s (%s._report._dmarc.%s)",
	    host, question->policy_domain, question->policy_domain, host));
}

static struct destination later(const struct destination_question *question, const char *host)
{
	return (struct destination){
	    .outcome = DESTINATION_LATER,
	    .addresses = "",
	    .why = arena_format(question->arena, "DNS does not say whether %s takes reports on %s",
	                        host, question->policy_domain)};
}

/* Where the host would allow the report; NULL where that is too long to be a name. */
static const char *permission_name(const struct destination_question *question, const char *host)
{
	const char *name =
	    arena_format(question->arena, "%s._report._dmarc.%s", question->policy_domain, host);

	return strlen(name) > DOMAIN_MAX ? NULL : name;
}

static struct destination verify(const struct destination_question *question,
                                 struct destination destination, const char *host)
{
	const struct answer *found;
	const char *name;

	switch (tree_walk_compare(question->walks, question->policy_domain, host)) {
	case WALK_SAME:
		return destination;
	case WALK_UNKNOWN:
		return later(question, host);
	case WALK_DIFFERENT:
		break;
	}
	name = permission_name(question, host);
	if (name == NULL)
		return refused(
		    "the name under which it would have to allow the report is too long");
	services_debug(question->services, "dmarc: may %s get reports on %s: TXT of %s", host,
	               question->policy_domain, name);
	found = services_lookup(question->services, name, RECORD_TXT);
	if (found->status == LOOKUP_FAILED)
		return later(question, host);
	return authorised(question, found, destination, host);
}

/* The address of an entry without its size suffix; NULL where it is not an address. */
static const char *address_of(const struct destination_question *question, const char *entry,
                              const char **host)
{
	return destination_address(question->arena,
	                           arena_copy(question->arena, entry, strcspn(entry, "!")), host);
}

static bool is_skipped(const struct destination_question *question, const char *address,
                       const char *host)
{
	return skips_address(question->skip, address) ||
	       destination_skips_domain(question->skip, host, question->arena);
}

static size_t limit_of_entry(const char *entry)
{
	const char *mark = strchr(entry, '!');
	size_t limit = mark == NULL ? 0 : limit_of(mark + 1);

	return limit == 0 ? SIZE_MAX : limit;
}

size_t destination_limit(struct arena *arena, const char *rua, size_t least)
{
	struct strings entries = destination_entries(arena, rua);
	size_t limit = SIZE_MAX;

	for (size_t i = 0; i < entries.count; i++) {
		size_t one = limit_of_entry(entries.items[i]);

		if (one >= least && one < limit)
			limit = one;
	}
	return limit;
}

struct strings destination_distinct(const struct destination_question *question, const char *rua)
{
	struct strings all = destination_entries(question->arena, rua);
	const char **entries = arena_allocate(question->arena, (all.count + 1) * sizeof *entries);
	const char **addresses =
	    arena_allocate(question->arena, (ENTRIES_MAX + 1) * sizeof *addresses);
	struct strings distinct = {.items = entries};

	for (size_t i = 0; i < all.count && distinct.count < ENTRIES_MAX; i++) {
		const char *host, *address = address_of(question, all.items[i], &host);
		size_t at = 0;

		if (address == NULL)
			continue;
		while (at < distinct.count && strcmp(addresses[at], address) != 0)
			at++;
		if (at < distinct.count &&
		    limit_of_entry(all.items[i]) <= limit_of_entry(entries[at]))
			continue;
		addresses[at] = address;
		entries[at] = all.items[i];
		distinct.count += at == distinct.count;
	}
	invariant(distinct.count <= all.count && distinct.count <= ENTRIES_MAX);
	if (distinct.count == 0 && all.count > 0)
		entries[distinct.count++] = all.items[0];
	return distinct;
}

static bool holds(const char *addresses, const char *one, size_t length)
{
	for (; *addresses != '\0'; addresses = destination_next(addresses))
		if (destination_first(addresses) == length && memcmp(addresses, one, length) == 0)
			return true;
	return false;
}

const char *destination_new(struct arena *arena, const char *addresses, const char *taken,
                            size_t room)
{
	struct text kept;

	text_begin(&kept, arena, ADDRESSES_MAX);
	for (; *addresses != '\0' && room > 0; addresses = destination_next(addresses)) {
		size_t length = destination_first(addresses);

		if (holds(taken, addresses, length) || holds(kept.bytes, addresses, length))
			continue;
		text_add_format(&kept, "%s%.*s", kept.length > 0 ? ", " : "", (int)length,
		                addresses);
		room--;
	}
	return kept.bytes;
}

size_t destination_count(const char *addresses)
{
	size_t count = 0;

	for (; *addresses != '\0'; addresses = destination_next(addresses))
		count++;
	return count;
}

static void prefetch_walk(const struct destination_question *question, const char *domain)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(domain, names);

	for (size_t i = 0; i < count; i++) {
		const char *name = tree_walk_query_name(question->arena, names[i]);

		if (name != NULL)
			services_prefetch(question->services, name, RECORD_TXT);
	}
}

void destination_prefetch(const struct destination_question *question, const char *entry)
{
	const char *host = "", *name;
	const char *address = address_of(question, entry, &host);

	if (address == NULL || is_skipped(question, address, host))
		return;
	prefetch_walk(question, question->policy_domain);
	if (domain_equal(host, question->policy_domain))
		return;
	prefetch_walk(question, host);
	name = permission_name(question, host);
	if (name != NULL && !domain_within(host, question->policy_domain))
		services_prefetch(question->services, name, RECORD_TXT);
}

struct destination destination_find(const struct destination_question *question, const char *entry)
{
	size_t length = strcspn(entry, "!");
	const char *host = "";
	const char *address = address_of(question, entry, &host);
	struct destination destination = {
	    .outcome = DESTINATION_GOOD, .addresses = address, .why = ""};

	if (address == NULL)
		return refused("it is not a mail address");
	if (entry[length] == '!')
		destination.limit = limit_of(entry + length + 1);
	if (is_skipped(question, address, host))
		return refused("the setting reports.skip names it");
	return verify(question, destination, host);
}
