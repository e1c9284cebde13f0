/*
 * row_fold.c - see row_fold.h.
 */
#include "rows/row_fold.h"

#include <string.h>

#include "base/address.h"
#include "base/domain.h"
#include "base/invariant.h"

static const char *if_near(const char *domain, const struct report_row *row)
{
	return domain_is_near(domain, row->header_from) ? domain : "";
}

static void keep_related(struct report_row *row, struct arena *arena)
{
	struct row_dkim *dkim = arena_allocate(arena, row->dkim_count * sizeof *dkim);
	size_t count = 0;

	for (size_t i = 0; i < row->dkim_count && count < ROW_RELATED_DKIM_MAX; i++)
		if (domain_is_near(row->dkim[i].domain, row->header_from)) {
			dkim[count] = row->dkim[i];
			dkim[count++].reason = "";
		}
	row->dkim = dkim;
	row->dkim_count = count;
	row->envelope_from = if_near(row->envelope_from, row);
	row->spf_domain = if_near(row->spf_domain, row);
	row->spf_reason = row->override_comment = row->envelope_to = "";
	row->sealer = row->sealer_outcome = "";
}

/* An IPv6 site has a network of its own and can send each message from another address (RFC 6177).
 */
const char *row_fold_source(const char *source, struct arena *arena)
{
	char text[ADDRESS_TEXT];
	struct address address;

	if (!address_parse(source, &address) || address.family != ADDRESS_IPV6)
		return source;
	memset(address.bytes + 8, 0, sizeof address.bytes - 8);
	return arena_string(arena, address_print(&address, text));
}

static void keep_source(struct report_row *row, struct arena *arena)
{
	row->source = row_fold_source(row->source, arena);
	row->header_from = row->policy_domain;
	row->envelope_from = row->spf_domain = "";
	row->dkim_count = 0;
}

const struct report_row *row_fold(const struct report_row *row, enum row_detail detail,
                                  struct arena *arena)
{
	struct report_row *folded = arena_allocate(arena, sizeof *folded);

	invariant(detail < ROW_DETAILS && row->dkim_count <= ROW_DKIM_MAX);
	*folded = *row;
	if (detail >= ROW_RELATED)
		keep_related(folded, arena);
	if (detail >= ROW_SOURCE)
		keep_source(folded, arena);
	if (detail >= ROW_REST && folded->source[0] != '\0')
		folded->source = ROW_REST_SOURCE;
	return folded;
}
