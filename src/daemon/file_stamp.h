/* Whether a file is still the one that it was. */
#ifndef WW_DAEMON_FILE_STAMP_H
#define WW_DAEMON_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Which file stood at a path, and which state of it; all zero for none. */
struct ww_file_stamp {
    uint64_t device, inode, size;
    int64_t changed_s, changed_ns;
};

/* path: or NULL for none. What changes later is seen by the next look. */
struct ww_file_stamp ww_file_stamp_of(const char *path);
bool ww_file_stamp_same(const struct ww_file_stamp *a, const struct ww_file_stamp *b);

#endif
