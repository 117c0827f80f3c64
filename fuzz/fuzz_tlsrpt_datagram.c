/*
 * What an MTA tells through libtlsrpt. Whatever is read adds up, and is harmless; a datagram of which the
 * last octet is missing is none.
 */
#include "check.h"
#include "codec/tlsrpt_datagram.h"
#include "core/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ww_datagram datagram;

/* Harmless, of which lines end in the line feed that belongs to them; and where it was read into. */
static void check_text(struct ww_slice text, size_t max, bool lines)
{
    char clean[WW_SESSIONS_STRINGS_MAX];
    CHECK(text.n <= max);
    if (text.n == 0)
        return;
    CHECK(text.p >= datagram.text && text.p + text.n <= datagram.text + sizeof datagram.text);
    CHECK(!lines || text.p[text.n - 1] == '\n');
    CHECK(ww_utf8_clean(text.p, text.n, clean, sizeof clean) == text.n);
    for (size_t i = 0; i < text.n; i++)
        CHECK(clean[i] == text.p[i] || (lines && text.p[i] == '\n'));
}

static void check_detail(const struct ww_sessions_detail *d)
{
    CHECK(d->count == 1 && ww_result_type_name(d->type) != NULL);
    check_text(d->sending_ip, WW_ADDR_TEXT_SIZE - 1, false);
    check_text(d->receiving_mx, WW_DNAME_MAX, false);
    check_text(d->helo, WW_SESSIONS_TEXT_MAX, false);
    check_text(d->receiving_ip, WW_ADDR_TEXT_SIZE - 1, false);
    check_text(d->info, WW_SESSIONS_TEXT_MAX, false);
    check_text(d->reason, WW_SESSIONS_TEXT_MAX, false);
}

static void check_sessions(const struct ww_sessions *m)
{
    char name[WW_DNAME_SIZE];
    CHECK(m->policy_known && !m->by_us && m->day == 0 && m->policy_id[0] == '\0');
    CHECK(m->success + m->unverified + m->failure == 1);
    CHECK(m->success >= 0 && m->unverified >= 0 && m->failure >= 0);
    CHECK(ww_dname_canon(m->domain, strlen(m->domain), name) == WW_OK && strcmp(name, m->domain) == 0);
    check_text(m->policy.strings, WW_SESSIONS_STRINGS_MAX, true);
    check_text(m->policy.mx_hosts, WW_SESSIONS_MX_HOSTS_MAX, true);
    check_text(m->record, WW_SESSIONS_RECORD_MAX, false);
    for (size_t i = 0; i < m->detail_count; i++)
        check_detail(&m->details[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    size_t offset, details = 0;
    enum ww_err err = ww_datagram_parse(p, size, &datagram, &offset);
    CHECK(offset <= size);
    CHECK(datagram.count <= WW_DATAGRAM_POLICIES_MAX);
    if (err != WW_OK)
        return 0;
    CHECK(datagram.count > 0 && offset == size);
    for (size_t i = 0; i < datagram.count; i++) {
        check_sessions(&datagram.sessions[i]);
        details += datagram.sessions[i].detail_count;
    }
    CHECK(details <= WW_DATAGRAM_DETAILS_MAX);
    while (size > 0 && p[size - 1] != '}')
        size--;
    CHECK(ww_datagram_parse(p, size - 1, &datagram, &offset) != WW_OK);
    return 0;
}
