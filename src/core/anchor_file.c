#include "core/anchor_file.h"

#include "base/ascii.h"
#include "base/time.h"
#include "core/anchor_text.h"

#define DIGEST_SHA256 2

#define TITLE                                                                                              \
    "; The root's trust anchors, kept up to date by waxwingd (RFC 5011), which writes this file anew: do " \
    "not\n"                                                                                                \
    "; change it. To begin again from others, stop waxwingd, set dns.trust_anchor, and start it.\n"
#define SEED ";seed "
#define CONFIRMED ";confirmed "
#define REVOKED ";revoked "
#define END ";end"

static void put_keys(struct ww_buf *b, const char *before, const struct ww_anchor_ds *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct ww_anchor_ds *ds = &keys[i];
        struct ww_anchor a = {.owner = ".", .n = WW_ANCHOR_DS_HEAD + sizeof ds->digest};
        struct ww_buf data = ww_buf(a.data, sizeof a.data);
        ww_buf_u16(&data, ds->tag);
        ww_buf_u8(&data, ds->algorithm);
        ww_buf_u8(&data, DIGEST_SHA256);
        ww_buf_bytes(&data, ds->digest, sizeof ds->digest);
        ww_buf_str(b, before);
        ww_anchor_put(b, &a);
        ww_buf_char(b, '\n');
    }
}

void ww_anchor_file_put(struct ww_buf *b, const struct ww_anchor_file *file)
{
    char time[WW_TIME_SIZE];
    ww_time_format(file->confirmed, time);
    ww_buf_str(b, TITLE SEED);
    ww_buf_str(b, file->seed);
    ww_buf_str(b, "\n" CONFIRMED);
    ww_buf_str(b, time);
    ww_buf_char(b, '\n');
    put_keys(b, "", file->keys, file->count);
    put_keys(b, REVOKED, file->revoked, file->revoked_count);
    ww_buf_str(b, END "\n");
}

/* Cuts the next line off, without its end; false when there is no whole one. */
static bool next_line(struct ww_slice *rest, struct ww_slice *line)
{
    const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    if (end == NULL)
        return false;
    *line = ww_slice(rest->p, (size_t)(end - rest->p));
    rest->p += line->n + 1;
    rest->n -= line->n + 1;
    return true;
}

/* What stands behind the beginning of the next line. */
static bool next_value(struct ww_slice *rest, const char *name, struct ww_slice *value)
{
    struct ww_slice line;
    size_t n = strlen(name);
    if (!next_line(rest, &line) || !ww_slice_starts(line, name))
        return false;
    *value = ww_slice(line.p + n, line.n - n);
    return true;
}

static bool read_ds(struct ww_slice line, struct ww_anchor_ds *ds)
{
    struct ww_anchor a;
    struct ww_anchor_text t = {.text = line};
    bool found;
    if (ww_anchor_text_next(&t, &a, &found) != WW_OK || !found || !ww_anchor_is_root(&a) || a.is_key ||
        a.digest_type != DIGEST_SHA256 || a.n != WW_ANCHOR_DS_HEAD + sizeof ds->digest)
        return false;
    ds->tag = a.tag;
    ds->algorithm = a.algorithm;
    memcpy(ds->digest, a.data + WW_ANCHOR_DS_HEAD, sizeof ds->digest);
    return true;
}

static bool read_head(struct ww_slice *rest, struct ww_anchor_file *out)
{
    struct ww_slice value;
    if (!ww_slice_starts(*rest, TITLE))
        return false;
    *rest = ww_slice(rest->p + strlen(TITLE), rest->n - strlen(TITLE));
    if (!next_value(rest, SEED, &value) || value.n == 0 || value.n >= sizeof out->seed)
        return false;
    for (size_t i = 0; i < value.n; i++)
        if (!ww_is_alnum(value.p[i]))
            return false;
    memcpy(out->seed, value.p, value.n);
    return next_value(rest, CONFIRMED, &value) && ww_time_parse(value, &out->confirmed);
}

static bool add_key(struct ww_slice line, struct ww_anchor_ds *keys, size_t *count)
{
    if (*count == WW_ANCHOR_FILE_KEYS_MAX || !read_ds(line, &keys[*count]))
        return false;
    ++*count;
    return true;
}

static bool read_line(struct ww_slice line, struct ww_anchor_file *out)
{
    if (ww_slice_starts(line, REVOKED))
        return add_key(ww_slice(line.p + strlen(REVOKED), line.n - strlen(REVOKED)), out->revoked,
                       &out->revoked_count);
    return out->revoked_count == 0 && add_key(line, out->keys, &out->count);
}

static bool parse(struct ww_slice rest, struct ww_anchor_file *out)
{
    struct ww_slice line;
    if (!read_head(&rest, out))
        return false;
    while (next_line(&rest, &line)) {
        if (ww_slice_is(line, END))
            return rest.n == 0;
        if (!read_line(line, out))
            return false;
    }
    return false;
}

enum ww_err ww_anchor_file_parse(const char *p, size_t n, struct ww_anchor_file *out)
{
    memset(out, 0, sizeof *out);
    if (n <= WW_ANCHOR_FILE_MAX && parse(ww_slice(p, n), out))
        return WW_OK;
    memset(out, 0, sizeof *out);
    return WW_E_ANCHOR_FILE;
}
