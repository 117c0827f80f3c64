/* What of a report of `waxwing check` the daemon is told, for advice. */
#include "cli/advise.h"
#include "proc/msg_intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "(none)";
}

static json_t *report(bool valid, size_t hosts, size_t findings)
{
    json_t *mx = json_array(), *list = json_array();
    char name[160];
    for (size_t i = 0; i < hosts; i++) {
        (void)snprintf(name, sizeof name, "mx%zu.%0120d.example", i, 0);
        (void)json_array_append_new(mx, json_string(i == 0 ? "mx.example.com" : name));
    }
    for (size_t i = 0; i < findings; i++) {
        (void)snprintf(name, sizeof name, "check-%zu", i);
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", name, "severity",
                                                    "warning", "where", "w", "seen", "s", "fix", "f"));
    }
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:o, s:{s:o, s:o}, s:{s:b, s:s}, s:o}", "domain",
                     "example.com", "at", "2026-11-29T12:00:00Z", "outlook", "kind", "testing", "words",
                     "...", "mode", valid ? json_string("testing") : json_null(), "facts", "id",
                     valid ? json_string("20261020") : json_null(), "mx", mx, "policy", "valid", valid,
                     "body", "version: STSv1\n", "findings", list);
}

static void what_is_told(void **state)
{
    json_t *r = report(true, 2, 2), *seen = ww_advise_inspection(r);
    (void)state;
    assert_string_equal(text(seen, "at"), "2026-11-29T12:00:00Z");
    assert_string_equal(text(seen, "outlook"), "testing");
    assert_string_equal(text(seen, "mode"), "testing");
    assert_string_equal(text(seen, "id"), "20261020");
    assert_string_equal(text(seen, "policy"), "version: STSv1\n");
    assert_true(strncmp(text(seen, "mx"), "mx.example.com mx1.", 19) == 0);
    const json_t *second = json_array_get(json_object_get(seen, "findings"), 1);
    assert_string_equal(text(second, "id"), "check-1");
    assert_string_equal(text(second, "severity"), "warning");
    assert_int_equal(json_object_size(second), 4);
    json_decref(seen);
    json_decref(r);
}

/* A policy that is not valid is none. */
static void without_a_policy(void **state)
{
    json_t *r = report(false, 0, 0), *seen = ww_advise_inspection(r);
    (void)state;
    assert_string_equal(text(seen, "mode"), "");
    assert_string_equal(text(seen, "id"), "");
    assert_string_equal(text(seen, "policy"), "");
    assert_string_equal(text(seen, "mx"), "");
    json_decref(seen);
    json_decref(r);
}

/* Names are told whole or not at all. */
static void what_finds_no_room(void **state)
{
    json_t *r = report(true, 60, 60), *seen = ww_advise_inspection(r);
    (void)state;
    const char *mx = text(seen, "mx");
    assert_in_range(strlen(mx), WW_MSG_ADVISE_MX_SIZE / 2, WW_MSG_ADVISE_MX_SIZE - 1);
    assert_string_equal(mx + strlen(mx) - 8, ".example");
    assert_int_equal(json_array_size(json_object_get(seen, "findings")), WW_MSG_ADVISE_FAULTS_MAX);
    json_decref(seen);
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told),
        cmocka_unit_test(without_a_policy),
        cmocka_unit_test(what_finds_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
