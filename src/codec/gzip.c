#include "codec/gzip.h"

#include <stdint.h>
#include <stdlib.h>
/* What is read is const. */
#define ZLIB_CONST
#include <zlib.h>

/* zlib: the largest window, and a gzip member around it instead of a zlib stream. */
#define GZIP_WINDOW (MAX_WBITS + 16)
#define MEMORY_LEVEL 8
/* Octets that are made room for at first; twice as many each time. */
#define ROOM_MIN ((size_t)4096)

/* zlib counts in uInt. */
static void give(z_stream *z, struct ww_slice *rest)
{
    uInt n = rest->n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)rest->n;
    z->next_in = (const Bytef *)rest->p;
    z->avail_in = n;
}

static void taken(z_stream *z, struct ww_slice *rest)
{
    size_t n = (size_t)((const char *)z->next_in - rest->p);
    *rest = ww_slice(rest->p + n, rest->n - n);
}

static char *deflate_all(struct ww_slice octets, int level, size_t *n)
{
    z_stream z = {.zalloc = NULL};
    *n = 0;
    if (deflateInit2(&z, level, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    /* Without deflateSetHeader zlib writes no name and the time 0. */
    size_t size = deflateBound(&z, octets.n);
    char *out = size <= UINT32_MAX / 2 ? malloc(size) : NULL;
    int status = Z_MEM_ERROR;
    if (out != NULL) {
        give(&z, &octets);
        z.next_out = (Bytef *)out;
        z.avail_out = (uInt)size;
        status = deflate(&z, Z_FINISH);
    }
    (void)deflateEnd(&z);
    if (status != Z_STREAM_END) {
        free(out);
        return NULL;
    }
    *n = (size_t)((char *)z.next_out - out);
    return out;
}

char *ww_gzip(struct ww_slice octets, size_t *n)
{
    return deflate_all(octets, Z_BEST_COMPRESSION, n);
}

char *ww_gzip_fast(struct ww_slice octets, size_t *n)
{
    return deflate_all(octets, Z_BEST_SPEED, n);
}

/* What comes out, growing up to one octet beyond the cap: that octet tells that there is too much. */
struct sink {
    char *p;
    size_t n;
    size_t size;
    size_t max;
};

static bool grow(struct sink *s)
{
    if (s->n < s->size)
        return true;
    size_t most = s->max + 1;
    size_t size = s->size == 0 ? ROOM_MIN : 2 * s->size;
    size = size > most ? most : size;
    char *p = realloc(s->p, size);
    if (p == NULL)
        return false;
    s->p = p;
    s->size = size;
    return true;
}

/* One member into the sink. */
static enum ww_err inflate_member(z_stream *z, struct ww_slice *rest, struct sink *s)
{
    for (;;) {
        if (!grow(s))
            return WW_E_NO_MEMORY;
        size_t room = s->size - s->n > UINT32_MAX / 2 ? UINT32_MAX / 2 : s->size - s->n;
        give(z, rest);
        z->next_out = (Bytef *)(s->p + s->n);
        z->avail_out = (uInt)room;
        int status = inflate(z, Z_NO_FLUSH);
        taken(z, rest);
        s->n += room - z->avail_out;
        if (s->n > s->max)
            return WW_E_TOO_LONG;
        if (status == Z_STREAM_END)
            return WW_OK;
        if (status == Z_MEM_ERROR)
            return WW_E_NO_MEMORY;
        /* Z_BUF_ERROR: it asks for more octets than there are. */
        if (status != Z_OK)
            return WW_E_GZIP;
    }
}

static bool begins_member(struct ww_slice s)
{
    return s.n >= 2 && memcmp(s.p, "\x1f\x8b", 2) == 0;
}

char *ww_gunzip_members(struct ww_slice octets, size_t max, size_t *n, size_t *members, struct ww_slice *rest,
                        enum ww_err *err)
{
    struct sink s = {.max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4};
    z_stream z = {.zalloc = NULL};
    *n = 0;
    *members = 0;
    *err = inflateInit2(&z, GZIP_WINDOW) == Z_OK ? WW_OK : WW_E_NO_MEMORY;
    if (*err != WW_OK)
        return NULL;
    do {
        *err = inflate_member(&z, &octets, &s);
        *members += *err == WW_OK;
    } while (*err == WW_OK && begins_member(octets) && inflateReset(&z) == Z_OK);
    (void)inflateEnd(&z);
    *rest = octets;
    if (*err != WW_OK) {
        free(s.p);
        return NULL;
    }
    *n = s.n;
    return s.p;
}

char *ww_gunzip(struct ww_slice octets, size_t max, size_t *n, enum ww_err *err)
{
    size_t members;
    struct ww_slice rest;
    char *p = ww_gunzip_members(octets, max, n, &members, &rest, err);
    if (p == NULL || rest.n == 0)
        return p;
    free(p);
    *n = 0;
    *err = WW_E_GZIP;
    return NULL;
}
