#include "cli/advise.h"

#include "advise/say.h"
#include "base/time.h"
#include "cli/check_print.h"
#include "cli/marks.h"
#include "cli/printing.h"
#include "cli/when.h"

#include <string.h>

/* So many are shown; the rest is counted. */
#define SENDERS 12
#define CAUSES 12

static enum ww_view_state state_of(const char *recommendation)
{
    if (strcmp(recommendation, "enforce") == 0 || strcmp(recommendation, "keep") == 0)
        return WW_VIEW_GOOD;
    return strcmp(recommendation, "fix") == 0 || strcmp(recommendation, "back") == 0 ? WW_VIEW_BAD
                                                                                     : WW_VIEW_MIND;
}

/* "2026-11-29" of a time. */
static const char *day_of(const json_t *json, const char *key, char out[16])
{
    (void)snprintf(out, 16, "%.10s", ww_view_text(json, key));
    return out;
}

static void put_verdict(struct printing *p, const json_t *answer)
{
    const char *what = ww_view_text(answer, "recommendation");
    begin(p, 0);
    put_in(p, BOLD, ww_view_text(answer, "domain"));
    (void)fputs(": ", p->wrap.to);
    p->wrap.column += 2;
    p->wrap.indent = p->wrap.column;
    paint(p, BOLD);
    put_in(p, colours[state_of(what)], what);
    end(p);
    begin(p, INDENT);
    ww_wrap_put(&p->wrap, ww_view_text(answer, "words"));
    end(p);
}

static void put_circumstances(struct printing *p, const json_t *answer)
{
    const json_t *policy = json_object_get(answer, "policy"), *look = json_object_get(answer, "inspected");
    char text[256], day[16], when[WW_WHEN_SIZE];
    int64_t at = 0, now = 0;
    begin(p, INDENT);
    paint(p, FAINT);
    if (json_is_object(policy)) {
        bool since = ww_view_text(policy, "since")[0] != '\0';
        (void)snprintf(text, sizeof text, "mode %s%s%s, id %.40s -", ww_view_text(policy, "mode"),
                       since ? " since " : "", day_of(policy, "since", day), ww_view_text(policy, "id"));
        ww_wrap_put(&p->wrap, text);
    }
    if (json_is_object(look) && ww_time_parse(ww_slice_str(ww_view_text(look, "at")), &at) &&
        ww_time_parse(ww_slice_str(ww_view_text(answer, "at")), &now)) {
        ww_when(at, now, when);
        bool watch = strcmp(ww_view_text(look, "by"), "watch") == 0;
        (void)snprintf(text, sizeof text, "inspected %s%s", watch ? "by the watch " : "", when);
        ww_wrap_put(&p->wrap, text);
    } else {
        ww_wrap_put(&p->wrap, "not inspected");
    }
    paint(p, PLAIN);
    end(p);
}

static void put_reasons(struct printing *p, const json_t *answer, bool boxes)
{
    put_heading(p, "Why");
    for (size_t i = 0; i < ww_view_size(answer, "reasons"); i++) {
        const json_t *r = ww_view_at(answer, "reasons", i);
        ww_mark_put(p, ww_view_text(r, "severity"), boxes);
        ww_wrap_put(&p->wrap, ww_view_text(r, "words"));
        end(p);
    }
}

static void put_break(struct printing *p, const json_t *b, bool boxes)
{
    bool reported = strcmp(ww_view_text(b, "source"), "reports") == 0;
    const char *where = ww_view_text(b, "where");
    char text[128], day[16];
    ww_mark_put(p, "error", boxes);
    put_in(p, BOLD, where[0] != '\0' ? where : "at a host that is not told");
    put_in(p, FAINT, ww_view_text(b, "id"));
    end(p);
    begin(p, INDENT + WW_MARK);
    ww_wrap_put(&p->wrap, ww_view_text(b, "words"));
    if (!reported && ww_view_text(b, "since")[0] != '\0') {
        (void)snprintf(text, sizeof text, "(since %s)", day_of(b, "since", day));
        put_in(p, FAINT, text);
    }
    end(p);
}

static void put_breaks(struct printing *p, const json_t *answer, bool boxes)
{
    const char *mode = ww_view_text(json_object_get(answer, "policy"), "mode");
    json_int_t more = ww_view_number(answer, "breaks_left_out");
    if (ww_view_size(answer, "breaks") == 0)
        return;
    put_heading(p, strcmp(mode, "enforce") == 0 ? "What breaks today" : "What would break today");
    for (size_t i = 0; i < ww_view_size(answer, "breaks"); i++)
        put_break(p, ww_view_at(answer, "breaks", i), boxes);
    if (more > 0) {
        begin(p, INDENT);
        (void)fprintf(p->wrap.to, "and %" JSON_INTEGER_FORMAT " more\n", more);
    }
}

static void put_sums(struct printing *p, const json_t *answer)
{
    const json_t *e = json_object_get(answer, "evidence"), *days = json_object_get(e, "days");
    char good[WW_SAY_COUNT_SIZE], bad[WW_SAY_COUNT_SIZE], text[256];
    (void)snprintf(text, sizeof text,
                   "of %" JSON_INTEGER_FORMAT " days: reports on %" JSON_INTEGER_FORMAT
                   " of them, %s sessions went well, %s failed",
                   ww_view_number(days, "of"), ww_view_number(days, "with_reports"),
                   ww_say_count(good, ww_view_number(e, "success")),
                   ww_say_count(bad, ww_view_number(e, "failure")));
    end(p);
    begin(p, 0);
    put_in(p, BOLD, "Evidence");
    ww_wrap_put(&p->wrap, text);
    end(p);
}

static bool is_silent(const json_t *evidence, const json_t *sender)
{
    for (size_t i = 0; i < ww_view_size(evidence, "silent"); i++)
        if (strcmp(ww_view_text(ww_view_at(evidence, "silent", i), "sender"),
                   ww_view_text(sender, "sender")) == 0)
            return true;
    return false;
}

static void add_sender(struct ww_table *table, const json_t *evidence, const json_t *s)
{
    char days[WW_SAY_COUNT_SIZE], reports[WW_SAY_COUNT_SIZE], good[WW_SAY_COUNT_SIZE], bad[WW_SAY_COUNT_SIZE];
    json_int_t failed = ww_view_number(s, "failure");
    bool silent = is_silent(evidence, s);
    char last[48];
    (void)snprintf(last, sizeof last, "%.10s%s", ww_view_text(s, "last"), silent ? ", silent since" : "");
    const struct ww_table_cell cells[] = {
        {ww_view_text(s, "sender"), WW_TABLE_PLAIN},
        {ww_say_count(days, ww_view_number(s, "days")), WW_TABLE_PLAIN},
        {ww_say_count(reports, ww_view_number(s, "reports")), WW_TABLE_PLAIN},
        {ww_say_count(good, ww_view_number(s, "success")), WW_TABLE_PLAIN},
        {ww_say_count(bad, failed), failed > 0 ? WW_TABLE_MIND : WW_TABLE_FAINT},
        {last, silent ? WW_TABLE_MIND : WW_TABLE_PLAIN},
    };
    ww_table_add(table, cells);
}

static void put_more(struct printing *p, size_t shown, size_t listed, json_int_t left_out, const char *what)
{
    json_int_t more = (json_int_t)(listed > shown ? listed - shown : 0) + left_out;
    if (more > 0)
        (void)fprintf(p->wrap.to, "and %" JSON_INTEGER_FORMAT " more %s; --json has them\n", more, what);
}

static void put_senders(struct printing *p, const json_t *answer)
{
    static const struct ww_table_column columns[] = {
        {.heading = "SENDER", .shortens = true}, {.heading = "DAYS", .right = true},
        {.heading = "REPORTS", .right = true},   {.heading = "WELL", .right = true},
        {.heading = "FAILED", .right = true},    {.heading = "LAST"},
    };
    const json_t *e = json_object_get(answer, "evidence");
    size_t count = ww_view_size(e, "senders");
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; table != NULL && i < count && i < SENDERS; i++)
        add_sender(table, e, ww_view_at(e, "senders", i));
    if (table != NULL)
        (void)ww_table_draw(table, p->wrap.to, p->wrap.width, p->colour);
    put_more(p, SENDERS, count, ww_view_number(json_object_get(e, "left_out"), "senders"), "senders");
    ww_table_free(table);
}

struct verdict {
    const char *name;
    const char *words;
    const char *severity; /* of its mark */
};

static const struct verdict *verdict_of(const json_t *cause)
{
    static const struct verdict verdicts[] = {
        {"counts", "counts", "error"},
        {"dane", "counts: DANE", "error"},
        {"policy", "no policy got", "warning"},
        {"stale", "old policy", "info"},
        {"stray", "not your host", "info"},
        {"blip", "a blip", "info"},
        {"over", "over", "info"},
    };
    size_t i = 0;
    while (i + 1 < sizeof verdicts / sizeof *verdicts &&
           strcmp(ww_view_text(cause, "verdict"), verdicts[i].name) != 0)
        i++;
    return &verdicts[i];
}

/* "7,064 sessions, told by 2 senders, the last on 2026-11-28" */
static void put_numbers(struct printing *p, const json_t *cause)
{
    json_int_t sessions = ww_view_number(cause, "sessions"), senders = ww_view_number(cause, "senders");
    char count[WW_SAY_COUNT_SIZE], who[WW_SAY_COUNT_SIZE], text[128];
    (void)snprintf(text, sizeof text, "%s session%s, told by", ww_say_count(count, sessions),
                   ww_say_s(sessions));
    ww_wrap_put(&p->wrap, text);
    if (senders == 1)
        (void)snprintf(text, sizeof text, "%.100s,", ww_view_text(cause, "sender"));
    else
        (void)snprintf(text, sizeof text, "%s senders,", ww_say_count(who, senders));
    ww_wrap_put(&p->wrap, text);
    ww_wrap_put(&p->wrap, "the last on");
    ww_wrap_put(&p->wrap, ww_view_text(cause, "last"));
}

/* Of a failure that is said to be over nobody wants to know more. */
static void put_failure(struct printing *p, const json_t *cause, bool boxes)
{
    const struct verdict *verdict = verdict_of(cause);
    const char *result = ww_view_text(cause, "result"), *mx = ww_view_text(cause, "mx");
    ww_mark_put(p, verdict->severity, boxes);
    put_in(p, BOLD, result[0] != '\0' ? result : "not told why");
    if (mx[0] != '\0') {
        ww_wrap_put(&p->wrap, "at");
        put_in(p, BOLD, mx);
    }
    ww_wrap_put(&p->wrap, "-");
    put_in(p, colours[ww_mark_of(verdict->severity)->state], verdict->words);
    end(p);
    begin(p, INDENT + WW_MARK);
    paint(p, FAINT);
    put_numbers(p, cause);
    paint(p, PLAIN);
    end(p);
    for (size_t i = 0; strcmp(verdict->name, "over") != 0 && i < ww_view_size(cause, "known"); i++) {
        begin(p, INDENT + WW_MARK);
        p->wrap.indent += INDENT;
        const char *words = json_string_value(ww_view_at(cause, "known", i));
        ww_wrap_put(&p->wrap, words != NULL ? words : "");
        end(p);
    }
}

static void put_failures(struct printing *p, const json_t *answer, bool boxes)
{
    const json_t *e = json_object_get(answer, "evidence");
    size_t count = ww_view_size(e, "causes");
    if (count == 0)
        return;
    put_heading(p, "What has failed, and what is known of it");
    for (size_t i = 0; i < count && i < CAUSES; i++)
        put_failure(p, ww_view_at(e, "causes", i), boxes);
    put_more(p, CAUSES, count, ww_view_number(json_object_get(e, "left_out"), "causes"), "kinds of failure");
}

static void put_next(struct printing *p, const json_t *answer)
{
    const char *next = ww_view_text(answer, "next");
    if (next[0] == '\0')
        return;
    put_heading(p, "What next");
    begin(p, INDENT);
    ww_wrap_put(&p->wrap, next);
    end(p);
}

void ww_advise_print(FILE *to, const json_t *answer, const struct ww_tree_style *style)
{
    unsigned width = style->width < WIDTH_MAX ? style->width : WIDTH_MAX;
    struct printing p = {.wrap = {.to = to, .width = width}, .colour = style->colour};
    const json_t *e = json_object_get(answer, "evidence");
    put_verdict(&p, answer);
    put_circumstances(&p, answer);
    put_reasons(&p, answer, style->boxes);
    put_breaks(&p, answer, style->boxes);
    if (ww_view_size(e, "senders") > 0) {
        put_sums(&p, answer);
        put_senders(&p, answer);
    }
    put_failures(&p, answer, style->boxes);
    put_next(&p, answer);
}
