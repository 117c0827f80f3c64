#include "check/judge_text.h"

#include "core/words.h"

#include <stdio.h>

void ww_judge_quote(struct ww_slice text, char out[WW_JUDGE_QUOTE_SIZE])
{
    struct ww_buf b = ww_buf(out + 1, WW_JUDGE_QUOTE_SIZE - 3);
    out[0] = '"';
    ww_words_put_cut(&b, text);
    out[b.n + 1] = '"';
    out[b.n + 2] = '\0';
}

/* Which of the texts, laid end to end, and where in it. */
static struct ww_slice text_at(const struct ww_name_texts *texts, size_t *offset)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (*offset < texts->all[i].n || (i + 1 == texts->count && *offset == texts->all[i].n))
            return texts->all[i];
        *offset -= texts->all[i].n;
    }
    return ww_slice("", 0);
}

static void find(struct ww_check_report *report, enum ww_check check, const struct ww_name_texts *texts,
                 size_t offset)
{
    char whole[WW_JUDGE_QUOTE_SIZE], rest[WW_JUDGE_QUOTE_SIZE];
    struct ww_slice text = text_at(texts, &offset);
    ww_judge_quote(text, whole);
    if (offset == 0 || offset >= text.n) {
        ww_check_found(report, check, texts->name, "The record is %s", whole);
        return;
    }
    size_t n = text.n - offset < 40 ? text.n - offset : 40;
    ww_judge_quote(ww_slice(text.p + offset, n), rest);
    ww_check_found(report, check, texts->name, "The record is %s; this is about %s", whole, rest);
}

static bool is_among(enum ww_err rule, const enum ww_err *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == rule)
            return true;
    return false;
}

static bool lint_has(const struct ww_lint_record *lint, enum ww_err rule)
{
    for (size_t i = 0; i < lint->findings.count; i++)
        if (lint->findings.list[i].rule == rule)
            return true;
    return false;
}

/* What stands before the next semicolon is skipped, a field that is missed then included. */
static bool follows(const struct ww_lint_record *lint, enum ww_err rule)
{
    switch ((int)rule) {
    case WW_E_STS_DELIMITER_SPACE:
    case WW_E_STS_ID_MISSING:
        return lint_has(lint, WW_E_STS_DELIMITER);
    case WW_E_TLSRPT_DELIMITER_SPACE:
    case WW_E_TLSRPT_RUA_MISSING:
        return lint_has(lint, WW_E_TLSRPT_DELIMITER);
    default:
        return false;
    }
}

void ww_judge_lint(struct ww_check_report *report, const struct ww_name_texts *texts,
                   const struct ww_lint_record *lint, const enum ww_err *leave_out, size_t leave_out_count)
{
    for (size_t i = 0; i < lint->findings.count; i++) {
        const struct ww_finding *f = &lint->findings.list[i];
        enum ww_check check = ww_check_of_rule(f->rule);
        if (check != WW_CHECKS && !is_among(f->rule, leave_out, leave_out_count) && !follows(lint, f->rule))
            find(report, check, texts, f->offset);
    }
}

static bool has_record(const struct ww_name_texts *texts, const struct ww_name_texts *sibling,
                       const struct ww_txt_kind *kind, struct ww_slice *text)
{
    if (ww_name_texts_same(texts, sibling))
        return false;
    for (size_t i = 0; i < texts->count; i++) {
        *text = texts->all[i];
        if (ww_txt_record_has_prefix(kind, *text))
            return true;
    }
    return false;
}

const struct ww_name_texts *ww_judge_misplaced(const struct ww_names_sight *sight, enum ww_names_text first,
                                               enum ww_names_text last, const struct ww_txt_kind *kind,
                                               struct ww_slice *text)
{
    const struct ww_name_texts *sibling = &sight->texts[WW_NAMES_SIBLING];
    if (has_record(&sight->texts[WW_NAMES_APEX], sibling, kind, text))
        return &sight->texts[WW_NAMES_APEX];
    for (unsigned i = first; i <= last; i++)
        if (has_record(&sight->texts[i], sibling, kind, text))
            return &sight->texts[i];
    return NULL;
}

const char *ww_judge_failure(enum ww_err err, const char *detail, char out[WW_JUDGE_QUOTE_SIZE])
{
    const char *open = detail[0] != '\0' ? " (" : "";
    (void)snprintf(out, WW_JUDGE_QUOTE_SIZE, "%s%s%s%s", ww_err_message(err), open, detail,
                   open[0] != '\0' ? ")" : "");
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    return out;
}

bool ww_judge_is_their_failure(enum ww_err err)
{
    return err == WW_E_DNS_TIMEOUT || err == WW_E_DNS_SERVFAIL || err == WW_E_DNS_REFUSED ||
           err == WW_E_DNS_RCODE || err == WW_E_DNS_MALFORMED || err == WW_E_DNS_ALIASES ||
           err == WW_E_DNS_CUT || err == WW_E_DNS_MISMATCH || err == WW_E_DNS_UNREACHABLE;
}
