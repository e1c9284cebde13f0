/*
 * xml_octets.c - from the encodings that reports come in to UTF-8, with a mark in the place of each
 * octet that their encoding does not know.
 */
#include "received/xml_octets.h"

#include <errno.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	DECLARATION_MAX = 200,
	NAME_MAX_OCTETS = 40,
	CONVERTED = 32768
};

/* Index 0 is taken where nothing else is told. What a declaration can choose has ASCII in it as it
 * is. */
static const struct {
	const char *iconv;
	const char *names[5]; /* in declarations; none: by the first octets alone */
} encodings_known[XML_OCTETS_ENCODINGS] = {{"UTF-8", {"utf-8", "utf8", "us-ascii", "ascii"}},
                                           {"UTF-16LE", {NULL}},
                                           {"UTF-16BE", {NULL}},
                                           {"ISO-8859-1", {"iso-8859-1", "iso8859-1", "latin1"}},
                                           {"WINDOWS-1252", {"windows-1252", "cp1252"}},
                                           {"ISO-8859-15", {"iso-8859-15"}},
                                           {"ISO-8859-2", {"iso-8859-2"}},
                                           {"WINDOWS-1251", {"windows-1251", "cp1251"}},
                                           {"KOI8-R", {"koi8-r"}},
                                           {"GB18030", {"gb18030", "gbk", "gb2312"}},
                                           {"SHIFT_JIS", {"shift_jis", "sjis"}},
                                           {"EUC-JP", {"euc-jp"}}};

void xml_octets_prepare(struct xml_encodings *encodings)
{
	for (size_t i = 0; i < XML_OCTETS_ENCODINGS; i++)
		encodings->converter[i] = iconv_open("UTF-8", encodings_known[i].iconv);
}

void xml_octets_release(struct xml_encodings *encodings)
{
	for (size_t i = 0; i < XML_OCTETS_ENCODINGS; i++)
		if (encodings->converter[i] != (iconv_t)-1)
			iconv_close(encodings->converter[i]);
}

static size_t encoding_named(const char *name)
{
	for (size_t i = 0; i < XML_OCTETS_ENCODINGS; i++)
		for (size_t j = 0; j < 5 && encodings_known[i].names[j] != NULL; j++)
			if (text_same(encodings_known[i].names[j], name))
				return i;
	return 0;
}

/* encoding="NAME" of the declaration. */
static size_t encoding_declared(const char *bytes, size_t length)
{
	static const char key[] = "encoding=";
	char name[NAME_MAX_OCTETS] = "";
	const char *end, *at;
	size_t size = 0;

	if (length > DECLARATION_MAX)
		length = DECLARATION_MAX;
	end = memchr(bytes, '>', length);
	at = end == NULL ? NULL : memmem(bytes, (size_t)(end - bytes), key, sizeof key - 1);
	if (at == NULL)
		return 0;
	at += sizeof key; /* the quote too */
	/* no NUL ends the octets */
	while (at + size < end && size < sizeof name && strchr("\"'? ", at[size]) == NULL)
		size++;
	if (size < sizeof name)
		memcpy(name, at, size);
	return encoding_named(name);
}

static bool octets_begin_with(const char *bytes, size_t length, const char *with, size_t octets)
{
	return length >= octets && memcmp(bytes, with, octets) == 0;
}

size_t xml_octets_begin(struct xml_octets *octets, const char *bytes, size_t length)
{
	size_t mark = 0, encoding = 0;

	if (octets_begin_with(bytes, length, "\357\273\277", 3)) {
		mark = 3;
	} else if (octets_begin_with(bytes, length, "\377\376", 2) ||
	           octets_begin_with(bytes, length, "<\0", 2)) {
		mark = bytes[0] == '<' ? 0 : 2;
		encoding = 1;
	} else if (octets_begin_with(bytes, length, "\376\377", 2) ||
	           octets_begin_with(bytes, length, "\0<", 2)) {
		mark = bytes[0] == '\0' ? 0 : 2;
		encoding = 2;
	} else {
		encoding = encoding_declared(bytes, length);
	}
	octets->converter = octets->encodings->converter[encoding];
	if (octets->converter == (iconv_t)-1)
		octets->converter = octets->encodings->converter[0];
	iconv(octets->converter, NULL, NULL, NULL, NULL);
	return mark;
}

/* Converts what it can; returns how many octets are left because their end is to come. */
static size_t convert_octets(struct xml_octets *octets, char *bytes, size_t length)
{
	char converted[CONVERTED];

	while (length > 0) {
		char *to = converted;
		size_t room = sizeof converted;
		size_t status = iconv(octets->converter, &bytes, &length, &to, &room);

		octets->put(octets->context, converted, (size_t)(to - converted));
		if (status != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL)
			return length;
		octets->damaged = true;
		octets->put(octets->context, "\357\277\275", 3);
		bytes++;
		length--;
	}
	return 0;
}

static void octets_step(struct xml_octets *octets, const char *bytes, size_t length)
{
	char together[CONVERTED];
	size_t all = octets->held + length, left;

	invariant(all <= sizeof together);
	memcpy(together, octets->hold, octets->held);
	memcpy(together + octets->held, bytes, length);
	left = convert_octets(octets, together, all);
	if (left > sizeof octets->hold) { /* no character is so long */
		octets->damaged = true;
		left = 0;
	}
	memcpy(octets->hold, together + all - left, left);
	octets->held = left;
}

void xml_octets_add(struct xml_octets *octets, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t step = length < CONVERTED / 4 ? length : CONVERTED / 4;

		octets_step(octets, bytes, step);
		bytes += step;
		length -= step;
	}
}

void xml_octets_end(struct xml_octets *octets)
{
	if (octets->held == 0)
		return;
	octets->damaged = true;
	octets->put(octets->context, "\357\277\275", 3);
}
