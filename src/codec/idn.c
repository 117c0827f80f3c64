#include "codec/idn.h"

#include <idn2.h>

static bool is_ascii(struct ww_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > 0x7f)
            return false;
    return true;
}

static enum ww_err to_a_labels(struct ww_slice text, char out[WW_DNAME_SIZE])
{
    char utf8[WW_IDN_TEXT_MAX + 1];
    uint8_t *name = NULL;
    if (memchr(text.p, '\0', text.n) != NULL)
        return WW_E_IDN;
    memcpy(utf8, text.p, text.n);
    utf8[text.n] = '\0';
    int rc = idn2_lookup_u8((const uint8_t *)utf8, &name, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc != IDN2_OK)
        return rc == IDN2_MALLOC ? WW_E_NO_MEMORY : WW_E_IDN;
    enum ww_err e = ww_dname_canon((const char *)name, strlen((const char *)name), out);
    idn2_free(name);
    return e;
}

enum ww_err ww_idn_to_domain(struct ww_slice text, char out[WW_DNAME_SIZE])
{
    if (is_ascii(text))
        return ww_dname_canon(text.p, text.n, out);
    return text.n <= WW_IDN_TEXT_MAX ? to_a_labels(text, out) : WW_E_IDN;
}
