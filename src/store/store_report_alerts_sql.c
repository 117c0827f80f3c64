#include "store/store_db.h"

/* Sums of what strangers say: total() does not overflow. */
#define SUM(what) "CAST(min(total(" what "), 1e15) AS INTEGER)"
#define OF_DAYS "domain = ?1 AND day >= ?2 AND day <= ?3"
/* ?3: a result, or NULL */
#define WORST(column)                                                                                  \
    "SELECT " column ", total(sessions) FROM received_failure WHERE domain = ?1 AND day = ?2 AND"      \
    " verified = 1 AND (?3 IS NULL OR result = ?3) AND " column " != '' GROUP BY 1 ORDER BY 2 DESC, 1" \
    " LIMIT 1"
#define TOLD "what, about, place, seen, severity, since, at, day, lasts, usual, acked_until"

const char *const ww_report_alert_sql[WW_REPORT_ALERT_STATEMENTS] = {
    [WW_REPORT_ALERT_DAY_SUMS] = "SELECT day, verified, " SUM("success") ", " SUM(
        "failure") " FROM received_domain WHERE " OF_DAYS " GROUP BY day, verified",
    /* Senders write policies with and without spaces, and in any case. */
    [WW_REPORT_ALERT_ENFORCED] = "SELECT d.day, " SUM(
        "p.failure") " FROM received_domain AS d JOIN received_policy AS p ON"
                     " p.domain = d.domain AND p.number = d.number WHERE d.domain = ?1 AND d.day >= ?2 AND"
                     " d.day <= ?3 AND d.verified = 1 AND d.failure > 0 AND p.failure > 0 AND p.policy IN"
                     " (SELECT policy FROM received_strings WHERE domain = ?1 AND instr(char(10) ||"
                     " replace(lower(strings), ' ', '') || char(10), char(10) || 'mode:enforce' || char(10)) "
                     "> 0)"
                     " GROUP BY d.day",
    [WW_REPORT_ALERT_FIRST_DAY] =
        "SELECT day FROM received_domain WHERE domain = ?1 AND verified = 1 ORDER BY day LIMIT 1",
    [WW_REPORT_ALERT_SENDERS] = "SELECT sender, day FROM received_domain WHERE " OF_DAYS
                                " AND verified = 1 GROUP BY sender, day ORDER BY sender",
    [WW_REPORT_ALERT_RESULTS] = "SELECT result, min(CASE WHEN verified = 1 THEN day END), " SUM(
        "CASE WHEN verified = 1 THEN "
        "sessions END") ", " SUM("CASE WHEN verified = 0 THEN sessions END") " FROM received_failure "
                                                                             "WHERE " OF_DAYS
                                                                             " GROUP BY result ORDER BY 3 "
                                                                             "DESC, 1 LIMIT ?4",
    [WW_REPORT_ALERT_HAD_RESULT] = "SELECT EXISTS (SELECT 1 FROM received_failure WHERE domain = ?1 AND"
                                   " day < ?2 AND result = ?3 AND verified = 1)",
    [WW_REPORT_ALERT_WORST_MX] = WORST("receiving_mx"),
    [WW_REPORT_ALERT_WORST_RESULT] = WORST("result"),
    [WW_REPORT_ALERT_WORST_SENDER] = WORST("sender"),
    [WW_REPORT_ALERT_DOMAINS_SINCE] =
        "SELECT DISTINCT domain FROM received_domain WHERE number >= ?1 AND domain > ?2 ORDER BY domain"
        " LIMIT ?3",
    [WW_REPORT_ALERT_NEXT_DOMAIN] =
        "SELECT min(domain) FROM (SELECT min(domain) AS domain FROM received_domain WHERE domain > ?1"
        " UNION ALL SELECT min(domain) FROM received_told WHERE domain > ?1)",
    [WW_REPORT_ALERT_TOLD] = "SELECT " TOLD " FROM received_told WHERE domain = ?1 LIMIT ?2",
    [WW_REPORT_ALERT_PUT_TOLD] = "REPLACE INTO received_told (domain, " TOLD ")"
                                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [WW_REPORT_ALERT_DROP_TOLD] = "DELETE FROM received_told WHERE domain = ?1",
    [WW_REPORT_ALERT_ACK] =
        "UPDATE received_told SET acked_until = ?3 WHERE domain = ?1 AND what = ?2 AND lasts = 1",
};
