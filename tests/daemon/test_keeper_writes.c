#include "daemon/keeper_writes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FETCHED INT64_C(1000)

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";

static struct {
    char folder[64], path[96];
    struct ww_store *store;
    struct ww_writes_into into;
    struct ww_writes *writes;
    char seen[8][WW_DNAME_SIZE]; /* domains, in the order in which they were shown */
    int64_t checked[8];
    size_t count;
} t;

static int setup(void **state)
{
    (void)state;
    enum ww_err err;
    char detail[256];
    memset(&t, 0, sizeof t);
    snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    if (mkdtemp(t.folder) == NULL)
        return -1;
    snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.store = ww_store_open(t.path, &err, detail, sizeof detail);
    t.into = (struct ww_writes_into){.store = t.store, .versions = 5};
    t.writes = ww_writes_new();
    ww_history_prepare();
    return t.store != NULL && t.writes != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    ww_writes_free(t.writes);
    ww_store_close(t.store);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static enum ww_err add_policy(const char *domain, unsigned sender)
{
    static char space[4096];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = ww_slice_str(body),
        .mode = WW_MODE_ENFORCE,
        .fetched = FETCHED,
        .expires = FETCHED + 86400,
        .checked = FETCHED,
    };
    ww_msg_put_policy(&b, &policy);
    assert_false(b.failed);
    return ww_writes_add(t.writes, WW_MSG_POLICY, ww_slice(b.p, b.n), sender);
}

static enum ww_err add_confirmation(const char *domain, int64_t checked, unsigned sender)
{
    char space[512];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_confirm m = {.id = "1", .checked = checked};
    snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_confirm(&b, &m);
    assert_false(b.failed);
    return ww_writes_add(t.writes, WW_MSG_CONFIRM, ww_slice(b.p, b.n), sender);
}

static void note_payload(void *ctx, struct ww_slice payload)
{
    struct ww_msg_policy m;
    (void)ctx;
    assert_int_equal(ww_msg_get_policy(payload, &m), WW_OK);
    memcpy(t.seen[t.count++], m.domain, sizeof m.domain);
}

static void note_stored(void *ctx, const struct ww_stored_policy *policy)
{
    (void)ctx;
    snprintf(t.seen[t.count], sizeof t.seen[0], "%s", policy->domain);
    t.checked[t.count++] = policy->checked;
}

static size_t stored(void)
{
    struct ww_store_place place = {.phase = WW_STORE_ENFORCED};
    t.count = 0;
    assert_int_equal(ww_store_walk(t.store, FETCHED, &place, 8, note_stored, NULL), WW_OK);
    return t.count;
}

static void writes_all_and_counts_the_senders(void **state)
{
    (void)state;
    uint32_t count = 99;
    assert_int_equal(ww_writes_flush(t.writes, &t.into, 1, &count), WW_OK);
    assert_int_equal(count, 0);

    assert_int_equal(add_policy("a.example", 1), WW_OK);
    assert_int_equal(add_policy("b.example", 2), WW_OK);
    assert_int_equal(add_confirmation("a.example", FETCHED + 50, 1), WW_OK);
    assert_int_equal(ww_writes_count(t.writes), 3);
    assert_int_equal(stored(), 0);

    assert_int_equal(ww_writes_flush(t.writes, &t.into, 1, &count), WW_OK);
    assert_int_equal(count, 2);
    assert_int_equal(ww_writes_count(t.writes), 0);
    assert_int_equal(stored(), 2);
    assert_string_equal(t.seen[0], "a.example");
    assert_int_equal(t.checked[0], FETCHED + 50);
    assert_int_equal(t.checked[1], FETCHED);
}

/* A confirmation that comes first finds nothing to confirm: what is written is what was said last. */
static void keeps_the_order(void **state)
{
    (void)state;
    uint32_t count;
    assert_int_equal(add_confirmation("a.example", FETCHED + 50, 1), WW_OK);
    assert_int_equal(add_policy("a.example", 1), WW_OK);
    assert_int_equal(ww_writes_flush(t.writes, &t.into, 1, &count), WW_OK);
    assert_int_equal(count, 2);
    assert_int_equal(stored(), 1);
    assert_int_equal(t.checked[0], FETCHED);
}

static void a_batch_that_fails_waits_whole(void **state)
{
    (void)state;
    uint32_t count = 99;
    assert_int_equal(add_policy("a.example", 1), WW_OK);
    assert_int_equal(add_policy("b.example", 1), WW_OK);
    /* The file has gone: that is noticed at the end of a batch. */
    char aside[112];
    snprintf(aside, sizeof aside, "%s-wal", t.path);
    assert_int_equal(rename(t.path, aside), 0);
    assert_int_not_equal(ww_writes_flush(t.writes, &t.into, 1, &count), WW_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ww_writes_count(t.writes), 2);
    ww_writes_each_policy(t.writes, note_payload, NULL);
    assert_int_equal(t.count, 2);
    assert_string_equal(t.seen[0], "a.example");
    assert_string_equal(t.seen[1], "b.example");

    enum ww_err err;
    char detail[256];
    ww_store_close(t.store);
    (void)unlink(aside);
    t.store = ww_store_open(t.path, &err, detail, sizeof detail);
    assert_non_null(t.store);
    t.into.store = t.store;
    assert_int_equal(ww_writes_flush(t.writes, &t.into, 1, &count), WW_OK);
    assert_int_equal(count, 2);
    assert_int_equal(stored(), 2);
}

static void shows_policies_alone(void **state)
{
    (void)state;
    assert_int_equal(add_confirmation("a.example", FETCHED, 1), WW_OK);
    assert_int_equal(add_policy("b.example", 1), WW_OK);
    ww_writes_each_policy(t.writes, note_payload, NULL);
    assert_int_equal(t.count, 1);
    assert_string_equal(t.seen[0], "b.example");
}

static void takes_nothing_that_is_malformed(void **state)
{
    (void)state;
    static const char *const payloads[] = {"", "a", "\x01\x02\x03\x04\x05\x06\x07\x08"};
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        struct ww_slice payload = ww_slice_str(payloads[i]);
        assert_int_not_equal(ww_writes_add(t.writes, WW_MSG_POLICY, payload, 1), WW_OK);
        assert_int_not_equal(ww_writes_add(t.writes, WW_MSG_CONFIRM, payload, 1), WW_OK);
    }
    assert_int_equal(ww_writes_count(t.writes), 0);
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WW_WRITES_MAX; i++)
        assert_int_equal(add_confirmation("a.example", FETCHED, 1), WW_OK);
    assert_int_equal(add_confirmation("a.example", FETCHED, 1), WW_E_CHAN_FULL);
    assert_int_equal(add_policy("a.example", 1), WW_E_CHAN_FULL);
    assert_int_equal(ww_writes_count(t.writes), WW_WRITES_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(writes_all_and_counts_the_senders), CASE(keeps_the_order),
        CASE(a_batch_that_fails_waits_whole),    CASE(shows_policies_alone),
        CASE(takes_nothing_that_is_malformed),   CASE(there_is_room_for_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
