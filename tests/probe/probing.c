#include "probing.h"

struct event_base *base;
struct pki *pki;
const struct mx_script good = {{"220 hi\r\n", OFFER, GO}, THEN_SHAKE};

static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";

struct heard {
    bool called;
    struct ww_mx_probe_result result;
};

static void on_result(void *ctx, const struct ww_mx_probe_result *result)
{
    struct heard *h = ctx;
    assert_false(h->called);
    h->called = true;
    h->result = *result;
}

struct ww_mx_prober *prober_new(unsigned deadline_ms)
{
    const struct ww_mx_probe_options options = {
        .ca_file = ca_file, .helo = "us.example", .deadline_ms = deadline_ms};
    const char *detail = NULL;
    struct ww_mx_prober *prober = ww_mx_prober_new(base, &options, &detail);
    assert_non_null(prober);
    return prober;
}

const struct ww_mx_probe_result *probe(struct ww_mx_probe_target target, const char *first,
                                       const char *second, unsigned deadline_ms)
{
    static struct heard h;
    struct ww_addr addrs[2];
    enum ww_err err;
    struct ww_mx_prober *prober = prober_new(deadline_ms);
    h = (struct heard){.called = false};
    assert_int_equal(ww_addr_parse(ww_slice_str(first), &addrs[0]), WW_OK);
    assert_int_equal(ww_addr_parse(ww_slice_str(second != NULL ? second : first), &addrs[1]), WW_OK);
    target.host = target.host != NULL ? target.host : HOST;
    target.addrs = addrs;
    target.addr_count = second != NULL ? 2 : 1;
    assert_non_null(ww_mx_probe(prober, &target, on_result, &h, &err));
    assert_false(h.called);
    while (!h.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    ww_mx_prober_free(prober);
    return &h.result;
}

/* cmocka's own macro needs to see the array. */
int probing_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
    netns_enter();
    int fd = mkstemp(ca_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    base = event_base_new();
    pki = pki_new(ca_file);
    int failed = _cmocka_run_group_tests(name, tests, count, NULL, NULL);
    pki_free(pki);
    event_base_free(base);
    (void)unlink(ca_file);
    return failed;
}
