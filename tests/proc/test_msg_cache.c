/* Messages about the cache: there and back, and cut at every length. */
#include "proc/msg_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static char bytes[96 * 1024];

static struct ww_buf fresh(void)
{
    return ww_buf(bytes, sizeof bytes);
}

static struct ww_slice written(const struct ww_buf *b)
{
    assert_false(b->failed);
    return ww_slice(b->p, b->n);
}

static struct ww_cache_item full_item(void)
{
    static char body[WW_POLICY_BODY_MAX];
    struct ww_cache_item item = {
        .life = {.failures = 255,
                 .alerted = true,
                 .mode = WW_MODE_ENFORCE,
                 .last = WW_FOUND_WAITING,
                 .why = WW_E_HTTPS_TIMEOUT,
                 .fetched = 1,
                 .expires = INT64_MAX,
                 .checked = 3,
                 .next_flight = 4,
                 .retry_at = 5},
        .used = 6,
        .in_flight = true,
        .body = {body, sizeof body},
    };
    memset(body, 'b', sizeof body);
    memset(item.domain, 'd', sizeof item.domain - 1);
    memset(item.life.id, 'i', sizeof item.life.id - 1);
    memset(item.life.failed_id, 'f', sizeof item.life.failed_id - 1);
    memset(item.detail, ' ', sizeof item.detail - 1);
    return item;
}

static void items(void **state)
{
    (void)state;
    struct ww_cache_item in = full_item();
    struct ww_cache_item out;
    struct ww_buf b = fresh();
    ww_msg_put_cache_item(&b, &in);
    assert_true(b.n <= WW_CACHE_ITEM_MAX);
    assert_int_equal(ww_msg_get_cache_item(written(&b), &out), WW_OK);
    assert_string_equal(out.domain, in.domain);
    assert_string_equal(out.life.id, in.life.id);
    assert_string_equal(out.life.failed_id, in.life.failed_id);
    assert_int_equal(out.life.failures, 255);
    assert_true(out.life.alerted);
    assert_int_equal(out.life.mode, in.life.mode);
    assert_int_equal(out.life.last, in.life.last);
    assert_int_equal(out.life.why, in.life.why);
    assert_int_equal(out.life.fetched, 1);
    assert_int_equal(out.life.expires, INT64_MAX);
    assert_int_equal(out.life.checked, 3);
    assert_int_equal(out.life.next_flight, 4);
    assert_int_equal(out.life.retry_at, 5);
    assert_int_equal(out.used, 6);
    assert_true(out.in_flight);
    assert_string_equal(out.detail, in.detail);
    assert_true(ww_slice_eq(out.body, in.body));
    for (size_t n = 0; n < b.n; n += n < 700 ? 1 : 1000)
        assert_int_equal(ww_msg_get_cache_item(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
    in.detail[0] = '\033';
    b = fresh();
    ww_msg_put_cache_item(&b, &in);
    assert_int_equal(ww_msg_get_cache_item(written(&b), &out), WW_E_MSG_MALFORMED);
}

static void questions(void **state)
{
    (void)state;
    const struct ww_msg_cache_list list = {77, true};
    const struct ww_msg_cache_page page = {WW_CACHE_LIST_END, ww_slice_str("items")};
    const struct ww_msg_cache_purge purge = {true, false, ww_slice_str("domains")};
    const struct ww_msg_cache_import import = {true, ww_slice_str("policies")};
    struct ww_msg_cache_list list_out;
    struct ww_msg_cache_page page_out;
    struct ww_msg_cache_purge purge_out;
    struct ww_msg_cache_import import_out;
    struct ww_buf b = fresh();
    ww_msg_put_cache_list(&b, &list);
    assert_int_equal(ww_msg_get_cache_list(written(&b), &list_out), WW_OK);
    assert_true(list_out.place == 77 && list_out.bodies);
    assert_int_equal(ww_msg_get_cache_list(ww_slice(b.p, b.n - 1), &list_out), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_cache_page(&b, &page);
    assert_int_equal(ww_msg_get_cache_page(written(&b), &page_out), WW_OK);
    assert_true(page_out.next == WW_CACHE_LIST_END && ww_slice_eq(page_out.items, page.items));
    assert_int_equal(ww_msg_get_cache_page(ww_slice(b.p, 3), &page_out), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_cache_purge(&b, &purge);
    assert_int_equal(ww_msg_get_cache_purge(written(&b), &purge_out), WW_OK);
    assert_true(purge_out.force && !purge_out.all_stored && ww_slice_eq(purge_out.domains, purge.domains));
    assert_int_equal(ww_msg_get_cache_purge(ww_slice(b.p, 3), &purge_out), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_cache_import(&b, &import);
    assert_int_equal(ww_msg_get_cache_import(written(&b), &import_out), WW_OK);
    assert_true(import_out.check && ww_slice_eq(import_out.policies, import.policies));
    assert_int_equal(ww_msg_get_cache_import(ww_slice("\0\2", 2), &import_out), WW_E_MSG_MALFORMED);
}

static void answers(void **state)
{
    (void)state;
    struct ww_msg_cache_refreshed r = {.outcome = WW_FOUND_FETCH_FAILURE,
                                       .why = WW_E_HTTP_STATUS,
                                       .detail = "404",
                                       .before = ww_slice_str("before"),
                                       .after = ww_slice(NULL, 0)};
    const struct ww_msg_cache_purged p = {1, 2, 3, 4, WW_E_STORE_FULL};
    struct ww_msg_cache_refreshed r_out;
    struct ww_msg_cache_purged p_out;
    struct ww_buf b = fresh();
    ww_msg_put_cache_refreshed(&b, &r);
    assert_int_equal(ww_msg_get_cache_refreshed(written(&b), &r_out), WW_OK);
    assert_int_equal(r_out.outcome, r.outcome);
    assert_int_equal(r_out.why, r.why);
    assert_string_equal(r_out.detail, "404");
    assert_true(ww_slice_is(r_out.before, "before"));
    assert_int_equal(r_out.after.n, 0);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(ww_msg_get_cache_refreshed(ww_slice(b.p, n), &r_out), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_cache_purged(&b, &p);
    assert_int_equal(ww_msg_get_cache_purged(written(&b), &p_out), WW_OK);
    assert_true(p_out.forgotten == 1 && p_out.enforced == 2 && p_out.refused == 3 && p_out.unknown == 4);
    assert_int_equal(p_out.store, WW_E_STORE_FULL);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(ww_msg_get_cache_purged(ww_slice(b.p, n), &p_out), WW_E_MSG_MALFORMED);
}

static void verdicts(void **state)
{
    (void)state;
    struct ww_buf b = fresh();
    enum ww_err verdict;
    ww_msg_put_verdict(&b, WW_OK);
    ww_msg_put_verdict(&b, WW_E_IMPORT_OLDER);
    struct ww_cursor c = ww_cursor(b.p, b.n);
    assert_true(ww_msg_next_verdict(&c, &verdict));
    assert_int_equal(verdict, WW_OK);
    assert_true(ww_msg_next_verdict(&c, &verdict));
    assert_int_equal(verdict, WW_E_IMPORT_OLDER);
    assert_false(ww_msg_next_verdict(&c, &verdict));
    assert_false(c.failed);
    c = ww_cursor("\377\377", 2);
    assert_false(ww_msg_next_verdict(&c, &verdict));
    assert_true(c.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items),
        cmocka_unit_test(questions),
        cmocka_unit_test(answers),
        cmocka_unit_test(verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
