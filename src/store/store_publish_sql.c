#include "store/store_db.h"

#define DOMAIN_                                                                                             \
    "domain, mx, rua, mirror, record_id, shown_id, waits, trouble, bad_why, here, version, goal, "          \
    "automatic, "                                                                                           \
    "stopped, max_age, host, dns, certificate, state, added_at, state_since, grown_at, bad_at, looked_at, " \
    "record_since, record_ttl, mx_ttl, shown_at, certificate_until, next_at, until_at, needs_operator, "    \
    "asked, answered, afresh, here_ttl, here_gone_at"
#define VALUES                                                                                     \
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, " \
    "?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37)"
#define HOST "name, seen_at, gone_at, tls, why"
#define FAULT "check_id, place, severity, seen, since"
#define SEEN(id) "(SELECT max(number) FROM published_served WHERE domain = ?1 AND id = " id ")"
#define LAST "(SELECT max(number) FROM published_served WHERE domain = ?1)"

const char *const ww_publish_sql[WW_PUBLISH_STATEMENTS] = {
    [WW_PUBLISH_SQL_ADD] = "INSERT INTO published (" DOMAIN_ ") VALUES " VALUES " ON CONFLICT DO NOTHING",
    [WW_PUBLISH_SQL_GET] = "SELECT " DOMAIN_ " FROM published WHERE domain = ?1",
    [WW_PUBLISH_SQL_PUT] = "UPDATE published SET (" DOMAIN_ ") = " VALUES " WHERE domain = ?1",
    [WW_PUBLISH_SQL_REMOVE] = "DELETE FROM published WHERE domain = ?1",
    [WW_PUBLISH_SQL_DUE] = "SELECT " DOMAIN_ " FROM published WHERE next_at <= ?1 ORDER BY next_at",
    [WW_PUBLISH_SQL_NEXT_DUE] = "SELECT coalesce(min(next_at), 0) FROM published",
    [WW_PUBLISH_SQL_SET_DUE] = "UPDATE published SET next_at = ?2 WHERE domain = ?1",
    [WW_PUBLISH_SQL_MIRRORS_DUE] =
        "UPDATE published SET next_at = ?2 WHERE mirror = ?1 AND mirror <> '' AND next_at > ?2",
    [WW_PUBLISH_SQL_COUNT] =
        "SELECT state, needs_operator, count(*) FROM published GROUP BY state, needs_operator",
    [WW_PUBLISH_SQL_MX_PUT] =
        "INSERT INTO published_mx (domain, place, " HOST ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [WW_PUBLISH_SQL_MX_LIST] = "SELECT " HOST " FROM published_mx WHERE domain = ?1 ORDER BY place LIMIT ?2",
    [WW_PUBLISH_SQL_MX_REMOVE] = "DELETE FROM published_mx WHERE domain = ?1",
    [WW_PUBLISH_SQL_SERVE] =
        ("INSERT INTO published_served (domain, number, id, since, until_at, max_age, body)"
         " VALUES (?1, coalesce(" LAST ", 0) + 1, ?2, ?3, 0, ?4, ?5)"),
    /* A clock that was set back: it was not served before it was. */
    [WW_PUBLISH_SQL_UNSERVE] = ("UPDATE published_served SET since = min(since, ?2), until_at = ?2"
                                " WHERE domain = ?1 AND until_at = 0"),
    /* One that was never seen is not gone by. */
    [WW_PUBLISH_SQL_SHOWN] =
        ("UPDATE published_served SET until_at = max(until_at, ?4) WHERE domain = ?1 AND until_at > 0"
         " AND number < " SEEN("?3") " AND number >= coalesce(" SEEN("?2") ", " SEEN("?3") " - 1)"),
    /* ?2 a time before which it was served last, ?3 how many */
    [WW_PUBLISH_SQL_SERVED] =
        ("SELECT id, since, until_at, body FROM (SELECT number, id, since, until_at, body"
         " FROM published_served WHERE domain = ?1 AND (until_at = 0 OR until_at > ?2 OR number = " LAST
         ") ORDER BY number = " LAST " DESC, until_at + max_age DESC, number DESC LIMIT ?3)"
         " ORDER BY number"),
    [WW_PUBLISH_SQL_PURGE] =
        ("DELETE FROM published_served WHERE (domain, number) IN (SELECT domain, number"
         " FROM published_served WHERE until_at > 0 AND until_at < ?1 ORDER BY until_at LIMIT ?2)"),
    [WW_PUBLISH_SQL_FOREIGN_PUT] =
        ("INSERT INTO published_foreign (domain, body, id, since, until_at, max_age)"
         " VALUES (?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT (domain, body) DO UPDATE SET until_at = 0,"
         " id = CASE excluded.id WHEN '' THEN id ELSE excluded.id END"),
    [WW_PUBLISH_SQL_FOREIGN_OVER] = ("UPDATE published_foreign SET since = min(since, ?2), until_at = ?2"
                                     " WHERE domain = ?1 AND until_at = 0"),
    [WW_PUBLISH_SQL_FOREIGN_TRIM] =
        ("DELETE FROM published_foreign WHERE domain = ?1 AND body NOT IN (SELECT body"
         " FROM published_foreign WHERE domain = ?1"
         " ORDER BY until_at = 0 DESC, until_at + max_age DESC LIMIT ?2)"),
    [WW_PUBLISH_SQL_FOREIGN_LIST] =
        ("SELECT id, since, until_at, body FROM published_foreign"
         " WHERE domain = ?1 AND (until_at = 0 OR until_at > ?2) ORDER BY since LIMIT ?3"),
    [WW_PUBLISH_SQL_FOREIGN_PURGE] =
        ("DELETE FROM published_foreign WHERE (domain, body) IN (SELECT domain, body"
         " FROM published_foreign WHERE until_at > 0 AND until_at < ?1 ORDER BY until_at LIMIT ?2)"),
    [WW_PUBLISH_SQL_SITES] =
        ("SELECT " DOMAIN_ ", id, since, body FROM published LEFT JOIN (SELECT domain AS of, id, since,"
         " body FROM published_served WHERE until_at = 0) ON of = domain"
         " WHERE domain > ?1 ORDER BY domain LIMIT ?2"),
    [WW_PUBLISH_SQL_NOTE] =
        ("INSERT INTO published_log (domain, number, at, words) VALUES (?1, coalesce((SELECT max(number)"
         " FROM published_log WHERE domain = ?1), 0) + 1, ?2, ?3)"),
    [WW_PUBLISH_SQL_NOTE_TRIM] = ("DELETE FROM published_log WHERE domain = ?1 AND number <= (SELECT"
                                  " max(number) FROM published_log WHERE domain = ?1) - ?2"),
    [WW_PUBLISH_SQL_NOTES] =
        "SELECT at, words FROM published_log WHERE domain = ?1 ORDER BY number DESC LIMIT ?2",
    [WW_PUBLISH_SQL_NOTE_REMOVE] = "DELETE FROM published_log WHERE domain = ?1",
    [WW_PUBLISH_SQL_FAULT_PUT] =
        "INSERT INTO published_fault (domain, " FAULT ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [WW_PUBLISH_SQL_FAULT_LIST] =
        "SELECT " FAULT " FROM published_fault WHERE domain = ?1 ORDER BY check_id, place LIMIT ?2",
    [WW_PUBLISH_SQL_FAULT_REMOVE] = "DELETE FROM published_fault WHERE domain = ?1",
};
