/*
 * capture_folder.h - STORE.received: the mail that assayd kept to be read, beside the store.
 *
 *     tmp/         being written, or left by a daemon that was killed
 *     new/         whole, waiting for the reader
 *     unreadable/  what the reader could not read, and failures/: see aside.h
 *
 * All of it is 0700 and 0600. Names begin with the time, so that they sort by age. assayd and the
 * reader share it without any other agreement: a file belongs to whom renames or removes it.
 */
#ifndef ASSAY_CAPTURE_FOLDER_H
#define ASSAY_CAPTURE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/problem.h"

enum {
	CAPTURE_FOLDER_NAME = 64,      /* room for a file's name with its NUL */
	CAPTURE_FOLDER_PATH = 4096,    /* and for a path */
	CAPTURE_FOLDER_FILES = 10000,  /* most files in new/ */
	CAPTURE_FOLDER_MEGABYTES = 512 /* most of new/ and tmp/ together */
};

struct capture_folder;

/*
 * assayd's view of it. Makes the folder where it is missing and removes what is left in tmp/. A
 * folder that cannot be used is no reason not to start: captures fail until it can. NULL: no
 * memory. Safe from any thread, but for capture_folder_measure().
 */
struct capture_folder *capture_folder_open(const char *store);
void capture_folder_close(struct capture_folder *folder); /* NULL is allowed */

struct capture_folder_counts {
	unsigned long waiting, octets; /* in new/ */
	unsigned long unreadable;      /* in unreadable/ */
	int64_t oldest;                /* of new/, seconds since 1970; 0 where it is empty */
};

/* Counts the files, where that may have changed. From one thread, every few seconds. */
void capture_folder_measure(struct capture_folder *folder);

/* As it was measured last. */
void capture_folder_count(struct capture_folder *folder, struct capture_folder_counts *counts);

/* For capture.c */

/* Is there room for `octets` more? Counts them until capture_folder_release(). Copies of mail that
 * does not count may take half of the files. */
bool capture_folder_reserve(struct capture_folder *folder, size_t octets);
void capture_folder_release(struct capture_folder *folder, size_t octets);
bool capture_folder_has_room(struct capture_folder *folder, bool trusted);

/* A new file in tmp/, locked, open for writing; makes the folders where they are missing. -1 and
 * errno. */
int capture_folder_create(struct capture_folder *folder, char name[CAPTURE_FOLDER_NAME]);
void capture_folder_discard(struct capture_folder *folder, const char *name);

/* From tmp/ to new/, and on the disk: releases `reserved` and counts the octets of the file
 * instead, unless it is still in tmp/. 0 or an errno. */
int capture_folder_keep(struct capture_folder *folder, const char *name, size_t octets,
                        size_t *reserved);

/* Logs what is wrong, once as long as it lasts; 0: nothing is, any more. EDQUOT: there is no room
 * by the limits above, EFBIG: a message was too large, which is no trouble. */
void capture_folder_trouble(struct capture_folder *folder, int error);

/* For both */

/* "STORE.received/new/NAME"; an empty name: the folder. False: too long. */
bool capture_folder_path(char path[CAPTURE_FOLDER_PATH], const char *store, const char *part,
                         const char *name);

/* The names of files in STORE.received/PART, oldest first, at most `max`. False and errno where
 * the folder cannot be read; one that does not exist is empty. */
bool capture_folder_list(const char *store, const char *part, size_t max, struct arena *arena,
                         const char *const **names, size_t *count);

#endif
