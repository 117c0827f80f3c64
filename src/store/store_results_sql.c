#include "store/store_db.h"

/* ?1 to ?3, or ?4, or ?5. */
#define PART "domain = ?1 AND day = ?2 AND part = ?3"
#define POLICY PART " AND policy = ?4"
#define DETAIL POLICY " AND detail = ?5"
/* A sum has no more than readers of a report can have (RFC 7493 section 2.2), and never overflows. */
#define SUM(column, more) column " = min(" column " + " more ", 9007199254740991)"
#define OPEN "domain, day, part, first_at, last_at"
#define TEXTS "sending_ip, receiving_mx, helo, receiving_ip, info, reason"

const char *const ww_results_sql[WW_RESULTS_STATEMENTS] = {
    [WW_RESULTS_POSITION] = "SELECT position, at FROM result_journal WHERE journal = ?1",
    [WW_RESULTS_POSITION_PUT] = "REPLACE INTO result_journal (journal, position, at) VALUES (?1, ?2, ?3)",
    /* The clock may have been set back: the present one need not be the latest. */
    [WW_RESULTS_POSITION_TRIM] =
        "DELETE FROM result_journal WHERE journal <> ?1 AND journal NOT IN (SELECT journal"
        " FROM result_journal WHERE journal <> ?1 ORDER BY at DESC, journal LIMIT ?2)",
    [WW_RESULTS_DAY_AGAIN] =
        "UPDATE result_day SET record = CASE WHEN ?3 <> '' THEN ?3 ELSE record END, last_at = ?4"
        " WHERE domain = ?1 AND day = ?2 RETURNING part",
    [WW_RESULTS_DAY_FIRST] = "INSERT INTO result_day (domain, day, part, record, first_at, last_at)"
                             " SELECT ?1, ?2, 1 + coalesce(max(part), 0), ?3, ?4, ?4 FROM report"
                             " WHERE domain = ?1 AND day = ?2 RETURNING part",
    [WW_RESULTS_DAY_REMOVE] = "DELETE FROM result_day WHERE domain = ?1 AND day = ?2",
    [WW_RESULTS_DAY_LIST] = "SELECT " OPEN " FROM result_day WHERE (day, domain) > (?1, ?2) AND day <= ?3"
                            " ORDER BY day, domain LIMIT ?4",
    [WW_RESULTS_DAY_GET] = "SELECT " OPEN ", record FROM result_day WHERE domain = ?1 AND day = ?2",
    [WW_RESULTS_DAY_LATEST] = "SELECT " OPEN " FROM result_day WHERE domain = ?1 ORDER BY day DESC LIMIT 1",
    [WW_RESULTS_COUNT] = "SELECT domains FROM result_count WHERE day = ?1",
    [WW_RESULTS_COUNT_ADD] = "INSERT INTO result_count (day, domains) VALUES (?1, ?2)"
                             " ON CONFLICT (day) DO UPDATE SET domains = domains + ?2",
    [WW_RESULTS_COUNT_REMOVE] = "DELETE FROM result_count WHERE day = ?1 AND domains <= 0",
    [WW_RESULTS_COUNT_ALL] = "SELECT coalesce(sum(domains), 0) FROM result_count",
    [WW_RESULTS_OCTETS] = "SELECT octets FROM result_count WHERE day = ?1",
    [WW_RESULTS_OCTETS_ADD] = "UPDATE result_count SET octets = octets + ?2 WHERE day = ?1",
    [WW_RESULTS_POLICY_AGAIN] = "UPDATE result_policy SET " SUM("success", "?5") ", " SUM(
        "unverified", "?6") ", " SUM("failure", "?7") " WHERE " POLICY,
    [WW_RESULTS_POLICY_COUNT] = "SELECT count(*) FROM result_policy WHERE " PART,
    [WW_RESULTS_POLICY_PUT] =
        "INSERT INTO result_policy (domain, day, part, policy, success, unverified, failure, type,"
        " policy_domain, strings, mx_hosts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [WW_RESULTS_POLICY_LIST] =
        "SELECT policy, type, policy_domain, strings, mx_hosts, success, unverified, failure"
        " FROM result_policy WHERE " PART " ORDER BY policy",
    [WW_RESULTS_POLICY_REMOVE] = "DELETE FROM result_policy WHERE domain = ?1 AND day = ?2",
    [WW_RESULTS_DETAIL_AGAIN] = "UPDATE result_detail SET " SUM("sessions", "?6") " WHERE " DETAIL,
    [WW_RESULTS_DETAIL_COUNT] = "SELECT count(*) FROM result_detail WHERE " POLICY,
    [WW_RESULTS_DETAIL_PUT] =
        "INSERT INTO result_detail (domain, day, part, policy, detail, sessions, type, " TEXTS ")"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [WW_RESULTS_DETAIL_LIST] =
        "SELECT sessions, type, " TEXTS " FROM result_detail WHERE " POLICY " ORDER BY sessions DESC, detail",
    [WW_RESULTS_DETAIL_REMOVE] = "DELETE FROM result_detail WHERE domain = ?1 AND day = ?2",
    [WW_RESULTS_LOOK_AGAIN] = "UPDATE result_look SET wanted = ?2 WHERE domain = ?1",
    [WW_RESULTS_LOOK_COUNT] = "SELECT count(*) FROM result_look",
    [WW_RESULTS_LOOK_FIRST] = "INSERT INTO result_look (domain, wanted, due) VALUES (?1, ?2, ?2)",
    [WW_RESULTS_LOOK_DUE] =
        "SELECT domain, wanted FROM result_look WHERE due <= ?1 OR due > ?2 ORDER BY due LIMIT 1",
    [WW_RESULTS_LOOK_SET_DUE] = "UPDATE result_look SET due = ?2 WHERE domain = ?1",
    [WW_RESULTS_LOOK_REMOVE] = "DELETE FROM result_look WHERE domain = ?1",
};
