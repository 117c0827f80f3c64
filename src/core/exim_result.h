/*
 * What Exim's event_action knows of a session, and the event that it makes: Exim tells facts (the event's
 * name, an errno, variables), as "waxwing-exim 1 event=tcp:close domain=example.com ..." (docs/results.md).
 */
#ifndef WW_CORE_EXIM_RESULT_H
#define WW_CORE_EXIM_RESULT_H

#include "core/tls_result.h"

#define WW_EXIM_LINE_KIND "waxwing-exim"

/* Exim's errno values (src/macros.h there: ERRNO_TLSREQUIRED, ERRNO_TLSFAILURE). */
#define WW_EXIM_TLS_REQUIRED (-38)
#define WW_EXIM_TLS_FAILURE (-37)

enum ww_exim_event {
    WW_EXIM_NO_EVENT,
    WW_EXIM_TCP_CLOSE,
    WW_EXIM_HOST_DEFER,
    WW_EXIM_DANE_FAIL,
    WW_EXIM_MX_MISMATCH, /* none of Exim's: a router's word that no MX host matches the policy */
    WW_EXIM_OTHER,       /* says nothing here */
};

struct ww_exim_facts {
    struct ww_tls_result told; /* what needs no judgement */
    enum ww_exim_event event;
    int32_t error;
    bool tls;
    bool verified;
    bool dane;
    bool verifies; /* a certificate was demanded, though by no policy of MTA-STS: mode dane or secure */
};

/* Reads one line without its line feed. On an error *out is not to be used; *offset is where the bad word
 * begins. */
WW_MUST_CHECK enum ww_err ww_exim_facts_parse(const char *p, size_t n, struct ww_exim_facts *out,
                                              size_t *offset);

/*
 * The event of these facts; false when they make none. The first row that fits counts:
 *
 *   mx-mismatch                                     validation-failure
 *   dane:fail                                       the result type that the text is, else validation-failure
 *   msg:host:defer, -38                             starttls-not-supported
 *   msg:host:defer, -37, text of DANE               validation-failure, policy tlsa, as dane:fail says
 *   msg:host:defer, -37, text: expired              certificate-expired
 *   msg:host:defer, -37, text: certificate invalid  certificate-not-trusted
 *   msg:host:defer, -37, text of a broken handshake validation-failure
 *   msg:host:defer, -37                             certificate-host-mismatch
 *   msg:host:defer                                  none
 *   tcp:close, TLS, verified                        success
 *   tcp:close, mode enforce, dane or secure         none: msg:host:defer tells of it
 *   tcp:close, DANE                                 none: dane:fail tells of it
 *   tcp:close, TLS, mode testing                    validation-failure
 *   tcp:close, TLS                                  success
 *   tcp:close                                       starttls-not-supported
 *
 * The policy is that of MTA-STS only with its id: mode enforce without one is what a preload list has.
 */
bool ww_exim_result(const struct ww_exim_facts *facts, struct ww_tls_result *out);

#endif
