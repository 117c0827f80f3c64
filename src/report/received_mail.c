#include "report/received_mail.h"

#include "base/ascii.h"
#include "core/utf8.h"
#include "report/mail_fields.h"
#include "report/owned.h"
#include "report/received_names.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <gmime/gmime.h>

/*
 * GMime calls itself for each level, and makes some kilobytes of each part: what has far more than any report
 * is not given to it. A level takes a field Content-Type, but for the parts of a digest, and a part a line
 * with two hyphens.
 */
#define TYPE_LINES_MAX (2 * WW_RECEIVED_MAIL_PARTS_MAX)
#define HYPHEN_LINES_MAX (16 * WW_RECEIVED_MAIL_PARTS_MAX)
/* Octets of a base64 line (RFC 2045 section 6.8). */
#define BASE64_LINE_MAX 76

/* What tells that a part is the report, from the best to the worst. */
enum sign {
    SIGN_TYPE,      /* application/tlsrpt+gzip, application/tlsrpt+json */
    SIGN_BARE_TYPE, /* application/tlsrpt */
    SIGN_NAME,      /* its file name ends in .json or .json.gz */
    SIGN_GZIP,      /* application/gzip, application/json, and the like */
    SIGN_CONTENT,   /* the mail has but one part, and that begins as a report does */
    SIGN_NONE,
};

struct search {
    struct ww_deviations *deviations;
    GMimePart *best;
    GMimeMessage *best_in; /* the message that it is directly in */
    enum sign sign;
    GMimeMessage *whole;
    unsigned candidates;
    unsigned parts;
    bool html; /* the first part is */
    bool deep;
};

void ww_received_mail_init(void)
{
    g_mime_init();
}

/* ---- Before GMime ---- */

static void add(struct ww_deviations *deviations, enum ww_err rule, enum ww_severity severity, const char *at)
{
    ww_deviations_add(deviations, rule, severity, at);
}

static void check_header(struct ww_slice mail, struct ww_deviations *deviations)
{
    struct ww_slice rest = mail;
    struct ww_mail_field field;
    size_t fields = 0;
    while (ww_mail_field_next(&rest, &field))
        fields++;
    if (fields > WW_MAIL_FIELDS_MAX || (size_t)(rest.p - mail.p) > WW_MAIL_HEADER_MAX)
        add(deviations, WW_E_REPORT_MAIL_HEADER, WW_SEVERITY_ERROR, "");
}

static void check_lines(struct ww_slice mail, struct ww_deviations *deviations)
{
    size_t types = 0, hyphens = 0;
    while (mail.n > 0) {
        types += ww_starts_nocase(mail, "content-type");
        hyphens += ww_slice_starts(mail, "--");
        const char *end = memchr(mail.p, '\n', mail.n);
        size_t n = end != NULL ? (size_t)(end - mail.p) + 1 : mail.n;
        mail = ww_slice(mail.p + n, mail.n - n);
    }
    if (types > TYPE_LINES_MAX || hyphens > HYPHEN_LINES_MAX)
        add(deviations, WW_E_REPORT_MAIL_TOO_MANY_PARTS, WW_SEVERITY_ERROR, "");
}

static GMimeMessage *parse(struct ww_slice mail)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail.p, mail.n);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

/* ---- Which part ---- */

static bool is_type(GMimeObject *part, const char *type, const char *subtype)
{
    GMimeContentType *is = g_mime_object_get_content_type(part);
    return is != NULL && g_mime_content_type_is_type(is, type, subtype) != FALSE;
}

static bool is_application(GMimeObject *part, const char *const *subtypes)
{
    for (; *subtypes != NULL; subtypes++)
        if (is_type(part, "application", *subtypes))
            return true;
    return false;
}

static enum sign sign_of(GMimePart *part)
{
    static const char *const reports[] = {"tlsrpt+gzip", "tlsrpt+json", NULL};
    static const char *const bare[] = {"tlsrpt", NULL};
    static const char *const others[] = {"gzip", "x-gzip", "json", "x-gunzip", NULL};
    GMimeObject *object = GMIME_OBJECT(part);
    const char *name = g_mime_part_get_filename(part);
    if (is_application(object, reports))
        return SIGN_TYPE;
    if (is_application(object, bare))
        return SIGN_BARE_TYPE;
    if (name != NULL && ww_received_is_file_name(ww_slice_str(name)))
        return SIGN_NAME;
    return is_application(object, others) ? SIGN_GZIP : SIGN_NONE;
}

static void look_at_part(struct search *s, GMimePart *part, GMimeMessage *in)
{
    enum sign sign = sign_of(part);
    if (s->parts == 1)
        s->html = is_type(GMIME_OBJECT(part), "text", "html");
    s->candidates += sign != SIGN_NONE;
    if (sign < s->sign) {
        s->sign = sign;
        s->best = part;
        s->best_in = in;
    }
}

static void look_at(struct search *s, GMimeObject *object, GMimeMessage *in, unsigned depth)
{
    if (depth > WW_RECEIVED_MAIL_DEPTH_MAX) {
        s->deep = true;
        return;
    }
    if (GMIME_IS_MULTIPART(object)) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
        for (int i = 0; i < count && s->parts <= WW_RECEIVED_MAIL_PARTS_MAX; i++)
            look_at(s, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), in, depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        GMimeObject *inner = message != NULL ? g_mime_message_get_mime_part(message) : NULL;
        s->parts++;
        if (inner != NULL)
            look_at(s, inner, message, depth + 1);
    } else if (GMIME_IS_PART(object)) {
        s->parts++;
        look_at_part(s, GMIME_PART(object), in);
    }
}

static void judge_search(const struct search *s)
{
    enum ww_severity severity = s->best == NULL ? WW_SEVERITY_ERROR : WW_SEVERITY_WARNING;
    if (s->deep)
        add(s->deviations, WW_E_REPORT_MAIL_TOO_DEEP, severity, "");
    if (s->parts > WW_RECEIVED_MAIL_PARTS_MAX)
        add(s->deviations, WW_E_REPORT_MAIL_TOO_MANY_PARTS, severity, "");
    if (s->best == NULL) {
        add(s->deviations, WW_E_REPORT_MAIL_NO_REPORT, WW_SEVERITY_ERROR, "");
        return;
    }
    if (s->candidates > 1)
        add(s->deviations, WW_E_REPORT_MAIL_SEVERAL, WW_SEVERITY_WARNING, "");
    if (s->sign != SIGN_TYPE)
        add(s->deviations, WW_E_REPORT_MAIL_TYPE, WW_SEVERITY_WARNING, "Content-Type");
    if (s->html)
        add(s->deviations, WW_E_REPORT_MAIL_HTML, WW_SEVERITY_INFO, "");
    if (s->best_in != s->whole)
        add(s->deviations, WW_E_REPORT_MAIL_FORWARDED, WW_SEVERITY_INFO, "");
    GMimeObject *whole = g_mime_message_get_mime_part(s->best_in);
    const char *type = g_mime_object_get_content_type_parameter(whole, "report-type");
    if (!is_type(whole, "multipart", "report") || type == NULL || !ww_is_nocase(ww_slice_str(type), "tlsrpt"))
        add(s->deviations, WW_E_REPORT_MAIL_FORM, WW_SEVERITY_WARNING, "Content-Type");
}

/* ---- Its octets ---- */

/* How many characters count, and whether all is as RFC 2045 section 6.8 says. */
static bool is_strict_base64(struct ww_slice text, size_t *counted)
{
    size_t line = 0, padding = 0;
    bool good = true;
    *counted = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n' || (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')) {
            line = c == '\n' ? 0 : line;
            continue;
        }
        bool digit = ww_is_alnum(c) || c == '+' || c == '/';
        padding += c == '=';
        *counted += digit || c == '=';
        good = good && (digit ? padding == 0 : c == '=') && ++line <= BASE64_LINE_MAX;
    }
    return good && padding <= 2 && *counted % 4 == 0;
}

/* GMime leaves out what is not filled up to four characters. */
static size_t decode(GMimeContentEncoding how, struct ww_slice text, char *out,
                     struct ww_deviations *deviations)
{
    GMimeEncoding state;
    size_t counted;
    g_mime_encoding_init_decode(&state, how);
    size_t n = g_mime_encoding_step(&state, text.p, text.n, out);
    if (how == GMIME_CONTENT_ENCODING_BASE64 && !is_strict_base64(text, &counted)) {
        add(deviations, WW_E_REPORT_MAIL_BASE64, WW_SEVERITY_WARNING, "");
        if (counted % 4 > 1)
            n += g_mime_encoding_step(&state, "==", 4 - counted % 4, out + n);
    }
    return n + g_mime_encoding_flush(&state, "", 0, out + n);
}

/* What type or name say of it. */
static void check_coding(GMimePart *part, struct ww_slice content, struct ww_deviations *deviations)
{
    static const char *const zipped[] = {"tlsrpt+gzip", "gzip", "x-gzip", "x-gunzip", NULL};
    static const char *const plain[] = {"tlsrpt+json", "json", NULL};
    const char *name = g_mime_part_get_filename(part);
    bool named = name != NULL && ww_received_is_file_name(ww_slice_str(name));
    bool named_gzip = named && ww_lower(name[strlen(name) - 1]) == 'z';
    bool gzip = is_application(GMIME_OBJECT(part), zipped) || named_gzip;
    bool json = is_application(GMIME_OBJECT(part), plain) || (named && !named_gzip);
    bool is_gzip = ww_slice_starts(content, "\x1f\x8b");
    if ((gzip && !is_gzip) || (json && is_gzip))
        add(deviations, WW_E_REPORT_CODING, WW_SEVERITY_WARNING, "Content-Type");
}

/* False: memory is short. */
static bool take_content(GMimePart *part, struct ww_slice *out, struct ww_deviations *deviations)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
    gint64 length = stream != NULL && g_mime_stream_reset(stream) == 0 ? g_mime_stream_length(stream) : 0;
    size_t size = length > 0 ? (size_t)length : 0;
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, g_mime_part_get_content_encoding(part));
    char *text = malloc(size + 1), *octets = malloc(g_mime_encoding_outlen(&state, size) + 8);
    bool good = text != NULL && octets != NULL;
    if (good) {
        ssize_t n = size > 0 ? g_mime_stream_read(stream, text, size) : 0;
        struct ww_slice encoded = ww_slice(text, n > 0 ? (size_t)n : 0);
        *out = ww_slice(octets, decode(g_mime_part_get_content_encoding(part), encoded, octets, deviations));
        if (out->n == 0)
            add(deviations, WW_E_REPORT_MAIL_EMPTY, WW_SEVERITY_ERROR, "");
        else
            check_coding(part, *out, deviations);
    }
    if (!good)
        free(octets);
    free(text);
    return good;
}

/* The whole of a mail that says nothing of what it is. */
static bool begins_as_report(struct ww_slice content)
{
    size_t i = 0;
    while (i < content.n && strchr(" \t\r\n", content.p[i]) != NULL && content.p[i] != '\0')
        i++;
    return ww_slice_starts(content, "\x1f\x8b") || (i < content.n && content.p[i] == '{');
}

/* False: memory is short. */
static bool take_only_part(struct search *s, struct ww_slice *out)
{
    GMimeObject *only = g_mime_message_get_mime_part(s->whole);
    struct ww_deviations deviations = {.count = 0};
    if (only == NULL || !GMIME_IS_PART(only))
        return true;
    if (!take_content(GMIME_PART(only), out, &deviations))
        return false;
    if (begins_as_report(*out)) {
        for (size_t i = 0; i < deviations.count; i++)
            add(s->deviations, deviations.list[i].rule, deviations.list[i].severity, deviations.list[i].at);
        s->best = GMIME_PART(only);
        s->best_in = s->whole;
        s->sign = SIGN_CONTENT;
    }
    return true;
}

/* ---- What the mail says of it ---- */

static void copy_text(const char *text, char *out, size_t size)
{
    out[text != NULL ? ww_utf8_clean(text, strlen(text), out, size - 1) : 0] = '\0';
}

static void read_names(const struct search *s, struct ww_received_mail *out)
{
    GMimeObject *in = GMIME_OBJECT(s->best_in);
    const char *name = g_mime_part_get_filename(s->best);
    const struct ww_received_said said = {
        .domain = g_mime_object_get_header(in, "TLS-Report-Domain"),
        .submitter = g_mime_object_get_header(in, "TLS-Report-Submitter"),
        .subject = g_mime_message_get_subject(s->best_in),
        .file_name = name,
    };
    ww_received_names(&said, out, s->deviations);
}

enum ww_err ww_received_mail_read(struct ww_slice mail, struct ww_received_mail *out,
                                  struct ww_deviations *deviations)
{
    *out = (struct ww_received_mail){.content = {NULL, 0}};
    struct search s = {.deviations = deviations, .sign = SIGN_NONE};
    mail = ww_mail_without_from_line(mail);
    (void)ww_mail_from(mail, out->from);
    check_header(mail, deviations);
    check_lines(mail, deviations);
    s.whole = ww_deviations_error(deviations) == NULL ? parse(mail) : NULL;
    if (s.whole == NULL) {
        if (ww_deviations_error(deviations) == NULL)
            add(deviations, WW_E_REPORT_MAIL_NO_REPORT, WW_SEVERITY_ERROR, "");
        return WW_OK;
    }
    copy_text(g_mime_message_get_message_id(s.whole), out->message_id, sizeof out->message_id);
    GMimeObject *top = g_mime_message_get_mime_part(s.whole);
    bool good = true;
    if (top != NULL)
        look_at(&s, top, s.whole, 0);
    if (s.best != NULL)
        good = take_content(s.best, &out->content, deviations);
    else
        good = take_only_part(&s, &out->content);
    if (good)
        judge_search(&s);
    if (good && s.best != NULL)
        read_names(&s, out);
    g_object_unref(s.whole);
    if (s.best == NULL || !good)
        ww_received_mail_clear(out);
    return good ? WW_OK : WW_E_NO_MEMORY;
}

void ww_received_mail_clear(struct ww_received_mail *mail)
{
    ww_owned_free(&mail->content);
}
