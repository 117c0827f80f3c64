/*
 * The keeper between a steward that asks for whatever it likes and a clerk: what is ordered, by what the
 * keeper has in its store, and what becomes of an order when one of them goes.
 */
#include "daemon/keeper_publish_private.h"
#include "fake_peer.h"

#include <stdio.h>
#include <time.h>

#define DOMAIN "example.com"
#define OTHER "example.net"
#define ID "20261130T000000Z"
#define POLICY(mode) "version: STSv1\nmode: " mode "\nmx: mx1.example.com\nmax_age: 86400\n"
#define DAY 86400
#define LIMIT_MS 20000

static struct {
    char folder[64], path[96];
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_store *keeping;
    struct ww_keeper_publish *k;
    struct fake_peer steward, clerk;
    struct ww_addr dns;
    uint64_t asked;
} t;

/* ---- What is due, by what is known ---- */

static struct ww_publish_known *known;

static void serve(size_t i, const char *id, const char *body, int64_t since, int64_t until)
{
    struct ww_served *s = &known->served[i];
    *s = (struct ww_served){.since = since, .until = until, .body = ww_slice_str(body)};
    (void)snprintf(s->id, sizeof s->id, "%s", id);
    known->served_count = i + 1;
}

/* Enforce is wanted, and served since yesterday; Waxwing changes DNS, and has certificates made. */
static void know(struct ww_config *config)
{
    static char acme[] = "https://acme.example/directory";
    memset(known, 0, sizeof *known);
    memset(config, 0, sizeof *config);
    config->publish_acme = acme;
    config->publish_dns_count = 1;
    struct ww_published *d = &known->domain;
    (void)snprintf(d->domain, sizeof d->domain, DOMAIN);
    (void)snprintf(d->rua, sizeof d->rua, "mailto:tls@example.com");
    d->goal = WW_GOAL_ENFORCE;
    d->state = WW_PUBLISHED_ENFORCE;
    d->dns = WW_DNS_BY_UPDATE;
    d->certificate = WW_CERTIFICATE_ACME;
    (void)snprintf(d->shown_id, sizeof d->shown_id, ID);
    serve(0, ID, POLICY("enforce"), 1000000 - DAY, 0);
}

enum change {
    AS_IT_IS,
    BY_HAND,
    NO_SERVER,
    STOPPED,
    DRAFT,
    TESTING,
    RETIRE,
    NOT_SERVED,
    NEVER_SERVED,
    NONE_SERVED, /* mode none, and nobody holds another policy */
    NONE_BINDS,  /* mode none, but somebody may */
    NONE_UNSEEN, /* mode none, which nobody has seen yet */
    NO_RUA,
    BAD_RUA,
    BAD_ID,
    LONG_NAME,
    FILES,
    NO_ACME,
    TREE,
    TREE_GONE,
    TREE_NEVER,
    ELSEWHERE,
    MOVING, /* elsewhere, but somebody is led here yet */
    MOVED,
    GONE,
};

static void none_served(int64_t until, const char *shown)
{
    serve(0, "1", POLICY("enforce"), 1000000 - 9 * DAY, until);
    serve(1, "2", POLICY("none"), until, 0);
    known->domain.goal = WW_GOAL_RETIRE;
    (void)snprintf(known->domain.shown_id, sizeof known->domain.shown_id, "%s", shown);
}

static void change(enum change what, struct ww_config *config)
{
    struct ww_published *d = &known->domain;
    switch (what) {
    case AS_IT_IS:
        break;
    case BY_HAND:
        d->dns = WW_DNS_BY_HAND;
        break;
    case NO_SERVER:
        config->publish_dns_count = 0;
        break;
    case STOPPED:
        d->stopped = true;
        break;
    case DRAFT:
        d->goal = WW_GOAL_DRAFT;
        break;
    case TESTING:
        d->goal = WW_GOAL_TESTING;
        break;
    case RETIRE:
        d->goal = WW_GOAL_RETIRE;
        break;
    case NOT_SERVED:
        d->goal = WW_GOAL_RETIRE;
        known->served[0].until = 1000000 - 60;
        break;
    case NEVER_SERVED:
        known->served_count = 0;
        break;
    case NONE_SERVED:
        none_served(1000000 - 2 * DAY, "2");
        break;
    case NONE_BINDS:
        none_served(1000000 - DAY / 2, "2");
        break;
    case NONE_UNSEEN:
        none_served(1000000 - 2 * DAY, "1");
        break;
    case NO_RUA:
        d->rua[0] = '\0';
        break;
    case BAD_RUA:
        (void)snprintf(d->rua, sizeof d->rua, "mailto:a@b.example; x=\"y\"");
        break;
    case BAD_ID:
        (void)snprintf(known->served[0].id, sizeof known->served[0].id, "1\" \"2");
        break;
    case LONG_NAME:
        memset(d->domain, 'a', sizeof d->domain - 1);
        for (size_t i = 50; i < sizeof d->domain - 2; i += 50)
            d->domain[i] = '.';
        break;
    case FILES:
        d->certificate = WW_CERTIFICATE_FILES;
        break;
    case NO_ACME:
        config->publish_acme = NULL;
        break;
    case TREE:
        d->host = WW_HOSTED_TREE;
        break;
    case TREE_GONE:
        d->host = WW_HOSTED_TREE;
        known->served[0].until = 1000000 - 60;
        break;
    case TREE_NEVER:
        d->host = WW_HOSTED_TREE;
        known->served_count = 0;
        break;
    case ELSEWHERE:
        d->host = WW_HOSTED_ELSEWHERE;
        break;
    case MOVING:
    case MOVED:
        d->host = WW_HOSTED_ELSEWHERE;
        (void)snprintf(d->here, sizeof d->here, "192.0.2.1");
        d->here_gone_at = what == MOVED ? 1000000 - 60 : 0;
        break;
    case GONE:
        d->goal = WW_GOAL_RETIRE;
        d->state = WW_PUBLISHED_GONE;
        break;
    }
}

static void what_is_due(void **state)
{
    static const struct {
        enum ww_order what;
        enum change change;
        const char *text; /* NULL: it is not due */
        const char *why;  /* begins so */
    } cases[] = {
        {WW_ORDER_RECORD, AS_IT_IS, ID, NULL},
        {WW_ORDER_RECORD, TESTING, ID, NULL},
        {WW_ORDER_RECORD, RETIRE, ID, NULL},
        {WW_ORDER_RECORD, BY_HAND, NULL, "its records are changed by hand"},
        {WW_ORDER_RECORD, NO_SERVER, NULL, "publish.dns_server is not set"},
        {WW_ORDER_RECORD, STOPPED, NULL, "it is stopped"},
        {WW_ORDER_RECORD, DRAFT, NULL, "it is a draft"},
        {WW_ORDER_RECORD, NOT_SERVED, NULL, "no policy is served"},
        {WW_ORDER_RECORD, NEVER_SERVED, NULL, "no policy is served"},
        {WW_ORDER_RECORD, BAD_ID, NULL, "the clerk cannot"},
        {WW_ORDER_RECORD, LONG_NAME, NULL, "the clerk cannot"},
        {WW_ORDER_NO_RECORD, AS_IT_IS, NULL, "it is not retired"},
        {WW_ORDER_NO_RECORD, DRAFT, NULL, "it is not retired"},
        {WW_ORDER_NO_RECORD, RETIRE, NULL, "senders still hold"},
        {WW_ORDER_NO_RECORD, NONE_BINDS, NULL, "senders still hold"},
        {WW_ORDER_NO_RECORD, NONE_UNSEEN, NULL, "senders still hold"},
        {WW_ORDER_NO_RECORD, NONE_SERVED, "", NULL},
        {WW_ORDER_NO_RECORD, NOT_SERVED, "", NULL},
        {WW_ORDER_TLSRPT, AS_IT_IS, "mailto:tls@example.com", NULL},
        {WW_ORDER_TLSRPT, NO_RUA, NULL, "it wants no record"},
        {WW_ORDER_TLSRPT, BAD_RUA, NULL, "the clerk cannot"},
        {WW_ORDER_TLSRPT, DRAFT, NULL, "it wants no record"},
        {WW_ORDER_TLSRPT, RETIRE, NULL, "it wants no record"},
        {WW_ORDER_TLSRPT, BY_HAND, NULL, "its records are changed by hand"},
        {WW_ORDER_CERTIFICATE, AS_IT_IS, "", NULL},
        {WW_ORDER_CERTIFICATE, STOPPED, "", NULL}, /* what is served stays served */
        {WW_ORDER_CERTIFICATE, TREE, "", NULL},
        {WW_ORDER_CERTIFICATE, FILES, NULL, "its certificate is kept by somebody else"},
        {WW_ORDER_CERTIFICATE, ELSEWHERE, NULL, "its certificate is kept by somebody else"},
        {WW_ORDER_CERTIFICATE, MOVING, "", NULL},
        {WW_ORDER_CERTIFICATE, MOVED, NULL, "its certificate is kept by somebody else"},
        {WW_ORDER_CERTIFICATE, NO_ACME, NULL, "publish.acme is not set"},
        {WW_ORDER_CERTIFICATE, GONE, NULL, "it is published no more"},
        {WW_ORDER_FILES, AS_IT_IS, POLICY("enforce"), NULL},
        {WW_ORDER_FILES, TREE, POLICY("enforce"), NULL},
        {WW_ORDER_FILES, TREE_GONE, "", NULL},
        {WW_ORDER_FILES, TREE_NEVER, "", NULL},
        {WW_ORDER_NONE, AS_IT_IS, NULL, "the clerk cannot"},
    };
    (void)state;
    known = calloc(1, sizeof *known);
    assert_non_null(known);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_config config;
        struct ww_msg_order order;
        know(&config);
        change(cases[i].change, &config);
        const char *why = ww_publish_order_make(known, &config, 1000000, cases[i].what, &order);
        if ((why == NULL) != (cases[i].text != NULL))
            fail_msg("case %zu: %s", i, why != NULL ? why : "it is due");
        if (cases[i].text != NULL)
            assert_true(ww_slice_is(order.text, cases[i].text));
        else
            assert_int_equal(strncmp(why, cases[i].why, strlen(cases[i].why)), 0);
        assert_string_equal(order.domain, known->domain.domain);
        assert_int_equal(order.gone, cases[i].change == TREE_GONE);
        assert_int_equal(order.tree, known->domain.host == WW_HOSTED_TREE);
        assert_int_equal(order.acme, cases[i].what == WW_ORDER_FILES && order.tree &&
                                         known->domain.certificate == WW_CERTIFICATE_ACME);
    }
    free(known);
}

/* ---- With a steward and a clerk ---- */

static size_t on_well(void *ctx)
{
    (void)ctx;
    return 0;
}

static void on_raised(void *ctx)
{
    (void)ctx;
}

static struct ww_store *store(void)
{
    struct ww_store *s = ww_keeper_store_to_write(t.keeping);
    assert_non_null(s);
    return s;
}

static void add(const char *domain)
{
    struct ww_published d = {.version = 1, .goal = WW_GOAL_TESTING, .dns = WW_DNS_BY_UPDATE, .max_age = DAY};
    struct ww_served policy = {.since = time(NULL) - DAY, .body = ww_slice_str(POLICY("testing"))};
    (void)snprintf(d.domain, sizeof d.domain, "%s", domain);
    (void)snprintf(d.mx[0], sizeof d.mx[0], "mx1.example.com");
    (void)snprintf(d.rua, sizeof d.rua, "mailto:tls@example.com");
    d.mx_count = 1;
    d.next_at = 1;
    (void)snprintf(policy.id, sizeof policy.id, ID);
    assert_int_equal(ww_publish_add(store(), &d), WW_OK);
    assert_int_equal(ww_publish_serve(store(), domain, &policy, policy.since), WW_OK);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.base = event_base_new();
    t.config.publish = true;
    t.config.publish_interval = 3600;
    t.config.publish_dns = &t.dns;
    t.config.publish_dns_count = 1;
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.k = ww_keeper_publish_new(t.base, t.keeping, &t.config, &t.stats, on_raised, NULL);
    assert_non_null(t.k);
    add(DOMAIN);
    return 0;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    ww_keeper_publish_free(t.k);
    ww_keeper_store_free(t.keeping);
    fake_peer_close(&t.steward);
    fake_peer_close(&t.clerk);
    event_base_free(t.base);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

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
    test_run_ms(t.base, 20);
    assert_null(fake_peer_next(peer));
}

/* A steward that has been given all that is due. */
static void open_steward(size_t domains)
{
    char bytes[16];
    struct ww_msg_steward_room m = {.room = WW_STEWARD_MAX};
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_keeper_publish_peer(t.k, WW_ROLE_STEWARD, fake_peer_open(&t.steward, t.base));
    ww_msg_put_steward_room(&b, &m);
    fake_peer_send(&t.steward, WW_MSG_STEWARD_ROOM, &b);
    for (size_t i = 0; i < domains; i++)
        assert_int_equal(next_of(&t.steward)->type, WW_MSG_TEND);
    assert_nothing_for(&t.steward);
}

/* It may have been given more, meanwhile. */
static void close_steward(void)
{
    ww_chan_free(t.steward.chan);
    t.steward.chan = NULL;
    test_run_ms(t.base, 20);
    t.steward.taken = t.steward.count;
}

static void open_clerk(void)
{
    ww_keeper_publish_peer(t.k, WW_ROLE_CLERK, fake_peer_open(&t.clerk, t.base));
}

static void close_clerk(void)
{
    ww_chan_free(t.clerk.chan);
    t.clerk.chan = NULL;
    test_run_ms(t.base, 20);
}

static uint64_t ask(const char *domain, uint64_t version, enum ww_order what)
{
    char bytes[sizeof(struct ww_msg_order_ask) + 16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_order_ask m = {.number = ++t.asked, .version = version, .what = what};
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_order_ask(&b, &m);
    fake_peer_send(&t.steward, WW_MSG_ORDER_ASK, &b);
    return m.number;
}

/* The next order that the clerk is given; its text is that of the message. */
static struct ww_msg_order next_order(void)
{
    struct ww_msg_order order;
    const struct fake_message *m = next_of(&t.clerk);
    assert_int_equal(m->type, WW_MSG_ORDER);
    assert_int_equal(ww_msg_get_order(m->payload, &order), WW_OK);
    return order;
}

static void tell_done(uint64_t number, bool good, const char *detail)
{
    char bytes[sizeof(struct ww_msg_order_done) + 16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_order_done done = {.number = number, .good = good, .seen = true, .from = 1, .until = 2};
    (void)snprintf(done.detail, sizeof done.detail, "%s", detail);
    ww_msg_put_order_done(&b, &done);
    fake_peer_send(&t.clerk, WW_MSG_ORDER_DONE, &b);
}

static void assert_told(uint64_t number, bool good, const char *detail)
{
    struct ww_msg_order_done done;
    const struct fake_message *m = next_of(&t.steward);
    assert_int_equal(m->type, WW_MSG_ORDER_TOLD);
    assert_int_equal(ww_msg_get_order_done(m->payload, &done), WW_OK);
    assert_int_equal(done.number, number);
    assert_int_equal(done.good, good);
    assert_string_equal(done.detail, detail);
}

static void an_order_goes_round(void **state)
{
    (void)state;
    open_clerk();
    open_steward(1);
    uint64_t number = ask(DOMAIN, 1, WW_ORDER_RECORD);
    struct ww_msg_order order = next_order();
    assert_string_equal(order.domain, DOMAIN);
    assert_int_equal(order.what, WW_ORDER_RECORD);
    assert_true(ww_slice_is(order.text, ID));
    assert_nothing_for(&t.steward);
    tell_done(order.number, false, "REFUSED");
    assert_told(number, false, "REFUSED");
    tell_done(order.number, true, ""); /* once */
    assert_nothing_for(&t.steward);
    number = ask(DOMAIN, 1, WW_ORDER_TLSRPT);
    order = next_order();
    assert_true(ww_slice_is(order.text, "mailto:tls@example.com"));
    tell_done(order.number, true, "");
    assert_told(number, true, "");
}

/* It has one domain, and asks for all that there is. */
static void a_steward_gone_mad(void **state)
{
    static const struct {
        const char *domain;
        uint64_t version;
        enum ww_order what;
        const char *why;
    } cases[] = {
        {OTHER, 1, WW_ORDER_RECORD, "it is not due"}, /* managed, but not given to it */
        {"example.org", 1, WW_ORDER_RECORD, "it is not due"},
        {"www." DOMAIN, 1, WW_ORDER_RECORD, "it is not due"},
        {"com", 1, WW_ORDER_NO_RECORD, "it is not due"},
        {"EXAMPLE.COM", 1, WW_ORDER_RECORD, "it is not due"},
        {"../" DOMAIN, 1, WW_ORDER_FILES, "it is not due"},
        {DOMAIN ".\\032IN", 1, WW_ORDER_RECORD, "it is not due"},
        {DOMAIN, 2, WW_ORDER_RECORD, "it was changed meanwhile"},
        {DOMAIN, 1, WW_ORDER_RECORD, "it is not due"}, /* once, whatever came of it */
        {DOMAIN, 1, WW_ORDER_NO_RECORD, "it is not retired"},
        {DOMAIN, 1, WW_ORDER_CERTIFICATE, "its certificate is kept by somebody else"},
    };
    (void)state;
    open_clerk();
    open_steward(1);
    add(OTHER);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_told(ask(cases[i].domain, cases[i].version, cases[i].what), false, cases[i].why);
    assert_nothing_for(&t.clerk);
    /* What is none at all ends nobody. */
    static const char *const rubbish[] = {"", "x", "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\377\377"};
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
        char bytes[32];
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        ww_buf_bytes(&b, rubbish[i], i == 2 ? 18 : strlen(rubbish[i]));
        fake_peer_send(&t.steward, WW_MSG_ORDER_ASK, &b);
        fake_peer_send(&t.steward, WW_MSG_ORDER, &b);
        fake_peer_send(&t.steward, WW_MSG_ORDER_DONE, &b);
    }
    assert_nothing_for(&t.steward);
    assert_false(t.steward.down);
    /* A flood brings one order of each kind that is due, one after the other. */
    for (int i = 0; i < 1000; i++)
        (void)ask(DOMAIN, 1, i % 2 == 0 ? WW_ORDER_FILES : WW_ORDER_TLSRPT);
    assert_int_equal(next_order().what, WW_ORDER_FILES);
    for (int i = 0; i < 999; i++)
        assert_int_equal(next_of(&t.steward)->type, WW_MSG_ORDER_TOLD);
    assert_nothing_for(&t.steward);
    assert_nothing_for(&t.clerk);
}

/* A clerk that dies in the middle is followed by one that does it; one that always dies is not asked for
 * ever. */
static void a_killed_clerk(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        open_clerk();
        if (i == 0)
            open_steward(1);
        uint64_t number = ask(DOMAIN, 1, i == 0 ? WW_ORDER_RECORD : WW_ORDER_TLSRPT);
        uint64_t first = next_order().number;
        close_clerk();
        assert_nothing_for(&t.steward);
        open_clerk();
        assert_int_equal(next_order().number, first);
        if (i == 0) {
            tell_done(first, true, "");
            assert_told(number, true, "");
        } else {
            close_clerk();
            assert_told(number, false, "the process that was to do it has died over it, and died again");
        }
    }
    open_clerk();
    assert_nothing_for(&t.clerk);
}

static void what_is_not_due_any_more_is_not_given_again(void **state)
{
    struct ww_published d;
    bool found;
    (void)state;
    open_clerk();
    open_steward(1);
    uint64_t number = ask(DOMAIN, 1, WW_ORDER_RECORD);
    (void)next_order();
    close_clerk();
    assert_int_equal(ww_publish_get(store(), DOMAIN, &d, &found), WW_OK);
    d.version++;
    assert_int_equal(ww_publish_put(store(), &d), WW_OK);
    open_clerk();
    assert_told(number, false, "it was changed meanwhile");
    assert_nothing_for(&t.clerk);
}

static void a_clerk_that_comes_later(void **state)
{
    (void)state;
    open_steward(1);
    uint64_t number = ask(DOMAIN, 1, WW_ORDER_FILES);
    assert_nothing_for(&t.steward);
    open_clerk();
    struct ww_msg_order order = next_order();
    tell_done(order.number, true, "");
    assert_told(number, true, "");
    /* One that does not is not waited for for ever. */
    close_clerk();
    number = ask(DOMAIN, 1, WW_ORDER_RECORD);
    assert_nothing_for(&t.steward);
    event_active(t.k->away, EV_TIMEOUT, 1);
    assert_told(number, false, "the role clerk, which is to do it, is away");
    open_clerk();
    assert_nothing_for(&t.clerk);
}

/* What the clerk has goes on: until it has told, nothing else is done for the domain. */
static void a_killed_steward(void **state)
{
    (void)state;
    open_clerk();
    open_steward(1);
    (void)ask(DOMAIN, 1, WW_ORDER_RECORD);
    struct ww_msg_order order = next_order();
    open_steward(0);
    assert_int_equal(ww_publish_set_due(store(), DOMAIN, 1), WW_OK);
    open_steward(1);
    assert_told(ask(DOMAIN, 1, WW_ORDER_FILES), false, "something else is still being done for it");
    tell_done(order.number, true, "");
    assert_nothing_for(&t.steward);
    uint64_t number = ask(DOMAIN, 1, WW_ORDER_RECORD);
    order = next_order();
    assert_nothing_for(&t.steward);
    /* A clerk that dies over what nobody waits for leaves it. */
    open_steward(0);
    close_clerk();
    open_clerk();
    assert_nothing_for(&t.clerk);
    assert_true(number > 0);
}

/* ---- How soon it may begin again ---- */

static int64_t due_at(void)
{
    struct ww_published d;
    bool found;
    assert_int_equal(ww_publish_get(store(), DOMAIN, &d, &found), WW_OK);
    return d.next_at;
}

static void give_back(bool done_something)
{
    static char octets[1 << 16], message[WW_MSG_PIECE_SIZE];
    static struct ww_msg_tended m;
    struct ww_buf b = ww_buf(octets, sizeof octets), piece = ww_buf(message, sizeof message);
    bool found;
    memset(&m, 0, sizeof m);
    assert_int_equal(ww_publish_get(store(), DOMAIN, &m.domain, &found), WW_OK);
    m.domain.next_at = 0;
    m.done_something = done_something;
    ww_msg_put_tended(&b, &m);
    struct ww_slice rest = ww_slice(b.p, b.n);
    while (ww_pieces_cut(&rest, &piece))
        fake_peer_send(&t.steward, WW_MSG_TENDED, &piece);
    test_run_ms(t.base, 20);
}

/* Whatever the steward says, it gets a domain for which something was done no sooner than so. */
static void a_steward_in_a_hurry(void **state)
{
    static const struct {
        enum ww_order what; /* NONE: nothing */
        bool good;
        int64_t least;
    } cases[] = {
        {WW_ORDER_FILES, false, 0},
        {WW_ORDER_RECORD, true, 2},
        {WW_ORDER_RECORD, false, 30},
        {WW_ORDER_NONE, true, 30}, /* it tells of what it was not given */
    };
    (void)state;
    open_clerk();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int done = 0; done < 2; done++) {
            close_steward();
            assert_int_equal(ww_publish_set_due(store(), DOMAIN, 1), WW_OK);
            open_steward(1);
            if (cases[i].what != WW_ORDER_NONE) {
                uint64_t number = ask(DOMAIN, 1, cases[i].what);
                tell_done(next_order().number, cases[i].good, "");
                assert_told(number, cases[i].good, "");
            } else {
                give_back(false);
            }
            int64_t begun = (int64_t)time(NULL);
            give_back(done == 1);
            assert_true(due_at() >= begun + cases[i].least);
            /* With a lease it has been given again: it was time for that. */
            assert_true(due_at() < begun + WW_PUBLISH_LEASE || time(NULL) >= begun + cases[i].least);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due),
        TEST(an_order_goes_round),
        TEST(a_steward_gone_mad),
        TEST(a_killed_clerk),
        TEST(what_is_not_due_any_more_is_not_given_again),
        TEST(a_clerk_that_comes_later),
        TEST(a_killed_steward),
        TEST(a_steward_in_a_hurry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
