/* How far a published domain is: its way, its steps, and what is waited for. */
#include "cli/check_view.h"
#include "cli/marks.h"
#include "cli/printing.h"
#include "cli/publish.h"

#include <string.h>

#define NAME_WIDTH 12

static struct printing printing_to(FILE *to, const struct ww_tree_style *style)
{
    unsigned width = style->width < WIDTH_MAX ? style->width : WIDTH_MAX;
    return (struct printing){.wrap = {.to = to, .width = width}, .colour = style->colour};
}

static bool is(const json_t *shown, const char *key, const char *word)
{
    return strcmp(ww_view_text(shown, key), word) == 0;
}

/* It is on its way out. */
static bool retires(const json_t *shown)
{
    return is(shown, "goal", "retire") || is(shown, "state", "retiring") || is(shown, "state", "gone");
}

static const char *const stages[] = {"draft", "testing", "enforce", "retiring", "gone"};

/* While something changes it stays where its policy is. */
static size_t stage_of(const json_t *shown)
{
    const char *name = ww_view_text(shown, is(shown, "state", "changing") ? "mode" : "state");
    size_t i = 0;
    while (i + 1 < sizeof stages / sizeof *stages && strcmp(stages[i], name) != 0)
        i++;
    return strcmp(stages[i], name) == 0 ? i : 0;
}

static void put_way(struct printing *p, const json_t *shown, bool boxes)
{
    size_t count = retires(shown) ? 5 : 3, at = stage_of(shown);
    begin(p, INDENT);
    for (size_t i = 0; i < count; i++) {
        const struct ww_mark *mark = ww_mark_of(i < at ? "ok" : i == at ? "now" : "info");
        if (i > 0)
            (void)fputs(boxes ? " \u2500\u2500 " : " -- ", p->wrap.to);
        paint(p, i == at ? BOLD : colours[mark->state]);
        (void)fprintf(p->wrap.to, "%s %s", boxes ? mark->box : mark->plain, stages[i]);
        paint(p, PLAIN);
    }
    end(p);
}

static void put_title(struct printing *p, const json_t *shown, int64_t now)
{
    char when[WW_PUBLISH_WHEN_SIZE], text[256];
    const char *mode = ww_view_text(shown, "mode");
    int64_t since = ww_publish_time(shown, "state_since");
    begin(p, 0);
    put_in(p, BOLD, ww_view_text(shown, "domain"));
    (void)fputs(": ", p->wrap.to);
    p->wrap.column += 2;
    p->wrap.indent = p->wrap.column;
    put_in(p, BOLD, ww_view_text(shown, "state"));
    if (is(shown, "state", "changing") && mode[0] != '\0') {
        (void)snprintf(text, sizeof text, "(mode %.20s)", mode);
        ww_wrap_put(&p->wrap, text);
    }
    if (since != 0) {
        ww_publish_when(since, now, when);
        (void)snprintf(text, sizeof text, "since %s", when);
        put_in(p, FAINT, text);
    }
    if (json_is_true(json_object_get(shown, "stopped")))
        put_in(p, colours[WW_VIEW_MIND], "- stopped");
    end(p);
}

/* Of one line of what has to be in place. */
struct step {
    const char *name;
    const char *mark;
    char words[512];
};

static void put_step(struct printing *p, const struct step *s, bool boxes)
{
    ww_mark_put(p, s->mark, boxes);
    (void)fprintf(p->wrap.to, "%-*s ", NAME_WIDTH, s->name);
    p->wrap.indent = p->wrap.column = INDENT + WW_MARK + NAME_WIDTH + 1;
    ww_wrap_put(&p->wrap, s->words);
    end(p);
}

/* Waxwing itself shows the policy, so that the certificate is its own. */
static bool is_ours(const json_t *shown)
{
    return is(shown, "host", "here") || is(shown, "host", "mirror");
}

static struct step certificate_step(const json_t *shown, int64_t now)
{
    struct step s = {.name = "certificate", .mark = "info"};
    const char *domain = ww_view_text(shown, "domain");
    int64_t until = ww_publish_time(shown, "certificate_until");
    char when[WW_PUBLISH_WHEN_SIZE];
    ww_publish_when(until, now, when);
    if (until > now) {
        s.mark = "ok";
        (void)snprintf(s.words, sizeof s.words, "of mta-sts.%s, ends %s", domain, when);
    } else if (until != 0) {
        s.mark = "error";
        (void)snprintf(s.words, sizeof s.words, "of mta-sts.%s, has ended %s", domain, when);
    } else if (is_ours(shown)) {
        (void)snprintf(s.words, sizeof s.words, "none yet for mta-sts.%s", domain);
    } else {
        s.mark = ww_publish_time(json_object_get(shown, "shown"), "at") != 0 ? "ok" : "info";
        (void)snprintf(s.words, sizeof s.words, "of the web server that is mta-sts.%s", domain);
    }
    return s;
}

/* Of ours nothing is seen while another is in its place. */
static void say_foreign(const json_t *shown, const json_t *foreign, struct step *s)
{
    char span[WW_PUBLISH_SPAN_SIZE];
    bool replaced = ww_publish_time(json_object_get(shown, "shown"), "at") != 0;
    ww_publish_span(ww_view_number(foreign, "max_age"), span);
    s->mark = replaced ? "error" : "info";
    (void)snprintf(s->words, sizeof s->words, "%s somebody else's is seen: mode %.20s, max_age %s",
                   replaced                            ? "in the place of ours"
                   : ww_publish_current(shown) == NULL ? "none of ours is served;"
                                                       : "ours is not seen;",
                   ww_view_text(foreign, "mode"), span);
}

static struct step policy_step(const json_t *shown, int64_t now)
{
    struct step s = {.name = "policy", .mark = "info"};
    const json_t *foreign = ww_publish_shown_foreign(shown);
    const json_t *served = ww_publish_current(shown), *seen = json_object_get(shown, "shown");
    char span[WW_PUBLISH_SPAN_SIZE], when[WW_PUBLISH_WHEN_SIZE];
    if (foreign != NULL) {
        say_foreign(shown, foreign, &s);
        return s;
    }
    if (served == NULL) {
        (void)snprintf(s.words, sizeof s.words, "none is served");
        return s;
    }
    bool current = strcmp(ww_view_text(seen, "id"), ww_view_text(served, "id")) == 0;
    ww_publish_span(ww_view_number(served, "max_age"), span);
    ww_publish_when(current ? ww_publish_time(seen, "at") : ww_publish_time(served, "since"), now, when);
    s.mark = current ? "ok" : "info";
    (void)snprintf(s.words, sizeof s.words, "mode %.20s, max_age %s, %s %s", ww_view_text(served, "mode"),
                   span, current ? "seen from outside" : "not seen from outside yet; served since", when);
    return s;
}

/* It is to be served by another, and DNS may still lead to Waxwing. */
static struct step handover_step(const json_t *shown, int64_t now)
{
    struct step s = {.name = "handover", .mark = "now"};
    const json_t *handover = json_object_get(shown, "handover");
    const char *domain = ww_view_text(shown, "domain");
    int64_t gone_at = ww_publish_time(handover, "gone_at");
    char when[WW_PUBLISH_WHEN_SIZE], until[WW_PUBLISH_WHEN_SIZE];
    ww_publish_when(gone_at, now, when);
    ww_publish_when(ww_publish_time(handover, "until"), now, until);
    if (gone_at == 0)
        (void)snprintf(s.words, sizeof s.words,
                       "mta-sts.%s still leads to Waxwing (%.45s), which serves the policy as well", domain,
                       json_string_value(json_array_get(json_object_get(handover, "addresses"), 0)));
    else
        (void)snprintf(
            s.words, sizeof s.words,
            "mta-sts.%s leads elsewhere, seen %s; Waxwing serves the policy as well, which ends %s", domain,
            when, until);
    return s;
}

static struct step record_step(const json_t *shown, int64_t now)
{
    struct step s = {.name = "record", .mark = "info"};
    const json_t *served = ww_publish_current(shown), *record = json_object_get(shown, "record");
    const char *domain = ww_view_text(shown, "domain"), *id = ww_view_text(record, "id");
    char when[WW_PUBLISH_WHEN_SIZE];
    ww_publish_when(ww_publish_time(record, "since"), now, when);
    if (id[0] == '\0')
        (void)snprintf(s.words, sizeof s.words, "none at _mta-sts.%s", domain);
    else if (served == NULL || strcmp(id, ww_view_text(served, "id")) != 0)
        (void)snprintf(s.words, sizeof s.words, "still has another id, %.32s", id);
    else
        (void)snprintf(s.words, sizeof s.words, "id %.32s at all name servers, seen %s", id, when);
    if (id[0] != '\0' && served != NULL && strcmp(id, ww_view_text(served, "id")) == 0)
        s.mark = "ok";
    return s;
}

static struct step max_age_step(const json_t *shown)
{
    struct step s = {.name = "max_age", .mark = "info"};
    json_int_t now = ww_view_number(ww_publish_current(shown), "max_age"),
               wanted = ww_view_number(shown, "max_age_wanted");
    char is_span[WW_PUBLISH_SPAN_SIZE], wanted_span[WW_PUBLISH_SPAN_SIZE];
    ww_publish_span(now, is_span);
    ww_publish_span(wanted, wanted_span);
    s.mark = now >= wanted ? "ok" : "now";
    (void)snprintf(s.words, sizeof s.words, "%s%s%s", is_span, now >= wanted ? ", as it is wanted" : " of ",
                   now >= wanted ? "" : wanted_span);
    return s;
}

/* What comes first, and is not there yet, is what is being done. */
static void put_steps(struct printing *p, const json_t *shown, bool boxes, int64_t now)
{
    struct step steps[] = {certificate_step(shown, now), policy_step(shown, now), record_step(shown, now),
                           max_age_step(shown)};
    bool draft = is(shown, "goal", "draft") || json_is_true(json_object_get(shown, "stopped"));
    bool enforced = is(ww_publish_current(shown), "mode", "enforce") &&
                    ww_view_number(shown, "max_age_wanted") > 0 && !retires(shown);
    size_t count = sizeof steps / sizeof *steps - (enforced ? 0 : 1);
    bool found = draft || retires(shown);
    (void)fputc('\n', p->wrap.to);
    for (size_t i = 0; i < count; i++) {
        if (!found && strcmp(steps[i].mark, "info") == 0) {
            steps[i].mark = "now";
            found = true;
        }
        put_step(p, &steps[i], boxes);
    }
    if (json_is_object(json_object_get(shown, "handover"))) {
        struct step handover = handover_step(shown, now);
        put_step(p, &handover, boxes);
    }
    const char *rua = ww_view_text(shown, "rua");
    struct step reports = {.name = "reports", .mark = rua[0] != '\0' ? "ok" : "warning"};
    (void)snprintf(reports.words, sizeof reports.words, "%s%.400s", rua[0] != '\0' ? "go to " : "",
                   rua[0] != '\0' ? rua : "nobody is asked for any: `waxwing publish set --rua URI`");
    if (!retires(shown))
        put_step(p, &reports, boxes);
}

/* What looks have found wrong, and who runs the daemon was alerted of. */
static void put_faults(struct printing *p, const json_t *shown, bool boxes, int64_t now)
{
    char when[WW_PUBLISH_WHEN_SIZE], since[WW_PUBLISH_WHEN_SIZE + 16];
    if (ww_view_size(shown, "faults") == 0)
        return;
    put_heading(p, "What is wrong");
    for (size_t i = 0; i < ww_view_size(shown, "faults"); i++) {
        const json_t *fault = ww_view_at(shown, "faults", i);
        ww_publish_when(ww_publish_time(fault, "since"), now, when);
        (void)snprintf(since, sizeof since, "(since %s)", when);
        ww_mark_put(p, ww_view_text(fault, "severity"), boxes);
        put_in(p, BOLD, ww_view_text(fault, "where"));
        ww_wrap_put(&p->wrap, ww_view_text(fault, "seen"));
        put_in(p, FAINT, since);
        end(p);
    }
}

static void put_now(struct printing *p, const json_t *shown, int64_t now)
{
    char when[WW_PUBLISH_WHEN_SIZE], next[WW_PUBLISH_NEXT_SIZE], looked[WW_PUBLISH_WHEN_SIZE],
        text[2 * WW_PUBLISH_WHEN_SIZE + 64];
    const char *trouble = ww_view_text(shown, "trouble");
    bool yours = json_is_true(json_object_get(shown, "needs_operator"));
    int64_t until = ww_publish_time(shown, "until"), at = ww_publish_time(shown, "looked_at");
    (void)fputc('\n', p->wrap.to);
    paint(p, yours ? colours[WW_VIEW_MIND] : "");
    put_labelled(p, INDENT, yours ? "your turn  " : "waits for  ", ww_view_text(shown, "waits"));
    ww_publish_when(until, now, when);
    if (until > now)
        put_labelled(p, INDENT, "until      ", when);
    paint(p, colours[WW_VIEW_BAD]);
    put_labelled(p, INDENT, "trouble    ", trouble);
    ww_publish_next(shown, next);
    put_labelled(p, INDENT, "next       ", next);
    ww_publish_when(at, now, looked);
    ww_publish_when(ww_publish_time(shown, "next_at"), now, when);
    (void)snprintf(text, sizeof text, "%s; again %s", looked, when);
    if (json_is_true(json_object_get(shown, "tending")))
        (void)snprintf(text, sizeof text, "%s; it is being looked at now", looked);
    put_labelled(p, INDENT, "looked     ", at != 0 ? text : "never yet");
}

/* Whoever is to serve it has to have it. */
static void put_policy_to_serve(struct printing *p, const json_t *shown)
{
    const json_t *served = ww_publish_current(shown);
    const char *id = ww_view_text(served, "id"), *domain = ww_view_text(shown, "domain");
    char text[WW_DNAME_SIZE + 128];
    bool is_there = ww_publish_shown_foreign(shown) == NULL &&
                    strcmp(id, ww_view_text(json_object_get(shown, "shown"), "id")) == 0;
    if (!is(shown, "host", "elsewhere") || served == NULL || is_there)
        return;
    (void)snprintf(text, sizeof text, "The policy to put at https://mta-sts.%.255s/.well-known/mta-sts.txt",
                   domain);
    put_heading(p, text);
    (void)ww_publish_print_policy(p->wrap.to, shown, 2 * INDENT, "\n");
    (void)snprintf(text, sizeof text, "`waxwing publish show --policy %.255s` prints it for a file.", domain);
    begin(p, INDENT);
    put_in(p, FAINT, text);
    end(p);
}

void ww_publish_print_now(FILE *to, const json_t *shown, const struct ww_tree_style *style, int64_t now)
{
    struct printing p = printing_to(to, style);
    put_title(&p, shown, now);
    put_now(&p, shown, now);
    put_policy_to_serve(&p, shown);
}

void ww_publish_print_status(FILE *to, const json_t *shown, const struct ww_tree_style *style, int64_t now)
{
    struct printing p = printing_to(to, style);
    put_title(&p, shown, now);
    (void)fputc('\n', to);
    put_way(&p, shown, style->boxes);
    put_steps(&p, shown, style->boxes, now);
    put_now(&p, shown, now);
    put_policy_to_serve(&p, shown);
    put_faults(&p, shown, style->boxes, now);
}
