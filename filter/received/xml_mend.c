/*
 * xml_mend.c - XML mended octet by octet: a small automaton that knows where markup begins and
 * ends, and nothing about elements.
 */
#include "received/xml_mend.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	ENTITY_MAX = 10, /* "&#x10FFFF;" */
	BANG_MAX = 9,    /* "<![CDATA[" */
	NAME_MAX_OCTETS = 64,
	MENDED_MAX = 1000000
};

static const char feedback[] = "feedback";

static void mend_flush(struct xml_mend *mend)
{
	if (mend->waiting > 0)
		mend->put(mend->context, mend->out, mend->waiting);
	mend->waiting = 0;
}

static void mend_put(struct xml_mend *mend, char octet)
{
	if (mend->waiting == sizeof mend->out)
		mend_flush(mend);
	mend->out[mend->waiting++] = octet;
}

static void mend_put_all(struct xml_mend *mend, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		mend_put(mend, bytes[i]);
}

/* What is held was no markup. */
static void put_literal(struct xml_mend *mend)
{
	if (++mend->mended > MENDED_MAX)
		mend->refused = "it is no XML: too many of its < and & begin nothing";
	for (size_t i = 0; i < mend->held; i++) {
		if (mend->tag[i] == '<')
			mend_put_all(mend, "&lt;", 4);
		else if (mend->tag[i] == '&')
			mend_put_all(mend, "&amp;", 5);
		else
			mend_put(mend, mend->tag[i]);
	}
	mend->held = 0;
	mend->state = XML_MEND_TEXT;
}

static void put_markup(struct xml_mend *mend, enum xml_mend_state then)
{
	mend_put_all(mend, mend->tag, mend->held);
	mend->held = 0;
	mend->state = then;
}

static void mend_hold(struct xml_mend *mend, char octet, enum xml_mend_state state)
{
	invariant(mend->held < sizeof mend->tag);
	mend->tag[mend->held++] = octet;
	mend->state = state;
}

static bool is_name_octet(char octet)
{
	return text_is_letter(octet) || text_is_digit(octet) || octet == '_' || octet == ':' ||
	       octet == '-' || octet == '.' || (unsigned char)octet >= 0x80;
}

static bool begins_name(char octet)
{
	return is_name_octet(octet) && !text_is_digit(octet) && octet != '-' && octet != '.';
}

/* What stands behind a name has to be attributes. */
static bool is_tag(const struct xml_mend *mend)
{
	size_t at = 1;

	while (at < mend->held && (is_name_octet(mend->tag[at]) || mend->tag[at] == '/'))
		at++;
	while (at < mend->held &&
	       (text_is_space(mend->tag[at]) || mend->tag[at] == '/' || mend->tag[at] == '>'))
		at++;
	return at == mend->held || memchr(mend->tag + at, '=', mend->held - at) != NULL;
}

static bool is_entity(const char *text, size_t length)
{
	static const char *const known[] = {"&amp", "&lt", "&gt", "&quot", "&apos", NULL};
	size_t from = 2;

	for (size_t i = 0; known[i] != NULL; i++)
		if (strlen(known[i]) == length && memcmp(known[i], text, length) == 0)
			return true;
	if (length < 3 || text[1] != '#')
		return false;
	if (text[2] == 'x' && length > 3) {
		for (from = 3; from < length && isxdigit((unsigned char)text[from]);)
			from++;
		return from == length;
	}
	while (from < length && text_is_digit(text[from]))
		from++;
	return from == length;
}

/* The following take an octet in their state. False: it has to be looked at again. */

static bool mend_ampersand(struct xml_mend *mend, char octet)
{
	bool goes_on = text_is_letter(octet) || text_is_digit(octet) || octet == '#';

	mend->tag[mend->held] = '\0';
	if (octet == ';' && is_entity(mend->tag, mend->held)) {
		mend_hold(mend, octet, XML_MEND_AMPERSAND);
		put_markup(mend, XML_MEND_TEXT);
		return true;
	}
	if (goes_on && mend->held < ENTITY_MAX) {
		mend_hold(mend, octet, XML_MEND_AMPERSAND);
		return true;
	}
	put_literal(mend);
	return false;
}

static bool mend_opened(struct xml_mend *mend, char octet)
{
	mend->named = false;
	mend->quote = 0;
	if (octet == '!') {
		mend_hold(mend, octet, XML_MEND_BANG);
	} else if (octet == '?') {
		mend->held = 0;
		mend->last[0] = 0;
		mend->state = XML_MEND_INSTRUCTION;
	} else if (octet == '/' || begins_name(octet)) {
		mend_hold(mend, octet, XML_MEND_TAGGED);
	} else {
		put_literal(mend);
		return false;
	}
	return true;
}

/* An octet that no tag has where it stands. */
static bool ends_the_attempt(const struct xml_mend *mend, char octet)
{
	return octet == '<' || (!mend->named && !is_name_octet(octet) && octet != '>' &&
	                        octet != '/' && !text_is_space(octet));
}

/* Prefixes and attributes mean nothing in a report, and cost libxml2 time. */
static void put_tag(struct xml_mend *mend)
{
	bool closes = mend->tag[1] == '/', empty = !closes && mend->tag[mend->held - 2] == '/';
	size_t from = closes ? 2 : 1, to = from;

	for (; to < mend->held && is_name_octet(mend->tag[to]); to++)
		if (mend->tag[to] == ':')
			from = to + 1;
	if (to - from > NAME_MAX_OCTETS || to == from)
		from = to; /* of no report: an element "x" */
	mend_put_all(mend, closes ? "</" : "<", closes ? 2 : 1);
	if (from == to || !begins_name(mend->tag[from]))
		mend_put(mend, 'x');
	mend_put_all(mend, mend->tag + from, to - from);
	mend_put_all(mend, empty ? "/>" : ">", empty ? 2 : 1);
	mend->ended += closes && to - from == sizeof feedback - 1 &&
	               strncasecmp(mend->tag + from, feedback, to - from) == 0;
	mend->held = 0;
	mend->state = XML_MEND_TEXT;
}

static bool end_tag(struct xml_mend *mend)
{
	mend_hold(mend, '>', XML_MEND_TAGGED);
	if (is_tag(mend))
		put_tag(mend);
	else
		put_literal(mend);
	return true;
}

/* A tag is held until its end: only then is it known to be one. */
static bool mend_tagged(struct xml_mend *mend, char octet)
{
	if (mend->held + 1 >= sizeof mend->tag) {
		mend->refused = "one of its tags is longer than 64 kB";
		return true;
	}
	if (mend->quote != 0) {
		mend->quote = octet == mend->quote ? 0 : mend->quote;
	} else if (ends_the_attempt(mend, octet)) {
		put_literal(mend);
		return false;
	} else if (octet == '>') {
		return end_tag(mend);
	} else {
		/* of "</name" the slash is no end of the name */
		mend->named = mend->named || (!is_name_octet(octet) && mend->held > 1);
		if (mend->named && mend->tag[mend->held - 1] == '=' &&
		    (octet == '"' || octet == '\''))
			mend->quote = octet;
	}
	mend_hold(mend, octet, XML_MEND_TAGGED);
	return true;
}

static bool mend_bang(struct xml_mend *mend, char octet)
{
	static const char cdata[] = "<![CDATA[";

	mend_hold(mend, octet, XML_MEND_BANG);
	if (mend->held == 4 && memcmp(mend->tag, "<!--", 4) == 0) {
		mend->held = 0;
		mend->last[0] = mend->last[1] = 0;
		mend->state = XML_MEND_COMMENT;
	} else if (mend->held == sizeof cdata - 1 && memcmp(mend->tag, cdata, mend->held) == 0) {
		mend->last[0] = mend->last[1] = 0;
		put_markup(mend, XML_MEND_CDATA);
	} else if (text_is_letter(mend->tag[2])) {
		mend->refused = "it declares a document type or entities, which no report needs";
	} else if (mend->held >= BANG_MAX || (mend->tag[2] != '-' && mend->tag[2] != '[')) {
		put_literal(mend);
	}
	return true;
}

/* In a comment, an instruction or CDATA. */
static bool mend_inside(struct xml_mend *mend, char octet)
{
	char twice = mend->state == XML_MEND_COMMENT ? '-' : ']';
	bool ends = octet == '>' && (mend->state == XML_MEND_INSTRUCTION
	                                 ? mend->last[0] == '?'
	                                 : mend->last[0] == twice && mend->last[1] == twice);

	if (mend->state == XML_MEND_CDATA)
		mend_put(mend, octet);
	mend->last[1] = mend->last[0];
	mend->last[0] = octet;
	if (ends)
		mend->state = XML_MEND_TEXT;
	return true;
}

static bool mend_text(struct xml_mend *mend, char octet)
{
	if (octet == '<')
		mend_hold(mend, octet, XML_MEND_OPENED);
	else if (octet == '&')
		mend_hold(mend, octet, XML_MEND_AMPERSAND);
	else
		mend_put(mend, octet);
	return true;
}

typedef bool mend_function(struct xml_mend *mend, char octet);

static mend_function *const mend_states[] = {
    [XML_MEND_TEXT] = mend_text,     [XML_MEND_AMPERSAND] = mend_ampersand,
    [XML_MEND_OPENED] = mend_opened, [XML_MEND_TAGGED] = mend_tagged,
    [XML_MEND_BANG] = mend_bang,     [XML_MEND_COMMENT] = mend_inside,
    [XML_MEND_CDATA] = mend_inside,  [XML_MEND_INSTRUCTION] = mend_inside};

bool xml_mend_add(struct xml_mend *mend, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && mend->refused == NULL; i++) {
		char octet = bytes[i];

		if ((unsigned char)octet < ' ' && !text_is_space(octet)) {
			mend->controls_mended = true;
			octet = ' ';
		}
		if (!mend_states[mend->state](mend, octet))
			mend_states[mend->state](mend, octet);
	}
	return mend->refused == NULL;
}

void xml_mend_end(struct xml_mend *mend)
{
	if (mend->held > 0)
		put_literal(mend);
	mend_flush(mend);
}
