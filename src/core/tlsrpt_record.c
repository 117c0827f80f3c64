#include "core/tlsrpt_record.h"

#include "base/ascii.h"
#include "core/uri.h"

const struct ww_txt_kind ww_tlsrpt_record_kind = {
    .version = "v=TLSRPTv1",
    .family = "v=tlsrp",
    .bad_version = WW_E_TLSRPT_VERSION,
    .multiple = WW_E_TLSRPT_MULTIPLE,
    .delimiter = WW_E_TLSRPT_DELIMITER,
    .space_end = WW_E_TLSRPT_SPACE_END,
    .octet = WW_E_TLSRPT_OCTET,
    .empty = WW_E_TLSRPT_FIELD_EMPTY,
    .name = WW_E_TLSRPT_FIELD_NAME,
    .equals = WW_E_TLSRPT_FIELD_EQUALS,
    .value = WW_E_TLSRPT_FIELD_VALUE,
};

/*
 * The next entry of a list, without the white space that the grammar allows beside commas; none is allowed
 * before the first entry, and what stood behind the last is no longer there. *pos ends one behind the comma,
 * or two behind the list, so that an empty entry after a last comma is seen.
 */
static bool next_entry(struct ww_slice list, size_t *pos, struct ww_slice *entry)
{
    if (*pos > list.n)
        return false;
    size_t start = *pos;
    while (*pos > 0 && start < list.n && ww_is_wsp(list.p[start]))
        start++;
    size_t end = start;
    while (end < list.n && list.p[end] != ',')
        end++;
    *pos = end + 1;
    while (end < list.n && end > start && ww_is_wsp(list.p[end - 1]))
        end--;
    *entry = ww_slice(list.p + start, end - start);
    return true;
}

static enum ww_err check_uri(struct ww_slice text, size_t *offset)
{
    *offset = 0;
    if (text.n == 0)
        return WW_E_TLSRPT_RUA_EMPTY;
    struct ww_uri uri;
    enum ww_err err = ww_uri_parse(text.p, text.n, &uri, offset);
    const char *mark = memchr(text.p, '!', text.n);
    if (mark == NULL || (err != WW_OK && *offset < (size_t)(mark - text.p)))
        return err;
    *offset = (size_t)(mark - text.p);
    return WW_E_TLSRPT_RUA_ENCODE;
}

enum ww_err ww_tlsrpt_record_take_rua(const struct ww_txt_field *field, struct ww_tlsrpt_record *out,
                                      size_t *offset)
{
    out->rua = field->value;
    out->rua_count = 0;
    struct ww_slice entry;
    for (size_t pos = 0; next_entry(field->value, &pos, &entry);) {
        enum ww_err err = check_uri(entry, offset);
        *offset += field->offset + (size_t)(entry.p - field->text.p);
        if (err != WW_OK)
            return err;
        out->rua_count++;
    }
    return WW_OK;
}

enum ww_err ww_tlsrpt_record_check_other(const struct ww_txt_field *field, size_t *offset)
{
    struct ww_tlsrpt_record ignored;
    if (ww_slice_is(field->name, "rua") && ww_tlsrpt_record_take_rua(field, &ignored, offset) == WW_OK)
        return WW_OK;
    return ww_txt_field_check(&ww_tlsrpt_record_kind, field, offset);
}

enum ww_err ww_tlsrpt_record_parse(const char *p, size_t n, struct ww_tlsrpt_record *out, size_t *offset)
{
    memset(out, 0, sizeof *out);
    struct ww_txt_reader reader;
    enum ww_err err = ww_txt_reader_open(&reader, &ww_tlsrpt_record_kind, p, n, offset);
    if (err != WW_OK)
        return err;
    bool has_rua = false;
    struct ww_txt_field field;
    while (ww_txt_reader_next(&reader, &field, &err, offset)) {
        if (err != WW_OK)
            return err;
        bool is_rua = !has_rua && ww_slice_is(field.name, "rua") && field.text.n > field.name.n;
        err = is_rua ? ww_tlsrpt_record_take_rua(&field, out, offset)
                     : ww_tlsrpt_record_check_other(&field, offset);
        if (err != WW_OK)
            return err;
        has_rua = has_rua || is_rua;
    }
    *offset = n;
    return has_rua ? WW_OK : WW_E_TLSRPT_RUA_MISSING;
}

enum ww_txt_presence ww_tlsrpt_record_select(const struct ww_slice *rrs, size_t count,
                                             struct ww_tlsrpt_record *out, enum ww_err *why)
{
    memset(out, 0, sizeof *out);
    *why = WW_OK;
    size_t index, offset;
    enum ww_txt_presence presence = ww_txt_record_pick(&ww_tlsrpt_record_kind, rrs, count, &index);
    if (presence == WW_TXT_PRESENT)
        *why = ww_tlsrpt_record_parse(rrs[index].p, rrs[index].n, out, &offset);
    else if (presence == WW_TXT_INVALID)
        *why = WW_E_TLSRPT_MULTIPLE;
    return *why == WW_OK ? presence : WW_TXT_INVALID;
}

bool ww_tlsrpt_next_rua(const struct ww_tlsrpt_record *record, size_t *pos, struct ww_slice *uri,
                        enum ww_rua_scheme *scheme)
{
    if (!next_entry(record->rua, pos, uri))
        return false;
    if (ww_starts_nocase(*uri, "mailto:"))
        *scheme = WW_RUA_MAILTO;
    else
        *scheme = ww_starts_nocase(*uri, "https:") ? WW_RUA_HTTPS : WW_RUA_OTHER;
    return true;
}
