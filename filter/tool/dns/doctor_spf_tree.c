/*
 * doctor_spf_tree.c - the record and all records behind its includes and its redirect, each term
 * with what it costs. Called by doctor_spf.c.
 *
 * Terms are read and counted as spf_evaluate.c does it for a client that none of them matches,
 * which is the dearest one; but the count goes on beyond ten, so that the true number is known.
 * What bounds the walk is that count.
 */
#include <string.h>

#include "base/text.h"
#include "tool/dns/doctor_spf.h"

enum {
	TERM_SHOWN = 300 /* octets of a term */
};

struct above {
	const char *domain;
	const struct above *above;
};

struct doctor_spf_tree_walk {
	struct doctor *doctor;
	unsigned lookups, voids4, voids6;
	bool more;
	bool has_validated; /* the names for %{p} are known: they are looked up once */
	size_t terms;       /* shown */
};

/* One record while it is walked. */
struct listen_address {
	struct doctor_spf_tree_walk *walk;
	struct above here;
	struct doctor_spf_record *record;
	const struct doctor_spf_term **end; /* where the next term is linked */
};

static const struct doctor_spf_record *walk_record(struct doctor_spf_tree_walk *walk,
                                                   const char *domain, const struct above *above);

static bool count(struct doctor_spf_tree_walk *walk)
{
	if (walk->lookups < DOCTOR_SPF_LOOKUPS) {
		walk->lookups++;
		return true;
	}
	walk->more = true;
	return false;
}

static const char *term_text(const struct listen_address *place, const struct spf_term *term)
{
	size_t length = term->length < TERM_SHOWN ? term->length : TERM_SHOWN;

	return doctor_safe(place->walk->doctor, term->text, length);
}

/* About a term: its text, whose record, and one word more. */
static void doctor_spf_tree_say(const struct listen_address *place, enum doctor_code code,
                                const struct spf_term *term, const char *more)
{
	doctor_add(place->walk->doctor, code, place->here.domain, NULL,
	           DOCTOR_WORDS(term_text(place, term), place->here.domain, more));
}

/* For clients of which family a term, or a name, has no records. */
struct missing {
	bool ipv4, ipv6;
};

/* Called once for a term: void lookups are terms (RFC 7208 4.6.4). */
static void doctor_spf_tree_count_void(const struct listen_address *place,
                                       struct doctor_spf_term *shown, struct missing missing)
{
	place->walk->voids4 += missing.ipv4;
	place->walk->voids6 += missing.ipv6;
	shown->voids += missing.ipv4;
}

static bool is_void(const struct answer *answer)
{
	return answer->status == LOOKUP_NO_DATA || answer->status == LOOKUP_NO_NAME;
}

static void keep_addresses(const struct listen_address *place, const struct spf_term *term,
                           const char *name, const struct answer *answer, unsigned single)
{
	unsigned bits = single == 32 ? term->bits4 : term->bits6;

	if (place->here.above != NULL || term->qualifier != RESULT_PASS || bits != single)
		return;
	for (size_t i = 0; i < answer->count; i++)
		doctor_spf_network_keep(place->walk->doctor, &answer->records[i].address, name);
}

/* Both families, since the client may be of either. */
static struct missing walk_addresses(const struct listen_address *place,
                                     const struct spf_term *term, const char *name)
{
	struct doctor *doctor = place->walk->doctor;
	const struct answer *ipv4 = doctor_ask(doctor, name, RECORD_A);
	const struct answer *ipv6 = doctor_ask(doctor, name, RECORD_AAAA);

	keep_addresses(place, term, name, ipv4, 32);
	keep_addresses(place, term, name, ipv6, 128);
	return (struct missing){is_void(ipv4), is_void(ipv6)};
}

static void say_void(const struct listen_address *place, const struct spf_term *term,
                     struct doctor_spf_term *shown)
{
	struct doctor *doctor = place->walk->doctor;

	shown->outcome = "finds nothing";
	doctor_spf_tree_say(
	    place, SPF_VOID_SOME, term,
	    doctor_number(doctor, (unsigned long)doctor->asked->settings->spf.void_lookups));
}

static void walk_a(const struct listen_address *place, const struct spf_term *term,
                   struct doctor_spf_term *shown, const char *name)
{
	struct missing missing = walk_addresses(place, term, name);

	doctor_spf_tree_count_void(place, shown, missing);
	if (missing.ipv4 && missing.ipv6)
		say_void(place, term, shown);
}

/* One of the names of an MX answer: that has found something, whatever addresses there are. */
static void walk_exchange(const struct listen_address *place, const struct spf_term *term,
                          const char *name, const char *exchange)
{
	struct missing missing;

	if (exchange[0] == '\0') {
		doctor_spf_tree_say(place, SPF_MX_NULL, term, name);
		return;
	}
	missing = walk_addresses(place, term, exchange);
	if (missing.ipv4 && missing.ipv6)
		doctor_spf_tree_say(place, SPF_MX_ADDRESS, term, exchange);
}

static void walk_mx(const struct listen_address *place, const struct spf_term *term,
                    struct doctor_spf_term *shown, const char *name)
{
	struct doctor *doctor = place->walk->doctor;
	const struct answer *answer = doctor_ask(doctor, name, RECORD_MX);
	bool nothing = is_void(answer);

	if (nothing) {
		doctor_spf_tree_count_void(place, shown, (struct missing){true, true});
		say_void(place, term, shown);
	}
	if (answer->count > SPF_NAMES_MAX) {
		shown->outcome = "more than ten mail servers";
		doctor_spf_tree_say(place, SPF_MX_MANY, term, doctor_number(doctor, answer->count));
		return;
	}
	for (size_t i = 0; i < answer->count; i++)
		walk_exchange(place, term, name, answer->records[i].name);
}

static void say_behind(const struct listen_address *place, const struct spf_term *term,
                       const struct doctor_spf_record *behind)
{
	bool include = term->kind == SPF_TERM_INCLUDE;

	if (strcmp(behind->status, "none") == 0)
		doctor_spf_tree_say(place, include ? SPF_INCLUDE_NONE : SPF_REDIRECT_NONE, term,
		                    NULL);
	if (strcmp(behind->status, "several") == 0)
		doctor_spf_tree_say(place, SPF_INCLUDE_SEVERAL, term, "several");
	if (strcmp(behind->status, "loop") == 0)
		doctor_spf_tree_say(place, SPF_LOOP, term, NULL);
	if (behind->everybody && term->qualifier == RESULT_PASS) {
		place->record->everybody = true;
		doctor_spf_tree_say(place, SPF_INCLUDE_ALL_PASS, term, NULL);
	}
}

static void walk_behind(const struct listen_address *place, const struct spf_term *term,
                        struct doctor_spf_term *shown, const char *name)
{
	shown->record = walk_record(place->walk, name, &place->here);
	shown->voids = shown->record->voids;
	if (strcmp(shown->record->status, "found") != 0)
		shown->outcome = shown->record->status;
	say_behind(place, term, shown->record);
}

static void walk_target(const struct listen_address *place, const struct spf_term *term,
                        struct doctor_spf_term *shown, const char *name)
{
	shown->target = name;
	switch (term->kind) {
	case SPF_TERM_INCLUDE:
	case SPF_TERM_REDIRECT:
		walk_behind(place, term, shown, name);
		return;
	case SPF_TERM_A:
		walk_a(place, term, shown, name);
		return;
	case SPF_TERM_MX:
		walk_mx(place, term, shown, name);
		return;
	case SPF_TERM_EXISTS:
		if (is_void(doctor_ask(place->walk->doctor, name, RECORD_A))) {
			doctor_spf_tree_count_void(place, shown, (struct missing){true, true});
			say_void(place, term, shown);
		}
		return;
	default:
		return;
	}
}

/* Do the macros depend on nothing but the domain? */
static bool is_constant(const struct spf_term *term)
{
	for (size_t i = 0; i + 2 < term->spec_length; i++)
		if (term->spec[i] == '%' && term->spec[i + 1] == '{' &&
		    strchr("dDoO", term->spec[i + 2]) == NULL)
			return false;
	return true;
}

/* What the term looks up; NULL where that depends on the message, or where it is no name. */
static const char *target_of(const struct listen_address *place, const struct spf_term *term,
                             struct doctor_spf_term *shown)
{
	struct doctor *doctor = place->walk->doctor;
	const struct spf_request request = {.domain = doctor->asked->domain,
	                                    .sender = "",
	                                    .local_part = "",
	                                    .local_part_ascii = true,
	                                    .helo = "",
	                                    .receiver = ""};
	size_t work = SPF_MACRO_WORK;
	struct spf_macro_values values = {&request, place->here.domain, NULL, &work};
	char name[DOMAIN_MAX + 1];

	if (term->spec == NULL)
		return place->here.domain;
	if (!is_constant(term)) {
		shown->outcome = "depends on the message";
		doctor_spf_tree_say(place, SPF_MACRO, term, NULL);
		return NULL;
	}
	if (spf_macro_name(&values, term->spec, term->spec_length, name))
		return arena_string(doctor->arena, name);
	shown->outcome = "names nothing";
	if (term->kind == SPF_TERM_INCLUDE || term->kind == SPF_TERM_REDIRECT)
		doctor_spf_tree_say(place, SPF_TARGET, term, NULL);
	return NULL;
}

static struct doctor_spf_term *doctor_spf_tree_show(struct listen_address *place,
                                                    const struct spf_term *term)
{
	struct doctor_spf_term *shown = arena_allocate(place->walk->doctor->arena, sizeof *shown);

	shown->text = shown->outcome = "";
	if (place->walk->terms++ < DOCTOR_SPF_TERMS) {
		shown->text = term_text(place, term);
		*place->end = shown;
		place->end = &shown->next;
	}
	return shown;
}

/* %{p} costs one lookup more, the first time. */
static void count_validated(const struct listen_address *place, const struct spf_term *term)
{
	if (term->kind != SPF_TERM_PTR && !term->use.validated_name)
		return;
	if (term->use.validated_name) {
		if (!place->walk->has_validated)
			count(place->walk);
		doctor_spf_tree_say(place, SPF_MACRO_PTR, term, NULL);
	}
	if (term->kind == SPF_TERM_PTR)
		doctor_spf_tree_say(place, SPF_PTR, term, NULL);
	place->walk->has_validated = true;
}

static void walk_term(struct listen_address *place, const struct spf_term *term)
{
	struct doctor_spf_term *shown = doctor_spf_tree_show(place, term);
	unsigned before = place->walk->lookups;
	const char *name;

	if (term->kind < SPF_TERM_REDIRECT)
		doctor_spf_network_check(place->walk->doctor, term, place->here.domain);
	if (term->kind == SPF_TERM_ALL || term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6)
		return;
	if (!count(place->walk)) {
		shown->outcome = "not counted any more";
		return;
	}
	count_validated(place, term);
	name = target_of(place, term, shown);
	if (name != NULL)
		walk_target(place, term, shown, name);
	shown->lookups = place->walk->lookups - before;
}

static bool lets_everybody_pass(const struct spf_term *term)
{
	unsigned bits = term->kind == SPF_TERM_IP6 ? term->bits6 : term->bits4;

	if (term->qualifier != RESULT_PASS)
		return false;
	return term->kind == SPF_TERM_ALL || (term->kind == SPF_TERM_IP4 && bits == 0);
}

/* RFC 7208 6: a modifier that is not known counts for nothing, which surprises whoever meant a
 * mechanism. */
static void check_modifier(const struct listen_address *place, const struct spf_term *term)
{
	static const char *const mechanisms[] = {"include", "a",      "mx",  "ip4", "ip6",
	                                         "ptr",     "exists", "all", NULL};
	const char *equals = memchr(term->text, '=', term->length);
	const char *name =
	    arena_copy(place->walk->doctor->arena, term->text, (size_t)(equals - term->text));
	bool typo = text_word(mechanisms, name) >= 0;

	doctor_spf_tree_say(place, typo ? SPF_MODIFIER_TYPO : SPF_UNKNOWN_MODIFIER, term, NULL);
}

static void walk_terms(struct listen_address *place, const struct spf_record *record)
{
	const char *at = record->terms;
	struct spf_fault fault;
	struct spf_term term;

	while (!place->walk->more && spf_record_next(&at, record->end, &term, &fault)) {
		if (term.kind == SPF_TERM_OTHER)
			check_modifier(place, &term);
		if (term.kind >= SPF_TERM_REDIRECT)
			continue;
		walk_term(place, &term);
		place->record->everybody = place->record->everybody || lets_everybody_pass(&term);
		if (term.kind == SPF_TERM_ALL)
			return;
	}
	if (record->redirect.spec != NULL && !record->has_all)
		walk_term(place, &record->redirect);
}

static const char *repaired(struct doctor *doctor, const char *domain, const char *text,
                            size_t length)
{
	const char *value = doctor_spf_repair(doctor, text, length);

	return value == NULL ? NULL : doctor_txt(doctor, domain, value);
}

static void say_joined(struct doctor *doctor, const char *domain, const char *text, size_t length,
                       size_t seam)
{
	const char *octet = doctor_number(doctor, (unsigned long)seam + 1);

	doctor_add(doctor, SPF_JOINED, domain, repaired(doctor, domain, text, length),
	           DOCTOR_WORDS(domain, octet))
	    ->shown = doctor_caret(doctor, text, length, seam);
}

static void say_broken(struct doctor *doctor, const char *domain, const char *text, size_t length,
                       const struct spf_fault *fault)
{
	size_t at = (size_t)(fault->at - text);

	doctor_add(doctor, SPF_SYNTAX, domain, repaired(doctor, domain, text, length),
	           DOCTOR_WORDS(domain, doctor_number(doctor, (unsigned long)at + 1), fault->what))
	    ->shown = doctor_caret(doctor, text, length, at);
}

static void read_one(struct listen_address *place, const char *text, size_t length)
{
	size_t seam = doctor_spf_repair_seam(text, length);
	struct spf_record record;
	struct spf_fault fault;

	place->record->text = doctor_safe(place->walk->doctor, text, length);
	if (!spf_record_read(text, length, &record, &fault)) {
		place->record->status = "broken";
		if (seam == 0)
			say_broken(place->walk->doctor, place->here.domain, text, length, &fault);
	}
	if (seam > 0)
		say_joined(place->walk->doctor, place->here.domain, text, length, seam);
	if (fault.what != NULL)
		return;
	place->record->status = "found";
	walk_terms(place, &record);
}

static bool is_above(const struct above *above, const char *domain)
{
	for (; above != NULL; above = above->above)
		if (text_same(above->domain, domain))
			return true;
	return false;
}

/* The depth is bounded by the lookups that are counted. */
static const struct doctor_spf_record *walk_record(struct doctor_spf_tree_walk *walk,
                                                   const char *domain, const struct above *above)
{
	struct doctor_spf_record *record = arena_allocate(walk->doctor->arena, sizeof *record);
	struct listen_address place = {walk, {domain, above}, record, &record->terms};
	unsigned lookups = walk->lookups, voids = walk->voids4;
	const struct answer *answer;
	const char *text;
	size_t length, found;

	*record = (struct doctor_spf_record){.domain = domain, .status = "loop"};
	if (is_above(above, domain))
		return record;
	answer = doctor_ask(walk->doctor, domain, RECORD_TXT);
	found = spf_record_select(answer, &text, &length);
	record->status = answer->status == LOOKUP_FAILED ? "failed"
	                 : found == 0                    ? "none"
	                                                 : "several";
	if (found == 1)
		read_one(&place, text, length);
	record->lookups = walk->lookups - lookups;
	record->voids = walk->voids4 - voids;
	return record;
}

void doctor_spf_tree_walk(struct doctor *doctor)
{
	struct doctor_spf_tree_walk walk = {.doctor = doctor};
	struct doctor_spf *spf = &doctor->spf;

	spf->record = walk_record(&walk, doctor->asked->domain, NULL);
	spf->lookups = walk.lookups;
	spf->more = walk.more;
	spf->voids4 = walk.voids4;
	spf->voids6 = walk.voids6;
	if (walk.terms > DOCTOR_SPF_TERMS)
		doctor_add(doctor, SPF_MANY_TERMS, doctor->asked->domain, NULL, DOCTOR_WORDS(NULL));
}
