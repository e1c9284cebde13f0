/*
 * take_failure.c - failure reports (RFC 6591, RFC 9991): feedback whose type is auth-failure. The
 * mail that one is about is not kept: what counts is which source failed, for which domain.
 */
#include <string.h>

#include "base/text.h"
#include "received/clean.h"
#include "received/take.h"

struct take_failure {
	struct take *take;
	const char *fields, *original;
	bool changed;
	unsigned repairs;
};

/* The value of the first field of that name, unfolded and cleaned; NULL where there is none. */
static const char *field_value(struct take_failure *failure, const char *fields, const char *name)
{
	size_t length = strlen(name);

	while (fields != NULL && *fields != '\0') {
		const char *end = strchr(fields, '\n');

		while (end != NULL && (end[1] == ' ' || end[1] == '\t'))
			end = strchr(end + 1, '\n');
		fields += strspn(fields, " \t");
		if (strncasecmp(fields, name, length) == 0 && fields[length] == ':') {
			const char *value = fields + length + 1;
			size_t size = end == NULL ? strlen(value) : (size_t)(end - value);

			return end != NULL && end < value ? NULL
			                                  : clean_text(failure->take->arena, value,
			                                               size, &failure->changed);
		}
		fields = end == NULL ? NULL : end + 1;
	}
	return NULL;
}

/* The first of several names, as producers have them. */
static const char *first_of(struct take_failure *failure, const char *const *names)
{
	const char *value = NULL;

	for (; value == NULL && *names != NULL; names++)
		value = field_value(failure, failure->fields, *names);
	return value;
}

static const char *failure_disposition(struct take_failure *failure)
{
	static const char *const names[] = {"Delivery-Result", "DMARC Results", NULL};
	const char *word = first_of(failure, names);

	if (word == NULL)
		return "none";
	if (strcasecmp(word, "reject") == 0)
		return "reject";
	return strcasecmp(word, "spam") == 0 || strcasecmp(word, "quarantine") == 0 ? "quarantine"
	                                                                            : "none";
}

/* Identity-Alignment (RFC 6591 3.2.2): "none", "dkim", "spf" or both. */
static bool failure_aligned(struct take_failure *failure, const char *what)
{
	const char *list = field_value(failure, failure->fields, "Identity-Alignment");

	return list != NULL && strcasestr(list, what) != NULL;
}

static int64_t failure_count(struct take_failure *failure)
{
	int64_t count;
	const char *text = field_value(failure, failure->fields, "Incidents");

	if (!clean_number(text, &count) || count < 1)
		return 1;
	return count > RECEIVED_COUNT_MAX ? RECEIVED_COUNT_MAX : count;
}

static const char *failure_source(struct take_failure *failure)
{
	static const char *const names[] = {"Source-IP", "Sender IP Address", NULL};
	const char *text = first_of(failure, names), *source;
	char *bare;
	size_t length;

	if (text == NULL)
		text = "";
	/* some write brackets, or a name behind it */
	text += text[0] == '[';
	length = strcspn(text, "] (");
	bare = arena_copy(failure->take->arena, text, length);
	source = clean_address(failure->take->arena, bare);
	if (source != NULL)
		return source;
	take_repair(failure->take, &failure->repairs, "it does not name the source address");
	return "0.0.0.0";
}

static void write_failure(struct take_failure *failure, const char *domain)
{
	static const char *const envelope[] = {"Original-Mail-From", "Sender Address", NULL};
	struct arena *arena = failure->take->arena;
	struct take *take = failure->take;
	const char *from = clean_domain(arena, field_value(failure, failure->original, "From"));
	struct received_record record = {.count = failure_count(failure),
	                                 .source = failure_source(failure),
	                                 .disposition = failure_disposition(failure),
	                                 .dkim_aligned = failure_aligned(failure, "dkim"),
	                                 .spf_aligned = failure_aligned(failure, "spf"),
	                                 .header_from = from == NULL ? domain : from,
	                                 .envelope_from =
	                                     clean_domain(arena, first_of(failure, envelope))};
	struct received_report report = {
	    .kind = RECEIVED_FAILURE,
	    .organization = take->author == NULL ? NULL : clean_domain(arena, take->author),
	    .email = take->author,
	    .report_id = take->message_id == NULL ? "(none)" : take->message_id,
	    .domain = domain,
	    .begin = take->arrived,
	    .end = take->arrived,
	    .generator = field_value(failure, failure->fields, "User-Agent")};

	wire_write(take->wire, WIRE_RECORD, &record);
	if (failure->changed)
		take_repair(take, &failure->repairs,
		            "texts were cut to 4 kB, or had characters that nobody can see");
	take_report(take, &report);
}

void take_failure(struct take *take, const char *fields, const char *original)
{
	static const char *const names[] = {"Reported-Domain", "Sender Domain", "DKIM-Domain",
	                                    NULL};
	struct take_failure failure = {.take = take, .fields = fields, .original = original};
	const char *type = field_value(&failure, fields, "Feedback-Type"), *domain;

	if (type != NULL && strcasecmp(type, "auth-failure") != 0) {
		take_refuse(take, "it is feedback of the type %s, no failure report", type);
		return;
	}
	domain = clean_domain(take->arena, first_of(&failure, names));
	if (domain == NULL)
		domain = clean_domain(take->arena, field_value(&failure, original, "From"));
	if (domain == NULL)
		take_refuse(take, "it is a failure report that does not name a domain");
	else if (take_has_room(take))
		write_failure(&failure, domain);
}
