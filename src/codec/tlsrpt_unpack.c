#include "codec/tlsrpt_unpack.h"

#include "codec/gzip.h"
#include "codec/tlsrpt_read.h"

#include <stdlib.h>

enum ww_err ww_tlsrpt_unpack(struct ww_slice octets, struct ww_deviations *deviations,
                             struct ww_tlsrpt_packed *out)
{
    struct ww_slice rest;
    enum ww_err err;
    size_t n, members;
    *out = (struct ww_tlsrpt_packed){.json = octets, .is_gzip = ww_slice_starts(octets, "\x1f\x8b")};
    if (!out->is_gzip)
        return WW_OK;
    out->text = ww_gunzip_members(octets, WW_TLSRPT_JSON_MAX, &n, &members, &rest, &err);
    out->json = ww_slice(out->text, n);
    if (out->text == NULL) {
        if (err == WW_E_NO_MEMORY)
            return err;
        ww_deviations_add(deviations, err == WW_E_TOO_LONG ? WW_E_REPORT_LARGE : WW_E_GZIP, WW_SEVERITY_ERROR,
                          "");
        return WW_OK;
    }
    out->members = members;
    out->has_rest = rest.n > 0;
    if (out->has_rest)
        ww_deviations_add(deviations, WW_E_REPORT_REST, WW_SEVERITY_WARNING, "");
    return WW_OK;
}

void ww_tlsrpt_packed_clear(struct ww_tlsrpt_packed *packed)
{
    free(packed->text);
    packed->text = NULL;
    packed->json = ww_slice(NULL, 0);
}
