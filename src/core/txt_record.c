#include "core/txt_record.h"

#include "base/ascii.h"

bool ww_txt_record_has_prefix(const struct ww_txt_kind *kind, struct ww_slice rr)
{
    size_t n = strlen(kind->version);
    return ww_slice_starts(rr, kind->version) && rr.n > n && rr.p[n] == ';';
}

bool ww_txt_record_has_family(const struct ww_txt_kind *kind, struct ww_slice rr)
{
    for (size_t i = 0; i < rr.n; i++)
        if (ww_starts_nocase(ww_slice(rr.p + i, rr.n - i), kind->family))
            return true;
    return false;
}

enum ww_txt_presence ww_txt_record_pick(const struct ww_txt_kind *kind, const struct ww_slice *rrs,
                                        size_t count, size_t *index)
{
    *index = 0;
    if (count == 1)
        return ww_txt_record_has_family(kind, rrs[0]) ? WW_TXT_PRESENT : WW_TXT_ABSENT;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (!ww_txt_record_has_prefix(kind, rrs[i]))
            continue;
        if (left++ == 0)
            *index = i;
    }
    if (left == 0)
        return WW_TXT_ABSENT;
    return left == 1 ? WW_TXT_PRESENT : WW_TXT_INVALID;
}

static bool is_record_octet(char c)
{
    return ww_is_vchar(c) || ww_is_wsp(c);
}

static size_t skip_wsp(const struct ww_txt_reader *r, size_t at)
{
    while (at < r->n && ww_is_wsp(r->p[at]))
        at++;
    return at;
}

static size_t find_semicolon(const struct ww_txt_reader *r, size_t at)
{
    while (at < r->n && r->p[at] != ';')
        at++;
    return at;
}

enum ww_err ww_txt_reader_open(struct ww_txt_reader *r, const struct ww_txt_kind *kind, const char *p,
                               size_t n, size_t *offset)
{
    *r = (struct ww_txt_reader){kind, p, n, 0};
    size_t i = 0;
    while (i < n && kind->version[i] != '\0' && p[i] == kind->version[i])
        i++;
    *offset = i;
    if (kind->version[i] != '\0') {
        r->at = find_semicolon(r, i);
        return kind->bad_version;
    }
    r->at = i;
    return WW_OK;
}

static void cut_field(const struct ww_txt_reader *r, size_t start, size_t end, struct ww_txt_field *field)
{
    field->offset = start;
    field->text = ww_slice(r->p + start, end - start);
    const char *equals = memchr(field->text.p, '=', field->text.n);
    size_t name = equals != NULL ? (size_t)(equals - field->text.p) : field->text.n;
    size_t value = equals != NULL ? name + 1 : name;
    field->name = ww_slice(field->text.p, name);
    field->value = ww_slice(field->text.p + value, field->text.n - value);
}

bool ww_txt_reader_next(struct ww_txt_reader *r, struct ww_txt_field *field, enum ww_err *err, size_t *offset)
{
    *err = WW_OK;
    *offset = r->at;
    size_t at = skip_wsp(r, r->at);
    if (at == r->n) {
        bool loose = at != r->at;
        r->at = r->n;
        if (loose)
            *err = r->kind->space_end;
        return loose;
    }
    if (r->p[at] != ';') {
        *offset = at;
        *err = is_record_octet(r->p[at]) ? r->kind->delimiter : r->kind->octet;
        r->at = find_semicolon(r, at);
        return true;
    }
    at = skip_wsp(r, at + 1);
    if (at == r->n) {
        r->at = r->n;
        return false;
    }
    size_t end = find_semicolon(r, at);
    if (end == at) {
        *offset = at;
        *err = r->kind->empty;
        r->at = end;
        return true;
    }
    while (ww_is_wsp(r->p[end - 1]))
        end--;
    cut_field(r, at, end, field);
    *offset = at;
    r->at = end;
    return true;
}

enum ww_err ww_txt_field_check(const struct ww_txt_kind *kind, const struct ww_txt_field *field,
                               size_t *offset)
{
    const struct ww_slice name = field->name, value = field->value;
    for (size_t i = 0; i < name.n; i++) {
        *offset = field->offset + i;
        if (!is_record_octet(name.p[i]))
            return kind->octet;
        if (!ww_is_field_name_char(name.p[i], i))
            return kind->name;
    }
    *offset = field->offset + name.n;
    if (name.n == 0)
        return kind->name;
    if (name.n == field->text.n)
        return kind->equals;
    size_t start = *offset + 1;
    for (size_t i = 0; i < value.n; i++) {
        *offset = start + i;
        if (!is_record_octet(value.p[i]))
            return kind->octet;
        if (!ww_is_vchar(value.p[i]) || value.p[i] == '=')
            return kind->value;
    }
    *offset = start;
    return value.n > 0 ? WW_OK : kind->value;
}
