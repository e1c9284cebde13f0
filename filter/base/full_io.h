/*
 * full_io.h - read(2) and write(2) that go on until all is done: after a signal, and after a part.
 */
#ifndef ASSAY_FULL_IO_H
#define ASSAY_FULL_IO_H

#include <stdbool.h>
#include <stddef.h>

/* Reads until `room` is full or the file ends; *length is what was read. False and errno where that
 * failed. */
bool full_io_read(int file, void *bytes, size_t room, size_t *length);

/* Writes all of it. False and errno where that failed. */
bool full_io_write(int file, const void *bytes, size_t length);

#endif
