/*
 * safe_path.h - opens files for root in folders that belong to other users.
 *
 * Whoever owns a folder can put a symbolic link into it at any moment, and would so choose what
 * root reads and writes. So on its way root follows no link but its own, from folder to folder by
 * descriptors.
 */
#ifndef ASSAY_SAFE_PATH_H
#define ASSAY_SAFE_PATH_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * As open(2), which it is for everybody but root. ELOOP: a link stands on the way that another user
 * made, or at the end where `flags` has O_NOFOLLOW. It makes no files (no O_CREAT). From any
 * thread.
 */
int safe_path_open(const char *path, int flags);

/* The same for the folder that a file lies in, whose end is no link; `name` becomes the rest of
 * `path`. */
int safe_path_open_folder_of(const char *path, const char **name);

/* The same, where root's own link may be the end, as /var/run is one; for the calls that take a
 * folder (O_PATH). */
int safe_path_reach_folder_of(const char *path, const char **name);

/*
 * Who can put something else in the place of a file: the first but root who owns a folder on the
 * way or the file itself; root (0) where everything is root's. Follows no link but root's own,
 * whoever asks. False and errno where the file cannot be reached.
 */
bool safe_path_owner(const char *path, uid_t *owner);

/* What is wrong, for people: strerror(), and of ELOOP that a link is not followed. */
const char *safe_path_error(int error);

#endif
