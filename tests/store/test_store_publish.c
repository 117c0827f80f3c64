/* Published domains in the store, and how SQLite would run each statement about them. */
#include "store/migrate.h"
#include "store/store_db.h"
#include "store/store_publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1796000000)
#define DAY INT64_C(86400)

static char directory[64];
static char path[96];
static char listing[8192];
static struct ww_store *store;

static void open_store(void)
{
    char detail[256];
    enum ww_err err;
    store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
}

static int begin(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/ww-publish-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/store.db", directory);
    open_store();
    return 0;
}

static int end(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    ww_store_close(store);
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(directory);
}

static void reopen(void)
{
    ww_store_close(store);
    open_store();
}

static void note(const char *text)
{
    size_t n = strlen(listing);
    (void)snprintf(listing + n, sizeof listing - n, "%s ", text);
}

/* Each member another value, so that none is taken for its neighbour. */
static struct ww_published full(const char *name)
{
    struct ww_published d = {
        .version = 3,
        .goal = WW_GOAL_ENFORCE,
        .automatic = true,
        .mx = {"mx1.example.com", "*.example.net"},
        .mx_count = 2,
        .max_age = WW_POLICY_MAX_AGE_MAX,
        .rua = "mailto:tls@example.com, https://example.com/r",
        .host = WW_HOSTED_MIRROR,
        .dns = WW_DNS_BY_UPDATE,
        .certificate = WW_CERTIFICATE_ACME,
        .mirror = "provider.example",
        .state = WW_PUBLISHED_CHANGING,
        .added_at = 11,
        .state_since = 12,
        .grown_at = 13,
        .bad_at = 14,
        .looked_at = 15,
        .record_id = "rid",
        .record_since = 16,
        .record_ttl = 17,
        .mx_ttl = 18,
        .shown_id = "sid",
        .shown_at = 19,
        .certificate_until = 20,
        .here = "192.0.2.1 2001:db8::1",
        .here_ttl = 22,
        .here_gone_at = 23,
        .next_at = NOW,
        .until = 21,
        .needs_operator = true,
        .waits = "for a thing",
        .trouble = "went wrong",
        .bad_why = "it was bad",
        .asked = 24,
        .answered = 23,
        .afresh = 22,
    };
    (void)snprintf(d.domain, sizeof d.domain, "%s", name);
    return d;
}

static void add(const char *name, int64_t next_at)
{
    struct ww_published d = {.version = 1, .max_age = 86400, .next_at = next_at};
    (void)snprintf(d.domain, sizeof d.domain, "%s", name);
    assert_int_equal(ww_publish_add(store, &d), WW_OK);
}

/* A store from before looks were counted and hosts handed over: nothing is owed to anybody. */
static void an_older_store_is_brought_forward(void **state)
{
    sqlite3 *db = NULL;
    char pragmas[96];
    int count = 0;
    struct ww_published out;
    bool found;
    (void)state;
    ww_store_close(store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (; strstr(ww_store_schema.steps[count], "ADD COLUMN asked") == NULL; count++)
        assert_int_equal(sqlite3_exec(db, ww_store_schema.steps[count], NULL, NULL, NULL), SQLITE_OK);
    (void)snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   ww_store_schema.application_id, count);
    assert_int_equal(sqlite3_exec(db, pragmas, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO published VALUES ('old.example', 3, 1, 0, 0, 'mx.old.example', "
                     "86400, '', 0, 0, 0, '', 1, 11, 12, 0, 14, 15, 'id', 16, 17, 18, 'id', 19, "
                     "20, 21, 22, 1, 'waits', 'trouble')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    open_store();
    assert_int_equal(ww_publish_get(store, "old.example", &out, &found), WW_OK);
    assert_true(found);
    assert_int_equal(out.bad_at, 14);
    assert_string_equal(out.bad_why, "");
    assert_true(out.asked == 0 && out.answered == 0 && out.afresh == 0);
    assert_true(out.here[0] == '\0' && out.here_ttl == 0 && out.here_gone_at == 0);
    assert_true(out.needs_operator);
    assert_string_equal(out.trouble, "trouble");
}

static void there_and_back(void **state)
{
    (void)state;
    struct ww_published in = full("example.com"), out, none;
    bool found;
    assert_int_equal(ww_publish_add(store, &in), WW_OK);
    assert_int_equal(ww_publish_add(store, &in), WW_E_PUBLISH_EXISTS);
    reopen();
    assert_int_equal(ww_publish_get(store, "example.com", &out, &found), WW_OK);
    assert_true(found);
    /* Both began as all zero. */
    assert_memory_equal(&out, &in, sizeof in);
    in.mx_count = 0;
    in.stopped = true;
    in.automatic = in.needs_operator = false;
    in.version = UINT64_MAX >> 1;
    assert_int_equal(ww_publish_put(store, &in), WW_OK);
    assert_int_equal(ww_publish_get(store, "example.com", &out, &found), WW_OK);
    assert_int_equal(out.mx_count, 0);
    assert_true(out.stopped);
    assert_false(out.automatic);
    assert_false(out.needs_operator);
    assert_true(out.version == UINT64_MAX >> 1);
    none = full("other.example");
    assert_int_equal(ww_publish_put(store, &none), WW_E_NOT_KNOWN);
    assert_int_equal(ww_publish_get(store, "other.example", &out, &found), WW_OK);
    assert_false(found);
}

/* As many patterns as there may be, each as long as it may be. */
static void the_longest(void **state)
{
    (void)state;
    static struct ww_published in, out;
    bool found;
    in = full("example.com");
    in.mx_count = WW_PUBLISHED_MX_MAX;
    for (size_t i = 0; i < in.mx_count; i++)
        memset(in.mx[i], 'a' + (int)i % 26, sizeof in.mx[i] - 1);
    memset(in.waits, 'w', sizeof in.waits - 1);
    memset(in.rua, 'r', sizeof in.rua - 1);
    assert_int_equal(ww_publish_add(store, &in), WW_OK);
    assert_int_equal(ww_publish_get(store, "example.com", &out, &found), WW_OK);
    assert_true(found);
    assert_memory_equal(out.mx, in.mx, sizeof in.mx);
    assert_string_equal(out.waits, in.waits);
    assert_string_equal(out.rua, in.rua);
}

static const char *due(int64_t now)
{
    static char text[WW_DNAME_SIZE + 32];
    struct ww_published d;
    bool found;
    int64_t next;
    assert_int_equal(ww_publish_due(store, now, &d, &found, &next), WW_OK);
    (void)snprintf(text, sizeof text, "%s/%lld", found ? d.domain : "",
                   (long long)(next != 0 ? next - NOW : 0));
    return text;
}

static void what_is_due(void **state)
{
    (void)state;
    struct ww_published mirror = full("m.example");
    assert_string_equal(due(NOW), "/0");
    add("late.example", NOW + 5);
    add("soon.example", NOW + 2);
    assert_string_equal(due(NOW), "/2");
    assert_string_equal(due(NOW + 2), "soon.example/0");
    assert_string_equal(due(NOW + 9), "soon.example/0");
    assert_int_equal(ww_publish_set_due(store, "soon.example", NOW + 100), WW_OK);
    assert_string_equal(due(NOW + 9), "late.example/0");
    assert_int_equal(ww_publish_set_due(store, "late.example", NOW + 200), WW_OK);
    assert_int_equal(ww_publish_set_due(store, "none.example", NOW), WW_OK);
    mirror.next_at = NOW + 300;
    assert_int_equal(ww_publish_add(store, &mirror), WW_OK);
    assert_int_equal(ww_publish_mirrors_due(store, "", NOW), WW_OK);
    assert_int_equal(ww_publish_mirrors_due(store, "other.example", NOW), WW_OK);
    assert_string_equal(due(NOW + 9), "/100");
    assert_int_equal(ww_publish_mirrors_due(store, "provider.example", NOW + 9), WW_OK);
    assert_string_equal(due(NOW + 9), "m.example/0");
    /* One that is due sooner stays so. */
    assert_int_equal(ww_publish_mirrors_due(store, "provider.example", NOW + 10), WW_OK);
    assert_string_equal(due(NOW + 9), "m.example/0");
}

/* What nobody of us can have written keeps nothing else from its turn. */
static void a_row_that_cannot_be_read(void **state)
{
    (void)state;
    add("bad.example", NOW);
    add("good.example", NOW + 1);
    assert_int_equal(sqlite3_exec(store->db, "UPDATE published SET state = 9 WHERE domain = 'bad.example'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_string_equal(due(NOW + 1), "good.example/0");
}

static void counts(void **state)
{
    (void)state;
    uint64_t counted[WW_PUBLISHED_GONE + 1], waiting;
    struct ww_published d = full("a.example");
    assert_int_equal(ww_publish_add(store, &d), WW_OK);
    add("b.example", NOW);
    add("c.example", NOW);
    assert_int_equal(ww_publish_count(store, counted, &waiting), WW_OK);
    assert_int_equal(counted[WW_PUBLISHED_CHANGING], 1);
    assert_int_equal(counted[WW_PUBLISHED_DRAFT], 2);
    assert_int_equal(counted[WW_PUBLISHED_GONE], 0);
    assert_int_equal(waiting, 1);
}

static void hosts(void **state)
{
    (void)state;
    struct ww_published_mx in[] = {
        {.name = "mx2.example", .seen_at = 1, .gone_at = 2, .tls = WW_PUBLISHED_MX_BAD, .why = "no STARTTLS"},
        {.name = "mx1.example", .seen_at = 3, .tls = WW_PUBLISHED_MX_GOOD},
        {.name = "mx3.example", .seen_at = 4},
    };
    struct ww_published_mx out[WW_PUBLISHED_MX_MAX];
    size_t count;
    assert_int_equal(ww_publish_put_mx(store, "example.com", in, 3), WW_OK);
    assert_int_equal(ww_publish_get_mx(store, "example.com", out, &count), WW_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(out[i].name, in[i].name);
        assert_int_equal(out[i].seen_at, in[i].seen_at);
        assert_int_equal(out[i].gone_at, in[i].gone_at);
        assert_int_equal(out[i].tls, in[i].tls);
        assert_string_equal(out[i].why, in[i].why);
    }
    assert_int_equal(ww_publish_put_mx(store, "example.com", in + 1, 1), WW_OK);
    assert_int_equal(ww_publish_get_mx(store, "example.com", out, &count), WW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ww_publish_get_mx(store, "other.example", out, &count), WW_OK);
    assert_int_equal(count, 0);
}

static void serve(const char *domain, const char *id, unsigned max_age, int64_t now)
{
    char body[128];
    struct ww_served policy = {.since = now};
    (void)snprintf(body, sizeof body, "version: STSv1\nmode: testing\nmx: %s\nmax_age: %u\n", domain,
                   max_age);
    (void)snprintf(policy.id, sizeof policy.id, "%s", id);
    policy.body = ww_slice_str(body);
    assert_int_equal(ww_publish_serve(store, domain, &policy, now), WW_OK);
}

static const char *served(const char *domain, int64_t now)
{
    static struct ww_served list[WW_PUBLISHED_SERVED_MAX];
    size_t count;
    char *space = NULL;
    listing[0] = '\0';
    assert_int_equal(ww_publish_served(store, domain, now, list, &count, &space), WW_OK);
    for (size_t i = 0; i < count; i++) {
        char text[128];
        struct ww_policy policy;
        size_t offset;
        assert_int_equal(ww_policy_parse(list[i].body.p, list[i].body.n, &policy, &offset), WW_OK);
        (void)snprintf(text, sizeof text, "%.32s%s:%lld-%lld/%u", list[i].id, list[i].foreign ? "*" : "",
                       (long long)(list[i].since - NOW),
                       (long long)(list[i].until != 0 ? list[i].until - NOW : 0), policy.max_age);
        note(text);
    }
    free(space);
    return listing;
}

/* Somebody else's is seen; its host tells them apart. */
static void see(const char *domain, const char *id, const char *host, unsigned max_age, int64_t at)
{
    char body[128];
    struct ww_served policy = {.foreign = true};
    (void)snprintf(body, sizeof body, "version: STSv1\nmode: enforce\nmx: %s\nmax_age: %u\n", host, max_age);
    (void)snprintf(policy.id, sizeof policy.id, "%s", id);
    policy.body = ww_slice_str(body);
    assert_int_equal(ww_publish_foreign(store, domain, &policy, at), WW_OK);
}

static void what_somebody_else_has_served(void **state)
{
    (void)state;
    bool found;
    struct ww_served broken = {.id = "x", .body = ww_slice_str("version: STSv1\n")};
    see("a.example", "", "one", 100, NOW);
    see("b.example", "b", "one", 900, NOW);
    assert_string_equal(served("a.example", NOW), "*:0-0/100 ");
    /* Its id is known when there is a record, and stays so. */
    see("a.example", "x", "one", 100, NOW + 5);
    see("a.example", "", "one", 100, NOW + 6);
    assert_string_equal(served("a.example", NOW + 6), "x*:0-0/100 ");
    assert_int_not_equal(ww_publish_foreign(store, "a.example", &broken, NOW + 7), WW_OK);
    assert_string_equal(served("a.example", NOW + 7), "x*:0-0/100 ");
    /* Another one ends it; ours does not before it is seen. */
    see("a.example", "", "two", 200, NOW + 10);
    serve("a.example", "1", 300, NOW + 11);
    serve("a.example", "2", 300, NOW + 12);
    assert_string_equal(served("a.example", NOW + 12), "x*:0-10/100 *:10-0/200 1:11-12/300 2:12-0/300 ");
    assert_int_equal(ww_publish_shown(store, "a.example", "", "", NOW + 19), WW_OK); /* "" is no id of ours */
    assert_string_equal(served("a.example", NOW + 12), "x*:0-10/100 *:10-0/200 1:11-12/300 2:12-0/300 ");
    assert_int_equal(ww_publish_foreign_over(store, "a.example", NOW + 20), WW_OK);
    assert_int_equal(ww_publish_foreign_over(store, "a.example", NOW + 25), WW_OK);
    reopen();
    assert_string_equal(served("a.example", NOW + 30), "x*:0-10/100 *:10-20/200 1:11-12/300 2:12-0/300 ");
    /* What is seen again counts as if it had never gone. */
    see("a.example", "y", "one", 100, NOW + 40);
    assert_string_equal(served("a.example", NOW + 40), "y*:0-0/100 *:10-20/200 1:11-12/300 2:12-0/300 ");
    assert_string_equal(served("b.example", NOW + 40), "b*:0-0/900 ");
    /* A domain that is removed has nobody who looks; what may bind is known when it is back. */
    add("b.example", NOW);
    assert_int_equal(ww_publish_remove(store, "b.example", NOW + 50, &found), WW_OK);
    assert_string_equal(served("b.example", NOW + 50), "b*:0-50/900 ");
    /* A day longer than ours: resolvers may lead there. */
    const int64_t last = NOW + 50 + WW_POLICY_MAX_AGE_MAX + DAY;
    assert_string_equal(served("b.example", last - 1), "b*:0-50/900 ");
    assert_string_equal(served("b.example", last), "");
    assert_int_equal(ww_publish_purge(store, last, 100), WW_OK);
    assert_string_equal(served("b.example", NOW + 50), "b*:0-50/900 ");
    assert_int_equal(ww_publish_purge(store, last + 1, 100), WW_OK);
    assert_string_equal(served("b.example", NOW + 50), "");
    assert_string_equal(served("a.example", NOW + 50), "y*:0-0/100 2:12-0/300 ");
}

/* Who has the policy host may show any number of them. */
static void many_of_somebody_else(void **state)
{
    (void)state;
    see("a.example", "", "long", 1000000, NOW);
    see("a.example", "", "short", 1, NOW + 1);
    for (unsigned i = 0; i < 40; i++) {
        char host[16];
        (void)snprintf(host, sizeof host, "h%u", i);
        see("a.example", "", host, 1000, NOW + 2 + i);
    }
    for (unsigned i = 0; i < WW_PUBLISHED_OWN_MAX + 5; i++)
        serve("a.example", "o", 10000, NOW + 100 + i);
    const char *list = served("a.example", NOW + 200);
    size_t foreign = 0, all = 0;
    for (const char *p = list; *p != '\0'; p++) {
        foreign += *p == '*';
        all += *p == '/';
    }
    assert_int_equal(foreign, WW_PUBLISHED_FOREIGN_MAX);
    assert_int_equal(all, WW_PUBLISHED_SERVED_MAX);
    assert_int_equal(strncmp(list, "*:0-1/1000000 *:27-28/1000 ", 27), 0);
    assert_non_null(strstr(list, "*:41-0/1000 o:"));
}

/* A store from before somebody else's policies were kept. */
static void from_before_somebody_else(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    struct ww_schema before = ww_store_schema;
    char detail[256], sql[256];
    int version;
    before.count = 0;
    while (strstr(before.steps[before.count], "TABLE published_foreign") == NULL)
        before.count++;
    ww_store_close(store);
    (void)unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(ww_migrate(db, &before, &version, detail, sizeof detail), WW_OK);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO published_served VALUES ('a.example', 1, '1', %lld, 0, 100,"
                   " CAST('version: STSv1\nmode: none\nmax_age: 100\n' AS BLOB))",
                   (long long)NOW);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    open_store();
    see("a.example", "t", "one", 200, NOW + 1);
    assert_string_equal(served("a.example", NOW + 1), "t*:1-0/200 1:0-0/100 ");
}

static void what_was_served(void **state)
{
    (void)state;
    struct ww_served broken = {.id = "x", .body = ww_slice_str("version: STSv1\n")};
    assert_string_equal(served("a.example", NOW), "");
    serve("a.example", "1", 100, NOW);
    serve("b.example", "b", 100, NOW);
    serve("a.example", "2", 200, NOW + 10);
    assert_string_equal(served("a.example", NOW + 20), "1:0-10/100 2:10-0/200 ");
    /* One that is no policy is not served, and ends nothing. */
    assert_int_not_equal(ww_publish_serve(store, "a.example", &broken, NOW + 15), WW_OK);
    assert_string_equal(served("a.example", NOW + 20), "1:0-10/100 2:10-0/200 ");
    assert_int_equal(ww_publish_unserve(store, "a.example", NOW + 30), WW_OK);
    assert_int_equal(ww_publish_unserve(store, "a.example", NOW + 40), WW_OK);
    reopen();
    assert_string_equal(served("a.example", NOW + 50), "1:0-10/100 2:10-30/200 ");
    /* Nobody may hold the first any more; the last is told for ever, as its id is not to come again. */
    assert_string_equal(served("a.example", NOW + WW_POLICY_MAX_AGE_MAX + 10), "2:10-30/200 ");
    assert_string_equal(served("a.example", NOW + 9 * (int64_t)WW_POLICY_MAX_AGE_MAX), "2:10-30/200 ");
    /* A clock that was set back. */
    serve("a.example", "3", 300, NOW + 60);
    serve("a.example", "4", 400, NOW + 55);
    assert_string_equal(served("a.example", NOW + 60), "1:0-10/100 2:10-30/200 3:55-55/300 4:55-0/400 ");
}

/* Senders got the one before for as long as the next was not seen. */
static void what_was_seen(void **state)
{
    (void)state;
    serve("a.example", "1", 100, NOW);
    serve("a.example", "2", 100, NOW + 10);
    assert_int_equal(ww_publish_shown(store, "a.example", "", "2", NOW + 15), WW_OK);
    assert_string_equal(served("a.example", NOW + 99), "1:0-15/100 2:10-0/100 ");
    serve("a.example", "3", 100, NOW + 20);
    serve("a.example", "4", 100, NOW + 30);
    assert_int_equal(ww_publish_shown(store, "a.example", "2", "4", NOW + 40), WW_OK);
    assert_string_equal(served("a.example", NOW + 99), "1:0-15/100 2:10-40/100 3:20-40/100 4:30-0/100 ");
    /* Neither is one made shorter, nor is there anything to be learnt of one that is not known. */
    assert_int_equal(ww_publish_shown(store, "a.example", "2", "4", NOW + 35), WW_OK);
    assert_int_equal(ww_publish_shown(store, "a.example", "4", "9", NOW + 90), WW_OK);
    assert_string_equal(served("a.example", NOW + 99), "1:0-15/100 2:10-40/100 3:20-40/100 4:30-0/100 ");
}

/* More than there is room for: the newest, and those that bind longest. */
static void many_were_served(void **state)
{
    (void)state;
    char id[16];
    serve("a.example", "long", 1000000, NOW);
    for (int i = 0; i < WW_PUBLISHED_OWN_MAX + 5; i++) {
        (void)snprintf(id, sizeof id, "n%d", i);
        serve("a.example", id, 100, NOW + 1 + i);
    }
    const char *list = served("a.example", NOW + 100);
    assert_true(strncmp(list, "long:0-1/1000000 n6:", 20) == 0);
    assert_non_null(strstr(list, " n68:69-0/100 "));
    serve("a.example", "short", 0, NOW + 200);
    assert_int_equal(ww_publish_unserve(store, "a.example", NOW + 200), WW_OK);
    list = served("a.example", NOW + 200);
    assert_non_null(strstr(list, " short:200-200/0 "));
    assert_null(strstr(list, " n6:"));
}

static void purging(void **state)
{
    (void)state;
    const int64_t later = NOW + 20 + WW_POLICY_MAX_AGE_MAX + DAY;
    serve("a.example", "1", 100, NOW);
    serve("a.example", "2", 100, NOW + 10);
    serve("a.example", "3", 100, NOW + 20);
    assert_int_equal(ww_publish_purge(store, later - 10, 100), WW_OK);
    assert_string_equal(served("a.example", NOW + 30), "1:0-10/100 2:10-20/100 3:20-0/100 ");
    assert_int_equal(ww_publish_purge(store, later + 1, 1), WW_OK);
    assert_string_equal(served("a.example", NOW + 30), "2:10-20/100 3:20-0/100 ");
    assert_int_equal(ww_publish_purge(store, later + 1, 100), WW_OK);
    assert_string_equal(served("a.example", NOW + 30), "3:20-0/100 ");
    assert_int_equal(ww_publish_purge(store, later * 2, 100), WW_OK); /* it is served */
    assert_string_equal(served("a.example", NOW + 30), "3:20-0/100 ");
}

static void on_site(void *ctx, const struct ww_published *d, const struct ww_served *policy)
{
    (void)ctx;
    note(d->domain);
    note(policy != NULL ? policy->id : "-");
    if (policy != NULL)
        assert_true(policy->body.n > 10 && memcmp(policy->body.p, "version: ", 9) == 0);
}

static void sites(void **state)
{
    (void)state;
    add("c.example", NOW);
    add("a.example", NOW);
    add("b.example", NOW);
    serve("b.example", "1", 100, NOW);
    serve("b.example", "2", 100, NOW + 1);
    serve("c.example", "3", 100, NOW);
    assert_int_equal(ww_publish_unserve(store, "c.example", NOW + 1), WW_OK);
    serve("z.example", "4", 100, NOW); /* removed meanwhile */
    listing[0] = '\0';
    assert_int_equal(ww_publish_sites(store, "", 2, on_site, NULL), WW_OK);
    assert_string_equal(listing, "a.example - b.example 2 ");
    assert_int_equal(ww_publish_sites(store, "b.example", 2, on_site, NULL), WW_OK);
    assert_string_equal(listing, "a.example - b.example 2 c.example - ");
}

static void on_note(void *ctx, int64_t at, const char *words)
{
    unsigned *count = ctx;
    ++*count;
    if (*count == 1)
        (void)snprintf(listing, sizeof listing, "%lld %s", (long long)(at - NOW), words);
}

static void the_log(void **state)
{
    (void)state;
    unsigned count = 0;
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (int i = 0; i < WW_PUBLISH_LOG_MAX + 3; i++) {
        char words[32];
        (void)snprintf(words, sizeof words, "thing %d", i);
        assert_int_equal(ww_publish_note(store, "a.example", NOW + i, words), WW_OK);
    }
    assert_int_equal(ww_publish_note(store, "b.example", NOW, "other"), WW_OK);
    assert_int_equal(ww_store_commit(store), WW_OK);
    assert_int_equal(ww_publish_notes(store, "a.example", 5000, on_note, &count), WW_OK);
    assert_int_equal(count, WW_PUBLISH_LOG_MAX);
    assert_string_equal(listing, "1002 thing 1002");
    count = 0;
    assert_int_equal(ww_publish_notes(store, "a.example", 2, on_note, &count), WW_OK);
    assert_int_equal(count, 2);
    count = 0;
    assert_int_equal(ww_publish_notes(store, "b.example", 5000, on_note, &count), WW_OK);
    assert_int_equal(count, 1);
}

static void faults(void **state)
{
    (void)state;
    const struct ww_publish_fault in[] = {
        {.severity = WW_SEVERITY_WARNING, .check = "b", .where = "w", .seen = "s", .since = 5},
        {.severity = WW_SEVERITY_ERROR, .check = "a", .where = "", .seen = "t", .since = 6},
    };
    struct ww_publish_fault out[WW_PUBLISH_FAULTS_MAX];
    size_t count;
    assert_int_equal(ww_publish_put_faults(store, "a.example", in, 2), WW_OK);
    assert_int_equal(ww_publish_faults(store, "a.example", out, &count), WW_OK);
    assert_int_equal(count, 2);
    assert_string_equal(out[0].check, "a");
    assert_int_equal(out[1].severity, WW_SEVERITY_WARNING);
    assert_string_equal(out[1].where, "w");
    assert_string_equal(out[1].seen, "s");
    assert_int_equal(out[1].since, 5);
    assert_int_equal(ww_publish_put_faults(store, "a.example", in, 0), WW_OK);
    assert_int_equal(ww_publish_faults(store, "a.example", out, &count), WW_OK);
    assert_int_equal(count, 0);
}

/* What senders may hold outlives the domain here: who adds it again is told. */
static void removing(void **state)
{
    (void)state;
    const struct ww_published_mx mx = {.name = "mx.example"};
    const struct ww_publish_fault fault = {.severity = WW_SEVERITY_ERROR, .check = "a"};
    struct ww_publish_fault fault_out[WW_PUBLISH_FAULTS_MAX];
    struct ww_published_mx mx_out[WW_PUBLISHED_MX_MAX];
    unsigned notes = 0;
    size_t count;
    bool found;
    add("a.example", NOW);
    serve("a.example", "1", 100, NOW);
    assert_int_equal(ww_publish_put_mx(store, "a.example", &mx, 1), WW_OK);
    assert_int_equal(ww_publish_note(store, "a.example", NOW, "words"), WW_OK);
    assert_int_equal(ww_publish_put_faults(store, "a.example", &fault, 1), WW_OK);
    assert_int_equal(ww_publish_remove(store, "a.example", NOW + 7, &found), WW_OK);
    assert_true(found);
    assert_int_equal(ww_publish_remove(store, "a.example", NOW + 8, &found), WW_OK);
    assert_false(found);
    assert_int_equal(ww_publish_get_mx(store, "a.example", mx_out, &count), WW_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ww_publish_faults(store, "a.example", fault_out, &count), WW_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ww_publish_notes(store, "a.example", 10, on_note, &notes), WW_OK);
    assert_int_equal(notes, 0);
    assert_string_equal(served("a.example", NOW + 9), "1:0-7/100 ");
    add("a.example", NOW);
    assert_string_equal(served("a.example", NOW + 9), "1:0-7/100 ");
}

/* Why a step stands in a plan that would else be wrong. */
static const struct {
    enum ww_publish_statement which;
    const char *step; /* how it begins */
} allowed[] = {
    /* All are counted, out of an index. */
    {WW_PUBLISH_SQL_COUNT, "SCAN published USING COVERING INDEX"},
    /* The policies of one domain are few. */
    {WW_PUBLISH_SQL_SERVED, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_PUBLISH_SQL_SERVED, "SCAN (subquery"},
    {WW_PUBLISH_SQL_FOREIGN_LIST, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_PUBLISH_SQL_FOREIGN_TRIM, "USE TEMP B-TREE FOR ORDER BY"},
};

static bool is_good(enum ww_publish_statement which, const char *step)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (allowed[i].which == which && strncmp(step, allowed[i].step, strlen(allowed[i].step)) == 0)
            return true;
    return strncmp(step, "SCAN ", 5) != 0 && strncmp(step, "USE TEMP", 8) != 0;
}

static void plans(void **state)
{
    (void)state;
    unsigned steps = 0;
    for (int i = 0; i < WW_PUBLISH_STATEMENTS; i++) {
        sqlite3_stmt *st = NULL;
        char explain[4096];
        (void)snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", ww_publish_sql[i]);
        assert_int_equal(sqlite3_prepare_v2(store->db, explain, -1, &st, NULL), SQLITE_OK);
        for (; sqlite3_step(st) == SQLITE_ROW; steps++) {
            const char *step = (const char *)sqlite3_column_text(st, 3);
            if (!is_good((enum ww_publish_statement)i, step))
                fail_msg("%s\n  %s", ww_publish_sql[i], step);
        }
        sqlite3_finalize(st);
    }
    assert_true(steps > WW_PUBLISH_STATEMENTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(there_and_back),
        TEST(an_older_store_is_brought_forward),
        TEST(the_longest),
        TEST(what_is_due),
        TEST(a_row_that_cannot_be_read),
        TEST(counts),
        TEST(hosts),
        TEST(what_somebody_else_has_served),
        TEST(many_of_somebody_else),
        TEST(from_before_somebody_else),
        TEST(what_was_served),
        TEST(what_was_seen),
        TEST(many_were_served),
        TEST(purging),
        TEST(sites),
        TEST(the_log),
        TEST(faults),
        TEST(removing),
        TEST(plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
