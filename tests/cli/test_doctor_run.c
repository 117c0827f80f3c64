/* The groups of checks here are the test's: each ends in another way. */
#include "cli/doctor.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void tells(struct ww_doctor *d)
{
    ww_doctor_tell(d, WW_CHECK_CONFIG, WW_FINDING_OK, NULL, "all is \033[31m%s", "well");
    ww_doctor_tell(d, WW_CHECK_STORE, WW_FINDING_WARN, "a store", "%s", "it is old");
    ww_doctor_advise(d, "Do %d things:", 2);
    ww_doctor_command(d, "this");
    ww_doctor_command(d, "that '%s'", "too");
}

static void hangs(struct ww_doctor *d)
{
    ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_OK, NULL, "so far");
    ww_doctor_told(d);
    (void)signal(SIGTERM, SIG_IGN);
    for (;;)
        (void)pause();
}

static void lingers(struct ww_doctor *d)
{
    ww_doctor_tell(d, WW_CHECK_DNS_TCP, WW_FINDING_OK, NULL, "all of it");
    ww_doctor_told(d);
    (void)close(d->out);
    for (;;)
        (void)pause();
}

static void crashes(struct ww_doctor *d)
{
    (void)d;
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

static void floods(struct ww_doctor *d)
{
    for (;;)
        ww_doctor_tell(d, WW_CHECK_MEMORY, WW_FINDING_OK, NULL, "more");
}

static void is_quick(struct ww_doctor *d)
{
    ww_doctor_tell(d, WW_CHECK_CLOCK, WW_FINDING_OK, NULL, "it is %s", "now");
}

const struct ww_doctor_group ww_doctor_groups[] = {
    {"words", tells, 60},     {"a hang", hangs, 1},    {"a rest", lingers, 3600},
    {"a crash", crashes, 60}, {"a flood", floods, 60}, {"a clock", is_quick, 60},
};
const size_t ww_doctor_group_count = sizeof ww_doctor_groups / sizeof *ww_doctor_groups;

#define HEARD_MAX 64

struct heard {
    json_t *of_others[HEARD_MAX]; /* but for the flood */
    size_t count;
    size_t floods;
};

static const char *text(const json_t *finding, const char *key)
{
    const char *s = json_string_value(json_object_get(finding, key));
    return s != NULL ? s : "(null)";
}

static void on_finding(void *ctx, json_t *finding)
{
    struct heard *h = ctx;
    if (strcmp(text(finding, "id"), "memory") == 0) {
        h->floods++;
        json_decref(finding);
        return;
    }
    assert_true(h->count < HEARD_MAX);
    h->of_others[h->count++] = finding;
}

static void forget(struct heard *h)
{
    for (size_t i = 0; i < h->count; i++)
        json_decref(h->of_others[i]);
}

static void each_group_ends_in_its_own_way(void **state)
{
    (void)state;
    static const struct {
        const char *id, *status, *subject, *seen;
    } wanted[] = {
        {"config", "ok", "(null)", "all is \\027[31mwell"},
        {"store", "warn", "a store", "it is old"},
        {"dns", "ok", "(null)", "so far"},
        {"doctor", "fail", "a hang", "the look at a hang was given up: it took more than 1 s"},
        {"dns-tcp", "ok", "(null)", "all of it"},
        {"doctor", "fail", "a rest", "the look at a rest was given up: it"},
        {"doctor", "fail", "a crash", "the look at a crash ended with status 0x"},
        {"doctor", "fail", "a flood", "the look at a flood"},
        {"clock", "ok", "(null)", "it is now"},
    };
    static const struct ww_config config;
    struct ww_doctor d = {.config = &config};
    struct heard h = {.count = 0};
    assert_true(ww_doctor_run(&d, on_finding, &h));
    assert_int_equal(h.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < h.count; i++) {
        const json_t *f = h.of_others[i];
        if (strcmp(text(f, "id"), wanted[i].id) != 0 || strcmp(text(f, "status"), wanted[i].status) != 0 ||
            strcmp(text(f, "subject"), wanted[i].subject) != 0 ||
            strncmp(text(f, "seen"), wanted[i].seen, strlen(wanted[i].seen)) != 0)
            fail_msg("%zu: %s %s %s: %s", i, text(f, "id"), text(f, "status"), text(f, "subject"),
                     text(f, "seen"));
        assert_true(json_is_array(json_object_get(f, "what_to_do")));
        assert_true(json_is_array(json_object_get(f, "commands")));
        assert_true(json_is_string(json_object_get(f, "source")));
    }
    char *commands = json_dumps(json_object_get(h.of_others[1], "commands"), JSON_COMPACT);
    assert_string_equal(commands, "[\"this\",\"that 'too'\"]");
    free(commands);
    assert_true(h.floods > 0);
    forget(&h);
}

/* Without a configuration the first group alone is run. */
static void without_a_configuration_little_is_looked_at(void **state)
{
    (void)state;
    struct ww_doctor d = {.config = NULL};
    struct heard h = {.count = 0};
    assert_true(ww_doctor_run(&d, on_finding, &h));
    assert_int_equal(h.count, 2);
    forget(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_group_ends_in_its_own_way),
        cmocka_unit_test(without_a_configuration_little_is_looked_at),
    };
    return cmocka_run_group_tests_name("doctor_run", tests, NULL, NULL);
}
