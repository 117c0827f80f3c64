/* waxwing publish tlsa --state: which step of a change of key is due. */
#include "base/time.h"
#include "cli/check_view.h"
#include "cli/load.h"
#include "cli/publish.h"
#include "cli/publish_records.h"
#include "cli/publish_tlsa.h"
#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

/* Of a record of neither key, in a list of values. */
#define TEXT_SIZE 512

struct standing {
    const struct ww_publish_tlsa *o;
    const json_t *seen;
    uint32_t ttl;
    struct ww_tlsa_plan plan;
    struct ww_zone zone; /* the records that are to be there after the step */
    char room[2][WW_TLSA_TEXT_SIZE];
    char others[WW_DNS_UPDATE_VALUES_MAX][TEXT_SIZE];
    bool crowded; /* with others there are too many */
};

static enum ww_dane_state state_of(const char *name)
{
    int i = 0;
    while (i < WW_DANE_LOOKUP_FAILED && strcmp(ww_dane_state_name((enum ww_dane_state)i), name) != 0)
        i++;
    return (enum ww_dane_state)i;
}

static bool is(const json_t *json, const char *key, const char *word)
{
    return strcmp(ww_view_text(json, key), word) == 0;
}

static struct ww_tlsa_shown count_shown(const json_t *seen)
{
    struct ww_tlsa_shown shown = {.current = 0};
    for (size_t i = 0; i < ww_view_size(seen, "addresses"); i++) {
        const json_t *a = ww_view_at(seen, "addresses", i);
        size_t *of = is(a, "shows", "current") ? &shown.current
                     : is(a, "shows", "next")  ? &shown.next
                     : is(a, "shows", "other") ? &shown.other
                                               : &shown.unknown;
        ++*of;
        shown.refused += json_is_true(json_object_get(a, "refused"));
    }
    return shown;
}

static void plan(struct standing *s)
{
    const struct ww_publish_tlsa *o = s->o;
    struct ww_tlsa published[2];
    size_t count = 0;
    json_int_t ttl = ww_view_number(s->seen, "ttl");
    for (size_t i = 0; i < ww_view_size(s->seen, "records") && count < 2; i++) {
        const json_t *r = ww_view_at(s->seen, "records", i);
        const uint8_t *key = is(r, "key", "current") ? o->current : is(r, "key", "next") ? o->next : NULL;
        if (key != NULL)
            published[count++] = (struct ww_tlsa){WW_TLSA_DANE_EE, WW_TLSA_SELECTOR_SPKI, WW_TLSA_SHA256,
                                                  ww_slice((const char *)key, WW_TLSA_KEY_SIZE)};
    }
    s->ttl = ttl > (json_int_t)o->ttl && ttl <= UINT32_MAX ? (uint32_t)ttl : o->ttl;
    const struct ww_tlsa_rollover in = {
        .now = o->now,
        .current = o->current,
        .next = o->next_path != NULL ? o->next : NULL,
        .dns = state_of(ww_view_text(s->seen, "dns")),
        .published = published,
        .published_count = count,
        .ttl = s->ttl,
        .since = o->since,
        .shown = count_shown(s->seen),
    };
    ww_tlsa_rollover_plan(&in, &s->plan);
}

/* Records of neither key stay: nobody here knows what they are for. Some of them alone would replace all. */
static void keep_others(struct standing *s)
{
    struct ww_dns_change *change = s->zone.count > 0 ? &s->zone.changes[0] : NULL;
    size_t kept = 0;
    for (size_t i = 0; change != NULL && i < ww_view_size(s->seen, "records"); i++) {
        const json_t *r = ww_view_at(s->seen, "records", i);
        const char *text = ww_view_text(r, "text");
        if (ww_view_text(r, "key")[0] != '\0')
            continue;
        if (change->count == WW_DNS_UPDATE_VALUES_MAX || strlen(text) >= TEXT_SIZE) {
            s->zone = (struct ww_zone){.count = 0};
            s->crowded = true;
            ww_zone_note(
                &s->zone,
                "there are more records than fit here: change those of the keys by hand, as they are "
                "printed without --state, and leave the others");
            return;
        }
        (void)snprintf(s->others[kept], TEXT_SIZE, "%s", text);
        change->values[change->count++] = s->others[kept++];
    }
    if (kept > 0)
        ww_zone_note(&s->zone,
                     "records of neither key are left as they are; remove those that nothing needs");
}

/* Whether it can be said which records are to be there: those that are were seen, and the host was. */
static bool is_known(const struct standing *s)
{
    const char *dns = ww_view_text(s->seen, "dns");
    return s->plan.step != WW_TLSA_UNCLEAR && s->plan.step != WW_TLSA_SIGN &&
           s->plan.step != WW_TLSA_OTHER_KEY && state_of(dns) != WW_DANE_BOGUS;
}

static bool is_change(const struct standing *s)
{
    const struct ww_tlsa_plan *p = &s->plan;
    return (s->zone.count > 0 || s->crowded) &&
           (p->want_current != p->has_current || p->want_next != p->has_next);
}

static json_t *lines_of(const struct standing *s)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < ww_view_size(s->seen, "records"); i++) {
        const json_t *r = ww_view_at(s->seen, "records", i);
        const char *key = ww_view_text(r, "key");
        (void)json_array_append_new(lines, json_sprintf("%s%s%s", ww_view_text(r, "text"),
                                                        key[0] != '\0' ? "  " : "",
                                                        key[0] == '\0'             ? "  of neither key"
                                                        : strcmp(key, "next") == 0 ? "the next key"
                                                                                   : "the current key"));
    }
    return lines;
}

static json_t *dns_node(const struct standing *s)
{
    const char *dns = ww_view_text(s->seen, "dns"), *why = ww_view_text(s->seen, "why");
    bool good = is(s->seen, "dns", "secure-usable"), none = is(s->seen, "dns", "none");
    char note[WW_TLSA_WORDS_SIZE];
    if (good)
        (void)snprintf(note, sizeof note, "signed, TTL %lld", (long long)ww_view_number(s->seen, "ttl"));
    else
        (void)snprintf(note, sizeof note, "%s%s%s", none ? "none, which is signed" : dns,
                       why[0] != '\0' ? ": " : "", why);
    return json_pack("{s:s+, s:s, s:s, s:o}", "head", "TLSA _25._tcp.", s->o->host, "note", note, "state",
                     good   ? "ok"
                     : none ? "mind"
                            : "bad",
                     "lines", lines_of(s));
}

static json_t *address_node(const json_t *a)
{
    const char *address = ww_view_text(a, "address"), *why = ww_view_text(a, "why");
    bool unknown = is(a, "shows", "unknown"), refused = json_is_true(json_object_get(a, "refused"));
    char note[WW_TLSA_WORDS_SIZE];
    if (unknown)
        (void)snprintf(note, sizeof note, "%s", why);
    else
        (void)snprintf(note, sizeof note, "shows %s key%s",
                       is(a, "shows", "other")  ? "another"
                       : is(a, "shows", "next") ? "the next"
                                                : "the current",
                       refused ? ", which no record has" : "");
    return json_pack("{s:s, s:s, s:s}", "head", address[0] != '\0' ? address : "addresses", "note", note,
                     "state",
                     refused   ? "bad"
                     : unknown ? "mind"
                               : "ok");
}

static void print_tree(const struct standing *s)
{
    static const char *const states[WW_TLSA_STEPS] = {
        [WW_TLSA_UNCLEAR] = "mind",  [WW_TLSA_SIGN] = "bad",     [WW_TLSA_REPAIR] = "bad",
        [WW_TLSA_OTHER_KEY] = "bad", [WW_TLSA_PUBLISH] = "mind", [WW_TLSA_WAIT] = "mind",
        [WW_TLSA_SWITCH] = "mind",   [WW_TLSA_FINISH] = "mind",  [WW_TLSA_RETIRE] = "mind",
        [WW_TLSA_DONE] = "ok",
    };
    struct ww_tree_style style = ww_tree_style(stdout);
    json_t *children = json_array(), *lines = json_pack("[s]", s->plan.words);
    char until[WW_PUBLISH_WHEN_SIZE];
    (void)json_array_append_new(children, dns_node(s));
    for (size_t i = 0; i < ww_view_size(s->seen, "addresses"); i++)
        (void)json_array_append_new(children, address_node(ww_view_at(s->seen, "addresses", i)));
    ww_publish_when(s->plan.until, s->o->now, until);
    if (s->plan.until != 0)
        (void)json_array_append_new(lines, json_sprintf("not before: %s", until));
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "head", s->o->host, "note", ww_tlsa_step_name(s->plan.step),
                  "state", states[s->plan.step], "lines", lines, "children", children);
    ww_tree_draw(stdout, root, &style);
    json_decref(root);
}

static json_t *told_json(const struct standing *s)
{
    char until[WW_TIME_SIZE];
    ww_time_format(s->plan.until, until);
    return json_pack("{s:s, s:i, s:s, s:s, s:s?, s:{s:O, s:O, s:I, s:O}, s:O}", "host", s->o->host, "port",
                     (int)s->o->port, "step", ww_tlsa_step_name(s->plan.step), "words", s->plan.words,
                     "until", s->plan.until != 0 ? until : NULL, "dns", "state",
                     json_object_get(s->seen, "dns"), "why", json_object_get(s->seen, "why"), "ttl",
                     (json_int_t)s->ttl, "records", json_object_get(s->seen, "records"), "addresses",
                     json_object_get(s->seen, "addresses"));
}

static int put_out(const struct standing *s)
{
    const struct ww_publish_tlsa *o = s->o;
    int status = WW_EXIT_OK;
    if (o->format == WW_ZONE_JSON) {
        status = ww_publish_print_zone(WW_PUBLISH_TLSA, &s->zone, o->format, told_json(s));
    } else {
        print_tree(s);
        if (is_change(s)) {
            (void)puts(s->crowded ? "" : "\nThe records are to be:\n");
            status = ww_publish_print_zone(WW_PUBLISH_TLSA, &s->zone, o->format, NULL);
        }
    }
    if (status != WW_EXIT_OK || s->plan.step == WW_TLSA_DONE)
        return status;
    return s->plan.step == WW_TLSA_UNCLEAR ? WW_EXIT_TEMPORARY : WW_EXIT_NOT;
}

int ww_publish_tlsa_state(const struct ww_publish_tlsa *o)
{
    struct ww_config *config;
    struct standing s = {.o = o};
    int status = ww_cli_load_config(WW_PUBLISH_TLSA, o->config_path, &config);
    if (status != WW_EXIT_OK)
        return status;
    json_t *seen = ww_publish_tlsa_look(o, config);
    const char *failed = json_string_value(json_object_get(seen, "failed"));
    if (seen == NULL || failed != NULL) {
        ww_subcommand_complain(WW_PUBLISH_TLSA, o->host,
                               failed != NULL ? failed : "the look took too long, or broke off");
        status = WW_EXIT_TEMPORARY;
    } else {
        s.seen = seen;
        plan(&s);
        if (is_known(&s))
            ww_publish_tlsa_make(o, s.plan.want_current, s.plan.want_next, s.room, &s.zone);
        keep_others(&s);
        status = put_out(&s);
    }
    json_decref(seen);
    ww_config_free(config);
    return status;
}
