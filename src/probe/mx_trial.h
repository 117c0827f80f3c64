/*
 * Further short conversations with an MX host that has shown TLS: each puts one question that the first, as a
 * sender has it, leaves open. No certificate ends a handshake. Callbacks as in mx_probe.h.
 */
#ifndef WW_PROBE_MX_TRIAL_H
#define WW_PROBE_MX_TRIAL_H

#include "probe/mx_probe.h"

enum ww_mx_trial_kind {
    WW_MX_TRIAL_NO_SNI,  /* does it shake hands with who asks for no name? */
    WW_MX_TRIAL_INJECT,  /* does it take what comes along with STARTTLS for part of the encrypted talk? */
    WW_MX_TRIAL_WEAK,    /* does it take a broken cipher (WW_TLS_OFFER_WEAK)? */
    WW_MX_TRIAL_SECRECY, /* does it take one without forward secrecy (WW_TLS_OFFER_SECRECY)? */
    WW_MX_TRIAL_TLS_1_1, /* does it speak just that version? */
    WW_MX_TRIAL_TLS_1_0,
    WW_MX_TRIAL_SSL_3,
    WW_MX_TRIALS,
};

enum ww_mx_verdict {
    WW_MX_NOT_TRIED,
    WW_MX_YES,
    WW_MX_NO,
    WW_MX_UNCLEAR, /* it did not come to an answer: err, code and detail say why */
};

struct ww_mx_trial_result {
    enum ww_mx_verdict verdict;
    enum ww_err err;      /* how the conversation ended otherwise than well; WW_OK: it did not */
    unsigned code;        /* of the last reply in plain text; 0: there was none */
    uint16_t version;     /* chosen, with YES; of NO_SNI and INJECT that of the handshake */
    uint16_t suite;       /* chosen, with YES; not of NO_SNI and INJECT */
    bool has_certificate; /* of NO_SNI */
    uint8_t fingerprint[WW_FINGERPRINT_SIZE];
    char name[WW_MX_PROBE_NAME_SIZE]; /* its first dNSName or the common name; printable ASCII, or "" */
    char detail[WW_SMTP_TEXT_SIZE];   /* words of either side on the end; printable ASCII, or "" */
};

typedef void ww_mx_trial_cb(void *ctx, const struct ww_mx_trial_result *result);

struct ww_mx_trial;
/* host is what SNI asks for, canonical. NULL: memory is short, no callback follows. */
struct ww_mx_trial *ww_mx_trial(struct ww_mx_prober *prober, enum ww_mx_trial_kind kind, const char *host,
                                const struct ww_addr *addr, unsigned deadline_ms, ww_mx_trial_cb *cb,
                                void *ctx);
void ww_mx_trial_cancel(struct ww_mx_trial *trial);

#endif
