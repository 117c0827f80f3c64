/*
 * Looks at an MX host as a sender would: connects to port 25, greeting, EHLO, STARTTLS, the TLS handshake
 * with SNI, QUIT. Sends no mail. What it sees is what ww_judge (core/judge.h) judges. OpenSSL decides about
 * chains and TLSA matches, on the real connection.
 *
 * No certificate ends a handshake, nor does a TLS version from 1.0 on: both are seen, to be judged later. The
 * addresses have passed a guard before (drive/addresses.h). The callback never runs before ww_mx_probe has
 * returned, and may cancel or free anything; the probe is gone by then.
 */
#ifndef WW_PROBE_MX_PROBE_H
#define WW_PROBE_MX_PROBE_H

#include "core/addr.h"
#include "core/judge.h"
#include "core/origin.h"
#include "core/tlsa.h"
#include "net/smtp_hello.h"
#include "net/tls_leaf.h"
#include "net/tls_revoked.h"

struct event_base;
struct ww_mx_prober;
struct ww_mx_probe;

/* More addresses, or records, than this are not looked at. */
#define WW_MX_PROBE_ADDRS_MAX 16
#define WW_MX_PROBE_TLSA_MAX 64

#define WW_MX_PROBE_NAMES_MAX 32
#define WW_MX_PROBE_NAME_SIZE 256
#define WW_MX_PROBE_DETAIL_SIZE 256
#define WW_MX_PROBE_CIPHER_SIZE 64

/* Of more usable records these many are told of one by one. */
#define WW_MX_PROBE_FITS_MAX 16
/* Octets of a record's data that name it: a whole SHA-256. */
#define WW_MX_PROBE_FIT_DATA 32

struct ww_mx_probe_options {
    const char *ca_file;  /* PEM, or NULL: the system's */
    X509_STORE *store;    /* trusted authorities instead of a file, or NULL; shared */
    const char *helo;     /* to say in EHLO; NULL: the address of our end of the connection */
    unsigned deadline_ms; /* of one probe as a whole, all of its addresses together */
};

struct ww_mx_probe_target {
    const char *host;            /* MX record name, canonical */
    const char *base;            /* TLSA base domain, canonical: what SNI asks for; NULL: the host */
    const char *next_hop;        /* second reference name of DANE-TA (RFC 7672 section 3.2.2), or NULL */
    const struct ww_addr *addrs; /* tried in order until one answers EHLO */
    size_t addr_count;
    const struct ww_tlsa *tlsa; /* of the host; usages 0 and 1 count for nothing */
    size_t tlsa_count;
};

/* One record beside the chain that was served, by itself: names, dates and other records aside. */
struct ww_mx_probe_fit {
    uint8_t usage, selector, matching;
    uint16_t size;                      /* of its data */
    uint8_t data[WW_MX_PROBE_FIT_DATA]; /* how that begins */
    bool fits; /* DANE-EE: the host's certificate or key; DANE-TA: one above it in the chain */
};

struct ww_mx_probe_result {
    enum ww_err err; /* WW_OK: EHLO was answered; else the host was not reached, or does not want to talk */
    enum ww_err tls_err; /* WW_OK: the handshake was completed, or STARTTLS is not offered; else why it was
                            not; of no meaning unless err is WW_OK */
    char detail[WW_MX_PROBE_DETAIL_SIZE]; /* printable ASCII, or "". With err: more words to its message, each
                                             address with its own. With tls_err: the whole of what went wrong.
                                             Else what PKIX has against the chain */
    struct ww_addr addr;                  /* talked to; with err: the one that came furthest */
    struct ww_addr from;                  /* our end of that connection; of no meaning with err */
    char ehlo[WW_SMTP_TEXT_SIZE];         /* first line of the answer to EHLO; printable ASCII, or "" */
    enum ww_smtp_stage stage;             /* with err: how far it has come */
    int error;                            /* with err: errno of a connection that failed, or 0 */
    char said[WW_SMTP_TEXT_SIZE];         /* first line of the last reply; printable ASCII, or "" */
    int64_t us;         /* from connecting to this address to the end of the handshake, or of what came
                           instead */
    unsigned smtp_code; /* of the last reply before QUIT; 0: there was none */
    bool starttls, handshake;
    /* With a handshake. */
    uint16_t tls_version; /* as on the wire */
    char cipher[WW_MX_PROBE_CIPHER_SIZE];
    bool has_certificate;
    /* With a certificate. */
    enum ww_cert_status status; /* of its chain, names aside. What is not valid yet counts as expired. Where
                                   DANE-TA matches, so do dates below the trust anchor; that PKIX does not
                                   know the anchor is still said here */
    enum ww_err fault; /* the same more closely: what PKIX has against the chain first (HTTPS_CERT_*) */
    struct ww_tls_make make;
    bool weak_link;              /* a certificate between it and its authority has a weak signature */
    enum ww_revocation stapled;  /* where the chain holds */
    char crl[WW_CRL_URL_SIZE];   /* where its authority says what it has revoked; "": it does not */
    struct stack_st_X509 *chain; /* where it holds: it and its issuers; borrowed during the callback */
    size_t name_count; /* dNSNames kept; where there are more, those for the target's names come first */
    bool more_names;
    char names[WW_MX_PROBE_NAMES_MAX][WW_MX_PROBE_NAME_SIZE]; /* printable ASCII, escaped as in words.h */
    char common_name[WW_MX_PROBE_NAME_SIZE];                  /* the same; "": none */
    char issuer[WW_ORIGIN_ISSUER_SIZE];
    uint8_t fingerprint[WW_FINGERPRINT_SIZE]; /* SHA-256 */
    int64_t not_after;                        /* Unix seconds */
    bool tlsa_match;    /* by DANE-EE, whatever names and dates; or by DANE-TA with a chain that holds but for
                           its names and dates */
    uint8_t tlsa_usage; /* of the record that matches */
    size_t fit_count;
    struct ww_mx_probe_fit fits[WW_MX_PROBE_FITS_MAX];
    /* Whatever came of it. */
    size_t tlsa_readable; /* of the records that were given, those that OpenSSL can hold against a chain */
};

/* The result is borrowed during the callback. */
typedef void ww_mx_probe_cb(void *ctx, const struct ww_mx_probe_result *result);

/* Loads the CA store now (before confinement). NULL on failure; *detail (static) says why. */
struct ww_mx_prober *ww_mx_prober_new(struct event_base *base, const struct ww_mx_probe_options *options,
                                      const char **detail);
/* No probe may be under way. */
void ww_mx_prober_free(struct ww_mx_prober *prober);

/* The target is copied. NULL: *err says why, no callback follows. */
struct ww_mx_probe *ww_mx_probe(struct ww_mx_prober *prober, const struct ww_mx_probe_target *target,
                                ww_mx_probe_cb *cb, void *ctx, enum ww_err *err);
/* Ends it without its callback. */
void ww_mx_probe_cancel(struct ww_mx_probe *probe);

/*
 * The same for ww_judge; of meaning when the result's err is WW_OK. `room` takes the names; all is borrowed
 * from the result, and host.
 */
struct ww_seen_mx ww_mx_probe_seen(const struct ww_mx_probe_result *result, const char *host,
                                   enum ww_dane_state dane, struct ww_slice room[WW_MX_PROBE_NAMES_MAX]);

#endif
