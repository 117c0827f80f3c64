#include "report/bounce.h"

#include "base/ascii.h"
#include "report/bounce_status.h"

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdio.h>

/* Words that a part's type may begin with. A part that has others in it has one of them in its header, so
 * that there are no more of these inside of each other than that, twice. */
#define TYPES_MAX 64
/* Parts of a bounce that are looked at: there are three. */
#define PARTS_MAX 8

const char *ww_bounce_words(enum ww_bounce_found found)
{
    switch (found) {
    case WW_BOUNCE_NO_NOTIFICATION:
        return "it is no delivery status notification";
    case WW_BOUNCE_NOT_FOR_GOOD:
        return "it tells of no delivery that has failed for good";
    case WW_BOUNCE_NO_MESSAGE:
        return "it does not return the header of the mail that it is about";
    case WW_BOUNCE_IS_ONE:
        break;
    }
    return "it is a bounce";
}

void ww_bounce_init(void)
{
    g_mime_init();
}

static bool is_nested_deeply(struct ww_slice mail)
{
    size_t types = 0;
    for (size_t i = 0; i < mail.n && types <= TYPES_MAX; i++) {
        char c = ww_lower(mail.p[i]);
        struct ww_slice rest = ww_slice(mail.p + i, mail.n - i);
        types += (c == 'm' && (ww_starts_nocase(rest, "multipart") || ww_starts_nocase(rest, "message")));
    }
    return types > TYPES_MAX;
}

/* The line that local(8) and procmail put before a mail: "From sender date". */
static struct ww_slice without_from(struct ww_slice mail)
{
    const char *end = ww_slice_starts(mail, "From ") ? memchr(mail.p, '\n', mail.n) : NULL;
    size_t n = end != NULL ? (size_t)(end - mail.p) + 1 : 0;
    return ww_slice(mail.p + n, mail.n - n);
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

static bool is_type(GMimeObject *part, const char *type, const char *subtype)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype) != FALSE;
}

static bool is_notification(GMimeObject *part)
{
    const char *type = g_mime_object_get_content_type_parameter(part, "report-type");
    return GMIME_IS_MULTIPART(part) && is_type(part, "multipart", "report") && type != NULL &&
           ww_is_nocase(ww_slice_str(type), "delivery-status");
}

static void find_message_id(struct ww_slice header, struct ww_bounce *out)
{
    struct ww_slice name;
    char value[WW_BOUNCE_MESSAGE_SIZE];
    while (ww_bounce_field(&header, &name, value, sizeof value))
        if (ww_is_nocase(name, "message-id") && out->message_id[0] == '\0')
            memcpy(out->message_id, value, sizeof value);
}

/* A header, or the fields of a status, as the text of a part. */
static void read_text(GMimePart *part, void (*read)(struct ww_slice text, struct ww_bounce *out),
                      struct ww_bounce *out)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *stream = g_mime_stream_mem_new();
    if (content != NULL && g_mime_data_wrapper_write_to_stream(content, stream) >= 0) {
        const GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
        read(ww_slice((const char *)octets->data, octets->len), out);
    }
    g_object_unref(stream);
}

static void read_returned(GMimeMessagePart *part, struct ww_bounce *out)
{
    GMimeMessage *message = g_mime_message_part_get_message(part);
    char *header = message != NULL ? g_mime_object_get_headers(GMIME_OBJECT(message), NULL) : NULL;
    if (header != NULL)
        find_message_id(ww_slice_str(header), out);
    g_free(header);
}

static void read_part(GMimeObject *part, struct ww_bounce *out)
{
    bool status =
        is_type(part, "message", "delivery-status") || is_type(part, "message", "global-delivery-status");
    bool header = is_type(part, "text", "rfc822-headers") || is_type(part, "message", "global-headers");
    if (status && GMIME_IS_PART(part))
        read_text(GMIME_PART(part), ww_bounce_status, out);
    else if (header && GMIME_IS_PART(part))
        read_text(GMIME_PART(part), find_message_id, out);
    else if (GMIME_IS_MESSAGE_PART(part))
        read_returned(GMIME_MESSAGE_PART(part), out);
}

static enum ww_bounce_found read_parts(GMimeMultipart *whole, struct ww_bounce *out)
{
    int count = g_mime_multipart_get_count(whole);
    for (int i = 0; i < count && i < PARTS_MAX; i++)
        read_part(g_mime_multipart_get_part(whole, i), out);
    if (out->count == 0)
        return WW_BOUNCE_NOT_FOR_GOOD;
    return out->message_id[0] != '\0' ? WW_BOUNCE_IS_ONE : WW_BOUNCE_NO_MESSAGE;
}

enum ww_bounce_found ww_bounce_read(struct ww_slice mail, struct ww_bounce *out)
{
    enum ww_bounce_found found = WW_BOUNCE_NO_NOTIFICATION;
    *out = (struct ww_bounce){.count = 0};
    if (mail.n > WW_BOUNCE_MAX)
        mail.n = WW_BOUNCE_MAX;
    GMimeMessage *message = is_nested_deeply(mail) ? NULL : parse(without_from(mail));
    GMimeObject *whole = message != NULL ? g_mime_message_get_mime_part(message) : NULL;
    if (whole != NULL && is_notification(whole))
        found = read_parts(GMIME_MULTIPART(whole), out);
    if (message != NULL)
        g_object_unref(message);
    return found;
}
