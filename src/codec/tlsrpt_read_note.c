#include "codec/tlsrpt_read_private.h"
#include "core/words.h"

void ww_tlsrpt_enter(struct ww_tlsrpt_reading *r, const char *key)
{
    if (r->depth < WW_TLSRPT_STEPS)
        r->steps[r->depth] = (struct ww_tlsrpt_step){.key = key};
    r->depth++;
}

void ww_tlsrpt_enter_at(struct ww_tlsrpt_reading *r, size_t index)
{
    if (r->depth < WW_TLSRPT_STEPS)
        r->steps[r->depth] = (struct ww_tlsrpt_step){.index = index};
    r->depth++;
}

void ww_tlsrpt_leave(struct ww_tlsrpt_reading *r)
{
    r->depth--;
}

/* Keys may be a stranger's. */
static void put_place(struct ww_buf *b, const struct ww_tlsrpt_reading *r)
{
    for (size_t i = 0; i < r->depth && i < WW_TLSRPT_STEPS; i++) {
        if (r->steps[i].key != NULL) {
            ww_words_put_cut(b, ww_slice_str(i > 0 ? "." : ""));
            ww_words_put_cut(b, ww_slice_str(r->steps[i].key));
            continue;
        }
        ww_buf_str(b, "[");
        ww_buf_decimal(b, r->steps[i].index);
        ww_buf_str(b, "]");
    }
}

static void note(struct ww_tlsrpt_reading *r, enum ww_err rule, enum ww_severity severity)
{
    char at[WW_DEVIATION_AT_SIZE];
    struct ww_buf b = ww_buf(at, sizeof at - 1);
    put_place(&b, r);
    at[b.n] = '\0';
    ww_deviations_add(r->deviations, rule, severity, at);
}

void ww_tlsrpt_error(struct ww_tlsrpt_reading *r, enum ww_err rule)
{
    note(r, rule, WW_SEVERITY_ERROR);
}

void ww_tlsrpt_warn(struct ww_tlsrpt_reading *r, enum ww_err rule)
{
    note(r, rule, WW_SEVERITY_WARNING);
}

void ww_tlsrpt_info(struct ww_tlsrpt_reading *r, enum ww_err rule)
{
    note(r, rule, WW_SEVERITY_INFO);
}

void ww_tlsrpt_missing(struct ww_tlsrpt_reading *r, const char *key, enum ww_err rule,
                       enum ww_severity severity)
{
    ww_tlsrpt_enter(r, key);
    note(r, rule, severity);
    ww_tlsrpt_leave(r);
}

unsigned ww_tlsrpt_take(struct ww_tlsrpt_reading *r, json_t *object, const struct ww_tlsrpt_field *fields,
                        size_t count)
{
    unsigned seen = 0;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        json_t *value = json_object_iter_value(at);
        size_t i = 0;
        while (i < count && strcmp(key, fields[i].key) != 0)
            i++;
        ww_tlsrpt_enter(r, key);
        if (i == count)
            ww_tlsrpt_info(r, WW_E_REPORT_KEY_UNKNOWN);
        else if (fields[i].take != NULL)
            fields[i].take(r, value);
        ww_tlsrpt_leave(r);
        seen |= i < count && !json_is_null(value) ? 1U << i : 0;
    }
    return seen;
}
