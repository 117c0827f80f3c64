#include "publish/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct ww_zone *zone)
{
    *zone = (struct ww_zone){.count = 0};
    struct ww_dns_change *c = ww_zone_add(zone, "_mta-sts.example.com", "TXT", 300);
    c->values[c->count++] = "v=STSv1; id=\"1\";";
    c = ww_zone_add(zone, "_25._tcp.mx.example.com", "TLSA", 3600);
    c->values[c->count++] = "3 1 1 aa";
    c->values[c->count++] = "3 1 1 bb";
    (void)ww_zone_add(zone, "mta-sts.example.com", "A", 300);
    ww_zone_note(zone, "%s", "not yet\nupdate add evil");
}

static void text_is(enum ww_zone_format format, const char *wanted)
{
    struct ww_zone zone;
    char text[1024];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    fill(&zone);
    ww_zone_put(&b, &zone, format);
    assert_false(b.failed);
    text[b.n] = '\0';
    assert_string_equal(text, wanted);
}

static void lines_of_a_zone_file(void **state)
{
    (void)state;
    text_is(WW_ZONE_BIND, "; not yet\\010update add evil\n"
                          "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=\\\"1\\\";\"\n"
                          "_25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 aa\n"
                          "_25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 bb\n"
                          "; remove: mta-sts.example.com. A\n");
}

static void a_script_for_nsupdate(void **state)
{
    (void)state;
    text_is(WW_ZONE_NSUPDATE, "; not yet\\010update add evil\n"
                              "update delete _mta-sts.example.com. TXT\n"
                              "update add _mta-sts.example.com. 300 TXT \"v=STSv1; id=\\\"1\\\";\"\n"
                              "send\n"
                              "update delete _25._tcp.mx.example.com. TLSA\n"
                              "update add _25._tcp.mx.example.com. 3600 TLSA 3 1 1 aa\n"
                              "update add _25._tcp.mx.example.com. 3600 TLSA 3 1 1 bb\n"
                              "send\n"
                              "update delete mta-sts.example.com. A\n"
                              "send\n");
}

static void json_for_other_tools(void **state)
{
    (void)state;
    struct ww_zone zone;
    fill(&zone);
    json_t *json = ww_zone_json(&zone);
    json_t *wanted = json_pack(
        "{s:[{s:s, s:s, s:i, s:[s]}, {s:s, s:s, s:i, s:[s, s]}], s:[{s:s, s:s}], s:[s]}", "records", "name",
        "_mta-sts.example.com", "type", "TXT", "ttl", 300, "values", "v=STSv1; id=\"1\";", "name",
        "_25._tcp.mx.example.com", "type", "TLSA", "ttl", 3600, "values", "3 1 1 aa", "3 1 1 bb", "remove",
        "name", "mta-sts.example.com", "type", "A", "notes", "not yet\\010update add evil");
    assert_non_null(wanted);
    assert_true(json_equal(json, wanted));
    json_decref(json);
    json_decref(wanted);
}

static void rooms_have_an_end(void **state)
{
    (void)state;
    struct ww_zone zone = {.count = 0};
    enum ww_zone_format format;
    for (size_t i = 0; i < WW_ZONE_CHANGES_MAX; i++)
        assert_non_null(ww_zone_add(&zone, "a", "A", 1));
    assert_null(ww_zone_add(&zone, "a", "A", 1));
    for (size_t i = 0; i <= WW_ZONE_NOTES_MAX; i++)
        ww_zone_note(&zone, "a");
    assert_int_equal(zone.note_count, WW_ZONE_NOTES_MAX);
    assert_false(ww_zone_format_of("zone", &format));
    assert_true(ww_zone_format_of("nsupdate", &format));
    assert_int_equal(format, WW_ZONE_NSUPDATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_zone_file),
        cmocka_unit_test(a_script_for_nsupdate),
        cmocka_unit_test(json_for_other_tools),
        cmocka_unit_test(rooms_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
