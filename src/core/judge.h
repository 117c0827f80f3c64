/*
 * The judgement of one MX host: may a message be delivered to it, by which policy, what is reported, why.
 *
 * Each host is judged by itself, as if all better ones had been unreachable (RFC 8461 section 8.4, RFC 7672
 * section 2.2.1). DANE comes first: where it fails, no MTA-STS policy of any mode makes up for it (RFC 8461
 * section 2); a host whose TLSA look-up fails is skipped alone, and never falls back to MTA-STS. Where DANE
 * holds and an enforced MTA-STS policy does not, RFC 8461 section 5 forbids the delivery all the same: that
 * is the default. RFC 7672 knows no such rule, and Postfix cannot obey both: see dane_suffices.
 */
#ifndef WW_CORE_JUDGE_H
#define WW_CORE_JUDGE_H

#include "base/buf.h"
#include "core/in_force.h"
#include "core/tlsa.h"

/* What the chain of a certificate is worth to PKIX, its names aside. */
enum ww_cert_status {
    WW_CERT_OK,
    WW_CERT_EXPIRED,
    WW_CERT_UNTRUSTED, /* from no trusted authority */
    WW_CERT_SELF_SIGNED,
};

/* TLS versions as on the wire. */
#define WW_TLS_1_2 0x0303

/* What was seen of one MX host. All slices are borrowed. */
struct ww_seen_mx {
    struct ww_slice host;       /* MX record name; a trailing dot counts for nothing */
    struct ww_slice tlsa_base;  /* TLSA base domain (RFC 7672 section 2.2.3); empty: host */
    bool starttls;              /* offered */
    bool handshake;             /* completed, certificates aside; of no meaning without starttls */
    uint16_t tls_version;       /* of the best that could be negotiated; of no meaning without a handshake */
    bool has_certificate;       /* one was presented; else the next four fields have no meaning */
    enum ww_cert_status status; /* of its chain */
    const struct ww_slice *names; /* its dNSNames */
    size_t name_count;
    struct ww_slice common_name; /* empty: none */
    enum ww_dane_state dane;
    bool tlsa_match;    /* a usable TLSA record matches the chain; only for WW_DANE_SECURE_USABLE */
    uint8_t tlsa_usage; /* of that record */
};

/* What holds for all MX hosts of a delivery. */
struct ww_delivery {
    struct ww_in_force sts;
    struct ww_slice next_hop; /* domain whose MX records DNSSEC vouches for: a second name of its hosts for
                                 DANE-TA (RFC 7672 section 3.2.2); empty: none */
    bool require_dane;        /* DANE is mandatory for the domain by local configuration (section 6) */
    bool dane_suffices;       /* where DANE authenticates, an enforced MTA-STS policy forbids nothing */
};

enum ww_action {
    WW_ACTION_DELIVER,
    WW_ACTION_SKIP, /* as if the host were unreachable: go on to the next, or try again later */
};

struct ww_judgement {
    enum ww_action action;
    enum ww_policy_type policy_type;
    enum ww_result_type result;
    enum ww_rule rule; /* the one that decides */
    enum ww_rule dane; /* what DANE alone finds */
    enum ww_rule sts;  /* what MTA-STS alone finds: to be reported beside DANE */
};

/* What MTA-STS alone finds of a host that the policy names. */
enum ww_rule ww_judge_sts_host(const struct ww_seen_mx *mx);

struct ww_judgement ww_judge(const struct ww_delivery *delivery, const struct ww_seen_mx *mx);

/* "deliver" or "skip". */
const char *ww_action_name(enum ww_action action);

/* Appends why, as a sentence without a full stop; it takes less than WW_JUDGE_WHY_MAX octets. */
void ww_judge_put_why(struct ww_buf *b, const struct ww_delivery *delivery, const struct ww_judgement *j);
#define WW_JUDGE_WHY_MAX 300

/* Which RFC and section the deciding rule has. */
const char *ww_judge_source(const struct ww_judgement *j);

#endif
