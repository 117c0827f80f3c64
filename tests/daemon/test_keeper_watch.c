/* What a watcher tells the keeper, be it out of its mind. */
#include "daemon/keeper_watch_private.h"

#include "store/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DOMAIN "example.com"
#define YEAR (INT64_C(366) * 86400)

static struct {
    char folder[64], path[96];
    struct ww_store *store;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_watch *k;
} t;

static int setup(void **state)
{
    enum ww_err err;
    char detail[256];
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    if (mkdtemp(t.folder) == NULL)
        return -1;
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    ww_history_prepare();
    t.store = ww_store_open(t.path, &err, detail, sizeof detail);
    t.config.watch_interval = 3600;
    t.config.history_versions = 5;
    t.k = calloc(1, sizeof *t.k);
    if (t.store == NULL || t.k == NULL)
        return -1;
    t.k->config = &t.config;
    t.k->stats = &t.stats;
    t.k->findings = calloc(WW_WATCH_FINDINGS_MAX, sizeof *t.k->findings);
    t.k->states = calloc(WW_WATCH_FINDINGS_MAX, sizeof *t.k->states);
    return t.k->findings != NULL && t.k->states != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    free(t.k->findings);
    free(t.k->states);
    free(t.k);
    ww_store_close(t.store);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static enum ww_err take(const char *domain, int64_t at, int64_t not_after)
{
    static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";
    char part[512], parts[1024];
    struct ww_msg_watch_end end = {.where = "mail.example.com", .not_after = not_after};
    struct ww_msg_watched m = {.at = at, .id = "1", .body = ww_slice_str(body)};
    struct ww_buf b = ww_buf(part, sizeof part), all = ww_buf(parts, sizeof parts);
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_watch_end(&b, &end);
    ww_msg_put_part(&all, ww_slice(b.p, b.n));
    m.ends = ww_slice(all.p, all.n);
    return ww_keeper_watch_take(t.k, t.store, &m);
}

static void one_of_another_time_is_of_now(void **state)
{
    const int64_t now = (int64_t)time(NULL);
    const int64_t times[] = {now, now - 60, now + 60, now + YEAR, 0, -1, INT64_MAX, INT64_MIN};
    const int64_t ends[] = {now + YEAR, 0, -1, INT64_MAX, INT64_MIN};
    (void)state;
    assert_int_equal(ww_watch_put(t.store, DOMAIN, "", 0, now), WW_OK);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            struct ww_watch watch;
            assert_int_equal(take(DOMAIN, times[i], ends[k]), WW_OK);
            assert_int_equal(ww_watch_get(t.store, DOMAIN, &watch), WW_OK);
            assert_in_range(watch.last.at - now + YEAR, YEAR - 60,
                            YEAR + 300); /* close runs are kept apart */
            assert_in_range(watch.due - watch.last.at, 1, t.config.watch_interval);
        }
}

static void nobody_is_watched_by_being_told_of(void **state)
{
    struct ww_watch watch;
    (void)state;
    assert_int_equal(take("other.example", (int64_t)time(NULL), 0), WW_E_NOT_KNOWN);
    assert_int_equal(ww_watch_get(t.store, "other.example", &watch), WW_E_NOT_KNOWN);
    assert_int_equal(take("", 0, 0), WW_E_NOT_KNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_of_another_time_is_of_now, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_is_watched_by_being_told_of, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
