#include "drive/tlsrpt.h"

#include "core/dname.h"
#include "fake_dns.h"
#include "netns.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define RESOLVER "127.0.0.53"
#define TIMEOUT_MS 2000
#define RECORD "v=TLSRPTv1; rua=mailto:a@b.example"

static struct event_base *base;
static struct ww_dns *dns;

static const struct fake_name names[] = {
    {"_smtp._tls.one", FAKE_TXT, RECORD},
    {"_smtp._tls.beside", FAKE_TXT, "another thing"},
    {"_smtp._tls.beside", FAKE_TXT, RECORD},
    {"_smtp._tls.alias", FAKE_CNAME, "_smtp._tls.one"},
    {"_smtp._tls.other", FAKE_TXT, "another thing"},
    {"_smtp._tls.empty", FAKE_A, "192.0.2.1"},
    {"_smtp._tls.two", FAKE_TXT, RECORD},
    {"_smtp._tls.two", FAKE_TXT, RECORD "2"},
    {"_smtp._tls.broken", FAKE_TXT, "v=TLSRPTv1; rua=a@b.example"},
    {"_smtp._tls.bogus", FAKE_BOGUS, RECORD},
    {"_smtp._tls.fails", FAKE_SERVFAIL, NULL},
    {"_smtp._tls.unsigned", FAKE_TXT, RECORD},
    {NULL, FAKE_TXT, NULL},
};

static const struct {
    const char *domain;
    const char *err;
    enum ww_txt_presence presence;
} cases[] = {
    {"one", "ok", WW_TXT_PRESENT},
    {"beside", "ok", WW_TXT_PRESENT},
    {"alias", "ok", WW_TXT_PRESENT},
    {"unsigned", "ok", WW_TXT_PRESENT},
    {"other", "ok", WW_TXT_ABSENT},
    {"empty", "ok", WW_TXT_ABSENT},
    {"nowhere", "ok", WW_TXT_ABSENT},
    {"two", "ok", WW_TXT_INVALID},
    {"broken", "ok", WW_TXT_INVALID},
    {"bogus", "dns-bogus", WW_TXT_ABSENT},
    {"fails", "dns-servfail", WW_TXT_ABSENT},
};

struct outcome {
    enum ww_err err;
    enum ww_txt_presence presence;
    bool right; /* the record is what was published */
};

static void on_found(void *ctx, const struct ww_tlsrpt_found *found)
{
    struct outcome *o = ctx;
    *o = (struct outcome){found->err, found->presence, ww_slice_is(found->record.rua, "mailto:a@b.example")};
    (void)event_base_loopbreak(base);
}

static void records_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome o = {.right = false};
        enum ww_err err;
        assert_non_null(ww_tlsrpt_lookup(dns, cases[i].domain, on_found, &o, &err));
        (void)event_base_dispatch(base);
        if (strcmp(ww_err_id(o.err), cases[i].err) != 0 || o.presence != cases[i].presence ||
            o.right != (o.presence == WW_TXT_PRESENT))
            fail_msg("%s: %s, %d", cases[i].domain, ww_err_id(o.err), (int)o.presence);
    }
}

static void one_that_is_cancelled_tells_nothing(void **state)
{
    struct outcome o = {.right = false};
    enum ww_err err;
    (void)state;
    struct ww_tlsrpt_lookup *l = ww_tlsrpt_lookup(dns, "one", on_found, &o, &err);
    assert_non_null(l);
    ww_tlsrpt_lookup_cancel(l);
    records_are_found(state);
    assert_false(o.right);
}

static void a_name_that_is_too_long_is_none(void **state)
{
    char domain[WW_DNAME_SIZE];
    enum ww_err err;
    (void)state;
    memset(domain, 'a', sizeof domain - 1);
    domain[sizeof domain - 1] = '\0';
    assert_null(ww_tlsrpt_lookup(dns, domain, on_found, NULL, &err));
    assert_int_equal(err, WW_E_DNS_NAME);
}

int main(void)
{
    struct ww_addr resolver;
    const char *detail = NULL;
    char anchor[] = "/tmp/waxwing-test-anchor-XXXXXX";
    netns_enter();
    int fd = mkstemp(anchor);
    if (fd < 0 || ww_addr_parse(ww_slice_str(RESOLVER), &resolver) != WW_OK)
        return 1;
    (void)close(fd);
    struct fake_key *key = fake_key_new();
    fake_key_publish(key, anchor);
    pid_t pid = fake_dns(RESOLVER, key, names);
    fake_key_free(key);
    const struct ww_dns_options options = {
        .forward = &resolver, .forward_count = 1, .trust_anchor = anchor, .timeout_ms = TIMEOUT_MS};
    base = event_base_new();
    dns = ww_dns_new(base, &options, &detail);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_found),
        cmocka_unit_test(one_that_is_cancelled_tells_nothing),
        cmocka_unit_test(a_name_that_is_too_long_is_none),
    };
    int failed = dns == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    if (dns != NULL)
        ww_dns_free(dns);
    event_base_free(base);
    netns_end(pid);
    (void)unlink(anchor);
    return failed;
}
