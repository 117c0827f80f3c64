#include "daemon/preload_image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool map(int fd, struct ww_preload_image *out)
{
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) != 0 || st.st_size <= 0 ||
        (uint64_t)st.st_size > WW_PRELOAD_IMAGE_MAX)
        return false;
    out->fd = fd;
    out->n = (size_t)st.st_size;
    out->p = mmap(NULL, out->n, PROT_READ, MAP_SHARED, fd, 0);
    return out->p != MAP_FAILED;
}

void ww_preload_image_drop(struct ww_preload_image *image)
{
    if (image->fd >= 0) {
        (void)munmap(image->p, image->n);
        (void)close(image->fd);
    }
    *image = WW_PRELOAD_NO_IMAGE;
}

bool ww_preload_image_take(struct ww_preload_image *image, int fd, enum ww_err *why)
{
    struct ww_preload_image fresh = WW_PRELOAD_NO_IMAGE;
    *why = WW_E_PRELOAD_IMAGE;
    if (!map(fd, &fresh)) {
        (void)close(fd);
        return false;
    }
    *why = ww_preload_open(fresh.p, fresh.n, &fresh.list);
    if (*why != WW_OK) {
        ww_preload_image_drop(&fresh);
        return false;
    }
    ww_preload_image_drop(image);
    *image = fresh;
    return true;
}
