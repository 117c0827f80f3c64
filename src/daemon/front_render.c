#include "daemon/front_render.h"

#include "codec/explain.h"
#include "codec/policy_json.h"
#include "core/decision_text.h"
#include "core/exim.h"
#include "core/postfix.h"
#include "core/sendmail.h"

static enum ww_stat_answer kind_of_level(enum ww_level told)
{
    switch (told) {
    case WW_LEVEL_TESTING:
        return WW_ANSWERED_TESTING;
    case WW_LEVEL_SECURE:
        return WW_ANSWERED_SECURE;
    case WW_LEVEL_HOLD:
        return WW_ANSWERED_TEMP;
    case WW_LEVEL_MAY:
        return WW_ANSWERED_MAY;
    case WW_LEVEL_ENCRYPT:
        return WW_ANSWERED_ENCRYPT;
    case WW_LEVEL_DANE:
        return WW_ANSWERED_DANE;
    case WW_LEVEL_DANE_ONLY:
        return WW_ANSWERED_DANE_ONLY;
    case WW_LEVEL_NONE:
        break;
    }
    return WW_ANSWERED_NOTFOUND;
}

/* Of what begins with the socketmap's words: they say whether a long list of patterns fitted, and which host
 * was asked for, as no level does. */
static enum ww_stat_answer kind_of_words(struct ww_slice answer)
{
    static const struct {
        const char *begin;
        enum ww_stat_answer kind;
    } kinds[] = {
        {"OK secure", WW_ANSWERED_SECURE},   {"OK dane-only", WW_ANSWERED_DANE_ONLY},
        {"OK dane", WW_ANSWERED_DANE},       {"OK encrypt", WW_ANSWERED_ENCRYPT},
        {"OK may", WW_ANSWERED_MAY},         {"OK none", WW_ANSWERED_NOTFOUND},
        {"NOTFOUND ", WW_ANSWERED_NOTFOUND}, {"PERM ", WW_ANSWERED_PERM},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ww_slice_starts(answer, kinds[i].begin))
            return kinds[i].kind;
    return WW_ANSWERED_TEMP;
}

/* Where nothing was said because a policy is in testing. */
static enum ww_stat_answer kind_of_reply(const struct ww_buf *b, size_t start, const struct ww_render *r)
{
    const enum ww_stat_answer kind = kind_of_words(ww_slice(b->p + start, b->n - start));
    const struct ww_life *life = r->known->override == NULL ? r->known->life : NULL;
    bool open = kind == WW_ANSWERED_NOTFOUND || kind == WW_ANSWERED_MAY;
    if (open && life != NULL && life->mode == WW_MODE_TESTING && ww_life_has_policy(life, r->now))
        return WW_ANSWERED_TESTING;
    return kind;
}

static enum ww_stat_answer put_for_postfix(struct ww_buf *b, const struct ww_render *r)
{
    const struct ww_postfix_style style = {
        .tlsrpt = r->question->map == WW_MAP_QUERY_WITH_TLSRPT,
        .testing_may = r->style->testing_may,
        .dry_run = r->style->dry_run && r->question->map != WW_MAP_EXPLAIN,
    };
    size_t start = b->n;
    ww_postfix_reply(b, r->decision, &style);
    return kind_of_reply(b, start, r);
}

static enum ww_stat_answer put_for_sendmail(struct ww_buf *b, const struct ww_render *r)
{
    size_t start = b->n;
    ww_sendmail_reply(b, r->decision, r->style->dry_run);
    return kind_of_reply(b, start, r);
}

static enum ww_stat_answer put_for_sendmail_mx(struct ww_buf *b, const struct ww_render *r)
{
    size_t start = b->n;
    ww_sendmail_mx_reply(b, r->decision, ww_slice_str(r->question->host), r->style->dry_run);
    return kind_of_reply(b, start, r);
}

static enum ww_stat_answer put_for_exim(struct ww_buf *b, const struct ww_render *r)
{
    const struct ww_life *life = r->known->life;
    const struct ww_exim_style line = {life != NULL ? life->id : "", r->style->dry_run};
    return kind_of_level(ww_exim_line(b, &r->about, r->decision, &line));
}

/* That of a policy which cannot be read has no rule that it could be explained by. */
static bool has_rule(const struct ww_render *r)
{
    return r->decision->rule != WW_RULE_COUNT;
}

static enum ww_stat_answer put_in_words(struct ww_buf *b, const struct ww_render *r)
{
    const struct ww_life *life = r->known->life;
    const struct ww_decision_told told = {
        .about = &r->about,
        .id = life != NULL ? life->id : "",
        .expires = life != NULL ? life->expires : 0,
        .source = r->known->live ? WW_SOURCE_LIVE : WW_SOURCE_CACHE,
        .dry_run = r->style->dry_run,
    };
    if (!has_rule(r))
        return put_for_postfix(b, r);
    ww_buf_str(b, "OK ");
    *r->decision = ww_decision_text_put(b, &told);
    return kind_of_level(told.dry_run ? WW_LEVEL_NONE : r->decision->level);
}

static struct ww_explain explanation(const struct ww_render *r)
{
    const struct ww_known *known = r->known;
    struct ww_explain e = {
        .domain = r->about.domain,
        .policy = r->about.policy,
        .source = known->live ? "live" : "cache",
        .detail = known->detail,
        .testing_may = r->style->testing_may,
        .listed = r->about.listed,
        .listed_until = r->about.listed_until,
        .override = known->override,
        .dry_run = r->style->dry_run,
        .dane = r->about.dane,
        .settings = r->about.settings,
    };
    if (known->life != NULL) {
        e.id = known->life->id;
        e.fetched = known->life->fetched;
        e.expires = known->life->expires;
        e.last = known->life->checked != 0 ? ww_discovery_outcome_name(known->life->last) : NULL;
        e.why = known->life->why;
        e.checked = known->life->checked;
        e.next_check = known->life->next_flight;
    }
    return e;
}

static enum ww_stat_answer put_explanation(struct ww_buf *b, const struct ww_render *r)
{
    if (!has_rule(r))
        return put_for_postfix(b, r);
    const struct ww_explain e = explanation(r);
    size_t start = b->n;
    ww_buf_str(b, "OK ");
    if (ww_explain_json(b, &e) == WW_OK)
        return WW_ANSWERED_EXPLAINED;
    b->n = start;
    b->failed = false;
    ww_buf_str(b, "TEMP Waxwing cannot explain: out of memory");
    return WW_ANSWERED_TEMP;
}

/* Nothing at all when memory is short: the server says so. */
static enum ww_stat_answer put_for_http(struct ww_buf *b, const struct ww_render *r)
{
    _Static_assert(WW_POLICY_JSON_MAX <= WW_SOCKETMAP_REPLY_MAX, "it fits where replies are written");
    const struct ww_explain e = explanation(r);
    const enum ww_level level = r->decision->level;
    if (ww_policy_json(b, &e, r->decision) != WW_OK)
        b->n = 0;
    return kind_of_level(r->style->dry_run && level != WW_LEVEL_TESTING ? WW_LEVEL_NONE : level);
}

static const struct renderer {
    enum ww_stat_answer (*put)(struct ww_buf *b, const struct ww_render *r);
    bool blind; /* to DANE: Debian's Sendmail has none */
} renderers[WW_MAP_UNKNOWN] = {
    [WW_MAP_QUERY] = {put_for_postfix, false},   [WW_MAP_QUERY_WITH_TLSRPT] = {put_for_postfix, false},
    [WW_MAP_EXPLAIN] = {put_explanation, false}, [WW_MAP_LINE] = {put_for_exim, false},
    [WW_MAP_STS] = {put_for_sendmail, true},     [WW_MAP_STS_MX] = {put_for_sendmail_mx, true},
    [WW_MAP_HTTP] = {put_for_http, false},       [WW_MAP_DECISION] = {put_in_words, false},
};

struct ww_dane_settings ww_render_settings(enum ww_socketmap_map map, const struct ww_dane_settings *settings)
{
    struct ww_dane_settings dane = *settings;
    if (renderers[map].blind && dane.use != WW_DANE_OFF)
        dane.use = WW_DANE_BLIND;
    return dane;
}

enum ww_stat_answer ww_render(struct ww_buf *b, const struct ww_render *r)
{
    return renderers[r->question->map].put(b, r);
}

enum ww_stat_answer ww_render_fixed(struct ww_buf *b, const struct ww_question *question)
{
    const struct ww_slice answer = ww_slice_str(question->fixed);
    ww_buf_bytes(b, answer.p, answer.n);
    if (question->map == WW_MAP_LINE)
        return kind_of_level(strcmp(answer.p, WW_EXIM_NONE) == 0 ? WW_LEVEL_NONE : WW_LEVEL_HOLD);
    return kind_of_words(answer);
}
