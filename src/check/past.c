#include "check/past.h"

#include "check/sight.h"
#include "codec/json_values.h"

#include <openssl/evp.h>
#include <stdlib.h>

bool ww_past_hash(struct ww_slice body, uint8_t out[WW_VERSION_HASH_SIZE])
{
    size_t n = 0;
    return EVP_Q_digest(NULL, "SHA256", NULL, body.n > 0 ? body.p : "", body.n, out, &n) == 1 &&
           n == WW_VERSION_HASH_SIZE;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void sort(struct ww_past_mx *mx)
{
    qsort(mx->names, mx->count, sizeof *mx->names, compare_names);
}

void ww_past_mx_of(const struct ww_sight *sight, struct ww_past_mx *out)
{
    out->count = 0;
    for (size_t i = 0; sight->surveyed && i < sight->survey.count; i++)
        memcpy(out->names[out->count++], sight->survey.hosts[i].name, WW_DNAME_SIZE);
    sort(out);
}

bool ww_past_mx_equal(const struct ww_past_mx *a, const struct ww_past_mx *b)
{
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = strcmp(a->names[i], b->names[i]) == 0;
    return equal;
}

static json_t *mx_json(const struct ww_sight *sight)
{
    struct ww_past_mx mx;
    json_t *list = json_array();
    ww_past_mx_of(sight, &mx);
    for (size_t i = 0; i < mx.count; i++)
        (void)json_array_append_new(list, json_string(mx.names[i]));
    return list;
}

static int64_t testing_since(const struct ww_sight *sight)
{
    if (sight->policy.mode != WW_MODE_TESTING)
        return 0;
    return sight->past != NULL && sight->past->testing_since > 0 ? sight->past->testing_since : sight->at;
}

json_t *ww_past_facts_json(const struct ww_sight *sight)
{
    uint8_t hash[WW_VERSION_HASH_SIZE];
    bool known = sight->has_policy && sight->names.looked && sight->names.record == WW_TXT_PRESENT &&
                 ww_past_hash(sight->host.body, hash);
    if (!known)
        return json_pack("{s:n, s:n, s:n, s:n, s:n, s:o}", "id", "sha256", "mode", "max_age", "testing_since",
                         "mx", mx_json(sight));
    return json_pack("{s:s, s:o, s:s, s:I, s:o, s:o}", "id", sight->names.sts.id, "sha256",
                     ww_json_hex(hash, sizeof hash), "mode", ww_policy_mode_name(sight->policy.mode),
                     "max_age", (json_int_t)sight->policy.max_age, "testing_since",
                     ww_json_time(testing_since(sight)), "mx", mx_json(sight));
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hash(const char *text, uint8_t out[WW_VERSION_HASH_SIZE])
{
    if (text == NULL || strlen(text) != 2 * (size_t)WW_VERSION_HASH_SIZE)
        return false;
    for (size_t i = 0; i < WW_VERSION_HASH_SIZE; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool read_mode(const char *text, enum ww_policy_mode *out)
{
    for (int mode = WW_MODE_NONE; text != NULL && mode <= WW_MODE_ENFORCE; mode++) {
        *out = (enum ww_policy_mode)mode;
        if (strcmp(text, ww_policy_mode_name(*out)) == 0)
            return true;
    }
    return false;
}

static bool read_version(const json_t *facts, int64_t at, struct ww_past_version *out)
{
    const char *id = json_string_value(json_object_get(facts, "id"));
    json_int_t max_age = json_integer_value(json_object_get(facts, "max_age"));
    if (id == NULL || strlen(id) > WW_STS_ID_MAX || max_age < 0 || max_age > WW_POLICY_MAX_AGE_MAX ||
        !read_hash(json_string_value(json_object_get(facts, "sha256")), out->hash) ||
        !read_mode(json_string_value(json_object_get(facts, "mode")), &out->mode))
        return false;
    memcpy(out->id, id, strlen(id) + 1);
    out->max_age = (uint32_t)max_age;
    out->last_seen = at;
    return true;
}

static void read_mx(const json_t *list, struct ww_past_mx *out)
{
    const json_t *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(item);
        if (name != NULL && out->count < WW_DANE_HOSTS_MAX &&
            ww_dname_canon(name, strlen(name), out->names[out->count]) == WW_OK)
            out->count++;
    }
    sort(out);
}

bool ww_past_read(const json_t *report, const char *domain, struct ww_past *out)
{
    const json_t *facts = json_object_get(report, "facts");
    const char *of = json_string_value(json_object_get(report, "domain"));
    int64_t at = ww_json_time_of(report, "at");
    memset(out, 0, sizeof *out);
    if (!json_is_object(facts) || of == NULL || strcmp(of, domain) != 0 || at == 0)
        return false;
    if (!read_version(facts, at, &out->versions[0]))
        return true;
    out->count = 1;
    out->testing_since = ww_json_time_of(facts, "testing_since");
    memcpy(out->mx_hash, out->versions[0].hash, sizeof out->mx_hash);
    read_mx(json_object_get(facts, "mx"), &out->mx);
    return true;
}
