#include "store/store_db.h"

#define RUN "ms, severity, errors, warnings, infos, outlook, mode"
#define WATCH "domain, team, added, every, due, run, " RUN ", mx_hash, mx"
#define STATE                                                                               \
    "check_id, place, seen, severity, first_seen, last_seen, misses, told, said, told_at, " \
    "reminders, acked_until, not_after, days, acked_by, reason"

const char *const ww_watch_sql[WW_WATCH_STATEMENTS] = {
    [WW_WATCH_PUT] = "INSERT INTO watch (" WATCH ") VALUES (?1, ?2, ?4, ?3, ?4, 0, 0, 3, 0, 0, 0, '', '',"
                     " x'', '') ON CONFLICT (domain) DO UPDATE SET team = ?2, every = ?3",
    [WW_WATCH_REMOVE] = "DELETE FROM watch WHERE domain = ?1",
    [WW_WATCH_REMOVE_REPORT] = "DELETE FROM watch_report WHERE domain = ?1",
    [WW_WATCH_REMOVE_RUNS] = "DELETE FROM watch_run WHERE domain = ?1",
    [WW_WATCH_REMOVE_FINDINGS] = "DELETE FROM watch_finding WHERE domain = ?1",
    [WW_WATCH_TOTALS] = "SELECT count(*), coalesce(sum(errors), 0), coalesce(sum(warnings), 0),"
                        " coalesce(sum(infos), 0) FROM watch",
    [WW_WATCH_LIST] = "SELECT " WATCH " FROM watch WHERE domain >= ?1 ORDER BY domain LIMIT ?2",
    [WW_WATCH_DUE] = "SELECT domain FROM watch WHERE due <= ?1 ORDER BY due LIMIT 1",
    [WW_WATCH_NEXT_DUE] = "SELECT coalesce(min(due), 0) FROM watch",
    [WW_WATCH_SET_DUE] = "UPDATE watch SET due = ?2 WHERE domain = ?1",
    [WW_WATCH_RAN] =
        "UPDATE watch SET due = ?2, run = ?3, ms = ?4, severity = ?5, errors = ?6, warnings = ?7,"
        " infos = ?8, outlook = ?9, mode = ?10, mx_hash = ?11, mx = ?12 WHERE domain = ?1",
    [WW_WATCH_REPORT_PUT] = "REPLACE INTO watch_report (domain, report) VALUES (?1, ?2)",
    [WW_WATCH_REPORT] = "SELECT report FROM watch_report WHERE domain = ?1",
    [WW_WATCH_RUN_PUT] = "REPLACE INTO watch_run (domain, at, " RUN ")"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    /* ?2 kept, ?3 the oldest */
    [WW_WATCH_RUN_TRIM] =
        ("DELETE FROM watch_run WHERE domain = ?1 AND at <= (SELECT at FROM watch_run WHERE domain = ?1"
         " ORDER BY at DESC LIMIT 1 OFFSET ?2) AND (at < ?3 OR EXISTS (SELECT 1 FROM watch_run AS later"
         " WHERE later.domain = ?1 AND later.at > watch_run.at"
         " AND later.at / 86400 = watch_run.at / 86400))"),
    [WW_WATCH_RUN_LIST] = "SELECT at, " RUN " FROM watch_run WHERE domain = ?1 ORDER BY at DESC LIMIT ?2",
    [WW_WATCH_FINDING_PUT] = ("REPLACE INTO watch_finding (domain, " STATE
                              ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                              " ?12, ?13, ?14, ?15, ?16, ?17)"),
    [WW_WATCH_FINDING_LIST] = "SELECT " STATE " FROM watch_finding WHERE domain = ?1"
                              " ORDER BY severity, check_id, place LIMIT ?2",
    [WW_WATCH_ACK] = "UPDATE watch_finding SET acked_until = ?3, acked_by = ?4, reason = ?5"
                     " WHERE domain = ?1 AND check_id = ?2",
    [WW_WATCH_ALERT_PUT] = "INSERT INTO watch_alert (at, domain, delivered, content) VALUES (?1, ?2, '', ?3)",
    [WW_WATCH_ALERT_LIST] = "SELECT number, at, domain, delivered, content FROM watch_alert WHERE number > ?1"
                            " ORDER BY number LIMIT ?2",
    [WW_WATCH_ALERT_DONE] = "DELETE FROM watch_alert WHERE number = ?1",
    [WW_WATCH_ALERT_DELIVERED] =
        "UPDATE watch_alert SET delivered = delivered || ?2 || char(10) WHERE number = ?1",
    [WW_WATCH_ALERT_EXPIRE] = "DELETE FROM watch_alert WHERE at < ?1 OR number <= (SELECT number FROM"
                              " watch_alert ORDER BY number DESC LIMIT 1 OFFSET ?2)",
    [WW_WATCH_ALERT_COUNT] = "SELECT count(*) FROM watch_alert",
};
