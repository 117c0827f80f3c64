#include "core/policy.h"
#include "core/mx_match.h"
#include "core/sts_record.h"
#include "lib/lib.h"

#include <stdlib.h>

_Static_assert(WAXWING_STS_ID_SIZE == WW_STS_ID_MAX + 1, "an id fits");
_Static_assert((int)WAXWING_MODE_NONE == WW_MODE_NONE && (int)WAXWING_MODE_TESTING == WW_MODE_TESTING &&
                   (int)WAXWING_MODE_ENFORCE == WW_MODE_ENFORCE,
               "the modes are those of the house");

struct waxwing_policy {
    struct ww_policy policy;
    const char **mx;
    char room[]; /* the body, the patterns with their NULs, and then their list */
};

const struct waxwing_error *waxwing_sts_record_parse(const char *text, size_t length,
                                                     char id[WAXWING_STS_ID_SIZE], size_t *offset)
{
    struct ww_sts_record record;
    size_t at = 0;
    enum ww_err err = ww_sts_record_parse(text, length, &record, &at);
    ww_lib_set_offset(offset, at);
    memcpy(id, err == WW_OK ? record.id : "", err == WW_OK ? strlen(record.id) + 1 : 1);
    return ww_lib_error(err);
}

enum waxwing_presence waxwing_sts_record_select(const struct waxwing_octets *records, size_t count,
                                                char id[WAXWING_STS_ID_SIZE],
                                                const struct waxwing_error **why)
{
    struct ww_sts_record record;
    struct ww_slice *room;
    enum ww_err err = WW_E_NO_MEMORY;
    enum ww_txt_presence presence = WW_TXT_INVALID;
    if (ww_lib_slices(records, count, &room) != NULL)
        presence = ww_sts_record_select(room, count, &record, &err);
    free(room);
    id[0] = '\0';
    if (presence == WW_TXT_PRESENT)
        memcpy(id, record.id, strlen(record.id) + 1);
    if (why != NULL)
        *why = ww_lib_error(err);
    if (presence == WW_TXT_ABSENT)
        return WAXWING_ABSENT;
    return presence == WW_TXT_PRESENT ? WAXWING_PRESENT : WAXWING_INVALID;
}

const char *waxwing_mode_name(enum waxwing_mode mode)
{
    if (mode == WAXWING_MODE_NONE || mode == WAXWING_MODE_TESTING || mode == WAXWING_MODE_ENFORCE)
        return ww_policy_mode_name((enum ww_policy_mode)mode);
    return "unknown";
}

/* Where the list of n strings begins that follow `used` octets. */
static size_t list_at(size_t used)
{
    const size_t align = sizeof(char *);
    return (used + align - 1) / align * align;
}

static void copy_patterns(struct waxwing_policy *p, size_t at)
{
    struct ww_slice mx;
    size_t i = 0;
    for (size_t pos = 0; ww_policy_next_mx(&p->policy, &pos, &mx); at += mx.n + 1) {
        memcpy(p->room + at, mx.p, mx.n);
        p->room[at + mx.n] = '\0';
        p->mx[i++] = p->room + at;
    }
}

const struct waxwing_error *waxwing_policy_parse(const char *body, size_t length,
                                                 struct waxwing_policy **policy, size_t *offset)
{
    struct ww_policy read;
    size_t at = 0;
    *policy = NULL;
    enum ww_err err = ww_policy_parse(body, length, &read, &at);
    ww_lib_set_offset(offset, at);
    if (err != WW_OK)
        return ww_lib_error(err);
    /* A pattern is shorter than its line. */
    size_t header = sizeof(struct waxwing_policy);
    size_t list = list_at(header + 2 * length);
    struct waxwing_policy *p = malloc(list + (read.mx_count + 1) * sizeof(char *));
    if (p == NULL)
        return ww_lib_error(WW_E_NO_MEMORY);
    memcpy(p->room, body, length);
    p->mx = (const char **)(void *)((char *)p + list);
    p->policy = read;
    p->policy.body = ww_slice(p->room, length);
    copy_patterns(p, length);
    *policy = p;
    return NULL;
}

void waxwing_policy_free(struct waxwing_policy *policy)
{
    free(policy);
}

const struct ww_policy *ww_lib_policy(const struct waxwing_policy *policy)
{
    return policy != NULL ? &policy->policy : NULL;
}

enum waxwing_mode waxwing_policy_mode(const struct waxwing_policy *policy)
{
    return (enum waxwing_mode)policy->policy.mode;
}

uint32_t waxwing_policy_max_age(const struct waxwing_policy *policy)
{
    return policy->policy.max_age;
}

size_t waxwing_policy_mx_count(const struct waxwing_policy *policy)
{
    return policy->policy.mx_count;
}

const char *waxwing_policy_mx(const struct waxwing_policy *policy, size_t i)
{
    return i < policy->policy.mx_count ? policy->mx[i] : NULL;
}

int waxwing_policy_match(const struct waxwing_policy *policy, const char *host)
{
    return ww_mx_match_policy(&policy->policy, ww_slice_str(host));
}

const struct waxwing_error *waxwing_mx_pattern_check(const char *pattern, size_t *offset)
{
    size_t at = 0;
    enum ww_err err = ww_mx_pattern_check(ww_slice_str(pattern), &at);
    ww_lib_set_offset(offset, at);
    return ww_lib_error(err);
}

int waxwing_mx_match(const char *pattern, const char *host)
{
    return ww_mx_match(ww_slice_str(pattern), ww_slice_str(host));
}
