/* What DNS says of a domain's MTA-STS and TLSRPT records, and of the zones and servers that say it. */
#ifndef WW_CHECK_NAMES_SIGHT_H
#define WW_CHECK_NAMES_SIGHT_H

#include "core/addr.h"
#include "core/dname.h"
#include "core/dnssec.h"
#include "core/sts_record.h"
#include "core/tlsrpt_record.h"

#include <stdint.h>

/* More TXT records of one name, and aliases on the way to them, are not looked at. */
#define WW_NAME_TEXTS_MAX 64
#define WW_NAME_ALIASES_MAX 16

#define WW_NAME_DETAIL_SIZE 160

/* The TXT records of one name. */
struct ww_name_texts {
    char name[WW_DNAME_SIZE]; /* "": it was not asked for */
    bool ended;               /* the answer, or why there is none, is there */
    enum ww_err err;
    char detail[WW_NAME_DETAIL_SIZE]; /* words on a failure, printable ASCII, or "" */
    bool nxdomain;                    /* the name, or what it is an alias of, does not exist */
    enum ww_dnssec dnssec;
    uint32_t ttl;                       /* seconds */
    size_t count;                       /* of the texts */
    bool more;                          /* there are some that were not kept */
    size_t alias_count;                 /* 0: the records stand at the name itself */
    struct ww_slice *all;               /* joined, as they came; owned, each in memory of its own */
    char *aliases[WW_NAME_ALIASES_MAX]; /* in order; owned; what is no host name is escaped */
};

/* Keeps a copy of a text. False: memory is short. */
bool ww_name_texts_add(struct ww_name_texts *texts, struct ww_slice text);
/* Takes the answer to the TXT question for texts->name: texts, aliases, TTL. */
WW_MUST_CHECK enum ww_err ww_name_texts_read(struct ww_name_texts *texts, struct ww_slice packet);
/* The same set of texts stands at both names, and is not empty. */
bool ww_name_texts_same(const struct ww_name_texts *a, const struct ww_name_texts *b);
void ww_name_texts_clear(struct ww_name_texts *texts);

/* The names whose TXT records are asked for: the right ones, and those where records stand by mistake. */
enum ww_names_text {
    WW_NAMES_STS,
    WW_NAMES_TLSRPT,
    WW_NAMES_SIBLING, /* a random name, which only a wildcard knows */
    WW_NAMES_APEX,
    WW_NAMES_STS_UNDERSCORE, /* _mta_sts */
    WW_NAMES_STS_HOST,       /* mta-sts */
    WW_NAMES_TLSRPT_TLS,     /* _smtp.tls, which public how-tos teach */
    WW_NAMES_TLSRPT_DRAFT,   /* _smtp-tlsrpt, of the drafts */
    WW_NAMES_TLSRPT_HYPHEN,  /* _smtp-tls */
    WW_NAMES_TLSRPT_UNDERSCORE,
    WW_NAMES_TLSRPT_LABEL, /* _tlsrpt */
    WW_NAMES_TEXTS,
};
/* Those of them where an MTA-STS, or a TLSRPT, record stands by mistake; the apex is one of both. */
#define WW_NAMES_STS_WRONG_FIRST WW_NAMES_STS_UNDERSCORE
#define WW_NAMES_STS_WRONG_LAST WW_NAMES_STS_HOST
#define WW_NAMES_TLSRPT_WRONG_FIRST WW_NAMES_TLSRPT_TLS
#define WW_NAMES_TLSRPT_WRONG_LAST WW_NAMES_TLSRPT_LABEL

/* What stands before the domain, without the dot; "" for the apex, NULL for the random name. */
const char *ww_names_label(enum ww_names_text which);

/* A name, and the zone that it lies in. */
struct ww_name_zone {
    char name[WW_DNAME_SIZE]; /* "": it was not asked for */
    bool ended;
    enum ww_err err;
    char detail[WW_NAME_DETAIL_SIZE];
    bool nxdomain;            /* the name itself does not exist */
    bool cut;                 /* the zone begins at this very name */
    bool alias;               /* the name is one; zone is the one that it leads to */
    char zone[WW_DNAME_SIZE]; /* "": unknown, or the root */
    enum ww_dnssec dnssec;    /* of the answer */
};

/* The names above the domain, the domain itself included, that are looked at; of more the nearest. */
#define WW_NAMES_ABOVE_MAX 10

enum ww_names_zone {
    WW_NAMES_ZONE_RECORD, /* _mta-sts */
    WW_NAMES_ZONE_HOST,   /* mta-sts */
    WW_NAMES_ZONE_TLSRPT, /* _smtp._tls */
    WW_NAMES_ZONE_TARGET, /* where the alias at _mta-sts leads, if there is one */
    WW_NAMES_ZONES,
};

/* Addresses of name servers that are asked, of all and of one of them. */
#define WW_NAMES_SERVERS_MAX 8
#define WW_NAMES_SERVER_ADDRESSES_MAX 4

/* One address of one name server of the record's zone, and what it says itself. */
struct ww_name_server {
    char name[WW_DNAME_SIZE];
    struct ww_addr addr; /* length 0: it has none to ask at; err says why */
    bool ended;
    enum ww_err err;
    char detail[WW_NAME_DETAIL_SIZE];
    unsigned rcode;
    bool authoritative;
    enum ww_txt_presence presence; /* of the record */
    char id[WW_STS_ID_MAX + 1];    /* with WW_TXT_PRESENT */
    uint32_t ttl;                  /* seconds; of the record, 0 without one */
};

struct ww_names_sight {
    bool looked;                 /* the rest was looked at */
    bool late;                   /* the look was ended before it had seen all */
    enum ww_txt_presence record; /* at _mta-sts; of meaning where its look-up did not fail */
    struct ww_sts_record sts;    /* with WW_TXT_PRESENT */
    enum ww_txt_presence tlsrpt; /* at _smtp._tls */
    char rua[1024];              /* the list of a TLSRPT record that is there, else "" */

    struct ww_name_texts texts[WW_NAMES_TEXTS];
    size_t above_count;
    struct ww_name_zone above[WW_NAMES_ABOVE_MAX]; /* from the top-level domain to the domain */
    struct ww_name_zone zones[WW_NAMES_ZONES];
    size_t server_count;
    bool more_servers; /* there are some that were not asked */
    struct ww_name_server servers[WW_NAMES_SERVERS_MAX];
};

/* Reads record, sts, tlsrpt and rua out of the texts. */
void ww_names_sight_read(struct ww_names_sight *sight);

/*
 * There is no such name as that of the policy host. With a valid record, `record-without-policy` says so, and
 * it is the one finding about the missing policy.
 */
bool ww_names_has_no_host(const struct ww_names_sight *sight);

/* Nothing at all could be resolved, so that it is hardly the domain's fault. */
bool ww_names_is_our_side(const struct ww_names_sight *sight);

#endif
