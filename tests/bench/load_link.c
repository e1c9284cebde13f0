/*
 * load_link.c - the milter protocol, version 6, as Postfix's cleanup(8) and smtpd(8) speak it.
 * Called by load.c.
 */
#include "load_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	PROTOCOL = 6,
	ALL_ACTIONS = 0x1FF,
	ALL_STEPS = 0x1FFFFF,
	LEADING_SPACE = 1 << 20,
	BODY_CHUNK = 65535
};

const struct load_step load_connect = {'C', LOAD_CONNECT, 1 << 0, 1 << 12};
const struct load_step load_helo = {'H', LOAD_HELO, 1 << 1, 1 << 13};
const struct load_step load_mail = {'M', LOAD_MAIL, 1 << 2, 1 << 14};
const struct load_step load_rcpt = {'R', LOAD_RCPT, 1 << 3, 1 << 15};
const struct load_step load_data = {'T', LOAD_DATA, 1 << 9, 1 << 16};
const struct load_step load_header = {'L', LOAD_END_OF_HEADERS, 1 << 5, 1 << 7};
const struct load_step load_end_of_headers = {'N', LOAD_END_OF_HEADERS, 1 << 6, 1 << 18};
const struct load_step load_body = {'B', LOAD_END_OF_MESSAGE, 1 << 4, 1 << 19};
const struct load_step load_end_of_message = {'E', LOAD_END_OF_MESSAGE, 0, 0};

/* Postfix's milter_connect_macros and so on; {client_addr} is what many guides add. */
static const char *const postfix_lists[LOAD_STAGES] = {
    [LOAD_CONNECT] = "j {daemon_name} {daemon_addr} v _ {client_addr}",
    [LOAD_HELO] = "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
    [LOAD_MAIL] = "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
    [LOAD_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
    [LOAD_DATA] = "i",
    [LOAD_END_OF_MESSAGE] = "i",
    [LOAD_END_OF_HEADERS] = "i"};

static void lose(struct load_link *link)
{
	link->lost = true;
}

static void flush(struct load_link *link)
{
	for (size_t sent = 0; sent < link->out && !link->lost;) {
		ssize_t count =
		    send(link->descriptor, link->out_bytes + sent, link->out - sent, MSG_NOSIGNAL);

		if (count <= 0)
			lose(link);
		else
			sent += (size_t)count;
	}
	link->out = 0;
}

static void put(struct load_link *link, const void *bytes, size_t length)
{
	const char *from = bytes;

	while (length > 0 && !link->lost) {
		size_t piece = sizeof link->out_bytes - link->out;

		piece = length < piece ? length : piece;
		memcpy(link->out_bytes + link->out, from, piece);
		link->out += piece;
		from += piece;
		length -= piece;
		if (link->out == sizeof link->out_bytes)
			flush(link);
	}
}

static void put_head(struct load_link *link, char command, size_t length)
{
	uint32_t size = htonl((uint32_t)length + 1);

	put(link, &size, sizeof size);
	put(link, &command, 1);
}

static uint32_t number_at(const char *bytes)
{
	uint32_t number;

	memcpy(&number, bytes, sizeof number);
	return ntohl(number);
}

static bool have(struct load_link *link, size_t length)
{
	while (link->in_to - link->in_from < length && !link->lost) {
		ssize_t count;

		if (link->in_from > 0) {
			memmove(link->in_bytes, link->in_bytes + link->in_from,
			        link->in_to - link->in_from);
			link->in_to -= link->in_from;
			link->in_from = 0;
		}
		count = length > LOAD_IN ? 0
		                         : recv(link->descriptor, link->in_bytes + link->in_to,
		                                LOAD_IN - link->in_to, 0);
		if (count <= 0)
			lose(link);
		else
			link->in_to += (size_t)count;
	}
	return !link->lost;
}

/* The next packet's command, 0 where the link is lost; its data, one octet longer than *length for
 * a NUL. */
static char take(struct load_link *link, char **data, size_t *length, char *follows)
{
	char *packet;

	flush(link);
	if (!have(link, 5))
		return 0;
	*length = number_at(link->in_bytes + link->in_from);
	if (*length == 0 || !have(link, 4 + *length)) {
		lose(link);
		return 0;
	}
	packet = link->in_bytes + link->in_from;
	link->in_from += 4 + *length;
	*data = packet + 5;
	*length -= 1;
	*follows = packet[5 + *length];
	packet[5 + *length] = '\0';
	return packet[4];
}

static void give_back(char *data, size_t length, char follows)
{
	data[length] = follows;
}

static const char *second_text(const char *data, size_t length)
{
	size_t first = strlen(data);

	return first < length ? data + first + 1 : "";
}

static void note_wish(const struct load_wishes *wishes, char command, const char *data,
                      size_t length)
{
	if (wishes == NULL)
		return;
	if ((command == 'i' || command == 'm') && length > 4) {
		const char *name = data + 4, *value = second_text(name, length - 4);

		(command == 'i' ? wishes->insert : wishes->change)(wishes->context, number_at(data),
		                                                   name, value);
	} else if (command == 'h') {
		wishes->add(wishes->context, data, second_text(data, length));
	} else {
		wishes->other(wishes->context, command, data);
	}
}

static char answer(struct load_link *link, const struct load_wishes *wishes)
{
	for (;;) {
		char *data, follows;
		size_t length;
		char command = take(link, &data, &length, &follows);

		if (command == 0)
			return 0;
		if (command == 'y')
			snprintf(link->reply, sizeof link->reply, "%s", data);
		else if (strchr("cartds", command) == NULL)
			note_wish(wishes, command, data, length);
		give_back(data, length, follows);
		if (strchr("cartdys", command) != NULL)
			return command;
	}
}

static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name))
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

static void put_macros(struct load_link *link, const struct load_step *step,
                       const struct load_macro *macros)
{
	const char *list = link->lists[step->stage];
	size_t length = 1;

	for (const struct load_macro *macro = macros; macro->name != NULL; macro++)
		if (listed(list, macro->name))
			length += strlen(macro->name) + strlen(macro->value) + 2;
	put_head(link, 'D', length);
	put(link, &step->command, 1);
	for (const struct load_macro *macro = macros; macro->name != NULL; macro++) {
		if (!listed(list, macro->name))
			continue;
		put(link, macro->name, strlen(macro->name) + 1);
		put(link, macro->value, strlen(macro->value) + 1);
	}
}

static char finish_step(struct load_link *link, const struct load_step *step,
                        const struct load_wishes *wishes)
{
	if ((link->steps & step->silent) != 0)
		return link->lost ? 0 : 'c';
	return answer(link, wishes);
}

/* A body goes in chunks; a filter that has seen enough says so ('s'). */
static char send_body(struct load_link *link, const struct load_macro *macros, const char *bytes,
                      size_t length)
{
	char got = 'c';

	while (length > 0 && got == 'c') {
		size_t piece = length < BODY_CHUNK ? length : BODY_CHUNK;

		put_macros(link, &load_body, macros);
		if ((link->steps & load_body.left_out) != 0)
			return 'c';
		put_head(link, 'B', piece);
		put(link, bytes, piece);
		got = finish_step(link, &load_body, NULL);
		bytes += piece;
		length -= piece;
	}
	return got == 's' ? 'c' : got;
}

static char note_accept(struct load_link *link, const struct load_step *step, char got)
{
	if (got != 'a')
		return got;
	link->passed_connection = step == &load_connect || step == &load_helo;
	link->passed_message = true;
	return 'c';
}

char load_link_step(struct load_link *link, const struct load_step *step,
                    const struct load_macro *macros, const void *bytes, size_t length,
                    const struct load_wishes *wishes)
{
	if (link->lost)
		return 0;
	if (link->passed_connection || link->passed_message)
		return 'c';
	if (step == &load_body)
		return note_accept(link, step, send_body(link, macros, bytes, length));
	put_macros(link, step, macros);
	if ((link->steps & step->left_out) != 0)
		return 'c';
	put_head(link, step->command, length);
	put(link, bytes, length);
	return note_accept(link, step, finish_step(link, step, wishes));
}

void load_link_begin(struct load_link *link)
{
	link->passed_message = false;
}

char load_link_field(struct load_link *link, const struct load_macro *macros, const char *name,
                     const char *value)
{
	size_t name_length = strlen(name) + 1, value_length;

	if (link->lost)
		return 0;
	if (link->passed_connection || link->passed_message)
		return 'c';
	put_macros(link, &load_header, macros);
	if ((link->steps & load_header.left_out) != 0)
		return 'c';
	value += (link->steps & LEADING_SPACE) == 0 && *value == ' ';
	value_length = strlen(value) + 1;
	put_head(link, 'L', name_length + value_length);
	put(link, name, name_length);
	put(link, value, value_length);
	return note_accept(link, &load_header, finish_step(link, &load_header, NULL));
}

static bool connect_unix(struct load_link *link, const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof name.sun_path)
		return false;
	memcpy(name.sun_path, path, strlen(path) + 1);
	link->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return link->descriptor >= 0 &&
	       connect(link->descriptor, (const struct sockaddr *)&name, sizeof name) == 0;
}

static bool connect_inet(struct load_link *link, const char *where)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	const char *host = strchr(where, '@');
	int on = 1;

	name.sin_port = htons((uint16_t)strtoul(where, NULL, 10));
	if (inet_pton(AF_INET, host == NULL ? "127.0.0.1" : host + 1, &name.sin_addr) != 1)
		return false;
	link->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (link->descriptor < 0 ||
	    connect(link->descriptor, (const struct sockaddr *)&name, sizeof name) != 0)
		return false;
	setsockopt(link->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return true;
}

/* The lists of macros that a filter asks for, which take the place of Postfix's own. */
static void take_lists(struct load_link *link, const char *data, size_t length)
{
	while (length > 5) {
		uint32_t stage = number_at(data);
		size_t list = strnlen(data + 4, length - 4);

		if (stage < LOAD_STAGES)
			snprintf(link->lists[stage], LOAD_LIST, "%.*s", (int)list, data + 4);
		if (length - 4 <= list)
			return;
		data += 4 + list + 1;
		length -= 4 + list + 1;
	}
}

static void negotiate(struct load_link *link)
{
	uint32_t offer[3] = {htonl(PROTOCOL), htonl(ALL_ACTIONS), htonl(ALL_STEPS)};
	char *data, follows;
	size_t length;

	put_head(link, 'O', sizeof offer);
	put(link, offer, sizeof offer);
	if (take(link, &data, &length, &follows) != 'O' || length < sizeof offer) {
		lose(link);
		return;
	}
	link->steps = number_at(data + 8);
	take_lists(link, data + sizeof offer, length - sizeof offer);
	give_back(data, length, follows);
}

bool load_link_open(struct load_link *link, const char *address)
{
	bool connected;

	link->descriptor = -1;
	link->lost = link->passed_connection = link->passed_message = false;
	link->out = link->in_from = link->in_to = 0;
	for (size_t stage = 0; stage < LOAD_STAGES; stage++)
		snprintf(link->lists[stage], LOAD_LIST, "%s", postfix_lists[stage]);
	if (strncmp(address, "inet:", 5) == 0)
		connected = connect_inet(link, address + 5);
	else
		connected =
		    connect_unix(link, strncmp(address, "unix:", 5) == 0 ? address + 5 : address);
	if (connected)
		negotiate(link);
	else
		lose(link);
	return !link->lost;
}

void load_link_close(struct load_link *link)
{
	if (!link->lost) {
		put_head(link, 'Q', 0);
		flush(link);
	}
	if (link->descriptor >= 0)
		close(link->descriptor);
	link->descriptor = -1;
	link->lost = true;
}
