/* A store, reports of others made by hand, and what is in it as text. */
#ifndef WW_TESTS_STORE_RECEIVED_FIXTURE_H
#define WW_TESTS_STORE_RECEIVED_FIXTURE_H

#include "store/store_received.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY INT64_C(20500)
#define NOW (DAY * WW_DAY_SECONDS + 40000)

static char directory[64];
static char path[96];
static char listing[8192];
static struct ww_store *store;
static size_t max_sums = 100;
static int64_t end_day = DAY + 100;

static void open_store(void)
{
    char detail[256];
    enum ww_err err;
    store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
}

static inline void reopen(void)
{
    ww_store_close(store);
    open_store();
}

static inline int begin(void **state)
{
    (void)snprintf(directory, sizeof directory, "/tmp/ww-received-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/store.db", directory);
    *state = NULL;
    open_store();
    return 0;
}

static inline int end(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    ww_store_close(store);
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(directory);
}

/* The number that a statement yields, run from outside. */
static inline int64_t count(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    while (sqlite3_step(st) == SQLITE_ROW)
        ;
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

/* The tables of sums hold what the reports add up to. */
static inline void assert_sums_fit(void)
{
    assert_int_equal(
        count("SELECT count(*) FROM (SELECT domain, day, count(*), sum(success), sum(failure),"
              " sum(success * verified), sum(failure * verified) FROM received_domain GROUP BY domain, day"
              " EXCEPT SELECT * FROM received_day)"),
        0);
    assert_int_equal(
        count("SELECT count(*) FROM (SELECT sender, day, count(*), sum(success), sum(failure),"
              " sum(success * verified), sum(failure * verified) FROM received_domain GROUP BY sender, day"
              " EXCEPT SELECT * FROM received_sender)"),
        0);
    assert_int_equal(count("SELECT (SELECT count(*) FROM (SELECT DISTINCT domain, day FROM received_domain))"
                           " - (SELECT count(*) FROM received_day)"),
                     0);
    assert_int_equal(
        count("SELECT count(*) FROM (SELECT domain, sender, count(*), max(day) FROM received_domain"
              " GROUP BY domain, sender EXCEPT SELECT * FROM received_pair)"),
        0);
    assert_int_equal(
        count("SELECT (SELECT count(*) FROM (SELECT DISTINCT domain, sender FROM received_domain))"
              " - (SELECT count(*) FROM received_pair)"),
        0);
    assert_int_equal(
        count("SELECT count(*) FROM received_failure WHERE NOT EXISTS (SELECT 1 FROM received_policy"
              " AS p WHERE p.number = received_failure.number AND p.domain = received_failure.domain"
              " AND p.place = received_failure.place)"),
        0);
    assert_int_equal(
        count("SELECT (SELECT count(*) FROM received) - (SELECT sum(reports) FROM received_volume)"), 0);
}

/* Takes each report out again. */
static inline void clear(void)
{
    for (uint64_t number = 1; number < 200; number++) {
        enum ww_err err = ww_received_remove(store, number);
        assert_true(err == WW_OK || err == WW_E_NOT_KNOWN);
    }
    assert_int_equal(count("SELECT count(*) FROM received_domain"), 0);
}

#define POLICIES 8
#define FAILURES 8
struct made {
    struct ww_received report;
    struct ww_received_policy policies[POLICIES];
    struct ww_received_detail failures[POLICIES][FAILURES];
    struct ww_received_facts facts;
    struct ww_received_new new;
};

static inline struct made make(const char *organization, const char *id, int64_t day)
{
    struct made m = {
        .report = {.organization = ww_slice_str(organization),
                   .contact = ww_slice_str("tls@sender.example"),
                   .report_id = ww_slice_str(id),
                   .begin = day * WW_DAY_SECONDS,
                   .end = (day + 1) * WW_DAY_SECONDS - 1},
        .facts = {.submitter = "sender.example",
                  .mail_from = "noreply@sender.example",
                  .message_id = "1@sender.example",
                  .peer = "192.0.2.1",
                  .came_at = NOW},
        .new = {.about = "", .content = {"content", 7}, .octets = 20, .per_day = INT64_C(1) << 40},
    };
    ww_received_name_key(m.report.organization, m.facts.sender);
    return m;
}

/* NULL: nobody has. */
static inline void sign(struct made *m, const char *sender)
{
    m->facts.verified = sender != NULL;
    if (sender != NULL)
        (void)snprintf(m->facts.sender, sizeof m->facts.sender, "%s", sender);
}

static inline void add_policy(struct made *m, const char *type, const char *domain, int64_t success,
                              int64_t failure)
{
    assert_true(m->report.count < POLICIES);
    struct ww_received_policy *p = &m->policies[m->report.count++];
    *p = (struct ww_received_policy){.type = ww_slice_str(type),
                                     .strings = ww_slice_str("version: STSv1\n"),
                                     .success = success,
                                     .failure = failure};
    (void)snprintf(p->domain, sizeof p->domain, "%s", domain);
}

/* Of the last policy. */
static inline void add_failure(struct made *m, const char *type, const char *mx, int64_t sessions)
{
    size_t last = m->report.count - 1;
    struct ww_received_policy *p = &m->policies[last];
    assert_true(p->detail_count < FAILURES);
    m->failures[last][p->detail_count++] = (struct ww_received_detail){
        .type = ww_slice_str(type), .receiving_mx = ww_slice_str(mx), .sessions = sessions};
}

/* Its parts point to each other, wherever it is. */
static inline void bind(struct made *m)
{
    for (size_t i = 0; i < m->report.count; i++)
        m->policies[i].details = m->failures[i];
    m->report.policies = m->policies;
    m->new.report = &m->report;
    m->new.facts = &m->facts;
}

static inline enum ww_received_fate put(struct made *m, uint64_t *number)
{
    enum ww_received_fate fate;
    bind(m);
    assert_int_equal(ww_store_begin(store), WW_OK);
    assert_int_equal(ww_received_put(store, &m->new, &fate, number), WW_OK);
    assert_int_equal(ww_store_commit(store), WW_OK);
    return fate;
}

static inline uint64_t put_new(struct made *m)
{
    uint64_t number;
    assert_int_equal(put(m, &number), WW_RECEIVED_NEW);
    assert_true(number > 0);
    return number;
}

static inline void put_simple(const char *organization, const char *id, int64_t day, const char *domain,
                              const char *result)
{
    struct made m = make(organization, id, day);
    bool fails = result[0] != '\0';
    add_policy(&m, "sts", domain, 10, fails ? 3 : 0);
    if (fails)
        add_failure(&m, result, "mx1.example", 3);
    (void)put_new(&m);
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    size_t n = strlen(listing);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(listing + n, sizeof listing - n, format, args);
    va_end(args);
}

static inline void on_content(void *ctx, struct ww_slice octets)
{
    (void)ctx;
    note("%.*s", (int)octets.n, octets.p);
}

static inline const char *content(uint64_t number)
{
    listing[0] = '\0';
    assert_int_equal(ww_received_content(store, number, on_content, NULL), WW_OK);
    return listing;
}

#define TEXT(s) (int)(s).n, (s).p

static void on_row(void *ctx, const struct ww_received_row *r)
{
    (void)ctx;
    note("%.*s %d %.*s %.*s [%.*s] [%.*s] %lld/%lld", TEXT(r->domain), (int)r->place, TEXT(r->type),
         TEXT(r->policy_domain), TEXT(r->strings), TEXT(r->mx_hosts), (long long)r->success,
         (long long)r->failure);
    if (r->has_failure)
        note(" %.*s %.*s %lld", TEXT(r->detail.type), TEXT(r->detail.receiving_mx),
             (long long)r->detail.sessions);
    note("; ");
}

static inline const char *rows(uint64_t number, const char *domain, uint64_t skip, size_t max)
{
    listing[0] = '\0';
    assert_int_equal(ww_received_rows(store, number, domain, skip, max, on_row, NULL), WW_OK);
    return listing;
}

static void on_facts(void *ctx, const struct ww_received_facts *f)
{
    (void)ctx;
    note("%llu ", (unsigned long long)f->number);
}

static inline const char *list(const struct ww_received_filter *f, uint64_t before, size_t max,
                               uint64_t *next)
{
    listing[0] = '\0';
    assert_int_equal(ww_received_list(store, f, before, max, on_facts, NULL, next), WW_OK);
    return listing;
}

static inline const char *list_up(const struct ww_received_filter *f)
{
    uint64_t next = 0, number;
    listing[0] = '\0';
    do {
        assert_int_equal(ww_received_after(store, f, next, &number, &next), WW_OK);
        if (number != 0)
            note("%llu ", (unsigned long long)number);
    } while (next != 0);
    return listing;
}

static void on_quarantined(void *ctx, const struct ww_received_quarantine *item)
{
    (void)ctx;
    note("%llu ", (unsigned long long)item->facts.number);
}

static inline const char *quarantined(uint64_t before, size_t max)
{
    listing[0] = '\0';
    assert_int_equal(ww_received_quarantine_list(store, before, max, on_quarantined, NULL), WW_OK);
    return listing;
}

static void on_sum(void *ctx, const struct ww_received_sum *s)
{
    enum ww_received_sums by = *(enum ww_received_sums *)ctx;
    if (by == WW_RECEIVED_SUMS_DAY)
        note("%lld ", (long long)s->day);
    else
        note("%.*s ", TEXT(s->key));
    if (by == WW_RECEIVED_SUMS_RESULT || by == WW_RECEIVED_SUMS_MX)
        note("%lld/%lld %lld %lld %lld; ", (long long)s->sessions, (long long)s->verified_sessions,
             (long long)s->senders, (long long)s->domains, (long long)s->last);
    else
        note("%lld %lld/%lld %lld/%lld %lld %lld; ", (long long)s->reports, (long long)s->success,
             (long long)s->failure, (long long)s->verified_success, (long long)s->verified_failure,
             (long long)s->senders, (long long)s->domains);
}

/* filters: "domain=… sender=… result=…", as many as are wanted. */
__attribute__((noinline, unused)) static const char *sums(enum ww_received_sums by, const char *filters)
{
    static const char *const keys[] = {"domain=", "sender=", "result="};
    char values[3][64] = {"", "", ""};
    for (int i = 0; i < 3; i++) {
        const char *at = strstr(filters, keys[i]);
        if (at != NULL)
            (void)snprintf(values[i], sizeof values[i], "%.*s", (int)strcspn(at + 7, " "), at + 7);
    }
    const struct ww_received_filter f = {
        .domain = values[0], .sender = values[1], .result = values[2], .first_day = DAY, .end_day = end_day};
    listing[0] = '\0';
    assert_int_equal(ww_received_sums(store, by, &f, max_sums, on_sum, &by), WW_OK);
    return listing;
}

#endif
