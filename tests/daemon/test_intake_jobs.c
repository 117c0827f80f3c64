/* Submissions on their way, between a decoder and a keeper that the test is; keys are looked up in a DNS of
 * its own. */
#include "daemon/intake_jobs.h"

#include "daemon/intake_keys.h"
#include "fake_dns.h"
#include "fake_peer.h"
#include "netns.h"
#include "proc/msg_watch.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define RESOLVER "127.0.0.53"
#define KEY "v=DKIM1; k=ed25519; p=AAAA"
#define MAX_SIZE ((size_t)12 << 20)

static const struct fake_name names[] = {
    {"a._domainkey.one", FAKE_TXT, KEY},
    {"b._domainkey.one", FAKE_TXT, KEY "2"},
    {"bogus._domainkey.one", FAKE_BOGUS, KEY},
    {NULL, FAKE_TXT, NULL},
};

static struct event_base *base;
static struct ww_dns *dns;
static struct ww_stats stats;
static struct ww_intake_jobs *jobs;
static struct fake_peer decoder, keeper;
static struct ww_config config = {.intake_max_size = MAX_SIZE};
static char space[(size_t)16 << 20];

/* What the submitters have heard, in order. */
static struct {
    unsigned count;
    struct ww_msg_taken last;
    uint64_t tags[512]; /* which ones */
} told;

static void on_done(void *ctx, const struct ww_msg_taken *taken)
{
    assert_true(told.count < COUNT(told.tags));
    told.tags[told.count++] = (uint64_t)(uintptr_t)ctx;
    told.last = *taken;
}

static void open_decoder(void)
{
    ww_intake_jobs_peer(jobs, WW_ROLE_DECODER, fake_peer_open(&decoder, base));
}

static void open_keeper(void)
{
    ww_intake_jobs_peer(jobs, WW_ROLE_KEEPER, fake_peer_open(&keeper, base));
}

static int set_up(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    memset(&stats, 0, sizeof stats);
    jobs = ww_intake_jobs_new(base, &config, dns, &stats);
    assert_non_null(jobs);
    ww_intake_jobs_dns_tested(jobs);
    open_decoder();
    open_keeper();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ww_intake_jobs_free(jobs);
    fake_peer_close(&decoder);
    fake_peer_close(&keeper);
    return 0;
}

static uint64_t begin_with(bool mail, struct ww_slice octets, uintptr_t tag, enum ww_err *err)
{
    const struct ww_intake_submission s = {
        .mail = mail, .channel = WW_CHANNEL_HTTPS, .peer = "192.0.2.1", .octets = octets};
    return ww_intake_jobs_begin(jobs, &s, on_done, (void *)tag, err); // NOLINT(performance-no-int-to-ptr)
}

static uint64_t begin(bool mail, const char *text, uintptr_t tag)
{
    enum ww_err err;
    uint64_t job = begin_with(mail, ww_slice_str(text), tag, &err);
    assert_int_equal(err, WW_OK);
    assert_true(job != 0);
    return job;
}

/* The next whole message of a type that a peer has got; n of *whole is 0: none. In space. */
static bool next_whole(struct fake_peer *peer, uint16_t type, struct ww_slice *whole)
{
    const struct fake_message *m;
    struct ww_buf b = ww_buf(space, sizeof space);
    bool last = false;
    test_settle(base);
    while (!last && (m = fake_peer_next(peer)) != NULL) {
        struct ww_slice octets;
        assert_int_equal(m->type, type);
        assert_int_equal(ww_msg_get_piece(m->payload, &last, &octets), WW_OK);
        ww_buf_slice(&b, octets);
    }
    assert_false(b.failed);
    *whole = ww_slice(b.p, b.n);
    return last;
}

static bool next_decode(struct ww_msg_decode *m)
{
    struct ww_slice whole;
    if (!next_whole(&decoder, WW_MSG_DECODE, &whole))
        return false;
    assert_int_equal(ww_msg_get_decode(whole, m), WW_OK);
    return true;
}

static bool next_take(struct ww_msg_take *m)
{
    struct ww_slice whole;
    if (!next_whole(&keeper, WW_MSG_TAKE, &whole))
        return false;
    assert_int_equal(ww_msg_get_take(whole, m), WW_OK);
    return true;
}

/* In pieces of a size that cuts through whatever stands there. */
static void say_octets(struct ww_slice octets)
{
    char piece[256];
    for (size_t at = 0; at < octets.n; at += 100) {
        size_t n = octets.n - at < 100 ? octets.n - at : 100;
        struct ww_buf p = ww_buf(piece, sizeof piece);
        ww_msg_put_piece(&p, at + n == octets.n, ww_slice(octets.p + at, n));
        fake_peer_send(&decoder, WW_MSG_DECODED, &p);
    }
    test_settle(base);
}

static void say(const struct ww_msg_decoded *m)
{
    static char answer[65536];
    struct ww_buf b = ww_buf(answer, sizeof answer);
    ww_msg_put_decoded(&b, m);
    assert_false(b.failed);
    say_octets(ww_slice(b.p, b.n));
}

static struct ww_slice a_report(void)
{
    static char octets[512];
    const struct ww_received report = {.organization = ww_slice_str("Them"),
                                       .contact = ww_slice_str(""),
                                       .report_id = ww_slice_str("1"),
                                       .success = 3};
    struct ww_buf b = ww_buf(octets, sizeof octets);
    ww_msg_put_received(&b, &report);
    return ww_slice(b.p, b.n);
}

static void say_read(uint64_t job)
{
    const struct ww_msg_decoded m = {
        .job = job, .stage = WW_DECODE_WHOLE, .report = a_report(), .content = ww_slice_str("gzip")};
    say(&m);
}

static void say_unread(uint64_t job)
{
    struct ww_msg_decoded m = {
        .job = job, .stage = WW_DECODE_WHOLE, .report = ww_slice("", 0), .content = ww_slice("", 0)};
    ww_deviations_add(&m.deviations, WW_E_GZIP, WW_SEVERITY_ERROR, "here");
    say(&m);
}

static void say_names(uint64_t job, const char *const *list)
{
    struct ww_msg_decoded m = {
        .job = job, .stage = WW_DECODE_NAMES, .report = ww_slice("", 0), .content = ww_slice("", 0)};
    for (; *list != NULL; list++)
        (void)snprintf(m.names.names[m.names.count++], WW_DNAME_SIZE, "%s", *list);
    say(&m);
}

static void say_taken(uint64_t job, enum ww_err err, enum ww_taken taken)
{
    char payload[256];
    const struct ww_msg_taken m = {.job = job, .err = err, .taken = taken, .number = job + 100};
    struct ww_buf b = ww_buf(payload, sizeof payload);
    ww_msg_put_taken(&b, &m);
    fake_peer_send(&keeper, WW_MSG_TAKEN, &b);
    test_settle(base);
}

static uint64_t counted(unsigned outcome)
{
    return stats.values[ww_stat_submission(WW_CHANNEL_HTTPS, outcome)];
}

/* One goes all the way that follows the decoder's last answer. */
static void expect_taken(const char *octets, bool read)
{
    struct ww_msg_take take;
    assert_true(next_take(&take));
    assert_true(ww_slice_is(take.octets, octets));
    assert_int_equal(take.decoded.n > 0, read);
    say_taken(take.job, WW_OK, WW_TAKEN_NEW);
}

/* ---- What becomes of one ---- */

static void test_report(void **state)
{
    struct ww_msg_decode m;
    struct ww_msg_take take;
    struct ww_msg_decoded decoded;
    (void)state;
    uint64_t job = begin(false, "{}", 7);
    assert_int_equal(ww_intake_jobs_count(jobs), 1);
    assert_true(next_decode(&m));
    assert_int_equal(m.job, job);
    assert_int_equal(m.stage, WW_DECODE_WHOLE);
    assert_int_equal(m.key_count, 0);
    assert_false(m.mail);
    assert_true(m.now > 0 && ww_slice_is(m.octets, "{}"));
    say_read(job);
    assert_int_equal(told.count, 0);
    assert_true(next_take(&take));
    assert_int_equal(take.job, job);
    assert_int_equal(take.channel, WW_CHANNEL_HTTPS);
    assert_int_equal(take.came_at, m.now);
    assert_string_equal(take.peer, "192.0.2.1");
    assert_int_equal(take.octets.n, 0);
    assert_int_equal(ww_msg_get_decoded(take.decoded, &decoded), WW_OK);
    assert_true(ww_slice_is(decoded.content, "gzip"));
    say_taken(job, WW_OK, WW_TAKEN_AGAIN);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.tags[0], 7);
    assert_int_equal(told.last.taken, WW_TAKEN_AGAIN);
    assert_int_equal(told.last.number, job + 100);
    assert_int_equal(counted(WW_TAKEN_AGAIN), 1);
    assert_int_equal(ww_intake_jobs_count(jobs), 0);
}

static void test_unread(void **state)
{
    (void)state;
    uint64_t job = begin(false, "nonsense", 0);
    say_unread(job);
    expect_taken("nonsense", true);
    assert_int_equal(told.count, 1);
}

static void test_keeper_refuses(void **state)
{
    (void)state;
    uint64_t job = begin(false, "x", 0);
    say_read(job);
    say_taken(job, WW_E_STORE_FULL, WW_TAKEN_NEW);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.last.err, WW_E_STORE_FULL);
    assert_int_equal(counted(WW_STAT_SUBMISSION_LATER), 1);
    assert_int_equal(counted(WW_TAKEN_NEW), 0);
}

/* Turns until the decoder has got another message. */
static void wait_decode(struct ww_msg_decode *m)
{
    while (!next_decode(m))
        (void)event_base_loop(base, EVLOOP_ONCE);
}

static void test_keys(void **state)
{
    static const char *const wanted[] = {"a._domainkey.one", "none._domainkey.one", "bogus._domainkey.one",
                                         "one", NULL};
    static const char *const again[] = {"b._domainkey.one", "a._domainkey.one", NULL};
    static const enum ww_dkim_key_found founds[] = {WW_DKIM_KEY_FOUND, WW_DKIM_KEY_ABSENT,
                                                    WW_DKIM_KEY_NOT_NOW, WW_DKIM_KEY_ABSENT};
    struct ww_msg_decode m;
    (void)state;
    uint64_t job = begin(true, "From: x", 0);
    assert_true(next_decode(&m));
    assert_int_equal(m.stage, WW_DECODE_NAMES);
    assert_true(m.mail);
    say_names(job, wanted);
    wait_decode(&m);
    assert_int_equal(m.stage, WW_DECODE_WHOLE);
    assert_int_equal(m.key_count, COUNT(founds));
    assert_true(ww_slice_is(m.octets, "From: x"));
    for (size_t i = 0; i < COUNT(founds); i++) {
        assert_string_equal(m.keys[i].name, wanted[i]);
        assert_int_equal(m.keys[i].found, founds[i]);
        assert_true(ww_slice_is(m.keys[i].record, founds[i] == WW_DKIM_KEY_FOUND ? KEY : ""));
    }
    say_read(job);
    expect_taken("", true);
    /* one that is known, and one that is not */
    job = begin(true, "From: y", 0);
    say_names(job, again);
    wait_decode(&m); /* the names */
    wait_decode(&m);
    assert_int_equal(m.key_count, 2);
    assert_true(ww_slice_is(m.keys[0].record, KEY "2"));
    assert_true(ww_slice_is(m.keys[1].record, KEY));
    assert_int_equal(stats.values[WW_STAT_DKIM_KEY_ERRORS + WW_E_DNS_BOGUS], 1);
}

static void test_unsigned_mail(void **state)
{
    static const char *const none[] = {NULL};
    struct ww_msg_decode m;
    (void)state;
    uint64_t job = begin(true, "From: x", 0);
    assert_true(next_decode(&m));
    say_names(job, none);
    assert_true(next_decode(&m));
    assert_int_equal(m.stage, WW_DECODE_WHOLE);
    assert_int_equal(m.key_count, 0);
}

/* What is known is not asked for again, and is forgotten in its time; all wait until DNS was tested. */
static unsigned knowns;

static void on_known(void *ctx)
{
    (void)ctx;
    knowns++;
}

static void test_key_cache(void **state)
{
    struct ww_dkim_found_key key;
    char name[WW_DNAME_SIZE];
    (void)state;
    struct ww_intake_keys *keys = ww_intake_keys_new(dns, &stats, on_known, NULL);
    int64_t now = ww_clock_ms();
    knowns = 0;
    assert_false(ww_intake_keys_get(keys, "a._domainkey.one", now, &key));
    test_run_ms(base, 100);
    assert_int_equal(knowns, 0);
    ww_intake_keys_begin(keys);
    assert_int_equal(knowns, 1);
    assert_false(ww_intake_keys_get(keys, "a._domainkey.one", now, &key)); /* the same look-up */
    while (knowns == 1)
        (void)event_base_loop(base, EVLOOP_ONCE);
    assert_true(ww_intake_keys_get(keys, "a._domainkey.one", now, &key));
    assert_true(ww_slice_is(key.record, KEY));
    test_run_ms(base, 50);
    assert_int_equal(knowns, 2);
    now = ww_clock_ms() + WW_INTAKE_KEY_FOUND_MS;
    assert_false(ww_intake_keys_get(keys, "a._domainkey.one", now, &key));
    while (knowns == 2)
        (void)event_base_loop(base, EVLOOP_ONCE);
    assert_true(ww_intake_keys_get(keys, "", now, &key));
    assert_int_equal(key.found, WW_DKIM_KEY_ABSENT);
    /* more than there is room for: one that is known gives way, and then nothing does */
    for (int i = 0; i < WW_INTAKE_KEYS_MAX; i++) {
        (void)snprintf(name, sizeof name, "n%d._domainkey.one", i);
        assert_false(ww_intake_keys_get(keys, name, now, &key));
    }
    assert_true(ww_intake_keys_get(keys, "a._domainkey.one", now, &key));
    assert_int_equal(key.found, WW_DKIM_KEY_NOT_NOW);
    assert_string_equal(key.name, "a._domainkey.one");
    ww_intake_keys_free(keys);
}

/* ---- Deaths ---- */

static void kill_decoder(void)
{
    ww_chan_free(decoder.chan);
    decoder.chan = NULL;
    test_settle(base);
}

static void test_decoder_dies(void **state)
{
    struct ww_msg_decode m;
    (void)state;
    uint64_t first = begin(false, "one", 1), second = begin(false, "two", 2),
             third = begin(false, "three", 3);
    say_read(first);
    expect_taken("", true);
    while (next_decode(&m))
        continue;
    assert_int_equal(m.job, third);
    kill_decoder();
    assert_int_equal(stats.values[WW_STAT_DECODER_DEATHS], 1);
    uint64_t fourth = begin(false, "four", 4);
    open_decoder();
    const uint64_t wanted[] = {second, third, fourth};
    for (size_t i = 0; i < COUNT(wanted); i++) {
        assert_true(next_decode(&m));
        assert_int_equal(m.job, wanted[i]);
        say_read(m.job);
        expect_taken("", true);
    }
    assert_false(next_decode(&m));
    assert_int_equal(told.count, 4);
    for (unsigned i = 0; i < told.count; i++)
        assert_int_equal(told.tags[i], i + 1);
}

/* The one to blame is kept unread, the others are read. */
static void test_quarantine(void **state)
{
    struct ww_msg_decode m;
    (void)state;
    uint64_t bad = begin(false, "bad", 1), good = begin(false, "good", 2);
    for (int i = 0; i < WW_INTAKE_DEATHS_MAX; i++) {
        assert_true(next_decode(&m));
        assert_int_equal(m.job, bad);
        assert_true(next_decode(&m));
        assert_int_equal(m.job, good);
        kill_decoder();
        if (i + 1 < WW_INTAKE_DEATHS_MAX)
            open_decoder();
    }
    expect_taken("bad", false);
    assert_int_equal(told.count, 1);
    assert_int_equal(stats.values[WW_STAT_DECODER_DEATHS], WW_INTAKE_DEATHS_MAX);
    open_decoder();
    assert_true(next_decode(&m));
    assert_int_equal(m.job, good);
    assert_false(next_decode(&m));
    say_read(good);
    expect_taken("", true);
}

/* Of a mail that was at its second stage the keys are still there. */
static void test_death_with_keys(void **state)
{
    static const char *const wanted[] = {"a._domainkey.one", NULL};
    struct ww_msg_decode m;
    (void)state;
    uint64_t job = begin(true, "From: x", 0);
    say_names(job, wanted);
    wait_decode(&m);
    wait_decode(&m);
    kill_decoder();
    open_decoder();
    assert_true(next_decode(&m));
    assert_int_equal(m.stage, WW_DECODE_WHOLE);
    assert_int_equal(m.key_count, 1);
    assert_true(ww_slice_is(m.keys[0].record, KEY));
}

/* One that is replaced while it lives is no death. */
static void test_another_decoder(void **state)
{
    struct ww_msg_decode m;
    struct fake_peer old = {.chan = NULL};
    (void)state;
    uint64_t job = begin(false, "x", 0);
    test_settle(base);
    old.chan = decoder.chan;
    decoder.chan = NULL;
    decoder.taken = decoder.count;
    open_decoder();
    assert_true(next_decode(&m));
    assert_int_equal(m.job, job);
    assert_int_equal(stats.values[WW_STAT_DECODER_DEATHS], 0);
    ww_chan_free(old.chan);
}

static void test_keeper_dies(void **state)
{
    struct ww_msg_take take;
    enum ww_err err;
    (void)state;
    uint64_t first = begin(false, "one", 1), second = begin(false, "two", 2);
    say_read(first);
    say_unread(second);
    assert_true(next_take(&take) && next_take(&take));
    ww_chan_free(keeper.chan);
    keeper.chan = NULL;
    test_settle(base);
    assert_int_equal(begin_with(false, ww_slice_str("three"), 3, &err), 0);
    assert_int_equal(err, WW_E_INTAKE_NO_KEEPER);
    assert_int_equal(told.count, 0);
    open_keeper();
    assert_true(next_take(&take));
    assert_int_equal(take.job, first);
    assert_true(next_take(&take));
    assert_int_equal(take.job, second);
    assert_true(ww_slice_is(take.octets, "two"));
    /* in any order */
    say_taken(second, WW_OK, WW_TAKEN_QUARANTINED);
    say_taken(first, WW_OK, WW_TAKEN_AGAIN);
    assert_int_equal(told.tags[0], 2);
    assert_int_equal(told.tags[1], 1);
    assert_int_equal(told.count, 2);
    say_taken(first, WW_OK, WW_TAKEN_AGAIN); /* once more is nothing */
    assert_int_equal(told.count, 2);
}

/* ---- A decoder that somebody else has become ---- */

enum lie {
    LIE_OTHER_JOB,
    LIE_STAGE,
    LIE_TYPE,
    LIE_OCTETS,
    LIE_NO_PIECE,
    LIE_REPORT,
    LIE_NOTHING_READ,
    LIE_READ_AND_NOT,
    LIE_LONG,
    LIES,
};

static void say_long(void)
{
    static char piece[WW_MSG_PIECE_SIZE], octets[WW_MSG_PIECE_MAX];
    for (size_t n = 0; n <= WW_MSG_DECODED_MAX && !decoder.down; n += sizeof octets) {
        struct ww_buf b = ww_buf(piece, sizeof piece);
        ww_msg_put_piece(&b, false, ww_slice(octets, sizeof octets));
        (void)!ww_chan_send(decoder.chan, WW_MSG_DECODED, ww_slice(b.p, b.n), -1);
        test_settle(base);
    }
}

static void lie(enum lie lie, uint64_t job)
{
    static const char *const none[] = {NULL};
    struct ww_msg_decoded m = {
        .job = job, .stage = WW_DECODE_WHOLE, .report = a_report(), .content = ww_slice_str("gzip")};
    switch (lie) {
    case LIE_OTHER_JOB:
        say_read(job + 1);
        break;
    case LIE_STAGE:
        say_names(job, none);
        break;
    case LIE_TYPE:
        fake_peer_send(&decoder, WW_MSG_TAKEN, NULL);
        break;
    case LIE_OCTETS:
        say_octets(ww_slice_str("hello"));
        break;
    case LIE_NO_PIECE:
        fake_peer_send(&decoder, WW_MSG_DECODED, NULL);
        break;
    case LIE_REPORT:
        m.report = ww_slice_str("no report");
        say(&m);
        break;
    case LIE_NOTHING_READ:
        m.report = ww_slice("", 0);
        say(&m);
        break;
    case LIE_READ_AND_NOT:
        ww_deviations_add(&m.deviations, WW_E_GZIP, WW_SEVERITY_ERROR, "here");
        say(&m);
        break;
    case LIE_LONG:
        say_long();
        break;
    case LIES:
        break;
    }
    test_settle(base);
}

static void test_lies(void **state)
{
    (void)state;
    for (enum lie l = 0; l < LIES; l++) {
        struct ww_msg_decode m;
        unsigned before = told.count;
        uint64_t job = begin(false, "x", 0);
        for (int i = 0; i < WW_INTAKE_DEATHS_MAX; i++) {
            assert_true(next_decode(&m));
            assert_int_equal(m.job, job);
            lie(l, job);
            if (!decoder.down)
                fail_msg("lie %d was believed", (int)l);
            open_decoder();
        }
        expect_taken("x", false);
        assert_int_equal(told.count, before + 1);
        assert_int_equal(stats.values[WW_STAT_DECODER_DEATHS], (l + 1) * WW_INTAKE_DEATHS_MAX);
    }
    /* one that nobody has asked anything */
    say_read(1);
    assert_true(decoder.down);
    assert_int_equal(stats.values[WW_STAT_DECODER_DEATHS], LIES * WW_INTAKE_DEATHS_MAX);
}

static void test_silence(void **state)
{
    const struct ww_intake_patience patience = {.deadline_ms = 600000, .silence_ms = 30};
    struct ww_msg_decode m;
    (void)state;
    ww_intake_jobs_set_patience(jobs, &patience);
    uint64_t job = begin(false, "x", 0);
    for (int i = 0; i < WW_INTAKE_DEATHS_MAX; i++) {
        assert_true(next_decode(&m));
        assert_int_equal(m.job, job);
        while (!decoder.down)
            (void)event_base_loop(base, EVLOOP_ONCE);
        if (i + 1 < WW_INTAKE_DEATHS_MAX)
            open_decoder();
    }
    expect_taken("x", false);
}

/* ---- Bounds ---- */

/* Wherever it is at its deadline, it is answered once, and what comes of it later is nothing. */
static void test_deadlines(void **state)
{
    const struct ww_intake_patience patience = {.deadline_ms = 1, .silence_ms = 600000};
    enum where { WITHOUT_DECODER, AT_DECODER, AT_KEEPER, WHERES };
    (void)state;
    for (enum where where = 0; where < WHERES; where++) {
        memset(&told, 0, sizeof told);
        if (where == WITHOUT_DECODER)
            kill_decoder();
        else if (decoder.chan == NULL)
            open_decoder();
        ww_intake_jobs_set_patience(jobs, &patience);
        uint64_t job = begin(false, "x", 0);
        /* What is there is read before it is looked at the time, so that this one goes on to the keeper. */
        if (where == AT_KEEPER)
            say_read(job);
        while (told.count == 0)
            (void)event_base_loop(base, EVLOOP_ONCE);
        assert_int_equal(told.last.err, WW_E_INTAKE_DEADLINE);
        assert_int_equal(ww_intake_jobs_count(jobs), where == WITHOUT_DECODER ? 0 : 1);
        if (where == AT_DECODER)
            say_read(job);
        else if (where == AT_KEEPER)
            say_taken(job, WW_OK, WW_TAKEN_NEW);
        assert_int_equal(told.count, 1);
        assert_int_equal(ww_intake_jobs_count(jobs), 0);
        assert_false(decoder.down);
    }
    assert_int_equal(counted(WW_STAT_SUBMISSION_LATER), WHERES);
    assert_int_equal(counted(WW_TAKEN_NEW), 0);
}

/* One that is over is not given again. */
static void test_over_and_lost(void **state)
{
    const struct ww_intake_patience patience = {.deadline_ms = 1, .silence_ms = 600000};
    struct ww_msg_decode m;
    (void)state;
    ww_intake_jobs_set_patience(jobs, &patience);
    (void)begin(false, "x", 0);
    while (told.count == 0)
        (void)event_base_loop(base, EVLOOP_ONCE);
    assert_true(next_decode(&m));
    kill_decoder();
    open_decoder();
    assert_false(next_decode(&m));
    assert_int_equal(ww_intake_jobs_count(jobs), 0);
}

static void test_count(void **state)
{
    enum ww_err err;
    (void)state;
    for (int i = 0; i < WW_INTAKE_JOBS_MAX; i++) {
        assert_true(ww_intake_jobs_has_room(jobs, 1));
        (void)begin(false, "x", 0);
    }
    assert_false(ww_intake_jobs_has_room(jobs, 0));
    assert_int_equal(begin_with(false, ww_slice_str("x"), 0, &err), 0);
    assert_int_equal(err, WW_E_INTAKE_FULL);
    say_read(1);
    say_taken(1, WW_OK, WW_TAKEN_NEW);
    (void)begin(false, "x", 0);
    assert_false(ww_intake_jobs_has_room(jobs, 0));
}

/* What is large goes to the decoder alone, and all of it is bounded. */
static void test_octets(void **state)
{
    static char large[MAX_SIZE + 1];
    struct ww_msg_decode m;
    enum ww_err err;
    (void)state;
    assert_int_equal(begin_with(false, ww_slice(large, sizeof large), 0, &err), 0);
    assert_int_equal(err, WW_E_TOO_LONG);
    for (size_t i = 0; i < WW_INTAKE_OCTETS_MAX / MAX_SIZE; i++)
        assert_true(begin_with(false, ww_slice(large, MAX_SIZE), 0, &err) != 0);
    assert_true(ww_intake_jobs_has_room(jobs, 0));
    assert_false(ww_intake_jobs_has_room(jobs, 1));
    assert_int_equal(begin_with(false, ww_slice_str("x"), 0, &err), 0);
    assert_int_equal(err, WW_E_INTAKE_FULL);
    for (int i = 0; i < 100 && !next_decode(&m); i++)
        continue;
    assert_int_equal(m.octets.n, MAX_SIZE);
    assert_false(next_decode(&m));
    say_read(m.job);
    /* those that are kept are not needed any more */
    assert_true(ww_intake_jobs_has_room(jobs, MAX_SIZE));
    assert_true(next_decode(&m));
}

/* Who floods one channel keeps nobody waiting who comes by another. */
static void test_turns(void **state)
{
    static char large[MAX_SIZE];
    const struct ww_intake_submission other = {
        .channel = WW_CHANNEL_LMTP, .peer = "", .octets = ww_slice_str("x")};
    struct ww_msg_decode m;
    enum ww_err err;
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(begin_with(false, ww_slice(large, MAX_SIZE), 0, &err) != 0);
    uint64_t job = ww_intake_jobs_begin(jobs, &other, on_done, NULL, &err);
    for (int i = 0; i < 100 && !next_decode(&m); i++)
        continue;
    say_read(m.job);
    assert_true(next_decode(&m));
    assert_int_equal(m.job, job);
}

static void test_forget(void **state)
{
    (void)state;
    uint64_t job = begin(false, "x", 1);
    ww_intake_jobs_forget(jobs, job);
    (void)begin(false, "y", 2);
    say_read(job);
    say_read(job + 1);
    say_taken(job, WW_OK, WW_TAKEN_NEW);
    say_taken(job + 1, WW_OK, WW_TAKEN_NEW);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.tags[0], 2);
    assert_int_equal(counted(WW_TAKEN_NEW), 2);
    ww_intake_jobs_forget(jobs, 99);
}

static void test_stop(void **state)
{
    enum ww_err err;
    (void)state;
    uint64_t first = begin(false, "one", 1);
    (void)begin(false, "two", 2);
    say_read(first);
    ww_intake_jobs_stop(jobs);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.last.err, WW_E_INTAKE_STOPS);
    assert_int_equal(begin_with(false, ww_slice_str("x"), 0, &err), 0);
    assert_int_equal(err, WW_E_INTAKE_STOPS);
}

int main(void)
{
    struct ww_addr resolver;
    const char *detail = NULL;
    char anchor[] = "/tmp/waxwing-test-anchor-XXXXXX";
    netns_enter();
    int fd = mkstemp(anchor);
    if (fd < 0 || ww_addr_parse(ww_slice_str(RESOLVER), &resolver) != WW_OK)
        return 1;
    (void)close(fd);
    struct fake_key *key = fake_key_new();
    fake_key_publish(key, anchor);
    pid_t pid = fake_dns(RESOLVER, key, names);
    fake_key_free(key);
    const struct ww_dns_options options = {
        .forward = &resolver, .forward_count = 1, .trust_anchor = anchor, .timeout_ms = 5000};
    base = event_base_new();
    dns = ww_dns_new(base, &options, &detail);
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_report),          TEST(test_unread),
        TEST(test_keeper_refuses),  TEST(test_keys),
        TEST(test_unsigned_mail),   TEST(test_key_cache),
        TEST(test_decoder_dies),    TEST(test_quarantine),
        TEST(test_death_with_keys), TEST(test_another_decoder),
        TEST(test_keeper_dies),     TEST(test_lies),
        TEST(test_silence),         TEST(test_deadlines),
        TEST(test_over_and_lost),   TEST(test_count),
        TEST(test_octets),          TEST(test_turns),
        TEST(test_forget),          TEST(test_stop),
    };
    int failed = dns == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    if (dns != NULL)
        ww_dns_free(dns);
    event_base_free(base);
    netns_end(pid);
    (void)unlink(anchor);
    return failed;
}
