/*
 * What DANE comes to for the mail of one domain (RFC 7672 section 2.2): its MX RRset, and each MX host with
 * the answers that led to its state. Plain data: engine/dane_survey.h makes it out of answers.
 *
 * Unknown is not insecure. While validation is off, for somebody on the way strips DNSSEC or always has, each
 * host is WW_DANE_LOOKUP_FAILED by WW_E_DNS_NOT_VALIDATING, mx_dnssec is unknown, and `validating` is false.
 * Whoever decides must not take that for a domain without DANE: what was known and has not expired goes on to
 * count, and without such knowledge the state of the domain is open, as it is while a survey is under way.
 * Where DNSSEC has never got through, though, there is no DANE to be lost: never_validated.
 */
#ifndef WW_CORE_DANE_SURVEY_H
#define WW_CORE_DANE_SURVEY_H

#include "core/mx_hosts.h"
#include "core/tlsa.h"

/* Of more hosts those of the best preference are looked at. */
#define WW_DANE_HOSTS_MAX 16

/* Of more TLSA records these many are shown; all count. */
#define WW_DANE_RECORDS_MAX 8
/* Octets of association data that are kept: the longest digest. */
#define WW_DANE_DATA_MAX 64

#define WW_DANE_DETAIL_SIZE 256

/* How long a survey counts, in seconds: the smallest TTL of all that it rests on, within these bounds. */
#define WW_DANE_LIFETIME_MIN 10
#define WW_DANE_LIFETIME_MAX 86400
/* At most so long when the MX look-up or that of a host has failed, or nothing was validated. */
#define WW_DANE_LIFETIME_FAILED 60

/* The questions that may be asked of a host, in this order. */
enum ww_dane_question {
    WW_DANE_ASK_A,
    WW_DANE_ASK_AAAA,
    WW_DANE_ASK_CNAME,      /* of an alias into an unsigned zone: is the alias itself secure? */
    WW_DANE_ASK_TLSA_ALIAS, /* TLSA of the name at the end of the aliases */
    WW_DANE_ASK_TLSA,       /* TLSA of the MX host name */
    WW_DANE_QUESTIONS,
};

enum ww_dane_progress {
    WW_DANE_NOT_ASKED,
    WW_DANE_WANTED,    /* to be asked now */
    WW_DANE_PENDING,   /* asked; when the host is settled: not waited for any more */
    WW_DANE_ANSWERED,  /* denial of existence included */
    WW_DANE_NO_ANSWER, /* err says why */
    WW_DANE_PROGRESSES,
};

struct ww_dane_answer {
    enum ww_dane_progress progress;
    enum ww_err err;
    enum ww_dnssec dnssec;
    uint32_t ttl;
    uint16_t count; /* of records */
};

struct ww_dane_record {
    uint8_t usage;
    uint8_t selector;
    uint8_t matching;
    enum ww_err unusable; /* WW_OK: it can authenticate, see ww_tlsa_check */
    uint16_t size;        /* of the data; of more than WW_DANE_DATA_MAX octets the first are kept */
    uint8_t data[WW_DANE_DATA_MAX];
};

struct ww_dane_host {
    uint16_t preference;
    char name[WW_DNAME_SIZE];  /* of the MX record */
    char alias[WW_DNAME_SIZE]; /* where its aliases end; "": it is none */
    bool settled;              /* the rest holds; false only while it is looked up */
    bool no_address;           /* nothing to connect to: state is then NONE or INSECURE */
    enum ww_dane_state state;
    enum ww_dane_question base; /* which TLSA question has the records; of meaning for the SECURE states */
    enum ww_err why;            /* of a failure, an unusable set, or no_address; else WW_OK */
    char detail[WW_DANE_DETAIL_SIZE]; /* words on it, printable ASCII; or "" */
    struct ww_dane_answer answers[WW_DANE_QUESTIONS];
    size_t record_count; /* shown; for the SECURE states */
    struct ww_dane_record records[WW_DANE_RECORDS_MAX];
};

struct ww_dane_survey {
    enum ww_mx_outcome outcome;
    enum ww_dnssec mx_dnssec; /* of the MX RRset, or of the proof that there is none */
    uint32_t mx_ttl;
    enum ww_err why; /* the MX look-up failed; else WW_OK */
    char detail[WW_MX_DETAIL_SIZE];
    bool validating;      /* false: nothing is known of DANE, see above */
    bool never_validated; /* no answer was ever validated on this machine; whoever has asked sets it */
    bool more;            /* there are hosts that were not looked at */
    uint32_t lifetime;    /* seconds */
    size_t count;
    struct ww_dane_host hosts[WW_DANE_HOSTS_MAX]; /* by preference */
};

/* The TLSA base domain (RFC 7672 section 2.2.3) of a host in a SECURE state, else NULL. */
const char *ww_dane_host_base(const struct ww_dane_host *host);

/* "A", "AAAA", "CNAME" or "TLSA". */
const char *ww_dane_question_name(enum ww_dane_question question);

#endif
