/* Requests about published domains, read strictly. */
#include "codec/idn.h"
#include "codec/json_read.h"
#include "core/mx_match.h"
#include "core/rua.h"
#include "daemon/control_publish.h"

#include <stdio.h>

struct reading {
    struct ww_json_read r;
    const json_t *request;
    const struct ww_config *config;
    struct ww_msg_publish_ask *m;
};

static void fail(struct reading *g, const char *key, const char *words)
{
    ww_json_fail(&g->r, key, words);
}

static bool is_given(const struct reading *g, const char *key)
{
    const json_t *value = json_object_get(g->request, key);
    return value != NULL && !json_is_null(value);
}

/* True: it is there, and good so far. */
static bool takes(struct reading *g, const char *key, enum ww_publish_field field)
{
    if (!is_given(g, key) || g->r.failed)
        return false;
    g->m->fields |= (unsigned)field;
    return true;
}

static void read_domain(struct reading *g, const char *key, char out[WW_DNAME_SIZE])
{
    struct ww_slice text = ww_json_text(&g->r, g->request, key);
    if (!g->r.failed &&
        (text.n == 0 || ww_dname_is_address(text.p, text.n) || ww_idn_to_domain(text, out) != WW_OK))
        fail(g, key, "a domain name is wanted");
}

/* ---- Patterns ---- */

static bool read_pattern(struct ww_slice text, char out[WW_PUBLISHED_PATTERN_SIZE])
{
    bool wildcard = text.n > 2 && memcmp(text.p, "*.", 2) == 0;
    struct ww_slice name = wildcard ? ww_slice(text.p + 2, text.n - 2) : text;
    char domain[WW_DNAME_SIZE];
    size_t offset;
    if (ww_dname_is_address(name.p, name.n) || ww_idn_to_domain(name, domain) != WW_OK)
        return false;
    (void)snprintf(out, WW_PUBLISHED_PATTERN_SIZE, "%s%s", wildcard ? "*." : "", domain);
    return ww_mx_pattern_check(ww_slice_str(out), &offset) == WW_OK;
}

static size_t read_patterns(struct reading *g, const char *key,
                            char out[WW_PUBLISHED_MX_MAX][WW_PUBLISHED_PATTERN_SIZE])
{
    const json_t *list = ww_json_array(&g->r, g->request, key);
    size_t count = json_array_size(list), mark = ww_json_enter(&g->r, key);
    if (count > WW_PUBLISHED_MX_MAX)
        fail(g, NULL, "up to 32 patterns are wanted");
    for (size_t i = 0; i < count && !g->r.failed; i++) {
        struct ww_slice text = ww_json_text_at(&g->r, list, i);
        size_t at = ww_json_enter_at(&g->r, i);
        if (!g->r.failed && !read_pattern(text, out[i]))
            fail(g, NULL, "a name of an MX host is wanted, or *. and a domain");
        ww_json_leave(&g->r, at);
    }
    ww_json_leave(&g->r, mark);
    return count;
}

static void read_mx(struct reading *g)
{
    bool changes = is_given(g, "mx_add") || is_given(g, "mx_drop");
    if (is_given(g, "mx") && changes)
        fail(g, "mx", "not together with mx_add and mx_drop");
    if (changes && g->m->what == WW_PUBLISH_ASK_ADD)
        fail(g, is_given(g, "mx_add") ? "mx_add" : "mx_drop", "of a new domain mx is wanted");
    if (takes(g, "mx", WW_PUBLISH_MX))
        g->m->wanted.mx_count = read_patterns(g, "mx", g->m->wanted.mx);
    if (takes(g, "mx_add", WW_PUBLISH_MX_ADD))
        g->m->wanted.mx_count = read_patterns(g, "mx_add", g->m->wanted.mx);
    if (takes(g, "mx_drop", WW_PUBLISH_MX_DROP))
        g->m->drop_count = read_patterns(g, "mx_drop", g->m->drop);
}

/* ---- Reports ---- */

/* As the record will have it: the strict parser has read it. */
static bool is_rua(const char *list)
{
    char text[WW_PUBLISHED_RUA_SIZE + 32];
    struct ww_tlsrpt_record record;
    struct ww_slice uri;
    enum ww_rua_scheme scheme;
    struct ww_rua rua;
    size_t offset, pos = 0;
    int n = snprintf(text, sizeof text, "v=TLSRPTv1; rua=%s", list);
    if (strpbrk(list, ";\t") != NULL || ww_tlsrpt_record_parse(text, (size_t)n, &record, &offset) != WW_OK)
        return false;
    while (ww_tlsrpt_next_rua(&record, &pos, &uri, &scheme))
        if (scheme == WW_RUA_OTHER || !ww_rua_parse(uri, &rua))
            return false;
    return true;
}

static void read_rua(struct reading *g)
{
    struct ww_slice text = ww_json_text(&g->r, g->request, "rua");
    char *rua = g->m->wanted.rua;
    if (!takes(g, "rua", WW_PUBLISH_RUA))
        return;
    if (text.n >= WW_PUBLISHED_RUA_SIZE) {
        fail(g, "rua", "up to 1023 octets are wanted");
        return;
    }
    memcpy(rua, text.p, text.n);
    rua[text.n] = '\0';
    if (text.n > 0 && !is_rua(rua))
        fail(g, "rua", "mailto: and https: URIs are wanted, with commas between them");
}

/* ---- Settings ---- */

static void read_goal(struct reading *g)
{
    static const char *const goals[] = {"draft", "testing", "enforce", "retire", NULL};
    size_t i = ww_json_word(&g->r, g->request, "goal", goals, 0);
    if (takes(g, "goal", WW_PUBLISH_GOAL))
        (void)ww_published_goal_of(goals[i], &g->m->wanted.goal);
    if (g->m->what == WW_PUBLISH_ASK_ADD && g->m->wanted.goal == WW_GOAL_RETIRE)
        fail(g, "goal", "a new domain has nothing to retire");
}

static void read_host(struct reading *g)
{
    static const char *const hosts[] = {"here", "tree", "elsewhere", "mirror", NULL};
    struct ww_published *w = &g->m->wanted;
    size_t i = ww_json_word(&g->r, g->request, "host", hosts, 0);
    if (takes(g, "host", WW_PUBLISH_HOST))
        (void)ww_published_host_of(hosts[i], &w->host);
    if (w->host == WW_HOSTED_MIRROR) {
        read_domain(g, "mirror", w->mirror);
        if (!g->r.failed && strcmp(w->mirror, g->m->domain) == 0)
            fail(g, "mirror", "a domain cannot follow itself");
    } else if (is_given(g, "mirror")) {
        fail(g, "mirror", "only with the host \"mirror\"");
    }
    if (w->host == WW_HOSTED_TREE && g->config->publish_tree == NULL)
        fail(g, "host", "set publish.tree in the configuration first: the files are written there");
}

static void read_dns(struct reading *g)
{
    static const char *const ways[] = {"hand", "update", NULL};
    bool can = g->config->publish_dns_count > 0;
    size_t i = ww_json_word(&g->r, g->request, "dns", ways, can && g->m->what == WW_PUBLISH_ASK_ADD);
    if (takes(g, "dns", WW_PUBLISH_DNS) || g->m->what == WW_PUBLISH_ASK_ADD)
        (void)ww_published_dns_of(ways[i], &g->m->wanted.dns);
    if (g->m->wanted.dns == WW_DNS_BY_UPDATE && !can)
        fail(g, "dns", "set publish.dns_server in the configuration first: updates go there");
}

static void read_certificate(struct reading *g)
{
    static const char *const certificates[] = {"files", "acme", NULL};
    bool can = g->config->publish_acme != NULL && g->config->publish_acme[0] != '\0';
    size_t i =
        ww_json_word(&g->r, g->request, "certificate", certificates, can && g->m->what == WW_PUBLISH_ASK_ADD);
    if (takes(g, "certificate", WW_PUBLISH_CERTIFICATE) || g->m->what == WW_PUBLISH_ASK_ADD)
        (void)ww_published_certificate_of(certificates[i], &g->m->wanted.certificate);
    if (g->m->wanted.certificate == WW_CERTIFICATE_ACME && !can)
        fail(g, "certificate", "set publish.acme in the configuration first: the ACME server");
}

static void read_max_age(struct reading *g)
{
    json_int_t max_age = ww_json_integer(&g->r, g->request, "max_age", WW_PUBLISHED_MAX_AGE_USUAL);
    (void)takes(g, "max_age", WW_PUBLISH_MAX_AGE);
    if (max_age < WW_PUBLISHED_MAX_AGE_MIN || max_age > WW_POLICY_MAX_AGE_MAX)
        fail(g, "max_age", "86400 to 31557600 seconds are wanted");
    else
        g->m->wanted.max_age = (uint32_t)max_age;
}

static void read_flags(struct reading *g)
{
    struct ww_published *w = &g->m->wanted;
    w->automatic = ww_json_bool(&g->r, g->request, "automatic", false);
    (void)takes(g, "automatic", WW_PUBLISH_AUTOMATIC);
    w->stopped = ww_json_bool(&g->r, g->request, "stopped", false);
    (void)takes(g, "stopped", WW_PUBLISH_STOPPED);
}

static void read_wanted(struct reading *g)
{
    read_goal(g);
    read_flags(g);
    read_mx(g);
    read_max_age(g);
    read_rua(g);
    read_host(g);
    read_dns(g);
    read_certificate(g);
    if (g->m->what == WW_PUBLISH_ASK_ADD)
        g->m->fields |= WW_PUBLISH_MAX_AGE | WW_PUBLISH_HOST | WW_PUBLISH_DNS | WW_PUBLISH_CERTIFICATE;
    else if (g->m->fields == 0)
        fail(g, NULL, "there is nothing to change");
}

bool ww_control_publish_read(const json_t *request, const struct ww_config *config,
                             struct ww_msg_publish_ask *out, char why[WW_CONTROL_PUBLISH_WHY_SIZE])
{
    struct reading g = {.request = request, .config = config, .m = out};
    if (out->what == WW_PUBLISH_ASK_LIST)
        return true;
    read_domain(&g, "domain", out->domain);
    json_int_t version = ww_json_integer(&g.r, request, "version", 0);
    if (version < 0)
        fail(&g, "version", "that of publish-show is wanted");
    out->version = (uint64_t)version;
    out->force = ww_json_bool(&g.r, request, "force", false);
    if (out->what == WW_PUBLISH_ASK_ADD || out->what == WW_PUBLISH_ASK_CHANGE)
        read_wanted(&g);
    _Static_assert(WW_CONTROL_PUBLISH_WHY_SIZE >= WW_JSON_READ_WHY_SIZE, "what is wrong fits");
    memcpy(why, g.r.why, WW_JSON_READ_WHY_SIZE);
    return !g.r.failed;
}
