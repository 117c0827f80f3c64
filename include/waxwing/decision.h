/*
 * What mail to a domain must have, and whether a message may go to one of its MX hosts over a connection.
 *
 * A decision comes from waxwingd (waxwing/client.h), or is made here of what the caller has found. DANE goes
 * first where its records are (RFC 7672), and an enforced MTA-STS policy never overrides it (RFC 8461 section
 * 2).
 */
#ifndef WAXWING_DECISION_H
#define WAXWING_DECISION_H

#include <waxwing/dane.h>
#include <waxwing/policy.h>
#include <waxwing/tlsrpt.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One level for all MX hosts of a domain; waxwing_judge knows more. The most careful: WAXWING_LEVEL_HOLD. */
enum waxwing_level {
    WAXWING_LEVEL_NONE = 0,     /* nothing is demanded */
    WAXWING_LEVEL_TESTING = 1,  /* a policy in testing: deliver as usual, report */
    WAXWING_LEVEL_SECURE = 2,   /* TLS, a host that the patterns name, a valid certificate: or no delivery */
    WAXWING_LEVEL_HOLD = 3,     /* it cannot be said safely: try again later */
    WAXWING_LEVEL_MAY = 4,      /* the operator's order: TLS when it is offered */
    WAXWING_LEVEL_ENCRYPT = 5,  /* TLS, whatever the certificate */
    WAXWING_LEVEL_DANE = 6,     /* to each host what its TLSA records ask: authentication, TLS, nothing */
    WAXWING_LEVEL_DANE_ONLY = 7 /* a certificate that TLSA records match, or no delivery */
};

/* "none", "testing", "secure", "hold", "may", "encrypt", "dane" or "dane-only"; else "unknown". Never NULL.
 */
WAXWING_API const char *waxwing_level_name(enum waxwing_level level);

/* Where a decision comes from. */
enum waxwing_source {
    WAXWING_SOURCE_CACHE = 0,      /* waxwingd knew it before */
    WAXWING_SOURCE_LIVE = 1,       /* waxwingd has looked it up for this question */
    WAXWING_SOURCE_PRELOAD = 2,    /* a preload list of waxwingd's */
    WAXWING_SOURCE_OVERRIDE = 3,   /* its operator's order for the domain */
    WAXWING_SOURCE_REMEMBERED = 4, /* waxwingd does not answer: what it has last said counts still */
    WAXWING_SOURCE_FALLBACK =
        5,                    /* waxwingd does not answer: what the caller has told the client to do then */
    WAXWING_SOURCE_CALLER = 6 /* waxwing_decide */
};

/* "cache" and so on; else "unknown". Never NULL. */
WAXWING_API const char *waxwing_source_name(enum waxwing_source source);

/* What DNSSEC says of the MX records of a domain. The most careful: WAXWING_MX_BOGUS. */
enum waxwing_mx_security {
    WAXWING_MX_UNKNOWN = 0,  /* nobody has looked, or the look-up failed */
    WAXWING_MX_SECURE = 1,   /* it vouches for the list of hosts, or for there being none */
    WAXWING_MX_INSECURE = 2, /* it is proven that it does not: there is no DANE */
    WAXWING_MX_BOGUS = 3,    /* the answer does not stand up to it */
    WAXWING_MX_NO_MAIL = 4,  /* the domain takes no mail (RFC 7505), or does not exist */
    WAXWING_MX_NO_DNSSEC = 5 /* DNSSEC has never got through to this machine: there is no DANE for it */
};

/* What the caller can do of DANE. The most careful: WAXWING_DANE_USE_ON. */
enum waxwing_dane_use {
    WAXWING_DANE_USE_ON = 0,
    WAXWING_DANE_USE_OFF = 1,  /* as if there were no DANE */
    WAXWING_DANE_USE_BLIND = 2 /* it cannot check TLSA records: MTA-STS decides, and where all hosts have such
                                  records there must at least be TLS */
};

/* What is known of a domain, to decide. */
struct waxwing_domain {
    size_t size;                         /* sizeof(struct waxwing_domain) */
    const char *name;                    /* in A-labels */
    const struct waxwing_policy *policy; /* the one that is in force (RFC 8461 section 5.1), or NULL */
    int64_t policy_until;                /* when to look at that again; 0: not known */
    enum waxwing_mx_security mx_security;
    const char *const *hosts;      /* its MX hosts, by preference; read with WAXWING_MX_SECURE alone */
    const enum waxwing_dane *dane; /* of each of them */
    size_t host_count; /* of more than 16 the first 16 are read, and the others count as failing */
    int64_t mx_until;  /* by the TTLs of all these records; 0: not known */
    enum waxwing_dane_use dane_use;
    int dane_suffices; /* a host that DANE authenticates is good enough, even if an enforced policy does not
                          name it; against RFC 8461 section 5 */
};

struct waxwing_decision;

/* Decides. NULL when all is well; free *decision with waxwing_decision_free; it is NULL on an error. */
WAXWING_API const struct waxwing_error *waxwing_decide(const struct waxwing_domain *domain,
                                                       struct waxwing_decision **decision);
WAXWING_API void waxwing_decision_free(struct waxwing_decision *decision);

/* As asked for, in lower case where it is a domain name. */
WAXWING_API const char *waxwing_decision_domain(const struct waxwing_decision *decision);
WAXWING_API enum waxwing_level waxwing_decision_level(const struct waxwing_decision *decision);
WAXWING_API enum waxwing_source waxwing_decision_source(const struct waxwing_decision *decision);

/* Why, as a clause without a full stop, and where the rule stands ("RFC 8461 section 5"); perhaps "". */
WAXWING_API const char *waxwing_decision_why(const struct waxwing_decision *decision);
WAXWING_API const char *waxwing_decision_section(const struct waxwing_decision *decision);

/* It need not be asked again before this time; 0: not known. */
WAXWING_API int64_t waxwing_decision_until(const struct waxwing_decision *decision);

/* True when a policy is in force. Then *mode is its mode; NULL: not wanted. */
WAXWING_API int waxwing_decision_mode(const struct waxwing_decision *decision, enum waxwing_mode *mode);
WAXWING_API const char *waxwing_decision_policy_id(const struct waxwing_decision *decision); /* or "" */
/* When that policy expires, or with WAXWING_SOURCE_PRELOAD the list; or 0. */
WAXWING_API int64_t waxwing_decision_policy_expires(const struct waxwing_decision *decision);

/*
 * The patterns that MX hosts are held against: those of an enforced policy or a preload list, whatever DANE
 * has to say beside it, or those of the operator's order; and those of a policy in testing, which forbid
 * nothing: then waxwing_decision_mx_enforced is 0. NULL for one that is not there.
 */
WAXWING_API size_t waxwing_decision_mx_count(const struct waxwing_decision *decision);
WAXWING_API const char *waxwing_decision_mx(const struct waxwing_decision *decision, size_t i);
WAXWING_API int waxwing_decision_mx_enforced(const struct waxwing_decision *decision);

/* What DANE has found; hosts are told with WAXWING_MX_SECURE. NULL for one that is not there. */
WAXWING_API enum waxwing_mx_security waxwing_decision_mx_security(const struct waxwing_decision *decision);
WAXWING_API size_t waxwing_decision_host_count(const struct waxwing_decision *decision);
WAXWING_API const char *waxwing_decision_host(const struct waxwing_decision *decision, size_t i,
                                              enum waxwing_dane *dane);

/* True in a dry run of waxwingd: nothing is demanded, and *withheld, unless it is NULL, is what would be. */
WAXWING_API int waxwing_decision_dry_run(const struct waxwing_decision *decision,
                                         enum waxwing_level *withheld);

/*
 * True unless the MX host is out by its name alone, or all mail is held: what to ask for each host before it
 * is connected to. What its TLS has to be like is for waxwing_judge.
 */
WAXWING_API int waxwing_decision_allows(const struct waxwing_decision *decision, const char *host);

/* What the chain of a certificate is worth, its names aside. The most careful: _UNTRUSTED. */
enum waxwing_certificate {
    WAXWING_CERTIFICATE_NONE = 0, /* none was presented */
    WAXWING_CERTIFICATE_TRUSTED = 1,
    WAXWING_CERTIFICATE_EXPIRED = 2,
    WAXWING_CERTIFICATE_UNTRUSTED = 3, /* from no authority that is trusted */
    WAXWING_CERTIFICATE_SELF_SIGNED = 4
};

/* What was seen of one MX host, once STARTTLS is over or has failed. */
struct waxwing_seen {
    size_t size;          /* sizeof(struct waxwing_seen) */
    const char *host;     /* the name in its MX record, or the domain where it has none */
    int starttls;         /* it offers STARTTLS */
    int handshake;        /* the handshake was completed */
    unsigned tls_version; /* as on the wire: 0x0303 is TLS 1.2, 0x0304 TLS 1.3 */
    enum waxwing_certificate certificate;
    const char *const *names; /* the dNSNames of the certificate */
    size_t name_count;
    const char *common_name; /* or NULL; counts for DANE alone (RFC 7672 section 3.2.3) */
    enum waxwing_dane dane; /* what the caller has found of its TLSA records; _UNKNOWN: the decision's word */
    const char *tlsa_base;  /* where they stand (RFC 7672 section 2.2.3), or NULL: at host */
    int tlsa_match;         /* one of them matches the certificate or its chain, */
    unsigned tlsa_usage;    /* with this certificate usage: 2 or 3 */
};

/* The most careful, and zero: WAXWING_SKIP. */
enum waxwing_action {
    WAXWING_SKIP = 0, /* as if the host were unreachable: go on to the next, or try again later */
    WAXWING_DELIVER = 1
};

#define WAXWING_WHY_SIZE 512

/* What a log and a report need of it. */
struct waxwing_judgement {
    size_t size; /* sizeof(struct waxwing_judgement), set by the caller */
    enum waxwing_action action;
    enum waxwing_policy_type policy_type; /* what a report counts it under (RFC 8460 section 4.4) */
    enum waxwing_result result;           /* what has failed, be it that the mail is delivered all the same */
    const char *section;                  /* of the rule; lives as long as the decision */
    char why[WAXWING_WHY_SIZE];           /* one sentence without a full stop */
};

/*
 * Whether this message may go to this host over this connection. *judgement, unless it is NULL, says why.
 * What the library cannot read, and a lack of memory, is WAXWING_SKIP. Never open a second connection without
 * TLS to a host that was judged WAXWING_SKIP.
 */
WAXWING_API enum waxwing_action waxwing_judge(const struct waxwing_decision *decision,
                                              const struct waxwing_seen *seen,
                                              struct waxwing_judgement *judgement);

#ifdef __cplusplus
}
#endif

#endif
