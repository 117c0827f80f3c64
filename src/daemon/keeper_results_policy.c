#include "daemon/keeper_results_private.h"

#include "store/history.h"

static void fill(struct ww_known_policy *out, const char *id, struct ww_slice body)
{
    struct ww_buf strings = ww_buf(out->strings, sizeof out->strings);
    struct ww_buf mx_hosts = ww_buf(out->mx_hosts, sizeof out->mx_hosts);
    struct ww_policy policy;
    size_t offset, n = strlen(id);
    if (n >= sizeof out->id || ww_policy_parse(body.p, body.n, &policy, &offset) != WW_OK)
        return;
    ww_sessions_put_strings(&strings, &policy);
    ww_sessions_put_mx_hosts(&mx_hosts, &policy);
    out->found = true;
    out->mode = policy.mode;
    memcpy(out->id, id, n + 1);
    out->strings_n = strings.n;
    out->mx_hosts_n = mx_hosts.n;
}

struct wanted {
    int64_t at;
    const char *id;
    struct ww_known_policy *out;
};

static void take_stored(void *ctx, const struct ww_stored_policy *policy)
{
    struct wanted *w = ctx;
    if (policy->expires > w->at)
        fill(w->out, policy->id, policy->body);
}

enum ww_err ww_known_policy_get(struct ww_store *store, const char *domain, int64_t at,
                                struct ww_known_policy *out)
{
    struct wanted w = {.at = at, .out = out};
    out->found = false;
    return ww_store_get_policy(store, domain, take_stored, &w);
}

/* The newest of that id. */
static void take_version(void *ctx, const struct ww_version *version)
{
    struct wanted *w = ctx;
    if (!w->out->found && version->body.p != NULL && strcmp(version->id, w->id) == 0)
        fill(w->out, version->id, version->body);
}

static enum ww_err get_version(struct ww_store *store, const char *domain, const char *id,
                               struct ww_known_policy *out)
{
    struct wanted w = {.id = id, .out = out};
    out->found = false;
    return ww_history_list(store, domain, INT64_MAX, WW_HISTORY_VERSIONS_MAX, take_version, &w);
}

static void use(const struct ww_known_policy *known, struct ww_sessions *s)
{
    s->policy.type = WW_POLICY_TYPE_STS;
    s->policy.strings = ww_slice(known->strings, known->strings_n);
    s->policy.mx_hosts = ww_slice(known->mx_hosts, known->mx_hosts_n);
}

/* There was no policy to be held then. */
static bool is_of_fetch(const struct ww_sessions *s)
{
    for (size_t i = 0; i < s->detail_count; i++) {
        enum ww_result_type type = s->details[i].type;
        if (type == WW_RESULT_STS_POLICY_FETCH_ERROR || type == WW_RESULT_STS_POLICY_INVALID ||
            type == WW_RESULT_STS_WEBPKI_INVALID)
            return true;
    }
    return false;
}

static enum ww_err resolve_sts(struct ww_store *store, struct ww_known_policy *known, struct ww_sessions *s)
{
    enum ww_err err = WW_OK;
    if (s->policy.strings.n > 0 || s->by_us || is_of_fetch(s))
        return WW_OK;
    if (s->policy_id[0] != '\0' && !(known->found && strcmp(known->id, s->policy_id) == 0))
        err = get_version(store, s->domain, s->policy_id, known);
    if (err == WW_OK && known->found)
        use(known, s);
    return err;
}

enum ww_err ww_known_policy_resolve(struct ww_store *store, struct ww_known_policy *known,
                                    struct ww_sessions *s)
{
    enum ww_err err = WW_OK;
    if (!s->policy_known) {
        s->policy.type = WW_POLICY_TYPE_NONE;
        if (known->found && known->mode != WW_MODE_NONE)
            use(known, s);
    } else if (s->policy.type == WW_POLICY_TYPE_STS) {
        err = resolve_sts(store, known, s);
    }
    if (s->policy.type == WW_POLICY_TYPE_NONE) {
        s->success += s->unverified; /* there was nothing to verify */
        s->unverified = 0;
        s->policy.strings = s->policy.mx_hosts = ww_slice("", 0);
    }
    if (s->policy.domain[0] == '\0' && s->policy.type != WW_POLICY_TYPE_TLSA)
        memcpy(s->policy.domain, s->domain, sizeof s->policy.domain);
    return err;
}
