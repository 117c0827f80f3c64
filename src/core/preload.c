#include "core/preload.h"

#include "base/cursor.h"
#include "core/dname.h"
#include "core/mx_match.h"
#include "core/utf8.h"

static const char magic[8] = {'W', 'a', 'x', 'p', 'r', 'e', 'l', '\n'};

#define FORMAT 1u
#define NAME_ROW 8u
#define POLICY_ROW 8u
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static const char none[] = "";

static struct ww_cursor cursor_at(const struct ww_preload *list, size_t at)
{
    return ww_cursor(list->p + at, list->n - at);
}

static struct ww_slice take_text(struct ww_cursor *c)
{
    return ww_cursor_take(c, ww_cursor_u8(c));
}

static size_t texts_at(const struct ww_preload *list)
{
    return WW_PRELOAD_HEAD + (size_t)list->count * NAME_ROW + (size_t)list->policies * POLICY_ROW;
}

static enum ww_err read_head(struct ww_preload *list)
{
    struct ww_cursor c = ww_cursor(list->p, list->n);
    struct ww_slice begins = ww_cursor_take(&c, sizeof magic);
    uint32_t format = ww_cursor_u32(&c);
    uint64_t timestamp = ww_cursor_u64(&c), expires = ww_cursor_u64(&c);
    list->count = ww_cursor_u32(&c);
    list->policies = ww_cursor_u32(&c);
    if (c.failed || memcmp(begins.p, magic, sizeof magic) != 0)
        return WW_E_PRELOAD_IMAGE;
    if (format != FORMAT)
        return WW_E_PRELOAD_IMAGE_VERSION;
    if (timestamp > LAST_SECOND || expires > LAST_SECOND || list->count > WW_PRELOAD_NAMES_MAX ||
        list->policies > WW_PRELOAD_NAMES_MAX || texts_at(list) > list->n)
        return WW_E_PRELOAD_IMAGE;
    list->timestamp = (int64_t)timestamp;
    list->expires = (int64_t)expires;
    return WW_OK;
}

static bool is_words(struct ww_slice text)
{
    if (text.n > WW_PRELOAD_TEXT_MAX)
        return false;
    for (size_t i = 0; i < text.n;) {
        size_t length = ww_utf8_length(text.p + i, text.n - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

static bool is_canonical(struct ww_slice name)
{
    char canonical[WW_DNAME_SIZE];
    return ww_dname_canon(name.p, name.n, canonical) == WW_OK && ww_slice_is(name, canonical);
}

/* Where a row says that its text stands, and where the walk is: any other place could be read many times. */
static bool stands_here(const struct ww_preload *list, const struct ww_cursor *texts, uint32_t at)
{
    return !texts->failed && texts->p == list->p + at;
}

static bool check_names(const struct ww_preload *list, struct ww_cursor *rows, struct ww_cursor *texts)
{
    struct ww_slice before = ww_slice(none, 0);
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t at = ww_cursor_u32(rows), policy = ww_cursor_u32(rows);
        if (policy >= list->policies || !stands_here(list, texts, at))
            return false;
        struct ww_slice name = take_text(texts);
        if (!is_canonical(name) || ww_preload_order(before, name) >= 0)
            return false;
        before = name;
    }
    return true;
}

static bool check_policies(const struct ww_preload *list, struct ww_cursor *rows, struct ww_cursor *texts)
{
    size_t offset;
    for (uint32_t i = 0; i < list->policies; i++) {
        uint32_t at = ww_cursor_u32(rows);
        uint16_t count = ww_cursor_u16(rows), mode = ww_cursor_u16(rows);
        if ((mode != WW_MODE_TESTING && mode != WW_MODE_ENFORCE) || count == 0 || count > WW_PRELOAD_MX_MAX ||
            !stands_here(list, texts, at) || !is_words(take_text(texts)))
            return false;
        for (uint16_t k = 0; k < count; k++) {
            if (ww_mx_pattern_check(take_text(texts), &offset) != WW_OK)
                return false;
        }
    }
    return true;
}

enum ww_err ww_preload_open(const void *p, size_t n, struct ww_preload *out)
{
    struct ww_preload list = {.p = p, .n = n};
    if (n > WW_PRELOAD_IMAGE_MAX)
        return WW_E_PRELOAD_IMAGE;
    enum ww_err err = read_head(&list);
    if (err != WW_OK)
        return err;
    struct ww_cursor rows = cursor_at(&list, WW_PRELOAD_HEAD);
    struct ww_cursor texts = cursor_at(&list, texts_at(&list));
    list.author = take_text(&texts);
    if (!is_words(list.author) || !check_names(&list, &rows, &texts) ||
        !check_policies(&list, &rows, &texts) || texts.failed || ww_cursor_left(&texts) > 0)
        return WW_E_PRELOAD_IMAGE;
    *out = list;
    return WW_OK;
}

struct ww_preload ww_preload_none(void)
{
    struct ww_preload list = {.p = (const uint8_t *)none, .author = ww_slice(none, 0)};
    return list;
}

bool ww_preload_counts(const struct ww_preload *list, int64_t now)
{
    return now < list->expires;
}

int ww_preload_order(struct ww_slice a, struct ww_slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    if (order == 0 && a.n != b.n)
        order = a.n < b.n ? -1 : 1;
    return order;
}

static struct ww_slice name_at(const struct ww_preload *list, uint32_t index, uint32_t *policy)
{
    struct ww_cursor row = cursor_at(list, WW_PRELOAD_HEAD + (size_t)index * NAME_ROW);
    struct ww_cursor text = cursor_at(list, ww_cursor_u32(&row));
    *policy = ww_cursor_u32(&row);
    return take_text(&text);
}

static struct ww_preload_entry entry_of(const struct ww_preload *list, struct ww_slice name, uint32_t policy)
{
    struct ww_cursor row =
        cursor_at(list, WW_PRELOAD_HEAD + (size_t)list->count * NAME_ROW + (size_t)policy * POLICY_ROW);
    struct ww_cursor text = cursor_at(list, ww_cursor_u32(&row));
    struct ww_preload_entry entry = {.domain = name, .mx_count = ww_cursor_u16(&row), .policy = policy};
    entry.mode = (enum ww_policy_mode)ww_cursor_u16(&row);
    entry.alias = take_text(&text);
    const char *first = (const char *)text.p;
    for (size_t i = 0; i < entry.mx_count; i++)
        (void)take_text(&text);
    entry.mx = ww_slice(first, (size_t)((const char *)text.p - first));
    return entry;
}

struct ww_preload_entry ww_preload_at(const struct ww_preload *list, uint32_t index)
{
    uint32_t policy;
    struct ww_slice name = name_at(list, index, &policy);
    return entry_of(list, name, policy);
}

bool ww_preload_find(const struct ww_preload *list, struct ww_slice domain, struct ww_preload_entry *out)
{
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t policy, middle = low + (high - low) / 2;
        struct ww_slice name = name_at(list, middle, &policy);
        int order = ww_preload_order(domain, name);
        if (order == 0) {
            *out = entry_of(list, name, policy);
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool ww_preload_next_mx(const struct ww_preload_entry *entry, size_t *pos, struct ww_slice *pattern)
{
    struct ww_cursor c = ww_cursor(entry->mx.p + *pos, entry->mx.n - *pos);
    *pattern = take_text(&c);
    *pos = entry->mx.n - ww_cursor_left(&c);
    return pattern->n > 0;
}

size_t ww_preload_size(const struct ww_preload_content *content)
{
    size_t n = WW_PRELOAD_HEAD + content->count * NAME_ROW + content->policy_count * POLICY_ROW + 1 +
               content->author.n;
    for (size_t i = 0; i < content->count; i++)
        n += 1 + content->names[i].domain.n;
    for (size_t i = 0; i < content->policy_count; i++)
        n += 1 + content->policies[i].alias.n + content->policies[i].mx.n;
    return n;
}

static void put_text(struct ww_buf *out, struct ww_slice text)
{
    ww_buf_u8(out, (uint8_t)text.n);
    ww_buf_slice(out, text);
}

static void put_rows(const struct ww_preload_content *content, struct ww_buf *out)
{
    size_t at = WW_PRELOAD_HEAD + content->count * NAME_ROW + content->policy_count * POLICY_ROW + 1 +
                content->author.n;
    for (size_t i = 0; i < content->count; i++) {
        ww_buf_u32(out, (uint32_t)at);
        ww_buf_u32(out, content->names[i].policy);
        at += 1 + content->names[i].domain.n;
    }
    for (size_t i = 0; i < content->policy_count; i++) {
        const struct ww_preload_policy *policy = &content->policies[i];
        ww_buf_u32(out, (uint32_t)at);
        ww_buf_u16(out, (uint16_t)policy->mx_count);
        ww_buf_u16(out, (uint16_t)policy->mode);
        at += 1 + policy->alias.n + policy->mx.n;
    }
}

void ww_preload_write(const struct ww_preload_content *content, struct ww_buf *out)
{
    ww_buf_bytes(out, magic, sizeof magic);
    ww_buf_u32(out, FORMAT);
    ww_buf_u64(out, (uint64_t)content->timestamp);
    ww_buf_u64(out, (uint64_t)content->expires);
    ww_buf_u32(out, (uint32_t)content->count);
    ww_buf_u32(out, (uint32_t)content->policy_count);
    put_rows(content, out);
    put_text(out, content->author);
    for (size_t i = 0; i < content->count; i++)
        put_text(out, content->names[i].domain);
    for (size_t i = 0; i < content->policy_count; i++) {
        put_text(out, content->policies[i].alias);
        ww_buf_slice(out, content->policies[i].mx);
    }
}
