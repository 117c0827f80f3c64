/* An STS record, and the same among others: a record that is valid alone is picked beside an unrelated one.
 */
#include "base/ascii.h"
#include "check.h"
#include "core/sts_record.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_id(const char *id)
{
    size_t n = strlen(id);
    CHECK(n >= 1 && n <= WW_STS_ID_MAX);
    for (size_t i = 0; i < n; i++)
        CHECK(ww_is_alnum(id[i]));
}

static void check_fields(struct ww_slice text, bool valid)
{
    struct ww_txt_reader reader;
    struct ww_txt_field field;
    enum ww_err err;
    size_t offset, rounds = 0;
    bool opened = ww_txt_reader_open(&reader, &ww_sts_record_kind, text.p, text.n, &offset) == WW_OK;
    CHECK(offset <= text.n && (opened || !valid));
    for (; ww_txt_reader_next(&reader, &field, &err, &offset); rounds++) {
        CHECK(offset <= text.n && rounds <= text.n);
        CHECK(err == WW_OK || !valid);
        if (err != WW_OK)
            continue;
        CHECK(field.text.n > 0 && field.text.p == text.p + field.offset);
        CHECK(field.offset + field.text.n <= text.n && field.name.n + field.value.n <= field.text.n);
        if (ww_txt_field_check(&ww_sts_record_kind, &field, &offset) != WW_OK)
            CHECK(offset <= text.n && !valid);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice text = ww_slice((const char *)data, size);
    struct ww_slice both[] = {ww_slice_str("v=spf1 -all"), text}, twice[] = {text, text};
    struct ww_sts_record record, selected;
    size_t offset = SIZE_MAX;
    enum ww_err why;
    enum ww_err err = ww_sts_record_parse(text.p, text.n, &record, &offset);
    CHECK(offset <= size);
    check_fields(text, err == WW_OK);

    enum ww_txt_presence alone = ww_sts_record_select(&text, 1, &selected, &why);
    CHECK((alone == WW_TXT_PRESENT) == (err == WW_OK));
    CHECK((alone == WW_TXT_INVALID) == (why != WW_OK));
    if (err == WW_OK) {
        check_id(record.id);
        CHECK(strcmp(record.id, selected.id) == 0);
    }
    bool has_prefix = ww_txt_record_has_prefix(&ww_sts_record_kind, text);
    enum ww_txt_presence beside = ww_sts_record_select(both, 2, &selected, &why);
    CHECK(beside == (has_prefix ? alone : WW_TXT_ABSENT));
    CHECK(ww_sts_record_select(twice, 2, &selected, &why) == (has_prefix ? WW_TXT_INVALID : WW_TXT_ABSENT));
    return 0;
}
