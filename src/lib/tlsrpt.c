#include "core/tlsrpt_record.h"
#include "core/tlsrpt_result.h"
#include "lib/lib.h"

#include <stdlib.h>

_Static_assert((int)WAXWING_RUA_MAILTO == WW_RUA_MAILTO && (int)WAXWING_RUA_HTTPS == WW_RUA_HTTPS &&
                   (int)WAXWING_RUA_OTHER == WW_RUA_OTHER,
               "the schemes are those of the house");
_Static_assert((int)WAXWING_POLICY_TYPE_NONE == WW_POLICY_TYPE_NONE &&
                   (int)WAXWING_POLICY_TYPE_STS == WW_POLICY_TYPE_STS &&
                   (int)WAXWING_POLICY_TYPE_TLSA == WW_POLICY_TYPE_TLSA,
               "the policy types are those of the house");
#define SAME_RESULT(name) \
    _Static_assert((int)WAXWING_RESULT_##name == WW_RESULT_##name, "the results are those of the house")
SAME_RESULT(NONE);
SAME_RESULT(STARTTLS_NOT_SUPPORTED);
SAME_RESULT(CERTIFICATE_HOST_MISMATCH);
SAME_RESULT(CERTIFICATE_EXPIRED);
SAME_RESULT(CERTIFICATE_NOT_TRUSTED);
SAME_RESULT(VALIDATION_FAILURE);
SAME_RESULT(TLSA_INVALID);
SAME_RESULT(DNSSEC_INVALID);
SAME_RESULT(DANE_REQUIRED);
SAME_RESULT(STS_POLICY_FETCH_ERROR);
SAME_RESULT(STS_POLICY_INVALID);
SAME_RESULT(STS_WEBPKI_INVALID);

struct rua {
    const char *uri;
    enum ww_rua_scheme scheme;
};

struct waxwing_tlsrpt_record {
    size_t count;
    char *texts;
    struct rua rua[];
};

static struct waxwing_tlsrpt_record *copy_of(const struct ww_tlsrpt_record *read)
{
    struct ww_slice uri;
    struct waxwing_tlsrpt_record *r = malloc(sizeof *r + read->rua_count * sizeof r->rua[0]);
    char *to = malloc(read->rua.n + 1);
    if (r == NULL || to == NULL) {
        free(r);
        free(to);
        return NULL;
    }
    r->count = 0;
    r->texts = to;
    for (size_t pos = 0;
         r->count < read->rua_count && ww_tlsrpt_next_rua(read, &pos, &uri, &r->rua[r->count].scheme);
         r->count++) {
        /* A comma stood between two of them: its room is that of the NUL. */
        memcpy(to, uri.p, uri.n);
        to[uri.n] = '\0';
        r->rua[r->count].uri = to;
        to += uri.n + 1;
    }
    return r;
}

const struct waxwing_error *waxwing_tlsrpt_record_parse(const char *text, size_t length,
                                                        struct waxwing_tlsrpt_record **record, size_t *offset)
{
    struct ww_tlsrpt_record read;
    size_t at = 0;
    enum ww_err err = ww_tlsrpt_record_parse(text, length, &read, &at);
    ww_lib_set_offset(offset, at);
    *record = err == WW_OK ? copy_of(&read) : NULL;
    if (err == WW_OK && *record == NULL)
        err = WW_E_NO_MEMORY;
    return ww_lib_error(err);
}

void waxwing_tlsrpt_record_free(struct waxwing_tlsrpt_record *record)
{
    if (record == NULL)
        return;
    free(record->texts);
    free(record);
}

enum waxwing_presence waxwing_tlsrpt_record_select(const struct waxwing_octets *records, size_t count,
                                                   struct waxwing_tlsrpt_record **record,
                                                   const struct waxwing_error **why)
{
    struct ww_tlsrpt_record read;
    struct ww_slice *room;
    enum ww_err err = WW_E_NO_MEMORY;
    enum ww_txt_presence presence = WW_TXT_INVALID;
    *record = NULL;
    if (ww_lib_slices(records, count, &room) != NULL)
        presence = ww_tlsrpt_record_select(room, count, &read, &err);
    if (presence == WW_TXT_PRESENT && (*record = copy_of(&read)) == NULL) {
        presence = WW_TXT_INVALID;
        err = WW_E_NO_MEMORY;
    }
    free(room);
    if (why != NULL)
        *why = ww_lib_error(err);
    if (presence == WW_TXT_ABSENT)
        return WAXWING_ABSENT;
    return presence == WW_TXT_PRESENT ? WAXWING_PRESENT : WAXWING_INVALID;
}

size_t waxwing_tlsrpt_record_rua_count(const struct waxwing_tlsrpt_record *record)
{
    return record->count;
}

const char *waxwing_tlsrpt_record_rua(const struct waxwing_tlsrpt_record *record, size_t i,
                                      enum waxwing_rua_scheme *scheme)
{
    if (i >= record->count)
        return NULL;
    if (scheme != NULL)
        *scheme = (enum waxwing_rua_scheme)record->rua[i].scheme;
    return record->rua[i].uri;
}

const char *waxwing_policy_type_name(enum waxwing_policy_type type)
{
    if ((unsigned)type > WAXWING_POLICY_TYPE_TLSA)
        return "unknown";
    return ww_policy_type_name((enum ww_policy_type)type);
}

const char *waxwing_result_name(enum waxwing_result result)
{
    if ((unsigned)result >= WW_RESULT_TYPES)
        return "unknown";
    return result == WAXWING_RESULT_NONE ? "" : ww_result_type_name((enum ww_result_type)result);
}
