#include "daemon/keeper_overrides.h"

#include "daemon/log.h"
#include "store/store_override.h"

#include "fake_peer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static struct {
    struct event_base *base;
    struct ww_keeper_store *store;
    struct ww_keeper_overrides *overrides;
    char directory[64];
    char path[128];
    char told[8192]; /* what the front heard */
} t;

static void tell_word(const char *word)
{
    size_t n = strlen(t.told);
    (void)snprintf(t.told + n, sizeof t.told - n, "%s ", word);
}

static void tell_override(struct ww_slice payload)
{
    struct ww_msg_override m;
    char word[512];
    assert_int_equal(ww_msg_get_override(payload, &m), WW_OK);
    (void)snprintf(word, sizeof word, "%s=%s", m.key, ww_override_level_name(m.override.level));
    tell_word(word);
}

static void tell(void *ctx, enum ww_msg_type type, struct ww_slice payload)
{
    (void)ctx;
    char key[WW_OVERRIDE_KEY_SIZE], word[WW_OVERRIDE_KEY_SIZE + 8];
    struct ww_msg_overrides m;
    struct ww_slice part;
    if (type == WW_MSG_OVERRIDE) {
        tell_override(payload);
    } else if (type == WW_MSG_OVERRIDE_GONE) {
        assert_int_equal(ww_msg_get_key(payload, key), WW_OK);
        (void)snprintf(word, sizeof word, "-%s", key);
        tell_word(word);
    } else {
        assert_int_equal(type, WW_MSG_OVERRIDES);
        assert_int_equal(ww_msg_get_overrides(payload, &m), WW_OK);
        if (m.first)
            tell_word("[");
        struct ww_cursor c = ww_cursor(m.parts.p, m.parts.n);
        while (ww_msg_next_part(&c, &part))
            tell_override(part);
        assert_false(c.failed);
        (void)snprintf(word, sizeof word, m.whole ? "]%u" : "...%u", m.number);
        if (m.last)
            tell_word(word);
    }
}

/* What was told since the last time. */
static const char *told(void)
{
    static char text[sizeof t.told];
    memcpy(text, t.told, sizeof text);
    t.told[0] = '\0';
    return text;
}

static size_t on_well(void *ctx)
{
    (void)ctx;
    if (t.overrides != NULL)
        ww_keeper_overrides_well(t.overrides);
    return 0;
}

static void start(void)
{
    static struct ww_stats stats;
    t.store = ww_keeper_store_new(t.base, t.path, &stats, on_well, NULL);
    assert_non_null(t.store);
    ww_keeper_store_open(t.store);
    t.overrides = ww_keeper_overrides_new(t.base, t.store, tell, NULL);
    assert_non_null(t.overrides);
    ww_keeper_overrides_well(t.overrides);
}

static void end(void)
{
    ww_keeper_overrides_free(t.overrides);
    ww_keeper_store_free(t.store);
    t.overrides = NULL;
    t.store = NULL;
}

static enum ww_err set(const char *key, enum ww_override_level level, int64_t until)
{
    const struct ww_override o = {
        .key = key, .level = level, .mx = "", .until = until, .reason = "because", .who = "alice"};
    return ww_keeper_overrides_set(t.overrides, &o);
}

static void what_is_set_is_told_and_kept(void **state)
{
    (void)state;
    start();
    assert_int_equal(set("b.example", WW_OVERRIDE_MAY, 0), WW_OK);
    assert_int_equal(set(".a.example", WW_OVERRIDE_OFF, 0), WW_OK);
    assert_int_equal(set("b.example", WW_OVERRIDE_ENCRYPT, 0), WW_OK);
    assert_string_equal(told(), "b.example=may .a.example=off b.example=encrypt ");
    end();
    start();
    assert_string_equal(told(), "");
    ww_keeper_overrides_load(t.overrides, 7);
    assert_string_equal(told(), "[ .a.example=off b.example=encrypt ]7 ");
    assert_int_equal(ww_keeper_overrides_remove(t.overrides, "b.example", "bob"), WW_OK);
    assert_int_equal(ww_keeper_overrides_remove(t.overrides, "b.example", "bob"), WW_E_OVERRIDE_NONE);
    assert_string_equal(told(), "-b.example ");
    end();
    start();
    ww_keeper_overrides_load(t.overrides, 8);
    assert_string_equal(told(), "[ .a.example=off ]8 ");
    end();
}

static void what_has_ended_is_deleted_by_itself(void **state)
{
    (void)state;
    start();
    int64_t now = (int64_t)time(NULL);
    assert_int_equal(set("a.example", WW_OVERRIDE_MAY, now), WW_E_OVERRIDE_PAST);
    assert_int_equal(set("a.example", WW_OVERRIDE_MAY, now + 2), WW_OK);
    assert_int_equal(set("b.example", WW_OVERRIDE_MAY, now + 1000), WW_OK);
    (void)told();
    for (int64_t limit = ww_clock_ms() + 20000; t.told[0] == '\0' && ww_clock_ms() < limit;)
        test_run_ms(t.base, 20);
    assert_true((int64_t)time(NULL) >= now + 2);
    assert_string_equal(told(), "-a.example ");
    ww_keeper_overrides_load(t.overrides, 1);
    assert_string_equal(told(), "[ b.example=may ]1 ");
    end();
}

static void many_come_in_several_messages(void **state)
{
    (void)state;
    start();
    struct ww_store *store = ww_keeper_store_to_write(t.store);
    char key[32], mx[WW_OVERRIDE_MX_SIZE];
    memset(mx, 'a', sizeof mx - 1);
    mx[sizeof mx - 1] = '\0';
    for (size_t i = 50; i < sizeof mx - 1; i += 50)
        mx[i] = i % 100 == 0 ? ' ' : '.';
    for (int i = 0; i < 50; i++) {
        (void)snprintf(key, sizeof key, "d%d.example", i);
        const struct ww_override o = {
            .key = key, .level = WW_OVERRIDE_SECURE, .mx = mx, .reason = "", .who = ""};
        assert_int_equal(ww_override_check(&o), WW_OK);
        assert_int_equal(ww_store_put_override(store, &o), WW_OK);
    }
    ww_keeper_overrides_load(t.overrides, 3);
    const char *all = told();
    size_t count = 0;
    for (const char *p = all; (p = strstr(p, "=secure")) != NULL; p++)
        count++;
    assert_int_equal(count, 50);
    assert_memory_equal(all, "[ ", 2);
    assert_non_null(strstr(all, "]3 "));
    end();
}

static void no_more_than_ten_thousand_are_kept(void **state)
{
    (void)state;
    start();
    struct ww_store *store = ww_keeper_store_to_write(t.store);
    char key[32];
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (int i = 0; i < WW_OVERRIDES_MAX; i++) {
        (void)snprintf(key, sizeof key, "d%d.example", i);
        const struct ww_override o = {.key = key, .mx = "", .reason = "", .who = ""};
        assert_int_equal(ww_store_put_override(store, &o), WW_OK);
    }
    assert_int_equal(ww_store_commit(store), WW_OK);
    assert_int_equal(set("one.example", WW_OVERRIDE_MAY, 0), WW_E_OVERRIDE_FULL);
    assert_string_equal(told(), "");
    assert_int_equal(set("d1.example", WW_OVERRIDE_MAY, 0), WW_OK);
    assert_int_equal(ww_keeper_overrides_remove(t.overrides, "d2.example", ""), WW_OK);
    assert_int_equal(set("one.example", WW_OVERRIDE_MAY, 0), WW_OK);
    end();
}

static void a_store_in_trouble_changes_nothing(void **state)
{
    (void)state;
    sqlite3 *rival = NULL;
    start();
    assert_int_equal(set("a.example", WW_OVERRIDE_MAY, 0), WW_OK);
    assert_int_equal(sqlite3_open(t.path, &rival), SQLITE_OK);
    assert_int_equal(sqlite3_exec(rival, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    (void)told();
    assert_int_equal(set("b.example", WW_OVERRIDE_MAY, 0), WW_E_OVERRIDE_NOT_KEPT);
    assert_int_equal(ww_keeper_overrides_remove(t.overrides, "a.example", ""), WW_E_OVERRIDE_NOT_KEPT);
    assert_non_null(strstr(ww_err_message(WW_E_OVERRIDE_NOT_KEPT), "configuration file"));
    assert_string_equal(told(), "");
    /* What can be read is told, as something that may not be all; and all when the trouble is over. */
    ww_keeper_overrides_load(t.overrides, 4);
    assert_string_equal(told(), "[ a.example=may ...4 ");
    sqlite3_close(rival);
    ww_keeper_store_try_now(t.store);
    assert_string_equal(told(), "[ a.example=may ]4 ");
    assert_int_equal(set("b.example", WW_OVERRIDE_MAY, 0), WW_OK);
    end();
}

static void a_front_that_is_gone_is_owed_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir(t.path, 0700), 0);
    start();
    ww_keeper_overrides_load(t.overrides, 4);
    assert_string_equal(told(), "");
    ww_keeper_overrides_leave(t.overrides);
    assert_int_equal(rmdir(t.path), 0);
    ww_keeper_store_try_now(t.store);
    assert_string_equal(told(), "");
    end();
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.directory, sizeof t.directory, "%s/ww-overrides-XXXXXX", P_tmpdir);
    if (mkdtemp(t.directory) == NULL)
        return -1;
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.directory);
    t.base = event_base_new();
    ww_log_open("test", WW_LOG_ERROR, false);
    return t.base != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    event_base_free(t.base);
    for (size_t i = 0; i < 3; i++) {
        char name[160];
        (void)snprintf(name, sizeof name, "%s%s", t.path, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(t.directory);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_set_is_told_and_kept),       CASE(what_has_ended_is_deleted_by_itself),
        CASE(many_come_in_several_messages),      CASE(no_more_than_ten_thousand_are_kept),
        CASE(a_store_in_trouble_changes_nothing), CASE(a_front_that_is_gone_is_owed_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
