/* The JSON of a report, out of gzip where it came packed. */
#ifndef WW_CODEC_TLSRPT_UNPACK_H
#define WW_CODEC_TLSRPT_UNPACK_H

#include "core/received.h"

struct ww_tlsrpt_packed {
    struct ww_slice json; /* borrowed from the octets, or from `text`; empty where a deviation is an error */
    char *text;           /* owned; NULL: they were no gzip */
    bool is_gzip;
    size_t members; /* that were unpacked */
    bool has_rest;  /* behind the last member: a deviation says so */
};

/*
 * Of gzip any number of members, and at most WW_TLSRPT_JSON_MAX octets come out. A deviation says why it
 * cannot be unpacked. WW_E_NO_MEMORY: nothing is told. Freed by _clear in any case.
 */
WW_MUST_CHECK enum ww_err ww_tlsrpt_unpack(struct ww_slice octets, struct ww_deviations *deviations,
                                           struct ww_tlsrpt_packed *out);
void ww_tlsrpt_packed_clear(struct ww_tlsrpt_packed *packed);

#endif
