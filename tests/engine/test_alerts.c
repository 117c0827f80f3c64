/* A watched domain's month, run by run. */
#include "engine/alerts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)
#define START INT64_C(1796000000)
#define MAX 8

struct watched {
    struct ww_alert_state states[MAX];
    size_t count;
    const char *not_made; /* a check that this run could not make; "*": none could be made */
    char told[1024];
};

static void raise_alert(void *ctx, enum ww_alert_kind kind, const struct ww_alert_state *s)
{
    struct watched *w = ctx;
    size_t n = strlen(w->told);
    (void)snprintf(w->told + n, sizeof w->told - n, "%s%s %s", n > 0 ? ", " : "", ww_alert_kind_name(kind),
                   s->check);
    if (s->days > 0)
        (void)snprintf(w->told + strlen(w->told), sizeof w->told - strlen(w->told), " %u", s->days);
}

static bool made(void *ctx, const char *check)
{
    const struct watched *w = ctx;
    return w->not_made == NULL || (strcmp(w->not_made, "*") != 0 && strcmp(w->not_made, check) != 0);
}

/* "e:tls w:age i:note": each at the place "mx". */
static size_t parse(char *text, struct ww_alert_finding *out)
{
    size_t count = 0;
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        out[count++] = (struct ww_alert_finding){
            .check = word + 2,
            .where = "mx",
            .seen = "so",
            .severity = word[0] == 'e'   ? WW_SEVERITY_ERROR
                        : word[0] == 'w' ? WW_SEVERITY_WARNING
                                         : WW_SEVERITY_INFO,
        };
    return count;
}

static void sweep(struct watched *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++)
        if (!w->states[i].gone)
            w->states[kept++] = w->states[i];
    w->count = kept;
}

static void run_at(struct watched *w, int64_t at, const char *found, const struct ww_alert_end *end,
                   const char *wanted)
{
    static const struct ww_alert_rules rules = {.least = WW_SEVERITY_WARNING};
    char text[256];
    struct ww_alert_finding findings[16];
    (void)snprintf(text, sizeof text, "%s", found);
    const struct ww_alert_run run = {
        .at = at,
        .findings = findings,
        .count = parse(text, findings),
        .ends = end,
        .end_count = end != NULL,
        .made = made,
        .ctx = w,
    };
    w->told[0] = '\0';
    ww_alerts_run(w->states, &w->count, MAX, &run, &rules, raise_alert, w);
    assert_string_equal(w->told, wanted);
    sweep(w);
}

static void a_month(void **state)
{
    (void)state;
    static const struct {
        int64_t hours;
        const char *found;
        const char *not_made;
        const char *told;
    } runs[] = {
        {0, "w:age i:note", NULL, "appeared age"}, /* informations are not told */
        {6, "w:age i:note", NULL, ""},
        {12, "w:age e:tls", NULL, "appeared tls"},
        {18, "w:age", NULL, ""}, /* gone once: it may come back */
        {24, "w:age e:tls", NULL, ""},
        {30, "e:age e:tls", NULL, "worsened age"},
        {36, "e:age e:tls", NULL, "reminder tls"}, /* a day after it was told */
        {54, "e:age e:tls", NULL, "reminder age"},
        {90, "e:age e:tls", NULL, ""},
        {108, "e:age e:tls", NULL, "reminder tls"}, /* three days after that */
        {126, "w:age e:tls", NULL, ""},             /* better, but still there: no reminder of a warning */
        {132, "", "*", ""},                         /* our side is down */
        {138, "", "*", ""},
        {144, "e:our-network", "*", ""}, /* and says so */
        {150, "e:tls", "age", ""},
        {156, "e:tls", NULL, ""},
        {162, "e:tls", NULL, "cleared age"},
        {168, "e:tls e:age", NULL, "appeared age"},               /* anew */
        {276, "e:tls e:age", NULL, "reminder tls, reminder age"}, /* seven days, and one */
        {440, "e:tls e:age", NULL, "reminder age"},
        {444, "e:tls e:age", NULL, "reminder tls"}, /* and again seven */
        {450, "", NULL, ""},
        {456, "", NULL, "cleared tls, cleared age"},
        {462, "", NULL, ""},
    };
    struct watched w = {.count = 0};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        w.not_made = runs[i].not_made;
        run_at(&w, START + runs[i].hours * HOUR, runs[i].found, NULL, runs[i].told);
    }
    assert_int_equal(w.count, 0);
}

static void acknowledged(void **state)
{
    (void)state;
    struct watched w = {.count = 0};
    run_at(&w, START, "w:age", NULL, "appeared age");
    w.states[0].acked_until = START + 10 * DAY;
    assert_true(ww_alert_is_acked(&w.states[0], START + DAY));
    run_at(&w, START + 2 * DAY, "w:age", NULL, "");
    run_at(&w, START + 3 * DAY, "e:age", NULL, "worsened age"); /* that is not what was acknowledged */
    assert_false(ww_alert_is_acked(&w.states[0], START + 3 * DAY));
    w.states[0].acked_until = START + 20 * DAY;
    run_at(&w, START + 19 * DAY, "e:age", NULL, "");
    run_at(&w, START + 20 * DAY, "e:age", NULL, "reminder age");
    w.states[0].acked_until = INT64_MAX;
    run_at(&w, START + 90 * DAY, "e:age", NULL, "");
    run_at(&w, START + 91 * DAY, "", NULL, "");
    run_at(&w, START + 92 * DAY, "", NULL, "cleared age");
}

static void certificates(void **state)
{
    (void)state;
    struct ww_alert_end end = {.where = "mx", .not_after = START + 40 * DAY};
    struct watched w = {.count = 0};
    run_at(&w, START, "", &end, "");
    run_at(&w, START + 10 * DAY, "", &end, "expiring certificate-end 30");
    run_at(&w, START + 11 * DAY, "", &end, "");
    run_at(&w, START + 26 * DAY, "", &end, "expiring certificate-end 14");
    run_at(&w, START + 33 * DAY, "", NULL, ""); /* the host was not reached */
    run_at(&w, START + 34 * DAY, "", &end, "expiring certificate-end 7");
    run_at(&w, START + 38 * DAY, "", &end, "expiring certificate-end 3");
    end.not_after = START + 130 * DAY;
    run_at(&w, START + 38 * DAY + HOUR, "", &end, "");
    assert_int_equal(w.count, 0);
    end.not_after = START + 40 * DAY; /* the old one is back, of another address */
    run_at(&w, START + 39 * DAY, "", &end, "expiring certificate-end 1");
    run_at(&w, START + 40 * DAY, "", &end, ""); /* it has ended: a finding's matter */
    assert_int_equal(w.count, 0);
}

/* More than what is kept: the errors stay, and nothing is told twice. */
static void too_many(void **state)
{
    (void)state;
    struct watched w = {.count = 0};
    run_at(&w, START, "i:a i:b i:c i:d i:e i:f i:g i:h", NULL, "");
    run_at(&w, START + HOUR, "e:x i:a i:b i:c i:d i:e i:f i:g i:h", NULL, "appeared x");
    assert_int_equal(w.count, MAX);
    run_at(&w, START + 2 * HOUR, "e:x i:a i:b i:c i:d i:e i:f i:g i:h", NULL, "");
    run_at(&w, START + 3 * HOUR, "e:x e:1 e:2 e:3 e:4 e:5 e:6 e:7 e:8", NULL,
           "appeared 1, appeared 2, appeared 3, appeared 4, appeared 5, appeared 6, appeared 7");
}

/* A place that is longer than what is kept is the same place the next time. */
static void long_place(void **state)
{
    (void)state;
    static const struct ww_alert_rules rules = {.least = WW_SEVERITY_WARNING};
    char where[WW_ALERT_WHERE_SIZE + 10];
    struct watched w = {.count = 0};
    memset(where, 'x', sizeof where - 1);
    where[sizeof where - 1] = '\0';
    const struct ww_alert_finding finding = {"age", where, "so", WW_SEVERITY_ERROR};
    struct ww_alert_run run = {.at = START, .findings = &finding, .count = 1, .made = made, .ctx = &w};
    ww_alerts_run(w.states, &w.count, MAX, &run, &rules, raise_alert, &w);
    run.at += HOUR;
    ww_alerts_run(w.states, &w.count, MAX, &run, &rules, raise_alert, &w);
    assert_int_equal(w.count, 1);
    assert_string_equal(w.told, "appeared age");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month),  cmocka_unit_test(acknowledged), cmocka_unit_test(certificates),
        cmocka_unit_test(too_many), cmocka_unit_test(long_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
