#include "daemon/intake_files.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/waxwing-files.XXXXXX";

static struct ww_config *parse(const char *https, const char *certificate, const char *key)
{
    char text[512], detail[512];
    (void)snprintf(text, sizeof text,
                   "store = \"%s/s\"\nintake {\n%s certificate = \"%s/%s\"\n key = \"%s/%s\"\n}\n", folder,
                   https, folder, certificate, folder, key);
    struct ww_config *c = ww_config_parse("conf", text, strlen(text), detail, sizeof detail);
    if (c == NULL)
        fail_msg("%s", detail);
    return c;
}

static void put(const char *name, const char *text)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_true(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

#define HTTPS " https = {\"inet:127.0.0.1:443\"}\n"
#define OTHER " https = {\"inet:127.0.0.1:444\"}\n"

static void begins_anew_for_another_certificate(void **state)
{
    static const struct {
        const char *https, *certificate, *key; /* then */
        const char *changes;                   /* a file that is written in between, or NULL */
        bool same;
    } cases[] = {
        {HTTPS, "a", "b", NULL, true}, {OTHER, "a", "b", NULL, true}, /* listeners are handed down */
        {"", "a", "b", NULL, false},   {HTTPS, "c", "b", NULL, false}, {HTTPS, "a", "c", NULL, false},
        {HTTPS, "a", "b", "a", false}, {HTTPS, "a", "b", "b", false},  {HTTPS, "a", "b", "c", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_intake_files before, after;
        put("a", "certificate");
        put("b", "key");
        struct ww_config *a = parse(HTTPS, "a", "b");
        ww_intake_files_look(&before, a);
        if (cases[i].changes != NULL)
            put(cases[i].changes, "another, with another length");
        struct ww_config *b = parse(cases[i].https, cases[i].certificate, cases[i].key);
        ww_intake_files_look(&after, b);
        if (ww_intake_inputs_same(&before, &after, a, b) != cases[i].same)
            fail_msg("case %zu", i);
        ww_config_free(a);
        ww_config_free(b);
    }
}

static void looks_at_nothing_that_is_not_served(void **state)
{
    struct ww_intake_files before, after;
    (void)state;
    struct ww_config *a = parse("", "a", "b");
    put("a", "certificate");
    ww_intake_files_look(&before, a);
    put("a", "another, with another length");
    ww_intake_files_look(&after, a);
    assert_true(ww_intake_inputs_same(&before, &after, a, a));
    ww_config_free(a);
}

static int clean_up(void **state)
{
    char command[80];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    /* NOLINTNEXTLINE(cert-env33-c): the folder is one of the test's own */
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_anew_for_another_certificate),
        cmocka_unit_test(looks_at_nothing_that_is_not_served),
    };
    return mkdtemp(folder) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, clean_up);
}
