/* The keeper's part in publishing, between a control, a steward and a publisher that are told what to say. */
#include "control_asking.h"

#include "base/time.h"
#include "daemon/keeper_publish_private.h"
#include "store/store_watch.h"

#include <time.h>

#define DOMAIN "example.com"
#define TESTING "version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 86400\n"
#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 86400\n"
#define LIMIT_MS 20000

static struct {
    char folder[64], path[96];
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_store *keeping;
    struct ww_keeper_publish *k;
    struct ww_asked *asked;
    struct fake_peer steward, publisher;
    unsigned raised;
    struct ww_msg_tend tend;
    struct ww_pieces pieces;
    char octets[1 << 20];
} t;

static size_t on_well(void *ctx)
{
    (void)ctx;
    return 0;
}

static void on_raised(void *ctx)
{
    (void)ctx;
    t.raised++;
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)ctx;
    ww_keeper_publish_asked(t.k, t.asked, ask, ref);
}

static int setup(void **state)
{
    static char tree[] = "/srv/tree";
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.base = event_base_new();
    t.config.publish = true;
    t.config.publish_interval = 3600;
    t.config.publish_tree = tree;
    t.config.watch_alert_from = WW_SEVERITY_INFO;
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.k = ww_keeper_publish_new(t.base, t.keeping, &t.config, &t.stats, on_raised, NULL);
    t.asked = ww_asked_new(t.base, on_asked, NULL);
    assert_non_null(t.k);
    assert_true(ww_pieces_init(&t.pieces, WW_MSG_TEND_MAX));
    control_begin(t.base, &t.config, t.asked);
    return 0;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    control_end();
    ww_asked_free(t.asked);
    ww_keeper_publish_free(t.k);
    ww_keeper_store_free(t.keeping);
    fake_peer_close(&t.steward);
    fake_peer_close(&t.publisher);
    ww_pieces_clear(&t.pieces);
    event_base_free(t.base);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static struct ww_store *store(void)
{
    struct ww_store *s = ww_keeper_store_to_write(t.keeping);
    assert_non_null(s);
    return s;
}

/* ---- What comes to the peers ---- */

static const struct fake_message *next_of(struct fake_peer *peer)
{
    int64_t end = ww_clock_ms() + LIMIT_MS;
    const struct fake_message *m;
    while ((m = fake_peer_next(peer)) == NULL && ww_clock_ms() < end) {
        test_settle(t.base);
        usleep(500);
    }
    assert_non_null(m);
    return m;
}

static void assert_nothing_for(struct fake_peer *peer)
{
    test_run_ms(t.base, 20); /* longer than the timer that would bring it */
    assert_null(fake_peer_next(peer));
}

static void open_steward(uint16_t room)
{
    struct ww_msg_steward_room m = {.room = room};
    struct ww_buf b = ww_buf(t.octets, sizeof t.octets);
    ww_keeper_publish_peer(t.k, WW_ROLE_STEWARD, fake_peer_open(&t.steward, t.base));
    ww_msg_put_steward_room(&b, &m);
    fake_peer_send(&t.steward, WW_MSG_STEWARD_ROOM, &b);
}

static void open_publisher(void)
{
    ww_keeper_publish_peer(t.k, WW_ROLE_PUBLISHER, fake_peer_open(&t.publisher, t.base));
}

/* The next domain that the steward is given, in t.tend. */
static const char *next_tend(void)
{
    struct ww_slice whole;
    ww_pieces_begin(&t.pieces);
    for (;;) {
        const struct fake_message *m = next_of(&t.steward);
        assert_int_equal(m->type, WW_MSG_TEND);
        enum ww_pieces_state state = ww_pieces_take(&t.pieces, m->payload, &whole);
        assert_int_not_equal(state, WW_PIECES_BROKEN);
        if (state == WW_PIECES_WHOLE)
            break;
    }
    assert_int_equal(ww_msg_get_tend(whole, &t.tend), WW_OK);
    return t.tend.domain.domain;
}

/* The domain as it was given, for the steward to change. */
static struct ww_msg_tended *tended(void)
{
    static struct ww_msg_tended m;
    memset(&m, 0, sizeof m);
    m.domain = t.tend.domain;
    m.domain.looked_at = (int64_t)time(NULL);
    m.domain.next_at = (int64_t)time(NULL) + 3600;
    return &m;
}

static void give_back(const struct ww_msg_tended *m)
{
    char message[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(t.octets, sizeof t.octets), piece = ww_buf(message, sizeof message);
    ww_msg_put_tended(&b, m);
    assert_false(b.failed);
    struct ww_slice rest = ww_slice(b.p, b.n);
    while (ww_pieces_cut(&rest, &piece))
        fake_peer_send(&t.steward, WW_MSG_TENDED, &piece);
}

static void serve(const char *body)
{
    struct ww_msg_tended *m = tended();
    m->domain.state = WW_PUBLISHED_TESTING;
    m->what = WW_TENDED_SERVE;
    m->body = ww_slice_str(body);
    m->done_something = true;
    give_back(m);
}

/* "example.com ID BODY", "- example.com", "(" or ")". */
static const char *next_site(void)
{
    static char text[1024];
    const struct fake_message *m = next_of(&t.publisher);
    struct ww_msg_site site;
    struct ww_msg_site_gone gone;
    if (m->type == WW_MSG_SITES || m->type == WW_MSG_SITES_DONE) {
        assert_int_equal(m->payload.n, 0);
        return m->type == WW_MSG_SITES ? "(" : ")";
    }
    if (m->type == WW_MSG_SITE_GONE) {
        assert_int_equal(ww_msg_get_site_gone(m->payload, &gone), WW_OK);
        (void)snprintf(text, sizeof text, "- %s", gone.domain);
        return text;
    }
    assert_int_equal(m->type, WW_MSG_SITE);
    assert_int_equal(ww_msg_get_site(m->payload, &site), WW_OK);
    (void)snprintf(text, sizeof text, "%s %d %.*s", site.domain, site.id[0] != '\0', (int)site.body.n,
                   site.body.p);
    return text;
}

/* ---- What control is told ---- */

static const json_t *show(const char *domain)
{
    char arguments[128];
    (void)snprintf(arguments, sizeof arguments, ",\"domain\":\"%s\"", domain);
    run("publish-show", arguments);
    assert_string_equal(got.error, "");
    assert_int_equal(got.count, 1);
    return got.items[0];
}

static const char *text_at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? text : "";
}

static const json_t *last_of(const json_t *json, const char *key)
{
    const json_t *list = json_object_get(json, key);
    return json_array_get(list, json_array_size(list) - 1);
}

static void add(const char *domain)
{
    char arguments[256];
    (void)snprintf(arguments, sizeof arguments,
                   ",\"domain\":\"%s\",\"goal\":\"testing\",\"mx\":[\"mx1.example.com\"]", domain);
    run("publish-add", arguments);
    assert_string_equal(got.error, "");
}

static void change(const char *arguments)
{
    char text[512];
    (void)snprintf(text, sizeof text, ",\"domain\":\"" DOMAIN "\",%s", arguments);
    run("publish-change", text);
}

/* ---- The tests ---- */

static void requests_are_read_strictly(void **state)
{
    static const struct {
        const char *command, *arguments, *detail;
    } cases[] = {
        {"publish-add", "", "domain: "},
        {"publish-add", "\"domain\":\"a b\"", "domain: "},
        {"publish-add", "\"domain\":\"192.0.2.1\"", "domain: "},
        {"publish-add", "\"domain\":7", "domain: "},
        {"publish-add", "\"domain\":\"a.example\",\"goal\":\"live\"", "goal: "},
        {"publish-add", "\"domain\":\"a.example\",\"goal\":\"retire\"", "goal: "},
        {"publish-add", "\"domain\":\"a.example\",\"automatic\":1", "automatic: "},
        {"publish-add", "\"domain\":\"a.example\",\"mx\":\"mx.example\"", "mx: "},
        {"publish-add", "\"domain\":\"a.example\",\"mx\":[\"mx.*.example\"]", "mx[0]: "},
        {"publish-add", "\"domain\":\"a.example\",\"mx\":[\"mx.example\",\"192.0.2.1\"]", "mx[1]: "},
        {"publish-add", "\"domain\":\"a.example\",\"mx\":[\".mx.example\"]", "mx[0]: "},
        {"publish-add", "\"domain\":\"a.example\",\"mx\":[7]", "mx[0]: "},
        {"publish-add", "\"domain\":\"a.example\",\"mx_add\":[\"mx.example\"]", "mx_add: "},
        {"publish-change", "\"domain\":\"a.example\",\"mx\":[],\"mx_drop\":[]", "mx: "},
        {"publish-add", "\"domain\":\"a.example\",\"max_age\":86399", "max_age: "},
        {"publish-add", "\"domain\":\"a.example\",\"max_age\":31557601", "max_age: "},
        {"publish-add", "\"domain\":\"a.example\",\"max_age\":\"1d\"", "max_age: "},
        {"publish-add", "\"domain\":\"a.example\",\"rua\":\"tls@example.com\"", "rua: "},
        {"publish-add", "\"domain\":\"a.example\",\"rua\":\"ftp://example.com/\"", "rua: "},
        {"publish-add", "\"domain\":\"a.example\",\"rua\":\"mailto:a@b.example; x=y\"", "rua: "},
        {"publish-add", "\"domain\":\"a.example\",\"host\":\"there\"", "host: "},
        {"publish-add", "\"domain\":\"a.example\",\"host\":\"mirror\"", "mirror: "},
        {"publish-add", "\"domain\":\"a.example\",\"host\":\"mirror\",\"mirror\":\"a.example\"", "mirror: "},
        {"publish-add", "\"domain\":\"a.example\",\"mirror\":\"b.example\"", "mirror: "},
        {"publish-add", "\"domain\":\"a.example\",\"dns\":\"update\"", "dns: set publish.dns_server"},
        {"publish-add", "\"domain\":\"a.example\",\"certificate\":\"acme\"", "certificate: set publish.acme"},
        {"publish-change", "\"domain\":\"a.example\"", "there is nothing to change"},
        {"publish-change", "\"domain\":\"a.example\",\"goal\":null", "there is nothing to change"},
        {"publish-change", "\"domain\":\"a.example\",\"version\":-1", "version: "},
        {"publish-show", "", "domain: "},
        {"publish-look", "", "domain: "},
        {"publish-remove", "\"domain\":\"a.example\",\"force\":\"yes\"", "force: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char arguments[256];
        (void)snprintf(arguments, sizeof arguments, "%s%s", cases[i].arguments[0] != '\0' ? "," : "",
                       cases[i].arguments);
        run(cases[i].command, arguments);
        assert_string_equal(got.error, "control-argument");
        if (strncmp(got.detail, cases[i].detail, strlen(cases[i].detail)) != 0)
            fail_msg("%s: %s", cases[i].arguments, got.detail);
    }
    run("publish-list", "");
    assert_string_equal(got.error, "");
    assert_int_equal(got.count, 0);
    t.config.publish_tree = NULL;
    run("publish-add", ",\"domain\":\"a.example\",\"host\":\"tree\"");
    assert_true(strncmp(got.detail, "host: set publish.tree", 22) == 0);
}

static void what_is_added_is_shown(void **state)
{
    (void)state;
    run("publish-add",
        ",\"domain\":\"B\xc3\xbc"
        "cher.example\",\"mx\":[\"*.B\xc3\xbc"
        "cher.example\",\"MX.example\"],\"rua\":"
        "\"mailto:a@b.example,https://b.example/r\",\"automatic\":true,\"host\":\"elsewhere\"");
    assert_string_equal(got.error, "");
    assert_int_equal(json_integer_value(json_object_get(got.items[0], "version")), 1);
    const json_t *shown = show("xn--bcher-kva.example");
    assert_string_equal(text_at(shown, "domain"), "xn--bcher-kva.example");
    assert_string_equal(text_at(shown, "state"), "draft");
    assert_string_equal(text_at(shown, "goal"), "draft");
    assert_true(json_is_true(json_object_get(shown, "automatic")));
    assert_true(json_is_null(json_object_get(shown, "mode")));
    assert_true(json_is_null(json_object_get(shown, "record")));
    assert_true(json_is_null(json_object_get(shown, "looked_at")));
    assert_true(json_is_null(json_object_get(shown, "mirror")));
    assert_string_equal(text_at(shown, "host"), "elsewhere");
    assert_string_equal(text_at(shown, "dns"), "hand");
    assert_string_equal(text_at(shown, "certificate"), "files");
    assert_string_equal(text_at(shown, "rua"), "mailto:a@b.example,https://b.example/r");
    assert_int_equal(json_integer_value(json_object_get(shown, "max_age_wanted")), 2592000);
    assert_string_equal(json_string_value(json_array_get(json_object_get(shown, "mx_wanted"), 0)),
                        "*.xn--bcher-kva.example");
    /* One that is wanted, and not in the MX records, may be put there: nothing binds. */
    const json_t *host = last_of(shown, "hosts");
    assert_string_equal(text_at(host, "name"), "mx.example");
    assert_true(json_is_null(json_object_get(host, "seen_at")));
    assert_string_not_equal(text_at(host, "may_enter_at"), "");
    assert_true(
        strncmp(text_at(last_of(shown, "log"), "what"), "added: automatic yes; max_age 2592000; ", 39) == 0);

    run("publish-add", ",\"domain\":\"xn--bcher-kva.example\"");
    assert_string_equal(got.error, "publish-exists");
    run("publish-show", ",\"domain\":\"other.example\"");
    assert_string_equal(got.error, "not-known");
    run("publish-look", ",\"domain\":\"other.example\"");
    assert_string_equal(got.error, "not-known");
    run("publish-list", "");
    assert_int_equal(got.count, 1);
    assert_string_equal(text_at(got.items[0], "domain"), "xn--bcher-kva.example");
}

static void the_configuration_suggests(void **state)
{
    static char acme[] = "https://acme.example/directory";
    (void)state;
    t.config.publish_acme = acme;
    t.config.publish_dns_count = 1;
    run("publish-add", ",\"domain\":\"" DOMAIN "\"");
    const json_t *shown = show(DOMAIN);
    assert_string_equal(text_at(shown, "dns"), "update");
    assert_string_equal(text_at(shown, "certificate"), "acme");
    change("\"goal\":\"draft\""); /* what is not named stays */
    shown = show(DOMAIN);
    assert_string_equal(text_at(shown, "dns"), "update");
    assert_string_equal(text_at(shown, "certificate"), "acme");
    t.config.publish = false;
    change("\"goal\":\"draft\"");
    assert_string_equal(got.error, "publish-off");
}

static void changes_are_judged(void **state)
{
    static const struct {
        const char *arguments, *error, *detail;
    } cases[] = {
        {"\"goal\":\"testing\"", "publish-refused", "no MX hosts are wanted"},
        {"\"goal\":\"enforce\"", "publish-refused", "testing comes first"},
        {"\"goal\":\"retire\"", "publish-refused", "nothing is published"},
        {"\"mx_drop\":[\"mx9.example.com\"]", "publish-refused", "mx9.example.com is not among the patterns"},
        {"\"mx_add\":[\"mx1.example.com\",\"mx1.example.com\"]", "", ""},
        {"\"mx_add\":[\"mx2.example.com\"],\"mx_drop\":[\"mx1.example.com\"]", "", ""},
        {"\"goal\":\"testing\"", "", ""},
        {"\"goal\":\"testing\"", "publish-refused", "it is started already"},
        {"\"goal\":\"testing\",\"stopped\":true", "", ""}, /* nobody insists */
        {"\"goal\":\"enforce\"", "publish-refused", ""},
        {"\"goal\":\"enforce\",\"automatic\":true", "", ""}, /* evidence decides */
        {"\"mx\":[]", "publish-refused", "no MX hosts are wanted"},
        {"\"version\":3,\"stopped\":false", "publish-changed", ""},
        {"\"version\":6,\"stopped\":false", "", ""},
        {"\"goal\":\"retire\"", "publish-refused", "nothing is published"},
        {"\"goal\":\"retire\",\"force\":true", "", ""},
    };
    (void)state;
    run("publish-add", ",\"domain\":\"" DOMAIN "\"");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        change(cases[i].arguments);
        if (strcmp(got.error, cases[i].error) != 0 ||
            strncmp(got.detail, cases[i].detail, strlen(cases[i].detail)) != 0)
            fail_msg("%zu %s: %s %s", i, cases[i].arguments, got.error, got.detail);
    }
    const json_t *shown = show(DOMAIN);
    assert_string_equal(text_at(shown, "goal"), "retire");
    assert_int_equal(json_array_size(json_object_get(shown, "mx_wanted")), 1);
    assert_int_equal(json_integer_value(json_object_get(shown, "version")), 8);
    assert_string_equal(text_at(last_of(shown, "log"), "what"), "forced; goal retire");
}

static void no_more_patterns_than_there_is_room_for(void **state)
{
    char arguments[1024];
    (void)state;
    run("publish-add", ",\"domain\":\"" DOMAIN "\"");
    for (int from = 0; from < 40; from += 20) {
        struct ww_buf b = ww_buf(arguments, sizeof arguments - 1);
        for (int i = from; i < from + 20; i++) {
            char name[48];
            (void)snprintf(name, sizeof name, "%s\"mx%d.example.com\"", i > from ? "," : "\"mx_add\":[", i);
            ww_buf_str(&b, name);
        }
        ww_buf_str(&b, "]");
        arguments[b.n] = '\0';
        char text[1200];
        (void)snprintf(text, sizeof text, ",\"domain\":\"" DOMAIN "\",%s", arguments);
        run("publish-change", text);
        assert_string_equal(got.error, from == 0 ? "" : "publish-refused");
    }
    assert_int_equal(json_array_size(json_object_get(show(DOMAIN), "mx_wanted")), 20);
}

/* Added, given, served; durable before the publisher hears of it; and given again at once. */
static void a_policy_is_served(void **state)
{
    (void)state;
    open_publisher();
    assert_string_equal(next_site(), "(");
    assert_string_equal(next_site(), ")");
    add(DOMAIN);
    assert_string_equal(next_site(), DOMAIN " 0 "); /* its host is wanted already */
    open_steward(4);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.served_count, 0);
    assert_int_equal(t.tend.evidence, WW_EVIDENCE_UNKNOWN);
    assert_string_equal(t.tend.domain.mx[0], "mx1.example.com");
    assert_true(json_is_true(json_object_get(show(DOMAIN), "tending")));
    serve(TESTING);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.served_count, 1);
    assert_true(ww_slice_is(t.tend.served[0].body, TESTING));
    assert_int_equal(t.tend.served[0].until, 0);
    assert_int_equal(strlen(t.tend.served[0].id), 22);
    assert_string_equal(next_site(), DOMAIN " 1 " TESTING);
    const json_t *shown = show(DOMAIN);
    assert_string_equal(text_at(shown, "state"), "testing");
    assert_string_equal(text_at(shown, "mode"), "testing");
    assert_string_equal(text_at(shown, "id"), t.tend.served[0].id);
    assert_int_equal(json_integer_value(json_object_get(shown, "max_age")), 86400);
    assert_true(json_is_null(json_object_get(last_of(shown, "served"), "binds_until")));

    /* The same once more is no other policy; it is due as the steward says. */
    char id[WW_STS_ID_MAX + 1];
    memcpy(id, t.tend.served[0].id, sizeof id);
    struct ww_msg_tended *m = tended();
    m->what = WW_TENDED_SERVE;
    m->body = ww_slice_str(TESTING);
    memcpy(m->domain.shown_id, id, sizeof id);
    m->domain.shown_at = m->domain.looked_at;
    m->domain.needs_operator = true;
    (void)snprintf(m->domain.waits, sizeof m->domain.waits, "set the record");
    give_back(m);
    assert_nothing_for(&t.steward);
    shown = show(DOMAIN);
    assert_string_equal(text_at(shown, "id"), id);
    assert_string_equal(text_at(json_object_get(shown, "shown"), "id"), id);
    assert_string_equal(text_at(shown, "waits"), "set the record");
    assert_string_equal(text_at(last_of(shown, "log"), "what"), "the operator is waited for: set the record");
    assert_true(json_is_false(json_object_get(shown, "tending")));

    /* Another one has a greater id, however short the time between them. */
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(next_tend(), DOMAIN);
    serve(ENFORCE);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.served_count, 2);
    assert_true(strcmp(t.tend.served[1].id, id) > 0);
    assert_true(t.tend.served[0].until >= t.tend.served[0].since);
    assert_string_equal(next_site(), DOMAIN " 1 " ENFORCE);

    m = tended();
    m->domain.state = WW_PUBLISHED_RETIRING;
    m->what = WW_TENDED_UNSERVE;
    give_back(m);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.served_count, 2);
    assert_true(t.tend.served[1].until != 0);
    assert_string_equal(next_site(), DOMAIN " 0 ");
    assert_null(fake_peer_next(&t.publisher));
}

/* Where another is to be the host, senders are served until nobody is led here any more. */
static void a_host_is_handed_over(void **state)
{
    (void)state;
    open_publisher();
    assert_string_equal(next_site(), "(");
    assert_string_equal(next_site(), ")");
    add(DOMAIN);
    assert_string_equal(next_site(), DOMAIN " 0 ");
    open_steward(4);
    assert_string_equal(next_tend(), DOMAIN);
    (void)snprintf(t.tend.domain.here, sizeof t.tend.domain.here, "192.0.2.1 2001:db8::1");
    serve(TESTING);
    assert_string_equal(next_tend(), DOMAIN);
    assert_string_equal(next_site(), DOMAIN " 1 " TESTING);
    assert_true(json_is_null(json_object_get(show(DOMAIN), "handover")));
    give_back(tended());
    run("publish-change", ",\"domain\":\"" DOMAIN "\",\"host\":\"elsewhere\"");
    assert_string_equal(got.error, "");
    assert_string_equal(next_site(), DOMAIN " 1 " TESTING);
    const json_t *handover = json_object_get(show(DOMAIN), "handover");
    assert_int_equal(json_array_size(json_object_get(handover, "addresses")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(handover, "addresses"), 1)),
                        "2001:db8::1");
    assert_true(json_is_null(json_object_get(handover, "until")));

    /* It leads elsewhere, and resolvers have to forget. */
    assert_string_equal(next_tend(), DOMAIN);
    struct ww_msg_tended *m = tended();
    m->domain.here_gone_at = 1796083200;
    m->domain.here_ttl = 3600;
    give_back(m);
    assert_nothing_for(&t.publisher);
    handover = json_object_get(show(DOMAIN), "handover");
    assert_string_equal(text_at(handover, "gone_at"), "2026-12-01T00:00:00Z");
    assert_string_equal(text_at(handover, "until"), "2026-12-02T01:00:00Z");
    assert_string_equal(text_at(last_of(show(DOMAIN), "log"), "what"), "mta-sts." DOMAIN " leads elsewhere");

    /* They have. */
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(next_tend(), DOMAIN);
    m = tended();
    m->domain.here[0] = '\0';
    give_back(m);
    assert_string_equal(next_site(), "- " DOMAIN);
    assert_true(json_is_null(json_object_get(show(DOMAIN), "handover")));
    assert_string_equal(text_at(last_of(show(DOMAIN), "log"), "what"),
                        "nobody is led to Waxwing any more by mta-sts." DOMAIN);
}

/* Whatever the clock says: senders may keep a policy whose id they have had. */
static void ids_grow(void **state)
{
    const struct ww_served before = {.id = "29991231235959ffffffff", .body = ww_slice_str(ENFORCE)};
    (void)state;
    add(DOMAIN);
    assert_int_equal(ww_publish_serve(store(), DOMAIN, &before, (int64_t)time(NULL)), WW_OK);
    open_steward(1);
    assert_string_equal(next_tend(), DOMAIN);
    serve(TESTING);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.served_count, 2);
    assert_true(strcmp(t.tend.served[1].id, before.id) > 0);
}

/* What an operator wants while the steward has the domain is not undone by what the steward tells of before.
 */
static void an_older_version_is_dropped(void **state)
{
    (void)state;
    open_steward(4);
    add(DOMAIN);
    assert_string_equal(next_tend(), DOMAIN);
    change("\"mx_add\":[\"mx2.example.com\"]");
    assert_string_equal(got.error, "");
    assert_nothing_for(&t.steward); /* one at a time */
    serve(TESTING);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.domain.version, 2);
    assert_int_equal(t.tend.domain.mx_count, 2);
    assert_int_equal(t.tend.served_count, 0);
    /* Nor does what the steward makes of it count. */
    struct ww_msg_tended *m = tended();
    m->domain.mx_count = 1;
    m->domain.goal = WW_GOAL_ENFORCE;
    m->domain.stopped = true;
    m->domain.max_age = 7;
    give_back(m);
    assert_nothing_for(&t.steward);
    const json_t *shown = show(DOMAIN);
    assert_int_equal(json_array_size(json_object_get(shown, "mx_wanted")), 2);
    assert_string_equal(text_at(shown, "goal"), "testing");
    assert_true(json_is_false(json_object_get(shown, "stopped")));
    /* Removed meanwhile. */
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(next_tend(), DOMAIN);
    run("publish-remove", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(got.error, "");
    serve(TESTING);
    assert_nothing_for(&t.steward);
    run("publish-show", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(got.error, "not-known");
}

static json_int_t count_at(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

/* Each wish to look, each change among them, is answered by a look that begins behind it. */
static void wishes_are_counted(void **state)
{
    (void)state;
    open_steward(4);
    add(DOMAIN);
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(t.tend.domain.afresh, 0);
    assert_int_equal(count_at(show(DOMAIN), "asked"), 1);
    assert_int_equal(count_at(show(DOMAIN), "answered"), 0);
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_int_equal(count_at(show(DOMAIN), "asked"), 2);
    give_back(tended()); /* at once: whoever has asked is not forgotten */
    assert_string_equal(next_tend(), DOMAIN);
    assert_int_equal(count_at(show(DOMAIN), "answered"), 1);
    assert_true(t.tend.domain.afresh == 2 && t.tend.domain.answered == 1);
    struct ww_msg_tended *m = tended();
    m->domain.looked_at = 0; /* though it could not be seen */
    m->domain.answered = 77;
    give_back(m);
    assert_nothing_for(&t.steward);
    assert_int_equal(count_at(show(DOMAIN), "answered"), 2);
    change("\"max_age\":604800");
    assert_string_equal(next_tend(), DOMAIN);
    assert_true(t.tend.domain.asked == 3 && t.tend.domain.afresh == 2);
    give_back(tended());
    assert_nothing_for(&t.steward);
    assert_int_equal(count_at(show(DOMAIN), "answered"), 3);
    /* Asked for just before that comes which was begun earlier. */
    struct ww_published row;
    bool found;
    m = tended();
    m->domain.asked = 2;
    assert_int_equal(ww_keeper_publish_take(t.k, store(), m, false, 0), WW_OK);
    assert_int_equal(ww_publish_get(store(), DOMAIN, &row, &found), WW_OK);
    assert_true(row.next_at <= (int64_t)time(NULL) && row.answered == 2);
}

/* That, and why, is told wherever one would look for it. */
static void it_goes_back(void **state)
{
    const struct ww_served before = {.id = "1", .body = ww_slice_str(ENFORCE)};
    (void)state;
    add(DOMAIN);
    assert_int_equal(ww_publish_serve(store(), DOMAIN, &before, (int64_t)time(NULL)), WW_OK);
    change("\"goal\":\"enforce\",\"force\":true");
    assert_string_equal(got.error, "");
    open_steward(1);
    assert_string_equal(next_tend(), DOMAIN);
    struct ww_msg_tended *m = tended();
    m->what = WW_TENDED_SERVE;
    m->body = ww_slice_str(TESTING);
    m->domain.bad_at = m->domain.looked_at - 1; /* that was before: somebody else wants it, whom it follows */
    (void)snprintf(m->domain.bad_why, sizeof m->domain.bad_why, "long ago");
    give_back(m);
    assert_string_equal(next_tend(), DOMAIN);
    assert_null(strstr(text_at(last_of(show(DOMAIN), "log"), "what"), "goes back"));
    serve(ENFORCE);
    assert_string_equal(next_tend(), DOMAIN);
    m = tended();
    m->what = WW_TENDED_SERVE;
    m->body = ww_slice_str(TESTING);
    m->domain.bad_at = m->domain.looked_at;
    (void)snprintf(m->domain.bad_why, sizeof m->domain.bad_why, "40 sessions failed");
    give_back(m);
    assert_string_equal(next_tend(), DOMAIN);
    assert_string_equal(t.tend.domain.bad_why, "40 sessions failed");
    assert_string_equal(text_at(last_of(show(DOMAIN), "log"), "what"),
                        "it goes back to mode testing: 40 sessions failed");
    give_back(tended()); /* once */
    assert_string_equal(text_at(last_of(show(DOMAIN), "log"), "what"),
                        "it goes back to mode testing: 40 sessions failed");
}

/* Whoever asks for a look while one is going on gets another. */
static void a_look_is_not_lost(void **state)
{
    (void)state;
    open_steward(4);
    add(DOMAIN);
    assert_string_equal(next_tend(), DOMAIN);
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_nothing_for(&t.steward);
    give_back(tended());
    assert_string_equal(next_tend(), DOMAIN);
    give_back(tended());
    assert_nothing_for(&t.steward);
}

static int64_t due_in(const char *domain)
{
    struct ww_published d;
    bool found;
    assert_int_equal(ww_publish_get(store(), domain, &d, &found), WW_OK);
    assert_true(found);
    return d.next_at - (int64_t)time(NULL);
}

static void the_steward_has_room_and_a_lease(void **state)
{
    (void)state;
    add("a.example");
    add("b.example");
    add("c.example");
    open_steward(2);
    (void)next_tend();
    assert_in_range(due_in(t.tend.domain.domain), WW_PUBLISH_LEASE - 100, WW_PUBLISH_LEASE);
    (void)next_tend();
    assert_nothing_for(&t.steward);
    give_back(tended());
    (void)next_tend();
    assert_nothing_for(&t.steward);
    /* A lease that is over: it is given once more, as soon as there is room. */
    char domain[WW_DNAME_SIZE];
    memcpy(domain, t.tend.domain.domain, sizeof domain);
    for (size_t i = 0; i < t.k->given_count; i++)
        t.k->given[i].at -= WW_PUBLISH_LEASE + 1;
    assert_int_equal(ww_publish_set_due(store(), domain, (int64_t)time(NULL)), WW_OK);
    t.k->room++;
    ww_keeper_publish_changed(t.k);
    assert_string_equal(next_tend(), domain);
    /* A steward that goes leaves what it had for later. */
    open_steward(4);
    assert_in_range(due_in(domain), WW_PUBLISH_LEFT - 30, WW_PUBLISH_LEFT);
    assert_int_equal(t.k->given_count, 0);
}

static void what_makes_no_sense_changes_nothing(void **state)
{
    static const char *const bodies[] = {"version: STSv1\n", "<html>", ENFORCE "mx\n"};
    (void)state;
    open_steward(4);
    add(DOMAIN);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_string_equal(next_tend(), DOMAIN);
        serve(bodies[i]);
        assert_nothing_for(&t.steward);
        assert_true(json_is_null(json_object_get(show(DOMAIN), "id")));
        assert_string_equal(text_at(show(DOMAIN), "state"), "draft");
        run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    }
    assert_string_equal(next_tend(), DOMAIN);
    /* Nor does a steward send a domain to the end of time, or keep everybody busy with it. */
    struct ww_msg_tended *m = tended();
    m->domain.next_at = INT64_MAX;
    give_back(m);
    assert_nothing_for(&t.steward);
    assert_in_range(due_in(DOMAIN), 80000, 86400);
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(next_tend(), DOMAIN);
    m = tended();
    m->domain.next_at = INT64_MIN;
    give_back(m);
    test_settle(t.base);
    assert_in_range(due_in(DOMAIN) + 100, 0, 101 + WW_PUBLISH_LEASE);
    struct ww_buf b = ww_buf(t.octets, sizeof t.octets);
    ww_buf_str(&b, "?");
    fake_peer_send(&t.steward, WW_MSG_TENDED, &b);
    fake_peer_send(&t.steward, WW_MSG_SITE, &b);
    test_settle(t.base);
    assert_false(t.steward.down);
}

/* Whoever begins to serve is told of all, and of nothing else. */
static void the_publisher_is_told_of_all(void **state)
{
    enum { COUNT = 230 };
    char name[32];
    unsigned sites = 0;
    (void)state;
    assert_int_equal(ww_store_begin(store()), WW_OK);
    for (unsigned i = 0; i < COUNT; i++) {
        struct ww_published d = {.version = 1, .goal = WW_GOAL_TESTING, .max_age = 86400};
        const struct ww_served policy = {.id = "1", .body = ww_slice_str(TESTING)};
        (void)snprintf(d.domain, sizeof d.domain, "d%03u.example", i);
        d.host = i % 10 == 0 ? WW_HOSTED_ELSEWHERE : i % 10 == 1 ? WW_HOSTED_TREE : WW_HOSTED_HERE;
        d.goal = i % 10 == 2 ? WW_GOAL_DRAFT : WW_GOAL_TESTING;
        assert_int_equal(ww_publish_add(store(), &d), WW_OK);
        if (i % 10 != 2)
            assert_int_equal(ww_publish_serve(store(), d.domain, &policy, (int64_t)time(NULL)), WW_OK);
    }
    assert_int_equal(ww_store_commit(store()), WW_OK);
    for (int turn = 0; turn < 2; turn++) {
        open_publisher();
        assert_string_equal(next_site(), "(");
        for (unsigned i = 0; i < COUNT; i++) {
            char want[160];
            (void)snprintf(name, sizeof name, "d%03u.example", i);
            (void)snprintf(want, sizeof want, "%s 1 %s", name, TESTING);
            if (i % 10 <= 2)
                continue;
            assert_string_equal(next_site(), want);
            sites++;
        }
        assert_string_equal(next_site(), ")");
        assert_nothing_for(&t.publisher);
    }
    assert_int_equal(sites, 2 * COUNT / 10 * 7);
    run("publish-list", "");
    assert_int_equal(got.count, COUNT);
    assert_string_equal(text_at(got.items[COUNT - 1], "domain"), "d229.example");
    run("publish-remove", ",\"domain\":\"d009.example\"");
    assert_string_equal(got.error, "publish-refused");
    run("publish-remove", ",\"domain\":\"d009.example\",\"force\":true");
    assert_string_equal(got.error, "");
    assert_string_equal(next_site(), "- d009.example");
    run("publish-change", ",\"domain\":\"d008.example\",\"host\":\"elsewhere\",\"mx\":[\"mx1.example.com\"]");
    assert_string_equal(next_site(), "- d008.example");
    /* Added anew: what senders hold is known still. */
    run("publish-add", ",\"domain\":\"d009.example\"");
    assert_int_equal(json_array_size(json_object_get(show("d009.example"), "served")), 1);
}

/* While the store is in trouble nobody is told anything, and then all of it. */
static void the_publisher_waits_for_the_store(void **state)
{
    char away[80];
    (void)state;
    add(DOMAIN);
    ww_keeper_publish_free(t.k);
    ww_keeper_store_free(t.keeping);
    (void)snprintf(away, sizeof away, "%s-away", t.folder);
    assert_int_equal(rename(t.folder, away), 0);
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.k = ww_keeper_publish_new(t.base, t.keeping, &t.config, &t.stats, on_raised, NULL);
    open_publisher();
    open_steward(4);
    assert_nothing_for(&t.publisher);
    assert_nothing_for(&t.steward);
    run("publish-list", "");
    assert_string_equal(got.error, "store-no-folder");
    assert_int_equal(rename(away, t.folder), 0);
    ww_keeper_store_try_now(t.keeping);
    ww_keeper_publish_well(t.k);
    assert_string_equal(next_site(), "(");
    assert_string_equal(next_site(), DOMAIN " 0 ");
    assert_string_equal(next_site(), ")");
    assert_string_equal(next_tend(), DOMAIN);
}

static void tell_state(const char *id, int64_t certificate_until)
{
    struct ww_msg_site_state m = {.domain = DOMAIN, .certificate_until = certificate_until};
    struct ww_buf b = ww_buf(t.octets, sizeof t.octets);
    (void)snprintf(m.id, sizeof m.id, "%s", id);
    ww_msg_put_site_state(&b, &m);
    fake_peer_send(&t.publisher, WW_MSG_SITE_STATE, &b);
}

/* What is waited for is looked at when the publisher has it; what is known brings no look. */
static void the_publisher_hastens_a_look(void **state)
{
    const int64_t soon = (int64_t)time(NULL) + 86400;
    (void)state;
    open_publisher();
    open_steward(4);
    add(DOMAIN);
    (void)next_tend();
    give_back(tended());
    assert_nothing_for(&t.steward);
    tell_state("", 0);
    assert_nothing_for(&t.steward);
    tell_state("", soon);
    assert_string_equal(next_tend(), DOMAIN);
    struct ww_msg_tended *m = tended();
    m->domain.certificate_until = soon;
    (void)snprintf(m->domain.shown_id, sizeof m->domain.shown_id, "1");
    give_back(m);
    assert_nothing_for(&t.steward);
    tell_state("1", soon);
    assert_nothing_for(&t.steward);
    tell_state("2", soon);
    assert_string_equal(next_tend(), DOMAIN);
}

static void mirrors_follow(void **state)
{
    (void)state;
    open_steward(1);
    add("provider.example");
    assert_string_equal(next_tend(), "provider.example");
    run("publish-add", ",\"domain\":\"" DOMAIN "\",\"goal\":\"testing\",\"host\":\"mirror\","
                       "\"mirror\":\"Provider.example\",\"force\":true");
    assert_string_equal(got.error, "");
    give_back(tended());
    assert_string_equal(next_tend(), DOMAIN);
    assert_string_equal(t.tend.domain.mirror, "provider.example");
    assert_int_equal(t.tend.mirrored.n, 0);
    give_back(tended());
    assert_nothing_for(&t.steward);
    run("publish-look", ",\"domain\":\"provider.example\"");
    assert_string_equal(next_tend(), "provider.example");
    struct ww_msg_tended *m = tended();
    m->what = WW_TENDED_SERVE;
    m->body = ww_slice_str(TESTING);
    give_back(m);
    bool follows = false;
    for (int i = 0; i < 2; i++) { /* in whichever order: both are due at once */
        if (strcmp(next_tend(), DOMAIN) == 0)
            follows = ww_slice_is(t.tend.mirrored, TESTING);
        give_back(tended());
    }
    assert_true(follows);
}

static void fault(struct ww_msg_tended *m, enum ww_severity severity, const char *where)
{
    struct ww_msg_tended_fault *f = &m->faults[m->fault_count++];
    *f = (struct ww_msg_tended_fault){.severity = severity, .check = "publish-unseen", .seen = "words"};
    (void)snprintf(f->where, sizeof f->where, "%s", where);
}

static uint64_t waiting_alerts(void)
{
    uint64_t count;
    test_settle(t.base);
    assert_int_equal(ww_watch_alert_count(store(), &count), WW_OK);
    return count;
}

static void look_with(const enum ww_severity *severities, size_t count)
{
    struct ww_msg_tended *m;
    run("publish-look", ",\"domain\":\"" DOMAIN "\"");
    assert_string_equal(next_tend(), DOMAIN);
    m = tended();
    for (size_t i = 0; i < count; i++) {
        char where[32];
        (void)snprintf(where, sizeof where, "host%zu", i);
        fault(m, severities[i], where);
    }
    give_back(m);
    assert_nothing_for(&t.steward);
}

/* Each is told once, and once when it is over. */
static void faults_become_alerts(void **state)
{
    static const enum ww_severity warning[] = {WW_SEVERITY_WARNING, WW_SEVERITY_WARNING},
                                  error[] = {WW_SEVERITY_WARNING, WW_SEVERITY_ERROR};
    static const struct {
        const enum ww_severity *severities;
        size_t count;
        uint64_t alerts, told;
    } steps[] = {
        {warning, 0, 0, 0}, {warning, 1, 1, 1}, {warning, 1, 1, 1}, {warning, 2, 2, 2}, {error, 2, 3, 3},
        {warning, 2, 3, 3}, {error, 2, 4, 4},   {error, 0, 5, 6},   {error, 0, 5, 6},
    };
    (void)state;
    add(DOMAIN);
    open_steward(1);
    (void)next_tend();
    give_back(tended());
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        look_with(steps[i].severities, steps[i].count);
        assert_int_equal(waiting_alerts(), steps[i].alerts);
        assert_int_equal(t.raised, steps[i].alerts);
        assert_int_equal(t.stats.values[WW_STAT_WATCH_ALERTS], steps[i].told);
        assert_int_equal(json_array_size(json_object_get(show(DOMAIN), "faults")), steps[i].count);
    }
    t.config.watch_alert_from = WW_SEVERITY_ERROR;
    look_with(warning, 1);
    assert_int_equal(waiting_alerts(), 5);
}

static void senders_have_a_policy_until_the_next_is_seen(void **state)
{
    struct ww_published d = {.domain = DOMAIN, .version = 1, .goal = WW_GOAL_ENFORCE, .max_age = 86400};
    const struct ww_served one = {.id = "1", .body = ww_slice_str(ENFORCE)},
                           two = {.id = "2", .body = ww_slice_str(TESTING)};
    const int64_t now = (int64_t)time(NULL);
    (void)state;
    d.mx_count = 1;
    (void)snprintf(d.mx[0], sizeof d.mx[0], "mx2.example.com");
    (void)snprintf(d.shown_id, sizeof d.shown_id, "1");
    assert_int_equal(ww_publish_add(store(), &d), WW_OK);
    assert_int_equal(ww_publish_serve(store(), DOMAIN, &one, now - 500), WW_OK);
    assert_int_equal(ww_publish_serve(store(), DOMAIN, &two, now - 400), WW_OK);
    const json_t *shown = show(DOMAIN);
    /* Nobody knows when senders come to the second: the first binds, and a host that it lacks has to wait. */
    assert_true(
        json_is_null(json_object_get(json_array_get(json_object_get(shown, "served"), 0), "binds_until")));
    assert_true(json_is_null(json_object_get(last_of(shown, "hosts"), "may_enter_at")));
    open_steward(1);
    (void)next_tend();
    struct ww_msg_tended *m = tended();
    (void)snprintf(m->domain.shown_id, sizeof m->domain.shown_id, "2");
    m->domain.shown_at = now - 100;
    m->mx_count = 1;
    m->mx[0] = (struct ww_published_mx){.name = "mx3.example.com", .seen_at = now};
    give_back(m);
    assert_nothing_for(&t.steward);
    shown = show(DOMAIN);
    const char *binds = text_at(json_array_get(json_object_get(shown, "served"), 0), "binds_until");
    char want[WW_TIME_SIZE];
    ww_time_format(now - 100 + 86400, want);
    assert_string_equal(binds, want);
    assert_string_equal(text_at(last_of(shown, "hosts"), "may_enter_at"), want);
    const json_t *refusal = last_of(shown, "refusals");
    assert_string_equal(text_at(refusal, "host"), "mx3.example.com");
    assert_string_equal(text_at(refusal, "id"), "1");
    assert_string_equal(text_at(refusal, "until"), want);
}

static void watched(const char *domain, const char *outlook, const char *mode, const char *check)
{
    const int64_t now = (int64_t)time(NULL);
    struct ww_watch watch = {.last = {.at = now - 60}, .mx = "mx1.example.com"};
    struct ww_alert_state s = {.where = "mx1.example.com", .seen = "it has expired", .first_seen = now - 60};
    (void)snprintf(watch.domain, sizeof watch.domain, "%s", domain);
    (void)snprintf(watch.last.outlook, sizeof watch.last.outlook, "%s", outlook);
    (void)snprintf(watch.last.mode, sizeof watch.last.mode, "%s", mode);
    (void)snprintf(s.check, sizeof s.check, "%s", check);
    s.last_seen = now;
    s.severity = WW_SEVERITY_ERROR;
    assert_int_equal(ww_watch_put(store(), domain, "", 0, now), WW_OK);
    assert_int_equal(ww_watch_ran(store(), &watch, ww_slice("", 0)), WW_OK);
    assert_int_equal(ww_watch_put_findings(store(), domain, &s, 1), WW_OK);
}

#define THEIRS "version: STSv1\nmode: enforce\nmx: mx9.example.com\nmax_age: 604800\n"

static unsigned notes_with(const char *text)
{
    const json_t *log = json_object_get(show(DOMAIN), "log");
    unsigned count = 0;
    for (size_t i = 0; i < json_array_size(log); i++)
        count += strstr(text_at(json_array_get(log, i), "what"), text) != NULL;
    return count;
}

static void give_foreign(const char *id, const char *body)
{
    struct ww_msg_tended *m = tended();
    (void)snprintf(m->foreign_id, sizeof m->foreign_id, "%s", id);
    m->foreign = ww_slice_str(body);
    m->domain.next_at = (int64_t)time(NULL); /* the next look comes at once */
    give_back(m);
    (void)next_tend();
}

/* Somebody else's is taken down when it is seen, and binds until ours was. */
static void somebody_else_has_served(void **state)
{
    char want[WW_TIME_SIZE];
    (void)state;
    add(DOMAIN);
    open_steward(1);
    (void)next_tend();
    give_foreign("", THEIRS);
    assert_int_equal(t.tend.served_count, 1);
    assert_true(t.tend.served[0].foreign);
    assert_int_equal(t.tend.served[0].until, 0);
    assert_true(ww_slice_is(t.tend.served[0].body, THEIRS));
    const json_t *shown = show(DOMAIN), *served = json_array_get(json_object_get(shown, "served"), 0);
    assert_true(json_is_true(json_object_get(served, "foreign")));
    assert_true(json_is_null(json_object_get(served, "id")));
    assert_true(json_is_null(json_object_get(served, "binds_until")));
    assert_true(json_is_null(json_object_get(shown, "mode"))); /* none of ours */
    assert_int_equal(notes_with("a policy of somebody else is seen: mode enforce, max_age 604800"), 1);
    give_foreign("theirs", THEIRS);
    assert_string_equal(t.tend.served[0].id, "theirs");
    assert_int_equal(notes_with("somebody else"), 1); /* it is told once */

    serve(TESTING);
    (void)next_tend();
    assert_int_equal(t.tend.served_count, 2);
    assert_int_equal(t.tend.served[0].until, 0);
    const struct ww_served ours = t.tend.served[1];
    assert_false(ours.foreign);
    struct ww_msg_tended *m = tended(); /* that nothing is seen ends nothing */
    m->domain.next_at = (int64_t)time(NULL);
    give_back(m);
    (void)next_tend();
    assert_int_equal(t.tend.served[0].until, 0);

    const int64_t seen_at = (int64_t)time(NULL);
    m = tended();
    memcpy(m->domain.shown_id, ours.id, sizeof ours.id);
    m->domain.shown_at = seen_at;
    m->domain.next_at = seen_at;
    m->mx_count = 1;
    m->mx[0] = (struct ww_published_mx){.name = "mx1.example.com", .seen_at = seen_at};
    give_back(m);
    (void)next_tend();
    assert_int_equal(t.tend.served[0].until, seen_at);
    assert_int_equal(notes_with("the policy of somebody else is seen no more"), 1);
    shown = show(DOMAIN);
    ww_time_format(seen_at + WW_ROLLOUT_SLOW + 604800, want);
    assert_string_equal(text_at(json_array_get(json_object_get(shown, "served"), 0), "binds_until"), want);
    const json_t *refusal = last_of(shown, "refusals");
    assert_string_equal(text_at(refusal, "id"), "theirs");
    assert_true(json_is_true(json_object_get(refusal, "foreign")));
    assert_string_equal(text_at(refusal, "until"), want);

    /* It is back, in the place of ours: that is told again. */
    give_foreign("", THEIRS);
    assert_int_equal(t.tend.served[0].until, 0);
    assert_string_equal(t.tend.served[0].id, "theirs");
    assert_int_equal(notes_with("a policy of somebody else is seen: "), 2);
}

/* Its id is made anew beside somebody else's, and is not told to be served to a mirror or to the publisher.
 */
static void somebody_else_is_not_served(void **state)
{
    (void)state;
    add(DOMAIN);
    open_publisher();
    open_steward(1);
    (void)next_tend();
    give_foreign("29991231235959ffffffff", THEIRS);
    run("publish-add",
        ",\"domain\":\"m.example\",\"goal\":\"testing\",\"host\":\"mirror\",\"mirror\":\"" DOMAIN
        "\",\"force\":true");
    assert_string_equal(got.error, "");
    serve(TESTING);
    bool mirror = false;
    for (int i = 0; i < 2; i++) {
        if (strcmp(next_tend(), DOMAIN) == 0) {
            assert_int_equal(t.tend.served_count, 2);
            assert_true(strncmp(t.tend.served[1].id, "2999", 4) < 0);
        } else {
            mirror = true;
            assert_true(t.tend.mirrored.n == 0 || ww_slice_is(t.tend.mirrored, TESTING));
        }
        give_back(tended());
    }
    assert_true(mirror);
    for (const char *site = next_site(); strstr(site, TESTING) == NULL; site = next_site())
        assert_null(strstr(site, "mx9"));
}

static void evidence(void **state)
{
    static const struct {
        const char *body;
        const char *outlook; /* of the watch; NULL: it is not watched */
        const char *check;   /* that it has found */
        enum ww_rollout_evidence want;
        const char *why;
    } cases[] = {
        {TESTING, NULL, NULL, WW_EVIDENCE_UNKNOWN, ""}, /* nobody has reported */
        {ENFORCE, NULL, NULL, WW_EVIDENCE_GOOD, ""},
        {TESTING, "testing", "mx-expired", WW_EVIDENCE_BAD, "mx1.example.com: it has expired"},
        {ENFORCE, "protected", "mx-expired", WW_EVIDENCE_MEND, "mx1.example.com: it has expired"},
        {ENFORCE, "held", "mx-expired", WW_EVIDENCE_BAD, "mx1.example.com: it has expired"},
    };
    const int64_t now = (int64_t)time(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_publish_known *known = calloc(1, sizeof *known);
        struct ww_published_mx mx = {.name = "mx1.example.com", .seen_at = now, .tls = WW_PUBLISHED_MX_GOOD};
        const struct ww_served policy = {.id = "1", .body = ww_slice_str(cases[i].body)};
        assert_non_null(known);
        (void)snprintf(known->domain.domain, WW_DNAME_SIZE, "e%zu.example", i);
        known->domain.looked_at = now;
        known->domain.max_age = 86400;
        assert_int_equal(ww_publish_add(store(), &known->domain), WW_OK);
        assert_int_equal(ww_publish_put_mx(store(), known->domain.domain, &mx, 1), WW_OK);
        assert_int_equal(ww_publish_serve(store(), known->domain.domain, &policy, now - 100), WW_OK);
        if (cases[i].outlook != NULL)
            watched(known->domain.domain, cases[i].outlook, i == 2 ? "testing" : "enforce", cases[i].check);
        assert_int_equal(ww_publish_known_get(store(), now, known), WW_OK);
        assert_int_equal(known->evidence, cases[i].want);
        assert_string_equal(known->evidence_why, cases[i].why);
        ww_publish_known_clear(known);
        free(known);
    }
}

static void gauges(void **state)
{
    (void)state;
    add("a.example");
    add("b.example");
    ww_keeper_publish_count(t.k);
    assert_int_equal(t.stats.values[WW_STAT_PUBLISHED + WW_PUBLISHED_DRAFT], 2);
    assert_int_equal(t.stats.values[WW_STAT_PUBLISHED + WW_PUBLISHED_TESTING], 0);
    assert_int_equal(t.stats.values[WW_STAT_PUBLISHED_WAITING], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_are_read_strictly),
        TEST(what_is_added_is_shown),
        TEST(the_configuration_suggests),
        TEST(changes_are_judged),
        TEST(no_more_patterns_than_there_is_room_for),
        TEST(a_policy_is_served),
        TEST(a_host_is_handed_over),
        TEST(ids_grow),
        TEST(an_older_version_is_dropped),
        TEST(a_look_is_not_lost),
        TEST(wishes_are_counted),
        TEST(it_goes_back),
        TEST(the_steward_has_room_and_a_lease),
        TEST(what_makes_no_sense_changes_nothing),
        TEST(the_publisher_is_told_of_all),
        TEST(the_publisher_waits_for_the_store),
        TEST(the_publisher_hastens_a_look),
        TEST(mirrors_follow),
        TEST(faults_become_alerts),
        TEST(senders_have_a_policy_until_the_next_is_seen),
        TEST(somebody_else_has_served),
        TEST(somebody_else_is_not_served),
        TEST(evidence),
        TEST(gauges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
