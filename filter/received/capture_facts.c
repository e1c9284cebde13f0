/*
 * capture_facts.c - the facts about a captured message, and their form in the file. capture.c has
 * them written, captured.c reads them.
 */
#include "received/capture_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

enum {
	QUEUE_ID_MAX = 100,
	SELECTOR_MAX = 63
};

static const char first_line[] = "assay-captured 1\n";
static const char last_line[] = "end\n";

/* Is a signature of this domain the author's, by the names alone? Narrower than relaxed alignment:
 * a domain beside it, or below it, is not. */
static bool is_authors(const struct dmarc_finding *dmarc, const char *domain)
{
	const char *organization = dmarc->organizational_domain;

	return dmarc->author.state == AUTHOR_ONE && domain != NULL &&
	       (domain_equal(domain, dmarc->author.domain) ||
	        (organization != NULL && domain_equal(domain, organization) &&
	         domain_within(dmarc->author.domain, organization)));
}

/* At most `max` octets, a question mark for each that is a blank or not printable ASCII. No text
 * becomes longer, so that the block has room for all; NULL becomes "-". */
static const char *one_word(struct arena *arena, const char *text, size_t max)
{
	char *word;

	if (text == NULL || text[0] == '\0')
		return "-";
	word = arena_copy(arena, text, strnlen(text, max));
	for (char *byte = word; *byte != '\0'; byte++)
		if (*byte < '!' || *byte > '~')
			*byte = '?';
	return word;
}

static void capture_facts_add(struct capture_facts *facts, const struct dkim_signature *signature)
{
	if (facts->signature_count < CAPTURE_SIGNATURES_MAX)
		facts->signatures[facts->signature_count++] =
		    (struct capture_signature){.domain = signature->domain,
		                               .selector = signature->selector,
		                               .tls_report = signature->tls_report};
}

static void find_signatures(const struct findings *findings, bool authors,
                            struct capture_facts *facts)
{
	for (size_t i = 0; i < findings->dkim.count; i++) {
		const struct dkim_signature *signature = &findings->dkim.signatures[i];
		bool counts = signature->result == RESULT_PASS || signature->tls_report;

		if (!counts || signature->domain == NULL ||
		    is_authors(&findings->dmarc, signature->domain) != authors)
			continue;
		facts->tls_aligned = facts->tls_aligned || (authors && signature->tls_report);
		capture_facts_add(facts, signature);
	}
}

void capture_facts_find(const struct message *message, const struct findings *findings,
                        bool accepted, struct arena *arena, struct capture_facts *facts)
{
	const struct dmarc_finding *dmarc = &findings->dmarc;
	bool one = dmarc->author.state == AUTHOR_ONE;
	char client[ADDRESS_TEXT];

	invariant(!one || dmarc->author.domain != NULL);
	*facts = (struct capture_facts){
	    .received = (int64_t)message->received,
	    .queue_id = message->queue_id,
	    .client = arena_string(arena, address_print(&message->client, client)),
	    .accepted = accepted,
	    .author = one ? dmarc->author.domain : NULL,
	    .dmarc = dmarc->result,
	    .spf_aligned = one && dmarc->spf_aligned,
	    .dkim_aligned = one && dmarc->dkim_aligned};
	find_signatures(findings, true, facts);
	find_signatures(findings, false, facts);
}

void capture_facts_write(const struct capture_facts *facts, struct arena *arena,
                         char block[CAPTURE_BLOCK])
{
	struct text text;

	text_begin(&text, arena, CAPTURE_BLOCK);
	text_add(&text, first_line);
	text_add_format(&text, "received %" PRId64 "\nqueue-id %s\nclient %s\nverdict %s\n",
	                facts->received, one_word(arena, facts->queue_id, QUEUE_ID_MAX),
	                one_word(arena, facts->client, ADDRESS_TEXT),
	                facts->accepted ? "accept" : "quarantine");
	text_add_format(&text, "author %s\ndmarc %s\n", one_word(arena, facts->author, DOMAIN_MAX),
	                result_names[facts->dmarc]);
	text_add_format(&text, "aligned %s%s%s\n", facts->spf_aligned ? "spf " : "",
	                facts->dkim_aligned ? "dkim " : "", facts->tls_aligned ? "tlsrpt" : "");
	for (size_t i = 0; i < facts->signature_count; i++)
		text_add_format(&text, "%s %s %s\n",
		                facts->signatures[i].tls_report ? "tlsrpt" : "dkim",
		                one_word(arena, facts->signatures[i].domain, DOMAIN_MAX),
		                one_word(arena, facts->signatures[i].selector, SELECTOR_MAX));
	text_add(&text, last_line);
	invariant(!text.cut && text.length <= CAPTURE_BLOCK);
	memset(block, '\n', CAPTURE_BLOCK);
	memcpy(block, text.bytes, text.length);
}

/* Reading: a line's value, in the arena. */

static void facts_read_received(struct capture_facts *facts, char *value)
{
	char *end;
	long long number = strtoll(value, &end, 10);

	facts->received = *end == '\0' && number > 0 ? (int64_t)number : 0;
}

static void facts_read_queue_id(struct capture_facts *facts, char *value)
{
	facts->queue_id = strcmp(value, "-") == 0 ? NULL : value;
}

static void facts_read_client(struct capture_facts *facts, char *value)
{
	facts->client = value;
}

static void facts_read_verdict(struct capture_facts *facts, char *value)
{
	facts->accepted = strcmp(value, "accept") == 0;
}

static void facts_read_author(struct capture_facts *facts, char *value)
{
	facts->author = strcmp(value, "-") == 0 ? NULL : value;
}

static void facts_read_dmarc(struct capture_facts *facts, char *value)
{
	int word = text_word(result_names, value);

	facts->dmarc = word < 0 ? RESULT_PERMERROR : (enum result)word;
}

static void facts_read_aligned(struct capture_facts *facts, char *value)
{
	char *rest = NULL;

	for (char *word = strtok_r(value, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		facts->spf_aligned = facts->spf_aligned || strcmp(word, "spf") == 0;
		facts->dkim_aligned = facts->dkim_aligned || strcmp(word, "dkim") == 0;
		facts->tls_aligned = facts->tls_aligned || strcmp(word, "tlsrpt") == 0;
	}
}

static void facts_read_signature(struct capture_facts *facts, char *value, bool tls_report)
{
	char *blank = strchr(value, ' ');

	if (blank == NULL || facts->signature_count == CAPTURE_SIGNATURES_MAX)
		return;
	*blank = '\0';
	facts->signatures[facts->signature_count++] = (struct capture_signature){
	    .domain = value, .selector = blank + 1, .tls_report = tls_report};
}

static void facts_read_dkim(struct capture_facts *facts, char *value)
{
	facts_read_signature(facts, value, false);
}

static void facts_read_tlsrpt(struct capture_facts *facts, char *value)
{
	facts_read_signature(facts, value, true);
}

static const struct {
	const char *key;
	void (*read)(struct capture_facts *facts, char *value);
} keys[] = {
    {"received", facts_read_received}, {"queue-id", facts_read_queue_id},
    {"client", facts_read_client},     {"verdict", facts_read_verdict},
    {"author", facts_read_author},     {"dmarc", facts_read_dmarc},
    {"aligned", facts_read_aligned},   {"dkim", facts_read_dkim},
    {"tlsrpt", facts_read_tlsrpt},
};

/* Keys of a later version are passed over. */
static void facts_read_line(struct capture_facts *facts, char *line)
{
	char *blank = strchr(line, ' ');

	if (blank == NULL)
		return;
	*blank = '\0';
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(keys[i].key, line) == 0)
			keys[i].read(facts, blank + 1);
}

/* Printable ASCII in lines, the first and the last as they have to be, and nothing behind. NULL:
 * it is not so. Else a copy of the lines between. */
static char *lines_of(const char block[CAPTURE_BLOCK], struct arena *arena)
{
	char *copy = arena_copy(arena, block, CAPTURE_BLOCK), *end;

	for (size_t i = 0; i < CAPTURE_BLOCK; i++)
		if (copy[i] != '\n' && (copy[i] < ' ' || copy[i] > '~'))
			return NULL;
	if (strncmp(copy, first_line, sizeof first_line - 1) != 0)
		return NULL;
	end = strstr(copy, "\nend\n");
	if (end == NULL || strspn(end + 5, "\n") != strlen(end + 5))
		return NULL;
	end[1] = '\0';
	return copy + sizeof first_line - 1;
}

bool capture_facts_read(const char block[CAPTURE_BLOCK], struct arena *arena,
                        struct capture_facts *facts, struct problem *problem)
{
	char *lines = lines_of(block, arena), *rest = NULL;
	const char *author;

	*facts = (struct capture_facts){.client = "unknown", .dmarc = RESULT_PERMERROR};
	if (lines == NULL)
		return problem_say(problem, "it does not begin as assayd begins such a file");
	for (char *line = strtok_r(lines, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		facts_read_line(facts, line);
	author = facts->author == NULL
	             ? NULL
	             : domain_normalize(arena, facts->author, strlen(facts->author));
	if (facts->received == 0 ||
	    (facts->author != NULL && (author == NULL || strcmp(author, facts->author) != 0)))
		return problem_say(problem, "its first lines are not those that assayd writes");
	return true;
}

/* NULL: it counts. */
static const char *capture_facts_objection(const struct capture_facts *facts,
                                           enum received_kind kind, struct arena *arena)
{
	bool found = facts->dmarc == RESULT_PASS || facts->dmarc == RESULT_NONE;

	if (facts->author == NULL)
		return "From does not name one domain that could have sent it";
	if (!facts->accepted)
		return "the mail was quarantined";
	if (kind == RECEIVED_TLS && (facts->tls_aligned || (found && facts->dkim_aligned)))
		return NULL;
	if (kind == RECEIVED_TLS)
		return arena_format(arena, "no DKIM signature of %s passed (RFC 8460 3)",
		                    facts->author);
	if (found && (facts->spf_aligned || facts->dkim_aligned))
		return NULL;
	return arena_format(arena, "neither SPF nor DKIM passed for %s (dmarc=%s)", facts->author,
	                    result_names[facts->dmarc]);
}

void capture_facts_arrival(const struct capture_facts *facts, enum received_kind kind,
                           struct arena *arena, struct received_arrival *arrival)
{
	const char *against = capture_facts_objection(facts, kind, arena);

	*arrival = (struct received_arrival){
	    .received = facts->received,
	    .reporter = against == NULL ? arena_string(arena, facts->author) : NULL,
	    .trusted = against == NULL,
	    .why = against,
	    .place = facts->queue_id == NULL ? "mail" : arena_string(arena, facts->queue_id)};
}

bool capture_facts_may_count(const struct capture_facts *facts, struct arena *arena)
{
	return capture_facts_objection(facts, RECEIVED_TLS, arena) == NULL ||
	       capture_facts_objection(facts, RECEIVED_DMARC, arena) == NULL;
}
