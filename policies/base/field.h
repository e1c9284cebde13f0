/*
 * field.h - one row a member of a struct: its name, its type, and where it stands.
 *
 * The rows say once what a struct holds for others: fields_json.c (filter/tool/common/) writes and
 * reads JSON by them. A struct is described by rows that end with one without a name; every row
 * becomes one key, in the order of the rows, whether the member holds anything or not.
 */
#ifndef ASSAY_FIELD_H
#define ASSAY_FIELD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum field_type {
	FIELD_TEXT,           /* const char *; NULL is null */
	FIELD_TEXT_OR_NULL,   /* the same; "" is null too */
	FIELD_TEXT_LIST,      /* const char * in a list of its own; NULL is a list without any */
	FIELD_VISIBLE,        /* const char * that is known to be harmless on a terminal */
	FIELD_JSON,           /* const char * that is JSON already; null where it is not */
	FIELD_MADE,           /* a text that `make` returns; it gets the struct */
	FIELD_NAME,           /* an enum or a bool: the index of one of `names` */
	FIELD_NUMBER,         /* an integer of any size */
	FIELD_NUMBER_OR_NULL, /* the same; 0 is null */
	FIELD_DECIMAL,        /* double, written with one decimal */
	FIELD_FLAG,           /* bool */
	FIELD_TEXTS,          /* an array of const char *, counted by `count` */
	FIELD_OBJECT,         /* a struct inside, described by `rows` */
	FIELD_POINTER,        /* a pointer to a struct described by `rows`; NULL is null */
	FIELD_LIST,           /* a pointer to an array of structs, counted by `count` */
	FIELD_TUPLES,         /* the same; each struct is a list of its values, without keys */
	FIELD_ARRAY,          /* an array of structs inside, counted by `count` */
	FIELD_CHAIN,          /* a pointer to a struct that points to the next one at `next` */
	FIELD_TYPES
};

struct field {
	const char *name; /* NULL ends the rows */
	enum field_type type;
	size_t offset, size;         /* of the member */
	const char *const *names;    /* of the values of an enum */
	const struct field *rows;    /* of the struct or of each item */
	size_t item_size;            /* of lists and arrays */
	size_t count;                /* offset of the size_t that counts the items */
	size_t next;                 /* offset in an item of the pointer to the next one */
	bool (*known)(const void *); /* gets the struct; where it returns false the value is null */
	const char *(*make)(const void *, struct arena *);
	bool lines;  /* a line an item, where a printer makes lines */
	bool needed; /* an object without it is refused when it is read */
};

/* The member of a struct under a key; FIELD() takes the member's own name as the key. */
#define FIELD_AS(key, kind, structure, member)                                                     \
	.name = key, .type = kind, .offset = offsetof(structure, member),                          \
	.size = sizeof(((const structure *)0)->member)
#define FIELD(kind, structure, member) FIELD_AS(#member, kind, structure, member)

/* What a member with items needs beside FIELD(): their rows, their size, their count. */
#define FIELD_ITEMS(structure, member, counter, item_rows)                                         \
	.rows = item_rows, .item_size = sizeof(*((const structure *)0)->member),                   \
	.count = offsetof(structure, counter)

/* Ends the rows. */
#define FIELD_END                                                                                  \
	{                                                                                          \
		.name = NULL                                                                       \
	}

#endif
