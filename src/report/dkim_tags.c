#include "report/dkim_tags.h"

#include "base/ascii.h"

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && ww_dkim_is_space(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && ww_dkim_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Cuts off what stands before the next separator, or all; false when nothing is left. */
static bool next_part(struct ww_slice *rest, char separator, struct ww_slice *part)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, separator, rest->n);
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    size_t gone = end != NULL ? n + 1 : n;
    *part = trim(ww_slice(rest->p, n));
    *rest = ww_slice(rest->p + gone, rest->n - gone);
    return true;
}

bool ww_dkim_tag_next(struct ww_slice *rest, struct ww_slice *name, struct ww_slice *value)
{
    struct ww_slice part;
    do {
        if (!next_part(rest, ';', &part))
            return false;
    } while (part.n == 0);
    const char *equals = memchr(part.p, '=', part.n);
    size_t n = equals != NULL ? (size_t)(equals - part.p) : 0;
    *name = trim(ww_slice(part.p, n));
    *value = equals != NULL ? trim(ww_slice(equals + 1, part.n - n - 1)) : part;
    return true;
}

bool ww_dkim_tag_find(struct ww_slice list, const char *name, struct ww_slice *value)
{
    struct ww_slice key;
    while (ww_dkim_tag_next(&list, &key, value))
        if (ww_is_nocase(key, name))
            return true;
    return false;
}

bool ww_dkim_word_next(struct ww_slice *rest, struct ww_slice *word)
{
    return next_part(rest, ':', word);
}

bool ww_dkim_tag_allows(struct ww_slice list, const char *name, const char *one, const char *other)
{
    struct ww_slice words, word;
    if (!ww_dkim_tag_find(list, name, &words))
        return true;
    while (ww_dkim_word_next(&words, &word))
        if (ww_slice_is(word, one) || ww_slice_is(word, other))
            return true;
    return false;
}
