/*
 * test_manual MANUAL: waxwing.conf(5) holds every setting, in the order of the table, with its default and
 * with what it may be.
 */
#include "daemon/config_values.h"
#include "daemon/settings.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *manual_path;

static bool next_line(FILE *manual, const char *start, char *line, int size)
{
    while (fgets(line, size, manual) != NULL) {
        if (strncmp(line, start, strlen(start)) == 0)
            return true;
    }
    return false;
}

/* The text of the entry that the manual stands in, up to the next one. */
static void read_entry(FILE *manual, char *entry, size_t size)
{
    char line[512];
    size_t n = 0;
    long at = ftell(manual);
    while (fgets(line, sizeof line, manual) != NULL && strncmp(line, ".It", 3) != 0 &&
           strncmp(line, ".El", 3) != 0) {
        assert_true(n + strlen(line) < size);
        memcpy(entry + n, line, strlen(line));
        n += strlen(line);
        at = ftell(manual);
    }
    entry[n] = '\0';
    assert_int_equal(fseek(manual, at, SEEK_SET), 0);
}

static void must_say(const struct ww_setting *s, const char *entry, const char *value)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "\n.Ql %s", value);
    const char *found = strstr(entry, wanted);
    if (found == NULL || strchr(" \n", found[strlen(wanted)]) == NULL)
        fail_msg("%s: the manual does not say that it may be %s", s->name, value);
}

static void must_say_values(const struct ww_setting *s, const char *entry)
{
    const uint64_t ends[] = {s->min, s->max};
    bool duration = s->kind == WW_SETTING_MILLISECONDS || s->kind == WW_SETTING_SECONDS;
    for (size_t i = 0; s->max > 0 && i < 2; i++) {
        char value[32];
        if (duration)
            ww_value_duration_format(ends[i], value, sizeof value);
        else if (s->kind == WW_SETTING_BYTES)
            ww_value_bytes_format(ends[i], value, sizeof value);
        else
            (void)snprintf(value, sizeof value, "%" PRIu64, ends[i]);
        must_say(s, entry, value);
    }
    for (size_t i = 0; s->words != NULL && s->words[i] != NULL; i++)
        must_say(s, entry, s->words[i]);
}

static void names_every_setting_with_its_default(void **state)
{
    (void)state;
    FILE *manual = fopen(manual_path, "r");
    assert_non_null(manual);
    for (size_t i = 0; i < ww_setting_count; i++) {
        const struct ww_setting *s = &ww_settings[i];
        char start[128], line[512];
        if (i > 0 && strcmp(s->section, ww_settings[i - 1].section) != 0) {
            (void)snprintf(start, sizeof start, ".Ss Section %s\n", s->section);
            if (!next_line(manual, start, line, sizeof line))
                fail_msg("the manual lacks section %s, or has it elsewhere", s->section);
        }
        (void)snprintf(start, sizeof start, ".It Ic %s No = ", s->name);
        if (!next_line(manual, start, line, sizeof line))
            fail_msg("the manual lacks %s, or has it elsewhere", s->name);
        if (strstr(line, s->standard) == NULL)
            fail_msg("%s: the default is %s, the manual says %s", s->name, s->standard, line);
        char entry[4096] = "\n";
        read_entry(manual, entry + 1, sizeof entry - 1);
        must_say_values(s, entry);
    }
    assert_int_equal(fclose(manual), 0);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    manual_path = argv[1];
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_every_setting_with_its_default)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
