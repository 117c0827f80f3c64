#include "core/mx_match.h"
#include "lib/lib.h"

#include <stdlib.h>

#define SAME_LEVEL(name) \
    _Static_assert((int)WAXWING_LEVEL_##name == WW_LEVEL_##name, "the levels are those of the house")
SAME_LEVEL(NONE);
SAME_LEVEL(TESTING);
SAME_LEVEL(SECURE);
SAME_LEVEL(HOLD);
SAME_LEVEL(MAY);
SAME_LEVEL(ENCRYPT);
SAME_LEVEL(DANE);
SAME_LEVEL(DANE_ONLY);

static const enum waxwing_source sources[WW_SOURCES] = {
    [WW_SOURCE_CACHE] = WAXWING_SOURCE_CACHE,
    [WW_SOURCE_LIVE] = WAXWING_SOURCE_LIVE,
    [WW_SOURCE_PRELOAD] = WAXWING_SOURCE_PRELOAD,
    [WW_SOURCE_OVERRIDE] = WAXWING_SOURCE_OVERRIDE,
};

/* Writes a value as a string. */
static const char *string_of(struct ww_buf *b, struct ww_slice value)
{
    const char *start = b->p + b->n;
    ww_decision_text_plain(b, value);
    ww_buf_char(b, '\0');
    return start;
}

static void copy_lists(struct waxwing_decision *d, struct ww_buf *b)
{
    struct ww_slice value;
    enum ww_dane_state dane;
    size_t i = 0;
    for (size_t pos = 0; ww_decision_text_next_mx(&d->read, &pos, &value);)
        d->mx[i++] = string_of(b, value);
    i = 0;
    for (size_t pos = 0; ww_decision_text_next_host(&d->read, &pos, &value, &dane);)
        d->hosts[i++] = (struct ww_lib_host){string_of(b, value), dane};
}

struct waxwing_decision *ww_lib_decision_read(struct ww_slice text, enum ww_err *why)
{
    struct ww_decision_text read;
    size_t offset;
    *why = ww_decision_text_parse(text.p, text.n, &read, &offset);
    if (*why != WW_OK)
        return NULL;
    /* A value with its NUL is no longer than its word; four values may be missing, and are "" then. */
    size_t strings = 2 * text.n + 4;
    const size_t align = sizeof(char *);
    size_t list = (sizeof(struct waxwing_decision) + strings + align - 1) / align * align;
    struct waxwing_decision *d = malloc(list + (read.mx_count + 1) * sizeof(char *));
    *why = WW_E_NO_MEMORY;
    if (d == NULL)
        return NULL;
    memcpy(d->room, text.p, text.n);
    d->mx = (const char **)(void *)((char *)d + list);
    d->read = read;
    d->read.text = ww_slice(d->room, text.n);
    struct ww_buf b = ww_buf(d->room + text.n, strings - text.n);
    d->source = sources[read.source];
    d->domain = string_of(&b, read.domain);
    d->id = string_of(&b, read.id);
    d->section = string_of(&b, read.section);
    d->why = string_of(&b, read.why);
    copy_lists(d, &b);
    *why = WW_OK;
    return d;
}

struct waxwing_decision *ww_lib_decision_plain(const char *domain, enum ww_level level,
                                               enum waxwing_source source, const char *why)
{
    size_t n = strlen(domain) + 1;
    struct waxwing_decision *d = calloc(1, sizeof *d + n);
    if (d == NULL)
        return NULL;
    memcpy(d->room, domain, n);
    d->read.level = level;
    d->source = source;
    d->domain = d->room;
    d->id = "";
    d->section = "";
    d->why = why;
    return d;
}

void waxwing_decision_free(struct waxwing_decision *decision)
{
    free(decision);
}

bool ww_lib_decision_ordered(const struct waxwing_decision *decision)
{
    return decision->read.overridden && decision->read.override != WW_OVERRIDE_ENFORCE_TESTING;
}

enum ww_dane_state ww_lib_decision_dane(const struct waxwing_decision *decision, struct ww_slice host)
{
    const struct ww_decision_text *t = &decision->read;
    bool open = t->level == WW_LEVEL_DANE || t->level == WW_LEVEL_DANE_ONLY;
    if (!t->has_dane || t->dane == WW_DOMAIN_MX_FAILED)
        return open ? WW_DANE_LOOKUP_FAILED : WW_DANE_NONE;
    if (t->dane != WW_DOMAIN_MX_SECURE)
        return t->dane == WW_DOMAIN_MX_BOGUS ? WW_DANE_BOGUS : WW_DANE_NONE;
    for (size_t i = 0; i < t->host_count; i++) {
        if (ww_dname_eq(ww_slice_str(decision->hosts[i].name), host))
            return decision->hosts[i].dane;
    }
    return WW_DANE_LOOKUP_FAILED;
}

int waxwing_decision_allows(const struct waxwing_decision *decision, const char *host)
{
    const struct ww_decision_text *t = &decision->read;
    struct ww_slice name = ww_slice_str(host);
    if (t->level == WW_LEVEL_HOLD)
        return 0;
    if (t->mx_count == 0 || t->mx_testing)
        return 1;
    for (size_t i = 0; i < t->mx_count; i++) {
        if (ww_mx_match(ww_slice_str(decision->mx[i]), name))
            return 1;
    }
    return t->suffices && !ww_lib_decision_ordered(decision) &&
           ww_lib_decision_dane(decision, name) == WW_DANE_SECURE_USABLE;
}
