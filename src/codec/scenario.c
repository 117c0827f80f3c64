#include "codec/scenario.h"

#include "core/mx_match.h"

#include <stdio.h>
#include <stdlib.h>

enum { FETCHED, CACHED, POLICIES };

struct ww_scenario_own {
    json_t *json;
    char *body[POLICIES];
    struct ww_policy policy[POLICIES];
    struct ww_seen_mx *mx;
    struct ww_slice *names; /* of all certificates */
    size_t names_used;
};

/* In the order of the enums that they become. */
static const char *const modes[] = {"none", "testing", "enforce", NULL};
static const char *const records[] = {"none", "multiple", "ok", "ok-new-id", NULL};
static const char *const statuses[] = {"ok", "expired", "untrusted", "self-signed", NULL};
static const char *const danes[] = {"none",          "insecure", "secure-usable", "secure-unusable", "bogus",
                                    "lookup-failed", NULL};
static const char *const handshakes[] = {"ok", "fail", NULL};

/*
 * The policy becomes the text that it would be, and goes through the parser of all policies. Patterns are
 * looked at before, since a line end in one would make lines of its own.
 */
static enum ww_err write_body(struct ww_json_read *r, const json_t *json, const char *mode,
                              json_int_t max_age, struct ww_buf *b)
{
    const json_t *mx = ww_json_array(r, json, "mx");
    size_t mark = ww_json_enter(r, "mx"), offset;
    enum ww_err err = WW_OK;
    ww_buf_str(b, "version: STSv1\nmode: ");
    ww_buf_str(b, mode);
    for (size_t i = 0; i < json_array_size(mx); i++) {
        struct ww_slice pattern = ww_json_text_at(r, mx, i);
        if (err == WW_OK)
            err = ww_mx_pattern_check(pattern, &offset);
        ww_buf_str(b, "\nmx: ");
        ww_buf_slice(b, pattern);
    }
    ww_json_leave(r, mark);
    ww_buf_str(b, "\nmax_age: ");
    ww_buf_decimal(b, max_age >= 0 ? (uint64_t)max_age : UINT64_MAX);
    if (err != WW_OK)
        return err;
    return b->failed ? WW_E_POLICY_TOO_LONG : WW_OK;
}

/* What is no policy by its contents is WW_OK for r, and an error here: a fetched one is judged as such. */
static enum ww_err read_policy(struct ww_json_read *r, struct ww_scenario_own *own, int which,
                               const json_t *json)
{
    size_t offset;
    size_t mode = ww_json_word(r, json, "mode", modes, sizeof modes / sizeof modes[0] - 1);
    json_int_t max_age = ww_json_integer(r, json, "max_age", WW_POLICY_MAX_AGE_MAX);
    if (modes[mode] == NULL)
        ww_json_fail(r, "mode", "it must be there");
    if (r->failed)
        return WW_OK;
    own->body[which] = malloc(WW_POLICY_BODY_MAX);
    if (own->body[which] == NULL) {
        ww_json_fail(r, NULL, ww_err_message(WW_E_NO_MEMORY));
        return WW_OK;
    }
    struct ww_buf b = ww_buf(own->body[which], WW_POLICY_BODY_MAX);
    enum ww_err err = write_body(r, json, modes[mode], max_age, &b);
    return err != WW_OK ? err : ww_policy_parse(b.p, b.n, &own->policy[which], &offset);
}

static void read_fetched(struct ww_json_read *r, struct ww_scenario_own *own, const json_t *root,
                         struct ww_discovered *d)
{
    const json_t *json = ww_json_object(r, root, "policy");
    if (json_object_get(root, "policy") == NULL)
        ww_json_fail(r, "policy", "it must be there, be it null");
    if (json == NULL)
        return;
    size_t mark = ww_json_enter(r, "policy");
    d->fetch = WW_FETCH_OK;
    d->record = WW_RECORD_SAME;
    if (read_policy(r, own, FETCHED, json) == WW_OK)
        d->fetched = &own->policy[FETCHED];
    else
        d->fetch = WW_FETCH_INVALID;
    ww_json_leave(r, mark);
}

static void read_cached(struct ww_json_read *r, struct ww_scenario_own *own, const json_t *root,
                        struct ww_discovered *d)
{
    const json_t *json = ww_json_object(r, root, "cached");
    if (json == NULL)
        return;
    size_t mark = ww_json_enter(r, "cached");
    json_int_t age = ww_json_integer(r, json, "age", 0);
    enum ww_err err = read_policy(r, own, CACHED, json);
    if (err != WW_OK)
        ww_json_fail(r, NULL, ww_err_message(err));
    if (age < 0)
        ww_json_fail(r, "age", "it is below zero");
    d->cached = &own->policy[CACHED];
    d->cached_age = (uint64_t)age;
    ww_json_leave(r, mark);
}

/* "http-404"; a status of 200 is no failure. */
static bool is_status(struct ww_slice word, enum ww_seen_fetch *fetch)
{
    if (word.n != 8 || !ww_slice_starts(word, "http-"))
        return false;
    for (size_t i = 5; i < word.n; i++) {
        if (word.p[i] < '0' || word.p[i] > '9')
            return false;
    }
    *fetch = ww_slice_is(word, "http-200") ? WW_FETCH_OK : WW_FETCH_FAILED;
    return true;
}

static enum ww_seen_fetch read_fetch(struct ww_json_read *r, const json_t *json, enum ww_seen_fetch missing)
{
    static const struct {
        const char *word;
        enum ww_seen_fetch fetch;
    } words[] = {
        {"ok", WW_FETCH_OK},
        {"not-attempted", WW_FETCH_NOT_ATTEMPTED},
        {"timeout", WW_FETCH_FAILED},
        {"webpki-invalid", WW_FETCH_WEBPKI},
        {"parse-error", WW_FETCH_INVALID},
    };
    struct ww_slice word = ww_json_text(r, json, "fetch");
    enum ww_seen_fetch fetch = missing;
    if (json_is_null(json_object_get(json, "fetch")) || json_object_get(json, "fetch") == NULL ||
        is_status(word, &fetch))
        return fetch;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (ww_slice_is(word, words[i].word))
            return words[i].fetch;
    }
    ww_json_fail(r, "fetch",
                 "one of these is wanted: ok, not-attempted, http- and a status, timeout, webpki-invalid, "
                 "parse-error");
    return missing;
}

/* What is left out is as the rest makes it likely: no policy can have been asked for without a record. */
static void read_discovery(struct ww_json_read *r, const json_t *root, struct ww_discovered *d)
{
    const json_t *json = ww_json_object(r, root, "discovery");
    size_t mark = ww_json_enter(r, "discovery");
    enum ww_seen_fetch fetch = read_fetch(r, json, d->fetch);
    /* A policy whose contents are none stays that, also when its fetch was "ok". */
    if (d->fetch != WW_FETCH_INVALID || fetch != WW_FETCH_OK)
        d->fetch = fetch;
    if (d->fetch != WW_FETCH_NOT_ATTEMPTED)
        d->record = WW_RECORD_SAME;
    d->record = (enum ww_seen_record)ww_json_word(r, json, "txt", records, d->record);
    ww_json_leave(r, mark);
}

/* "1.2", with one digit each. */
static uint16_t read_version(struct ww_json_read *r, const json_t *json)
{
    struct ww_slice v = ww_json_text(r, json, "tls_version");
    if (v.n == 0 && !json_is_string(json_object_get(json, "tls_version")))
        return WW_TLS_1_2 + 1;
    if (v.n == 3 && v.p[0] == '1' && v.p[1] == '.' && v.p[2] >= '0' && v.p[2] <= '9')
        return (uint16_t)(WW_TLS_1_2 - 2 + (v.p[2] - '0'));
    ww_json_fail(r, "tls_version", "a version as \"1.2\" is wanted");
    return 0;
}

static void read_certificate(struct ww_json_read *r, struct ww_scenario_own *own, const json_t *json,
                             struct ww_seen_mx *mx)
{
    const json_t *cert = ww_json_object(r, json, "cert");
    mx->common_name = ww_json_text(r, json, "cn");
    if (cert == NULL)
        return;
    size_t mark = ww_json_enter(r, "cert");
    const json_t *names = ww_json_array(r, cert, "names");
    struct ww_slice cn = ww_json_text(r, cert, "cn");
    mx->has_certificate = true;
    mx->status = (enum ww_cert_status)ww_json_word(r, cert, "status", statuses, WW_CERT_OK);
    mx->names = own->names + own->names_used;
    mx->name_count = json_array_size(names);
    if (cn.n > 0)
        mx->common_name = cn;
    size_t inner = ww_json_enter(r, "names");
    for (size_t i = 0; i < mx->name_count; i++)
        own->names[own->names_used++] = ww_json_text_at(r, names, i);
    ww_json_leave(r, inner);
    ww_json_leave(r, mark);
}

static void read_mx(struct ww_json_read *r, struct ww_scenario_own *own, const json_t *json,
                    struct ww_seen_mx *mx)
{
    json_int_t usage = ww_json_integer(r, json, "tlsa_usage", WW_TLSA_DANE_EE);
    mx->host = ww_json_text(r, json, "host");
    if (!json_is_string(json_object_get(json, "host")))
        ww_json_fail(r, "host", "it must be there");
    if (usage < 0 || usage > UINT8_MAX)
        ww_json_fail(r, "tlsa_usage", "it is not in 0 to 255");
    mx->tlsa_base = ww_json_text(r, json, "tlsa_base");
    mx->starttls = ww_json_bool(r, json, "starttls", true);
    mx->handshake = ww_json_word(r, json, "handshake", handshakes, 0) == 0;
    mx->tls_version = read_version(r, json);
    mx->dane = (enum ww_dane_state)ww_json_word(r, json, "dane", danes, WW_DANE_NONE);
    mx->tlsa_match = ww_json_bool(r, json, "tlsa_match", false);
    mx->tlsa_usage = (uint8_t)usage;
    read_certificate(r, own, json, mx);
}

static size_t count_names(const json_t *hosts)
{
    size_t count = 0, i;
    const json_t *mx;
    json_array_foreach(hosts, i, mx)
    {
        count += json_array_size(json_object_get(json_object_get(mx, "cert"), "names"));
    }
    return count;
}

static void read_hosts(struct ww_json_read *r, struct ww_scenario *s, const json_t *root)
{
    const json_t *hosts = ww_json_array(r, root, "mx");
    size_t mark = ww_json_enter(r, "mx"), count = json_array_size(hosts);
    if (hosts == NULL)
        ww_json_fail(r, NULL, "it must be there");
    s->own->mx = calloc(count + 1, sizeof *s->own->mx);
    s->own->names = calloc(count_names(hosts) + 1, sizeof *s->own->names);
    if (s->own->mx == NULL || s->own->names == NULL) {
        ww_json_fail(r, NULL, ww_err_message(WW_E_NO_MEMORY));
        return;
    }
    for (size_t i = 0; !r->failed && i < count; i++) {
        const json_t *json = json_array_get(hosts, i);
        size_t at = ww_json_enter_at(r, i);
        if (!json_is_object(json))
            ww_json_fail(r, NULL, "an object is wanted");
        else
            read_mx(r, s->own, json, &s->own->mx[i]);
        ww_json_leave(r, at);
    }
    s->mx = s->own->mx;
    s->mx_count = count;
    ww_json_leave(r, mark);
}

static void read_scenario(struct ww_json_read *r, struct ww_scenario *s, const json_t *root)
{
    struct ww_discovered d = {.fetch = WW_FETCH_NOT_ATTEMPTED, .record = WW_RECORD_NONE};
    if (!json_is_object(root))
        ww_json_fail(r, NULL, "a scenario is an object");
    read_fetched(r, s->own, root, &d);
    read_cached(r, s->own, root, &d);
    read_discovery(r, root, &d);
    s->delivery.require_dane = ww_json_bool(r, root, "require_dane", false);
    s->delivery.dane_suffices = ww_json_bool(r, root, "dane_suffices", false);
    s->delivery.next_hop = ww_json_text(r, root, "domain");
    read_hosts(r, s, root);
    if (!r->failed)
        s->delivery.sts = ww_in_force(&d);
}

static json_t *parse(const char *p, size_t n, size_t *used, char why[WW_JSON_READ_WHY_SIZE])
{
    json_error_t error;
    bool cut = n > WW_SCENARIO_MAX;
    json_t *json =
        json_loadb(p, cut ? WW_SCENARIO_MAX : n, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
    *used = json != NULL ? (size_t)error.position : 0;
    if (json != NULL)
        return json;
    struct ww_json_read r = {.n = 0};
    char words[JSON_ERROR_TEXT_LENGTH + 80];
    if (cut && json_error_code(&error) == json_error_premature_end_of_input)
        (void)snprintf(words, sizeof words, "the scenario is longer than %zu octets", WW_SCENARIO_MAX);
    else
        (void)snprintf(words, sizeof words, "line %d, column %d: %s", error.line, error.column, error.text);
    ww_json_fail(&r, NULL, words);
    memcpy(why, r.why, sizeof r.why);
    return NULL;
}

struct ww_scenario *ww_scenario_read(const char *p, size_t n, size_t *used, char why[WW_JSON_READ_WHY_SIZE])
{
    struct ww_json_read r = {.n = 0};
    json_t *json = parse(p, n, used, why);
    if (json == NULL)
        return NULL;
    struct ww_scenario *s = calloc(1, sizeof *s);
    struct ww_scenario_own *own = calloc(1, sizeof *own);
    if (s == NULL || own == NULL) {
        free(s);
        free(own);
        json_decref(json);
        (void)snprintf(why, WW_JSON_READ_WHY_SIZE, "%s", ww_err_message(WW_E_NO_MEMORY));
        return NULL;
    }
    own->json = json;
    s->own = own;
    read_scenario(&r, s, json);
    if (!r.failed)
        return s;
    ww_scenario_free(s);
    memcpy(why, r.why, sizeof r.why);
    return NULL;
}

void ww_scenario_free(struct ww_scenario *scenario)
{
    if (scenario == NULL)
        return;
    struct ww_scenario_own *own = scenario->own;
    for (size_t i = 0; i < POLICIES; i++)
        free(own->body[i]);
    free(own->mx);
    free(own->names);
    json_decref(own->json);
    free(own);
    free(scenario);
}

static json_t *judged(const struct ww_scenario *s, const struct ww_seen_mx *mx)
{
    char why[WW_JUDGE_WHY_MAX];
    struct ww_buf b = ww_buf(why, sizeof why);
    struct ww_judgement j = ww_judge(&s->delivery, mx);
    ww_judge_put_why(&b, &s->delivery, &j);
    return json_pack("{s:s%, s:s, s:s, s:s?, s:s%, s:s}", "host", mx->host.p, mx->host.n, "action",
                     ww_action_name(j.action), "policy_type", ww_policy_type_name(j.policy_type),
                     "result_type", ww_result_type_name(j.result), "why", b.p, b.n, "source",
                     ww_judge_source(&j));
}

char *ww_scenario_result(const struct ww_scenario *scenario)
{
    json_t *list = json_array();
    bool failed = list == NULL;
    for (size_t i = 0; !failed && i < scenario->mx_count; i++)
        failed = json_array_append_new(list, judged(scenario, &scenario->mx[i])) != 0;
    json_t *root = json_pack("{s:s?, s:o}", "policy_result",
                             ww_result_type_name(scenario->delivery.sts.result), "mx", list);
    char *text = failed || root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}
