/*
 * base64.c - base64 of signatures and keys. signature_field.c and key_record.c decode it; signing,
 * verifier.c and report mails encode it.
 */
#include "crypto/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char character)
{
	if (character >= 'A' && character <= 'Z')
		return character - 'A';
	if (character >= 'a' && character <= 'z')
		return character - 'a' + 26;
	if (text_is_digit(character))
		return character - '0' + 52;
	if (character == '+')
		return 62;
	return character == '/' ? 63 : -1;
}

/* After the last group: at most two "=" and white space. */
static bool is_padding(const char *text)
{
	size_t equals = 0;

	for (; *text != '\0'; text++) {
		if (*text != '=' && !text_is_space(*text))
			return false;
		equals += *text == '=';
	}
	return equals <= 2;
}

unsigned char *base64_decode(struct arena *arena, const char *text, size_t *length)
{
	unsigned char *bytes = arena_allocate_raw(arena, strlen(text) / 4 * 3 + 3);
	uint32_t group = 0;
	unsigned have = 0;

	*length = 0;
	for (; *text != '\0' && *text != '='; text++) {
		int value = value_of(*text);

		if (text_is_space(*text))
			continue;
		if (value < 0)
			return NULL;
		group = group << 6 | (uint32_t)value;
		if (++have < 4)
			continue;
		bytes[(*length)++] = (unsigned char)(group >> 16);
		bytes[(*length)++] = (unsigned char)(group >> 8);
		bytes[(*length)++] = (unsigned char)group;
		have = 0;
	}
	if (have == 1 || !is_padding(text))
		return NULL;
	group <<= 6 * (4 - have);
	if (have >= 2)
		bytes[(*length)++] = (unsigned char)(group >> 16);
	if (have == 3)
		bytes[(*length)++] = (unsigned char)(group >> 8);
	return bytes;
}

char *base64_encode(struct arena *arena, const unsigned char *bytes, size_t length)
{
	char *text = arena_allocate(arena, (length + 2) / 3 * 4 + 1);
	char *to = text;

	invariant(bytes != NULL || length == 0);
	for (size_t at = 0; at < length; at += 3) {
		size_t left = length - at;
		uint32_t group = (uint32_t)bytes[at] << 16;

		group |= left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
		group |= left > 2 ? bytes[at + 2] : 0;
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
		*to++ = left > 2 ? alphabet[group & 63] : '=';
	}
	return text;
}
