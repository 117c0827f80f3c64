#include "report/dkim_signature.h"

#include "base/ascii.h"
#include "report/dkim_tags.h"

#include <stdio.h>

/* Clocks differ. */
#define DRIFT 300
/* More tags than there are, and than others will ever add. */
#define TAGS_MAX 64

static bool is_printable(struct ww_slice s)
{
    bool good = true;
    for (size_t i = 0; good && i < s.n; i++)
        good = ww_is_vchar(s.p[i]) || ww_dkim_is_space(s.p[i]);
    return good;
}

/*
 * A list in which each tag is there once. Of a tag that is there twice libopendkim takes the last one: it
 * must not see another domain, or length, than what is judged here.
 */
static bool is_well_formed(struct ww_slice list)
{
    struct ww_slice names[TAGS_MAX], value;
    size_t count = 0;
    if (!is_printable(list))
        return false;
    while (count < TAGS_MAX && ww_dkim_tag_next(&list, &names[count], &value)) {
        char name[16];
        if (names[count].n == 0 || names[count].n >= sizeof name)
            return false;
        for (size_t i = 0; i < names[count].n; i++) {
            name[i] = ww_lower(names[count].p[i]);
            if (!ww_is_alnum(name[i]) && name[i] != '_')
                return false;
        }
        name[names[count].n] = '\0';
        for (size_t i = 0; i < count; i++)
            if (ww_is_nocase(names[i], name))
                return false;
        count++;
    }
    return count < TAGS_MAX;
}

/* A name in whose labels the underscore counts as a letter. */
static bool canon_selector(struct ww_slice s, char out[WW_DNAME_SIZE])
{
    char room[WW_DNAME_SIZE], checked[WW_DNAME_SIZE];
    if (s.n == 0 || s.n >= sizeof room)
        return false;
    /* A label is put behind it: no domain ends in a number, but a selector may. */
    for (size_t i = 0; i < s.n; i++) {
        room[i] = s.p[i] == '_' ? 'x' : s.p[i];
        out[i] = ww_lower(s.p[i]);
    }
    out[s.n] = '\0';
    int n = snprintf(checked, sizeof checked, "%.*s.x", (int)s.n, room);
    size_t offset;
    return n > 0 && n < (int)sizeof checked && ww_dname_check(checked, (size_t)n, &offset) == WW_OK;
}

static void read_names(struct ww_slice list, struct ww_dkim_signature *out)
{
    struct ww_slice domain, selector;
    if (!ww_dkim_tag_find(list, "d", &domain) || ww_dname_canon(domain.p, domain.n, out->domain) != WW_OK)
        out->domain[0] = '\0';
    if (!ww_dkim_tag_find(list, "s", &selector) || !canon_selector(selector, out->selector))
        out->selector[0] = '\0';
    if (out->domain[0] == '\0' || out->selector[0] == '\0')
        return;
    int n = snprintf(out->key, sizeof out->key, "%s._domainkey.%s", out->selector, out->domain);
    if (n < 0 || n >= (int)sizeof out->key)
        out->key[0] = '\0';
}

static bool signs_from(struct ww_slice list)
{
    struct ww_slice words, word;
    if (!ww_dkim_tag_find(list, "h", &words))
        return false;
    while (ww_dkim_word_next(&words, &word))
        if (ww_is_nocase(word, "from"))
            return true;
    return false;
}

/* Twelve digits at most (section 3.5). */
static bool read_time(struct ww_slice text, int64_t *out)
{
    *out = 0;
    bool good = text.n > 0 && text.n <= 12;
    for (size_t i = 0; good && i < text.n; i++) {
        good = ww_is_digit(text.p[i]);
        *out = *out * 10 + (text.p[i] - '0');
    }
    return good;
}

static const char *judge_times(struct ww_slice list, int64_t now, struct ww_dkim_signature *out)
{
    struct ww_slice text;
    int64_t ends = 0;
    bool has_end = ww_dkim_tag_find(list, "x", &text);
    if (has_end && !read_time(text, &ends))
        return "x= is no time";
    if (ww_dkim_tag_find(list, "t", &text) && !read_time(text, &out->made))
        return "t= is no time";
    if (has_end && ends < out->made)
        return "x= is before t=";
    if (has_end && ends + DRIFT <= now)
        return "the signature has expired (x=)";
    return out->made > now + DRIFT ? "the signature is of the future (t=)" : NULL;
}

static const char *judge(struct ww_slice list, int64_t now, struct ww_dkim_signature *s)
{
    struct ww_slice value;
    if (!is_well_formed(list))
        return "it is no list of tags";
    if (!ww_dkim_tag_find(list, "v", &value) || !ww_slice_is(value, "1"))
        return "v= is not 1";
    if (s->domain[0] == '\0')
        return "d= is no domain name";
    if (s->key[0] == '\0')
        return "s= is no selector";
    if (!ww_dkim_tag_find(list, "a", &value) ||
        (!ww_is_nocase(value, "rsa-sha256") && !ww_is_nocase(value, "ed25519-sha256")))
        return "a= is neither rsa-sha256 nor ed25519-sha256";
    if (ww_dkim_tag_find(list, "l", &value))
        return "a part of the body alone is signed (l=)";
    if (!signs_from(list))
        return "From is not signed";
    return judge_times(list, now, s);
}

void ww_dkim_signature_read(struct ww_slice value, int64_t now, struct ww_dkim_signature *out)
{
    struct ww_slice algorithm;
    *out = (struct ww_dkim_signature){.made = -1};
    read_names(value, out);
    out->ed25519 = ww_dkim_tag_find(value, "a", &algorithm) && ww_is_nocase(algorithm, "ed25519-sha256");
    out->unusable = judge(value, now, out);
}
