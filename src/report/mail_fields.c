#include "report/mail_fields.h"

#include "base/ascii.h"
#include "core/utf8.h"

#include <gmime/gmime.h>

/* Octets of From that are read: the display name comes before the address. */
#define FROM_MAX 4096

static struct ww_slice without(struct ww_slice s, size_t n)
{
    return ww_slice(s.p + n, s.n - n);
}

/* With its line feed. */
static size_t line_length(struct ww_slice s)
{
    const char *end = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;
    return end != NULL ? (size_t)(end - s.p) + 1 : s.n;
}

struct ww_slice ww_mail_without_from_line(struct ww_slice mail)
{
    return ww_slice_starts(mail, "From ") ? without(mail, line_length(mail)) : mail;
}

bool ww_mail_field_next(struct ww_slice *rest, struct ww_mail_field *field)
{
    size_t n = line_length(*rest);
    struct ww_slice line = ww_slice(rest->p, n);
    if (n == 0 || ww_slice_is(line, "\n") || ww_slice_is(line, "\r\n")) {
        *rest = without(*rest, n);
        return false;
    }
    while (n < rest->n && ww_is_wsp(rest->p[n]))
        n += line_length(without(*rest, n));
    field->whole = ww_slice(rest->p, n);
    *rest = without(*rest, n);
    const char *colon = memchr(field->whole.p, ':', line.n);
    size_t name = colon != NULL ? (size_t)(colon - field->whole.p) : 0;
    field->value = colon != NULL ? without(field->whole, name + 1) : field->whole;
    while (name > 0 && ww_is_wsp(field->whole.p[name - 1]))
        name--;
    field->name = ww_slice(field->whole.p, name);
    return true;
}

static bool read_from(struct ww_slice value, char mailbox[WW_RECEIVED_NAME_MAX + 1])
{
    char text[FROM_MAX + 1];
    bool whole = value.n <= FROM_MAX && memchr(value.p, '\0', value.n) == NULL;
    size_t n = value.n < FROM_MAX ? value.n : FROM_MAX;
    memcpy(text, value.p, n);
    text[n] = '\0';
    InternetAddressList *list = internet_address_list_parse(NULL, text);
    InternetAddress *first = list != NULL && internet_address_list_length(list) > 0
                                 ? internet_address_list_get_address(list, 0)
                                 : NULL;
    bool only = whole && first != NULL && internet_address_list_length(list) == 1;
    const char *address = first != NULL && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;
    size_t size = address != NULL ? strlen(address) : 0;
    mailbox[ww_utf8_clean(address != NULL ? address : "", size, mailbox, WW_RECEIVED_NAME_MAX)] = '\0';
    if (list != NULL)
        g_object_unref(list);
    return only && size > 0 && strlen(mailbox) == size;
}

bool ww_mail_from(struct ww_slice mail, char mailbox[WW_RECEIVED_NAME_MAX + 1])
{
    struct ww_slice rest = ww_mail_without_from_line(mail);
    struct ww_mail_field field;
    size_t found = 0;
    bool only = false;
    mailbox[0] = '\0';
    if (rest.n > WW_MAIL_HEADER_MAX)
        rest.n = WW_MAIL_HEADER_MAX;
    while (ww_mail_field_next(&rest, &field))
        if (ww_is_nocase(field.name, "from") && found++ == 0)
            only = read_from(field.value, mailbox);
    return only && found == 1;
}
