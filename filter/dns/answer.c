/*
 * answer.c - reads the data of DNS records (RFC 1035 3.3) into answers.
 *
 * upstream.c calls it for every reply of libunbound, recursor.c for lookups that failed. All
 * lengths come from the network and are checked against the data.
 */
#include "dns/answer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer_note.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

enum {
	NAME_OCTETS_MAX = 255, /* of a name on the wire, RFC 1035 2.3.4 */
	ESCAPED_OCTET = 4      /* characters of \DDD */
};

struct answer_block {
	size_t bytes;
	struct answer_note_place note_place;
	struct answer answer;
	struct record records[];
};

/* Where the text of the next record is written: behind the array of records. */
struct room {
	char *next;
};

static struct answer_block *block_of(const struct answer *answer)
{
	return (struct answer_block *)((char *)(uintptr_t)answer -
	                               offsetof(struct answer_block, answer));
}

static struct answer_block *block_new(size_t records, size_t text)
{
	size_t bytes = sizeof(struct answer_block) + records * sizeof(struct record) + text;
	struct answer_block *block = calloc(1, bytes);

	if (block == NULL)
		return NULL;
	block->bytes = bytes;
	block->answer.records = block->records;
	block->answer.note_place = &block->note_place;
	return block;
}

/* RFC 1035 3.3.14: character-strings, each a length octet and its octets. */
static bool answer_read_text(struct room *room, struct record *record,
                             const struct record_data *data)
{
	size_t at = 0;

	record->text = room->next;
	if (data->length == 0)
		return false;
	while (at < data->length) {
		size_t length = data->octets[at++];

		if (length > data->length - at)
			return false;
		memcpy(room->next, data->octets + at, length);
		room->next += length;
		at += length;
	}
	record->text_length = (size_t)(room->next - record->text);
	*room->next++ = '\0';
	return true;
}

static void add_octet(struct room *room, unsigned char octet)
{
	if (octet > 0x20 && octet < 0x7F && octet != '.' && octet != '\\')
		*room->next++ = text_lower_byte((char)octet);
	else
		room->next += sprintf(room->next, "\\%03u", octet);
}

/* A name that reaches from `at` exactly to the end of the data. */
static bool answer_read_name(struct room *room, struct record *record,
                             const struct record_data *data, size_t at)
{
	size_t begin = at;

	record->name = room->next;
	while (at < data->length && data->octets[at] != 0) {
		size_t length = data->octets[at++];

		if (length > LABEL_MAX || length >= data->length - at)
			return false;
		if (room->next != record->name)
			*room->next++ = '.';
		for (size_t i = 0; i < length; i++)
			add_octet(room, data->octets[at++]);
	}
	*room->next++ = '\0';
	return at + 1 == data->length && data->length - begin <= NAME_OCTETS_MAX;
}

static bool read_record(struct room *room, struct record *record, enum record_type type,
                        const struct record_data *data)
{
	switch (type) {
	case RECORD_A:
		if (data->length != 4)
			return false;
		record->address = address_ipv4(data->octets);
		return true;
	case RECORD_AAAA:
		if (data->length != 16)
			return false;
		record->address = address_ipv6(data->octets);
		return true;
	case RECORD_MX:
		if (data->length < 3)
			return false;
		record->preference = (unsigned)data->octets[0] << 8 | data->octets[1];
		return answer_read_name(room, record, data, 2);
	case RECORD_PTR:
	case RECORD_CNAME:
		return answer_read_name(room, record, data, 0);
	case RECORD_TXT:
	case RECORD_SPF:
		return answer_read_text(room, record, data);
	}
	return false;
}

/* The most characters that the text of the records can need; 0 if they exceed the limits. */
static size_t text_room(enum record_type type, const struct record_data *data, size_t count)
{
	size_t factor = type == RECORD_TXT ? 1 : ESCAPED_OCTET;
	size_t octets = 0;

	if (count > ANSWER_RECORDS_MAX)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (data[i].length > ANSWER_OCTETS_MAX - octets)
			return 0;
		octets += data[i].length;
	}
	return octets * factor + count + 1;
}

struct answer *answer_found(enum record_type type, const struct record_data *data, size_t count,
                            bool secure)
{
	size_t text = text_room(type, data, count);
	struct answer_block *block;
	struct room room;

	invariant(data != NULL || count == 0);
	if (text == 0)
		return answer_without(LOOKUP_FAILED, "the answer has too many records or octets",
		                      false);
	block = block_new(count, text);
	if (block == NULL)
		return NULL;
	room.next = (char *)(block->records + count);
	block->answer.status = LOOKUP_FOUND;
	block->answer.count = count;
	block->answer.secure = secure;
	for (size_t i = 0; i < count; i++) {
		if (read_record(&room, &block->records[i], type, &data[i]))
			continue;
		free(block);
		return answer_without(LOOKUP_FAILED, "the answer has a malformed record", false);
	}
	invariant(room.next <= (const char *)block + block->bytes);
	return &block->answer;
}

struct answer *answer_without(enum lookup_status status, const char *why, bool secure)
{
	size_t length = why == NULL ? 0 : strlen(why) + 1;
	struct answer_block *block = block_new(0, length);

	invariant(status != LOOKUP_FOUND && (status == LOOKUP_FAILED) == (why != NULL));
	if (block == NULL)
		return NULL;
	block->answer.status = status;
	block->answer.secure = secure;
	if (why != NULL)
		block->answer.why = memcpy(block->records, why, length);
	return &block->answer;
}

size_t answer_bytes(const struct answer *answer)
{
	return block_of(answer)->bytes;
}

void answer_free(struct answer *answer)
{
	if (answer == NULL)
		return;
	answer_note_release(answer->note_place);
	free(block_of(answer));
}
