/*
 * A domain whose policy Waxwing publishes: what its operator wants, and how far it has come. A value: the
 * keeper stores it, the steward tends to it, and engine/rollout.h says what comes next.
 *
 * Its states: draft (nothing is published), testing, enforce, changing (of its MX hosts or its policy, while
 * senders may still have the one before), retiring (mode none, until the last cache has forgotten), gone.
 */
#ifndef WW_CORE_PUBLISHED_H
#define WW_CORE_PUBLISHED_H

#include "core/dname.h"
#include "core/policy.h"
#include "core/sts_record.h"

#include <stdbool.h>
#include <stdint.h>

#define WW_PUBLISHED_MX_MAX 32
#define WW_PUBLISHED_PATTERN_SIZE (WW_DNAME_SIZE + 2)
#define WW_PUBLISHED_RUA_SIZE 1024  /* URIs with commas between them, as in the record */
#define WW_PUBLISHED_BODY_MAX 16384 /* WW_PUBLICATION_TEXT_MAX */
#define WW_PUBLISHED_WORDS_SIZE 512 /* a sentence for people; printable ASCII */
/* Seconds, that may be wanted in the end; and those that are, unless told. */
#define WW_PUBLISHED_MAX_AGE_MIN 86400
#define WW_PUBLISHED_MAX_AGE_USUAL 2592000
/* Policies of a domain that senders may still have: ours, those of somebody else, all. */
#define WW_PUBLISHED_OWN_MAX 64
#define WW_PUBLISHED_FOREIGN_MAX 16
#define WW_PUBLISHED_SERVED_MAX (WW_PUBLISHED_OWN_MAX + WW_PUBLISHED_FOREIGN_MAX)
#define WW_PUBLISHED_HERE_SIZE 768 /* of addresses, as text */

enum ww_published_state {
    WW_PUBLISHED_DRAFT,
    WW_PUBLISHED_TESTING,
    WW_PUBLISHED_ENFORCE,
    WW_PUBLISHED_CHANGING,
    WW_PUBLISHED_RETIRING,
    WW_PUBLISHED_GONE,
};

/* What the operator wants in the end. */
enum ww_published_goal {
    WW_GOAL_DRAFT, /* nothing yet: it is looked at, and proposals are made */
    WW_GOAL_TESTING,
    WW_GOAL_ENFORCE,
    WW_GOAL_RETIRE,
};

/* Who shows the policy at https://mta-sts.<domain>. */
enum ww_published_host {
    WW_HOSTED_HERE,      /* the publisher role */
    WW_HOSTED_TREE,      /* another web server, from the files that are written below publish.tree */
    WW_HOSTED_ELSEWHERE, /* somebody else: the operator puts it there */
    WW_HOSTED_MIRROR,    /* the publisher, but the policy is that of another policy domain (mirror), to whose
                            mail hosts this domain's MX records lead */
};

/* Who changes DNS. */
enum ww_published_dns {
    WW_DNS_BY_HAND,   /* the operator, who is told what is due */
    WW_DNS_BY_UPDATE, /* RFC 2136, publish.dns_server */
};

/* Whence the policy host's certificate is. */
enum ww_published_certificate {
    WW_CERTIFICATE_FILES, /* kept in publish.certificates by somebody else */
    WW_CERTIFICATE_ACME,
};

struct ww_published {
    char domain[WW_DNAME_SIZE]; /* canonical */
    uint64_t version;           /* grows with each change that an operator makes */

    /* What is wanted. */
    enum ww_published_goal goal;
    bool automatic; /* to enforce, and back to testing, on evidence */
    bool stopped;   /* nothing is changed until it is resumed; what is served stays served */
    char mx[WW_PUBLISHED_MX_MAX][WW_PUBLISHED_PATTERN_SIZE];
    size_t mx_count;
    uint32_t max_age;                /* in the end, seconds */
    char rua[WW_PUBLISHED_RUA_SIZE]; /* "": no TLSRPT record is kept */
    enum ww_published_host host;
    enum ww_published_dns dns;
    enum ww_published_certificate certificate;
    char mirror[WW_DNAME_SIZE]; /* of WW_HOSTED_MIRROR, else "" */

    /* How far it has come; times are Unix seconds, 0: not yet. */
    enum ww_published_state state;
    int64_t added_at;
    int64_t state_since;
    int64_t grown_at;                      /* max_age was last made longer */
    int64_t bad_at;                        /* reports or hosts last spoke against enforce */
    char bad_why[WW_PUBLISHED_WORDS_SIZE]; /* and why, when they last did while it was enforced; "" */
    int64_t looked_at;                     /* facts were last gathered */
    /* Operators' wishes to have it looked at, changes of theirs among them, are counted. */
    uint64_t asked;
    uint64_t answered; /* this one was there when the last look began that has ended */
    uint64_t afresh;   /* the last that wants all to be seen anew; answered as well: there is none */
    char record_id[WW_STS_ID_MAX + 1]; /* that all name servers of the domain show; "": none */
    int64_t record_since;              /* they have shown it */
    uint32_t record_ttl;               /* seconds, of the record and of the MX records, as seen */
    uint32_t mx_ttl;
    char shown_id[WW_STS_ID_MAX + 1]; /* of the served policy that was last fetched from outside */
    int64_t shown_at;
    int64_t certificate_until; /* its end; 0: there is none */
    /* Where mta-sts.<domain> led to the publisher, which serves the policy until nobody is led there any
     * more, whoever is its host meanwhile. */
    char here[WW_PUBLISHED_HERE_SIZE]; /* addresses with a space between; "": nobody is, or ever was */
    uint32_t here_ttl;                 /* seconds, the longest that was seen, of aliases too */
    int64_t here_gone_at;              /* it leads elsewhere since; 0: it leads here */

    /* What comes next, as it was last planned. */
    int64_t next_at;                       /* it is tended to again */
    int64_t until;                         /* what is waited for is over then; 0: nobody knows */
    bool needs_operator;                   /* nothing goes on before the operator has done something */
    char waits[WW_PUBLISHED_WORDS_SIZE];   /* what is waited for, or to be done; "" */
    char trouble[WW_PUBLISHED_WORDS_SIZE]; /* what went wrong last; "" */
};

/*
 * A policy that was served. In a list of them those of somebody else come first, in any order, and then ours
 * in their order; the last one may still be served.
 */
struct ww_served {
    char id[WW_STS_ID_MAX + 1]; /* of somebody else's: as a record had it that was there at the time; "" */
    int64_t since;              /* of somebody else's: it was first seen */
    int64_t until;              /* 0: it is served; of somebody else's: nothing else was seen since */
    bool foreign;               /* it was seen from outside, and not served by us */
    struct ww_slice body;       /* borrowed; WW_PUBLISHED_BODY_MAX at most */
};

/* A host that takes the domain's mail, or did. */
struct ww_published_mx {
    char name[WW_DNAME_SIZE];
    int64_t seen_at; /* the first time, in the domain's MX records */
    int64_t gone_at; /* it was last missing there since; 0: it is there */
    enum {
        WW_PUBLISHED_MX_UNKNOWN,
        WW_PUBLISHED_MX_GOOD, /* STARTTLS, with a certificate that senders accept */
        WW_PUBLISHED_MX_BAD,
    } tls;
    char why[WW_PUBLISHED_WORDS_SIZE]; /* it is bad; "" */
};

/* Where ours begin. */
size_t ww_published_first_own(const struct ww_served *served, size_t count);
/* That of ours which is served, and that of somebody else which is; NULL: there is none. */
const struct ww_served *ww_published_own(const struct ww_served *served, size_t count);
const struct ww_served *ww_published_foreign(const struct ww_served *served, size_t count);

/* The publisher is its policy host. */
bool ww_published_is_here(const struct ww_published *domain);

/* DNS leads its policy host to the publisher though that is no more to be it. */
bool ww_published_leads_here(const struct ww_published *domain);

/* "draft", "testing", …; "draft", "testing", "enforce", "retire"; "here", …; "hand", "update"; "files",
 * "acme". False: there is none of that name. */
const char *ww_published_state_name(enum ww_published_state state);
const char *ww_published_goal_name(enum ww_published_goal goal);
const char *ww_published_host_name(enum ww_published_host host);
const char *ww_published_dns_name(enum ww_published_dns dns);
const char *ww_published_certificate_name(enum ww_published_certificate certificate);
bool ww_published_state_of(const char *name, enum ww_published_state *out);
bool ww_published_goal_of(const char *name, enum ww_published_goal *out);
bool ww_published_host_of(const char *name, enum ww_published_host *out);
bool ww_published_dns_of(const char *name, enum ww_published_dns *out);
bool ww_published_certificate_of(const char *name, enum ww_published_certificate *out);

#endif
