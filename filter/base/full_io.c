/*
 * full_io.c - whole reads and writes. Called by whatever reads or writes a file in one piece.
 */
#include "base/full_io.h"

#include <errno.h>
#include <unistd.h>

bool full_io_read(int file, void *bytes, size_t room, size_t *length)
{
	*length = 0;
	while (*length < room) {
		ssize_t got = read(file, (char *)bytes + *length, room - *length);

		if (got == 0)
			return true;
		if (got < 0 && errno != EINTR)
			return false;
		*length += got < 0 ? 0 : (size_t)got;
	}
	return true;
}

bool full_io_write(int file, const void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t put = write(file, (const char *)bytes + done, length - done);

		if (put < 0 && errno != EINTR)
			return false;
		done += put < 0 ? 0 : (size_t)put;
	}
	return true;
}
