#include "store/migrate.h"

/*
 * No index on the mode: on a million rows it makes writing half as slow again and the file a sixth larger,
 * and reading all enforced policies through it is slower than reading the table twice.
 */
static const char *const steps[] = {
    "CREATE TABLE policy ("
    " domain TEXT NOT NULL PRIMARY KEY,"
    " id TEXT NOT NULL,"
    " body BLOB NOT NULL,"
    " mode INTEGER NOT NULL," /* enum ww_policy_mode */
    " fetched INTEGER NOT NULL,"
    " expires INTEGER NOT NULL,"
    " checked INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE policy_history ("
    " domain TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " hash BLOB NOT NULL,"     /* SHA-256 of the body */
    " turn INTEGER NOT NULL,"  /* of the versions of a domain: the larger became the present one later */
    " turns INTEGER NOT NULL," /* how often it became so */
    " first_seen INTEGER NOT NULL,"
    " last_seen INTEGER NOT NULL,"
    " mode INTEGER NOT NULL," /* enum ww_policy_mode */
    " size INTEGER NOT NULL," /* octets of the body */
    " address TEXT,"          /* of the policy host; NULL: where it came from is not known */
    " fingerprint BLOB,"      /* SHA-256 of its certificate */
    " issuer TEXT,"
    " not_after INTEGER,"
    " body BLOB," /* NULL: too large to be kept */
    " PRIMARY KEY (domain, id, hash)"
    ") STRICT, WITHOUT ROWID",

    /* Set at run time. */
    "CREATE TABLE override ("
    " domain TEXT NOT NULL PRIMARY KEY," /* example.com, or .example.com for what is below it */
    " level INTEGER NOT NULL,"           /* enum ww_override_level */
    " mx TEXT NOT NULL,"
    " until INTEGER NOT NULL," /* 0: for ever */
    " reason TEXT NOT NULL,"
    " who TEXT NOT NULL,"
    " set_at INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID",

    /* RFC 5011: what is trusted of a zone, of which there is one, the root; and its keys. */
    "CREATE TABLE trust_point ("
    " owner TEXT NOT NULL PRIMARY KEY,"
    " seed TEXT NOT NULL,"         /* which anchors all began with (core/anchor_file.h) */
    " confirmed INTEGER NOT NULL," /* 0: never */
    " retry INTEGER NOT NULL"      /* seconds */
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE trust_anchor ("
    " owner TEXT NOT NULL,"
    " digest BLOB NOT NULL," /* of a DS record */
    " tag INTEGER NOT NULL,"
    " algorithm INTEGER NOT NULL,"
    " digest_type INTEGER NOT NULL,"
    " state INTEGER NOT NULL," /* enum ww_anchor_state */
    " since INTEGER NOT NULL,"
    " seen INTEGER NOT NULL,"
    " held INTEGER NOT NULL," /* seconds that it has waited in this state */
    " PRIMARY KEY (owner, digest, algorithm)"
    ") STRICT, WITHOUT ROWID",

    /* Watched domains; their last reports apart, as they are large. What is policy of them is in the history.
     */
    "CREATE TABLE watch ("
    " domain TEXT NOT NULL PRIMARY KEY,"
    " team TEXT NOT NULL," /* the group, which is a word of SQL; '': none */
    " added INTEGER NOT NULL,"
    " every INTEGER NOT NULL," /* seconds; 0: as configured */
    " due INTEGER NOT NULL,"
    " run INTEGER NOT NULL," /* when it was inspected last; 0: never */
    " ms INTEGER NOT NULL,"
    " severity INTEGER NOT NULL," /* enum ww_severity, one more: nothing was found */
    " errors INTEGER NOT NULL,"
    " warnings INTEGER NOT NULL,"
    " infos INTEGER NOT NULL,"
    " outlook TEXT NOT NULL,"
    " mode TEXT NOT NULL,"    /* '': no policy */
    " mx_hash BLOB NOT NULL," /* SHA-256 of the policy with which */
    " mx TEXT NOT NULL"       /* these hosts were seen first */
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX watch_due ON watch (due);"
    "CREATE TABLE watch_report ("
    " domain TEXT NOT NULL PRIMARY KEY,"
    " report BLOB NOT NULL" /* JSON */
    ") STRICT;"
    "CREATE TABLE watch_run ("
    " domain TEXT NOT NULL,"
    " at INTEGER NOT NULL,"
    " ms INTEGER NOT NULL,"
    " severity INTEGER NOT NULL,"
    " errors INTEGER NOT NULL,"
    " warnings INTEGER NOT NULL,"
    " infos INTEGER NOT NULL,"
    " outlook TEXT NOT NULL,"
    " mode TEXT NOT NULL,"
    " PRIMARY KEY (domain, at)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE watch_finding (" /* struct ww_alert_state */
    " domain TEXT NOT NULL,"
    " check_id TEXT NOT NULL,"
    " place TEXT NOT NULL,"
    " seen TEXT NOT NULL,"
    " severity INTEGER NOT NULL,"
    " first_seen INTEGER NOT NULL,"
    " last_seen INTEGER NOT NULL,"
    " misses INTEGER NOT NULL,"
    " told INTEGER NOT NULL,"
    " said INTEGER NOT NULL,"
    " told_at INTEGER NOT NULL,"
    " reminders INTEGER NOT NULL,"
    " acked_until INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL,"
    " days INTEGER NOT NULL,"
    " acked_by TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " PRIMARY KEY (domain, check_id, place)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE watch_alert (" /* what is not delivered */
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL,"
    " domain TEXT NOT NULL,"
    " delivered TEXT NOT NULL," /* the channels that have had it, a line each */
    " content BLOB NOT NULL"
    ") STRICT",

    /*
     * TLS results, by recipient domain, UTC day and part: what comes after a day's report was made is a part
     * of its own. And the reports that were made.
     */
    "CREATE TABLE result_journal (" /* up to where it is folded */
    " journal BLOB NOT NULL PRIMARY KEY,"
    " position INTEGER NOT NULL,"
    " at INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE result_day (" /* those that no report was made of */
    " domain TEXT NOT NULL,"
    " day INTEGER NOT NULL,"
    " part INTEGER NOT NULL,"
    " record TEXT NOT NULL," /* the last TLSRPT record that an MTA saw; '': none */
    " first_at INTEGER NOT NULL,"
    " last_at INTEGER NOT NULL,"
    " PRIMARY KEY (domain, day, part)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX result_day_day ON result_day (day, domain);"
    "CREATE TABLE result_count (" /* rows of result_day */
    " day INTEGER NOT NULL PRIMARY KEY,"
    " domains INTEGER NOT NULL,"
    " octets INTEGER NOT NULL DEFAULT 0" /* of the policies and failures that came on it */
    ") STRICT;"
    "CREATE TABLE result_policy ("
    " domain TEXT NOT NULL,"
    " day INTEGER NOT NULL,"
    " part INTEGER NOT NULL,"
    " policy BLOB NOT NULL,"  /* a digest of the next four */
    " type INTEGER NOT NULL," /* enum ww_policy_type */
    " policy_domain TEXT NOT NULL,"
    " strings TEXT NOT NULL,"
    " mx_hosts TEXT NOT NULL,"
    " success INTEGER NOT NULL,"
    " unverified INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " PRIMARY KEY (domain, day, part, policy)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE result_detail ("
    " domain TEXT NOT NULL,"
    " day INTEGER NOT NULL,"
    " part INTEGER NOT NULL,"
    " policy BLOB NOT NULL,"
    " detail BLOB NOT NULL,"  /* a digest of the next seven */
    " type INTEGER NOT NULL," /* enum ww_result_type */
    " sending_ip TEXT NOT NULL,"
    " receiving_mx TEXT NOT NULL,"
    " helo TEXT NOT NULL,"
    " receiving_ip TEXT NOT NULL,"
    " info TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " sessions INTEGER NOT NULL,"
    " PRIMARY KEY (domain, day, part, policy, detail)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE result_look (" /* domains whose MX hosts are looked at */
    " domain TEXT NOT NULL PRIMARY KEY,"
    " wanted INTEGER NOT NULL," /* when it last had mail */
    " due INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX result_look_due ON result_look (due);"
    "CREATE TABLE report ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " domain TEXT NOT NULL,"
    " day INTEGER NOT NULL,"
    " part INTEGER NOT NULL,"
    " id TEXT NOT NULL UNIQUE," /* the report-id */
    " state INTEGER NOT NULL,"  /* enum ww_report_state */
    " made INTEGER NOT NULL,"
    " due INTEGER NOT NULL,"
    " ended INTEGER NOT NULL," /* 0: it is not */
    " known INTEGER NOT NULL," /* where it goes has been looked up */
    " tries INTEGER NOT NULL," /* look-ups of that which have failed */
    " first_try INTEGER NOT NULL,"
    " last_try INTEGER NOT NULL,"
    " detail TEXT NOT NULL,"
    " contact TEXT NOT NULL," /* as in the content; the next one too */
    " organization TEXT NOT NULL,"
    " record TEXT NOT NULL,"
    " policies INTEGER NOT NULL,"
    " success INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " content BLOB," /* gzipped JSON; NULL: not kept */
    " UNIQUE (domain, day, part)"
    ") STRICT;"
    "CREATE INDEX report_due ON report (state, due);"
    "CREATE INDEX report_ended ON report (ended);"
    "CREATE TABLE report_target ("
    " number INTEGER NOT NULL,"
    " uri TEXT NOT NULL,"
    " state INTEGER NOT NULL," /* enum ww_target_state */
    " tries INTEGER NOT NULL,"
    " first_try INTEGER NOT NULL,"
    " due INTEGER NOT NULL,"
    " tried INTEGER NOT NULL," /* the last time */
    " insecure INTEGER NOT NULL,"
    " redirected INTEGER NOT NULL,"
    " detail TEXT NOT NULL,"
    " PRIMARY KEY (number, uri)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX report_target_state ON report_target (state);"
    "CREATE INDEX report_target_uri ON report_target (uri, tried);"
    "CREATE TABLE report_destination (" /* what is known of a rua */
    " uri TEXT NOT NULL PRIMARY KEY,"
    " refusals INTEGER NOT NULL,"         /* in a row */
    " suppressed_until INTEGER NOT NULL," /* 0: it is not */
    " since INTEGER NOT NULL,"
    " who TEXT NOT NULL," /* '': Waxwing itself */
    " reason TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID",

    /* Reports of others. domain is always a recipient domain, by which the tables could be spread. */
    "CREATE TABLE received ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " domain TEXT NOT NULL,"       /* that it says it is about, or the first that it names; '' */
    " sender TEXT NOT NULL,"       /* who stands for it: the domain that has signed it, else what it says */
    " verified INTEGER NOT NULL,"  /* that domain is the one of From */
    " organization TEXT NOT NULL," /* as it says itself, as do the next four */
    " contact TEXT NOT NULL,"
    " report_id TEXT NOT NULL,"
    " begin_at INTEGER NOT NULL,"
    " end_at INTEGER NOT NULL,"
    " day INTEGER NOT NULL,"    /* ww_day_of the middle of the range */
    " submitter TEXT NOT NULL," /* as its mail says, or '', as the next two */
    " mail_from TEXT NOT NULL,"
    " message_id TEXT NOT NULL,"
    " channel INTEGER NOT NULL," /* enum ww_channel */
    " peer TEXT NOT NULL,"
    " came_at INTEGER NOT NULL,"
    " dkim INTEGER NOT NULL," /* enum ww_dkim_result */
    " dkim_aligned INTEGER NOT NULL,"
    " dkim_domain TEXT NOT NULL,"
    " dkim_selector TEXT NOT NULL,"
    " dkim_detail TEXT NOT NULL,"
    " policies INTEGER NOT NULL," /* that are kept; their sums */
    " success INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " deviations TEXT NOT NULL," /* lines: id of the rule, severity, count and place, with a space between
                                    them */
    " content BLOB"              /* gzipped JSON; NULL: not kept */
    ") STRICT;"
    "CREATE INDEX received_came ON received (came_at);"
    "CREATE INDEX received_raw ON received (came_at) WHERE content IS NOT NULL;"
    "CREATE TABLE received_domain (" /* what a report says of one domain, which is counted once */
    " domain TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " day INTEGER NOT NULL," /* as above, as are the next two */
    " sender TEXT NOT NULL,"
    " verified INTEGER NOT NULL,"
    " organization TEXT NOT NULL," /* in lower case */
    " report_id TEXT NOT NULL,"
    " begin_at INTEGER NOT NULL,"
    " end_at INTEGER NOT NULL,"
    " success INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " PRIMARY KEY (number, domain)" /* new ones stand together, and so they leave */
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX received_domain_key ON received_domain (report_id, domain, begin_at, end_at, verified,"
    " organization);"
    "CREATE INDEX received_domain_of ON received_domain (domain, day, sender, verified, success, failure);"
    "CREATE INDEX received_domain_by ON received_domain (domain, sender, day, verified, success, failure);"
    /* Sums over the reports, kept in the transaction that keeps these: statistics read no report. */
    "CREATE TABLE received_day ("
    " domain TEXT NOT NULL,"
    " day INTEGER NOT NULL,"
    " reports INTEGER NOT NULL,"
    " success INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " verified_success INTEGER NOT NULL,"
    " verified_failure INTEGER NOT NULL,"
    " PRIMARY KEY (domain, day)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX received_day_day ON received_day (day, reports, success, failure, verified_success,"
    " verified_failure);"
    "CREATE TABLE received_sender (" /* of all domains */
    " sender TEXT NOT NULL,"
    " day INTEGER NOT NULL,"
    " reports INTEGER NOT NULL,"
    " success INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " verified_success INTEGER NOT NULL,"
    " verified_failure INTEGER NOT NULL,"
    " PRIMARY KEY (sender, day)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX received_sender_day ON received_sender (day);"
    "CREATE TABLE received_pair (" /* who reports of whom */
    " domain TEXT NOT NULL,"
    " sender TEXT NOT NULL,"
    " reports INTEGER NOT NULL,"
    " last_day INTEGER NOT NULL," /* of these */
    " PRIMARY KEY (domain, sender)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX received_pair_sender ON received_pair (sender);"
    "CREATE TABLE received_policy ("
    " domain TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " place INTEGER NOT NULL," /* among the policies of the report */
    " type TEXT NOT NULL,"
    " policy_domain TEXT NOT NULL,"
    " policy BLOB NOT NULL," /* digest, of received_strings */
    " success INTEGER NOT NULL,"
    " failure INTEGER NOT NULL,"
    " PRIMARY KEY (number, domain, place)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE received_strings (" /* each policy of a domain that senders say they used */
    " domain TEXT NOT NULL,"
    " policy BLOB NOT NULL," /* a digest of the next two */
    " strings TEXT NOT NULL,"
    " mx_hosts TEXT NOT NULL,"
    " first_day INTEGER NOT NULL,"
    " last_day INTEGER NOT NULL,"
    " PRIMARY KEY (domain, policy)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX received_strings_last ON received_strings (last_day);"
    "CREATE TABLE received_failure ("
    " domain TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " place INTEGER NOT NULL,"  /* of its policy */
    " detail INTEGER NOT NULL," /* among those of the policy */
    " day INTEGER NOT NULL,"
    " sender TEXT NOT NULL,"
    " verified INTEGER NOT NULL,"
    " result TEXT NOT NULL,"
    " sending_ip TEXT NOT NULL,"
    " receiving_mx TEXT NOT NULL,"
    " helo TEXT NOT NULL,"
    " receiving_ip TEXT NOT NULL,"
    " info TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " sessions INTEGER NOT NULL,"
    " PRIMARY KEY (number, domain, place, detail)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX received_failure_day ON received_failure (day, domain, result, receiving_mx, sender,"
    " verified, sessions);"
    "CREATE INDEX received_failure_of ON received_failure (domain, day, result, receiving_mx, sender,"
    " verified, sessions);"
    "CREATE TABLE received_volume (" /* what came on a day */
    " day INTEGER NOT NULL PRIMARY KEY,"
    " octets INTEGER NOT NULL,"     /* that were kept of it */
    " reports INTEGER NOT NULL,"    /* rows of received, */
    " quarantined INTEGER NOT NULL" /* and of quarantine */
    ") STRICT;"
    "CREATE TABLE received_told (" /* what was told of a domain's reports, so that it is told once */
    " domain TEXT NOT NULL,"
    " what TEXT NOT NULL,"  /* id of the alert */
    " about TEXT NOT NULL," /* a sender, a result type; or '' */
    " place TEXT NOT NULL," /* where it was said to be */
    " seen TEXT NOT NULL,"  /* what was seen, in words */
    " severity INTEGER NOT NULL,"
    " since INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"    /* when it was told, the last time */
    " day INTEGER NOT NULL,"   /* that it was last so */
    " lasts INTEGER NOT NULL," /* nobody was told that it is over */
    " usual INTEGER NOT NULL," /* a rate of failures before it, in millionths; 0 of others */
    " acked_until INTEGER NOT NULL,"
    " PRIMARY KEY (domain, what, about)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE quarantine (" /* submissions that could not be read */
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " domain TEXT NOT NULL," /* as far as it could be read, as are the next two; or '' */
    " organization TEXT NOT NULL,"
    " report_id TEXT NOT NULL,"
    " channel INTEGER NOT NULL,"
    " peer TEXT NOT NULL,"
    " came_at INTEGER NOT NULL,"
    " mail INTEGER NOT NULL," /* it is one */
    " mail_from TEXT NOT NULL,"
    " message_id TEXT NOT NULL,"
    " dkim INTEGER NOT NULL,"
    " dkim_domain TEXT NOT NULL,"
    " deviations TEXT NOT NULL,"    /* as above; the first error says why */
    " size INTEGER NOT NULL,"       /* of the octets */
    " digest BLOB NOT NULL UNIQUE," /* SHA-256 of the octets: the same one is kept once */
    " octets BLOB NOT NULL"         /* gzipped */
    ") STRICT;"
    "CREATE INDEX quarantine_came ON quarantine (came_at)",

    /* What Waxwing publishes itself: struct ww_published of core/published.h. */
    "CREATE TABLE published ("
    " domain TEXT NOT NULL PRIMARY KEY,"
    " version INTEGER NOT NULL,"
    " goal INTEGER NOT NULL," /* enum ww_published_goal, as the next enums are those of core/published.h */
    " automatic INTEGER NOT NULL,"
    " stopped INTEGER NOT NULL,"
    " mx TEXT NOT NULL," /* patterns, with a space between them */
    " max_age INTEGER NOT NULL,"
    " rua TEXT NOT NULL,"
    " host INTEGER NOT NULL,"
    " dns INTEGER NOT NULL,"
    " certificate INTEGER NOT NULL,"
    " mirror TEXT NOT NULL,"
    " state INTEGER NOT NULL,"
    " added_at INTEGER NOT NULL,"
    " state_since INTEGER NOT NULL,"
    " grown_at INTEGER NOT NULL,"
    " bad_at INTEGER NOT NULL,"
    " looked_at INTEGER NOT NULL,"
    " record_id TEXT NOT NULL,"
    " record_since INTEGER NOT NULL,"
    " record_ttl INTEGER NOT NULL,"
    " mx_ttl INTEGER NOT NULL,"
    " shown_id TEXT NOT NULL,"
    " shown_at INTEGER NOT NULL,"
    " certificate_until INTEGER NOT NULL,"
    " next_at INTEGER NOT NULL,"
    " until_at INTEGER NOT NULL,"
    " needs_operator INTEGER NOT NULL,"
    " waits TEXT NOT NULL,"
    " trouble TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX published_next ON published (next_at);"
    "CREATE INDEX published_state ON published (state, needs_operator);"
    "CREATE INDEX published_mirror ON published (mirror) WHERE mirror <> '';"
    "CREATE TABLE published_mx (" /* hosts of the MX records */
    " domain TEXT NOT NULL,"
    " place INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " seen_at INTEGER NOT NULL,"
    " gone_at INTEGER NOT NULL,"
    " tls INTEGER NOT NULL,"
    " why TEXT NOT NULL,"
    " PRIMARY KEY (domain, place)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE published_served (" /* stays when the domain goes */
    " domain TEXT NOT NULL,"
    " number INTEGER NOT NULL," /* of those of a domain: the larger was served later */
    " id TEXT NOT NULL,"
    " since INTEGER NOT NULL,"
    " until_at INTEGER NOT NULL," /* 0: it is served */
    " max_age INTEGER NOT NULL,"
    " body BLOB NOT NULL,"
    " PRIMARY KEY (domain, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX published_served_now ON published_served (domain) WHERE until_at = 0;"
    "CREATE INDEX published_served_until ON published_served (until_at) WHERE until_at > 0;"
    "CREATE TABLE published_log ("
    " domain TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " words TEXT NOT NULL,"
    " PRIMARY KEY (domain, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE published_fault (" /* what was told of, and is not over */
    " domain TEXT NOT NULL,"
    " check_id TEXT NOT NULL,"
    " place TEXT NOT NULL,"
    " severity INTEGER NOT NULL,"
    " seen TEXT NOT NULL,"
    " since INTEGER NOT NULL,"
    " PRIMARY KEY (domain, check_id, place)"
    ") STRICT, WITHOUT ROWID",

    /* Looks that operators ask for are counted; why it was not well to enforce is kept. */
    "ALTER TABLE published ADD COLUMN bad_why TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE published ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE published ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE published ADD COLUMN afresh INTEGER NOT NULL DEFAULT 0",

    "CREATE TABLE published_foreign (" /* policies of somebody else; stay when the domain goes */
    " domain TEXT NOT NULL,"
    " body BLOB NOT NULL,"
    " id TEXT NOT NULL," /* '': it is not known */
    " since INTEGER NOT NULL,"
    " until_at INTEGER NOT NULL," /* 0: nothing else was seen since */
    " max_age INTEGER NOT NULL,"
    " PRIMARY KEY (domain, body)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX published_foreign_until ON published_foreign (until_at) WHERE until_at > 0",

    /* A policy host that is moved away is served until nobody is led to it. */
    "ALTER TABLE published ADD COLUMN here TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE published ADD COLUMN here_ttl INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE published ADD COLUMN here_gone_at INTEGER NOT NULL DEFAULT 0",
};

const struct ww_schema ww_store_schema = {
    .application_id = 0x57617877, /* "Waxw" */
    .steps = steps,
    .count = sizeof steps / sizeof steps[0],
};
