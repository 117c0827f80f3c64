#include "engine/courier.h"
#include "store/store_db.h"

#define WAITING "0"
#define HELD "1"
#define SENT_OR_REFUSED "(1, 2)"
_Static_assert(WW_REPORT_WAITING == 0 && WW_REPORT_HELD == 1, "as the statements have it");
_Static_assert(WW_TARGET_SENT == 1 && WW_TARGET_REFUSED == 2, "as the statements have it");

#define FATE "state, due, ended, known, tries, first_try, last_try, detail"
#define REPORT                                                                                \
    "number, domain, day, part, id, made, contact, organization, record, policies, success, " \
    "failure, coalesce(length(content), 0), " FATE
#define TARGET "uri, state, tries, first_try, due, tried, insecure, redirected, detail"
#define DESTINATION "uri, refusals, suppressed_until, since, who, reason"
/* ?1 the time before which a report has ended, or was made and is held; ?2 how many */
#define OLD                                                                                            \
    "SELECT number FROM report WHERE ended > 0 AND ended < ?1 OR state = " HELD " AND made < ?1 ORDER" \
    " BY number LIMIT ?2"

const char *const ww_outbox_sql[WW_OUTBOX_STATEMENTS] = {
    [WW_OUTBOX_PUT] =
        ("INSERT INTO report (domain, day, part, id, state, made, due, ended, known, tries, first_try,"
         " last_try, detail, contact, organization, record, policies, success, failure, content) VALUES"
         " (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, 0, 0, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"),
    [WW_OUTBOX_GET] = "SELECT " REPORT " FROM report WHERE number = ?1",
    [WW_OUTBOX_LATEST] =
        "SELECT " REPORT " FROM report WHERE domain = ?1 ORDER BY day DESC, part DESC LIMIT 1",
    /* 'A' is what follows '@' */
    [WW_OUTBOX_BY_ID] =
        "SELECT " REPORT " FROM report WHERE id >= ?1 || '@' AND id < ?1 || 'A' ORDER BY id LIMIT 1",
    [WW_OUTBOX_CONTENT] = "SELECT content FROM report WHERE number = ?1 AND content IS NOT NULL",
    [WW_OUTBOX_LIST] = "SELECT " REPORT " FROM report WHERE (?1 = 0 OR number < ?1)"
                       " AND (?2 = '' OR domain = ?2) AND (?3 < 0 OR state = ?3)"
                       " ORDER BY number DESC LIMIT ?4",
    [WW_OUTBOX_DUE] =
        "SELECT number FROM report WHERE state = " WAITING " AND due <= ?1 ORDER BY due, number LIMIT 1",
    [WW_OUTBOX_NEXT_DUE] = "SELECT coalesce(min(due), 0) FROM report WHERE state = " WAITING,
    [WW_OUTBOX_SET] = ("UPDATE report SET (" FATE ") = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                       " WHERE number = ?1"),
    [WW_OUTBOX_DROP_CONTENT] = "UPDATE report SET content = NULL WHERE number = ?1",
    [WW_OUTBOX_TARGETS] = "SELECT " TARGET " FROM report_target WHERE number = ?1 ORDER BY uri LIMIT ?2",
    [WW_OUTBOX_PUT_TARGET] =
        "REPLACE INTO report_target (number, " TARGET ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [WW_OUTBOX_DROP_TARGETS] = "DELETE FROM report_target WHERE number = ?1",
    [WW_OUTBOX_REFUSED_LAST] = ("SELECT state FROM report_target WHERE uri = ?1 AND state IN " SENT_OR_REFUSED
                                " ORDER BY tried DESC, number DESC LIMIT ?2"),
    [WW_OUTBOX_DESTINATION] = "SELECT " DESTINATION " FROM report_destination WHERE uri = ?1",
    [WW_OUTBOX_PUT_DESTINATION] =
        "REPLACE INTO report_destination (" DESTINATION ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [WW_OUTBOX_DROP_DESTINATION] = "DELETE FROM report_destination WHERE uri = ?1",
    [WW_OUTBOX_SUPPRESSED] = "SELECT " DESTINATION " FROM report_destination"
                             " WHERE suppressed_until > ?1 AND uri > ?2 ORDER BY uri LIMIT ?3",
    /* the pages go on behind the row of ?2, ?3, ?4 */
    [WW_OUTBOX_OPEN_DAYS] =
        ("SELECT domain, day, part, last_at, coalesce(sum(success), 0), coalesce(sum(unverified), 0),"
         " coalesce(sum(failure), 0) FROM (SELECT domain, day, part, last_at FROM result_day"
         " WHERE (?1 = '' OR domain = ?1) AND (domain, day, part) > (?2, ?3, ?4)"
         " ORDER BY domain, day, part LIMIT ?5) LEFT JOIN result_policy USING (domain, day, part)"
         " GROUP BY domain, day, part ORDER BY domain, day, part"),
    [WW_OUTBOX_PURGE_TARGETS] = "DELETE FROM report_target WHERE number IN (" OLD ")",
    [WW_OUTBOX_PURGE] = "DELETE FROM report WHERE number IN (" OLD ")",
    [WW_OUTBOX_COUNT] = "SELECT state, count(*) FROM report GROUP BY state",
    [WW_OUTBOX_COUNT_TARGETS] = "SELECT state, count(*) FROM report_target GROUP BY state",
    [WW_OUTBOX_COUNT_SUPPRESSED] = "SELECT count(*) FROM report_destination WHERE suppressed_until > ?1",
};
