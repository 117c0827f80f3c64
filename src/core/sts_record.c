#include "core/sts_record.h"

#include "base/ascii.h"

const struct ww_txt_kind ww_sts_record_kind = {
    .version = "v=STSv1",
    .family = "v=sts",
    .bad_version = WW_E_STS_VERSION,
    .multiple = WW_E_STS_MULTIPLE,
    .delimiter = WW_E_STS_DELIMITER,
    .space_end = WW_E_STS_SPACE_END,
    .octet = WW_E_STS_OCTET,
    .empty = WW_E_STS_FIELD_EMPTY,
    .name = WW_E_STS_FIELD_NAME,
    .equals = WW_E_STS_FIELD_EQUALS,
    .value = WW_E_STS_FIELD_VALUE,
};

enum ww_err ww_sts_record_take_id(const struct ww_txt_field *field, struct ww_sts_record *out, size_t *offset)
{
    const struct ww_slice id = field->value;
    for (size_t i = 0; i < id.n; i++) {
        *offset = field->offset + field->name.n + 1 + i;
        if (!ww_is_alnum(id.p[i]) || i == WW_STS_ID_MAX)
            return WW_E_STS_ID;
        out->id[i] = id.p[i];
    }
    out->id[id.n] = '\0';
    *offset = field->offset + field->text.n;
    return id.n > 0 ? WW_OK : WW_E_STS_ID;
}

enum ww_err ww_sts_record_parse(const char *p, size_t n, struct ww_sts_record *out, size_t *offset)
{
    memset(out, 0, sizeof *out);
    struct ww_txt_reader reader;
    enum ww_err err = ww_txt_reader_open(&reader, &ww_sts_record_kind, p, n, offset);
    if (err != WW_OK)
        return err;
    bool has_id = false;
    struct ww_txt_field field;
    while (ww_txt_reader_next(&reader, &field, &err, offset)) {
        bool is_id = err == WW_OK && !has_id && ww_slice_is(field.name, "id") && field.text.n > field.name.n;
        if (is_id)
            err = ww_sts_record_take_id(&field, out, offset);
        else if (err == WW_OK)
            err = ww_txt_field_check(&ww_sts_record_kind, &field, offset);
        if (err != WW_OK)
            return err;
        has_id = has_id || is_id;
    }
    *offset = n;
    return has_id ? WW_OK : WW_E_STS_ID_MISSING;
}

enum ww_txt_presence ww_sts_record_select(const struct ww_slice *rrs, size_t count, struct ww_sts_record *out,
                                          enum ww_err *why)
{
    memset(out, 0, sizeof *out);
    *why = WW_OK;
    size_t index, offset;
    enum ww_txt_presence presence = ww_txt_record_pick(&ww_sts_record_kind, rrs, count, &index);
    if (presence == WW_TXT_PRESENT)
        *why = ww_sts_record_parse(rrs[index].p, rrs[index].n, out, &offset);
    else if (presence == WW_TXT_INVALID)
        *why = WW_E_STS_MULTIPLE;
    return *why == WW_OK ? presence : WW_TXT_INVALID;
}
