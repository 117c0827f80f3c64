/* A TLSRPT record: its URIs are as many as it says, each is one, and a record that is valid alone is picked.
 */
#include "check.h"
#include "core/tlsrpt_record.h"
#include "core/uri.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_valid(const struct ww_tlsrpt_record *record)
{
    struct ww_slice text;
    struct ww_uri uri;
    enum ww_rua_scheme scheme;
    size_t offset, count = 0;
    for (size_t pos = 0; ww_tlsrpt_next_rua(record, &pos, &text, &scheme); count++) {
        CHECK(ww_uri_parse(text.p, text.n, &uri, &offset) == WW_OK);
        CHECK(memchr(text.p, '!', text.n) == NULL && memchr(text.p, ';', text.n) == NULL);
        CHECK(uri.scheme.n > 0 && uri.host.n + uri.path.n < text.n);
    }
    CHECK(count > 0 && count == record->rua_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice text = ww_slice((const char *)data, size);
    struct ww_slice both[] = {ww_slice_str("v=spf1 -all"), text};
    struct ww_tlsrpt_record record, selected;
    struct ww_uri uri;
    size_t offset = SIZE_MAX;
    enum ww_err why;
    CHECK(ww_uri_parse(text.p, text.n, &uri, &offset) != WW_OK || offset == size);
    CHECK(offset <= size);
    enum ww_err err = ww_tlsrpt_record_parse(text.p, text.n, &record, &offset);
    CHECK(offset <= size);
    if (err == WW_OK)
        check_valid(&record);
    enum ww_txt_presence alone = ww_tlsrpt_record_select(&text, 1, &selected, &why);
    CHECK((alone == WW_TXT_PRESENT) == (err == WW_OK));
    bool has_prefix = ww_txt_record_has_prefix(&ww_tlsrpt_record_kind, text);
    CHECK(ww_tlsrpt_record_select(both, 2, &selected, &why) == (has_prefix ? alone : WW_TXT_ABSENT));
    return 0;
}
