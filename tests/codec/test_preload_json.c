#include "codec/preload_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define TIMES "\"timestamp\": \"2026-11-01T00:00:00Z\", \"expires\": \"2026-12-01T00:00:00Z\""
#define ENFORCE(mx) "{\"mode\": \"enforce\", \"mxs\": [" mx "]}"
#define LIST(policies) "{" TIMES ", \"policies\": {" policies "}}"
#define ALIASED(aliases, policies) \
    "{" TIMES ", \"policies\": {" policies "}, \"policy-aliases\": {" aliases "}}"

/* In the form of the list that the EFF kept until 2020. */
static const char historic[] = "{\n"
                               "  \"timestamp\": \"2018-06-18T09:41:50.264201364-07:00\",\n"
                               "  \"author\": \"Somebody \\u00e9\",\n"
                               "  \"expires\": \"2018-07-02T09:41:50.264201364-07:00\",\n"
                               "  \"version\": \"0.1\",\n"
                               "  \"pinsets\": {\"x\": {\"static-spki-hashes\": [1, null, {}]}},\n"
                               "  \"policy-aliases\": {\n"
                               "    \"unused\": {\"mode\": \"testing\", \"mxs\": [\"x.example\"]},\n"
                               "    \"big\": {\"mode\": \"testing\", \"report\": [\"https://big.example/\"], "
                               "\"mxs\": [\".mail.big.example\"]}\n"
                               "  },\n"
                               "  \"policies\": {\n"
                               "    \"zeta.example\": {\"policy-alias\": \"big\", \"mode\": 7},\n"
                               "    \"Alpha.example\": {\"mode\": \"enforce\", \"pin\": \"x\", \"mxs\": "
                               "[\"MX.Alpha.example\", \"*.alpha.example\"]},\n"
                               "    \"b\xc3\xbc"
                               "cher.example\": {\"mode\": \"enforce\", \"mxs\": [\".b\xc3\xbc"
                               "cher.example\"]},\n"
                               "    \"beta.example\": {\"policy-alias\": \"big\"}\n"
                               "  }\n"
                               "}\n";

static const char rewritten[] =
    "{\n"
    "  \"version\": \"0.1\",\n"
    "  \"timestamp\": \"2018-06-18T16:41:50Z\",\n"
    "  \"expires\": \"2018-07-02T16:41:50Z\",\n"
    "  \"author\": \"Somebody \xc3\xa9\",\n"
    "  \"policy-aliases\": {\n"
    "    \"big\": {\"mode\": \"testing\", \"mxs\": [\".mail.big.example\"]}\n"
    "  },\n"
    "  \"policies\": {\n"
    "    \"alpha.example\": {\"mode\": \"enforce\", \"mxs\": [\"mx.alpha.example\", \".alpha.example\"]},\n"
    "    \"beta.example\": {\"policy-alias\": \"big\"},\n"
    "    \"xn--bcher-kva.example\": {\"mode\": \"enforce\", \"mxs\": [\".xn--bcher-kva.example\"]},\n"
    "    \"zeta.example\": {\"policy-alias\": \"big\"}\n"
    "  }\n"
    "}\n";

static uint8_t *read_good(const char *text, size_t *n)
{
    uint8_t *image;
    char why[WW_PRELOAD_WHY_SIZE];
    enum ww_err err = ww_preload_json_read(text, strlen(text), &image, n, why);
    if (err != WW_OK)
        fail_msg("%s", why);
    return image;
}

static void a_list_is_read_and_written(void **state)
{
    (void)state;
    struct ww_preload list;
    size_t n, text_n, again_n;
    uint8_t *image = read_good(historic, &n);
    assert_int_equal(ww_preload_open(image, n, &list), WW_OK);
    char *text = ww_preload_json_write(&list, &text_n);
    assert_non_null(text);
    assert_string_equal(text, rewritten);
    assert_int_equal(text_n, strlen(text));
    uint8_t *again = read_good(text, &again_n);
    assert_int_equal(again_n, n);
    assert_memory_equal(again, image, n);
    free(again);
    free(text);
    free(image);
}

static void what_needs_escapes_is_written_with_them(void **state)
{
    (void)state;
    struct ww_preload list;
    size_t n, text_n;
    uint8_t *image = read_good("{" TIMES ", \"author\": \"a\\\"\\\\\\u001f\\u007f\", \"policies\": {}}", &n);
    assert_int_equal(ww_preload_open(image, n, &list), WW_OK);
    char *text = ww_preload_json_write(&list, &text_n);
    assert_non_null(strstr(text, "\"author\": \"a\\\"\\\\\\u001f\\u007f\",\n"));
    free(text);
    free(image);
}

#define A200                                                                                               \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
_Static_assert(sizeof A200 - 1 == WW_PRELOAD_TEXT_MAX, "the longest author and alias");

static const char *const good[] = {
    LIST(""),
    LIST("\"a.example\": " ENFORCE("\"mx.example\"")),
    "{\"timestamp\": 1541030400, \"expires\": 0, \"version\": \"0.9.1\", \"policies\": {}}",
    "{" TIMES ", \"author\": \"" A200 "\", \"policies\": {}}",
    ALIASED("\"" A200 "\": " ENFORCE("\"m.example\""), "\"a.example\": {\"policy-alias\": \"" A200 "\"}"),
};

static void lists_that_are_odd_but_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct ww_preload list;
        size_t n;
        uint8_t *image = read_good(good[i], &n);
        assert_int_equal(ww_preload_open(image, n, &list), WW_OK);
        free(image);
    }
}

static const struct {
    const char *text;
    enum ww_err err;
    const char *why;
} bad[] = {
    {"", WW_E_PRELOAD_JSON, "line 1, column 1: an object is wanted"},
    {"[]", WW_E_PRELOAD_JSON, "line 1, column 1: an object is wanted"},
    {"{\n\"a\" 1}", WW_E_PRELOAD_JSON, "line 2, column 5: a colon is wanted"},
    {LIST("") " x", WW_E_PRELOAD_JSON, "line 1, column 90: something stands behind the end"},
    {"{" TIMES "}", WW_E_PRELOAD_MEMBER, "policies: is missing"},
    {"{\"expires\": 1, \"policies\": {}}", WW_E_PRELOAD_MEMBER, "timestamp: is missing"},
    {"{\"timestamp\": 1, \"policies\": {}}", WW_E_PRELOAD_MEMBER, "expires: is missing"},
    {"{\"timestamp\": true, \"expires\": 1}", WW_E_PRELOAD_MEMBER,
     "timestamp: a time is wanted, such as \"2026-12-31T00:00:00Z\""},
    {"{\"timestamp\": -1, \"expires\": 1}", WW_E_PRELOAD_MEMBER,
     "timestamp: a time is wanted, such as \"2026-12-31T00:00:00Z\""},
    {"{\"timestamp\": 1, \"expires\": 1.5}", WW_E_PRELOAD_MEMBER,
     "expires: a time is wanted, such as \"2026-12-31T00:00:00Z\""},
    {"{\"timestamp\": 1, \"expires\": 99999999999999999999999}", WW_E_PRELOAD_MEMBER,
     "expires: a time is wanted, such as \"2026-12-31T00:00:00Z\""},
    {"{\"timestamp\": 1, \"expires\": 253402300800}", WW_E_PRELOAD_MEMBER,
     "expires: a time is wanted, such as \"2026-12-31T00:00:00Z\""},
    {"{" TIMES ", \"version\": \"1.0\", \"policies\": {}}", WW_E_PRELOAD_MEMBER,
     "version: \"0.1\" is wanted"},
    {"{" TIMES ", \"version\": 0, \"policies\": {}}", WW_E_PRELOAD_MEMBER, "version: \"0.1\" is wanted"},
    {"{" TIMES ", \"author\": [], \"policies\": {}}", WW_E_PRELOAD_MEMBER,
     "author: a string of at most 200 octets is wanted"},
    {"{" TIMES ", \"author\": \"" A200 "a\", \"policies\": {}}", WW_E_PRELOAD_MEMBER,
     "author: a string of at most 200 octets is wanted"},
    {"{" TIMES ", \"policies\": {}, \"policies\": {}}", WW_E_PRELOAD_MEMBER, "policies: is there twice"},
    {"{" TIMES ", \"policies\": []}", WW_E_PRELOAD_MEMBER, "policies: an object is wanted"},
    {"{" TIMES ", \"policies\": {}, \"policy-aliases\": 1}", WW_E_PRELOAD_MEMBER,
     "policy-aliases: an object is wanted"},
    {LIST("\"a.example\": 1"), WW_E_PRELOAD_POLICY, "a.example: an object is wanted"},
    {LIST("\"a..example\": " ENFORCE("\"m\"")), WW_E_PRELOAD_POLICY, "a..example: a label is empty"},
    {LIST("\"\": " ENFORCE("\"m\"")), WW_E_PRELOAD_POLICY, ": the name is empty"},
    {LIST("\"\\u001b[m\": " ENFORCE("\"m\"")), WW_E_PRELOAD_POLICY,
     "\\027[m: a label holds something else than letters, digits and hyphens"},
    {LIST("\".a.example\": " ENFORCE("\"m\"")), WW_E_PRELOAD_POLICY, ".a.example: a label is empty"},
    {LIST("\"a.example\": {}"), WW_E_PRELOAD_POLICY, "a.example: mode: \"enforce\" or \"testing\" is wanted"},
    {LIST("\"a.example\": {\"mode\": \"none\"}"), WW_E_PRELOAD_POLICY,
     "a.example: mode: \"enforce\" or \"testing\" is wanted"},
    {LIST("\"a.example\": {\"mode\": \"enforce\"}"), WW_E_PRELOAD_POLICY,
     "a.example: mxs: an array with the name of an MX host at least is wanted"},
    {LIST("\"a.example\": {\"mode\": \"enforce\", \"mxs\": \"m\"}"), WW_E_PRELOAD_POLICY,
     "a.example: mxs: an array with the name of an MX host at least is wanted"},
    {LIST("\"a.example\": " ENFORCE("")), WW_E_PRELOAD_POLICY,
     "a.example: mxs: an array with the name of an MX host at least is wanted"},
    {LIST("\"a.example\": " ENFORCE("\"m\", 1")), WW_E_PRELOAD_POLICY,
     "a.example: mxs[1]: the name of a host is wanted"},
    {LIST("\"a.example\": " ENFORCE("\"m\", \"*.*.m\"")), WW_E_PRELOAD_POLICY,
     "a.example: mxs[1]: a label holds something else than letters, digits and hyphens"},
    {LIST("\"a.example\": " ENFORCE("\"..m\"")), WW_E_PRELOAD_POLICY, "a.example: mxs[0]: a label is empty"},
    {LIST("\"a.example\": " ENFORCE("\".\"")), WW_E_PRELOAD_POLICY, "a.example: mxs[0]: the name is empty"},
    {LIST("\"a.example\": {\"mode\": \"enforce\", \"mode\": \"enforce\"}"), WW_E_PRELOAD_POLICY,
     "a.example: mode: is there twice"},
    {LIST("\"a.example\": " ENFORCE("\"m\"") ", \"b.example\": " ENFORCE("\"m\"") ", \"A.example\": " ENFORCE(
         "\"m\"")),
     WW_E_PRELOAD_POLICY, "a.example: is there twice"},
    {LIST("\"a.example\": {\"policy-alias\": \"x\"}"), WW_E_PRELOAD_POLICY,
     "a.example: policy-alias: there is no such alias"},
    {ALIASED("\"x\": " ENFORCE("\"m\""), "\"a.example\": {\"policy-alias\": 1}"), WW_E_PRELOAD_POLICY,
     "a.example: policy-alias: there is no such alias"},
    {ALIASED("\"x\": " ENFORCE("\"m\"") ", \"y\": " ENFORCE("\"m\"") ", \"x\": " ENFORCE("\"m\""), ""),
     WW_E_PRELOAD_POLICY, "alias x: is there twice"},
    {ALIASED("\"\": " ENFORCE("\"m\""), ""), WW_E_PRELOAD_POLICY,
     "alias : a name of 1 to 200 octets is wanted"},
    {ALIASED("\"x\": {\"policy-alias\": \"x\"}", ""), WW_E_PRELOAD_POLICY,
     "alias x: mode: \"enforce\" or \"testing\" is wanted"},
};

static void what_is_wrong_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t *image;
        size_t n;
        char why[WW_PRELOAD_WHY_SIZE];
        enum ww_err err = ww_preload_json_read(bad[i].text, strlen(bad[i].text), &image, &n, why);
        if (err != bad[i].err || strcmp(why, bad[i].why) != 0)
            fail_msg("%s: %s, %s", bad[i].text, ww_err_id(err), why);
        assert_null(image);
    }
}

static void a_pattern_too_many_is_refused(void **state)
{
    (void)state;
    static char text[8192];
    char why[WW_PRELOAD_WHY_SIZE];
    uint8_t *image;
    size_t n;
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_buf_str(&b, "{" TIMES ", \"policies\": {\"a.example\": {\"mode\": \"enforce\", \"mxs\": [\"m\"");
    for (size_t i = 1; i < WW_PRELOAD_MX_MAX; i++)
        ww_buf_str(&b, ",\"m\"");
    struct ww_buf more = b;
    ww_buf_str(&b, "]}}}");
    assert_int_equal(ww_preload_json_read(text, b.n, &image, &n, why), WW_OK);
    free(image);
    ww_buf_str(&more, ",\"m\"]}}}");
    assert_int_equal(ww_preload_json_read(text, more.n, &image, &n, why), WW_E_PRELOAD_POLICY);
    assert_string_equal(why, "a.example: mxs: more than 1000 patterns");
}

/* A million entries of one alias, in a text of their own size; and one more. */
static void as_many_names_as_are_allowed(void **state)
{
    (void)state;
    char *text = malloc(WW_PRELOAD_JSON_MAX + 1);
    char why[WW_PRELOAD_WHY_SIZE];
    assert_non_null(text);
    for (uint32_t count = WW_PRELOAD_NAMES_MAX; count <= WW_PRELOAD_NAMES_MAX + 1; count++) {
        struct ww_buf b = ww_buf(text, WW_PRELOAD_JSON_MAX + 1);
        struct ww_preload list;
        struct ww_preload_entry entry;
        uint8_t *image;
        size_t n;
        ww_buf_str(&b, "{\"timestamp\":1,\"expires\":2,\"policy-aliases\":{\"x\":" ENFORCE(
                           "\"m\"") "},\"policies\":{");
        for (uint32_t i = 0; i < count; i++) {
            ww_buf_str(&b, i > 0 ? ",\"" : "\"");
            ww_buf_decimal(&b, i);
            ww_buf_str(&b, "a\":{\"policy-alias\":\"x\"}");
        }
        ww_buf_str(&b, "}}");
        assert_false(b.failed);
        enum ww_err err = ww_preload_json_read(text, b.n, &image, &n, why);
        assert_int_equal(err, count > WW_PRELOAD_NAMES_MAX ? WW_E_PRELOAD_JSON : WW_OK);
        if (err == WW_OK) {
            assert_int_equal(ww_preload_open(image, n, &list), WW_OK);
            assert_true(ww_preload_find(&list, ww_slice_str("777777a"), &entry));
        }
        free(image);
    }
    assert_string_equal(why, "policies: there are more than 1000000");
    uint8_t *image;
    size_t n;
    assert_int_equal(ww_preload_json_read(text, WW_PRELOAD_JSON_MAX + 1, &image, &n, why), WW_E_PRELOAD_JSON);
    assert_string_equal(why, "the text is longer than 32 MiB");
    free(text);
}

static const struct {
    const char *text;
    int64_t seconds; /* -1: no time */
} times[] = {
    {"2018-06-18T09:41:50.264201364-07:00", 1529340110},
    {"2018-06-18T16:41:50Z", 1529340110},
    {"2018-06-18T16:41:50", 1529340110},
    {"2018-06-18T16:41:50.5", 1529340110},
    {"2018-06-18T16:41:50+0000", 1529340110},
    {"2018-06-18T09:41:50.264201-0700", 1529340110},
    {"2018-06-18", -1},
    {"2018-06-18T16:41:50+000", -1},
    {"2018-06-18T16:41:50+00000", -1},
    {"2018-06-18T16:41:5", -1},
    {"", -1},
    {"0000", -1},
    {"+0000", -1},
    {"1529340110", -1},
};

static void times_come_in_several_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        int64_t seconds = -1;
        bool good_time = ww_preload_time(ww_slice_str(times[i].text), &seconds);
        if (good_time != (times[i].seconds >= 0) || (good_time && seconds != times[i].seconds))
            fail_msg("%s: %lld", times[i].text, (long long)seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_and_written),
        cmocka_unit_test(what_needs_escapes_is_written_with_them),
        cmocka_unit_test(lists_that_are_odd_but_right),
        cmocka_unit_test(what_is_wrong_is_named_with_its_place),
        cmocka_unit_test(a_pattern_too_many_is_refused),
        cmocka_unit_test(as_many_names_as_are_allowed),
        cmocka_unit_test(times_come_in_several_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
