/* A front with a real listener, and fake peers on the same loop. Each test has a new one. */
#ifndef WW_TESTS_DAEMON_FRONT_FIXTURE_H
#define WW_TESTS_DAEMON_FRONT_FIXTURE_H

#include "daemon/role.h"

#include "fake_peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Long for all tests but the one that waits for it, so that a busy machine fails none. */
#define DEADLINE_MS 2000

static const char policy_body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";
static const char other_body[] = "version: STSv1\nmode: enforce\nmx: other.example.com\nmax_age: 86400\n";

#define ANSWER "52:OK secure match=mail.example.com servername=hostname,"
#define OTHER_ANSWER "53:OK secure match=other.example.com servername=hostname,"
#define NOTFOUND "9:NOTFOUND ,"

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_role_stats stats;
    void *front;
    struct fake_peer keeper;
    struct fake_peer resolver;
    struct sockaddr_un address;
    socklen_t address_n;
    int listener;
    const char *origin;                  /* the address that policies come from, or NULL */
    char kept_origin[WW_ADDR_TEXT_SIZE]; /* of the last policy that was kept */
} t;

static inline void settle(void)
{
    test_settle(t.base);
}

static inline void connect_keeper(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_KEEPER, .count = 1};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&t.keeper, t.base));
}

/* instead: in the place of one that has not died. */
static inline void connect_resolver_as(bool instead)
{
    const struct ww_msg_peer peer = {
        .kind = WW_ROLE_RESOLVER, .count = (uint16_t)t.config.resolvers, .instead = instead};
    ww_role_front.peer(t.front, &peer, fake_peer_open(&t.resolver, t.base));
}

static inline void connect_resolver(void)
{
    connect_resolver_as(false);
}

/* A policy as the store has it, last checked so many seconds ago. */
static inline void load_policy(const char *domain, const char *body, int64_t age)
{
    int64_t now = (int64_t)time(NULL);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = ww_slice_str(body),
        .mode = WW_MODE_ENFORCE,
        .fetched = now - age,
        .expires = now - age + 86400,
        .checked = now - age,
    };
    static char payload[WW_CHAN_MESSAGE_MAX];
    static char space[WW_CHAN_MESSAGE_MAX];
    struct ww_buf part = ww_buf(payload, sizeof payload);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_policy(&part, &policy);
    ww_msg_put_part(&b, ww_slice(part.p, part.n));
    fake_peer_send(&t.keeper, WW_MSG_POLICIES, &b);
}

/* The next message to the keeper; overrides are asked for with each one, which has tests of its own. */
static inline const struct fake_message *keeper_next(void)
{
    const struct fake_message *m;
    do
        m = fake_peer_next(&t.keeper);
    while (m != NULL && m->type == WW_MSG_LOAD_OVERRIDES);
    return m;
}

static inline void begin(void)
{
    fake_peer_send(&t.keeper, WW_MSG_ENFORCED_LOADED, NULL);
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    assert_int_equal(keeper_next()->type, WW_MSG_LOAD);
    assert_null(keeper_next());
}

static inline int client(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&t.address, t.address_n), 0);
    return fd;
}

static inline void write_all(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static inline void ask(int fd, const char *payload)
{
    char text[512];
    snprintf(text, sizeof text, "%zu:%s,", strlen(payload), payload);
    write_all(fd, text);
}

/* What has come so far, NUL-terminated; NULL when the connection has ended. */
static inline const char *answers(int fd)
{
    static char text[65536];
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n == 0)
        return NULL;
    if (n < 0)
        assert_int_equal(errno, EAGAIN);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static inline void expect(int fd, const char *expected)
{
    settle();
    const char *text = answers(fd);
    if (expected == NULL || text == NULL)
        assert_ptr_equal(text, expected);
    else
        assert_string_equal(text, expected);
}

/* The flight that was asked for next. */
static inline struct ww_msg_resolve resolve(const char *domain)
{
    struct ww_msg_resolve m;
    settle();
    const struct fake_message *got = fake_peer_next(&t.resolver);
    if (got == NULL)
        fail_msg("no flight of %s", domain);
    assert_int_equal(got->type, WW_MSG_RESOLVE);
    assert_int_equal(ww_msg_get_resolve(got->payload, &m), WW_OK);
    assert_string_equal(m.ask.domain, domain);
    return m;
}

static inline void no_flight(void)
{
    settle();
    assert_null(fake_peer_next(&t.resolver));
}

static inline void resolved_by(struct fake_peer *resolver, uint64_t flight, enum ww_discovery_outcome outcome,
                               const char *id, const char *body)
{
    char space[4096];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_resolved m = {.flight = flight, .result = {.outcome = outcome, .record_ttl = 300}};
    snprintf(m.result.id, sizeof m.result.id, "%s", id);
    m.result.body = ww_slice_str(body);
    if (t.origin != NULL)
        snprintf(m.result.origin.address, sizeof m.result.origin.address, "%s", t.origin);
    ww_msg_put_resolved(&b, &m);
    fake_peer_send(resolver, WW_MSG_RESOLVED, &b);
}

static inline void resolved(uint64_t flight, enum ww_discovery_outcome outcome, const char *id,
                            const char *body)
{
    resolved_by(&t.resolver, flight, outcome, id, body);
}

static inline void stored(uint32_t count)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_stored m = {count};
    ww_msg_put_stored(&b, &m);
    fake_peer_send(&t.keeper, WW_MSG_STORED, &b);
    settle();
}

/* What the keeper is told next: the domain, or "" for nothing. */
static inline const char *kept(enum ww_msg_type type)
{
    static struct ww_msg_policy policy;
    static struct ww_msg_confirm confirm;
    settle();
    const struct fake_message *m = keeper_next();
    if (m == NULL)
        return "";
    assert_int_equal(m->type, type);
    if (type == WW_MSG_POLICY) {
        assert_int_equal(ww_msg_get_policy(m->payload, &policy), WW_OK);
        const struct ww_origin *origin = policy.policy.origin;
        snprintf(t.kept_origin, sizeof t.kept_origin, "%s", origin != NULL ? origin->address : "");
        return policy.domain;
    }
    assert_int_equal(ww_msg_get_confirm(m->payload, &confirm), WW_OK);
    return confirm.domain;
}

static char *preset_preload; /* preload.source of the next setup */

static inline int setup_with(unsigned resolvers)
{
    memset(&t, 0, sizeof t);
    t.config.preload_source = preset_preload;
    t.config.answer_deadline_ms = DEADLINE_MS;
    t.config.resolvers = resolvers;
    t.config.max_domains = 1000;
    t.config.cache_max_bytes = (size_t)1 << 30;
    t.config.life = (struct ww_life_rules){
        .recheck = 300, .no_record_min = 60, .no_record_max = 3600, .fetch_retry = 300, .dns_retry = 30};
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.base = event_base_new();
    if (t.base == NULL)
        return -1;
    t.stats.statm = -1;
    const struct ww_role_env env = {.base = t.base, .config = &t.config, .stats = &t.stats};
    t.front = ww_role_front.start(&env);
    if (t.front == NULL)
        return -1;
    /* The system picks an abstract name. */
    t.address.sun_family = AF_UNIX;
    t.address_n = sizeof t.address;
    t.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(t.listener, (struct sockaddr *)&t.address, sizeof(sa_family_t)) != 0 ||
        getsockname(t.listener, (struct sockaddr *)&t.address, &t.address_n) != 0 ||
        listen(t.listener, 128) != 0)
        return -1;
    static const struct ww_msg_listener listener = {.name = "unix:test"};
    ww_role_front.listener(t.front, &listener, t.listener);
    connect_keeper();
    connect_resolver();
    return 0;
}

static inline int setup(void **state)
{
    (void)state;
    return setup_with(1);
}

static inline int teardown(void **state)
{
    (void)state;
    ww_role_front.finish(t.front);
    fake_peer_close(&t.keeper);
    fake_peer_close(&t.resolver);
    event_base_free(t.base);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
