#include "daemon/file_stamp.h"

#include <stddef.h>
#include <sys/stat.h>

struct ww_file_stamp ww_file_stamp_of(const char *path)
{
    struct stat st;
    if (path == NULL || stat(path, &st) != 0)
        return (struct ww_file_stamp){.inode = 0};
    return (struct ww_file_stamp){
        .device = (uint64_t)st.st_dev,
        .inode = (uint64_t)st.st_ino,
        .size = (uint64_t)st.st_size,
        .changed_s = (int64_t)st.st_ctim.tv_sec,
        .changed_ns = (int64_t)st.st_ctim.tv_nsec,
    };
}

bool ww_file_stamp_same(const struct ww_file_stamp *a, const struct ww_file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}
