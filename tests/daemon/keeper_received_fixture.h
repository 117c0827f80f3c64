/* The keeper's part in reports of others, with an intake that is told what to give, and a control. */
#ifndef WW_TESTS_DAEMON_KEEPER_RECEIVED_FIXTURE_H
#define WW_TESTS_DAEMON_KEEPER_RECEIVED_FIXTURE_H

#include "daemon/keeper_received_private.h"

#include "codec/gzip.h"
#include "fake_peer.h"
#include "proc/msg_watch.h"
#include "store/store_db.h"

#include <stdio.h>

#define DAY INT64_C(20786)
#define NOW (DAY * WW_DAY_SECONDS + 40000)
#define ENCODED ((size_t)4 << 20)

static struct {
    char folder[64], path[96];
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_store *keeping;
    struct ww_keeper_received *k;
    struct ww_asked *asked;
    struct fake_peer intake, control;
    int64_t now, steady;
    uint64_t job;
    char report[ENCODED], decoded[ENCODED], take[ENCODED];
} t;

static inline int64_t test_now(void)
{
    return t.now;
}

static inline int64_t test_steady(void)
{
    return t.steady;
}

static inline size_t on_well(void *ctx)
{
    (void)ctx;
    return 0;
}

static inline void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)ctx;
    ww_keeper_received_asked(t.k, t.asked, ask, ref);
}

static inline void start(void)
{
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.k = ww_keeper_received_new(t.base, t.keeping, &t.config, &t.stats);
    assert_non_null(t.k);
    t.k->now = test_now;
    t.k->steady = test_steady;
    ww_keeper_received_peer(t.k, fake_peer_open(&t.intake, t.base));
    ww_keeper_received_well(t.k);
}

static inline int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.base = event_base_new();
    t.now = NOW;
    t.steady = 1000;
    t.config.intake_per_day = (size_t)1 << 30;
    t.config.intake_keep = 400 * WW_DAY_SECONDS;
    t.config.intake_keep_raw = 90 * WW_DAY_SECONDS;
    t.config.intake_keep_quarantine = 30 * WW_DAY_SECONDS;
    t.asked = ww_asked_new(t.base, on_asked, NULL);
    ww_asked_peer(t.asked, fake_peer_open(&t.control, t.base));
    start();
    return 0;
}

static inline int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    ww_asked_free(t.asked);
    ww_keeper_received_free(t.k);
    ww_keeper_store_free(t.keeping);
    fake_peer_close(&t.intake);
    fake_peer_close(&t.control);
    event_base_free(t.base);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static inline int64_t number(const char *sql)
{
    sqlite3_stmt *st = NULL;
    struct ww_store *store = ww_keeper_store_to_read(t.keeping);
    assert_non_null(store);
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

/* What comes in: by default a signed mail with a report of one policy and one failure. */
struct coming {
    const char *organization, *id, *domain, *about;
    int64_t success;
    bool unsigned_mail, https, no_decoded, no_report;
    enum ww_err error; /* a deviation for which it cannot be read */
    const char *octets;
    struct ww_received *report; /* in place of that */
};

static inline size_t encode_report(const struct coming *c)
{
    const struct ww_received_detail failure = {.type = ww_slice_str("certificate-expired"),
                                               .receiving_mx = ww_slice_str("mx1.example.com"),
                                               .sending_ip = ww_slice_str("192.0.2.1"),
                                               .sessions = 2};
    struct ww_received_policy policy = {.type = ww_slice_str("sts"),
                                        .strings = ww_slice_str("version: STSv1\nmode: enforce\n"),
                                        .mx_hosts = ww_slice_str("*.example.com\n"),
                                        .success = c->success,
                                        .failure = 2,
                                        .details = &failure,
                                        .detail_count = 1};
    const struct ww_received simple = {.organization = ww_slice_str(c->organization),
                                       .contact = ww_slice_str("tls@sender.example"),
                                       .report_id = ww_slice_str(c->id),
                                       .begin = DAY * WW_DAY_SECONDS,
                                       .end = (DAY + 1) * WW_DAY_SECONDS - 1,
                                       .policies = &policy,
                                       .count = 1};
    struct ww_buf b = ww_buf(t.report, sizeof t.report);
    (void)snprintf(policy.domain, sizeof policy.domain, "%s", c->domain);
    ww_msg_put_received(&b, c->report != NULL ? c->report : &simple);
    assert_false(b.failed);
    return b.n;
}

static inline void fill_mail(const struct coming *c, struct ww_msg_mail_facts *mail)
{
    (void)snprintf(mail->from, sizeof mail->from, "noreply@sender.example");
    (void)snprintf(mail->message_id, sizeof mail->message_id, "1@sender.example");
    (void)snprintf(mail->submitter, sizeof mail->submitter, "Submitter.example");
    (void)snprintf(mail->about, sizeof mail->about, "%s", c->about != NULL ? c->about : "");
    mail->dkim = (struct ww_dkim_fact){c->unsigned_mail ? WW_DKIM_NONE : WW_DKIM_PASS, "sender.example", "s1",
                                       !c->unsigned_mail, ""};
}

static inline void send_take(struct ww_slice octets)
{
    static char piece[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(piece, sizeof piece);
    while (ww_pieces_cut(&octets, &b))
        fake_peer_send(&t.intake, WW_MSG_TAKE, &b);
}

/* Its octets are in t.take. */
static inline size_t encode(const struct coming *c)
{
    static struct ww_msg_decoded d;
    struct ww_buf decoded = ww_buf(t.decoded, sizeof t.decoded), take = ww_buf(t.take, sizeof t.take);
    struct ww_msg_take m = {.job = ++t.job,
                            .channel = c->https ? WW_CHANNEL_HTTPS : WW_CHANNEL_LMTP,
                            .came_at = t.now,
                            .peer = "postmaster@sender.example",
                            .mail = true};
    memset(&d, 0, sizeof d);
    d.job = m.job;
    d.stage = WW_DECODE_WHOLE;
    fill_mail(c, &d.mail);
    ww_deviations_add(&d.deviations, WW_E_DKIM_KEY, WW_SEVERITY_WARNING, "policies[0].summary");
    if (c->error != WW_OK)
        ww_deviations_add(&d.deviations, c->error, WW_SEVERITY_ERROR, "octet 7");
    d.report = ww_slice(t.report, c->no_report ? 0 : encode_report(c));
    d.content = c->error == WW_OK ? ww_slice_str("gzipped JSON") : ww_slice("", 0);
    ww_msg_put_decoded(&decoded, &d);
    m.decoded = ww_slice(decoded.p, c->no_decoded ? 0 : decoded.n);
    m.octets = ww_slice_str(c->octets != NULL ? c->octets : "");
    ww_msg_put_take(&take, &m);
    assert_false(decoded.failed || take.failed);
    return take.n;
}

static inline uint64_t come(const struct coming *c)
{
    send_take(ww_slice(t.take, encode(c)));
    return t.job;
}

static inline bool told(struct ww_msg_taken *m)
{
    test_settle(t.base);
    const struct fake_message *got = fake_peer_next(&t.intake);
    if (got == NULL)
        return false;
    assert_int_equal(got->type, WW_MSG_TAKEN);
    assert_int_equal(ww_msg_get_taken(got->payload, m), WW_OK);
    return true;
}

static inline struct ww_msg_taken take(const struct coming *c)
{
    struct ww_msg_taken m;
    uint64_t job = come(c);
    assert_true(told(&m));
    assert_int_equal(m.job, job);
    return m;
}

static const struct coming simple = {
    .organization = "Sender", .id = "id", .domain = "example.com", .success = 10};

#endif
