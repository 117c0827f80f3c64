/* The inspections with looks that the test plays: what is begun when, shared, late, and called back. */
#include "check/inspect.h"
#include "check/inspect_share.h"
#include "check/looks.h"
#include "check/mx_common.h"
#include "drive/dane.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DEADLINE_MS 60000
#define SHORT_MS 20

/* One look under way, of any kind. */
struct played {
    ww_look_done *done;
    void *ctx;
    struct ww_mx_sight *mx;
};

enum kind {
    NAMES,
    HOST,
    RUA,
    MX,
    TLSA,
    KINDS,
};

static struct played *under_way[KINDS][16];
static unsigned begun[KINDS], cancelled[KINDS];
static struct ww_dane_lookup {
    ww_dane_lookup_cb *cb;
    void *ctx;
    char domain[WW_DNAME_SIZE];
} lookups[16];
static unsigned lookup_count, lookups_cancelled;
static const char *wanted_rua; /* what names looks find */
static bool is_unsigned;       /* there are hosts of unsigned zones */

static void *begin(enum kind kind, ww_look_done *done, void *ctx, enum ww_err *err)
{
    struct played *p = calloc(1, sizeof *p);
    assert_non_null(p);
    *p = (struct played){.done = done, .ctx = ctx};
    under_way[kind][begun[kind]++] = p;
    *err = WW_OK;
    return p;
}

static void forget(enum kind kind, const void *look)
{
    for (unsigned i = 0; i < begun[kind]; i++)
        if (under_way[kind][i] == look)
            under_way[kind][i] = NULL;
}

static void cancel(enum kind kind, void *look)
{
    forget(kind, look);
    cancelled[kind]++;
    free(look);
}

static void end(enum kind kind, unsigned i)
{
    struct played *p = under_way[kind][i];
    assert_non_null(p);
    forget(kind, p);
    p->done(p->ctx);
    free(p);
}

struct ww_names_look *ww_names_look(const struct ww_check_env *env, const char *domain,
                                    struct ww_names_sight *sight, ww_look_done *done, void *ctx,
                                    enum ww_err *err)
{
    (void)env, (void)domain;
    (void)snprintf(sight->rua, sizeof sight->rua, "%s", wanted_rua);
    return begin(NAMES, done, ctx, err);
}

void ww_names_look_cancel(struct ww_names_look *look)
{
    cancel(NAMES, look);
}

struct ww_host_look *ww_host_look(const struct ww_check_env *env, const char *domain,
                                  struct ww_host_sight *sight, ww_look_done *done, void *ctx,
                                  enum ww_err *err)
{
    (void)env, (void)domain, (void)sight;
    return begin(HOST, done, ctx, err);
}

void ww_host_look_cancel(struct ww_host_look *look)
{
    cancel(HOST, look);
}

void ww_host_sight_clear(struct ww_host_sight *sight)
{
    (void)sight;
}

struct ww_rua_look *ww_rua_look(const struct ww_check_env *env, const char *rua, struct ww_rua_sight *sight,
                                ww_look_done *done, void *ctx, enum ww_err *err)
{
    (void)env, (void)sight;
    assert_string_equal(rua, wanted_rua);
    return begin(RUA, done, ctx, err);
}

void ww_rua_look_cancel(struct ww_rua_look *look)
{
    cancel(RUA, look);
}

struct ww_mx_look *ww_mx_look(const struct ww_check_env *env, const struct ww_dane_host *host,
                              const char *next_hop, struct ww_mx_sight *sight, ww_look_done *done, void *ctx,
                              enum ww_err *err)
{
    (void)env, (void)next_hop;
    assert_string_equal(host->name, sight->name);
    struct played *p = begin(MX, done, ctx, err);
    p->mx = sight;
    return (struct ww_mx_look *)p;
}

/* What the looks at MX hosts share is of no use to those of this test. */
struct ww_mx_common *ww_mx_common_new(const struct ww_check_env *env)
{
    static struct ww_mx_common common;
    (void)env;
    return &common;
}

void ww_mx_common_free(struct ww_mx_common *common)
{
    (void)common;
}

void ww_mx_look_cancel(struct ww_mx_look *look)
{
    cancel(MX, look);
}

struct ww_tlsa_look *ww_tlsa_look(const struct ww_check_env *env, const struct ww_dane_survey *survey,
                                  struct ww_tlsa_sight sights[WW_DANE_HOSTS_MAX], ww_look_done *done,
                                  void *ctx, enum ww_err *err)
{
    (void)env, (void)survey, (void)sights;
    return is_unsigned ? begin(TLSA, done, ctx, err) : NULL;
}

void ww_tlsa_look_cancel(struct ww_tlsa_look *look)
{
    cancel(TLSA, look);
}

struct ww_dane_lookup *ww_dane_lookup(struct ww_dns *dns, const char *domain, unsigned deadline_ms,
                                      ww_dane_lookup_cb *cb, void *ctx, enum ww_err *err)
{
    (void)dns, (void)deadline_ms;
    struct ww_dane_lookup *lookup = &lookups[lookup_count++];
    lookup->cb = cb;
    lookup->ctx = ctx;
    (void)snprintf(lookup->domain, sizeof lookup->domain, "%s", domain);
    *err = WW_OK;
    return lookup;
}

void ww_dane_lookup_cancel(struct ww_dane_lookup *lookup)
{
    (void)lookup;
    lookups_cancelled++;
}

/* The MX records of one domain are there: so many hosts, mx0.example and so on. */
static void survey(unsigned lookup, size_t hosts)
{
    static struct ww_dane_survey found;
    found = (struct ww_dane_survey){.outcome = WW_MX_LISTED, .count = hosts};
    for (size_t i = 0; i < hosts; i++) {
        (void)snprintf(found.hosts[i].name, sizeof found.hosts[i].name, "mx%zu.example", i);
        found.hosts[i].settled = true;
    }
    lookups[lookup].cb(lookups[lookup].ctx, &found);
}

struct room {
    struct event_base *base;
    struct ww_inspector *inspector;
    unsigned reports;
    unsigned steps_begun, steps_ended;
    bool complete[4]; /* of the first MX host, by report */
    bool host_late;
    bool free_inspector; /* in the callback */
};

static int open_room(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    assert_non_null(room);
    room->base = event_base_new();
    const struct ww_check_env env = {.base = room->base, .dns_timeout_ms = 1000};
    room->inspector = ww_inspector_new(&env);
    memset(under_way, 0, sizeof under_way);
    memset(begun, 0, sizeof begun);
    memset(cancelled, 0, sizeof cancelled);
    lookup_count = lookups_cancelled = 0;
    wanted_rua = "";
    is_unsigned = false;
    *state = room;
    return room->inspector == NULL;
}

static int close_room(void **state)
{
    struct room *room = *state;
    ww_inspector_free(room->inspector);
    event_base_free(room->base);
    free(room);
    return 0;
}

static void on_step(void *ctx, const struct ww_inspect_step *step)
{
    struct room *room = ctx;
    *(step->ended ? &room->steps_ended : &room->steps_begun) += 1;
}

static void on_report(void *ctx, const struct ww_sight *sight, const struct ww_check_report *report)
{
    struct room *room = ctx;
    assert_false(report->failed);
    if (sight->mx[0] != NULL && room->reports < 4)
        room->complete[room->reports] = sight->mx[0]->complete;
    room->host_late = sight->host.late;
    room->reports++;
    if (room->free_inspector) {
        ww_inspector_free(room->inspector);
        room->inspector = NULL;
    }
    (void)event_base_loopbreak(room->base);
}

static struct ww_inspection *inspect(struct room *room, unsigned deadline_ms)
{
    struct ww_inspection *i =
        ww_inspect(room->inspector, "example.com", 1, deadline_ms, on_step, on_report, room);
    assert_non_null(i);
    return i;
}

static void run(struct room *room)
{
    (void)event_base_dispatch(room->base);
}

static void all_parts_begin_at_once_and_end_in_any_order(void **state)
{
    struct room *room = *state;
    wanted_rua = "mailto:tls@example.com";
    is_unsigned = true;
    (void)inspect(room, DEADLINE_MS);
    assert_int_equal(begun[NAMES] + begun[HOST] + lookup_count, 3);
    survey(0, 2);
    assert_int_equal(begun[MX], 2);
    assert_int_equal(begun[TLSA], 1);
    end(MX, 1);
    end(TLSA, 0);
    end(HOST, 0);
    end(NAMES, 0);
    assert_int_equal(begun[RUA], 1);
    end(MX, 0);
    assert_int_equal(room->reports, 0);
    end(RUA, 0);
    run(room);
    assert_int_equal(room->reports, 1);
    assert_true(room->complete[0]);
    assert_int_equal(room->steps_begun, 7);
    assert_int_equal(room->steps_ended, 7);
}

static void domains_share_a_host(void **state)
{
    struct room *room = *state;
    (void)inspect(room, DEADLINE_MS);
    (void)inspect(room, DEADLINE_MS);
    survey(0, 1);
    survey(1, 1);
    assert_int_equal(begun[MX], 1);
    for (unsigned i = 0; i < 2; i++) {
        end(NAMES, i);
        end(HOST, i);
    }
    end(MX, 0);
    run(room);
    run(room);
    assert_int_equal(room->reports, 2);
    /* Who comes later finds it as it was seen. */
    (void)inspect(room, DEADLINE_MS);
    survey(2, 1);
    assert_int_equal(begun[MX], 1);
    end(NAMES, 2);
    end(HOST, 2);
    run(room);
    assert_int_equal(room->reports, 3);
    assert_true(room->complete[0] && room->complete[1] && room->complete[2]);
}

/* Whoever has mended a host does not get what was seen before, nor does anybody after him. */
static void a_host_is_seen_anew(void **state)
{
    struct room *room = *state;
    (void)inspect(room, DEADLINE_MS);
    survey(0, 1);
    assert_int_equal(begun[MX], 1);
    ww_inspect_afresh(inspect(room, DEADLINE_MS)); /* while a look that began before is under way */
    survey(1, 1);
    assert_int_equal(begun[MX], 2);
    for (unsigned i = 0; i < 2; i++) {
        end(NAMES, i);
        end(HOST, i);
        end(MX, i);
    }
    run(room);
    run(room);
    assert_int_equal(room->reports, 2);
    (void)inspect(room, DEADLINE_MS);
    survey(2, 1);
    assert_int_equal(begun[MX], 2);
    ww_inspect_afresh(inspect(room, DEADLINE_MS)); /* when it has ended */
    survey(3, 1);
    assert_int_equal(begun[MX], 3);
    end(MX, 2);
    for (unsigned i = 2; i < 4; i++) {
        end(NAMES, i);
        end(HOST, i);
    }
    run(room);
    run(room);
    assert_int_equal(room->reports, 4);
}

static void on_shared(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void ask(struct ww_share *share, const char *name, struct ww_share_waiter *waiter, unsigned *told)
{
    struct ww_dane_host host = {.settled = true};
    (void)snprintf(host.name, sizeof host.name, "%s", name);
    (void)ww_share_ask(share, &host, NULL, 0, waiter, on_shared, told);
    assert_non_null(waiter->sight);
}

/* Hosts are free to whoever makes up names: what is kept of them is not without end. */
static void what_is_kept_of_hosts_is_bounded(void **state)
{
    static const struct ww_check_env env;
    struct ww_share share;
    struct ww_share_waiter waiters[5];
    unsigned told = 0;
    (void)state;
    ww_share_init(&share, &env);
    ask(&share, "a.example", &waiters[0], &told);
    ask(&share, "b.example", &waiters[1], &told);
    waiters[0].sight->count = WW_SHARE_ADDRESSES_MAX;
    waiters[1].sight->count = 1;
    end(MX, 0);
    end(MX, 1);
    assert_int_equal(told, 2);
    ask(&share, "a.example", &waiters[2], &told); /* who asks for the oldest gets it still */
    assert_ptr_equal(waiters[2].sight, waiters[0].sight);
    ask(&share, "b.example", &waiters[3], &told);
    assert_int_equal(begun[MX], 3); /* the other one had to go for that */
    ask(&share, "a.example", &waiters[4], &told);
    assert_ptr_equal(waiters[4].sight, waiters[0].sight);
    ww_share_leave(&waiters[3]);
    ww_share_leave(&waiters[4]);
    for (size_t i = 0; i < sizeof waiters / sizeof *waiters; i++) {
        waiters[i].sight->count = 0;
        ww_mx_sight_drop(waiters[i].sight);
    }
    ww_share_clear(&share);
}

static void what_is_late_is_said_to_be(void **state)
{
    struct room *room = *state;
    is_unsigned = true;
    (void)inspect(room, SHORT_MS);
    survey(0, 1);
    end(NAMES, 0);
    run(room);
    assert_int_equal(room->reports, 1);
    assert_int_equal(cancelled[TLSA], 1);
    assert_false(room->complete[0]);
    assert_true(room->host_late);
    assert_int_equal(cancelled[MX], 1);
    assert_int_equal(cancelled[HOST], 1);
    assert_int_equal(cancelled[NAMES], 0);
}

/* One that gives up leaves the look to the others. */
static void a_late_one_takes_nothing_from_others(void **state)
{
    struct room *room = *state;
    (void)inspect(room, SHORT_MS);
    (void)inspect(room, DEADLINE_MS);
    survey(0, 1);
    survey(1, 1);
    run(room);
    assert_int_equal(room->reports, 1);
    assert_false(room->complete[0]);
    assert_int_equal(cancelled[MX], 0);
    end(NAMES, 1);
    end(HOST, 1);
    end(MX, 0);
    run(room);
    assert_int_equal(room->reports, 2);
    assert_true(room->complete[1]);
}

static void a_cancelled_one_calls_nobody(void **state)
{
    struct room *room = *state;
    struct ww_inspection *i = inspect(room, DEADLINE_MS);
    survey(0, 2);
    ww_inspect_cancel(i);
    assert_int_equal(cancelled[NAMES] + cancelled[HOST] + cancelled[MX], 4);
    (void)event_base_loop(room->base, EVLOOP_NONBLOCK);
    assert_int_equal(room->reports, 0);
    i = inspect(room, DEADLINE_MS);
    ww_inspect_cancel(i);
    assert_int_equal(lookups_cancelled, 1);
}

static void the_callback_may_free_the_inspector(void **state)
{
    struct room *room = *state;
    room->free_inspector = true;
    (void)inspect(room, DEADLINE_MS);
    survey(0, 1);
    end(NAMES, 0);
    end(HOST, 0);
    end(MX, 0);
    run(room);
    assert_int_equal(room->reports, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_parts_begin_at_once_and_end_in_any_order, open_room, close_room),
        cmocka_unit_test_setup_teardown(domains_share_a_host, open_room, close_room),
        cmocka_unit_test_setup_teardown(a_host_is_seen_anew, open_room, close_room),
        cmocka_unit_test_setup_teardown(what_is_kept_of_hosts_is_bounded, open_room, close_room),
        cmocka_unit_test_setup_teardown(what_is_late_is_said_to_be, open_room, close_room),
        cmocka_unit_test_setup_teardown(a_late_one_takes_nothing_from_others, open_room, close_room),
        cmocka_unit_test_setup_teardown(a_cancelled_one_calls_nobody, open_room, close_room),
        cmocka_unit_test_setup_teardown(the_callback_may_free_the_inspector, open_room, close_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
