/* The keeper's trust anchors: what it asks, what it believes, what it keeps and hands on. */
#include "daemon/keeper_anchors.h"

#include "../net/root_signer.h"
#include "daemon/trust.h"
#include "fake_peer.h"
#include "store/store_anchors.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define DAY ((int64_t)86400)

static struct {
    struct event_base *base;
    struct ww_keeper_store *store;
    struct ww_keeper_anchors *anchors;
    struct ww_stats stats;
    struct fake_peer resolver;
    char directory[64], path[96], file[96], named[96];
    unsigned changed;
    struct root_signer *a, *b, *evil;
} t;

static char packet[ROOT_ANSWER_SIZE];

static size_t on_well(void *ctx)
{
    (void)ctx;
    ww_keeper_anchors_well(t.anchors);
    return 0;
}

static void on_changed(void *ctx)
{
    (void)ctx;
    t.changed++;
}

static void start(void)
{
    t.store = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    assert_non_null(t.store);
    t.anchors = ww_keeper_anchors_new(t.base, t.store, t.path, &t.stats, on_changed, NULL);
    assert_non_null(t.anchors);
    ww_keeper_store_open(t.store);
    ww_keeper_anchors_well(t.anchors);
    ww_keeper_anchors_peer(t.anchors, fake_peer_open(&t.resolver, t.base));
}

static void end(void)
{
    ww_keeper_anchors_free(t.anchors);
    ww_keeper_store_free(t.store);
    test_settle(t.base);
}

static void seed(bool updates)
{
    struct ww_msg_anchor_seed m = {.source = WW_ANCHORS_FILE, .updates = updates};
    static char bytes[WW_MSG_ANCHOR_SEED_MAX];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    snprintf(m.path, sizeof m.path, "%s", t.named);
    ww_msg_put_anchor_seed(&b, &m);
    int fd = open(t.named, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ww_keeper_anchors_seed(t.anchors, ww_slice(b.p, b.n), fd);
}

/* The key of a signer as the one that all begins with. */
static void name_key(const struct root_signer *signer)
{
    static struct ww_anchor anchor;
    char line[WW_ANCHOR_LINE_MAX], room[700];
    struct ww_buf b = ww_buf(line, sizeof line);
    struct ww_slice rdata = root_signer_rdata(signer, 257, room);
    anchor = (struct ww_anchor){.owner = ".", .is_key = true, .n = rdata.n};
    memcpy(anchor.data, rdata.p, rdata.n);
    ww_anchor_put(&b, &anchor);
    FILE *f = fopen(t.named, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(b.p, 1, b.n, f), b.n);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    snprintf(t.directory, sizeof t.directory, "/tmp/waxwing-keeper-XXXXXX");
    if (mkdtemp(t.directory) == NULL)
        return -1;
    snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.directory);
    snprintf(t.file, sizeof t.file, "%s/root.key", t.directory);
    snprintf(t.named, sizeof t.named, "%s/named", t.directory);
    t.base = event_base_new();
    t.a = root_signer_new(15);
    t.b = root_signer_new(13);
    t.evil = root_signer_new(15);
    name_key(t.a);
    start();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    end();
    fake_peer_close(&t.resolver);
    event_base_free(t.base);
    root_signer_free(t.a);
    root_signer_free(t.b);
    root_signer_free(t.evil);
    snprintf(command, sizeof command, "rm -r %s", t.directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

static bool was_asked(void)
{
    test_settle(t.base);
    const struct fake_message *m = fake_peer_next(&t.resolver);
    if (m != NULL)
        assert_int_equal(m->type, WW_MSG_ROOT_KEYS_ASK);
    return m != NULL;
}

static void tell(struct ww_slice answer)
{
    assert_int_equal(ww_chan_send(t.resolver.chan, WW_MSG_ROOT_KEYS, answer, -1), WW_OK);
    test_settle(t.base);
}

static void show(const struct root_key *keys, size_t count)
{
    const int64_t now = time(NULL);
    const struct root_keys_sig fields = {WW_DNS_TYPE_DNSKEY,     0, 0, 172800, (uint32_t)(now + 20 * DAY),
                                         (uint32_t)(now - 3600), 0};
    size_t n = root_answer(packet, keys, count, 172800, &fields);
    assert_true(was_asked());
    tell(ww_slice(packet, n));
}

static bool kept(struct ww_anchor_file *file)
{
    return ww_trust_read(t.file, t.path, file) == NULL && file->seed[0] != '\0';
}

static uint16_t tag_of(const struct root_signer *signer)
{
    char room[700];
    return ww_dnskey_tag(root_signer_rdata(signer, 257, room));
}

/* By days, as if they had gone by; a keeper that starts afterwards. */
static void pass_days(int64_t days)
{
    enum ww_err err;
    char detail[256], id[WW_ANCHOR_SEED_SIZE];
    static struct ww_anchor_point point;
    end();
    struct ww_store *store = ww_store_open(t.path, &err, detail, sizeof detail);
    assert_non_null(store);
    assert_int_equal(ww_store_get_anchors(store, id, &point), WW_OK);
    for (size_t i = 0; i < point.count; i++)
        point.keys[i].seen -= days * DAY;
    assert_int_equal(ww_store_put_anchors(store, id, &point), WW_OK);
    ww_store_close(store);
    start();
    seed(true);
}

static void test_first_look(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key keys[] = {{t.a, 257, true}};
    assert_false(was_asked()); /* before it is known what to trust */
    seed(true);
    assert_false(kept(&file));
    show(keys, 1);
    assert_true(kept(&file));
    assert_int_equal(file.count, 1);
    assert_int_equal(file.keys[0].tag, tag_of(t.a));
    assert_true(time(NULL) - file.confirmed < 10);
    assert_int_equal(t.changed, 0);
    ww_keeper_anchors_count(t.anchors);
    assert_int_equal(t.stats.values[WW_STAT_ANCHORS + WW_ANCHOR_VALID], 1);
    assert_int_equal(t.stats.values[WW_STAT_ANCHORS_CONFIRMED], file.confirmed);
    seed(true); /* nothing has changed */
    assert_false(was_asked());
    struct stat st;
    assert_int_equal(stat(t.file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void test_roll_over(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key both[] = {{t.a, 257, true}, {t.b, 257, false}};
    const struct root_key revoked[] = {{t.a, 385, true}, {t.b, 257, true}};
    seed(true);
    show(both, 2);
    ww_keeper_anchors_count(t.anchors);
    assert_int_equal(t.stats.values[WW_STAT_ANCHOR_WAITING], tag_of(t.b) + 1);
    pass_days(15);
    show(both, 2);
    assert_true(kept(&file));
    assert_int_equal(file.count, 1);
    assert_int_equal(t.changed, 0);
    pass_days(15);
    show(both, 2);
    assert_true(kept(&file));
    assert_int_equal(file.count, 2);
    assert_int_equal(t.changed, 1);
    pass_days(1);
    show(revoked, 2);
    assert_true(kept(&file));
    assert_int_equal(file.count, 1);
    assert_int_equal(file.keys[0].tag, tag_of(t.b));
    assert_int_equal(t.changed, 2);
}

/* A resolver that was taken over tells what it likes. */
static void test_forgeries(void **state)
{
    (void)state;
    struct ww_anchor_file before, after;
    const struct root_key good[] = {{t.a, 257, true}};
    const struct root_key unsigned_keys[] = {{t.a, 257, false}, {t.evil, 257, false}};
    const struct root_key self_signed[] = {{t.a, 257, false}, {t.evil, 257, true}};
    const struct root_key fake_revocation[] = {{t.a, 385, false}, {t.evil, 257, true}};
    seed(true);
    show(good, 1);
    assert_true(kept(&before));
    for (int i = 0; i < 5; i++) {
        pass_days(0);
        if (i == 0)
            show(unsigned_keys, 2);
        else if (i == 1)
            show(self_signed, 2);
        else if (i == 2)
            show(fake_revocation, 2);
        else if (was_asked())
            tell(i == 3 ? ww_slice("nonsense", 8) : ww_slice("", 0));
        assert_true(kept(&after));
        assert_memory_equal(&before, &after, sizeof before);
        ww_keeper_anchors_count(t.anchors);
        assert_int_equal(t.stats.values[WW_STAT_ANCHORS + WW_ANCHOR_VALID], 1);
        assert_int_equal(t.stats.values[WW_STAT_ANCHORS + WW_ANCHOR_PENDING], 0);
    }
    assert_int_equal(t.changed, 0);
    assert_false(was_asked()); /* not before an hour is over */
}

/* What was not asked for is not looked at, good as it may be. */
static void test_unasked(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key good[] = {{t.a, 257, true}};
    const struct root_key both[] = {{t.a, 257, true}, {t.b, 257, false}};
    seed(true);
    show(good, 1);
    const struct root_keys_sig fields = {
        WW_DNS_TYPE_DNSKEY, 0, 0, 172800, (uint32_t)(time(NULL) + DAY), (uint32_t)(time(NULL) - 3600), 0};
    tell(ww_slice(packet, root_answer(packet, both, 2, 172800, &fields)));
    ww_keeper_anchors_count(t.anchors);
    assert_int_equal(t.stats.values[WW_STAT_ANCHORS + WW_ANCHOR_PENDING], 0);
    assert_true(kept(&file));
}

/* Another resolver is asked what the one before has not answered. */
static void test_a_resolver_dies(void **state)
{
    (void)state;
    const struct root_key good[] = {{t.a, 257, true}};
    struct ww_anchor_file file;
    seed(true);
    assert_true(was_asked());
    ww_keeper_anchors_peer(t.anchors, fake_peer_open(&t.resolver, t.base));
    show(good, 1);
    assert_true(kept(&file));
    ww_keeper_anchors_peer(t.anchors, fake_peer_open(&t.resolver, t.base));
    assert_false(was_asked());
}

/* The store is lost: what was handed on goes further than what all began with. */
static void test_a_lost_store(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key both[] = {{t.a, 257, true}, {t.b, 257, false}};
    const struct root_key revoked[] = {{t.a, 385, true}, {t.b, 257, true}};
    const struct root_key later[] = {{t.b, 257, true}};
    seed(true);
    show(both, 2);
    pass_days(15);
    show(both, 2);
    pass_days(15);
    show(both, 2);
    pass_days(1);
    show(revoked, 2);
    end();
    assert_int_equal(unlink(t.path), 0);
    start();
    seed(true);
    show(later, 1);
    assert_true(kept(&file));
    assert_int_equal(file.count, 1); /* the other was revoked, which the file that is named does not know */
    assert_int_equal(file.keys[0].tag, tag_of(t.b));
    assert_int_equal(t.changed, 2);
}

/* No loss of the store and no change of the file brings back what was revoked. */
static void test_revoked_for_good(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key revoked[] = {{t.a, 385, true}}, again[] = {{t.a, 257, true}};
    seed(true);
    show(revoked, 1);
    for (int i = 0; i < 3; i++) {
        assert_true(kept(&file));
        assert_int_equal(file.count, 0);
        assert_int_equal(file.revoked_count, 1);
        assert_int_equal(file.revoked[0].tag, tag_of(t.a));
        end();
        if (i == 0)
            assert_int_equal(unlink(t.path), 0);
        if (i == 1) {
            FILE *f = fopen(t.named, "a");
            assert_non_null(f);
            assert_true(fputs("\n; a comment\n", f) >= 0);
            assert_int_equal(fclose(f), 0);
        }
        start();
        seed(true);
        show(again, 1);
        ww_keeper_anchors_count(t.anchors);
        assert_int_equal(t.stats.values[WW_STAT_ANCHORS + WW_ANCHOR_VALID], 0);
        assert_int_equal(t.stats.values[WW_STAT_ANCHORS + WW_ANCHOR_REVOKED], 1);
    }
}

/* A file that names other keys begins anew. */
static void test_another_seed(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key of_a[] = {{t.a, 257, true}}, of_b[] = {{t.b, 257, true}};
    seed(true);
    show(of_a, 1);
    name_key(t.b);
    seed(true);
    show(of_a, 1); /* which is nobody's now */
    assert_true(kept(&file));
    assert_int_equal(file.keys[0].tag, tag_of(t.a));
    end();
    start();
    seed(true);
    show(of_b, 1);
    assert_true(kept(&file));
    assert_int_equal(file.count, 1);
    assert_int_equal(file.keys[0].tag, tag_of(t.b));
}

/* The file then tells when DNSSEC has worked, and nothing more. */
static void test_without_updates(void **state)
{
    (void)state;
    struct ww_anchor_file file;
    const struct root_key both[] = {{t.a, 257, true}, {t.b, 257, false}};
    enum ww_err err;
    char detail[256], id[WW_ANCHOR_SEED_SIZE];
    static struct ww_anchor_point point;
    seed(false);
    show(both, 2);
    assert_true(kept(&file));
    assert_int_equal(file.count, 1);
    assert_true(file.confirmed > 0);
    end();
    struct ww_store *store = ww_store_open(t.path, &err, detail, sizeof detail);
    assert_non_null(store);
    assert_int_equal(ww_store_get_anchors(store, id, &point), WW_OK);
    assert_int_equal(point.count, 0);
    ww_store_close(store);
    start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_look, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_roll_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forgeries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unasked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_resolver_dies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_lost_store, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_revoked_for_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_seed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_updates, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
