/*
 * answer_fuzz.c - record data as a hostile name server sends it: what is handed out keeps to
 * services.h.
 *
 * The input: an octet for the type, then records, each an octet for its length (250 and above: that
 * many times eight) and so many octets.
 */
#include "fuzz.h"

#include "dns/answer.h"

enum {
	RECORDS_MAX = 300
};

static const enum record_type types[] = {RECORD_A,   RECORD_AAAA, RECORD_PTR,  RECORD_MX,
                                         RECORD_TXT, RECORD_SPF,  RECORD_CNAME};

static size_t read_records(struct fuzz_input *input, struct record_data *data)
{
	size_t count = 0;

	while (input->at < input->end && count < RECORDS_MAX) {
		size_t length = fuzz_octet(input), left = (size_t)(input->end - input->at);

		length = length < 250 ? length : length * 8;
		length = length < left ? length : left;
		data[count++] = (struct record_data){(const unsigned char *)input->at, length};
		input->at += length;
	}
	return count;
}

static void check(const struct record *record, enum record_type type)
{
	if (type == RECORD_A)
		must(record->address.family == ADDRESS_IPV4);
	if (type == RECORD_AAAA) /* ::ffff:192.0.2.1 is the address that it stands for */
		must(record->address.family == ADDRESS_IPV6 ||
		     record->address.family == ADDRESS_IPV4);
	if (type == RECORD_PTR || type == RECORD_MX || type == RECORD_CNAME)
		fuzz_must_be_printable(record->name);
	if (type == RECORD_MX)
		must(record->preference <= 65535);
	if (type == RECORD_TXT || type == RECORD_SPF)
		must(record->text[record->text_length] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct fuzz_input input = {(const char *)bytes, (const char *)bytes + length};
	enum record_type type = types[fuzz_octet(&input) % (sizeof types / sizeof *types)];
	struct record_data data[RECORDS_MAX];
	size_t count = read_records(&input, data);
	struct answer *answer;

	if (count == 0)
		return 0;
	answer = answer_found(type, data, count, true);
	must(answer != NULL && (answer->status == LOOKUP_FOUND) == (answer->count > 0));
	must((answer->status == LOOKUP_FAILED) == (answer->why != NULL));
	must(answer->count <= ANSWER_RECORDS_MAX && answer_bytes(answer) >= sizeof *answer);
	must(answer->status != LOOKUP_FOUND || answer->count == count);
	for (size_t i = 0; i < answer->count; i++)
		check(&answer->records[i], type);
	answer_free(answer);
	return 0;
}
