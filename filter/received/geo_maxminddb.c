/*
 * geo_maxminddb.c - geo.h with libmaxminddb, which nothing else knows. Files with the number of an
 * autonomous system name its owner, others at least the country.
 */
#include "received/geo.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	NAME_MAX_OCTETS = 60
};

struct geo {
	MMDB_s file;
};

struct geo *geo_open(const char *path, struct problem *problem)
{
	struct geo *geo = calloc(1, sizeof *geo);
	int code =
	    geo == NULL ? MMDB_OUT_OF_MEMORY_ERROR : MMDB_open(path, MMDB_MODE_MMAP, &geo->file);

	if (code == MMDB_SUCCESS)
		return geo;
	free(geo);
	problem_say(problem, "received.geo: %s cannot be read: %s", path, MMDB_strerror(code));
	return NULL;
}

void geo_close(struct geo *geo)
{
	if (geo == NULL)
		return;
	MMDB_close(&geo->file);
	free(geo);
}

static const char *text_at(MMDB_entry_s *entry, struct arena *arena, const char *const *path)
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
	    data.type != MMDB_DATA_TYPE_UTF8_STRING)
		return NULL;
	return arena_copy(arena, data.utf8_string,
	                  data.data_size < NAME_MAX_OCTETS ? data.data_size : NAME_MAX_OCTETS);
}

static const char *system_at(MMDB_entry_s *entry, struct arena *arena)
{
	static const char *const number[] = {"autonomous_system_number", NULL};
	static const char *const owner[] = {"autonomous_system_organization", NULL};
	const char *name = text_at(entry, arena, owner);
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, number) != MMDB_SUCCESS || !data.has_data ||
	    data.type != MMDB_DATA_TYPE_UINT32)
		return NULL;
	return arena_format(arena, "AS%u%s%s", data.uint32, name == NULL ? "" : " ",
	                    name == NULL ? "" : name);
}

static MMDB_lookup_result_s geo_look_up(struct geo *geo, const struct address *address, int *code)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};

	memcpy(&four.sin_addr, address->bytes, sizeof four.sin_addr);
	memcpy(&six.sin6_addr, address->bytes, sizeof six.sin6_addr);
	return MMDB_lookup_sockaddr(&geo->file,
	                            address->family == ADDRESS_IPV4 ? (struct sockaddr *)&four
	                                                            : (struct sockaddr *)&six,
	                            code);
}

const char *geo_name(struct geo *geo, const struct address *address, struct arena *arena)
{
	static const char *const country[] = {"country", "iso_code", NULL};
	MMDB_lookup_result_s found;
	const char *name;
	int code;

	if (geo == NULL || address->family == ADDRESS_UNKNOWN)
		return NULL;
	found = geo_look_up(geo, address, &code);
	if (code != MMDB_SUCCESS || !found.found_entry)
		return NULL;
	name = system_at(&found.entry, arena);
	return name != NULL ? name : text_at(&found.entry, arena, country);
}
