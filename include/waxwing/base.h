/*
 * libwaxwing: MTA-STS (RFC 8461), DANE for SMTP (RFC 7672) and TLSRPT (RFC 8460) for programs that send mail.
 *
 * What holds for all of it:
 *  - The library has no global state, prints nothing, sets no signal handler and never ends the process.
 *    Different objects may be used by different threads at once; one object by one thread at a time, except
 *    that any number may read one that nobody changes (`const` says which functions read).
 *  - Strings that are given are borrowed for the call alone, and strings that are got belong to the object
 *    that they were got from, until it is freed. Every string that is got ends in NUL.
 *  - An enum may get further values in a later version, behind those that are there: treat one that you do
 * not know as the most careful one, which its comment names. A value never changes.
 *  - A struct whose first member is `size` may get further members behind those that are there, of which zero
 *    means what it meant before: set it to the size that you were compiled with, and all you do not use to
 * zero.
 *  - Times are Unix seconds. Truth values are int, 0 or 1.
 */
#ifndef WAXWING_BASE_H
#define WAXWING_BASE_H

#include <stddef.h>
#include <stdint.h>

#define WAXWING_VERSION_MAJOR 0
#define WAXWING_VERSION_MINOR 1
#define WAXWING_VERSION_PATCH 0
#define WAXWING_VERSION "0.1.0"

/* For the preprocessor: #if WAXWING_VERSION_NUMBER >= 0x000200 */
#define WAXWING_VERSION_NUMBER \
    ((WAXWING_VERSION_MAJOR << 16) | (WAXWING_VERSION_MINOR << 8) | WAXWING_VERSION_PATCH)

#if defined(__GNUC__)
#define WAXWING_API __attribute__((visibility("default")))
#else
#define WAXWING_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that runs, such as "0.1.0"; WAXWING_VERSION is that of these headers. */
WAXWING_API const char *waxwing_version(void);

/* Octets that somebody else owns, and that need not end in NUL: the text of a TXT record, or RDATA. */
struct waxwing_octets {
    const void *data;
    size_t length;
};

/* What the TXT records of a name amount to. The most careful: WAXWING_INVALID. */
enum waxwing_presence {
    WAXWING_ABSENT = 0,  /* no record of the kind: the domain does not take part */
    WAXWING_PRESENT = 1, /* exactly one, and it is valid */
    WAXWING_INVALID = 2  /* several, or one that breaks the grammar: it counts as none */
};

/* A rule that was broken, or what went wrong. Lives as long as the library; compare by its id. */
struct waxwing_error;

/* A stable name for programs, such as "sts-id-missing"; "ok" for NULL. Never NULL. */
WAXWING_API const char *waxwing_error_id(const struct waxwing_error *error);

/* One English sentence without a full stop. Never NULL. */
WAXWING_API const char *waxwing_error_message(const struct waxwing_error *error);

/* Where the rule stands, such as "RFC 8461 section 3.1"; "" when it stands nowhere. Never NULL. */
WAXWING_API const char *waxwing_error_source(const struct waxwing_error *error);

#ifdef __cplusplus
}
#endif

#endif
