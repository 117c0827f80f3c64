/* Reports of others: whatever is read is bounded, harmless, and adds up without an overflow. */
#include "check.h"
#include "codec/tlsrpt_read.h"
#include "core/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Harmless, of which lines end in the line feed that belongs to them. */
static void check_text(struct ww_slice text, size_t max, bool lines)
{
    static char clean[WW_RECEIVED_STRINGS_MAX];
    CHECK(text.n <= max);
    if (text.n == 0)
        return;
    CHECK(!lines || text.p[text.n - 1] == '\n');
    CHECK(ww_utf8_clean(text.p, text.n, clean, sizeof clean) == text.n);
    for (size_t i = 0; i < text.n; i++)
        CHECK(clean[i] == text.p[i] || (lines && text.p[i] == '\n'));
}

static void check_detail(const struct ww_received_detail *d, int64_t *sessions)
{
    CHECK(d->sessions >= 0);
    (void)__builtin_add_overflow(*sessions, d->sessions, sessions);
    check_text(d->type, WW_RECEIVED_WORD_MAX, false);
    check_text(d->sending_ip, WW_RECEIVED_TEXT_MAX, false);
    check_text(d->receiving_mx, WW_RECEIVED_TEXT_MAX, false);
    check_text(d->helo, WW_RECEIVED_TEXT_MAX, false);
    check_text(d->receiving_ip, WW_RECEIVED_TEXT_MAX, false);
    check_text(d->info, WW_RECEIVED_TEXT_MAX, false);
    check_text(d->reason, WW_RECEIVED_TEXT_MAX, false);
}

static void check_policy(const struct ww_received_policy *p, int64_t *sessions)
{
    char name[WW_DNAME_SIZE];
    CHECK(p->success >= 0 && p->failure >= 0);
    CHECK(p->domain[0] == '\0' ||
          (ww_dname_canon(p->domain, strlen(p->domain), name) == WW_OK && strcmp(name, p->domain) == 0));
    check_text(p->type, WW_RECEIVED_WORD_MAX, false);
    check_text(p->strings, WW_RECEIVED_STRINGS_MAX, true);
    check_text(p->mx_hosts, WW_RECEIVED_MX_HOSTS_MAX, true);
    for (size_t i = 0; i < p->detail_count; i++)
        check_detail(&p->details[i], sessions);
}

/* Of one that counts. */
static void check_sums(const struct ww_received *m, int64_t details)
{
    int64_t success = 0, failure = 0, all;
    CHECK(m->count > 0 && details >= 0);
    for (size_t i = 0; i < m->count; i++) {
        CHECK(!__builtin_add_overflow(success, m->policies[i].success, &success));
        CHECK(!__builtin_add_overflow(failure, m->policies[i].failure, &failure));
    }
    CHECK(success == m->success && failure == m->failure);
    CHECK(!__builtin_add_overflow(success, failure, &all));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_deviations deviations = {.count = 0};
    struct ww_tlsrpt_read *read = ww_tlsrpt_read(ww_slice((const char *)data, size), &deviations);
    CHECK(read != NULL);
    const struct ww_received *m = ww_tlsrpt_report(read);
    int64_t sessions = 0;
    CHECK(m->count <= WW_RECEIVED_POLICIES_MAX && deviations.count <= WW_DEVIATIONS_MAX);
    check_text(m->organization, WW_RECEIVED_NAME_MAX, false);
    check_text(m->contact, WW_RECEIVED_NAME_MAX, false);
    check_text(m->report_id, WW_RECEIVED_NAME_MAX, false);
    for (size_t i = 0; i < m->count; i++)
        check_policy(&m->policies[i], &sessions);
    for (size_t i = 0; i < deviations.count; i++)
        for (const char *p = deviations.list[i].at; *p != '\0'; p++)
            CHECK(*p >= ' ' && *p <= '~');
    if (ww_deviations_error(&deviations) == NULL)
        check_sums(m, sessions);
    ww_tlsrpt_read_free(read);
    return 0;
}
