#include "cli/capture.h"
#include "cli/doctor_clock.h"
#include "cli/doctor_net.h"
#include "cli/may_connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void judges_the_kernels_clock(void **state)
{
    (void)state;
    assert_int_equal(ww_clock_judge_kernel(TIME_OK, 0), WW_FINDING_OK);
    assert_int_equal(ww_clock_judge_kernel(TIME_OK, STA_PLL), WW_FINDING_OK);
    assert_int_equal(ww_clock_judge_kernel(TIME_INS, 0), WW_FINDING_OK);
    assert_int_equal(ww_clock_judge_kernel(TIME_ERROR, 0), WW_FINDING_WARN);
    assert_int_equal(ww_clock_judge_kernel(TIME_OK, STA_UNSYNC), WW_FINDING_WARN);
    assert_int_equal(ww_clock_judge_kernel(-1, 0), WW_FINDING_SKIP);
}

static void judges_offsets(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        enum ww_finding finding;
    } cases[] = {
        {0, WW_FINDING_OK},      {60, WW_FINDING_OK},    {-60, WW_FINDING_OK},
        {61, WW_FINDING_WARN},   {-61, WW_FINDING_WARN}, {900, WW_FINDING_WARN},
        {-901, WW_FINDING_FAIL}, {901, WW_FINDING_FAIL}, {INT32_MAX, WW_FINDING_FAIL},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ww_clock_judge_offset(cases[i].seconds) != cases[i].finding)
            fail_msg("%lld s", (long long)cases[i].seconds);
}

/* One broken clock among several does not count. */
static void takes_the_middle_difference(void **state)
{
    (void)state;
    int64_t three[] = {1, 86400, -1};
    int64_t two[] = {5000, 2};
    int64_t one[] = {-7};
    assert_int_equal(ww_clock_middle(three, 3), 1);
    assert_int_equal(ww_clock_middle(two, 2), 2);
    assert_int_equal(ww_clock_middle(one, 1), -7);
    assert_int_equal(ww_clock_middle(one, 0), 0);
}

#define TALLY(...)               \
    {                            \
        .count = { __VA_ARGS__ } \
    }

static void judges_families(void **state)
{
    (void)state;
    /* No address, no route, no answer, bad, works. */
    static const struct {
        struct ww_doctor_tally one, other;
        enum ww_finding finding;
    } cases[] = {
        {TALLY(0, 0, 0, 0, 1), TALLY(0, 0, 0, 0, 1), WW_FINDING_OK},
        {TALLY(0, 0, 2, 1, 1), TALLY(0, 0, 0, 0, 0), WW_FINDING_OK},
        {TALLY(0, 0, 1, 0, 0), TALLY(0, 0, 0, 0, 1), WW_FINDING_WARN},
        {TALLY(0, 0, 0, 1, 0), TALLY(0, 0, 0, 0, 1), WW_FINDING_WARN},
        {TALLY(0, 0, 1, 0, 0), TALLY(0, 1, 0, 0, 0), WW_FINDING_FAIL},
        {TALLY(0, 0, 1, 0, 0), TALLY(0, 0, 1, 0, 0), WW_FINDING_FAIL},
        {TALLY(0, 1, 0, 0, 0), TALLY(0, 0, 0, 0, 1), WW_FINDING_SKIP},
        {TALLY(0, 1, 0, 0, 0), TALLY(0, 0, 1, 0, 0), WW_FINDING_SKIP},
        {TALLY(0, 1, 0, 0, 0), TALLY(0, 1, 0, 0, 0), WW_FINDING_FAIL},
        {TALLY(0, 1, 0, 0, 0), TALLY(1, 0, 0, 0, 0), WW_FINDING_FAIL},
        {TALLY(1, 0, 0, 0, 0), TALLY(0, 0, 0, 0, 1), WW_FINDING_SKIP},
        {TALLY(0, 0, 0, 0, 0), TALLY(0, 0, 0, 0, 0), WW_FINDING_SKIP},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ww_doctor_tally_judge(&cases[i].one, &cases[i].other) != cases[i].finding)
            fail_msg("case %zu: %s", i,
                     ww_finding_name(ww_doctor_tally_judge(&cases[i].one, &cases[i].other)));
}

static void tallies_with_words(void **state)
{
    (void)state;
    struct ww_doctor_tally t = {.who = ""};
    ww_doctor_tally_add(&t, WW_REACH_WORKS, "a.example", NULL);
    ww_doctor_tally_add(&t, WW_REACH_NO_ANSWER, "b.example", "silence");
    ww_doctor_tally_add(&t, WW_REACH_BAD, "c.example", "noise");
    ww_doctor_tally_add(&t, WW_REACH_WORKS, "d.example", NULL);
    ww_doctor_tally_add(&t, WW_REACH_WORKS, "a.example", NULL); /* another of its hosts */
    ww_doctor_tally_add(&t, WW_REACH_WORKS, "example", NULL);
    assert_string_equal(t.who, "a.example, d.example, example");
    assert_string_equal(t.words, "b.example: silence");
    for (int i = 0; i < 100; i++) { /* more than there is room for */
        char name[32];
        (void)snprintf(name, sizeof name, "e%d.example", i);
        ww_doctor_tally_add(&t, WW_REACH_WORKS, name, NULL);
    }
    assert_int_equal(t.count[WW_REACH_WORKS], 104);
    assert_true(strlen(t.who) < sizeof t.who);
}

/* A socket two directories down, each with its permissions. */
static void make_way(char folder[64], char path[100])
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    (void)snprintf(folder, 64, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, 100, "%s/in", folder);
    assert_int_equal(mkdir(path, 0755), 0);
    (void)snprintf(path, 100, "%s/in/socket", folder);
    (void)snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&un, sizeof un), 0);
    (void)close(fd);
}

static void remove_way(const char *folder, const char *path)
{
    char in[80];
    (void)snprintf(in, sizeof in, "%s/in", folder);
    (void)unlink(path);
    (void)rmdir(in);
    (void)rmdir(folder);
}

static void judges_permissions_on_the_way(void **state)
{
    (void)state;
    const struct ww_person owner = {.user = geteuid()};
    const struct ww_person member = {.user = 54321, .groups = {getegid()}, .count = 1};
    const struct ww_person stranger = {.user = 54321};
    static const struct {
        mode_t folder, in, socket;
        bool member, stranger;
        const char *why;
    } cases[] = {
        {0755, 0755, 0666, true, true, ""},
        {0755, 0750, 0666, true, false, "/in has mode 0750"},
        {0755, 0755, 0660, true, false, "/socket has mode 0660"},
        {0755, 0700, 0666, false, false, "/in has mode 0700"},
        {0755, 0755, 0600, false, false, "/socket has mode 0600"},
        {0700, 0755, 0666, false, false, " has mode 0700"},
        {0755, 0705, 0666, false, true, ""}, /* a member is no other */
    };
    char folder[64], in[80], path[100], why[256];
    make_way(folder, path);
    (void)snprintf(in, sizeof in, "%s/in", folder);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            chmod(folder, cases[i].folder) | chmod(in, cases[i].in) | chmod(path, cases[i].socket), 0);
        assert_true(ww_may_connect(&owner, "/", path, why, sizeof why));
        if (ww_may_connect(&member, "/", path, why, sizeof why) != cases[i].member ||
            ww_may_connect(&stranger, "/", path, why, sizeof why) != cases[i].stranger)
            fail_msg("case %zu: %s", i, why);
        if (!cases[i].stranger && strstr(why, cases[i].why) == NULL)
            fail_msg("case %zu: %s", i, why);
    }
    /* What lies above the root of a jail does not matter, but the root itself does. */
    assert_int_equal(chmod(folder, 0700) | chmod(in, 0755) | chmod(path, 0666), 0);
    assert_true(ww_may_connect(&stranger, in, path, why, sizeof why));
    assert_int_equal(chmod(in, 0700), 0);
    assert_false(ww_may_connect(&stranger, in, path, why, sizeof why));
    remove_way(folder, path);
}

static void names_what_is_no_socket(void **state)
{
    (void)state;
    const struct ww_person root = {.user = 0};
    char why[256];
    assert_false(ww_may_connect(&root, "/", "/nonexistent/socket", why, sizeof why));
    assert_string_equal(why, "/nonexistent: No such file or directory");
    assert_false(ww_may_connect(&root, "/", "/dev/null", why, sizeof why));
    assert_string_equal(why, "/dev/null is no socket");
}

static void captures_programs(void **state)
{
    (void)state;
    static const struct {
        const char *argv[4];
        unsigned deadline_ms;
        enum ww_captured captured;
        const char *text;
    } cases[] = {
        {{"sh", "-c", "echo a; echo b >&2", NULL}, 30000, WW_CAPTURED, "a\nb\n"},
        {{"sh", "-c", "read x; echo \"$x.\"", NULL}, 30000, WW_CAPTURED, ".\n"},
        {{"sh", "-c", "echo no; exit 3", NULL}, 30000, WW_CAPTURE_FAILED, "no\n"},
        {{"sh", "-c", "kill -9 $$", NULL}, 30000, WW_CAPTURE_FAILED, ""},
        {{"waxwing-no-such-program", NULL}, 30000, WW_CAPTURE_ABSENT, ""},
        {{"sh", "-c", "echo a; exec sleep 60", NULL}, 300, WW_CAPTURE_LATE, "a\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = NULL;
        enum ww_captured captured = ww_capture(cases[i].argv, cases[i].deadline_ms, &text);
        assert_non_null(text);
        /* How far a program comes before its deadline is the machine's matter. */
        if (captured != cases[i].captured ||
            (captured != WW_CAPTURE_LATE && strcmp(text, cases[i].text) != 0))
            fail_msg("case %zu: %d \"%s\"", i, (int)captured, text);
        free(text);
    }
}

static void captures_no_endless_output(void **state)
{
    (void)state;
    static const char *const argv[] = {"yes", NULL};
    char *text = NULL;
    assert_int_equal(ww_capture(argv, 30000, &text), WW_CAPTURE_FAILED);
    assert_non_null(text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_kernels_clock),    cmocka_unit_test(judges_offsets),
        cmocka_unit_test(takes_the_middle_difference), cmocka_unit_test(judges_families),
        cmocka_unit_test(tallies_with_words),          cmocka_unit_test(judges_permissions_on_the_way),
        cmocka_unit_test(names_what_is_no_socket),     cmocka_unit_test(captures_programs),
        cmocka_unit_test(captures_no_endless_output),
    };
    return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
