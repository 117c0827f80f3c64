/*
 * What one SMTP session has shown of TLS: what an MTA tells, and what a report of RFC 8460 is made of
 * (sections 4.3 and 4.4). All texts are NUL-terminated, and empty where nothing is known.
 */
#ifndef WW_CORE_TLS_RESULT_H
#define WW_CORE_TLS_RESULT_H

#include "core/addr.h"
#include "core/dname.h"
#include "core/tlsrpt_result.h"

#include <stdint.h>

/* Of this struct, and of the line that carries it (result_line.h). */
#define WW_TLS_RESULT_VERSION 1

/* An MTA-STS policy's mode as the MTA knew it; of other policies, and where it did not know, unknown. */
enum ww_result_mode {
    WW_RESULT_MODE_UNKNOWN,
    WW_RESULT_MODE_NONE,
    WW_RESULT_MODE_TESTING,
    WW_RESULT_MODE_ENFORCE,
    WW_RESULT_MODES,
};

/* What TLS there was, whatever was demanded. */
enum ww_tls_seen {
    WW_TLS_SEEN_UNKNOWN,
    WW_TLS_SEEN_NONE,      /* none */
    WW_TLS_SEEN_SOME,      /* some, and no more is known */
    WW_TLS_SEEN_UNTRUSTED, /* of a certificate that does not chain to an authority, or of none at all */
    WW_TLS_SEEN_TRUSTED,   /* it chains; the name was not compared */
    WW_TLS_SEEN_VERIFIED,  /* it is what was demanded */
    WW_TLS_SEEN_COUNT,
};

/* With the NUL. */
#define WW_TLS_RESULT_TEXT_SIZE 501
#define WW_TLS_RESULT_MTA_SIZE 33
#define WW_TLS_RESULT_ID_SIZE 33
#define WW_TLS_RESULT_SESSION_SIZE 321

/* The mta of what Waxwing itself has seen. */
#define WW_TLS_RESULT_OURS "waxwing"

struct ww_tls_result {
    int64_t time;                 /* Unix seconds of the session's end; 0 where it is not known */
    char domain[WW_DNAME_SIZE];   /* the recipient domain, whose policy counts; canonical */
    char mx[WW_DNAME_SIZE];       /* canonical */
    char ip[WW_ADDR_TEXT_SIZE];   /* of the MX host */
    char from[WW_ADDR_TEXT_SIZE]; /* ours */
    bool policy_known;            /* else `policy` means nothing: the MTA cannot tell what it went by */
    enum ww_policy_type policy;
    enum ww_result_mode mode;
    char policy_id[WW_TLS_RESULT_ID_SIZE];
    enum ww_result_type type; /* WW_RESULT_NONE: what was demanded was there */
    enum ww_tls_seen tls;
    char text[WW_TLS_RESULT_TEXT_SIZE];       /* for people: UTF-8 without control characters */
    char mta[WW_TLS_RESULT_MTA_SIZE];         /* "postfix" */
    char session[WW_TLS_RESULT_SESSION_SIZE]; /* names the session among those of some minutes */
};

/* "none", "testing", "enforce"; "" for unknown. */
const char *ww_result_mode_name(enum ww_result_mode mode);

/* "none", "some", "untrusted", "trusted", "verified"; "" for unknown. */
const char *ww_tls_seen_name(enum ww_tls_seen seen);

/* "success" or the name of a result type. */
const char *ww_tls_result_name(enum ww_result_type type);

/* These write canonical forms, and leave the field as it was when the text is none; an empty text empties it.
 */
WW_MUST_CHECK enum ww_err ww_tls_result_name_put(char out[WW_DNAME_SIZE], struct ww_slice text);
WW_MUST_CHECK enum ww_err ww_tls_result_ip_put(char out[WW_ADDR_TEXT_SIZE], struct ww_slice text);

/* A run of at most size - 1 visible characters of US-ASCII without quotes and backslashes. */
WW_MUST_CHECK enum ww_err ww_tls_result_word_put(char *out, size_t size, struct ww_slice text);

/* What is no UTF-8 becomes a question mark, a control character a space; what does not fit is cut. */
void ww_tls_result_text_put(struct ww_tls_result *r, struct ww_slice text);

/* The index of a name among count names, of which NULL ones are none; false when it is none of them. */
bool ww_result_word_index(struct ww_slice text, const char *name_of(int), int count, int *index);

#endif
