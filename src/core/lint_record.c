#include "core/lint_record.h"

#include "base/ascii.h"
#include "core/txt_presentation.h"
#include "core/uri.h"

struct job;

/* What differs between the two records. */
struct lint_kind {
    const struct ww_txt_kind *kind;
    const char *field; /* the one known field */
    enum ww_err none, unrelated, dropped, space, duplicate, letters, extension, missing;
    enum ww_txt_presence (*select)(const struct ww_slice *rrs, size_t count, struct ww_lint_record *out);
    enum ww_err (*take)(const struct ww_txt_field *field, size_t *offset);
    enum ww_err (*check_other)(const struct ww_txt_field *field, size_t *offset);
    void (*judge)(struct job *job, const struct ww_txt_field *field);
};

/* The RRs of the input, and the one that is being read. */
struct job {
    const struct lint_kind *is;
    const char *p;
    struct ww_slice lines[WW_LINT_RRS_MAX]; /* as written; of no meaning where the texts are the input */
    struct ww_slice texts[WW_LINT_RRS_MAX]; /* joined */
    size_t count;
    size_t current;
    struct ww_findings *findings;
    bool is_text; /* the input is the texts, and not their presentation */
    bool unreadable;
};

static enum ww_txt_presence select_sts(const struct ww_slice *rrs, size_t count, struct ww_lint_record *out)
{
    enum ww_err why;
    return ww_sts_record_select(rrs, count, &out->record.sts, &why);
}

static enum ww_err take_id(const struct ww_txt_field *field, size_t *offset)
{
    struct ww_sts_record ignored;
    return ww_sts_record_take_id(field, &ignored, offset);
}

static enum ww_err check_sts_field(const struct ww_txt_field *field, size_t *offset)
{
    return ww_txt_field_check(&ww_sts_record_kind, field, offset);
}

static enum ww_txt_presence select_tlsrpt(const struct ww_slice *rrs, size_t count,
                                          struct ww_lint_record *out)
{
    enum ww_err why;
    return ww_tlsrpt_record_select(rrs, count, &out->record.tlsrpt, &why);
}

static enum ww_err take_rua(const struct ww_txt_field *field, size_t *offset)
{
    struct ww_tlsrpt_record ignored;
    return ww_tlsrpt_record_take_rua(field, &ignored, offset);
}

/* Adds a finding at an octet of the current RR's joined text. */
static void find_in_text(struct job *job, enum ww_err rule, enum ww_severity severity, size_t offset)
{
    if (job->is_text) {
        for (size_t i = 0; i < job->current; i++)
            offset += job->texts[i].n;
        ww_findings_add(job->findings, rule, severity, offset);
        return;
    }
    struct ww_slice line = job->lines[job->current];
    /* Looking for the place takes time; a list that is full does not need it. */
    size_t at = ww_findings_has_room(job->findings, severity)
                    ? ww_txt_presentation_locate(line.p, line.n, offset)
                    : 0;
    ww_findings_add(job->findings, rule, severity, (size_t)(line.p - job->p) + at);
}

static bool has_target(struct ww_slice text, enum ww_rua_scheme scheme)
{
    struct ww_uri uri;
    size_t offset;
    if (ww_uri_parse(text.p, text.n, &uri, &offset) != WW_OK)
        return false;
    const char *at_sign = scheme == WW_RUA_MAILTO ? memchr(uri.path.p, '@', uri.path.n) : NULL;
    return scheme == WW_RUA_HTTPS ? uri.host.n > 0 : at_sign != NULL;
}

static void judge_rua(struct job *job, const struct ww_txt_field *field)
{
    struct ww_tlsrpt_record record;
    size_t offset;
    if (ww_tlsrpt_record_take_rua(field, &record, &offset) != WW_OK)
        return;
    if (record.rua_count > 1)
        find_in_text(job, WW_E_TLSRPT_RUA_SEVERAL, WW_SEVERITY_INFO, field->offset);
    struct ww_slice uri;
    enum ww_rua_scheme scheme;
    for (size_t pos = 0; ww_tlsrpt_next_rua(&record, &pos, &uri, &scheme);) {
        offset = field->offset + (size_t)(uri.p - field->text.p);
        if (scheme == WW_RUA_OTHER)
            find_in_text(job, WW_E_TLSRPT_RUA_SCHEME, WW_SEVERITY_WARNING, offset);
        else if (!has_target(uri, scheme))
            find_in_text(job, WW_E_TLSRPT_RUA_TARGET, WW_SEVERITY_WARNING, offset);
    }
}

static const struct lint_kind sts = {
    .kind = &ww_sts_record_kind,
    .field = "id",
    .none = WW_E_STS_NONE,
    .unrelated = WW_E_STS_UNRELATED,
    .dropped = WW_E_STS_DROPPED,
    .space = WW_E_STS_DELIMITER_SPACE,
    .duplicate = WW_E_STS_DUPLICATE,
    .letters = WW_E_STS_CASE,
    .extension = WW_E_STS_EXTENSION,
    .missing = WW_E_STS_ID_MISSING,
    .select = select_sts,
    .take = take_id,
    .check_other = check_sts_field,
};

static const struct lint_kind tlsrpt = {
    .kind = &ww_tlsrpt_record_kind,
    .field = "rua",
    .none = WW_E_TLSRPT_NONE,
    .unrelated = WW_E_TLSRPT_UNRELATED,
    .dropped = WW_E_TLSRPT_DROPPED,
    .space = WW_E_TLSRPT_DELIMITER_SPACE,
    .duplicate = WW_E_TLSRPT_DUPLICATE,
    .letters = WW_E_TLSRPT_CASE,
    .extension = WW_E_TLSRPT_EXTENSION,
    .missing = WW_E_TLSRPT_RUA_MISSING,
    .select = select_tlsrpt,
    .take = take_rua,
    .check_other = ww_tlsrpt_record_check_other,
    .judge = judge_rua,
};

/* The next line without its line end; false after the last. */
static bool next_line(struct ww_slice input, size_t *pos, struct ww_slice *line)
{
    if (*pos >= input.n)
        return false;
    const char *start = input.p + *pos;
    const char *feed = memchr(start, '\n', input.n - *pos);
    size_t n = feed != NULL ? (size_t)(feed - start) : input.n - *pos;
    *pos += feed != NULL ? n + 1 : n;
    if (n > 0 && start[n - 1] == '\r')
        n--;
    *line = ww_slice(start, n);
    return true;
}

/* A line that is one bare name with a root dot: TXT data that nobody writes, and a CNAME's target from dig.
 */
static bool is_cname_target(struct ww_slice line)
{
    if (line.n < 2 || line.p[line.n - 1] != '.')
        return false;
    for (size_t i = 0; i < line.n; i++)
        if (!ww_is_alnum(line.p[i]) && line.p[i] != '-' && line.p[i] != '_' && line.p[i] != '.')
            return false;
    return true;
}

static bool leaves_out(struct job *job, struct ww_slice line)
{
    size_t i = 0, offset = (size_t)(line.p - job->p);
    while (i < line.n && ww_is_wsp(line.p[i]))
        i++;
    if (i == line.n)
        return true;
    if (line.p[i] == ';')
        ww_findings_add(job->findings, WW_E_TXT_COMMENT, WW_SEVERITY_WARNING, offset);
    else if (is_cname_target(line))
        ww_findings_add(job->findings, WW_E_TXT_CNAME, WW_SEVERITY_INFO, offset);
    else
        return false;
    return true;
}

static void refuse_line(struct job *job, enum ww_err err, struct ww_slice line, size_t offset)
{
    job->unreadable = true;
    ww_findings_add(job->findings, err, WW_SEVERITY_ERROR, (size_t)(line.p - job->p) + offset);
}

/* The joined text of a line is never longer than the line, so that scratch has room for all. */
static void read_rrs(struct job *job, struct ww_slice input, char *scratch)
{
    struct ww_slice line;
    for (size_t pos = 0; next_line(input, &pos, &line);) {
        if (leaves_out(job, line))
            continue;
        if (job->count == WW_LINT_RRS_MAX) {
            refuse_line(job, WW_E_TXT_TOO_MANY, line, 0);
            return;
        }
        size_t cap = line.n < WW_TXT_MAX ? line.n : WW_TXT_MAX;
        size_t n, offset;
        enum ww_err err = ww_txt_presentation_read(line.p, line.n, scratch, cap, &n, &offset);
        if (err != WW_OK) {
            refuse_line(job, err, line, offset);
            continue;
        }
        job->lines[job->count] = line;
        job->texts[job->count++] = ww_slice(scratch, n);
        scratch += n;
    }
}

static void judge_field(struct job *job, const struct ww_txt_field *field, bool *has_known)
{
    const struct lint_kind *is = job->is;
    size_t offset;
    bool known = ww_slice_is(field->name, is->field) && field->name.n < field->text.n;
    bool first = known && !*has_known;
    enum ww_err err = first ? is->take(field, &offset) : is->check_other(field, &offset);
    *has_known = *has_known || known;
    if (err != WW_OK)
        find_in_text(job, err, WW_SEVERITY_ERROR, offset);
    else if (first && is->judge != NULL)
        is->judge(job, field);
    else if (!first && (known || ww_slice_is(field->name, "v")))
        find_in_text(job, is->duplicate, WW_SEVERITY_WARNING, field->offset);
    else if (!first && ww_is_nocase(field->name, is->field))
        find_in_text(job, is->letters, WW_SEVERITY_WARNING, field->offset);
    else if (!first)
        find_in_text(job, is->extension, WW_SEVERITY_INFO, field->offset);
}

/* Reads a record as its parser does, but goes on after an error. */
static void judge_record(struct job *job, size_t index)
{
    const struct ww_txt_kind *kind = job->is->kind;
    struct ww_slice text = job->texts[index];
    struct ww_txt_reader reader;
    struct ww_txt_field field;
    size_t offset;
    bool has_known = false;
    job->current = index;
    enum ww_err err = ww_txt_reader_open(&reader, kind, text.p, text.n, &offset);
    if (err != WW_OK)
        find_in_text(job, err, WW_SEVERITY_ERROR, offset);
    else if (text.n > reader.at && ww_is_wsp(text.p[reader.at]))
        find_in_text(job, job->is->space, WW_SEVERITY_WARNING, reader.at);
    while (ww_txt_reader_next(&reader, &field, &err, &offset)) {
        if (err != WW_OK)
            find_in_text(job, err, WW_SEVERITY_ERROR, offset);
        else
            judge_field(job, &field, &has_known);
    }
    if (!has_known)
        find_in_text(job, job->is->missing, WW_SEVERITY_ERROR, text.n);
}

/* What stands beside the record, or in its place. */
static void judge_others(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        if (job->count > 1 && ww_txt_record_has_prefix(job->is->kind, job->texts[i]))
            continue;
        job->current = i;
        bool meant = ww_txt_record_has_family(job->is->kind, job->texts[i]);
        if (!meant)
            find_in_text(job, job->is->unrelated, WW_SEVERITY_WARNING, 0);
        else if (job->count > 1)
            find_in_text(job, job->is->dropped, WW_SEVERITY_WARNING, 0);
    }
}

static void judge_several(struct job *job)
{
    bool first = true;
    for (size_t i = 0; i < job->count; i++) {
        if (!ww_txt_record_has_prefix(job->is->kind, job->texts[i]))
            continue;
        job->current = i;
        if (!first)
            find_in_text(job, job->is->kind->multiple, WW_SEVERITY_ERROR, 0);
        first = false;
    }
}

static void judge(struct job *job, struct ww_lint_record *out)
{
    const struct lint_kind *is = job->is;
    size_t index;
    judge_others(job);
    switch (ww_txt_record_pick(is->kind, job->texts, job->count, &index)) {
    case WW_TXT_ABSENT:
        out->verdict = WW_VERDICT_NONE;
        if (!job->unreadable)
            ww_findings_add(&out->findings, is->none, WW_SEVERITY_INFO, 0);
        break;
    case WW_TXT_PRESENT:
        judge_record(job, index);
        out->verdict =
            is->select(job->texts, job->count, out) == WW_TXT_PRESENT ? WW_VERDICT_VALID : WW_VERDICT_INVALID;
        break;
    case WW_TXT_INVALID:
        judge_several(job);
        out->verdict = WW_VERDICT_INVALID;
        break;
    }
    /* What could not be read may have been a record. */
    if (job->unreadable)
        out->verdict = WW_VERDICT_INVALID;
}

static void lint(const struct lint_kind *is, struct ww_slice input, char *scratch, struct ww_lint_record *out)
{
    memset(out, 0, sizeof *out);
    if (input.n > WW_LINT_RECORDS_MAX) {
        out->verdict = WW_VERDICT_INVALID;
        ww_findings_add(&out->findings, WW_E_TOO_LONG, WW_SEVERITY_ERROR, WW_LINT_RECORDS_MAX);
        return;
    }
    struct job job = {.is = is, .p = input.p, .findings = &out->findings};
    read_rrs(&job, input, scratch);
    judge(&job, out);
}

static void lint_texts(const struct lint_kind *is, const struct ww_slice *texts, size_t count,
                       struct ww_lint_record *out)
{
    memset(out, 0, sizeof *out);
    struct job job = {.is = is, .findings = &out->findings, .is_text = true};
    for (; job.count < count && job.count < WW_LINT_RRS_MAX; job.count++)
        job.texts[job.count] = texts[job.count];
    if (job.count < count) {
        job.unreadable = true;
        job.current = job.count;
        find_in_text(&job, WW_E_TXT_TOO_MANY, WW_SEVERITY_ERROR, 0);
    }
    judge(&job, out);
}

void ww_lint_sts_record(const char *p, size_t n, char *scratch, struct ww_lint_record *out)
{
    lint(&sts, ww_slice(p, n), scratch, out);
}

void ww_lint_tlsrpt_record(const char *p, size_t n, char *scratch, struct ww_lint_record *out)
{
    lint(&tlsrpt, ww_slice(p, n), scratch, out);
}

void ww_lint_sts_texts(const struct ww_slice *texts, size_t count, struct ww_lint_record *out)
{
    lint_texts(&sts, texts, count, out);
}

void ww_lint_tlsrpt_texts(const struct ww_slice *texts, size_t count, struct ww_lint_record *out)
{
    lint_texts(&tlsrpt, texts, count, out);
}
