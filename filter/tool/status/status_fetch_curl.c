/*
 * status_fetch_curl.c - gets the page /status from the daemon by HTTP. Called by status.c. The only
 * file that knows libcurl.
 */
#include "tool/status/status.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

enum {
	CONNECT_S = 5,
	TRANSFER_S = 15
};

struct body {
	char *bytes;
	size_t length;
	bool too_long;
};

/* For libcurl, which stops if anything but `count` is returned. */
static size_t append_body(char *bytes, size_t size, size_t count, void *context)
{
	struct body *body = context;
	char *more;

	(void)size;
	invariant(body->length <= STATUS_BYTES_MAX);
	body->too_long = count > STATUS_BYTES_MAX - body->length;
	if (body->too_long)
		return 0;
	more = realloc(body->bytes, body->length + count + 1);
	if (more == NULL)
		return 0;
	memcpy(more + body->length, bytes, count);
	body->bytes = more;
	body->length += count;
	more[body->length] = '\0';
	return count;
}

/* A daemon that listens on all addresses is asked on the loopback address. */
static const char *url_of(const struct listen_address *place, struct arena *arena)
{
	const char *host = place->host;

	if (place->path != NULL)
		return "http://localhost/status";
	if (listen_address_is_any(place))
		host = place->family == ADDRESS_IPV6 ? "::1" : "127.0.0.1";
	return arena_format(
	    arena, strchr(host, ':') == NULL ? "http://%s:%s/status" : "http://[%s]:%s/status",
	    host, place->port);
}

static bool transfer(CURL *handle, const struct listen_address *place, struct arena *arena,
                     struct body *body, struct problem *problem)
{
	char text[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	curl_easy_setopt(handle, CURLOPT_URL, url_of(place, arena));
	curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, place->path);
	curl_easy_setopt(handle, CURLOPT_PROXY, "");
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)TRANSFER_S);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, text);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_body);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, body);
	code = curl_easy_perform(handle);
	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	if (body->too_long)
		return problem_say(problem, "its answer has more than %d KiB, so it is not assayd",
		                   STATUS_BYTES_MAX / 1024);
	if (code != CURLE_OK)
		return problem_say(problem, "%s",
		                   text[0] != '\0' ? text : curl_easy_strerror(code));
	return (status == 200 && body->length > 0) ||
	       problem_say(problem, "it answers with HTTP status %ld", status);
}

char *status_fetch(const struct listen_address *place, struct arena *arena, struct problem *problem)
{
	struct body body = {.bytes = NULL};
	CURL *handle = curl_easy_init();
	bool good;

	if (handle == NULL) {
		problem_say(problem, "libcurl does not start");
		return NULL;
	}
	good = transfer(handle, place, arena, &body, problem);
	curl_easy_cleanup(handle);
	if (good)
		return body.bytes;
	free(body.bytes);
	return NULL;
}
