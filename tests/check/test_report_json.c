/* Reports of those who mean ill: they can be read, and have a size. */
#include "check/report_json.h"

#include "mail_sight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static char *report_text(const struct ww_sight *sight, const struct ww_check_report *report)
{
    json_t *json = ww_check_report_json(sight, report);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(json);
    assert_non_null(text);
    return text;
}

static void any_body_can_be_read_again(void **state)
{
    static const struct {
        const char *body;
        size_t n;
        const char *read;
    } cases[] = {
        {"a\r\n", 3, "a\r\n"},
        {"", 0, ""},
        {"a\xff", 2, "a\\255"},
        {"a\0b", 3, "a\\000b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_sight *sight = mail_sight();
        struct ww_check_report report = {.count = 0};
        sight->host.looked = true;
        sight->host.body = ww_slice(cases[i].body, cases[i].n);
        sight->has_policy = false;
        char *text = report_text(sight, &report);
        json_t *read = json_loads(text, 0, NULL);
        assert_non_null(read);
        assert_string_equal(json_string_value(json_object_get(json_object_get(read, "policy"), "body")),
                            cases[i].read);
        json_decref(read);
        free(text);
        sight->host.body = ww_slice(NULL, 0);
        ww_sight_free(sight);
    }
}

/* What quotes do to a text is the worst. */
static void fill(char *text, size_t size)
{
    memset(text, '"', size - 1);
    text[size - 1] = '\0';
}

static void fill_address(struct ww_mx_address_sight *a)
{
    struct ww_mx_probe_result *r = &a->first;
    a->addr.length = 16;
    memset(a->addr.octets, 0xee, 16);
    r->name_count = WW_MX_PROBE_NAMES_MAX;
    for (size_t i = 0; i < WW_MX_PROBE_NAMES_MAX; i++)
        fill(r->names[i], sizeof r->names[i]);
    fill(r->detail, sizeof r->detail);
    fill(r->cipher, sizeof r->cipher);
    fill(r->common_name, sizeof r->common_name);
    fill(r->issuer, sizeof r->issuer);
    r->fit_count = WW_MX_PROBE_FITS_MAX;
}

static void fill_mx(struct ww_sight *sight)
{
    sight->survey.count = WW_DANE_HOSTS_MAX;
    for (size_t i = 0; i < WW_DANE_HOSTS_MAX; i++) {
        ww_mx_sight_drop(sight->mx[i]);
        struct ww_mx_sight *mx = sight->mx[i] = ww_mx_sight_new("mx");
        assert_non_null(mx);
        sight->survey.hosts[i] = sight->survey.hosts[0];
        mx->complete = true;
        mx->count = WW_MX_PROBE_ADDRS_MAX;
        mx->addresses = calloc(mx->count, sizeof *mx->addresses);
        assert_non_null(mx->addresses);
        for (size_t k = 0; k < mx->count; k++) {
            mx->addresses[k] = (struct ww_mx_address_sight){.looked = true};
            mx->addresses[k].first.handshake = mx->addresses[k].first.has_certificate = true;
            fill_address(&mx->addresses[k]);
        }
    }
}

static void has_a_size(void **state)
{
    static char body[WW_POLICY_BODY_MAX];
    struct ww_sight *sight = mail_sight();
    struct ww_check_report report = {.count = 0};
    (void)state;
    memset(body, '\1', sizeof body);
    sight->host.looked = true;
    sight->host.body = ww_slice(body, sizeof body);
    sight->has_policy = false;
    fill_mx(sight);
    report.findings = calloc(WW_CHECK_FINDINGS_MAX, sizeof *report.findings);
    assert_non_null(report.findings);
    for (size_t i = 0; i < WW_CHECK_FINDINGS_MAX; i++) {
        struct ww_check_finding *f = &report.findings[report.count++];
        f->check = (enum ww_check)(i % WW_CHECKS);
        fill(f->where, sizeof f->where);
        fill(f->seen, sizeof f->seen);
    }
    char *text = report_text(sight, &report);
    size_t n = strlen(text);
    if (n > WW_CHECK_JSON_MAX - WW_CHECK_JSON_MAX / 4)
        fail_msg("%zu octets", n);
    free(text);
    ww_check_report_clear(&report);
    sight->host.body = ww_slice(NULL, 0);
    ww_sight_free(sight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_body_can_be_read_again),
        cmocka_unit_test(has_a_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
