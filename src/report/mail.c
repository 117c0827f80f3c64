#include "report/mail.h"

#include "base/buf.h"
#include "core/dname.h"
#include "core/report_message.h"
#include "report/dkim.h"
#include "report/dkim_key.h"
#include "report/mail_check.h"
#include "report/mail_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <gmime/gmime.h>
#include <openssl/evp.h>

/* Where a header field is folded (RFC 5322 section 2.1.1); a word that is longer stays whole. */
#define COLUMNS 78
/* A field with all of a subject in it, and the folds. */
#define FIELD_SIZE 2048

/*
 * What GMime folds by itself is cut inside of long words, or in a syntax that few read (RFC 2231): so fields
 * come to it with their folds. The words are checked already, none is empty.
 */
static void put_field(GMimeObject *object, const char *name, const char *value)
{
    char raw[FIELD_SIZE];
    struct ww_buf b = ww_buf(raw, sizeof raw - 1);
    size_t column = strlen(name) + 1;
    bool first = true;
    for (const char *word = value; *word != '\0'; first = false) {
        size_t n = strcspn(word, " ");
        bool fold = !first && column + 1 + n > COLUMNS;
        ww_buf_str(&b, fold ? "\n " : " ");
        ww_buf_bytes(&b, word, n);
        column = (fold ? 0 : column) + 1 + n;
        word += n + (word[n] == ' ');
    }
    ww_buf_char(&b, '\n');
    raw[b.n] = '\0';
    GMimeHeaderList *list = g_mime_object_get_header_list(object);
    g_mime_header_list_set(list, name, "-", NULL);
    g_mime_header_set_raw_value(g_mime_header_list_get_header(list, name), raw);
}

static void put_date(GMimeObject *object, int64_t seconds)
{
    GDateTime *date = g_date_time_new_from_unix_utc(seconds);
    char *text = date != NULL ? g_mime_utils_header_format_date(date) : NULL;
    if (text != NULL)
        put_field(object, "Date", text);
    g_free(text);
    if (date != NULL)
        g_date_time_unref(date);
}

/* One for each recipient: a mail that comes twice to one who gets the reports of two addresses is no copy. */
static void put_message_id(GMimeObject *object, const struct ww_report_mail *mail)
{
    char text[WW_REPORT_MESSAGE_SIZE];
    size_t offset;
    bool named = mail->host != NULL && ww_dname_check(mail->host, strlen(mail->host), &offset) == WW_OK;
    ww_report_message_id(mail->report_id, mail->to, named ? mail->host : mail->submitter, text);
    put_field(object, "Message-ID", text);
}

static void put_header(GMimeObject *object, const struct ww_report_mail *mail)
{
    put_field(object, "From", mail->from);
    put_field(object, "To", mail->to);
    put_field(object, "Subject", mail->subject);
    put_date(object, mail->date);
    put_message_id(object, mail);
    put_field(object, "TLS-Report-Domain", mail->domain);
    put_field(object, "TLS-Report-Submitter", mail->submitter);
    put_field(object, "TLS-Required", "No");
    put_field(object, "Auto-Submitted", "auto-generated");
    put_field(object, "MIME-Version", "1.0");
}

static void put_content(GMimePart *part, struct ww_slice octets, GMimeContentEncoding encoding)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(octets.p, octets.n);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, encoding);
    g_object_unref(content);
    g_object_unref(stream);
}

static bool is_ascii(struct ww_slice text)
{
    bool ascii = true;
    for (size_t i = 0; i < text.n; i++)
        ascii = ascii && (unsigned char)text.p[i] < 0x80;
    return ascii;
}

static void add_text(GMimeMultipart *whole, struct ww_slice text)
{
    bool ascii = is_ascii(text);
    GMimePart *part = g_mime_part_new_with_type("text", "plain");
    put_field(GMIME_OBJECT(part), "Content-Type",
              ascii ? "text/plain; charset=us-ascii" : "text/plain; charset=utf-8");
    put_content(part, text, ascii ? GMIME_CONTENT_ENCODING_7BIT : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_mime_multipart_add(whole, GMIME_OBJECT(part));
    g_object_unref(part);
}

static void add_report(GMimeMultipart *whole, const struct ww_report_mail *mail)
{
    char disposition[FIELD_SIZE];
    GMimePart *part = g_mime_part_new_with_type("application", "tlsrpt+gzip");
    (void)snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", mail->file_name);
    put_content(part, mail->content, GMIME_CONTENT_ENCODING_BASE64);
    put_field(GMIME_OBJECT(part), "Content-Disposition", disposition);
    g_mime_multipart_add(whole, GMIME_OBJECT(part));
    g_object_unref(part);
}

/* No line of the text begins with it, nor can one of base64 or quoted-printable (RFC 2045 section 6.7). */
#define BOUNDARY "=_tlsrpt"

static GMimeObject *whole_mail(const struct ww_report_mail *mail, struct ww_slice text)
{
    /* g_mime_multipart_new would open /dev/urandom for a boundary. */
    GMimeMultipart *whole = g_object_new(GMIME_TYPE_MULTIPART, NULL);
    GMimeObject *object = GMIME_OBJECT(whole);
    put_header(object, mail);
    put_field(object, "Content-Type", "multipart/report; report-type=\"tlsrpt\"; boundary=\"" BOUNDARY "\"");
    add_text(whole, text);
    add_report(whole, mail);
    return object;
}

/* All of it with CRLF. NULL: memory is short. */
static char *written(GMimeObject *object, size_t *n)
{
    GMimeStream *memory = g_mime_stream_mem_new();
    GMimeStream *stream = g_mime_stream_filter_new(memory);
    GMimeFilter *filter = g_mime_filter_unix2dos_new(FALSE);
    (void)g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), filter);
    bool ok = g_mime_object_write_to_stream(object, NULL, stream) >= 0 && g_mime_stream_flush(stream) == 0;
    GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    char *text = ok ? malloc((size_t)octets->len + 1) : NULL;
    *n = text != NULL ? octets->len : 0;
    if (text != NULL) {
        memcpy(text, octets->data, *n);
        text[*n] = '\0';
    }
    g_object_unref(filter);
    g_object_unref(stream);
    g_object_unref(memory);
    return text;
}

static char *unsigned_mail(const struct ww_report_mail *mail, size_t *n)
{
    size_t text_n;
    char *text = ww_mail_text(mail, &text_n);
    if (text == NULL)
        return NULL;
    GMimeObject *object = whole_mail(mail, ww_slice(text, text_n));
    char *out = written(object, n);
    g_object_unref(object);
    free(text);
    return out;
}

/* Takes mail. */
static char *signed_mail(const struct ww_dkim_key *key, char *mail, int64_t date, size_t *n, enum ww_err *err,
                         char *detail, size_t detail_size)
{
    size_t field_n;
    char *field = ww_dkim_sign(key, ww_slice(mail, *n), date, &field_n, err, detail, detail_size);
    char *out = field != NULL ? malloc(field_n + *n + 1) : NULL;
    if (out != NULL) {
        memcpy(out, field, field_n);
        memcpy(out + field_n, mail, *n + 1);
        *n += field_n;
    } else if (field != NULL) {
        *err = WW_E_NO_MEMORY;
    }
    free(field);
    free(mail);
    return out;
}

char *ww_report_mail(const struct ww_report_mail *mail, size_t *n, enum ww_err *err, char *detail,
                     size_t detail_size)
{
    *n = 0;
    *err = WW_OK;
    detail[0] = '\0';
    if (!ww_mail_check(mail, detail, detail_size)) {
        *err = WW_E_REPORT_MAIL;
        return NULL;
    }
    char *out = unsigned_mail(mail, n);
    if (out == NULL)
        *err = WW_E_NO_MEMORY;
    else if (mail->key != NULL)
        out = signed_mail(mail->key, out, mail->date, n, err, detail, detail_size);
    if (out == NULL)
        *n = 0;
    return out;
}

/*
 * A mail of all kinds of parts, signed: whatever file or module a library opens at its first use is open
 * then. Of an RSA key OpenSSL and libopendkim need nothing that they do not need here, and it takes long to
 * make.
 */
void ww_report_mail_init(void)
{
    struct ww_dkim_key key = {.selector = "s", .domain = "waxwing.invalid"};
    const struct ww_report_mail mail = {
        .from = "a@waxwing.invalid",
        .to = "a@waxwing.invalid",
        .organization = "\xC3\xBC",
        .contact = "a@waxwing.invalid",
        .domain = "waxwing.invalid",
        .submitter = "waxwing.invalid",
        .report_id = "1@waxwing.invalid",
        .file_name = "1.json.gz",
        .subject = "1",
        .content = {"1", 1},
        .key = &key,
    };
    size_t n;
    enum ww_err err;
    char detail[256];
    g_mime_init();
    EVP_PKEY *made = ww_dkim_key_make(WW_DKIM_ED25519);
    char *pem = made != NULL ? ww_dkim_key_write(made, &key.pem_n) : NULL;
    key.pem = pem != NULL ? pem : "";
    free(ww_report_mail(&mail, &n, &err, detail, sizeof detail));
    ww_dkim_key_wipe(pem, key.pem_n);
    EVP_PKEY_free(made);
}
