#include "report/dkim_signature.h"
#include "report/dkim_verify.h"
#include "report/mail_fields.h"

#include "base/ascii.h"

static void add_name(struct ww_dkim_key_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return;
    memcpy(names->names[names->count++], name, strlen(name) + 1);
}

void ww_dkim_names_of(struct ww_slice mail, struct ww_dkim_key_names *out)
{
    struct ww_slice rest = ww_mail_without_from_line(mail);
    struct ww_mail_field field;
    struct ww_dkim_signature signature;
    size_t signatures = 0;
    out->count = 0;
    if (rest.n > WW_MAIL_HEADER_MAX)
        rest.n = WW_MAIL_HEADER_MAX;
    while (signatures < WW_DKIM_SIGNATURES_MAX && ww_mail_field_next(&rest, &field)) {
        if (!ww_is_nocase(field.name, "dkim-signature"))
            continue;
        signatures++;
        /* Whether it is late is judged when it is verified. */
        ww_dkim_signature_read(field.value, 0, &signature);
        if (signature.key[0] != '\0')
            add_name(out, signature.key);
    }
}
