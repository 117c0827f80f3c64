#include "codec/idn.h"
#include "codec/preload_json_private.h"

#include <stdlib.h>

/* Room for a pattern as somebody wrote it: "*." and a name. */
#define PATTERN_SIZE (WW_IDN_TEXT_MAX + 2)

enum { ALIAS, MODE, MXS, FIELDS };
static const char *const fields[] = {"policy-alias", "mode", "mxs"};

/* ".x" and "*.x" are the same. */
static bool read_pattern(struct ww_preload_reading *r, struct ww_slice text, size_t index)
{
    char room[WW_DNAME_SIZE + 2] = "*.";
    bool star = ww_slice_starts(text, "*."), wild = star || ww_slice_starts(text, ".");
    size_t skip = star ? 2 : wild ? 1 : 0, before = wild ? 2 : 0;
    enum ww_err err = ww_idn_to_domain(ww_slice(text.p + skip, text.n - skip), room + before);
    if (err != WW_OK)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[MXS], index, ww_err_message(err));
    ww_buf_u8(&r->texts, (uint8_t)strlen(room));
    ww_buf_str(&r->texts, room);
    return true;
}

static bool read_patterns(struct ww_preload_reading *r, size_t at, struct ww_preload_policy *policy)
{
    static const char wanted[] = "an array with the name of an MX host at least is wanted";
    struct ww_json_scan s = ww_preload_value(r, at);
    bool first = true;
    size_t start = r->texts.n;
    if (at == WW_PRELOAD_NOWHERE || !ww_json_scan_open(&s, WW_JSON_ARRAY))
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[MXS], WW_PRELOAD_NOWHERE, wanted);
    while (ww_json_scan_element(&s, &first)) {
        char room[PATTERN_SIZE];
        struct ww_slice text;
        if (policy->mx_count == WW_PRELOAD_MX_MAX)
            return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[MXS], WW_PRELOAD_NOWHERE,
                                   "more than 1000 patterns");
        if (!ww_preload_string(r, s.at, room, sizeof room, &text))
            return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[MXS], policy->mx_count,
                                   "the name of a host is wanted");
        if (!read_pattern(r, text, policy->mx_count))
            return false;
        policy->mx_count++;
        (void)ww_json_scan_skip(&s);
    }
    if (policy->mx_count == 0)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[MXS], WW_PRELOAD_NOWHERE, wanted);
    if (!r->texts.failed)
        policy->mx = ww_slice(r->texts.p + start, r->texts.n - start);
    return true;
}

static bool read_policy(struct ww_preload_reading *r, const size_t at[FIELDS],
                        struct ww_preload_policy *policy)
{
    char room[8];
    struct ww_slice mode = ww_slice(room, 0);
    if (at[MODE] != WW_PRELOAD_NOWHERE)
        (void)ww_preload_string(r, at[MODE], room, sizeof room, &mode);
    if (ww_slice_is(mode, "enforce"))
        policy->mode = WW_MODE_ENFORCE;
    else if (ww_slice_is(mode, "testing"))
        policy->mode = WW_MODE_TESTING;
    else
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[MODE], WW_PRELOAD_NOWHERE,
                               "\"enforce\" or \"testing\" is wanted");
    return read_patterns(r, at[MXS], policy);
}

/* The members of an object, which is none when this fails. */
static bool count_members(struct ww_preload_reading *r, int member, size_t at, size_t *count)
{
    struct ww_buf nowhere = ww_buf(NULL, 0);
    struct ww_json_scan s = ww_preload_value(r, at);
    bool first = true;
    *count = 0;
    if (!ww_json_scan_open(&s, WW_JSON_OBJECT))
        return ww_preload_fail(r, WW_E_PRELOAD_MEMBER, ww_preload_members[member], WW_PRELOAD_NOWHERE,
                               "an object is wanted");
    while (ww_json_scan_member(&s, &first, &nowhere)) {
        (void)ww_json_scan_skip(&s);
        (*count)++;
    }
    if (*count > WW_PRELOAD_NAMES_MAX)
        return ww_preload_fail(r, WW_E_PRELOAD_JSON, ww_preload_members[member], WW_PRELOAD_NOWHERE,
                               "there are more than 1000000");
    return true;
}

/* The member whose key is r->key. */
static bool take_member(struct ww_preload_reading *r, struct ww_json_scan *s, bool too_long,
                        bool (*take)(struct ww_preload_reading *r, struct ww_json_scan *s))
{
    if (too_long)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, NULL, WW_PRELOAD_NOWHERE,
                               "a name is wanted, not so long a text");
    if (ww_json_scan_kind(s) != WW_JSON_OBJECT)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, NULL, WW_PRELOAD_NOWHERE, "an object is wanted");
    return take(r, s);
}

/* Calls take for each member of an object, its key in r->key; take notes and takes the value. */
static bool each_member(struct ww_preload_reading *r, size_t at, const char *kind,
                        bool (*take)(struct ww_preload_reading *r, struct ww_json_scan *s))
{
    char room[WW_IDN_TEXT_MAX + 1];
    struct ww_json_scan s = ww_preload_value(r, at);
    struct ww_buf key = ww_buf(room, sizeof room);
    bool first = true, good = true;
    (void)ww_json_scan_open(&s, WW_JSON_OBJECT);
    r->kind = kind;
    while (good && ww_json_scan_member(&s, &first, &key)) {
        r->key = ww_slice(room, key.n);
        good = take_member(r, &s, key.failed, take);
        key = ww_buf(room, sizeof room);
    }
    r->key = ww_slice(NULL, 0);
    return good;
}

static bool take_alias(struct ww_preload_reading *r, struct ww_json_scan *s)
{
    struct ww_preload_policy *policy = &r->policies[r->aliases];
    size_t at[FIELDS];
    if (r->key.n == 0 || r->key.n > WW_PRELOAD_TEXT_MAX)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, NULL, WW_PRELOAD_NOWHERE,
                               "a name of 1 to 200 octets is wanted");
    if (!ww_preload_note(r, s, fields, FIELDS, at, WW_E_PRELOAD_POLICY) || !read_policy(r, at, policy))
        return false;
    policy->alias = ww_preload_keep_text(r, r->key);
    r->aliases++;
    return true;
}

static int by_alias(const void *a, const void *b)
{
    const struct ww_preload_policy *x = a, *y = b;
    return ww_preload_order(x->alias, y->alias);
}

static bool find_alias(struct ww_preload_reading *r, size_t at, uint32_t *policy)
{
    char room[WW_PRELOAD_TEXT_MAX];
    struct ww_preload_policy wanted = {.mode = WW_MODE_NONE};
    const struct ww_preload_policy *found = NULL;
    if (ww_preload_string(r, at, room, sizeof room, &wanted.alias) && r->aliases > 0)
        found = bsearch(&wanted, r->policies, r->aliases, sizeof wanted, by_alias);
    if (found == NULL)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, fields[ALIAS], WW_PRELOAD_NOWHERE,
                               "there is no such alias");
    *policy = (uint32_t)(found - r->policies);
    return true;
}

static bool take_domain(struct ww_preload_reading *r, struct ww_json_scan *s)
{
    char domain[WW_DNAME_SIZE];
    size_t at[FIELDS];
    struct ww_preload_name *name = &r->names[r->content.count];
    enum ww_err err = ww_idn_to_domain(r->key, domain);
    if (err != WW_OK)
        return ww_preload_fail(r, WW_E_PRELOAD_POLICY, NULL, WW_PRELOAD_NOWHERE, ww_err_message(err));
    if (!ww_preload_note(r, s, fields, FIELDS, at, WW_E_PRELOAD_POLICY))
        return false;
    if (at[ALIAS] != WW_PRELOAD_NOWHERE) {
        if (!find_alias(r, at[ALIAS], &name->policy))
            return false;
    } else {
        name->policy = (uint32_t)r->content.policy_count;
        if (!read_policy(r, at, &r->policies[r->content.policy_count++]))
            return false;
    }
    name->domain = ww_preload_keep_text(r, ww_slice_str(domain));
    r->content.count++;
    return true;
}

static bool read_aliases(struct ww_preload_reading *r, size_t at)
{
    if (at == WW_PRELOAD_NOWHERE)
        return true;
    if (!each_member(r, at, "alias ", take_alias) || r->texts.failed)
        return r->err == WW_OK && ww_preload_too_large(r);
    if (r->aliases > 0)
        qsort(r->policies, r->aliases, sizeof *r->policies, by_alias);
    for (size_t i = 1; i < r->aliases; i++) {
        if (by_alias(&r->policies[i - 1], &r->policies[i]) == 0) {
            r->key = r->policies[i].alias;
            return ww_preload_fail(r, WW_E_PRELOAD_POLICY, NULL, WW_PRELOAD_NOWHERE, "is there twice");
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

static bool read_domains(struct ww_preload_reading *r, size_t at)
{
    if (!each_member(r, at, "", take_domain) || r->texts.failed)
        return r->err == WW_OK && ww_preload_too_large(r);
    if (r->content.count > 0)
        qsort(r->names, r->content.count, sizeof *r->names, by_name);
    for (size_t i = 1; i < r->content.count; i++) {
        if (by_name(&r->names[i - 1], &r->names[i]) == 0) {
            r->key = r->names[i].domain;
            return ww_preload_fail(r, WW_E_PRELOAD_POLICY, NULL, WW_PRELOAD_NOWHERE, "is there twice");
        }
    }
    return true;
}

bool ww_preload_read_policies(struct ww_preload_reading *r, const size_t at[WW_PRELOAD_MEMBERS])
{
    size_t aliases = 0, names;
    if (at[WW_PRELOAD_M_POLICIES] == WW_PRELOAD_NOWHERE)
        return ww_preload_fail(r, WW_E_PRELOAD_MEMBER, ww_preload_members[WW_PRELOAD_M_POLICIES],
                               WW_PRELOAD_NOWHERE, "is missing");
    if ((at[WW_PRELOAD_M_ALIASES] != WW_PRELOAD_NOWHERE &&
         !count_members(r, WW_PRELOAD_M_ALIASES, at[WW_PRELOAD_M_ALIASES], &aliases)) ||
        !count_members(r, WW_PRELOAD_M_POLICIES, at[WW_PRELOAD_M_POLICIES], &names))
        return false;
    r->names = calloc(names + 1, sizeof *r->names);
    r->policies = calloc(aliases + names + 1, sizeof *r->policies);
    if (r->names == NULL || r->policies == NULL)
        return ww_preload_no_memory(r);
    return read_aliases(r, at[WW_PRELOAD_M_ALIASES]) && read_domains(r, at[WW_PRELOAD_M_POLICIES]);
}
