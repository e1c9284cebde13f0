/*
 * address.h - IP addresses and networks, as clients, settings and DNS answers have them.
 *
 * An IPv4-mapped IPv6 address (::ffff:192.0.2.1) is that IPv4 address everywhere in Assay: every
 * constructor here turns it into one (RFC 7208 5, RFC 4291 2.5.5.2).
 */
#ifndef ASSAY_ADDRESS_H
#define ASSAY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum address_family {
	ADDRESS_UNKNOWN,
	ADDRESS_IPV4,
	ADDRESS_IPV6
};

struct address {
	enum address_family family;
	unsigned char bytes[16]; /* network order; IPv4 uses the first four */
};

struct network {
	struct address address;
	unsigned bits;
};

struct networks {
	size_t count;
	const struct network *items;
};

enum {
	ADDRESS_TEXT = 46,        /* longest text of an address with its NUL */
	ADDRESS_REVERSE_NAME = 73 /* longest name of address_reverse_name() with its NUL */
};

struct address address_ipv4(const unsigned char bytes[4]);
struct address address_ipv6(const unsigned char bytes[16]);

/* From text without brackets or zone; false where it is not an address. */
bool address_parse(const char *text, struct address *address);

/* The usual text (RFC 5952 for IPv6); "unknown" for ADDRESS_UNKNOWN. Returns `text`. */
const char *address_print(const struct address *address, char text[ADDRESS_TEXT]);

/* The name that leads to the PTR records of an address (RFC 1035 3.5, RFC 3596 2.5). */
void address_reverse_name(const struct address *address, char name[ADDRESS_REVERSE_NAME]);

bool address_equal(const struct address *one, const struct address *other);

/* How many bits an address of its family has. */
unsigned address_bits(const struct address *address);

/* Do the first `bits` bits agree? Addresses of different families never match. */
bool address_in_network(const struct address *address, const struct address *network,
                        unsigned bits);

/* "192.0.2.0/24", "2001:db8::/32", or an address alone; host bits may be set. */
bool network_parse(const char *text, struct network *network);

bool address_in_networks(const struct address *address, const struct networks *networks);

/* Is every address of `inner` in `outer`? */
bool address_network_within(const struct network *inner, const struct network *outer);

/* The two networks that it consists of, in order; false for a single address. */
bool address_network_halve(const struct network *network, struct network halves[2]);

/* Its first address: all bits behind the prefix are 0. */
struct address address_network_first(const struct network *network);

/* Is every address of the network in these? Several together may contain it where none does. At
 * worst takes as long as the square of their number times the bits of an address. */
bool address_networks_hold(const struct networks *networks, const struct network *network);

#endif
