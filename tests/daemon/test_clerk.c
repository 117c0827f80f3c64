/* The clerk, with a keeper that orders whatever it likes. */
#include "daemon/role.h"
#include "fake_peer.h"
#include "netns.h"
#include "proc/msg_order.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define LIMIT_MS 60000
#define POLICY "version: STSv1\nmode: testing\nmx: mx1.a.example\nmax_age: 86400\n"
#define ANOTHER "version: STSv1\nmode: none\nmax_age: 86400\n"

static struct {
    char folder[64], tree[96];
    struct event_base *base;
    struct ww_config config;
    struct ww_role_stats stats;
    char *no_listeners[1];
    struct ww_addr dns;
    int silent; /* a name server that takes connections, and says nothing */
    struct fake_peer keeper;
    void *clerk;
} t;

static void open_keeper(void)
{
    static const struct ww_msg_peer m = {.kind = WW_ROLE_KEEPER, .count = 1};
    ww_role_clerk.peer(t.clerk, &m, fake_peer_open(&t.keeper, t.base));
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-clerk-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.tree, sizeof t.tree, "%s/tree", t.folder);
    assert_int_equal(mkdir(t.tree, 0755), 0);
    t.base = event_base_new();
    t.silent = netns_listen("127.0.0.1", 53, SOCK_STREAM, 64);
    assert_int_equal(fcntl(t.silent, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(ww_addr_parse(ww_slice_str("127.0.0.1"), &t.dns), WW_OK);
    t.config.publish_folder = t.folder;
    t.config.publish_http = t.no_listeners;
    t.config.publish_dns_ttl = 300;
    const struct ww_role_env env = {.base = t.base, .config = &t.config, .stats = &t.stats};
    t.clerk = ww_role_clerk.start(&env);
    assert_non_null(t.clerk);
    open_keeper();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ww_role_clerk.finish(t.clerk);
    fake_peer_close(&t.keeper);
    (void)close(t.silent);
    event_base_free(t.base);
    return rmdir(t.tree) != 0 || rmdir(t.folder) != 0;
}

enum { TREE = 1, GONE = 2, ACME = 4 };

static void order(uint64_t number, const char *domain, enum ww_order what, const char *text, unsigned how)
{
    static char bytes[WW_PUBLISHED_BODY_MAX + 1024];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_order m = {.number = number, .what = what, .tree = how & TREE};
    m.gone = how & GONE;
    m.acme = how & ACME;
    m.text = ww_slice_str(text);
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_order(&b, &m);
    fake_peer_send(&t.keeper, WW_MSG_ORDER, &b);
}

static struct ww_msg_order_done next_done(void)
{
    struct ww_msg_order_done done;
    int64_t end = ww_clock_ms() + LIMIT_MS;
    const struct fake_message *m;
    while ((m = fake_peer_next(&t.keeper)) == NULL && ww_clock_ms() < end) {
        test_settle(t.base);
        usleep(500);
    }
    assert_non_null(m);
    assert_int_equal(m->type, WW_MSG_ORDER_DONE);
    assert_int_equal(ww_msg_get_order_done(m->payload, &done), WW_OK);
    return done;
}

static void assert_done(uint64_t number, bool good, const char *detail)
{
    struct ww_msg_order_done done = next_done();
    assert_int_equal(done.number, number);
    assert_string_equal(done.detail, detail);
    assert_int_equal(done.good, good);
}

/* "" is what is not there. */
static const char *text_of(const char *below)
{
    static char text[4096];
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", t.tree, below);
    FILE *f = fopen(path, "r");
    size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f != NULL)
        (void)fclose(f);
    return text;
}

static bool file_is(const char *body)
{
    return strcmp(text_of("mta-sts.a.example/.well-known/mta-sts.txt"), body != NULL ? body : "") == 0;
}

static bool nginx_is_told(const char *words)
{
    return strstr(text_of("nginx.conf.d/mta-sts.a.example.conf"), words) != NULL;
}

static void files(void **state)
{
    (void)state;
    order(1, "a.example", WW_ORDER_FILES, "", 0);
    struct ww_msg_order_done done = next_done();
    assert_true(done.good && done.seen && done.from == 0 && done.until == 0);
    order(2, "a.example", WW_ORDER_FILES, POLICY, TREE);
    assert_done(2, false, "publish.tree is not set: there is no place for the policy");
    t.config.publish_tree = t.tree;
    order(3, "a.example", WW_ORDER_FILES, "", TREE); /* what is not ours to remove */
    assert_done(3, true, "");
    order(4, "a.example", WW_ORDER_FILES, POLICY, TREE);
    assert_done(4, true, "");
    assert_true(file_is(POLICY));
    order(5, "a.example", WW_ORDER_FILES, "", TREE);
    assert_done(5, true, "");
    assert_true(file_is(POLICY));
    order(6, "a.example", WW_ORDER_FILES, "", 0);
    assert_done(6, true, "");
    assert_true(file_is(POLICY));
    order(7, "a.example", WW_ORDER_FILES, "", TREE | GONE);
    assert_done(7, true, "");
    assert_true(file_is(NULL));
}

static void web_servers_are_told(void **state)
{
    (void)state;
    t.config.publish_tree = t.tree;
    order(1, "a.example", WW_ORDER_FILES, POLICY, TREE);
    assert_done(1, true, "");
    assert_true(nginx_is_told("/etc/letsencrypt/live/mta-sts.a.example/fullchain.pem"));
    order(2, "a.example", WW_ORDER_FILES, POLICY, TREE | ACME);
    assert_done(2, true, "");
    assert_true(nginx_is_told(t.folder));
    assert_true(nginx_is_told("/certificates/mta-sts.a.example/fullchain.pem"));
    /* Another is the host by now, but somebody may still be led to this one. */
    order(3, "a.example", WW_ORDER_FILES, ANOTHER, 0);
    assert_done(3, true, "");
    assert_true(file_is(ANOTHER));
    assert_true(nginx_is_told("server"));
    order(4, "a.example", WW_ORDER_FILES, "", GONE);
    assert_done(4, true, "");
    assert_true(file_is(NULL));
    assert_false(nginx_is_told("server"));
    /* Of a host that never was here nothing is put there. */
    order(5, "a.example", WW_ORDER_FILES, POLICY, 0);
    assert_done(5, true, "");
    assert_true(file_is(NULL));
}

static void what_there_is_nothing_to_do_with(void **state)
{
    (void)state;
    order(1, "a.example", WW_ORDER_RECORD, "1", 0);
    assert_done(1, false, "publish.dns_server is not set, so that Waxwing cannot change DNS");
    order(2, "a.example", WW_ORDER_CERTIFICATE, "", 0);
    assert_done(2, false, "publish.acme is not set, so that Waxwing cannot have certificates made");
}

static unsigned connections(int fds[], unsigned max)
{
    unsigned n = 0;
    while (n < max) {
        int fd = accept4(t.silent, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            break;
        fds[n++] = fd;
    }
    return n;
}

/* As if the keeper were no better than a stranger. */
static void what_is_no_order(void **state)
{
    static const struct {
        enum ww_order what;
        const char *domain, *text;
        unsigned how;
    } cases[] = {
        {WW_ORDER_RECORD, "a.example", "1\" \"2", 0},
        {WW_ORDER_RECORD, "a.example", "1\nb.example. 1 IN A 192.0.2.1", 0},
        {WW_ORDER_RECORD, "a.example", "123456789012345678901234567890123", 0},
        {WW_ORDER_RECORD, "a.example. b.example", "1", 0},
        {WW_ORDER_RECORD, "*.example", "1", 0},
        {WW_ORDER_TLSRPT, "a.example", "mailto:a@b.example; x=y", 0},
        {WW_ORDER_FILES, "../../etc", POLICY, TREE},
        {WW_ORDER_FILES, "a.example", "<html>", TREE},
        {WW_ORDER_FILES, "a.example", POLICY, GONE},
        {WW_ORDER_CERTIFICATE, "a.example --other", "", 0},
        {WW_ORDER_CERTIFICATE, "-a.example", "", 0},
        {WW_ORDER_NONE, "a.example", "", 0},
        {WW_ORDER_COUNT, "a.example", "", 0},
    };
    static char acme[] = "https://127.0.0.1:1/directory";
    int fds[1];
    (void)state;
    t.config.publish_dns = &t.dns;
    t.config.publish_dns_count = 1;
    t.config.publish_acme = acme;
    t.config.publish_tree = t.tree;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        order(i, cases[i].domain, cases[i].what, cases[i].text, cases[i].how);
    for (int i = 0; i < 100; i++)
        fake_peer_send(&t.keeper, i % 2 == 0 ? WW_MSG_ORDER : WW_MSG_ORDER_ASK, NULL);
    /* What comes after them is done, so that they were read. */
    order(99, "a.example", WW_ORDER_FILES, "", 0);
    assert_done(99, true, "");
    assert_null(fake_peer_next(&t.keeper));
    assert_int_equal(connections(fds, 1), 0);
    assert_false(t.keeper.down);
}

/* Of more orders than there may be the last are refused; with the keeper, all end. */
static void a_flood(void **state)
{
    int fds[WW_ORDERS_MAX + 8];
    unsigned open = 0;
    char octet[256];
    int64_t end = ww_clock_ms() + LIMIT_MS;
    (void)state;
    t.config.publish_dns = &t.dns;
    t.config.publish_dns_count = 1;
    for (uint64_t i = 0; i < WW_ORDERS_MAX + 4; i++)
        order(i + 1, "a.example", WW_ORDER_RECORD, "1", 0);
    for (uint64_t i = WW_ORDERS_MAX; i < WW_ORDERS_MAX + 4; i++)
        assert_done(i + 1, false, "more orders are open than there may be");
    while (open < WW_ORDERS_MAX && ww_clock_ms() < end) {
        open += connections(fds + open, WW_ORDERS_MAX + 8 - open);
        usleep(1000);
    }
    assert_int_equal(open, WW_ORDERS_MAX);
    open_keeper();
    for (unsigned i = 0; i < open; i++) {
        ssize_t n;
        do /* its question, and then its end */
            n = read(fds[i], octet, sizeof octet);
        while (n > 0);
        (void)close(fds[i]);
    }
    order(50, "a.example", WW_ORDER_FILES, "", 0);
    assert_done(50, true, "");
}

static void the_rights_of_those_who_publish(void **state)
{
    (void)state;
    assert_int_equal(ww_role_clerk.rights, WW_MAY_CONNECT | WW_MAY_RUN);
    assert_null(ww_role_clerk.listener);
    assert_int_equal(ww_role_steward.rights, WW_MAY_CONNECT);
    assert_null(ww_role_steward.listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files),
        TEST(web_servers_are_told),
        TEST(what_there_is_nothing_to_do_with),
        TEST(what_is_no_order),
        TEST(a_flood),
        cmocka_unit_test(the_rights_of_those_who_publish),
    };
    netns_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
