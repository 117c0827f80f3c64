/*
 * A store with so many reports of others: received_fill FILE COUNT [BATCH], 10,000 in a transaction unless
 * BATCH says otherwise; then how long each way of adding them up takes: received_fill FILE 0 alone does that.
 * 200 domains, 50 senders, 365 days, 2 % with failures.
 */
#include "store/store_received.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DOMAINS 200
#define SENDERS 50
#define DAYS 365
#define LAST_DAY INT64_C(20786)
#define CONTENT 1024
#define BATCH 10000

static double seconds(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The same numbers each time. */
static uint64_t draw(uint64_t below)
{
    static uint64_t x = 88172645463325252U;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x % below;
}

struct one {
    struct ww_received report;
    struct ww_received_policy policies[3];
    struct ww_received_detail failures[2];
    struct ww_received_facts facts;
    struct ww_received_new new;
    char id[64], organization[32], mx[32];
    char content[CONTENT];
};

/* As real ones: of a day, by the order of days; one or two policies, MTA-STS and DANE. */
static void make(struct one *o, unsigned long i, unsigned long count)
{
    const unsigned sender = (unsigned)draw(SENDERS), domain = (unsigned)draw(DOMAINS);
    const int64_t day = LAST_DAY - DAYS + 1 + (int64_t)((double)i * DAYS / (double)count);
    const bool fails = draw(50) == 0;
    *o = (struct one){.facts = {.verified = sender % 5 != 0, .came_at = (day + 1) * WW_DAY_SECONDS + 7200}};
    (void)snprintf(o->organization, sizeof o->organization, "Sender %u Inc.", sender);
    (void)snprintf(o->facts.sender, sizeof o->facts.sender, "sender%u.example", sender);
    (void)snprintf(o->id, sizeof o->id, "%016llx-%lu", (unsigned long long)draw(UINT64_MAX), i);
    (void)snprintf(o->mx, sizeof o->mx, "mx%u.d%u.example", (unsigned)draw(3), domain);
    for (size_t k = 0; k < sizeof o->content; k += 8) {
        uint64_t word = draw(UINT64_MAX);
        memcpy(o->content + k, &word, 8);
    }
    o->report.count = 1 + draw(3);
    for (size_t k = 0; k < o->report.count; k++) {
        struct ww_received_policy *p = &o->policies[k];
        p->type = ww_slice_str(k == 0 ? "sts" : "tlsa");
        p->success = 1 + (int64_t)draw(1000);
        p->strings =
            ww_slice_str(k == 0 ? "version: STSv1\nmode: enforce\nmx: *.example\nmax_age: 604800\n"
                                : "3 1 1 1F850A337E6DB9C609C522D136A475638CC43E1ED424F8EEC8513D747D1D085D\n");
        (void)snprintf(p->domain, sizeof p->domain, k == 0 ? "d%u.example" : "mx.d%u.example", domain);
    }
    for (size_t k = 0; fails && k < 1 + draw(2); k++) {
        o->failures[k] = (struct ww_received_detail){
            .type = ww_slice_str(draw(3) == 0 ? "starttls-not-supported" : "certificate-expired"),
            .sending_ip = ww_slice_str("192.0.2.17"),
            .receiving_mx = ww_slice_str(o->mx),
            .receiving_ip = ww_slice_str("198.51.100.4"),
            .sessions = 1 + (int64_t)draw(20)};
        o->policies[0].failure += o->failures[k].sessions;
        o->policies[0].detail_count = k + 1;
    }
    o->policies[0].details = o->failures;
    o->report.organization = ww_slice_str(o->organization);
    o->report.contact = ww_slice_str("tlsrpt@sender.example");
    o->report.report_id = ww_slice_str(o->id);
    o->report.policies = o->policies;
    o->report.begin = day * WW_DAY_SECONDS;
    o->report.end = (day + 1) * WW_DAY_SECONDS - 1;
    o->new = (struct ww_received_new){.report = &o->report,
                                      .facts = &o->facts,
                                      .about = "",
                                      .content = ww_slice(o->content, CONTENT),
                                      .octets = CONTENT,
                                      .per_day = INT64_MAX};
}

static enum ww_err fill(struct ww_store *store, unsigned long count, unsigned long batch)
{
    static struct one o;
    enum ww_received_fate fate;
    uint64_t number;
    enum ww_err err = ww_store_begin(store);
    double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned long i = 0; err == WW_OK && i < count; i++) {
        make(&o, i, count);
        err = ww_received_put(store, &o.new, &fate, &number);
        if (err == WW_OK && (i + 1) % batch == 0) {
            err = ww_store_commit(store);
            if (err == WW_OK)
                err = ww_store_begin(store);
        }
    }
    if (err == WW_OK)
        err = ww_store_commit(store);
    double took = seconds(CLOCK_MONOTONIC) - begin;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    (void)printf("put %lu in %.1f s, %.1f s of CPU: %.0f a second of CPU\n", count, took, cpu,
                 (double)count / cpu);
    return err;
}

static void count_row(void *ctx, const struct ww_received_sum *sum)
{
    (void)sum;
    ++*(unsigned *)ctx;
}

static enum ww_err measure(struct ww_store *store)
{
    static const char *const names[] = {"day", "domain", "sender", "result", "mx"};
    static const char *const whose[] = {"all", "one domain", "one sender", "both"};
    enum ww_err err = WW_OK;
    for (int days = 30; err == WW_OK && days <= 400; days += 370) {
        for (unsigned i = 0; err == WW_OK && i < 5 * 4; i++) {
            const struct ww_received_filter f = {.domain = i % 2 == 1 ? "d17.example" : "",
                                                 .sender = i % 4 >= 2 ? "sender7.example" : "",
                                                 .result = "",
                                                 .first_day = LAST_DAY + 1 - days,
                                                 .end_day = LAST_DAY + 1};
            unsigned rows = 0;
            double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
            err = ww_received_sums(store, (enum ww_received_sums)(i / 4), &f, 1000, count_row, &rows);
            (void)printf("%-7s %-11s %3d days: %4u rows in %6.1f ms, %6.1f ms of CPU\n", names[i / 4],
                         whose[i % 4], days, rows, (seconds(CLOCK_MONOTONIC) - begin) * 1000,
                         (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000);
        }
    }
    return err;
}

int main(int argc, char **argv)
{
    char detail[256] = "";
    enum ww_err err;
    if (argc != 3 && argc != 4) {
        (void)fprintf(stderr, "usage: received_fill FILE COUNT [BATCH]\n");
        return 64;
    }
    unsigned long count = strtoul(argv[2], NULL, 10), batch = argc > 3 ? strtoul(argv[3], NULL, 10) : BATCH;
    struct ww_store *store = ww_store_open(argv[1], &err, detail, sizeof detail);
    if (store != NULL && count > 0)
        err = fill(store, count, batch > 0 ? batch : BATCH);
    if (store != NULL && err == WW_OK)
        err = measure(store);
    if (err != WW_OK)
        (void)fprintf(stderr, "received_fill: %s: %s\n", argv[1],
                      store != NULL ? ww_store_detail(store) : detail);
    ww_store_close(store);
    return err == WW_OK ? 0 : 1;
}
