#include "store/store_evidence.h"

#include "store/store_db.h"

/* A sum of integers fails when it overflows, and what strangers count may: total() does not. */
#define SUM(what) "min(CAST(total(" what ") AS INTEGER), 1000000000000000)"
_Static_assert(WW_EVIDENCE_COUNT_MAX == INT64_C(1000000000000000), "as SUM has it");

#define COUNTED " WHERE d.domain = ?1 AND d.day >= ?2 AND d.verified = 1"

static const char days_sql[] = "SELECT d.day, count(DISTINCT d.sender), " SUM("d.success") ", " SUM(
    "d.failure") " FROM received_domain AS d" COUNTED " GROUP BY d.day ORDER BY d.day LIMIT ?3";

static const char senders_sql[] =
    "SELECT d.sender, min(d.day), max(d.day), count(DISTINCT d.day), count(*), " SUM("d.success") ", " SUM(
        "d.failure") " FROM received_domain AS d" COUNTED " GROUP BY d.sender ORDER BY count(DISTINCT d.day) "
                     "DESC, total(d.success) DESC, d.sender "
                     "LIMIT ?3";

/* The strings, which are long, are joined to what is left. */
static const char uses_sql[] =
    "SELECT u.type, u.policy, coalesce(s.strings, ''), coalesce(s.mx_hosts, ''), u.first_day, u.last_day,"
    " u.senders, u.success, u.failure FROM (SELECT p.type AS type, p.policy AS policy, min(d.day) AS "
    "first_day,"
    " max(d.day) AS last_day, count(DISTINCT d.sender) AS senders, " SUM("p.success") " AS success, " SUM(
        "p.failure") " AS failure FROM received_domain AS d JOIN received_policy AS p ON p.domain = d.domain"
                     " AND p.number = d.number" COUNTED " GROUP BY p.type, p.policy ORDER BY max(d.day) "
                     "DESC, total(p.success) DESC LIMIT ?3) AS u"
                     " LEFT JOIN received_strings AS s ON s.domain = ?1 AND s.policy = u.policy"
                     " ORDER BY u.last_day DESC, u.success DESC";

static const char causes_sql[] =
    "SELECT d.result, d.receiving_mx, p.type, p.policy, min(d.sender), count(DISTINCT "
    "d.sender), " SUM("d.sessions") ", " SUM(
        "CASE WHEN d.day >= ?4 THEN d.sessions END") ", min(d.day), max(d.day)"
                                                     " FROM received_failure AS d JOIN "
                                                     "received_policy AS p ON p.domain = "
                                                     "d.domain AND p.number = d.number"
                                                     " AND p.place = d.place" COUNTED " AND d.sessions > 0"
                                                     " GROUP BY d.result, d.receiving_mx, "
                                                     "p.type, p.policy"
                                                     " ORDER BY 8 DESC, 7 DESC, d.result, "
                                                     "d.receiving_mx LIMIT ?3";

/* What a policy's summary counts and none of its details does. */
static const char untold_sql[] =
    "SELECT '', '', u.type, u.policy, min(u.sender), count(DISTINCT u.sender), " SUM("u.untold") ", " SUM(
        "CASE WHEN u.day >= ?4 THEN u.untold END") ", min(u.day), max(u.day)"
                                                   " FROM (SELECT p.type AS type, p.policy AS policy, "
                                                   "d.sender AS sender, d.day AS day,"
                                                   " p.failure - (SELECT total(f.sessions) FROM "
                                                   "received_failure AS f WHERE f.domain = p.domain"
                                                   " AND f.number = p.number AND f.place = p.place) AS untold"
                                                   " FROM received_domain AS d JOIN received_policy AS p ON "
                                                   "p.domain = d.domain AND p.number = d.number" COUNTED
                                                   " AND d.failure > 0 AND p.failure > 0) AS u WHERE "
                                                   "u.untold > 0"
                                                   " GROUP BY u.type, u.policy ORDER BY 8 DESC, 7 DESC LIMIT "
                                                   "?3";

static const char unverified_sql[] = "SELECT count(*), count(DISTINCT d.sender), " SUM("d.success") ", " SUM(
    "d.failure") " FROM received_domain AS d WHERE d.domain = ?1 AND d.day >= ?2 AND d.verified = 0";

/* Who reads a row, and what for. */
struct asking {
    void (*row)(const struct asking *asking, sqlite3_stmt *st);
    union {
        ww_evidence_day_cb *day;
        ww_evidence_sender_cb *sender;
        ww_evidence_use_cb *use;
        ww_evidence_cause_cb *cause;
    } cb;
    void *ctx;
    int64_t recent_since;
};

static int bind_span(sqlite3_stmt *st, const struct ww_evidence_span *span, int64_t recent_since)
{
    int rc = ww_store_bind_text(st, 1, span->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, span->since);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(st) >= 3)
        rc = sqlite3_bind_int64(st, 3, (sqlite3_int64)span->max);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(st) >= 4)
        rc = sqlite3_bind_int64(st, 4, recent_since);
    return rc;
}

static enum ww_err ask(struct ww_store *store, const char *sql, const struct ww_evidence_span *span,
                       const struct asking *asking)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = bind_span(st, span, asking->recent_since);
    if (rc == SQLITE_OK)
        for (rc = sqlite3_step(st); rc == SQLITE_ROW; rc = sqlite3_step(st))
            asking->row(asking, st);
    enum ww_err err = rc == SQLITE_DONE ? WW_OK : ww_store_fail(store, rc);
    (void)sqlite3_finalize(st);
    return err;
}

static const char *text(sqlite3_stmt *st, int column)
{
    const unsigned char *s = sqlite3_column_text(st, column);
    return s != NULL ? (const char *)s : "";
}

static struct ww_slice blob(sqlite3_stmt *st, int column)
{
    const char *p = sqlite3_column_blob(st, column);
    return ww_slice(p, p != NULL ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

static struct ww_slice lines(sqlite3_stmt *st, int column)
{
    const char *p = text(st, column);
    return ww_slice(p, (size_t)sqlite3_column_bytes(st, column));
}

static void read_day(const struct asking *asking, sqlite3_stmt *st)
{
    const struct ww_evidence_day_row row = {sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
                                            sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3)};
    asking->cb.day(asking->ctx, &row);
}

enum ww_err ww_evidence_days(struct ww_store *store, const struct ww_evidence_span *span,
                             ww_evidence_day_cb *cb, void *ctx)
{
    return ask(store, days_sql, span, &(struct asking){.row = read_day, .cb.day = cb, .ctx = ctx});
}

static void read_sender(const struct asking *asking, sqlite3_stmt *st)
{
    const struct ww_evidence_sender_row row = {
        .sender = text(st, 0),
        .first_day = sqlite3_column_int64(st, 1),
        .last_day = sqlite3_column_int64(st, 2),
        .days = sqlite3_column_int64(st, 3),
        .reports = sqlite3_column_int64(st, 4),
        .success = sqlite3_column_int64(st, 5),
        .failure = sqlite3_column_int64(st, 6),
    };
    asking->cb.sender(asking->ctx, &row);
}

enum ww_err ww_evidence_senders(struct ww_store *store, const struct ww_evidence_span *span,
                                ww_evidence_sender_cb *cb, void *ctx)
{
    return ask(store, senders_sql, span, &(struct asking){.row = read_sender, .cb.sender = cb, .ctx = ctx});
}

static void read_use(const struct asking *asking, sqlite3_stmt *st)
{
    const struct ww_evidence_use_row row = {
        .type = text(st, 0),
        .policy = blob(st, 1),
        .strings = lines(st, 2),
        .mx_hosts = lines(st, 3),
        .first_day = sqlite3_column_int64(st, 4),
        .last_day = sqlite3_column_int64(st, 5),
        .senders = sqlite3_column_int64(st, 6),
        .success = sqlite3_column_int64(st, 7),
        .failure = sqlite3_column_int64(st, 8),
    };
    asking->cb.use(asking->ctx, &row);
}

enum ww_err ww_evidence_uses(struct ww_store *store, const struct ww_evidence_span *span,
                             ww_evidence_use_cb *cb, void *ctx)
{
    return ask(store, uses_sql, span, &(struct asking){.row = read_use, .cb.use = cb, .ctx = ctx});
}

static void read_cause(const struct asking *asking, sqlite3_stmt *st)
{
    const struct ww_evidence_cause_row row = {
        .result = text(st, 0),
        .mx = text(st, 1),
        .type = text(st, 2),
        .policy = blob(st, 3),
        .sender = text(st, 4),
        .senders = sqlite3_column_int64(st, 5),
        .sessions = sqlite3_column_int64(st, 6),
        .recent = sqlite3_column_int64(st, 7),
        .first_day = sqlite3_column_int64(st, 8),
        .last_day = sqlite3_column_int64(st, 9),
    };
    asking->cb.cause(asking->ctx, &row);
}

enum ww_err ww_evidence_causes(struct ww_store *store, const struct ww_evidence_span *span,
                               int64_t recent_since, ww_evidence_cause_cb *cb, void *ctx)
{
    const struct asking asking = {
        .row = read_cause, .cb.cause = cb, .ctx = ctx, .recent_since = recent_since};
    enum ww_err err = ask(store, causes_sql, span, &asking);
    return err == WW_OK ? ask(store, untold_sql, span, &asking) : err;
}

static void read_unverified(const struct asking *asking, sqlite3_stmt *st)
{
    struct ww_evidence_unverified *out = asking->ctx;
    out->reports = sqlite3_column_int64(st, 0);
    out->senders = sqlite3_column_int64(st, 1);
    out->success = sqlite3_column_int64(st, 2);
    out->failure = sqlite3_column_int64(st, 3);
}

enum ww_err ww_evidence_unverified(struct ww_store *store, const struct ww_evidence_span *span,
                                   struct ww_evidence_unverified *out)
{
    *out = (struct ww_evidence_unverified){0, 0, 0, 0};
    return ask(store, unverified_sql, span, &(struct asking){.row = read_unverified, .ctx = out});
}
