#include "codec/preload_json.h"

#include "base/time.h"
#include "codec/idn.h"
#include "codec/json_scan.h"
#include "core/mx_match.h"
#include "core/words.h"

#include <stdlib.h>

#define NOWHERE SIZE_MAX

/* Room for a pattern as somebody wrote it: "*." and a name. */
#define PATTERN_SIZE (WW_IDN_TEXT_MAX + 2)

enum { VERSION, TIMESTAMP, EXPIRES, AUTHOR, ALIASES, POLICIES, MEMBERS };
static const char *const members[] = {"version", "timestamp",      "expires",
                                      "author",  "policy-aliases", "policies"};

enum { ALIAS, MODE, MXS, FIELDS };
static const char *const fields[] = {"policy-alias", "mode", "mxs"};

struct reading {
    struct ww_json_scan text;
    struct ww_buf texts; /* canonical names and patterns, names of aliases */
    struct ww_preload_content content;
    struct ww_preload_name *names; /* room for so many: */
    size_t names_cap;
    struct ww_preload_policy *policies; /* the aliases first */
    size_t policies_cap;
    size_t aliases;
    const char *kind;    /* "alias " before the name of one */
    struct ww_slice key; /* the domain or alias that is read, as it is written */
    enum ww_err err;
    char *why;
};

/* place: a member, or a field of the policy that is read; or NULL. index: NOWHERE unless in an array. */
static bool fail(struct reading *r, enum ww_err err, const char *place, size_t index, const char *words)
{
    struct ww_buf b = ww_buf(r->why, WW_PRELOAD_WHY_SIZE - 1);
    if (r->err != WW_OK)
        return false;
    r->err = err;
    if (r->key.p != NULL) {
        char name[WW_WORDS_DOMAIN_MAX + 1];
        struct ww_buf cut = ww_buf(name, sizeof name);
        ww_words_put_cut(&cut, r->key);
        ww_buf_str(&b, r->kind);
        ww_buf_bytes(&b, name, cut.n);
        ww_buf_str(&b, ": ");
    }
    if (place != NULL) {
        ww_buf_str(&b, place);
        if (index != NOWHERE) {
            ww_buf_char(&b, '[');
            ww_buf_decimal(&b, index);
            ww_buf_char(&b, ']');
        }
        ww_buf_str(&b, ": ");
    }
    ww_words_put_cut(&b, ww_slice_str(words));
    r->why[b.n] = '\0';
    return false;
}

static bool fail_syntax(struct reading *r, const struct ww_json_scan *s)
{
    struct ww_buf b = ww_buf(r->why, WW_PRELOAD_WHY_SIZE - 1);
    size_t line, column;
    ww_json_scan_place(s, s->at, &line, &column);
    ww_buf_str(&b, "line ");
    ww_buf_decimal(&b, line);
    ww_buf_str(&b, ", column ");
    ww_buf_decimal(&b, column);
    ww_buf_str(&b, ": ");
    ww_buf_str(&b, s->wrong);
    r->why[b.n] = '\0';
    r->err = WW_E_PRELOAD_JSON;
    return false;
}

/*
 * Takes an object, and notes where the values of the members stand that are known: they may come in any
 * order, and what one means can depend on a later one.
 */
static bool note(struct reading *r, struct ww_json_scan *s, const char *const *known, size_t count,
                 size_t *at, enum ww_err twice)
{
    char room[24];
    struct ww_buf key = ww_buf(room, sizeof room);
    bool first = true;
    for (size_t i = 0; i < count; i++)
        at[i] = NOWHERE;
    (void)ww_json_scan_open(s, WW_JSON_OBJECT);
    while (ww_json_scan_member(s, &first, &key)) {
        size_t start = s->at;
        (void)ww_json_scan_skip(s);
        for (size_t i = 0; i < count; i++) {
            if (key.failed || !ww_slice_is(ww_slice(room, key.n), known[i]))
                continue;
            if (at[i] != NOWHERE)
                return fail(r, twice, known[i], NOWHERE, "is there twice");
            at[i] = start;
        }
        key = ww_buf(room, sizeof room);
    }
    return s->wrong == NULL || fail_syntax(r, s);
}

static struct ww_json_scan value_at(const struct reading *r, size_t at)
{
    struct ww_json_scan s = r->text;
    s.at = at;
    return s;
}

/* A string of at most cap octets; false and an empty one when the value is anything else. */
static bool string_at(const struct reading *r, size_t at, char *room, size_t cap, struct ww_slice *out)
{
    struct ww_json_scan s = value_at(r, at);
    struct ww_buf b = ww_buf(room, cap);
    *out = ww_slice(room, 0);
    if (ww_json_scan_kind(&s) != WW_JSON_STRING || !ww_json_scan_string(&s, &b) || b.failed)
        return false;
    out->n = b.n;
    return true;
}

/* Keeps a text until the image is written. Room for it was reckoned before. */
static struct ww_slice keep(struct reading *r, struct ww_slice text)
{
    size_t start = r->texts.n;
    ww_buf_slice(&r->texts, text);
    return r->texts.failed ? ww_slice(r->texts.p, 0) : ww_slice(r->texts.p + start, text.n);
}

static bool read_version(struct reading *r, size_t at)
{
    char room[16];
    struct ww_slice version;
    if (at == NOWHERE)
        return true;
    if (!string_at(r, at, room, sizeof room, &version) ||
        !(ww_slice_is(version, "0") || ww_slice_starts(version, "0.")))
        return fail(r, WW_E_PRELOAD_MEMBER, members[VERSION], NOWHERE, "\"0.1\" is wanted");
    return true;
}

static bool read_seconds(struct ww_slice text, int64_t *seconds)
{
    *seconds = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        *seconds = *seconds * 10 + (text.p[i] - '0');
    }
    return text.n <= 11;
}

static bool read_time(struct reading *r, int member, size_t at, int64_t *seconds)
{
    char room[64];
    struct ww_slice text;
    if (at == NOWHERE)
        return fail(r, WW_E_PRELOAD_MEMBER, members[member], NOWHERE, "is missing");
    struct ww_json_scan s = value_at(r, at);
    bool good;
    if (ww_json_scan_kind(&s) == WW_JSON_NUMBER)
        good = ww_json_scan_number(&s, &text) && read_seconds(text, seconds);
    else
        good = string_at(r, at, room, sizeof room, &text) && ww_preload_time(text, seconds);
    return good || fail(r, WW_E_PRELOAD_MEMBER, members[member], NOWHERE,
                        "a time is wanted, such as \"2026-12-31T00:00:00Z\"");
}

static bool read_author(struct reading *r, size_t at)
{
    char room[WW_PRELOAD_TEXT_MAX];
    if (at == NOWHERE)
        return true;
    if (!string_at(r, at, room, sizeof room, &r->content.author))
        return fail(r, WW_E_PRELOAD_MEMBER, members[AUTHOR], NOWHERE,
                    "a string of at most 200 octets is wanted");
    r->content.author = keep(r, r->content.author);
    return true;
}

/* ".x" and "*.x" are the same. */
static bool read_pattern(struct reading *r, struct ww_slice text, size_t index)
{
    char room[WW_DNAME_SIZE + 2] = "*.";
    bool star = ww_slice_starts(text, "*."), wild = star || ww_slice_starts(text, ".");
    size_t skip = star ? 2 : wild ? 1 : 0, before = wild ? 2 : 0;
    enum ww_err err = ww_idn_to_domain(ww_slice(text.p + skip, text.n - skip), room + before);
    if (err != WW_OK)
        return fail(r, WW_E_PRELOAD_POLICY, fields[MXS], index, ww_err_message(err));
    ww_buf_u8(&r->texts, (uint8_t)strlen(room));
    ww_buf_str(&r->texts, room);
    return true;
}

static bool read_patterns(struct reading *r, size_t at, struct ww_preload_policy *policy)
{
    static const char wanted[] = "an array with the name of an MX host at least is wanted";
    struct ww_json_scan s = value_at(r, at);
    bool first = true;
    size_t start = r->texts.n;
    if (at == NOWHERE || !ww_json_scan_open(&s, WW_JSON_ARRAY))
        return fail(r, WW_E_PRELOAD_POLICY, fields[MXS], NOWHERE, wanted);
    while (ww_json_scan_element(&s, &first)) {
        char room[PATTERN_SIZE];
        struct ww_slice text;
        if (policy->mx_count == WW_PRELOAD_MX_MAX)
            return fail(r, WW_E_PRELOAD_POLICY, fields[MXS], NOWHERE, "more than 1000 patterns");
        if (!string_at(r, s.at, room, sizeof room, &text))
            return fail(r, WW_E_PRELOAD_POLICY, fields[MXS], policy->mx_count,
                        "the name of a host is wanted");
        if (!read_pattern(r, text, policy->mx_count))
            return false;
        policy->mx_count++;
        (void)ww_json_scan_skip(&s);
    }
    if (policy->mx_count == 0)
        return fail(r, WW_E_PRELOAD_POLICY, fields[MXS], NOWHERE, wanted);
    if (!r->texts.failed)
        policy->mx = ww_slice(r->texts.p + start, r->texts.n - start);
    return true;
}

static bool read_policy(struct reading *r, const size_t at[FIELDS], struct ww_preload_policy *policy)
{
    char room[8];
    struct ww_slice mode = ww_slice(room, 0);
    if (at[MODE] != NOWHERE)
        (void)string_at(r, at[MODE], room, sizeof room, &mode);
    if (ww_slice_is(mode, "enforce"))
        policy->mode = WW_MODE_ENFORCE;
    else if (ww_slice_is(mode, "testing"))
        policy->mode = WW_MODE_TESTING;
    else
        return fail(r, WW_E_PRELOAD_POLICY, fields[MODE], NOWHERE, "\"enforce\" or \"testing\" is wanted");
    return read_patterns(r, at[MXS], policy);
}

/* The members of an object, which is none when this fails. */
static bool count_members(struct reading *r, int member, size_t at, size_t *count)
{
    struct ww_buf nowhere = ww_buf(NULL, 0);
    struct ww_json_scan s = value_at(r, at);
    bool first = true;
    *count = 0;
    if (!ww_json_scan_open(&s, WW_JSON_OBJECT))
        return fail(r, WW_E_PRELOAD_MEMBER, members[member], NOWHERE, "an object is wanted");
    while (ww_json_scan_member(&s, &first, &nowhere)) {
        (void)ww_json_scan_skip(&s);
        (*count)++;
    }
    if (*count > WW_PRELOAD_NAMES_MAX)
        return fail(r, WW_E_PRELOAD_JSON, members[member], NOWHERE, "there are more than 1000000");
    return true;
}

/* Calls take for each member of an object, its key in r->key; take notes and takes the value. */
static bool each_member(struct reading *r, size_t at, const char *kind,
                        bool (*take)(struct reading *r, struct ww_json_scan *s))
{
    char room[WW_IDN_TEXT_MAX + 1];
    struct ww_json_scan s = value_at(r, at);
    struct ww_buf key = ww_buf(room, sizeof room);
    bool first = true;
    (void)ww_json_scan_open(&s, WW_JSON_OBJECT);
    r->kind = kind;
    while (ww_json_scan_member(&s, &first, &key)) {
        r->key = ww_slice(room, key.n);
        if (key.failed)
            return fail(r, WW_E_PRELOAD_POLICY, NULL, NOWHERE, "a name is wanted, not so long a text");
        if (ww_json_scan_kind(&s) != WW_JSON_OBJECT)
            return fail(r, WW_E_PRELOAD_POLICY, NULL, NOWHERE, "an object is wanted");
        if (!take(r, &s))
            return false;
        key = ww_buf(room, sizeof room);
    }
    r->key = ww_slice(NULL, 0);
    return true;
}

static bool take_alias(struct reading *r, struct ww_json_scan *s)
{
    struct ww_preload_policy *policy = &r->policies[r->aliases];
    size_t at[FIELDS];
    if (r->key.n == 0 || r->key.n > WW_PRELOAD_TEXT_MAX)
        return fail(r, WW_E_PRELOAD_POLICY, NULL, NOWHERE, "a name of 1 to 200 octets is wanted");
    if (!note(r, s, fields, FIELDS, at, WW_E_PRELOAD_POLICY) || !read_policy(r, at, policy))
        return false;
    policy->alias = keep(r, r->key);
    r->aliases++;
    return true;
}

static int by_alias(const void *a, const void *b)
{
    const struct ww_preload_policy *x = a, *y = b;
    return ww_preload_order(x->alias, y->alias);
}

static bool find_alias(struct reading *r, size_t at, uint32_t *policy)
{
    char room[WW_PRELOAD_TEXT_MAX];
    struct ww_preload_policy wanted = {.mode = WW_MODE_NONE};
    const struct ww_preload_policy *found = NULL;
    if (string_at(r, at, room, sizeof room, &wanted.alias) && r->aliases > 0)
        found = bsearch(&wanted, r->policies, r->aliases, sizeof wanted, by_alias);
    if (found == NULL)
        return fail(r, WW_E_PRELOAD_POLICY, fields[ALIAS], NOWHERE, "there is no such alias");
    *policy = (uint32_t)(found - r->policies);
    return true;
}

static bool take_domain(struct reading *r, struct ww_json_scan *s)
{
    char domain[WW_DNAME_SIZE];
    size_t at[FIELDS];
    struct ww_preload_name *name = &r->names[r->content.count];
    enum ww_err err = ww_idn_to_domain(r->key, domain);
    if (err != WW_OK)
        return fail(r, WW_E_PRELOAD_POLICY, NULL, NOWHERE, ww_err_message(err));
    if (!note(r, s, fields, FIELDS, at, WW_E_PRELOAD_POLICY))
        return false;
    if (at[ALIAS] != NOWHERE) {
        if (!find_alias(r, at[ALIAS], &name->policy))
            return false;
    } else {
        name->policy = (uint32_t)r->content.policy_count;
        if (!read_policy(r, at, &r->policies[r->content.policy_count++]))
            return false;
    }
    name->domain = keep(r, ww_slice_str(domain));
    r->content.count++;
    return true;
}

static bool no_memory(struct reading *r)
{
    return fail(r, WW_E_NO_MEMORY, NULL, NOWHERE, ww_err_message(WW_E_NO_MEMORY));
}

static bool too_large(struct reading *r)
{
    return fail(r, WW_E_PRELOAD_JSON, NULL, NOWHERE, "the list is too large");
}

static bool read_aliases(struct reading *r, size_t at)
{
    if (at == NOWHERE)
        return true;
    if (!each_member(r, at, "alias ", take_alias) || r->texts.failed)
        return r->err == WW_OK && too_large(r);
    if (r->aliases > 0)
        qsort(r->policies, r->aliases, sizeof *r->policies, by_alias);
    for (size_t i = 1; i < r->aliases; i++) {
        if (by_alias(&r->policies[i - 1], &r->policies[i]) == 0) {
            r->key = r->policies[i].alias;
            return fail(r, WW_E_PRELOAD_POLICY, NULL, NOWHERE, "is there twice");
        }
    }
    r->content.policy_count = r->aliases;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct ww_preload_name *x = a, *y = b;
    return ww_preload_order(x->domain, y->domain);
}

static bool read_domains(struct reading *r, size_t at)
{
    if (!each_member(r, at, "", take_domain) || r->texts.failed)
        return r->err == WW_OK && too_large(r);
    if (r->content.count > 0)
        qsort(r->names, r->content.count, sizeof *r->names, by_name);
    for (size_t i = 1; i < r->content.count; i++) {
        if (by_name(&r->names[i - 1], &r->names[i]) == 0) {
            r->key = r->names[i].domain;
            return fail(r, WW_E_PRELOAD_POLICY, NULL, NOWHERE, "is there twice");
        }
    }
    return true;
}

static bool read_policies(struct reading *r, const size_t at[MEMBERS])
{
    size_t aliases = 0, names;
    if (at[POLICIES] == NOWHERE)
        return fail(r, WW_E_PRELOAD_MEMBER, members[POLICIES], NOWHERE, "is missing");
    if ((at[ALIASES] != NOWHERE && !count_members(r, ALIASES, at[ALIASES], &aliases)) ||
        !count_members(r, POLICIES, at[POLICIES], &names))
        return false;
    r->names = calloc(names + 1, sizeof *r->names);
    r->policies = calloc(aliases + names + 1, sizeof *r->policies);
    if (r->names == NULL || r->policies == NULL)
        return no_memory(r);
    return read_aliases(r, at[ALIASES]) && read_domains(r, at[POLICIES]);
}

static bool read_text(struct reading *r)
{
    struct ww_json_scan s = r->text;
    size_t at[MEMBERS];
    if (!note(r, &s, members, MEMBERS, at, WW_E_PRELOAD_MEMBER))
        return false;
    if (!ww_json_scan_end(&s))
        return fail_syntax(r, &s);
    return read_version(r, at[VERSION]) && read_time(r, TIMESTAMP, at[TIMESTAMP], &r->content.timestamp) &&
           read_time(r, EXPIRES, at[EXPIRES], &r->content.expires) && read_author(r, at[AUTHOR]) &&
           read_policies(r, at);
}

/*
 * The policies in the order in which the names use them, and none that is not used: what a list says has one
 * image then, however its text is laid out.
 */
static struct ww_preload_policy *number_policies(struct reading *r)
{
    struct ww_preload_content *c = &r->content;
    struct ww_preload_policy *used = calloc(c->policy_count + 1, sizeof *used);
    uint32_t *number = calloc(c->policy_count + 1, sizeof *number); /* 0: not used yet */
    uint32_t count = 0;
    if (used == NULL || number == NULL) {
        (void)no_memory(r);
        free(used);
        used = NULL;
    }
    for (size_t i = 0; used != NULL && i < c->count; i++) {
        uint32_t *mine = &number[r->names[i].policy];
        if (*mine == 0) {
            used[count] = r->policies[r->names[i].policy];
            *mine = ++count;
        }
        r->names[i].policy = *mine - 1;
    }
    c->policy_count = count;
    free(number);
    return used;
}

static uint8_t *write_image(struct reading *r, size_t *n)
{
    struct ww_preload_policy *used = number_policies(r);
    uint8_t *image = NULL;
    if (used == NULL)
        return NULL;
    r->content.names = r->names;
    r->content.policies = used;
    *n = ww_preload_size(&r->content);
    if (*n > WW_PRELOAD_IMAGE_MAX)
        (void)too_large(r);
    else if ((image = malloc(*n)) == NULL)
        (void)no_memory(r);
    if (image != NULL) {
        struct ww_buf b = ww_buf((char *)image, *n);
        ww_preload_write(&r->content, &b);
    }
    free(used);
    return image;
}

enum ww_err ww_preload_json_read(const char *p, size_t n, uint8_t **image, size_t *image_n,
                                 char why[WW_PRELOAD_WHY_SIZE])
{
    struct reading r = {.text = ww_json_scan(p, n), .kind = "", .why = why};
    char *room = NULL;
    why[0] = '\0';
    *image = NULL;
    *image_n = 0;
    if (n > WW_PRELOAD_JSON_MAX) {
        (void)fail(&r, WW_E_PRELOAD_JSON, NULL, NOWHERE, "the text is longer than 32 MiB");
        goto out;
    }
    /* A-labels can be longer than what they stand for, though not by so much. */
    size_t cap = n * 8 + WW_DNAME_SIZE < WW_PRELOAD_IMAGE_MAX ? n * 8 + WW_DNAME_SIZE : WW_PRELOAD_IMAGE_MAX;
    room = malloc(cap);
    r.texts = ww_buf(room, cap);
    if (room == NULL)
        (void)no_memory(&r);
    else if (read_text(&r))
        *image = write_image(&r, image_n);
out:
    free(r.names);
    free(r.policies);
    free(room);
    return r.err;
}

bool ww_preload_time(struct ww_slice text, int64_t *seconds)
{
    char room[64];
    struct ww_buf b = ww_buf(room, sizeof room);
    size_t behind = text.n;
    if (ww_time_parse(text, seconds))
        return true;
    while (behind > 0 && text.n - behind < 4 && text.p[behind - 1] >= '0' && text.p[behind - 1] <= '9')
        behind--;
    bool zone =
        behind > 0 && text.n - behind == 4 && (text.p[behind - 1] == '+' || text.p[behind - 1] == '-');
    ww_buf_bytes(&b, text.p, zone ? text.n - 2 : text.n);
    ww_buf_str(&b, zone ? ":" : "Z");
    if (zone)
        ww_buf_bytes(&b, text.p + text.n - 2, 2);
    return !b.failed && ww_time_parse(ww_slice(room, b.n), seconds);
}
