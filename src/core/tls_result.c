#include "core/tls_result.h"

#include "base/ascii.h"
#include "core/utf8.h"

const char *ww_result_mode_name(enum ww_result_mode mode)
{
    static const char *const names[WW_RESULT_MODES] = {
        [WW_RESULT_MODE_UNKNOWN] = "",
        [WW_RESULT_MODE_NONE] = "none",
        [WW_RESULT_MODE_TESTING] = "testing",
        [WW_RESULT_MODE_ENFORCE] = "enforce",
    };
    return names[mode];
}

const char *ww_tls_seen_name(enum ww_tls_seen seen)
{
    static const char *const names[WW_TLS_SEEN_COUNT] = {
        [WW_TLS_SEEN_UNKNOWN] = "",        [WW_TLS_SEEN_NONE] = "none",
        [WW_TLS_SEEN_SOME] = "some",       [WW_TLS_SEEN_UNTRUSTED] = "untrusted",
        [WW_TLS_SEEN_TRUSTED] = "trusted", [WW_TLS_SEEN_VERIFIED] = "verified",
    };
    return names[seen];
}

const char *ww_tls_result_name(enum ww_result_type type)
{
    const char *name = ww_result_type_name(type);
    return name != NULL ? name : "success";
}

bool ww_result_word_index(struct ww_slice text, const char *name_of(int), int count, int *index)
{
    for (int i = 0; i < count; i++) {
        const char *name = name_of(i);
        if (name != NULL && ww_slice_is(text, name)) {
            *index = i;
            return true;
        }
    }
    return false;
}

enum ww_err ww_tls_result_name_put(char out[WW_DNAME_SIZE], struct ww_slice text)
{
    char name[WW_DNAME_SIZE] = "";
    enum ww_err err = text.n > 0 ? ww_dname_canon(text.p, text.n, name) : WW_OK;
    if (err == WW_OK)
        memcpy(out, name, sizeof name);
    return err;
}

enum ww_err ww_tls_result_ip_put(char out[WW_ADDR_TEXT_SIZE], struct ww_slice text)
{
    struct ww_addr addr;
    enum ww_err err = text.n > 0 ? ww_addr_parse(text, &addr) : WW_OK;
    if (err != WW_OK)
        return err;
    out[0] = '\0';
    if (text.n > 0)
        ww_addr_format(&addr, out);
    return WW_OK;
}

enum ww_err ww_tls_result_word_put(char *out, size_t size, struct ww_slice text)
{
    if (text.n >= size)
        return WW_E_TOO_LONG;
    for (size_t i = 0; i < text.n; i++) {
        if (!ww_is_vchar(text.p[i]) || text.p[i] == '"' || text.p[i] == '\\')
            return WW_E_RESULT_VALUE;
    }
    if (text.n > 0)
        memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return WW_OK;
}

void ww_tls_result_text_put(struct ww_tls_result *r, struct ww_slice text)
{
    size_t n = ww_utf8_clean(text.p, text.n, r->text, sizeof r->text - 1);
    r->text[n] = '\0';
}
