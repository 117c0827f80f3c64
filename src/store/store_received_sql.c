#include "store/store_db.h"

#define FACTS                                                                                           \
    "number, domain, sender, verified, organization, contact, report_id, begin_at, end_at, submitter, " \
    "mail_from, message_id, channel, peer, came_at, dkim, dkim_aligned, dkim_domain, dkim_selector, "   \
    "dkim_detail, "                                                                                     \
    "policies, success, failure, deviations"
/* received is r */
#define R_FACTS                                                                                      \
    "r.number, r.domain, r.sender, r.verified, r.organization, r.contact, r.report_id, r.begin_at, " \
    "r.end_at, r.submitter, r.mail_from, r.message_id, r.channel, r.peer, r.came_at, r.dkim, "       \
    "r.dkim_aligned, r.dkim_domain, "                                                                \
    "r.dkim_selector, r.dkim_detail, r.policies, r.success, r.failure, r.deviations,"                \
    " coalesce(length(r.content), 0)"
#define FROM_ALL                                                                                     \
    " FROM received AS r WHERE r.number > ?1 AND r.number < ?2 AND r.day >= ?3 AND r.day < ?4"       \
    " AND (?5 = '' OR r.sender = ?5) AND (?6 = 0 OR r.failure > 0) AND (?7 = '' OR EXISTS (SELECT 1" \
    " FROM received_failure AS f WHERE f.number = r.number AND f.result = ?7))"
#define FROM_DOMAIN                                                                                  \
    " FROM received_domain AS d CROSS JOIN received AS r ON r.number = d.number"                     \
    " WHERE d.number > ?1 AND d.number < ?2 AND +d.domain = ?8 AND +d.day >= ?3 AND +d.day < ?4"     \
    " AND (?5 = '' OR d.sender = ?5) AND (?6 = 0 OR d.failure > 0) AND (?7 = '' OR EXISTS (SELECT 1" \
    " FROM received_failure AS f WHERE f.number = d.number AND f.domain = d.domain AND f.result = ?7))"

/* ?1 report-id, ?2 domain, ?3 begin, ?4 end, ?5 sender or organization */
#define KEY " FROM received_domain WHERE report_id = ?1 AND domain = ?2 AND begin_at = ?3 AND end_at = ?4"

#define ADD(table, key, a)                                                                           \
    "INSERT INTO " table " (" key ", reports, success, failure, verified_success, verified_failure)" \
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (" key ") DO UPDATE SET"                       \
    " reports = " a ".reports + excluded.reports, success = " a ".success + excluded.success,"       \
    " failure = " a ".failure + excluded.failure,"                                                   \
    " verified_success = " a ".verified_success + excluded.verified_success,"                        \
    " verified_failure = " a ".verified_failure + excluded.verified_failure"

/* A sum has no more than readers of JSON can have; total() never overflows. */
#define SUM(column) "CAST(min(total(" column "), 9007199254740991) AS INTEGER)"
/* Of tables with sums, and of received_domain. */
#define SUMS                                                                      \
    SUM("d.reports")                                                              \
    " AS reports, " SUM("d.success") " AS ok, " SUM("d.failure") " AS bad, " SUM( \
        "d.verified_success") ", " SUM("d.verified_failure")
#define COUNTS                                                                            \
    "count(*) AS reports, " SUM("d.success") " AS ok, " SUM("d.failure") " AS bad, " SUM( \
        "d.success * d.verified") ", " SUM("d.failure * d.verified")
/* ?1 the first day, ?2 the one behind the last, ?3 rows at most, ?4 domain, ?5 sender, ?6 type of failure */
#define DAYS "d.day >= ?1 AND d.day < ?2"
/* Whether a pair had a report in that time. */
#define IN_TIME                                                                           \
    "p.last_day >= ?1 AND (p.last_day < ?2 OR EXISTS (SELECT 1 FROM received_domain AS x" \
    " WHERE x.domain = p.domain AND x.sender = p.sender AND x.day >= ?1 AND x.day < ?2))"
#define MOST " ORDER BY ok + bad DESC, 1 LIMIT ?3"
/* In the order of the key: all rows are fewer than what would have to be sorted. */
#define DAYS_OF_ALL "+d.day >= ?1 AND +d.day < ?2"
#define FAILURES                                                                                       \
    SUM("d.sessions")                                                                                  \
    " AS most, " SUM(                                                                                  \
        "d.sessions * d.verified") ", count(DISTINCT d.sender),"                                       \
                                   " count(DISTINCT d.domain), max(d.day) FROM received_failure AS d " \
                                   "WHERE " DAYS                                                       \
                                   " AND (?5 = '' OR d.sender = ?5) AND (?6 = '' OR d.result = ?6)"
#define MOST_FAILURES " ORDER BY most DESC, 1 LIMIT ?3"

const char *const ww_received_sql[WW_RECEIVED_SQL_STATEMENTS] = {
    [WW_RECEIVED_SQL_KEY_SENDER] = "SELECT number" KEY " AND verified = 1 AND sender = ?5 LIMIT 1",
    [WW_RECEIVED_SQL_KEY_ORGANIZATION] =
        "SELECT number" KEY " AND verified IN (0, 1) AND organization = ?5 LIMIT 1",
    [WW_RECEIVED_SQL_KEY_UNVERIFIED] = "SELECT number" KEY " AND verified = 0 AND organization = ?5 LIMIT 1",
    [WW_RECEIVED_SQL_PUT] =
        "INSERT INTO received (domain, sender, verified, organization, contact, report_id, begin_at, end_at,"
        " submitter, mail_from, message_id, channel, peer, came_at, dkim, dkim_aligned, dkim_domain,"
        " dkim_selector, dkim_detail, policies, success, failure, deviations, day, content) VALUES (?1, ?2, "
        "?3,"
        " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,"
        " ?25)",
    [WW_RECEIVED_SQL_GET] = "SELECT " FACTS ", coalesce(length(content), 0) FROM received WHERE number = ?1",
    [WW_RECEIVED_SQL_CONTENT] = "SELECT content FROM received WHERE number = ?1 AND content IS NOT NULL",
    [WW_RECEIVED_SQL_DOMAIN_PUT] =
        "INSERT INTO received_domain (domain, number, day, sender, verified, organization, report_id,"
        " begin_at, end_at, success, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    /* ?2: that one alone, or any for NULL */
    [WW_RECEIVED_SQL_DOMAIN_FIRST] =
        "SELECT domain, day, sender, verified, success, failure FROM received_domain"
        " WHERE number = ?1 AND (?2 IS NULL OR domain = ?2) LIMIT 1",
    [WW_RECEIVED_SQL_POLICY_PUT] = "INSERT INTO received_policy (domain, number, place, type, policy_domain,"
                                   " policy, success, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [WW_RECEIVED_SQL_STRINGS_PUT] =
        "INSERT INTO received_strings (domain, policy, strings, mx_hosts, first_day, last_day)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (domain, policy) DO UPDATE SET"
        " first_day = min(received_strings.first_day, excluded.first_day),"
        " last_day = max(received_strings.last_day, excluded.last_day)"
        " WHERE excluded.first_day < received_strings.first_day"
        " OR excluded.last_day > received_strings.last_day",
    [WW_RECEIVED_SQL_FAILURE_PUT] =
        "INSERT INTO received_failure (domain, number, place, detail, day, sender, verified, result,"
        " sending_ip, receiving_mx, helo, receiving_ip, info, reason, sessions) VALUES"
        " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [WW_RECEIVED_SQL_DAY_ADD] = ADD("received_day", "domain, day", "received_day"),
    [WW_RECEIVED_SQL_DAY_TRIM] = "DELETE FROM received_day WHERE domain = ?1 AND day = ?2 AND reports <= 0",
    [WW_RECEIVED_SQL_SENDER_ADD] = ADD("received_sender", "sender, day", "received_sender"),
    [WW_RECEIVED_SQL_SENDER_TRIM] =
        "DELETE FROM received_sender WHERE sender = ?1 AND day = ?2 AND reports <= 0",
    [WW_RECEIVED_SQL_PAIR_ADD] =
        "INSERT INTO received_pair (domain, sender, reports, last_day) VALUES (?1, ?2, 1, ?3)"
        " ON CONFLICT (domain, sender) DO UPDATE SET reports = received_pair.reports + 1,"
        " last_day = max(received_pair.last_day, excluded.last_day)",
    [WW_RECEIVED_SQL_PAIR_TAKE] =
        "UPDATE received_pair SET reports = reports - 1, last_day = coalesce((SELECT max(x.day)"
        " FROM received_domain AS x WHERE x.domain = ?1 AND x.sender = ?2), 0)"
        " WHERE domain = ?1 AND sender = ?2",
    [WW_RECEIVED_SQL_PAIR_TRIM] =
        "DELETE FROM received_pair WHERE domain = ?1 AND sender = ?2 AND reports <= 0",
    [WW_RECEIVED_SQL_VOLUME] = "SELECT octets FROM received_volume WHERE day = ?1",
    [WW_RECEIVED_SQL_VOLUME_ADD] =
        "INSERT INTO received_volume (day, octets, reports, quarantined) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (day) DO UPDATE SET octets = received_volume.octets + excluded.octets,"
        " reports = received_volume.reports + excluded.reports,"
        " quarantined = received_volume.quarantined + excluded.quarantined",
    [WW_RECEIVED_SQL_VOLUME_TRIM] =
        "DELETE FROM received_volume WHERE day < ?1 AND reports <= 0 AND quarantined <= 0",
    [WW_RECEIVED_SQL_VOLUME_TOTALS] =
        "SELECT coalesce(sum(reports), 0), coalesce(sum(quarantined), 0),"
        " coalesce(sum(CASE WHEN day = ?1 THEN octets END), 0) FROM received_volume",
    [WW_RECEIVED_SQL_DOMAIN_REMOVE] = "DELETE FROM received_domain WHERE number = ?1 AND domain = ?2",
    [WW_RECEIVED_SQL_POLICY_REMOVE] = "DELETE FROM received_policy WHERE number = ?1 AND domain = ?2",
    [WW_RECEIVED_SQL_FAILURE_REMOVE] = "DELETE FROM received_failure WHERE number = ?1 AND domain = ?2",
    /* Some of its domains are another's now. */
    [WW_RECEIVED_SQL_SHRINK] = "UPDATE received SET policies = policies - ?2, success = success - ?3,"
                               " failure = failure - ?4 WHERE number = ?1",
    [WW_RECEIVED_SQL_REMOVE] = "DELETE FROM received WHERE number = ?1 RETURNING came_at",
    [WW_RECEIVED_SQL_LIST] = "SELECT " R_FACTS FROM_ALL " ORDER BY r.number DESC LIMIT ?9",
    [WW_RECEIVED_SQL_LIST_DOMAIN] = "SELECT " R_FACTS FROM_DOMAIN " ORDER BY d.number DESC LIMIT ?9",
    [WW_RECEIVED_SQL_AFTER] = "SELECT r.number" FROM_ALL " ORDER BY r.number LIMIT 1",
    [WW_RECEIVED_SQL_AFTER_DOMAIN] = "SELECT d.number" FROM_DOMAIN " ORDER BY d.number LIMIT 1",
    [WW_RECEIVED_SQL_LAST] = "SELECT coalesce(max(number), 0) FROM received",
    /* A failure has the place and the number among those of its policy. */
    [WW_RECEIVED_SQL_ROWS] =
        "SELECT p.domain, p.place, p.type, p.policy_domain, s.strings, s.mx_hosts, p.success, p.failure,"
        " f.detail, f.result, f.sending_ip, f.receiving_mx, f.helo, f.receiving_ip, f.info, f.reason,"
        " f.sessions FROM received_policy AS p"
        " LEFT JOIN received_strings AS s ON s.domain = p.domain AND s.policy = p.policy"
        " LEFT JOIN received_failure AS f ON f.number = p.number AND f.domain = p.domain"
        " AND f.place = p.place WHERE p.number = ?1 AND (?2 = '' OR p.domain = ?2)"
        " ORDER BY p.domain, p.place, f.detail LIMIT ?3 OFFSET ?4",
    [WW_RECEIVED_SQL_BY_DAY] =
        "SELECT d.day, " SUMS ", (SELECT count(*) FROM received_sender AS s WHERE s.day = d.day), count(*)"
        " FROM received_day AS d WHERE " DAYS " GROUP BY d.day ORDER BY d.day DESC LIMIT ?3",
    [WW_RECEIVED_SQL_BY_DAY_DOMAIN] =
        "SELECT d.day, " COUNTS ", count(DISTINCT d.sender), 1 FROM received_domain AS d"
        " WHERE d.domain = ?4 AND " DAYS " GROUP BY d.day ORDER BY d.day DESC LIMIT ?3",
    [WW_RECEIVED_SQL_BY_DAY_SENDER] =
        "SELECT d.day, " COUNTS ", 1, count(DISTINCT d.domain) FROM received_pair AS p"
        " CROSS JOIN received_domain AS d ON d.domain = p.domain AND d.sender = ?5 AND " DAYS
        " WHERE p.sender = ?5 GROUP BY d.day ORDER BY d.day DESC LIMIT ?3",
    [WW_RECEIVED_SQL_BY_DAY_BOTH] =
        "SELECT d.day, " COUNTS ", 1, 1 FROM received_domain AS d"
        " WHERE d.domain = ?4 AND d.sender = ?5 AND " DAYS " GROUP BY d.day ORDER BY d.day DESC LIMIT ?3",
    [WW_RECEIVED_SQL_BY_DOMAIN] =
        "SELECT d.domain, " SUMS
        ", (SELECT count(*) FROM received_pair AS p WHERE p.domain = d.domain AND " IN_TIME "), 1"
        " FROM received_day AS d WHERE " DAYS_OF_ALL " GROUP BY d.domain" MOST,
    [WW_RECEIVED_SQL_BY_DOMAIN_ONE] =
        "SELECT ?4, " SUMS ", (SELECT count(*) FROM received_pair AS p WHERE p.domain = ?4 AND " IN_TIME
        "), 1"
        " FROM received_day AS d WHERE d.domain = ?4 AND " DAYS " HAVING count(*) > 0 AND ?3 > 0",
    [WW_RECEIVED_SQL_BY_DOMAIN_SENDER] =
        "SELECT p.domain, " COUNTS ", 1, 1 FROM received_pair AS p CROSS JOIN received_domain AS d"
        " ON d.domain = p.domain AND d.sender = ?5 AND " DAYS " WHERE p.sender = ?5 GROUP BY p.domain" MOST,
    [WW_RECEIVED_SQL_BY_SENDER] =
        "SELECT d.sender, " SUMS
        ", 1, (SELECT count(*) FROM received_pair AS p WHERE p.sender = d.sender AND " IN_TIME ")"
        " FROM received_sender AS d WHERE " DAYS_OF_ALL " GROUP BY d.sender" MOST,
    [WW_RECEIVED_SQL_BY_SENDER_ONE] =
        "SELECT ?5, " SUMS ", 1, (SELECT count(*) FROM received_pair AS p WHERE p.sender = ?5 AND " IN_TIME
        ")"
        " FROM received_sender AS d WHERE d.sender = ?5 AND " DAYS " HAVING count(*) > 0 AND ?3 > 0",
    [WW_RECEIVED_SQL_BY_SENDER_DOMAIN] =
        "SELECT p.sender, " COUNTS ", 1, 1 FROM received_pair AS p CROSS JOIN received_domain AS d"
        " ON d.domain = ?4 AND d.sender = p.sender AND " DAYS " WHERE p.domain = ?4 GROUP BY p.sender" MOST,
    /* ?6: the key */
    [WW_RECEIVED_SQL_BY_BOTH] =
        "SELECT ?6, " COUNTS
        ", 1, 1 FROM received_domain AS d WHERE d.domain = ?4 AND d.sender = ?5 AND " DAYS
        " HAVING count(*) > 0 AND ?3 > 0",
    [WW_RECEIVED_SQL_BY_RESULT] = "SELECT d.result, " FAILURES " GROUP BY d.result" MOST_FAILURES,
    [WW_RECEIVED_SQL_BY_RESULT_DOMAIN] =
        "SELECT d.result, " FAILURES " AND d.domain = ?4 GROUP BY d.result" MOST_FAILURES,
    [WW_RECEIVED_SQL_BY_MX] = "SELECT d.receiving_mx, " FAILURES " GROUP BY d.receiving_mx" MOST_FAILURES,
    [WW_RECEIVED_SQL_BY_MX_DOMAIN] =
        "SELECT d.receiving_mx, " FAILURES " AND d.domain = ?4 GROUP BY d.receiving_mx" MOST_FAILURES,
    [WW_RECEIVED_SQL_OLD] = "SELECT number FROM received WHERE came_at < ?1 ORDER BY came_at LIMIT 1",
    [WW_RECEIVED_SQL_OLD_CONTENT] =
        "UPDATE received SET content = NULL WHERE number IN (SELECT number FROM received"
        " WHERE came_at < ?1 AND content IS NOT NULL ORDER BY came_at LIMIT ?2)",
    [WW_RECEIVED_SQL_OLD_STRINGS] =
        "DELETE FROM received_strings WHERE (domain, policy) IN (SELECT domain, policy FROM received_strings"
        " WHERE last_day < ?1 ORDER BY last_day LIMIT ?2)",
    [WW_RECEIVED_SQL_SAVE] = "SAVEPOINT received",
    [WW_RECEIVED_SQL_SAVE_BACK] = "ROLLBACK TO received",
    [WW_RECEIVED_SQL_SAVE_DONE] = "RELEASE received",
};

#define ITEM                                                                                              \
    "number, domain, organization, report_id, channel, peer, came_at, mail, mail_from, message_id, dkim," \
    " dkim_domain, deviations, size"

const char *const ww_quarantine_sql[WW_QUARANTINE_STATEMENTS] = {
    [WW_QUARANTINE_PUT] =
        "INSERT INTO quarantine (domain, organization, report_id, channel, peer, came_at, mail, mail_from,"
        " message_id, dkim, dkim_domain, deviations, size, digest, octets)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [WW_QUARANTINE_AGAIN] = "SELECT number FROM quarantine WHERE digest = ?1",
    [WW_QUARANTINE_LIST] = "SELECT " ITEM " FROM quarantine WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
    [WW_QUARANTINE_GET] = "SELECT " ITEM " FROM quarantine WHERE number = ?1",
    [WW_QUARANTINE_OCTETS] = "SELECT octets FROM quarantine WHERE number = ?1",
    [WW_QUARANTINE_REMOVE] = "DELETE FROM quarantine WHERE number = ?1 RETURNING came_at",
    [WW_QUARANTINE_OLD] = "SELECT number FROM quarantine WHERE came_at < ?1 ORDER BY came_at LIMIT 1",
};
