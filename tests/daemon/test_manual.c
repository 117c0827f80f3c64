/* test_manual MANUAL: waxwing.conf(5) holds every setting, in the order of the table, with its default. */
#include "daemon/settings.h"

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
