/*
 * replay.c - main() of a fuzz target without libFuzzer: feeds each file named on the command line
 * to it once.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int feed(const char *name)
{
	FILE *file = fopen(name, "rb");
	uint8_t *bytes = NULL;
	size_t length = 0, room = 0;

	if (file == NULL) {
		perror(name);
		return 1;
	}
	for (int byte = getc(file); byte != EOF; byte = getc(file)) {
		if (length == room) {
			room = room == 0 ? 4096 : room * 2;
			bytes = realloc(bytes, room);
			if (bytes == NULL)
				abort();
		}
		bytes[length++] = (uint8_t)byte;
	}
	fclose(file);
	/* To its exact size, so that a sanitizer sees a step beyond. */
	bytes = realloc(bytes, length > 0 ? length : 1);
	if (bytes == NULL)
		abort();
	LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
	return 0;
}

int main(int count, char **arguments)
{
	int failed = 0;

	for (int i = 1; i < count; i++)
		failed |= feed(arguments[i]);
	return failed;
}
