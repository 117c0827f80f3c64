#include "codec/json_values.h"

#include "base/time.h"
#include "core/words.h"

/* Of a stranger's text, and of octets, so much is told. */
#define WORDS_MAX 400
#define HEX_MAX 64

json_t *ww_json_error(enum ww_err err)
{
    if (err == WW_OK)
        return json_null();
    return json_pack("{s:s, s:s, s:s}", "id", ww_err_id(err), "message", ww_err_message(err), "source",
                     ww_err_source(err));
}

json_t *ww_json_time(int64_t seconds)
{
    char text[WW_TIME_SIZE];
    if (seconds == 0)
        return json_null();
    ww_time_format(seconds, text);
    return json_string(text);
}

json_t *ww_json_hex(const uint8_t *octets, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * HEX_MAX];
    for (size_t i = 0; i < n && i < HEX_MAX; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    return json_stringn(text, 2 * (n < HEX_MAX ? n : HEX_MAX));
}

json_t *ww_json_octets(struct ww_slice text)
{
    char room[WORDS_MAX];
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_words_put_cut(&b, text);
    return json_stringn(b.p, b.n);
}

json_t *ww_json_words(const char *text)
{
    return text != NULL && text[0] != '\0' ? ww_json_octets(ww_slice_str(text)) : json_null();
}

int64_t ww_json_time_of(const json_t *json, const char *key)
{
    int64_t seconds = 0;
    const char *text = json_string_value(json_object_get(json, key));
    if (text == NULL || !ww_time_parse(ww_slice_str(text), &seconds))
        return 0;
    return seconds;
}
