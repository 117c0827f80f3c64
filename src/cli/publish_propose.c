/* What would be published of a domain, as far as its MX hosts were looked at. */
#include "cli/check_view.h"
#include "cli/marks.h"
#include "cli/printing.h"
#include "cli/publish.h"
#include "cli/show.h"
#include "engine/rollout.h"

#include <stdlib.h>
#include <string.h>

static bool is_there(const json_t *host)
{
    return ww_publish_time(host, "seen_at") != 0 && ww_publish_time(host, "gone_at") == 0;
}

/* The hosts of the MX records, as an operator would have to write them. */
static void take_hosts(struct ww_generate *g, const json_t *shown)
{
    for (size_t i = 0; i < ww_view_size(shown, "hosts"); i++) {
        const json_t *host = ww_view_at(shown, "hosts", i);
        if (is_there(host))
            ww_generate_take_mx(g, ww_view_text(host, "name"));
    }
}

static void take_rua(struct ww_generate *g, const json_t *shown, char space[WW_PUBLISHED_RUA_SIZE])
{
    char *rest = NULL;
    (void)snprintf(space, WW_PUBLISHED_RUA_SIZE, "%s", ww_view_text(shown, "rua"));
    for (char *uri = strtok_r(space, ",", &rest); uri != NULL; uri = strtok_r(NULL, ",", &rest))
        ww_generate_take_rua(g, uri);
}

static json_t *breaks_of(const json_t *shown)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ww_view_size(shown, "hosts"); i++) {
        const json_t *host = ww_view_at(shown, "hosts", i);
        if (is_there(host) && strcmp(ww_view_text(host, "tls"), "bad") == 0)
            (void)json_array_append_new(list, json_pack("{s:s, s:s}", "host", ww_view_text(host, "name"),
                                                        "why", ww_view_text(host, "why")));
    }
    return list;
}

static json_t *proposal_of(const struct ww_generate *g, const struct ww_generated *made, const json_t *shown)
{
    json_t *mx = json_array();
    for (size_t i = 0; i < g->mx_count; i++)
        (void)json_array_append_new(mx, json_string(g->mx[i]));
    return json_pack("{s:o, s:s, s:o, s:o}", "mx", mx, "policy", made->policy, "records",
                     ww_generate_records_json(made), "breaks", breaks_of(shown));
}

struct space {
    struct ww_generate g;
    struct ww_generated made;
    char rua[WW_PUBLISHED_RUA_SIZE];
};

json_t *ww_publish_propose(const json_t *shown, int64_t now, const char **why)
{
    static char refusal[sizeof((struct ww_generate *)NULL)->refusal];
    struct space *s = calloc(1, sizeof *s);
    json_t *proposal = NULL;
    *why = "out of memory";
    if (s == NULL)
        return NULL;
    s->g.mode = WW_MODE_TESTING;
    s->g.max_age = WW_ROLLOUT_TESTING_MAX_AGE;
    (void)snprintf(s->g.domain, sizeof s->g.domain, "%s", ww_view_text(shown, "domain"));
    ww_generate_take_id(&s->g, NULL, now);
    take_hosts(&s->g, shown);
    take_rua(&s->g, shown, s->rua);
    (void)snprintf(refusal, sizeof refusal, "%s", s->g.refusal);
    if (s->g.mx_count == 0)
        *why = "no host takes its mail: it has no MX records, or they could not be looked up";
    else if (refusal[0] != '\0')
        *why = refusal;
    else if (ww_generate_make(&s->g, &s->made, why))
        proposal = proposal_of(&s->g, &s->made, shown);
    free(s);
    return proposal;
}

/* "mx1.example.com: ", and why. */
static void put_host(struct printing *p, const char *name, const char *words)
{
    char text[WW_DNAME_SIZE + 8];
    (void)snprintf(text, sizeof text, "%.255s:", name);
    put_in(p, BOLD, text);
    ww_wrap_put(&p->wrap, words);
    end(p);
}

static void put_verdicts(struct printing *p, const json_t *shown, bool boxes)
{
    static const char *const words[][2] = {
        {"good", "takes mail by TLS, with a certificate that senders accept"},
        {"bad", "senders in mode enforce would not deliver to it"},
        {"unknown", "could not be looked at"},
    };
    put_heading(p, "Its MX hosts");
    for (size_t i = 0; i < ww_view_size(shown, "hosts"); i++) {
        const json_t *host = ww_view_at(shown, "hosts", i);
        const char *tls = ww_view_text(host, "tls"), *why = ww_view_text(host, "why");
        size_t at = strcmp(tls, words[0][0]) == 0 ? 0 : strcmp(tls, words[1][0]) == 0 ? 1 : 2;
        static const char *const marks[] = {"ok", "error", "warning"};
        if (!is_there(host))
            continue;
        ww_mark_put(p, marks[at], boxes);
        put_host(p, ww_view_text(host, "name"), why[0] != '\0' ? why : words[at][1]);
    }
}

static void put_records(struct printing *p, const json_t *proposal)
{
    put_heading(p, "The records");
    for (size_t i = 0; i < ww_view_size(proposal, "records"); i++) {
        const json_t *record = ww_view_at(proposal, "records", i);
        (void)fprintf(p->wrap.to, "%*s", 2 * INDENT, "");
        ww_show_text(p->wrap.to, ww_view_text(record, "name"));
        (void)fputs(". TXT \"", p->wrap.to);
        ww_show_text(p->wrap.to, ww_view_text(record, "value"));
        (void)fputs("\"\n", p->wrap.to);
    }
    begin(p, INDENT);
    put_in(p, FAINT, "The id is made anew when the policy is served; the record comes after it.");
    end(p);
}

static void put_breaks(struct printing *p, const json_t *proposal, bool boxes)
{
    if (ww_view_size(proposal, "breaks") == 0)
        return;
    put_heading(p, "What mode enforce would break");
    for (size_t i = 0; i < ww_view_size(proposal, "breaks"); i++) {
        const json_t *b = ww_view_at(proposal, "breaks", i);
        ww_mark_put(p, "error", boxes);
        put_host(p, ww_view_text(b, "host"), ww_view_text(b, "why"));
    }
    begin(p, INDENT);
    ww_wrap_put(&p->wrap, "Mode testing breaks nothing: senders report it, and deliver all the same.");
    end(p);
}

void ww_publish_print_proposal(FILE *to, const json_t *shown, const json_t *proposal,
                               const struct ww_tree_style *style)
{
    unsigned width = style->width < WIDTH_MAX ? style->width : WIDTH_MAX;
    struct printing p = {.wrap = {.to = to, .width = width}, .colour = style->colour};
    put_verdicts(&p, shown, style->boxes);
    put_heading(&p, "The policy that would be served, in mode testing");
    ww_publish_print_lines(to, ww_view_text(proposal, "policy"), 2 * INDENT, "\n");
    put_records(&p, proposal);
    put_breaks(&p, proposal, style->boxes);
    (void)fputc('\n', to);
}

int ww_publish_accept(const struct ww_publish_options *o, const json_t *shown, const json_t *proposal)
{
    json_t *fields = json_pack("{s:O, s:I}", "mx", json_object_get(proposal, "mx"), "version",
                               ww_view_number(shown, "version"));
    if (fields != NULL && json_object_get(o->wanted, "force") != NULL)
        (void)json_object_set_new(fields, "force", json_true());
    int status = fields != NULL ? ww_publish_ask(o, "publish-change", ww_view_text(shown, "domain"), fields)
                                : WW_EXIT_INTERNAL;
    json_decref(fields);
    return status;
}
