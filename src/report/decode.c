#include "report/decode.h"

#include "base/ascii.h"
#include "codec/gzip.h"
#include "codec/tlsrpt_unpack.h"
#include "report/dkim_verify.h"
#include "report/owned.h"

#include <stdlib.h>

void ww_decode_init(void)
{
    ww_received_mail_init();
    ww_dkim_verify_init();
}

/* ---- gzip ---- */

static enum ww_err unpack(struct ww_slice octets, struct ww_deviations *deviations,
                          struct ww_tlsrpt_packed *out)
{
    enum ww_err err = ww_tlsrpt_unpack(octets, deviations, out);
    if (!out->is_gzip)
        ww_deviations_add(deviations, WW_E_REPORT_PLAIN, WW_SEVERITY_INFO, "");
    if (out->members > 1)
        ww_deviations_add(deviations, WW_E_REPORT_MEMBERS, WW_SEVERITY_INFO, "");
    return err;
}

/* Good gzip is kept as it came. False: memory is short. */
static bool pack(struct ww_slice octets, const struct ww_tlsrpt_packed *packed, struct ww_slice *out)
{
    bool good = packed->members == 1 && !packed->has_rest;
    char *content = good ? malloc(octets.n) : ww_gzip_fast(packed->json, &out->n);
    if (content == NULL)
        return false;
    if (good) {
        memcpy(content, octets.p, octets.n);
        out->n = octets.n;
    }
    out->p = content;
    return true;
}

/* ---- What mail and report do not agree on ---- */

/* One of the two is the other, or above it. */
static bool is_related(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    const char *longer = n > m ? a : b, *shorter = n > m ? b : a;
    size_t more = n > m ? n - m : m - n;
    return strcmp(longer + more, shorter) == 0 && (more == 0 || longer[more - 1] == '.');
}

/* Of an address, also as <address> behind a name. */
static bool domain_of(struct ww_slice contact, char out[WW_DNAME_SIZE])
{
    const char *at = contact.n > 0 ? memrchr(contact.p, '@', contact.n) : NULL;
    size_t n = at != NULL ? contact.n - (size_t)(at + 1 - contact.p) : 0;
    while (n > 0 && !ww_is_alnum(at[n]))
        n--;
    return at != NULL && ww_dname_canon(at + 1, n, out) == WW_OK;
}

static bool names(const struct ww_received *report, const char *about)
{
    bool any = false;
    for (size_t i = 0; i < report->count; i++) {
        char domain[WW_DNAME_SIZE];
        ww_received_domain(report, i, "", domain);
        any = any || domain[0] != '\0';
        if (strcmp(domain, about) == 0)
            return true;
    }
    return !any;
}

static void compare(const struct ww_received_mail *mail, const struct ww_received *report,
                    struct ww_deviations *deviations)
{
    char contact[WW_DNAME_SIZE];
    if (mail->subject_id[0] != '\0' && report->report_id.n > 0 &&
        !ww_slice_is(report->report_id, mail->subject_id))
        ww_deviations_add(deviations, WW_E_REPORT_ID_DIFFERS, WW_SEVERITY_WARNING, "Subject");
    if (mail->submitter[0] != '\0' && domain_of(report->contact, contact) &&
        !is_related(contact, mail->submitter))
        ww_deviations_add(deviations, WW_E_REPORT_SUBMITTER_DIFFERS, WW_SEVERITY_INFO, "contact-info");
    if (mail->about[0] != '\0' && !names(report, mail->about))
        ww_deviations_add(deviations, WW_E_REPORT_DOMAIN_DIFFERS, WW_SEVERITY_INFO, "policies");
}

/* ---- All of it ---- */

static enum ww_err read_report(struct ww_slice octets, struct ww_decode *out)
{
    struct ww_tlsrpt_packed packed;
    enum ww_err err = unpack(octets, &out->deviations, &packed);
    if (err == WW_OK && ww_deviations_error(&out->deviations) == NULL) {
        out->read = ww_tlsrpt_read(packed.json, &out->deviations);
        err = out->read != NULL ? WW_OK : WW_E_NO_MEMORY;
    }
    if (out->read != NULL)
        compare(&out->mail, ww_tlsrpt_report(out->read), &out->deviations);
    if (out->read != NULL && ww_deviations_error(&out->deviations) == NULL &&
        !pack(octets, &packed, &out->content))
        err = WW_E_NO_MEMORY;
    ww_tlsrpt_packed_clear(&packed);
    return err;
}

enum ww_err ww_decode(bool mail, struct ww_slice octets, const struct ww_dkim_found_key *keys,
                      size_t key_count, int64_t now, struct ww_decode *out)
{
    *out = (struct ww_decode){.read = NULL};
    if (!mail)
        return read_report(octets, out);
    enum ww_err err = ww_dkim_verify(octets, keys, key_count, now, &out->dkim);
    if (err == WW_OK)
        err = ww_received_mail_read(octets, &out->mail, &out->deviations);
    if (err == WW_OK && ww_deviations_error(&out->deviations) == NULL)
        err = read_report(out->mail.content, out);
    ww_received_mail_clear(&out->mail);
    return err;
}

void ww_decode_clear(struct ww_decode *decode)
{
    ww_received_mail_clear(&decode->mail);
    ww_tlsrpt_read_free(decode->read);
    decode->read = NULL;
    ww_owned_free(&decode->content);
}
