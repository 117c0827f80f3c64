/* Which trust anchors there are, by what stands where: the file that is configured, the system's, root.key.
 */
#include "daemon/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DS1 ". IN DS 1 8 2 0101010101010101010101010101010101010101010101010101010101010101\n"
#define DS2 ". IN DS 2 8 2 0202020202020202020202020202020202020202020202020202020202020202\n"
#define DS3 ". IN DS 3 8 2 0303030303030303030303030303030303030303030303030303030303030303\n"
#define OTHER "example. IN DS 9 8 2 09\n"

static char directory[64];
static char paths[4][96];
enum { STORE, NAMED, SYSTEM, KEPT };
static const char *const names[] = {"waxwing.db", "named", "system", "root.key"};
static const char *system_files[3];
static struct ww_trust trust;
static char why[1024];

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/waxwing-trust-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    for (size_t i = 0; i < 4; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s", directory, names[i]);
    system_files[0] = "/nonexistent";
    system_files[1] = paths[SYSTEM];
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    ww_trust_clear(&trust);
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

static void write_file(int which, const char *text)
{
    FILE *f = fopen(paths[which], "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(paths[which], 0644), 0);
}

static bool load(bool named, bool updates)
{
    const struct ww_config config = {.store = paths[STORE],
                                     .dns_trust_anchor = named ? paths[NAMED] : NULL,
                                     .dns_anchor_updates = updates};
    ww_trust_clear(&trust);
    return ww_trust_load(&trust, &config, system_files, why, sizeof why);
}

static void expect(enum ww_anchor_source source, const char *tags)
{
    char got[128];
    struct ww_buf b = ww_buf(got, sizeof got - 1);
    ww_trust_put_tags(&b, &trust);
    got[b.n] = '\0';
    assert_string_equal(got, tags);
    assert_int_equal(trust.source, source);
}

/* As the keeper would write it, for what is configured now. */
static void write_kept(bool named, uint16_t tag, size_t count)
{
    static struct ww_anchor_seed seed;
    const struct ww_config config = {.dns_trust_anchor = named ? paths[NAMED] : NULL};
    char text[WW_ANCHOR_FILE_MAX];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    struct ww_anchor_file file = {.confirmed = 1000, .count = count, .keys = {{.tag = tag, .algorithm = 8}}};
    assert_true(ww_anchor_seed_load(&seed, &config, system_files, why, sizeof why));
    memcpy(file.seed, seed.id, sizeof file.seed);
    ww_anchor_file_put(&b, &file);
    text[b.n] = '\0';
    write_file(KEPT, text);
}

static void test_order(void **state)
{
    (void)state;
    assert_true(load(false, true));
    expect(WW_ANCHORS_BUILT_IN, "20326, 38696");
    assert_false(trust.validated_before);
    write_file(SYSTEM, DS1 DS1);
    assert_true(load(false, true));
    expect(WW_ANCHORS_SYSTEM, "1");
    assert_string_equal(trust.path, paths[SYSTEM]);
    write_kept(false, 7, 1);
    assert_true(load(false, true));
    expect(WW_ANCHORS_KEPT, "7");
    assert_string_equal(trust.path, paths[KEPT]);
    assert_true(trust.validated_before);
    assert_int_equal(trust.count, 1);
    assert_string_equal(trust.lines[0],
                        ". IN DS 7 8 2 0000000000000000000000000000000000000000000000000000000000000000");
    /* Not wanted; but it tells that DNSSEC has worked here. */
    assert_true(load(false, false));
    expect(WW_ANCHORS_SYSTEM, "1");
    assert_true(trust.validated_before);
    /* Another beginning: the keys that were kept are nothing to go by; that DNSSEC has worked stays known. */
    write_file(NAMED, DS2 OTHER);
    assert_true(load(true, true));
    expect(WW_ANCHORS_FILE, "2");
    assert_int_equal(trust.count, 2);
    assert_true(trust.validated_before);
    assert_int_equal(trust.confirmed, 1000);
    assert_string_equal(trust.passed_over, "");
    write_kept(true, 8, 1);
    assert_true(load(true, true));
    expect(WW_ANCHORS_KEPT, "8");
    assert_int_equal(trust.count, 2); /* that of another zone stays */
    assert_string_equal(trust.lines[0], "example. IN DS 9 8 2 09");
    write_file(NAMED, DS3);
    assert_true(load(true, true));
    expect(WW_ANCHORS_FILE, "3");
}

static void test_bad_named_files(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* NULL: there is none */
        const char *why;
    } cases[] = {
        {NULL, "No such file or directory"},
        {"", "there is no DS or DNSKEY record of the root in it"},
        {"; nothing\n", "there is no DS or DNSKEY record of the root in it"},
        {OTHER, "there is no DS or DNSKEY record of the root in it"},
        {DS1 ". IN DS 1 8 2 0\n", "line 2: a line is no DS or DNSKEY record"},
        {"nonsense\n", "line 1: a line is no DS or DNSKEY record"},
    };
    write_file(SYSTEM, DS1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)unlink(paths[NAMED]);
        if (cases[i].text != NULL)
            write_file(NAMED, cases[i].text);
        assert_false(load(true, true));
        assert_int_equal(trust.count, 0);
        assert_non_null(strstr(why, cases[i].why));
        assert_int_equal(strncmp(why, paths[NAMED], strlen(paths[NAMED])), 0);
        assert_non_null(strstr(why, "or leave that setting out"));
    }
}

static void write_many(size_t records, size_t comment)
{
    FILE *f = fopen(paths[NAMED], "w");
    assert_non_null(f);
    for (size_t i = 0; i < records; i++)
        assert_true(fputs(DS1, f) >= 0);
    if (comment > 0)
        assert_true(fprintf(f, ";%0*d", (int)comment - 1, 0) > 0);
    assert_int_equal(fclose(f), 0);
}

static void test_bounds(void **state)
{
    (void)state;
    write_many(WW_ANCHOR_SEED_MAX, 0);
    assert_true(load(true, true));
    write_many(WW_ANCHOR_SEED_MAX + 1, 0);
    assert_false(load(true, true));
    assert_non_null(strstr(why, "more trust anchors"));
    write_many(1, WW_ANCHOR_TEXT_MAX - strlen(DS1));
    assert_true(load(true, true));
    write_many(1, WW_ANCHOR_TEXT_MAX - strlen(DS1) + 1);
    assert_false(load(true, true));
    assert_non_null(strstr(why, "longer than 64 KiB"));
    assert_int_equal(unlink(paths[NAMED]), 0);
    assert_int_equal(mkdir(paths[NAMED], 0755), 0);
    assert_false(load(true, true));
    assert_non_null(strstr(why, "Is a directory"));
    assert_int_equal(rmdir(paths[NAMED]), 0);
    assert_int_equal(mkfifo(paths[NAMED], 0644), 0); /* nobody writes to it */
    assert_false(load(true, true));
}

/* In place of a bad file that nobody has named come others, and that is said. */
static void test_passed_over(void **state)
{
    (void)state;
    write_file(SYSTEM, "nonsense\n");
    assert_true(load(false, true));
    expect(WW_ANCHORS_BUILT_IN, "20326, 38696");
    assert_non_null(strstr(trust.passed_over, "the system's root key: line 1"));
    write_file(SYSTEM, DS1);
    write_file(KEPT, "nonsense\n");
    assert_true(load(false, true));
    expect(WW_ANCHORS_SYSTEM, "1");
    assert_non_null(strstr(trust.passed_over, "not as waxwingd writes it"));
    assert_true(trust.validated_before); /* a file was left by it, whatever has become of that */
    assert_int_equal(trust.confirmed, 0);
    write_file(KEPT, "");
    assert_true(load(false, false));
    assert_true(trust.validated_before);
    assert_int_equal(unlink(paths[KEPT]), 0);
    assert_true(load(false, true));
    assert_false(trust.validated_before);
}

/* With the key of DS1 in it as a revoked one, in the place of the one that is trusted. */
static void revoke_1(bool named)
{
    static char text[WW_ANCHOR_FILE_MAX];
    static struct ww_anchor_file file;
    write_kept(named, 7, 0);
    assert_null(ww_trust_read(paths[KEPT], paths[STORE], &file));
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    file.revoked_count = 1;
    file.revoked[0] = (struct ww_anchor_ds){.tag = 1, .algorithm = 8};
    memset(file.revoked[0].digest, 1, sizeof file.revoked[0].digest);
    ww_anchor_file_put(&b, &file);
    text[b.n] = '\0';
    write_file(KEPT, text);
}

/* RFC 5011 section 2.1: a revoked key is never trusted again, whatever it is that trust begins with. */
static void test_revoked(void **state)
{
    (void)state;
    static const struct {
        const char *seed;
        enum ww_anchor_source source;
        const char *tags;
    } cases[] = {
        {DS1, WW_ANCHORS_KEPT, "none"},
        {DS1 OTHER, WW_ANCHORS_KEPT, "none"},
        {DS1 DS2, WW_ANCHORS_FILE, "2"},
        {DS2, WW_ANCHORS_FILE, "2"},
        {". IN DS 1 8 4 01\n", WW_ANCHORS_KEPT, "none"}, /* by its tag */
        {". IN DS 1 13 4 01\n", WW_ANCHORS_FILE, "1"},
        {". IN DS 1 8 2 02"
         "01010101010101010101010101010101010101010101010101010101010101\n",
         WW_ANCHORS_FILE, "1"},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i / 2].seed;
        write_file(NAMED, i % 2 == 0 ? text : DS3);
        revoke_1(true);
        write_file(NAMED, text); /* every other time it is not what that file began with */
        assert_true(load(true, true));
        expect(cases[i / 2].source, cases[i / 2].tags);
        bool none = cases[i / 2].source == WW_ANCHORS_KEPT;
        assert_true(trust.validated_before);
        assert_int_equal(strstr(trust.passed_over, "have been revoked") != NULL, none || i % 2 == 0);
        if (none) /* one that fits nothing, as without any all is taken for unsigned */
            assert_string_equal(
                trust.lines[trust.count - 1],
                ". IN DS 0 8 2 0000000000000000000000000000000000000000000000000000000000000000");
    }
    write_file(NAMED, DS1);
    assert_true(load(true, false)); /* who wants no updates is not given this one */
    expect(WW_ANCHORS_FILE, "1");
}

/* root.key is the keeper's own, or it counts for nothing. */
static void test_ownership(void **state)
{
    (void)state;
    write_file(SYSTEM, DS1);
    write_kept(false, 7, 1);
    assert_int_equal(chmod(paths[KEPT], 0664), 0);
    assert_true(load(false, true));
    expect(WW_ANCHORS_SYSTEM, "1");
    assert_non_null(strstr(trust.passed_over, "others may write to it"));
    assert_true(trust.validated_before);
    assert_int_equal(trust.confirmed, 0); /* what it says is not believed */
    assert_int_equal(chmod(paths[KEPT], 0644), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(paths[KEPT], 12345, (gid_t)-1), 0);
        assert_true(load(false, true));
        expect(WW_ANCHORS_SYSTEM, "1");
        assert_true(trust.validated_before);
        write_file(STORE, "");
        assert_int_equal(chown(paths[STORE], 12345, (gid_t)-1), 0);
        assert_true(load(false, true));
        expect(WW_ANCHORS_KEPT, "7");
    }
    assert_int_equal(rename(paths[KEPT], paths[NAMED]), 0);
    assert_int_equal(symlink(paths[NAMED], paths[KEPT]), 0);
    assert_true(load(false, true));
    expect(WW_ANCHORS_SYSTEM, "1");
    assert_string_not_equal(trust.passed_over, "");
    assert_true(trust.validated_before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_named_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_revoked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ownership, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
