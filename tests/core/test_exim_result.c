#include "core/exim_result.h"

#include "core/result_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define HEAD "waxwing-exim 1 domain=example.com mx=mx.example.com "

/* The event without its fixed beginning and end; NULL: the facts make none. */
static const struct {
    const char *facts;
    const char *event;
} cases[] = {
    {"event=tcp:close mode=enforce id=1 tls=TLS1.3 verified=1 dane=no",
     "success policy=sts mode=enforce policy-id=1 tls=verified"},
    {"event=tcp:close mode=testing id=1 tls=TLS1.3 verified=1",
     "success policy=sts mode=testing policy-id=1 tls=verified"},
    {"event=tcp:close tls=TLS1.3 verified=1", "success policy=no-policy-found tls=verified"},
    {"event=tcp:close mode=none tls=TLS1.3 verified=1", "success policy=no-policy-found tls=verified"},
    {"event=tcp:close mode=enforce id=1 tls=TLS1.3 verified=1 dane=yes",
     "success policy=tlsa mode=enforce policy-id=1 tls=verified"},
    {"event=tcp:close tls=TLS1.3 verified=1 dane=yes", "success policy=tlsa tls=verified"},
    /* In mode enforce msg:host:defer tells it: it must not be counted twice. */
    {"event=tcp:close mode=enforce id=1 tls=TLS1.3 verified=0", NULL},
    {"event=tcp:close mode=enforce id=1 tls= verified=0", NULL},
    {"event=tcp:close mode=enforce id=1", NULL},
    {"event=tcp:close dane=yes tls=TLS1.3 verified=0", NULL},
    {"event=tcp:close mode=testing id=1 tls=TLS1.3 verified=0",
     "validation-failure policy=sts mode=testing policy-id=1 tls=untrusted"},
    {"event=tcp:close mode=testing id=1 tls= verified=0",
     "starttls-not-supported policy=sts mode=testing policy-id=1 tls=none"},
    {"event=tcp:close tls=TLS1.3 verified=0", "success policy=no-policy-found tls=untrusted"},
    {"event=tcp:close tls=TLS1.3", "success policy=no-policy-found tls=untrusted"},
    {"event=tcp:close tls=\"\"", "starttls-not-supported policy=no-policy-found tls=none"},
    /* A certificate cannot be verified where there is no TLS, whatever is said. */
    {"event=tcp:close tls= verified=1", "starttls-not-supported policy=no-policy-found tls=none"},
    {"event=msg:host:defer mode=enforce id=1 errno=-38 text=\"a TLS session is required, but the server did "
     "not "
     "offer TLS "
     "support\"",
     "starttls-not-supported policy=sts mode=enforce policy-id=1 tls=none text=\"a TLS session is required, "
     "but the "
     "server did "
     "not offer TLS support\""},
    {"event=msg:host:defer mode=enforce id=1 errno=-37 text=\"(certificate verification failed): certificate "
     "invalid\"",
     "certificate-not-trusted policy=sts mode=enforce policy-id=1 text=\"(certificate verification failed): "
     "certificate "
     "invalid\""},
    {"event=msg:host:defer errno=-37 mode=enforce id=1 text=\"certificate has expired\"",
     "certificate-expired policy=sts mode=enforce policy-id=1 text=\"certificate has expired\""},
    {"event=msg:host:defer errno=-37 mode=enforce id=1 text=\"Certificate Expired\"",
     "certificate-expired policy=sts mode=enforce policy-id=1 text=\"Certificate Expired\""},
    {"event=msg:host:defer errno=-37 mode=enforce id=1",
     "certificate-host-mismatch policy=sts mode=enforce policy-id=1"},
    {"event=msg:host:defer errno=-37 mode=enforce id=1 text=\"TLS session: (gnutls_handshake): timed out\"",
     "validation-failure policy=sts mode=enforce policy-id=1 text=\"TLS session: (gnutls_handshake): timed "
     "out\""},
    {"event=msg:host:defer errno=-37", "certificate-host-mismatch policy=no-policy-found"},
    {"event=msg:host:defer errno=111 mode=enforce id=1 text=\"Connection refused\"", NULL},
    {"event=msg:host:defer errno=-44 mode=enforce id=1 text=\"host said: certificate expired\"", NULL},
    {"event=msg:host:defer errno=38 mode=enforce id=1", NULL},
    {"event=msg:host:defer errno= mode=enforce id=1", NULL},
    {"event=dane:fail mode=enforce id=1 text=certificate-expired",
     "certificate-expired policy=tlsa mode=enforce policy-id=1 text=certificate-expired"},
    {"event=dane:fail text=dane-required", "dane-required policy=tlsa text=dane-required"},
    {"event=dane:fail text=\"something new\"", "validation-failure policy=tlsa text=\"something new\""},
    {"event=dane:fail", "validation-failure policy=tlsa"},
    {"event=mx-mismatch mode=enforce id=1", "validation-failure policy=sts mode=enforce policy-id=1"},
    /* The session has shown that DANE does not hold: dane:fail says the same of it. */
    {"event=msg:host:defer mode=enforce id=1 errno=-37 text=\"Verification failed. The certificate differs. "
     "\"",
     "validation-failure policy=tlsa mode=enforce policy-id=1 text=\"Verification failed. The certificate "
     "differs. \""},
    {"event=msg:host:defer mode=dane errno=-37 text=\"Verification failed. The certificate differs. \"",
     "validation-failure policy=tlsa text=\"Verification failed. The certificate differs. \""},
    {"event=tcp:close mode=dane tls=TLS1.3 verified=0 dane=no", NULL},
    {"event=tcp:close mode=dane tls=TLS1.3 verified=1 dane=yes", "success policy=tlsa tls=verified"},
    {"event=tcp:close mode=dane tls=TLS1.3 verified=1", "success policy=no-policy-found tls=verified"},
    /* What the operator has ordered. */
    {"event=tcp:close mode=secure tls=TLS1.3 verified=0", NULL},
    {"event=tcp:close mode=secure tls=TLS1.3 verified=1", "success policy=no-policy-found tls=verified"},
    {"event=tcp:close mode=encrypt tls=TLS1.3 verified=0", "success policy=no-policy-found tls=untrusted"},
    {"event=tcp:close mode=may tls= verified=0", "starttls-not-supported policy=no-policy-found tls=none"},
    /* What a preload list has ordered: a policy of which nobody reports. */
    {"event=tcp:close mode=enforce tls=TLS1.3 verified=1", "success policy=no-policy-found tls=verified"},
    {"event=tcp:close mode=enforce tls=TLS1.3 verified=0", NULL},
    {"event=msg:host:defer mode=enforce errno=-37", "certificate-host-mismatch policy=no-policy-found"},
    {"event=mx-mismatch mode=enforce", "validation-failure policy=no-policy-found"},
    {"event=msg:delivery tls=TLS1.3 verified=1", NULL},
};

static void facts_make_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[WW_RESULT_LINE_MAX], text[WW_RESULT_LINE_MAX + 1], wanted[WW_RESULT_LINE_MAX + 1];
        struct ww_buf in = ww_buf(line, sizeof line);
        struct ww_buf out = ww_buf(text, sizeof text - 1);
        struct ww_buf want = ww_buf(wanted, sizeof wanted - 1);
        struct ww_exim_facts facts;
        struct ww_tls_result event;
        size_t offset;
        ww_buf_str(&in, HEAD);
        ww_buf_str(&in, cases[i].facts);
        enum ww_err err = ww_exim_facts_parse(in.p, in.n, &facts, &offset);
        if (err != WW_OK)
            fail_msg("%s: %s", cases[i].facts, ww_err_id(err));
        bool says = ww_exim_result(&facts, &event);
        if (says != (cases[i].event != NULL))
            fail_msg("%s: %s an event", cases[i].facts, says ? "there is" : "there is no");
        if (!says)
            continue;
        /* The result stands before the MX host in a line. */
        const char *rest = strchr(cases[i].event, ' ');
        ww_buf_str(&want, "waxwing-result 1 domain=example.com result=");
        ww_buf_bytes(&want, cases[i].event, (size_t)(rest - cases[i].event));
        ww_buf_str(&want, " mx=mx.example.com");
        ww_buf_str(&want, rest);
        ww_buf_str(&want, " mta=exim");
        wanted[want.n] = '\0';
        ww_result_line_put(&out, &event);
        text[out.n] = '\0';
        assert_string_equal(text, wanted);
    }
}

static void a_session_has_a_name(void **state)
{
    static const char line[] = HEAD "event=tcp:close tls=TLS1.3 qid=1vPZ3a-000001-2B ip=192.0.2.1 time=1 "
                                    "from=192.0.2.9 id=a1";
    struct ww_exim_facts facts;
    size_t offset;
    (void)state;
    assert_int_equal(ww_exim_facts_parse(line, sizeof line - 1, &facts, &offset), WW_OK);
    assert_string_equal(facts.told.session, "1vPZ3a-000001-2B/mx.example.com/192.0.2.1");
    assert_string_equal(facts.told.from, "192.0.2.9");
    assert_string_equal(facts.told.policy_id, "a1");
    assert_int_equal(facts.told.time, 1);
}

static const struct {
    const char *line;
    enum ww_err err;
} bad_cases[] = {
    {"waxwing-exim 1 event=tcp:close", WW_E_RESULT_MISSING},
    {"waxwing-exim 1 domain=example.com", WW_E_RESULT_MISSING},
    {"waxwing-exim 1 domain=example.com event=", WW_E_RESULT_MISSING},
    {"waxwing-result 1 domain=example.com event=tcp:close", WW_E_RESULT_KIND},
    {HEAD "event=tcp:close errno=x", WW_E_RESULT_VALUE},
    {HEAD "event=tcp:close errno=-", WW_E_RESULT_VALUE},
    {HEAD "event=tcp:close errno=1234567", WW_E_RESULT_VALUE},
    {HEAD "event=tcp:close verified=yes", WW_E_RESULT_VALUE},
    {HEAD "event=tcp:close dane=1", WW_E_RESULT_VALUE},
    {HEAD "event=tcp:close mode=temperr", WW_E_RESULT_VALUE},
    {HEAD "event=tcp:close qid=12345678901234567890123456789012345678901234567890123456789012345",
     WW_E_TOO_LONG},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_cases); i++) {
        struct ww_exim_facts facts;
        size_t offset;
        enum ww_err err = ww_exim_facts_parse(bad_cases[i].line, strlen(bad_cases[i].line), &facts, &offset);
        if (err != bad_cases[i].err)
            fail_msg("%s: %s", bad_cases[i].line, ww_err_id(err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_make_events),
        cmocka_unit_test(a_session_has_a_name),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
