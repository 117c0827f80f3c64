/* Whether anybody is led to the publisher, when another is to be the policy host: a row for each look. */
#include "daemon/steward_handover.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

#define NOW ((int64_t)1800000000)
#define DAY ((int64_t)86400)
#define OWN "192.0.2.1"
#define OTHER "198.51.100.1"
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct ww_steward_certificate own = {NOW - 10 * DAY, NOW + 80 * DAY};

#define JUST (-1)

enum { NO_TLS, SHOWS_OWN, SHOWS_ANOTHER };

struct row {
    const char *what;
    enum ww_published_host host;
    const char *here;  /* before */
    int64_t gone;      /* seconds ago; 0: it led here */
    const char *at[2]; /* addresses that DNS says */
    int shows[2];
    bool late, unresolved, half, deaf, uncertified;
    const char *then;  /* here, afterwards */
    int64_t then_gone; /* seconds ago, or JUST now; 0: it leads here */
};

static const struct row rows[] = {
    /* It is the host. */
    {"where its certificate is seen, it is", .at = {OWN}, .shows = {SHOWS_OWN}, .then = OWN},
    {"at two addresses", .at = {"2001:db8::1", OWN}, .shows = {SHOWS_OWN, SHOWS_OWN},
     .then = "2001:db8::1 " OWN},
    {"not where another is shown", .at = {OTHER, OWN}, .shows = {SHOWS_ANOTHER, SHOWS_OWN}, .then = OWN},
    {"nor where none is", .at = {OWN}, .then = ""},
    {"nor when it has none", .at = {OWN}, .shows = {SHOWS_OWN}, .uncertified = true, .then = ""},
    {"what was seen stays while nothing is", .here = OWN, .at = {OTHER}, .then = OWN},
    {"a look that was ended says nothing", .here = OWN, .at = {OTHER}, .shows = {SHOWS_OWN}, .late = true,
     .then = OWN},
    {"it moves", .here = OWN, .at = {OTHER}, .shows = {SHOWS_OWN}, .then = OTHER},
    {"it is the host again", .here = OWN, .gone = 60, .at = {OWN}, .shows = {SHOWS_OWN}, .then = OWN},
    {"and so of a mirror", WW_HOSTED_MIRROR, .at = {OWN}, .shows = {SHOWS_OWN}, .then = OWN},
    /* Another is to be. */
    {"nobody was ever led here", WW_HOSTED_ELSEWHERE, .at = {OWN}, .shows = {SHOWS_OWN}, .then = ""},
    {"it leads here", WW_HOSTED_ELSEWHERE, OWN, .at = {OWN}, .shows = {SHOWS_OWN}, .then = OWN},
    {"with one of its addresses", WW_HOSTED_TREE, OWN, .at = {OTHER, OWN}, .shows = {SHOWS_ANOTHER},
     .then = OWN},
    {"though nobody answers", WW_HOSTED_TREE, OWN, .at = {OWN}, .then = OWN},
    {"it leads away", WW_HOSTED_ELSEWHERE, OWN, .at = {OTHER}, .shows = {SHOWS_ANOTHER}, .then = OWN,
     .then_gone = JUST},
    {"with a copy of the certificate", WW_HOSTED_ELSEWHERE, OWN, .at = {OTHER}, .shows = {SHOWS_OWN},
     .then = OWN, .then_gone = JUST},
    {"a web server has taken its place", WW_HOSTED_TREE, OWN, .at = {OWN}, .shows = {SHOWS_ANOTHER},
     .then = OWN, .then_gone = JUST},
    {"which is not known without a certificate", WW_HOSTED_TREE, OWN, .at = {OWN}, .shows = {SHOWS_ANOTHER},
     .uncertified = true, .then = OWN},
    {"the name is gone", WW_HOSTED_ELSEWHERE, OWN, .then = OWN, .then_gone = JUST},
    {"a part of an answer does not say so", WW_HOSTED_ELSEWHERE, OWN, .at = {OTHER}, .half = true,
     .then = OWN},
    {"nor does a failure", WW_HOSTED_ELSEWHERE, OWN, .unresolved = true, .then = OWN},
    {"and it takes nothing back", WW_HOSTED_ELSEWHERE, OWN, .gone = 60, .unresolved = true, .then = OWN,
     .then_gone = 60},
    {"resolvers may know it yet", WW_HOSTED_ELSEWHERE, OWN, DAY + 3599, .at = {OTHER}, .then = OWN,
     .then_gone = DAY + 3599},
    {"it comes back", WW_HOSTED_ELSEWHERE, OWN, DAY + 3599, .at = {OWN}, .then = OWN},
    {"and then they do not", WW_HOSTED_ELSEWHERE, OWN, DAY + 3600, .at = {OTHER}, .then = ""},
    {"not while that was not seen", WW_HOSTED_ELSEWHERE, OWN, 9 * DAY, .late = true, .at = {OTHER},
     .then = OWN, .then_gone = 9 * DAY},
    {"who listens nowhere leads nobody", WW_HOSTED_ELSEWHERE, OWN, .at = {OWN}, .deaf = true, .then = ""},
};

/* TTLs: one of an hour for an alias that leads to addresses of a minute. */
static void see(const struct row *row, struct ww_host_sight *host, struct ww_host_address_sight *addresses)
{
    *host = (struct ww_host_sight){.looked = true,
                                   .late = row->late,
                                   .resolved = !row->unresolved,
                                   .ipv6 = {.ended = !row->half},
                                   .ipv4 = {.ended = true, .ttl = 60, .longest_ttl = 3600},
                                   .addresses = addresses};
    for (; host->count < 2 && row->at[host->count] != NULL; host->count++) {
        struct ww_host_address_sight *a = &addresses[host->count];
        int shows = row->shows[host->count];
        *a = (struct ww_host_address_sight){.tested = true,
                                            .leaf = {.shown = shows != NO_TLS, .not_before = own.from}};
        a->leaf.cert.not_after = shows == SHOWS_OWN ? own.until : own.until - 1;
        assert_int_equal(ww_addr_parse(ww_slice_str(row->at[host->count]), &a->addr), WW_OK);
    }
}

static void follows_dns(void **state)
{
    (void)state;
    static const struct ww_steward_certificate none;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct ww_host_address_sight addresses[2];
        struct ww_host_sight host;
        struct ww_published d = {.host = row->host, .here_ttl = row->here != NULL ? 3600 : 0};
        (void)snprintf(d.here, sizeof d.here, "%s", row->here != NULL ? row->here : "");
        d.here_gone_at = row->gone == 0 ? 0 : NOW - row->gone;
        see(row, &host, addresses);
        ww_steward_handover(&host, row->uncertified ? &none : &own, !row->deaf, NOW, &d);
        int64_t gone = row->then_gone == 0 ? 0 : row->then_gone == JUST ? NOW : NOW - row->then_gone;
        if (strcmp(d.here, row->then) != 0 || d.here_gone_at != gone ||
            (d.here[0] != '\0') != (d.here_ttl == 3600))
            fail_msg("%s: \"%s\" gone %lld ttl %u", row->what, d.here, (long long)(NOW - d.here_gone_at),
                     d.here_ttl);
    }
}

/* All of a policy host's addresses have room. */
static void all_fit(void **state)
{
    (void)state;
    struct ww_host_address_sight addresses[WW_ADDRESSES_MAX];
    struct ww_host_sight host = {
        .looked = true, .resolved = true, .count = WW_ADDRESSES_MAX, .addresses = addresses};
    struct ww_published d = {.host = WW_HOSTED_HERE};
    char text[WW_ADDR_TEXT_SIZE];
    for (size_t i = 0; i < WW_ADDRESSES_MAX; i++) {
        addresses[i] =
            (struct ww_host_address_sight){.tested = true, .leaf = {.shown = true, .not_before = own.from}};
        addresses[i].leaf.cert.not_after = own.until;
        (void)snprintf(text, sizeof text, "2001:1db8:1111:2222:3333:4444:5555:66%02zx", i);
        assert_int_equal(ww_addr_parse(ww_slice_str(text), &addresses[i].addr), WW_OK);
    }
    ww_steward_handover(&host, &own, true, NOW, &d);
    assert_int_equal(strlen(d.here), WW_ADDRESSES_MAX * 40 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_dns), cmocka_unit_test(all_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
