/* Domain names as people and Postfix write them, internationalized ones included (RFC 5891, UTS 46). */
#ifndef WW_CODEC_IDN_H
#define WW_CODEC_IDN_H

#include "base/err.h"
#include "base/slice.h"
#include "core/dname.h"

/* Longest text that is looked at, in octets: a name of 253 octets in A-labels is never longer in UTF-8. */
#define WW_IDN_TEXT_MAX 1012

/*
 * Writes the canonical name (A-labels, lower case, no root dot; NUL-terminated) of a domain in ASCII or
 * UTF-8. U-labels are mapped and checked by IDNA2008, not transitionally: "straße.example" and
 * "strasse.example" are two names. A-labels that come as ASCII pass unchanged. What is no domain name, or has
 * become an address by the mapping, is an error.
 */
WW_MUST_CHECK enum ww_err ww_idn_to_domain(struct ww_slice text, char out[WW_DNAME_SIZE]);

#endif
