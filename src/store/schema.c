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
};

const struct ww_schema ww_store_schema = {
    .application_id = 0x57617877, /* "Waxw" */
    .steps = steps,
    .count = sizeof steps / sizeof steps[0],
};
