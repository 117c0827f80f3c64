/* The configuration: every setting has a right default, so that the file may be empty or missing. */
#ifndef WW_DAEMON_CONFIG_H
#define WW_DAEMON_CONFIG_H

#include "core/addr.h"
#include "core/domain_decision.h"
#include "core/override.h"
#include "engine/life.h"

#include <sys/types.h>

enum ww_log_level {
    WW_LOG_ERROR,
    WW_LOG_WARNING,
    WW_LOG_INFO,
    WW_LOG_DEBUG,
};

enum ww_log_format {
    WW_LOG_AUTO, /* for the journal if that is where stderr goes, else text */
    WW_LOG_TEXT,
    WW_LOG_JSON,
    WW_LOG_JOURNAL,
};

struct ww_config {
    char **listen;      /* NULL-terminated: "inet:127.0.0.1:8461", "inet:[::1]:8461", "unix:/path" */
    char *socket_owner; /* name or number, or NULL */
    char *socket_group; /* the same */
    mode_t socket_mode;
    char *user;
    char *store;    /* absolute path */
    char *control;  /* "unix:/path" */
    char **metrics; /* NULL-terminated, as listen */
    char **http;    /* the same, on loopback addresses and Unix sockets alone */
    enum ww_log_level log_level;
    enum ww_log_format log_format;
    unsigned answer_deadline_ms;
    bool testing_may;
    bool dry_run;
    struct ww_dane_settings dane;
    unsigned resolvers; /* at least one */
    size_t max_domains;
    bool confine;

    struct ww_addr *dns_forward;
    size_t dns_forward_count;
    char *dns_root_hints;   /* or NULL */
    char *dns_trust_anchor; /* or NULL */
    bool dns_anchor_updates;
    struct ww_addr *dns_sources;
    size_t dns_source_count;
    unsigned dns_timeout_ms;

    char *fetch_ca_file; /* or NULL */
    unsigned fetch_deadline_ms;
    struct ww_prefix *fetch_allow;
    size_t fetch_allow_count;
    struct ww_addr *fetch_sources;
    size_t fetch_source_count;
    unsigned fetch_max_flights;    /* of one resolver at a time */
    unsigned fetch_max_per_second; /* begun by all resolvers */
    unsigned fetch_max_per_site;   /* the same, and at a time */

    struct ww_override *overrides; /* by key */
    size_t override_count;

    size_t cache_max_bytes;
    struct ww_life_rules life;
    unsigned history_versions; /* kept of a domain */
    int64_t history_keep;      /* seconds */

    char *preload_source;    /* absolute path or https: URL, or NULL: there is no list */
    char *preload_signature; /* the same; not NULL when there is a source */
    char *preload_key;       /* absolute path; not NULL when there is a source */
    int64_t preload_refresh; /* seconds */

    int64_t watch_interval;    /* seconds from one inspection of a watched domain to the next */
    unsigned watch_parallel;   /* inspections at a time */
    unsigned watch_alert_from; /* enum ww_severity */

    bool collect;             /* TLS results are taken */
    char **collect_datagrams; /* "unix:/path", NULL-terminated; never empty where collect is set */
    char **collect_lines;     /* the same */
    size_t collect_journal;   /* octets */
    int64_t collect_recheck;  /* seconds from one re-check of a domain whose policy has failed to the next */
    bool collect_look;        /* MX hosts are looked at where MTAs cannot tell the truth */
    int64_t collect_look_interval; /* seconds from one look at a domain to the next */

    char *report_contact;            /* who sends reports; NULL: nobody does */
    char *report_organization;       /* NULL: the domain of the contact */
    char *report_mail_from;          /* NULL: the contact */
    char *report_smtp;               /* "host:port" */
    char *report_dkim_key;           /* absolute path, or NULL: the MTA signs */
    char *report_dkim_selector;      /* not NULL when there is a key */
    char *report_dkim_domain;        /* NULL: the domain of the contact */
    int64_t report_spread;           /* seconds */
    unsigned report_per_destination; /* reports a minute */
    struct ww_prefix *report_allow;
    size_t report_allow_count;
    char *report_redirect; /* all reports go there; or NULL */
    bool report_dry_run;   /* they are made, and none is sent */
    int64_t report_keep;   /* seconds that one which was sent is kept */

    bool intake;                    /* reports of others are taken in */
    char **intake_submit;           /* "unix:/path", NULL-terminated; never empty where intake is set */
    char **intake_lmtp;             /* NULL-terminated, as listen; never empty where intake is set */
    char **intake_https;            /* the same; may be empty */
    char **intake_http;             /* the same, on loopback addresses and Unix sockets alone */
    char *intake_certificate;       /* absolute path; not NULL when there is intake_https */
    char *intake_key;               /* the same */
    char **intake_domains;          /* canonical names that reports are taken of; none: of all */
    size_t intake_max_size;         /* octets of one submission */
    unsigned intake_per_minute;     /* requests of one address */
    size_t intake_per_day;          /* octets that are kept of the submissions of a UTC day */
    int64_t intake_keep;            /* seconds that a report is kept, */
    int64_t intake_keep_raw;        /* what it was read from, */
    int64_t intake_keep_quarantine; /* and what could not be read */

    bool publish;         /* policies of domains of our own are published */
    char **publish_https; /* NULL-terminated, as listen: where they are served; may be empty */
    char **publish_http;  /* the same: challenges of ACME alone */
    char *publish_folder; /* absolute path: certificates, challenges, the account with ACME */
    char *publish_tree;   /* absolute path, or NULL: files for another web server are written there */
    char *publish_tree_certificates; /* absolute path, or NULL: where that has certificates, by host */
    int64_t publish_interval;        /* seconds from one look at a domain to the next, while nothing is due */
    struct ww_addr *publish_dns;     /* the primary that takes updates (RFC 2136); one at most */
    size_t publish_dns_count;
    char *publish_dns_key;      /* absolute path of a file with a TSIG key, or NULL */
    int64_t publish_dns_ttl;    /* seconds, of the records that are set */
    char *publish_acme;         /* URL of the directory, or NULL: certificates are kept by somebody else */
    char *publish_acme_contact; /* or NULL */

    char **alert_mail_to; /* NULL-terminated */
    size_t alert_mail_to_count;
    char *alert_mail_from;      /* or NULL: "waxwing" at this machine's name */
    char *alert_smtp;           /* "host:port" */
    char *alert_webhook;        /* URL, or absolute path of a file that holds it, or NULL */
    char *alert_webhook_secret; /* absolute path, or NULL: nothing is signed */
    struct ww_prefix *alert_allow;
    size_t alert_allow_count;
    char *alert_command;   /* absolute path, or NULL */
    int64_t alert_collect; /* seconds */

    unsigned refresh_flights; /* without a look-up: under way at a time, and begun in a second */
};

/*
 * Reads a configuration text; name is what errors call it. NULL on an error, with all errors as lines
 * "name:line: what" in detail. `text` need not be NUL-terminated.
 */
struct ww_config *ww_config_parse(const char *name, const char *text, size_t n, char *detail,
                                  size_t detail_size);
void ww_config_free(struct ww_config *config);

#endif
