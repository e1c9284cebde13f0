/*
 * source_services.h - services that send for many, by the organizational domain of their servers
 * and signatures. Facts that they publish themselves; a service that is not in the table is named
 * by its domain.
 */
#ifndef ASSAY_SOURCE_SERVICES_H
#define ASSAY_SOURCE_SERVICES_H

enum source_trade {
	TRADE_SENDER,  /* sends for its customers: newsletters, tickets, invoices */
	TRADE_MAILBOX, /* has mailboxes: sends for customers and forwards for others */
	TRADE_GATEWAY, /* filters mail for others, on its way out or in */
	TRADE_FORWARDER,
	TRADE_LIST
};

struct source_service {
	const char *domain; /* NULL ends the table */
	const char *name;
	enum source_trade trade;
	/* what customers include into their SPF record; NULL where that is of no use, since the
	 * envelope sender is the service's own domain, or differs from customer to customer */
	const char *include;
	/* records for DKIM that are the same for every customer, "SELECTOR TARGET" of a CNAME */
	const char *keys[2];
};

extern const struct source_service source_services[];

/* NULL where the table does not have the domain. */
const struct source_service *source_services_find(const char *domain);

#endif
