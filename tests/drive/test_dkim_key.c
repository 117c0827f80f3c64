#include "drive/dkim_key.h"

#include "fake_dns.h"
#include "netns.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define RESOLVER "127.0.0.53"
#define TIMEOUT_MS 2000
#define RECORD "v=DKIM1; k=ed25519; s=tlsrpt; p=AAAA"

static struct event_base *base;
static struct ww_dns *dns;

static const struct fake_name names[] = {
    {"s._domainkey.one", FAKE_TXT, RECORD},
    {"s._domainkey.alias", FAKE_CNAME, "s._domainkey.one"},
    {"s._domainkey.lost", FAKE_CNAME, "s._domainkey.nowhere"},
    {"s._domainkey.empty", FAKE_A, "192.0.2.1"},
    {"s._domainkey.two", FAKE_TXT, RECORD},
    {"s._domainkey.two", FAKE_TXT, RECORD "2"},
    {"s._domainkey.bogus", FAKE_BOGUS, RECORD},
    {"s._domainkey.fails", FAKE_SERVFAIL, NULL},
    {"s._domainkey.unsigned", FAKE_TXT, RECORD},
    {NULL, FAKE_TXT, NULL},
};

static const struct {
    const char *name;
    const char *err;
    enum ww_dkim_key_found found;
} cases[] = {
    {"s._domainkey.one", "ok", WW_DKIM_KEY_FOUND},
    {"s._domainkey.alias", "ok", WW_DKIM_KEY_FOUND},
    {"s._domainkey.unsigned", "ok", WW_DKIM_KEY_FOUND},
    {"s._domainkey.lost", "ok", WW_DKIM_KEY_ABSENT},
    {"s._domainkey.empty", "ok", WW_DKIM_KEY_ABSENT},
    {"s._domainkey.nowhere", "ok", WW_DKIM_KEY_ABSENT},
    {"s._domainkey.two", "ok", WW_DKIM_KEY_ABSENT},
    {"s._domainkey.bogus", "dns-bogus", WW_DKIM_KEY_NOT_NOW},
    {"s._domainkey.fails", "dns-servfail", WW_DKIM_KEY_NOT_NOW},
};

struct outcome {
    char name[WW_DNAME_SIZE];
    enum ww_err err;
    enum ww_dkim_key_found found;
    bool right; /* the record is what was published */
};

static void on_found(void *ctx, const struct ww_dkim_found_key *found, enum ww_err err)
{
    struct outcome *o = ctx;
    *o = (struct outcome){.err = err, .found = found->found, .right = ww_slice_is(found->record, RECORD)};
    memcpy(o->name, found->name, sizeof o->name);
    (void)event_base_loopbreak(base);
}

static void keys_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome o = {.right = false};
        enum ww_err err;
        assert_non_null(ww_dkim_key_lookup(dns, cases[i].name, on_found, &o, &err));
        (void)event_base_dispatch(base);
        if (strcmp(ww_err_id(o.err), cases[i].err) != 0 || o.found != cases[i].found ||
            o.right != (o.found == WW_DKIM_KEY_FOUND) || strcmp(o.name, cases[i].name) != 0)
            fail_msg("%s: %s, %d", cases[i].name, ww_err_id(o.err), (int)o.found);
    }
}

static void one_that_is_cancelled_tells_nothing(void **state)
{
    struct outcome o = {.right = false};
    enum ww_err err;
    (void)state;
    struct ww_dkim_key_lookup *l = ww_dkim_key_lookup(dns, "s._domainkey.one", on_found, &o, &err);
    assert_non_null(l);
    ww_dkim_key_lookup_cancel(l);
    keys_are_found(state);
    assert_false(o.right);
}

/* Nothing else is asked for in the name of a mail. */
static void other_names_are_none(void **state)
{
    static const char *const others[] = {"one", "_smtp._tls.one", "._domainkey.one", "_domainkey.one", "a..b",
                                         ""};
    enum ww_err err;
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(ww_dkim_key_lookup(dns, others[i], on_found, NULL, &err));
        assert_int_equal(err, WW_E_DNS_NAME);
    }
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
        cmocka_unit_test(keys_are_found),
        cmocka_unit_test(one_that_is_cancelled_tells_nothing),
        cmocka_unit_test(other_names_are_none),
    };
    int failed = dns == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    if (dns != NULL)
        ww_dns_free(dns);
    event_base_free(base);
    netns_end(pid);
    (void)unlink(anchor);
    return failed;
}
